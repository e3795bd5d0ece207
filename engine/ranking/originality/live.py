"""How long is the run that a melody is in the middle of, while it is being written?

For use inside the search: one check a particle, `push` for every new note, and a particle is given up when
its live run reaches the limit. The longest end of the line that stands in a work is followed from note to
note; it counts as in `index`: not when it is common, not when chance explains it, the artist's notes aside.

>>> from engine.ranking.originality.index import Work, melody_index, melody_text
>>> from engine.ranking.originality.surprise import MelodyTable
>>> tune = [60, 62, 64, 60, 67, 69, 66, 71, 59, 60]
>>> known = [(Work("Air"), "air", melody_text(range(0, 4800, 480), tune))]
>>> check = OriginalityCheck(melody_index(known, MelodyTable(bytes([64] * 125000), bytes(729))))
>>> [check.push(start * 240, pitch + 5) for start, pitch in enumerate(tune)]
[0, 0, 0, 0, 5, 6, 7, 8, 9, 10]
"""

from engine.ranking.originality.index import MelodyIndex, View
from engine.ranking.originality.suffixes import DEPTH, run_bytes
from engine.ranking.originality.surprise import melody_bits
from engine.ranking.originality.symbols import STRIDE, melody_text

_FEWEST_SYMBOLS = 4


class OriginalityCheck:
    """A line that grows, and the run it is in. `copy` is cheap: a particle that splits takes its own."""

    __slots__ = ("_index", "_own", "_pitches", "_runs", "_starts")

    def __init__(self, index: MelodyIndex) -> None:
        self._index = index
        self._starts: list[int] = []
        self._pitches: list[int] = []
        self._own: list[bool] = []
        self._runs = [0, 0]

    def copy(self) -> "OriginalityCheck":
        """The same line, to be continued another way."""
        other = OriginalityCheck(self._index)
        other._starts, other._pitches = self._starts.copy(), self._pitches.copy()
        other._own, other._runs = self._own.copy(), self._runs.copy()
        return other

    def push(self, start_ticks: int, pitch: int, is_own: bool = False) -> int:
        """The line goes on with this note (starts rise): how many notes long the run is that it is in now.

        0 where nothing points to a work. `is_own`: the artist's note, which never counts.
        """
        self._starts.append(start_ticks)
        self._pitches.append(pitch)
        self._own.append(is_own)
        for values in (self._starts, self._pitches, self._own):
            del values[: -DEPTH - 1]
        text = melody_text(self._starts, self._pitches)
        views = (self._index.rhythmic, self._index.pitches)
        return max(self._run(number, view, text) for number, view in enumerate(views))

    def _run(self, number: int, view: View, text: bytes) -> int:
        """Follows the run in one view; how much of it counts."""
        stride = view.suffixes.stride
        shown = text if stride == STRIDE else text[::STRIDE]
        count = len(shown) // stride
        symbols = min(count, self._runs[number] + 1)
        while symbols and not view.suffixes.has(_end(shown, count, symbols, stride)):
            symbols -= 1
        self._runs[number] = symbols
        length = self._own[-symbols - 1 :].count(False)
        if symbols < _FEWEST_SYMBOLS or not length or self._bits(text, symbols, stride) < view.least_bits:
            return 0
        return length if view.works_with(_end(shown, count, symbols, stride)) else 0

    def _bits(self, text: bytes, symbols: int, stride: int) -> float:
        moves, lengths = melody_bits(self._index.table, text)
        counted = [not mine for mine in self._own[-symbols:]]
        bits = sum(cost for cost, counts in zip(moves[-symbols:], counted, strict=True) if counts)
        if stride == STRIDE:
            inner = zip(lengths[-symbols:][1:], counted[1:], strict=True)
            bits += sum(cost for cost, counts in inner if counts)
        return bits


def _end(text: bytes, count: int, symbols: int, stride: int) -> bytes:
    """The bytes that tell the last symbols of a text."""
    first = (count - symbols) * stride
    return text[first : first + run_bytes(symbols, stride)]
