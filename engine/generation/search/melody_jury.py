"""Which of the lines that are being written would a musician keep?

The learnt ranking judges where there is one, beside what can be said for certain: the seams are smooth, the
phrase closes, and where a plan was followed motifs return, but not literally. (Without a plan that is the
model's own affair: weighed here, bars came back note for note less often than people's do.) Without the
learnt ranking the readable features of the instant generator judge alone. Likelihood takes no part: it picks
monotony.
"""

from collections.abc import Sequence

from engine.generation.language.grid import Sheet
from engine.generation.melody.distance import Sounding, distance
from engine.generation.melody.judge import judge
from engine.generation.melody.line import Event, Line
from engine.generation.melody.sketch import extend_line
from engine.generation.search.melody_hole import MELODY, MelodyHole
from engine.music import Note
from engine.ranking.features import HoleContext, context_of
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
        self._reranker = reranker
        self._before = hole.events(written, range(hole.hole.start, chunk.start))
        self._context: HoleContext | None = None
        if reranker is not None:
            self._context = context_of(written, chunk.start, chunk.stop, MELODY)

    def partial(self, sheet: Sheet, end: int) -> float:
        """The worth of the chunk so far, up to bar `end`."""
        if self._reranker is not None and self._context is not None:
            return self._reranker.mark(self._context, sheet, end)
        return _QUALITY * self._verdict(sheet, end, True)[0]

    def final(self, sheet: Sheet) -> float:
        """The worth of the whole chunk."""
        quality, certain = self._verdict(sheet, self._chunk.stop, self._leads_on)
        if self._reranker is None or self._context is None:
            return _QUALITY * quality
        return self._reranker.mark(self._context, sheet) + _CERTAIN * certain

    def _verdict(self, sheet: Sheet, end: int, leads_on: bool) -> tuple[float, float]:
        events = [*self._before, *self._hole.events(sheet, range(self._chunk.start, end))]
        if not events:
            return 0.0, 0.0
        verdict = judge(self._hole.sketch, line_with(self._hole, events), events, leads_on)
        return verdict.quality, sum(verdict.features[name] for name in self._certainties)


def line_with(hole: MelodyHole, events: list[Event]) -> Line:
    """The artist's line with the new notes after it."""
    line = hole.sketch.before.copy()
    extend_line(line, events, hole.sketch)
    return line


def likeness(notes: Sequence[Note], given: Sequence[Sequence[Note]]) -> float:
    """What is taken off for being like a take that is already there."""
    nearest = min((distance(soundings(notes), soundings(other)) for other in given), default=1.0)
    return _ALIKE * max(0.0, TOO_ALIKE - nearest)


def soundings(notes: Sequence[Note]) -> list[Sounding]:
    ordered = sorted(notes, key=lambda note: (note.start_ticks, note.pitch))
    return [Sounding(note.start_ticks, note.end_ticks, note.pitch) for note in ordered]
