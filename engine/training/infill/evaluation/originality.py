"""How long are the runs that a fill shares with works of the train part, and how long people's own?

The index is built of the train part alone, so that people's own test pieces are strangers to it; runs count
as in `engine.ranking.originality`: common runs are nobody's, and what the window has outside the hole is the
artist's, for people as for the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.generation.language.grid import SONG_TICKS, Sheet, Stream
from engine.music import Chord, ChordSpan, Note
from engine.ranking.features_passage import Harmony, Passage, Tone
from engine.ranking.originality.index import (
    MelodyIndex,
    ProgressionIndex,
    melody_index,
    progression_index,
)
from engine.ranking.originality.own import OwnMaterial
from engine.ranking.originality.surprise import melody_table, progression_table
from engine.ranking.originality.symbols import melody_text, progression_text
from engine.ranking.originality.takes import MOST_CHORDS, MOST_NOTES
from engine.training.corpus.piece import CorpusPiece
from engine.training.infill.evaluation.holes import Hole
from engine.training.infill.evaluation.instant import song_of
from engine.training.originality.entries import entries_of

_FEWEST = 4


@dataclass(frozen=True)
class TrainIndex:
    """All melodies and progressions of the train part."""

    melodies: MelodyIndex
    progressions: ProgressionIndex

    @staticmethod
    def of(train: Sequence[CorpusPiece], clusters: Sequence[str]) -> "TrainIndex":
        """`clusters`: the cluster of each piece."""
        found = entries_of(train, clusters)
        melodies = melody_index(found.melodies, melody_table(text for _, _, text in found.melodies))
        table = progression_table(text for _, _, text in found.progressions)
        return TrainIndex(melodies, progression_index(found.progressions, table))

    def longest_run(self, hole: Hole, sheet: Sheet) -> tuple[int, bool]:
        """Notes (or chords) of the longest run, and whether it is over the product's limit."""
        own = OwnMaterial(song_of(hole.opened()))
        passage = Passage.of_sheet(sheet)
        if Stream.MELODY in hole.streams:
            notes = [_note(tone) for tone in passage.tones_in(hole.first, hole.end)]
            if len(notes) < _FEWEST:
                return 0, False
            text = melody_text([note.start_ticks for note in notes], [note.pitch for note in notes])
            found = self.melodies.likeness(text, own.notes(notes))
            limit = MOST_NOTES
        else:
            spans = [_span(chord) for chord in passage.harmonies_in(hole.first, hole.end) if chord.root >= 0]
            if len(spans) < _FEWEST:
                return 0, False
            text = progression_text([span.chord for span in spans])
            found = self.progressions.likeness(text, own.chords(spans))
            limit = MOST_CHORDS
        return found.length, found.length >= limit

    def runs(self, holes: Sequence[Hole], answers: Sequence[Sheet | None]) -> dict[str, float]:
        """Median, 90th and 99th percentile of the longest runs, the longest, and the share over the limit."""
        found = [self.longest_run(h, s) for h, s in zip(holes, answers, strict=True) if s is not None]
        if not found:
            return {}
        lengths = np.array([length for length, _ in found])
        told = {f"p{share}": float(np.percentile(lengths, share)) for share in (50, 90, 99)}
        over = sum(is_over for _, is_over in found) / len(found)
        return told | {"longest": float(lengths.max()), "over_limit": over, "holes": float(len(found))}


def _note(tone: Tone) -> Note:
    return Note(0, tone.start * SONG_TICKS, tone.duration * SONG_TICKS, tone.pitch)


def _span(harmony: Harmony) -> ChordSpan:
    start, duration = harmony.start * SONG_TICKS, harmony.duration * SONG_TICKS
    return ChordSpan(0, start, duration, Chord(harmony.root, harmony.quality))
