"""What came next the last time this was played?

Two memories of a stream: one of its symbols as they are, one of its shape (intervals and root motions
instead of pitches and roots). Each follows the earlier place that agrees longest with what was told last.

>>> memory = Memory()
>>> for symbol in (1, 2, 3, 1, 2):
...     memory.push(symbol)
>>> memory.expected, memory.length
(3, 2)
"""

_BITS = 10
_GAP = (1 << _BITS) - 1
_TWO = (1 << 2 * _BITS) - 1
_FOUR = (1 << 4 * _BITS) - 1
LONGEST_MATCH = 8


class Memory:
    """Symbols below 1,023 in the order they are told; `expected` followed the last two or more before."""

    __slots__ = ("_after", "_key", "_place", "expected", "history", "length")

    def __init__(self) -> None:
        self.history: list[int] = [_GAP]
        self.expected = -1
        self.length = 0
        self._after: dict[int, int] = {}
        self._key = _FOUR
        self._place = 0

    def push(self, symbol: int) -> None:
        history = self.history
        after = self._after
        key = self._key = (self._key << _BITS | symbol) & _FOUR
        history.append(symbol)
        end = len(history)
        if self.expected == symbol:
            self._place += 1
            if self.length < LONGEST_MATCH:
                self.length += 1
        else:
            # keys of four symbols are told from keys of two by their sign
            place = after.get(-1 - key, 0)
            if place:
                self.length = 4
            else:
                place = after.get(key & _TWO, 0)
                self.length = 2 if place else 0
            self._place = place
        after[-1 - key] = after[key & _TWO] = end
        if self.length:
            self.expected = history[self._place]
            if self.expected == _GAP:
                self.expected, self.length = -1, 0
        else:
            self.expected = -1

    def go_on_after(self, end: int) -> None:
        """What is told next follows the symbol before `end` (0: nothing known), not the one told last."""
        history = self.history
        if end == len(history):
            return
        tail = history[max(1, end - 4) : end] if end else []
        self.expected, self.length, self._place = -1, 0, 0
        place = _earlier(history, tail, end)
        history.append(_GAP)
        history += tail
        self._key = _FOUR
        for symbol in tail:
            self._key = (self._key << _BITS | symbol) & _FOUR
        if place:
            self.expected, self.length, self._place = history[place], len(tail), place

    def copy(self) -> "Memory":
        other = Memory.__new__(Memory)
        other.history = self.history.copy()
        other._after = self._after.copy()
        other.expected, other.length = self.expected, self.length
        other._key, other._place = self._key, self._place
        return other


def _earlier(history: list[int], tail: list[int], end: int) -> int:
    """The latest place before `end` that follows the same symbols; 0 when there is none."""
    if len(tail) < 2:
        return 0
    last = tail[-1]
    size = len(tail)
    for place in range(end - 1, size, -1):
        if history[place - 1] == last and history[place] != _GAP and history[place - size : place] == tail:
            return place
    return 0
