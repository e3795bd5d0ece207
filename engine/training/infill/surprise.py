"""How surprising are the chords of a bar to someone who knows many songs?

Bits a chord under an interpolated 4-gram (Witten and Bell, 1991) of chords in a row, repeats left out,
counted in the train part. Used to label the SURPRISE control; a chord that goes on
over the barline costs nothing.

>>> habits = ChordHabits([[(0, "maj"), (5, "maj"), (7, "maj")] * 8])
>>> habits.bits([(0, "maj"), (5, "maj")], (7, "maj")) < 1 < habits.bits([(0, "maj")], (3, "dim"))
True
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from engine.generation.language.controls import surprise_class
from engine.generation.language.grid import Cell, ChordEvent, Sheet, Stream
from engine.generation.language.vocabulary import QUALITIES, told_quality

Chord = tuple[int, str]
"""Root above the tonic (-1: none) and quality."""
ORDER = 4
_ALL = 12 * len(QUALITIES) + 1


class ChordHabits:
    """Counts of chords after up to three others."""

    def __init__(self, songs: Iterable[Sequence[Chord]]) -> None:
        self._after: dict[tuple[Chord, ...], Counter[Chord]] = {}
        for song in songs:
            for place, chord in enumerate(song):
                for order in range(min(ORDER, place + 1)):
                    context = tuple(song[place - order : place])
                    self._after.setdefault(context, Counter())[chord] += 1
        self._totals = {context: counts.total() for context, counts in self._after.items()}

    def bits(self, before: Sequence[Chord], chord: Chord) -> float:
        """Bits of a chord after others."""
        chance = 1 / _ALL
        for order in range(ORDER):
            context = tuple(before[len(before) - order :]) if order else ()
            counts = self._after.get(context)
            if order > len(before) or counts is None:
                break
            kinds, total = len(counts), self._totals[context]
            chance = (counts[chord] + kinds * chance) / (total + kinds)
        return -math.log2(chance)

    def surprise(self, sheet: Sheet, bar: int) -> int | None:
        """Class of the mean bits of the chords that begin in the bar; None when none does."""
        cells = [
            bar_before.cells.get(Stream.CHORDS, ()) for bar_before in sheet.bars[max(0, bar - ORDER) : bar]
        ]
        before = chords_in_row(cells)
        own = chords_in_row([*cells[-1:], sheet.bars[bar].cells.get(Stream.CHORDS, ())])
        begun = own[len(chords_in_row(cells[-1:])) :]
        if not begun:
            return None
        found = [
            self.bits([*before, *begun[:place]][-ORDER + 1 :], chord) for place, chord in enumerate(begun)
        ]
        return surprise_class(sum(found) / len(found))


def chords_in_row(cells: Iterable[Cell]) -> list[Chord]:
    """The chords of the cells, none twice in a row."""
    found: list[Chord] = []
    for cell in cells:
        for event in cell:
            assert isinstance(event, ChordEvent)
            chord = (event.root, told_quality(event.quality) if event.root >= 0 else "N")
            if not found or found[-1] != chord:
                found.append(chord)
    return found


def habits_of(sheets: Iterable[Sheet]) -> ChordHabits:
    """What is usual in these songs."""
    return ChordHabits(
        chords_in_row(bar.cells.get(Stream.CHORDS, ()) for bar in sheet.bars) for sheet in sheets
    )
