"""Which of the lines that are being written would a musician keep?

The learnt ranking judges where there is one, beside what can be said for certain: the seams are smooth, the
phrase closes, and where a plan was followed motifs return, but not literally. (Without a plan that is the
model's own affair: weighed here, bars came back note for note less often than people's do.) Without the
learnt ranking the readable features of the instant generator judge alone. Likelihood takes no part: it picks
monotony.
"""

from collections.abc import Iterable, Sequence

from engine.generation.language.grid import Cell, Sheet, Stream
from engine.generation.melody.distance import distance, soundings
from engine.generation.melody.judge import WEIGHTS, features_of, weighed
from engine.generation.melody.line import Event, Line
from engine.generation.melody.sketch import extend_line
from engine.generation.search.melody_hole import MELODY, MelodyHole
from engine.music import Note
from engine.ranking.features import context_of, remarks_on
from engine.ranking.features_passage import Beginning
from engine.ranking.reranker import Reranker

TOO_ALIKE = 0.3
_QUALITY, _CERTAIN = 6.0, 1.0
_ALIKE = 8.0
_CERTAINTIES, _PLANNED = ("joins", "closes"), ("recalls_motif", "is_not_literal")


class MelodyJury:
    """Of one chunk of a hole; `written` holds the bars before it, `leads_on`: music follows at once,
    `is_free`: there is no plan of what returns."""

    def __init__(
        self,
        hole: MelodyHole,
        chunk: range,
        written: Sheet,
        leads_on: bool,
        reranker: Reranker | None,
        is_free: bool = False,
    ) -> None:
        self._hole, self._chunk, self._leads_on = hole, chunk, leads_on
        self._certainties = _CERTAINTIES if is_free else (*_CERTAINTIES, *_PLANNED)
        self._before = hole.events(written, range(hole.hole.start, chunk.start))
        self._ranking = None if reranker is None else _Ranking(reranker, written, chunk)

    def partial(self, sheet: Sheet, end: int) -> float:
        """The worth of the chunk so far, up to bar `end`."""
        if self._ranking is not None:
            return self._ranking.mark(sheet, end)
        return self._quality(sheet, end, True)

    def final(self, sheet: Sheet) -> float:
        """The worth of the whole chunk."""
        end = self._chunk.stop
        if self._ranking is None:
            return self._quality(sheet, end, self._leads_on)
        certain = self._features(self._certainties, sheet, end, self._leads_on)
        return self._ranking.mark(sheet, end) + _CERTAIN * sum(certain.values())

    def _quality(self, sheet: Sheet, end: int, leads_on: bool) -> float:
        features = self._features(WEIGHTS, sheet, end, leads_on)
        return _QUALITY * weighed(features) if features else 0.0

    def _features(self, names: Iterable[str], sheet: Sheet, end: int, leads_on: bool) -> dict[str, float]:
        """None where there are no notes."""
        events = [*self._before, *self._hole.events(sheet, range(self._chunk.start, end))]
        if not events:
            return {}
        return features_of(names, self._hole.sketch, line_with(self._hole, events), events, leads_on)


class _Ranking:
    """The learnt ranking of one chunk; what was judged once is remembered."""

    def __init__(self, reranker: Reranker, written: Sheet, chunk: range) -> None:
        self._reranker, self._first = reranker, chunk.start
        self._context = context_of(written, chunk.start, chunk.stop, MELODY)
        self._beginning = Beginning(written, chunk.start)
        self._marks: dict[tuple[Cell | None, ...], float] = {}

    def mark(self, sheet: Sheet, end: int) -> float:
        cells = tuple(sheet.bars[bar].cells.get(Stream.MELODY) for bar in range(self._first, end))
        found = self._marks.get(cells)
        if found is None:
            told = remarks_on(self._context, self._beginning.passage(sheet), end)
            found = self._marks[cells] = self._reranker.mark_of(told)
        return found


def line_with(hole: MelodyHole, events: list[Event]) -> Line:
    """The artist's line with the new notes after it."""
    line = hole.sketch.before.copy()
    extend_line(line, events, hole.sketch)
    return line


def likeness(notes: Sequence[Note], given: Sequence[Sequence[Note]]) -> float:
    """What is taken off for being like a take that is already there."""
    nearest = min((distance(soundings(notes), soundings(other)) for other in given), default=1.0)
    return _ALIKE * max(0.0, TOO_ALIKE - nearest)
