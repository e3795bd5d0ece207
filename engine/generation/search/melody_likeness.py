"""Is a hand in the middle of somebody's tune?

Every hand's line is followed note by note through the index of known works; where a run comes near the limit
of what may be shown, the hand is given up at the next barline. The artist's own notes never count, nor does
what takes them up: a bar that returns is his, whoever else has it.
"""

from collections.abc import Sequence

from engine.api.errors import EngineError
from engine.generation.language.grid import SONG_TICKS, NoteEvent, Sheet, Stream
from engine.ranking.originality.index import MelodyIndex
from engine.ranking.originality.live import OriginalityCheck
from engine.ranking.originality.own import OwnMaterial
from engine.ranking.originality.store import shipped
from engine.ranking.originality.takes import MOST_NOTES

NEAR, NEAR_OVER_CHORDS = MOST_NOTES - 1, 8
"""Notes of a run in which a hand is given up. In people's melodies over chords nine runs of ten are shorter
than eight, in their folk tunes they are longer than the limit (valid part, `understudy evaluate`)."""
_NOTES_BEFORE = 16
_Onset = tuple[int, int]
"""Ticks from the first bar of the sheet, and pitch."""


def known_melodies() -> MelodyIndex | None:
    """The index of known melodies; None where there is none (the takes are then not compared live)."""
    try:
        return shipped().melodies
    except EngineError:
        return None


class KnownWorks:
    """The runs of several hands that go on from the same sheet at bar `first`; `own` is the artist's song."""

    def __init__(
        self, index: MelodyIndex | None, sheet: Sheet, first: int, hands: Sequence[int], own: OwnMaterial
    ) -> None:
        self._starts = [0]
        for bar in sheet.bars:
            self._starts.append(self._starts[-1] + bar.length)
        self._first, self._own = first, own
        self._checks: dict[int, OriginalityCheck] = {}
        self._near = NEAR_OVER_CHORDS if sheet.has(Stream.CHORDS) else NEAR
        self._was_near: dict[int, bool] = dict.fromkeys(hands, False)
        if index is not None:
            before = OriginalityCheck(index, self._near)
            notes = [note for bar in range(first) for note in self._notes(sheet, bar)]
            for start, pitch in notes[-_NOTES_BEFORE:]:
                before.push(start, pitch, is_own=True)
            self._checks = {hand: before.copy() for hand in hands}

    def run(self, hand: int, sheet: Sheet, bar: int, is_own: bool) -> bool:
        """Follows the hand through one more bar; has it come near the limit? `is_own`: the bar returns."""
        check = self._checks.get(hand)
        if check is None:
            return False
        notes = self._notes(sheet, bar)
        before = check.copy()
        is_near = self._is_near(check, notes, [is_own] * len(notes))
        if is_near and not is_own:
            echoed = self._echoed(sheet, bar)
            before.own_up(echoed[: len(echoed) - len(notes)])
            is_near = self._is_near(before, notes, echoed[len(echoed) - len(notes) :])
            self._checks[hand] = before
        self._was_near[hand] |= is_near
        return self._was_near[hand]

    def _is_near(self, check: OriginalityCheck, notes: Sequence[_Onset], own: Sequence[bool]) -> bool:
        runs = [check.push(*note, is_own) for note, is_own in zip(notes, own, strict=True)]
        return max(runs, default=0) >= self._near

    def _echoed(self, sheet: Sheet, bar: int) -> list[bool]:
        """Of the notes written so far, up to the end of the bar: which take up the artist's?"""
        notes = [note for number in range(self._first, bar + 1) for note in self._notes(sheet, number)]
        return self._own.echoed([start for start, _ in notes], [pitch for _, pitch in notes])

    def resample(self, hands: Sequence[int], indices: Sequence[int]) -> None:
        """Hand k goes on as hand indices[k]."""
        if self._checks:
            checks, near = dict(self._checks), dict(self._was_near)
            for hand, index in zip(hands, indices, strict=True):
                self._checks[hand] = checks[hands[index]].copy()
                self._was_near[hand] = near[hands[index]]

    def _notes(self, sheet: Sheet, bar: int) -> list[_Onset]:
        cell = sheet.bars[bar].cells.get(Stream.MELODY, ())
        return [
            ((self._starts[bar] + note.offset) * SONG_TICKS, note.pitch)
            for note in cell
            if isinstance(note, NoteEvent) and not note.tied
        ]
