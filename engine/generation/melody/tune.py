"""The artist's passage as something that can be changed note by note.

Times are grid ticks from the start of the region. Every note remembers which of the artist's notes it came
from (`parent`, -1 for a new one), so that what was not touched can be given back exactly as it was played.
"""

import itertools
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from engine.generation.melody.distance import Sounding, distance
from engine.generation.melody.harmony import ChordTone
from engine.generation.melody.line import GRID, Event
from engine.generation.melody.scales import nearest
from engine.generation.melody.sketch import Placed, Sketch
from engine.generation.melody.structure import is_heavy


class VNote(NamedTuple):
    """A note of a variation; `pitch` above the sketch's tonic. `fixed`: it must stay."""

    at: int
    duration: int
    pitch: int
    parent: int = -1
    fixed: bool = False

    @property
    def end(self) -> int:
        return self.at + self.duration


Tune = tuple[VNote, ...]


@dataclass(frozen=True)
class Passage:
    """The region with the artist's notes: `starts` are the grid ticks of its bars, `end` its length."""

    sketch: Sketch
    placed: tuple[Placed, ...]
    original: Tune
    starts: tuple[int, ...]
    end: int
    keep_rhythm: bool = False
    keep_contour: bool = False

    def place(self, at: int) -> tuple[int, int]:
        """Bar (on the line's count) and grid offset of a time."""
        index = max(0, bisect_right(self.starts, at) - 1)
        bar = self.sketch.first_bar + index
        return bar, self.sketch.bars[bar].lead + at - self.starts[index]

    def bar_of(self, note: VNote) -> int:
        return self.place(note.at)[0]

    def event(self, note: VNote) -> Event:
        bar, offset = self.place(note.at)
        return Event(bar, offset, note.duration, note.pitch)

    def chord(self, note: VNote) -> ChordTone | None:
        return self.sketch.before.chord_under(self.event(note))

    def allowed(self, note: VNote) -> frozenset[int]:
        """Degrees a melody may sound at the note."""
        return self.sketch.allowed(*self.place(note.at))

    def is_heavy(self, note: VNote) -> bool:
        return is_heavy(self.event(note), self.sketch.before.bar_length)

    def is_on_beat(self, note: VNote) -> bool:
        return self.place(note.at)[1] % GRID == 0

    def finest(self) -> int:
        """The shortest duration a variation may use: half of the artist's shortest, a sixteenth at least."""
        shortest = min((note.duration for note in self.original), default=12)
        return max(6, min(12, shortest // 2 if shortest % 12 == 0 else shortest))

    def distance(self, tune: Tune) -> float:
        """How far the variation is from the artist's passage, 0-1."""
        return distance(_soundings(self.original), _soundings(tune))

    @cached_property
    def in_range(self) -> Tune:
        """The artist's notes; where a range is asked for, what may move and lies outside moved into it: by
        octaves if they fit, else to the nearest pitch the harmony allows."""
        if not self.sketch.is_range_asked:
            return self.original
        return tuple(
            note if note.fixed else moved(note, self._pitch_in_range(note)) for note in self.original
        )

    def _pitch_in_range(self, note: VNote) -> int:
        low, high = self.sketch.low, self.sketch.high
        if low <= note.pitch <= high:
            return note.pitch
        octaves = [pitch for pitch in range(low, high + 1) if (pitch - note.pitch) % 12 == 0]
        if octaves:
            return min(octaves, key=lambda pitch: abs(pitch - note.pitch))
        near = nearest(note.pitch, self.allowed(note), low, high)
        return min(max(note.pitch, low), high) if near is None else near

    def is_valid(self, tune: Tune) -> bool:
        """In order, inside the region and the register, what stays untouched, contour kept if asked."""
        if not tune or any(a.end > b.at for a, b in itertools.pairwise(tune)):
            return False
        if any(note.at < 0 or note.duration < 3 for note in tune):
            return False
        low, high = self.sketch.low, self.sketch.high
        for note in tune:
            is_same_pitch = note.parent >= 0 and note.pitch == self.original[note.parent].pitch
            may_stay = is_same_pitch and (note.fixed or not self.sketch.is_range_asked)
            if not may_stay and not low <= note.pitch <= high:
                return False
        fixed = [note for note in self.original if note.fixed]
        if [note for note in tune if note.fixed] != fixed:
            return False
        return not self.keep_contour or self._has_contour(tune)

    def _has_contour(self, tune: Tune) -> bool:
        """Whether the line still goes up, down or stays wherever it did between the artist's notes."""
        skeleton = [note for note in tune if note.parent >= 0]
        if [note.parent for note in skeleton] != list(range(len(self.original))):
            return False
        return all(
            _sign(b.pitch - a.pitch) == _sign(self.original[b.parent].pitch - self.original[a.parent].pitch)
            for a, b in itertools.pairwise(skeleton)
        )


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _soundings(tune: Tune) -> list[Sounding]:
    return [Sounding(note.at, note.end, note.pitch) for note in tune]


def passage_of(sketch: Sketch, fixed_ids: frozenset[int], keep_rhythm: bool, keep_contour: bool) -> Passage:
    """The artist's top line in the region; notes with `fixed_ids` stay."""
    starts, at = [], 0
    for bar in sketch.region_bars:
        starts.append(at)
        at += sketch.bars[bar].grid_end - sketch.bars[bar].lead
    placed = tuple(sketch.inside())
    notes: list[VNote] = []
    for parent, found in enumerate(placed):
        event = found.event
        bar = min(event.bar, sketch.last_bar)
        begin = starts[bar - sketch.first_bar] + event.offset - sketch.bars[bar].lead
        if event.bar > sketch.last_bar or event.bar < sketch.first_bar:
            begin = at - 6 if event.bar > sketch.last_bar else 0
        if notes and notes[-1].end > begin:
            notes[-1] = notes[-1]._replace(duration=max(1, begin - notes[-1].at))
        fixed = found.note.id in fixed_ids
        notes.append(VNote(begin, min(event.duration, max(3, at - begin)), event.pitch or 0, parent, fixed))
    return Passage(sketch, placed, tuple(notes), tuple(starts), at, keep_rhythm, keep_contour)


def with_note(tune: Tune, index: int, *notes: VNote) -> Tune:
    """The tune with the note at the index replaced by the given ones."""
    return (*tune[:index], *notes, *tune[index + 1 :])


def moved(note: VNote, pitch: int) -> VNote:
    return note._replace(pitch=pitch)
