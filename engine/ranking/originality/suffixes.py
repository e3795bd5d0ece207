"""Where in all the works does this run stand, and how long does it go on there?

A suffix array (Manber & Myers, 1990): the places of a text in the order of what follows them, so that a run
is found by halving and all places that hold it stand together. Places are counted in symbols of `stride`
bytes; what follows is looked at as far as DEPTH symbols, which is where a longer run ends, and a place is
left out when the same owner has the same DEPTH symbols elsewhere. A run of k symbols is told by its first
`k * stride - (stride - 1)` bytes: what a pair says of the symbol after the run is left out.

>>> found = Suffixes.of(b"abcabd", ordered(b"abcabd", 1), 1)
>>> found.longest(b"abda"), [found.order[i] for i in range(*found.span(b"ab"))]
(3, [0, 3])
"""

from dataclasses import dataclass, field

import numpy as np

DEPTH = 32
_MOST_ANSWERS = 20_000


def ordered(text: bytes, stride: int, owners: np.ndarray | None = None) -> np.ndarray:
    """The places of the text in the order of what follows them (uint32), by prefix doubling.

    `owners`: for each symbol the number of whose it is; without it every place is kept.
    """
    symbols = np.frombuffer(text, np.uint8).reshape(-1, stride).astype(np.int64)
    rank = symbols[:, 0]
    for column in range(1, stride):
        rank = rank * 256 + symbols[:, column]
    rank = np.unique(rank, return_inverse=True)[1].astype(np.int64)
    order = np.argsort(rank, kind="stable")
    step, count = 1, len(rank)
    while step < min(DEPTH, count):
        ahead = np.zeros(count, np.int64)
        ahead[: count - step] = rank[step:] + 1
        key = rank * (count + 1) + ahead
        order = np.argsort(key, kind="stable")
        sorted_keys = key[order]
        rank = np.empty(count, np.int64)
        rank[order] = np.concatenate([[0], np.cumsum(sorted_keys[1:] != sorted_keys[:-1])])
        step *= 2
    return order.astype(np.uint32) if owners is None else _without_repeats(order, rank, owners, symbols)


def _without_repeats(
    order: np.ndarray, rank: np.ndarray, owners: np.ndarray, symbols: np.ndarray
) -> np.ndarray:
    """The first place of each owner of all those that go on alike; the marks between works go too."""
    order = order[symbols[order, 0] > 0]
    whose = rank[order] * (int(owners.max(initial=0)) + 1) + owners[order]
    return order[np.sort(np.unique(whose, return_index=True)[1])].astype(np.uint32)


@dataclass(frozen=True, slots=True)
class Suffixes:
    """`order` gives places in symbols. `heads[b]` is how many of them begin with two bytes less than `b`."""

    text: bytes
    order: memoryview
    stride: int
    heads: memoryview
    _answers: dict[bytes, bool] = field(default_factory=dict, repr=False, compare=False)

    @staticmethod
    def of(text: bytes, order: np.ndarray, stride: int) -> "Suffixes":
        """The places of `text` in the order that `ordered` gives."""
        return Suffixes(text, np.ascontiguousarray(order).data, stride, _heads(text, order, stride))

    def longest(self, pattern: bytes) -> int:
        """How many symbols of the pattern, from its beginning, stand somewhere in the text."""
        text, order, stride = self.text, self.order, self.stride
        pattern = pattern[: DEPTH * stride]
        place = self._first(pattern)
        found = 0
        for index in (place - 1, place):
            if 0 <= index < len(order):
                at = order[index] * stride
                found = max(found, shared_length(pattern, text[at : at + len(pattern)]))
        return (found + stride - 1) // stride

    def has(self, pattern: bytes) -> bool:
        """Whether the pattern stands somewhere in the text. Lines that are written side by side ask the same
        again and again."""
        found = self._answers.get(pattern)
        if found is None:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            found = self._answers[pattern] = self._stands(pattern)
        return found

    def _stands(self, pattern: bytes) -> bool:
        place = self._first(pattern)
        if place == len(self.order):
            return False
        at = self.order[place] * self.stride
        return self.text[at : at + len(pattern)] == pattern

    def span(self, pattern: bytes) -> tuple[int, int]:
        """Half-open stretch of `order` whose places begin with the pattern."""
        text, order, stride = self.text, self.order, self.stride
        size = len(pattern)
        low = first = self._first(pattern)
        last = self._head(pattern)[1]
        while first < last:
            middle = (first + last) >> 1
            at = order[middle] * stride
            if text[at : at + size] <= pattern:
                first = middle + 1
            else:
                last = middle
        return low, first

    def _first(self, pattern: bytes) -> int:
        text, order, stride = self.text, self.order, self.stride
        size = len(pattern)
        low, high = self._head(pattern)
        while low < high:
            middle = (low + high) >> 1
            at = order[middle] * stride
            if text[at : at + size] < pattern:
                low = middle + 1
            else:
                high = middle
        return low

    def _head(self, pattern: bytes) -> tuple[int, int]:
        if len(pattern) < 2:
            first = pattern[0] << 8 if pattern else 0
            return self.heads[first], self.heads[first + 256] if pattern else len(self.order)
        head = pattern[0] << 8 | pattern[1]
        return self.heads[head], self.heads[head + 1]


def run_bytes(symbols: int, stride: int) -> int:
    """How many bytes tell a run of so many symbols."""
    return symbols * stride - (stride - 1)


def shared_length(first: bytes, second: bytes) -> int:
    """How many bytes two texts have in common from their beginning.

    >>> shared_length(b"abcd", b"abxd"), shared_length(b"ab", b"abc")
    (2, 2)
    """
    size = len(second)
    if len(first) != size:
        size = min(len(first), size)
        first, second = first[:size], second[:size]
    apart = int.from_bytes(first, "big") ^ int.from_bytes(second, "big")
    return size - (apart.bit_length() + 7) // 8


def _heads(text: bytes, order: np.ndarray, stride: int) -> memoryview:
    letters = np.frombuffer(text + b"\0", np.uint8).astype(np.uint16)
    pairs = (letters[:-1] << 8 | letters[1:])[::stride]
    counts = np.bincount(pairs[order], minlength=65536)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32).data
