"""How would a counting model or a table of chords harmonise this? The two plain ways of Yeh et al. 2021.

`Hmm`: hidden states are the 48 most usual chords (root and quality), slots half bars (whole bars where they
cannot be halved); transitions and the melody's pitch classes over each quality are counted, the best path is
found (Viterbi). `template`: in each slot the diatonic triad that shares most with the melody.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.generation.language.grid import Cell, ChordEvent, Sheet, Stream
from engine.ranking.features_passage import Passage, chord_tones
from engine.training.infill.evaluation.holes import Hole

Floats = NDArray[np.float64]
Name = tuple[int, str]
STATES = 48
_EMISSION = 0.6
_QUARTER = 24


class Slot(NamedTuple):
    """A stretch of a bar: its place, how long each pitch class sounds in it (ticks), the chord written."""

    bar: int
    offset: int
    length: int
    sung: Floats
    chord: Name | None


def slots_of(sheet: Sheet) -> list[Slot]:
    """Half bars, or bars where the number of beats is odd."""
    passage = Passage.of_sheet(sheet)
    found = []
    for number, bar in enumerate(sheet.bars):
        halves = bar.metre[0] % 2 == 0 and bar.length % 2 == 0
        length = bar.length // 2 if halves else bar.length
        for offset in range(0, bar.length, length):
            low = passage.starts[number] + offset
            harmony = passage.harmony_at(low)
            sung = _sung(passage, low, low + length)
            found.append(Slot(number, offset, length, sung, harmony.name if harmony else None))
    return found


def _sung(passage: Passage, low: int, high: int) -> Floats:
    weights = np.zeros(12)
    for tone in passage.melody:
        lasting = min(tone.end, high) - max(tone.start, low)
        if lasting > 0:
            weights[tone.pitch % 12] += lasting * (1.5 if tone.start == low else 1.0)
    return weights


class Hmm:
    """A counted hidden Markov model of chords under melodies."""

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        told = [(sheet.mode.is_minor, slots_of(sheet)) for sheet in sheets]
        usual = Counter(slot.chord for _, slots in told for slot in slots if slot.chord is not None)
        self.states: list[Name] = [name for name, _ in usual.most_common(STATES)]
        self._index = {name: place for place, name in enumerate(self.states)}
        size = len(self.states)
        self._first = np.full((2, size), 0.5)
        self._move = np.full((2, 2, size, size), 0.05)
        self._over: dict[str, Floats] = {quality: np.full(12, 2.0) for _, quality in self.states}
        for minor, slots in told:
            self._count(int(minor), slots)
        pooled = self._move.sum((0, 1))
        self._move += 1.2 * pooled / pooled.sum(-1, keepdims=True)
        self._move /= self._move.sum(-1, keepdims=True)
        self._first /= self._first.sum(-1, keepdims=True)
        rows = [np.roll(self._over[q] / self._over[q].sum(), root) for root, q in self.states]
        self._emission = np.log(np.array(rows))

    def _count(self, minor: int, slots: Sequence[Slot]) -> None:
        before: int | None = None
        for slot in slots:
            state = self._index.get(slot.chord) if slot.chord is not None else None
            if state is not None and slot.chord is not None:
                if before is None:
                    self._first[minor, state] += 1
                else:
                    self._move[minor, int(slot.offset == 0), before, state] += 1
                self._over[slot.chord[1]] += np.roll(slot.sung, -slot.chord[0]) / _QUARTER
            before = state

    def path(self, slots: Sequence[Slot], is_minor: bool) -> list[Name]:
        """The best chord of every slot."""
        emitted = [self._emission @ (slot.sung / 12 * _EMISSION) for slot in slots]
        score = np.log(self._first[int(is_minor)]) + emitted[0]
        back = []
        for slot, own in zip(slots[1:], emitted[1:], strict=True):
            reached = score[:, None] + np.log(self._move[int(is_minor), int(slot.offset == 0)])
            back.append(reached.argmax(0))
            score = reached.max(0) + own
        places = [int(score.argmax())]
        for pointers in reversed(back):
            places.append(int(pointers[places[-1]]))
        return [self.states[place] for place in reversed(places)]

    def write(self, hole: Hole, seed: int, count: int) -> list[Sheet]:
        """The best path under the window's melody (the same whatever the seed)."""
        sheet = hole.opened()
        slots = [slot for slot in slots_of(sheet) if hole.first <= slot.bar < hole.end]
        return [hole.filled(cells_of(hole, slots, self.path(slots, sheet.mode.is_minor)))]


def template(hole: Hole, seed: int, count: int) -> list[Sheet]:
    """In each slot the triad of the key that shares most with what is sung; silence keeps the chord."""
    sheet = hole.opened()
    slots = [slot for slot in slots_of(sheet) if hole.first <= slot.bar < hole.end]
    triads = _diatonic(sheet)
    chosen: list[Name] = []
    for slot in slots:
        worth = [float(slot.sung[list(chord_tones(*triad))].sum()) for triad in triads]
        best = int(np.argmax(worth))
        chosen.append(chosen[-1] if chosen and worth[best] == 0 else triads[best])
    return [hole.filled(cells_of(hole, slots, chosen))]


def _diatonic(sheet: Sheet) -> list[Name]:
    scale = sheet.mode.scale
    triads = []
    for degree in (0, 4, 3, 5, 1, 2, 6):
        third = (scale[(degree + 2) % 7] - scale[degree]) % 12
        fifth = (scale[(degree + 4) % 7] - scale[degree]) % 12
        triads.append((scale[degree], "dim" if fifth == 6 else "min" if third == 3 else "maj"))
    return triads


def cells_of(hole: Hole, slots: Sequence[Slot], names: Sequence[Name]) -> list[dict[Stream, Cell]]:
    """The chords of the slots as cells, the same chord going on joined inside a bar."""
    bars: dict[int, list[ChordEvent]] = {bar: [] for bar in range(hole.first, hole.end)}
    for slot, (root, quality) in zip(slots, names, strict=True):
        cell = bars[slot.bar]
        if cell and (cell[-1].root, cell[-1].quality) == (root, quality):
            cell[-1] = cell[-1]._replace(duration=cell[-1].duration + slot.length)
        else:
            cell.append(ChordEvent(slot.offset, slot.length, root, quality))
    return [{Stream.CHORDS: tuple(cell)} for cell in bars.values()]
