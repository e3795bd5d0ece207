"""How well does a chord carry the melody above it?

Log odds of each melody note over the chord, learnt from lead sheets (`fit` table of the model: weight
class, seventh class,
interval), weighted by length; weak notes approached and left by step count little, as musicians hear them
pass.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.metre import note_weight_class
from engine.music import TICKS_PER_QUARTER, Chord, ChordSpan, Note, TimeMap

_CLASS_WEIGHT = (1.0, 0.7, 0.4)
_PASSING = 0.4
_LONGEST_BEATS = 3.0
_ROOTS = np.arange(12)


class _Sung(NamedTuple):
    start: int
    end: int
    pitch: int
    weight_class: int
    is_passing: bool


class MelodyFit:
    """The melody of a region, ready to be held against chords."""

    def __init__(self, notes: Sequence[Note], time_map: TimeMap, table: NDArray[np.float32]) -> None:
        self._table = table.astype(np.float64)
        ordered = sorted(notes, key=lambda note: (note.start_ticks, -note.pitch))
        tops = [n for i, n in enumerate(ordered) if not i or n.start_ticks != ordered[i - 1].start_ticks]
        self._notes = [self._sung(tops, index, time_map) for index in range(len(tops))]
        self._starts = [note.start for note in self._notes]
        self._ends = [note.end for note in self._notes]

    def __bool__(self) -> bool:
        return bool(self._notes)

    def emission(self, start: int, end: int) -> NDArray[np.float64]:
        """Score of every chord (12 roots x 16 seventh classes) under the notes of the stretch."""
        scores = np.zeros((12, 16))
        for note, length in self._between(start, end):
            weight = _weight(note, length)
            intervals = (note.pitch - _ROOTS) % 12
            scores += weight * self._table[note.weight_class][:, intervals].T
        return scores

    def share(self, spans: Iterable[ChordSpan]) -> float | None:
        """0-1: how much of the melody is chord tone or passes by step; None without melody under chords."""
        good = total = 0.0
        for span, note, length in self._under(spans):
            weight = _weight(note, length)
            total += weight
            if note.pitch % 12 in span.chord.pitch_classes:
                good += weight
            elif note.is_passing:
                good += 0.8 * weight
            elif not is_clash(note.pitch, span.chord):
                good += 0.4 * weight
        return good / total if total else None

    def clashes(self, spans: Iterable[ChordSpan]) -> int:
        """How many strong or held notes rub a semitone above a chord tone without passing on."""
        return sum(
            1
            for span, note, length in self._under(spans)
            if note.weight_class == 0
            and not note.is_passing
            and length >= TICKS_PER_QUARTER // 2
            and is_clash(note.pitch, span.chord)
        )

    def held(self, spans: Iterable[ChordSpan]) -> list[tuple[ChordSpan, int]]:
        """The strong or held notes (MIDI pitch) with the chord each sounds over."""
        return [
            (span, note.pitch)
            for span, note, length in self._under(spans)
            if note.weight_class == 0 and length >= TICKS_PER_QUARTER
        ]

    def _under(self, spans: Iterable[ChordSpan]) -> Iterable[tuple[ChordSpan, _Sung, int]]:
        for span in spans:
            if not span.chord.is_no_chord:
                for note, length in self._between(span.start_ticks, span.end_ticks):
                    yield span, note, length

    def _between(self, start: int, end: int) -> Iterable[tuple[_Sung, int]]:
        """The notes that sound in the stretch, in order, and how long they do."""
        if start >= end:
            return
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        for note in self._notes[first:last]:
            yield note, min(note.end, end) - max(note.start, start)

    def _sung(self, tops: Sequence[Note], index: int, time_map: TimeMap) -> _Sung:
        note = tops[index]
        follower = tops[index + 1] if index + 1 < len(tops) else None
        end = min(note.end_ticks, follower.start_ticks) if follower else note.end_ticks
        metre = time_map.metre_at(note.start_ticks)
        weight_class = note_weight_class(
            time_map.metrical_offset(note.start_ticks), end - note.start_ticks, metre
        )
        before = tops[index - 1] if index else None
        stepwise = [n for n in (before, follower) if n is not None and 1 <= abs(n.pitch - note.pitch) <= 2]
        passing = len(stepwise) == 2 and end - note.start_ticks <= TICKS_PER_QUARTER and weight_class > 0
        appoggiatura = (
            follower is not None
            and 1 <= abs(follower.pitch - note.pitch) <= 2
            and end - note.start_ticks <= TICKS_PER_QUARTER
        )
        return _Sung(
            note.start_ticks,
            max(end, note.start_ticks + 1),
            note.pitch,
            weight_class,
            passing or appoggiatura,
        )


def is_clash(pitch: int, chord: Chord) -> bool:
    """A foreign note a semitone above a chord tone (♭9 and ♭13 over a dominant are colours), or a false
    third."""
    tones = chord.pitch_classes
    if pitch % 12 in tones:
        return False
    interval = (pitch - chord.root) % 12
    if chord.is_dominant and interval in (1, 3, 8):
        return False
    if chord.has_minor_third and interval == 4:
        return True
    return (pitch - 1) % 12 in tones


def _weight(note: _Sung, length: int) -> float:
    beats = min(length / TICKS_PER_QUARTER, _LONGEST_BEATS)
    passing = _PASSING if note.is_passing else 1.0
    return float(beats**0.75 * _CLASS_WEIGHT[note.weight_class] * passing)
