"""How long is the run that a melody is in the middle of, while it is being written?

For use inside the search: one check a particle, `push` for every new note, and a particle is given up when
its live run reaches the limit. The longest end of the line that stands in a work is followed from note to
note; it counts as in `index`, the artist's notes aside: not when it is common; a run of pitches alone not
when chance explains it.

>>> from engine.ranking.originality.index import Work, melody_index, melody_text
>>> from engine.ranking.originality.surprise import MelodyTable
>>> tune = [60, 62, 64, 60, 67, 69, 66, 71, 59, 60]
>>> known = [(Work("Air"), "air", melody_text(range(0, 4800, 480), tune))]
>>> check = OriginalityCheck(melody_index(known, MelodyTable(bytes([64] * 125000), bytes(729))))
>>> [check.push(start * 240, pitch + 5) for start, pitch in enumerate(tune)]
[0, 0, 0, 0, 5, 6, 7, 8, 9, 10]
"""

from collections.abc import Sequence

from engine.ranking.originality.index import MelodyIndex, View
from engine.ranking.originality.suffixes import DEPTH, run_bytes
from engine.ranking.originality.surprise import last_bits
from engine.ranking.originality.symbols import OPEN, STRIDE, interval_code, ratio_code

_FEWEST_SYMBOLS = 4
_REMEMBERED = 8 * DEPTH


class OriginalityCheck:
    """A line that grows, and the run it is in. `copy` is cheap: a particle that splits takes its own.

    `least`: runs of fewer notes are not looked up and count as none.
    """

    __slots__ = ("_bits", "_index", "_last", "_least", "_own", "_runs", "_text")

    def __init__(self, index: MelodyIndex, least: int = 1) -> None:
        self._index, self._least = index, least
        self._text = b""
        self._last: list[tuple[int, int]] = []
        self._own: list[bool] = []
        self._bits: list[float] = []
        self._runs = [0, 0]

    def copy(self) -> "OriginalityCheck":
        """The same line, to be continued another way."""
        other = OriginalityCheck(self._index, self._least)
        other._text, other._last, other._own = self._text, self._last.copy(), self._own.copy()
        other._bits, other._runs = self._bits.copy(), self._runs.copy()
        return other

    def push(self, start_ticks: int, pitch: int, is_own: bool = False) -> int:
        """The line goes on with this note (starts rise): how many notes long the run is that it is in now.

        0 where it is in none. `is_own`: the artist's note, which never counts.
        """
        if self._last:
            self._move(start_ticks, pitch, is_own)
        self._last = [*self._last[-1:], (start_ticks, pitch)]
        self._own.append(is_own)
        del self._own[: -DEPTH - 1], self._bits[:-DEPTH]
        return max(self._run(0, self._index.rhythmic), self._run(1, self._index.pitches))

    def own_up(self, own: Sequence[bool]) -> None:
        """The last notes that were pushed turn out to be the artist's, or not."""
        told = own[-len(self._own) :] if self._own else ()
        if told:
            self._own[-len(told) :] = told

    def _move(self, start_ticks: int, pitch: int, is_own: bool) -> None:
        """The text goes on by one move; the length of the one before is known now."""
        last_start, last_pitch = self._last[-1]
        text = self._text[-_REMEMBERED * STRIDE :]
        if text:
            text = text[:-1] + bytes((ratio_code(last_start - self._last[0][0], start_ticks - last_start),))
        self._text = text + bytes((interval_code(pitch - last_pitch), OPEN))
        move, _ = last_bits(self._index.table, self._text)
        self._bits.append(0.0 if is_own else move)

    def _run(self, number: int, view: View) -> int:
        """Follows the run in one view; how much of it counts."""
        stride = view.suffixes.stride
        count = min(DEPTH, len(self._text) // STRIDE)
        shown = self._text[len(self._text) - count * STRIDE :: STRIDE // stride]
        symbols = min(count, self._runs[number] + 1)
        while symbols and not view.suffixes.has(_end(shown, count, symbols, stride)):
            symbols -= 1
        self._runs[number] = symbols
        length = self._own[-symbols - 1 :].count(False)
        if symbols < _FEWEST_SYMBOLS or length < self._least:
            return 0
        if stride != STRIDE and sum(self._bits[-symbols:]) < view.least_bits:
            return 0
        return length if view.works_with(_end(shown, count, symbols, stride)) else 0


def _end(text: bytes, count: int, symbols: int, stride: int) -> bytes:
    """The bytes that tell the last symbols of a text."""
    first = (count - symbols) * stride
    return text[first : first + run_bytes(symbols, stride)]
