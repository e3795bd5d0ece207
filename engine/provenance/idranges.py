"""Many ids in few characters: `3-7,9`. Keeps a ledger row about a thousand notes short.

>>> write_ids([9, 3, 4, 5, 6, 7]), list(read_ids("3-7,9"))
('3-7,9', [3, 4, 5, 6, 7, 9])
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

_MOST_IDS = 5_000_000


def write_ids(ids: Iterable[int]) -> str:
    """The ids as ascending ranges."""
    ordered = sorted(set(ids))
    edges = [0, *(at for at, (a, b) in enumerate(pairwise(ordered), 1) if b != a + 1), len(ordered)]
    ranges = [(ordered[start], ordered[stop - 1]) for start, stop in pairwise(edges) if stop]
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def read_ids(text: str) -> Iterator[int]:
    """The ids of a text. Raises ValueError when it is not one, or names more ids than a song can hold."""
    left = _MOST_IDS
    for part in text.split(",") if text else ():
        first, dash, last = part.partition("-")
        numbers = range(_id(first), _id(last if dash else first) + 1)
        left -= len(numbers)
        if left < 0 or not numbers:
            raise ValueError("More ids than a song can hold, or none.")
        yield from numbers


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("That is no id.")
    return int(text)
