"""How long are the runs that a fill shares with works of the train part, and how long people's own?

The index is built of the train part alone, so that people's own test pieces are strangers to it; runs count
as in `engine.ranking.originality` (common runs and runs that chance explains are nobody's).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.generation.language.grid import Sheet, Stream
from engine.music import Chord
from engine.ranking.features_passage import Passage
from engine.ranking.originality.index import (
    MelodyIndex,
    ProgressionIndex,
    melody_index,
    progression_index,
)
from engine.ranking.originality.surprise import melody_table, progression_table
from engine.ranking.originality.symbols import melody_text, progression_text
from engine.ranking.originality.takes import MOST_CHORDS, MOST_NOTES
from engine.training.corpus.piece import CorpusPiece
from engine.training.infill.evaluation.holes import Hole
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
        passage = Passage.of_sheet(sheet)
        if Stream.MELODY in hole.streams:
            tones = passage.tones_in(hole.first, hole.end)
            if len(tones) < _FEWEST:
                return 0, False
            found = self.melodies.likeness(melody_text([t.start for t in tones], [t.pitch for t in tones]))
            limit = MOST_NOTES
        else:
            heard = [c for c in passage.harmonies_in(hole.first, hole.end) if c.root >= 0]
            if len(heard) < _FEWEST:
                return 0, False
            found = self.progressions.likeness(progression_text([Chord(c.root, c.quality) for c in heard]))
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
