"""Where do two states of a track begin and end to differ?

States share everything that did not change, so they are compared in blocks: identical members cost next to
nothing.

>>> changed_stretch("the cat sat", "the dog sat")
(4, 4)
"""

from collections.abc import Sequence

_BLOCK = 128


def changed_stretch(before: Sequence[object], after: Sequence[object]) -> tuple[int, int]:
    """Lengths of the common beginning and of the common end (not overlapping) of two sequences."""
    if before is after:
        return len(before), 0
    shorter = min(len(before), len(after))
    start = _common_start(before, after, shorter)
    return start, _common_end(before, after, shorter - start)


def _common_start(a: Sequence[object], b: Sequence[object], limit: int) -> int:
    length = 0
    while length < limit and a[length : length + _BLOCK] == b[length : length + _BLOCK]:
        length += _BLOCK
    while length < limit and _same(a[length], b[length]):
        length += 1
    return min(length, limit)


def _common_end(a: Sequence[object], b: Sequence[object], limit: int) -> int:
    length, end_a, end_b = 0, len(a), len(b)
    while length + _BLOCK <= limit and a[end_a - _BLOCK : end_a] == b[end_b - _BLOCK : end_b]:
        length, end_a, end_b = length + _BLOCK, end_a - _BLOCK, end_b - _BLOCK
    while length < limit and _same(a[end_a - 1], b[end_b - 1]):
        length, end_a, end_b = length + 1, end_a - 1, end_b - 1
    return length


def _same(a: object, b: object) -> bool:
    return a is b or a == b
