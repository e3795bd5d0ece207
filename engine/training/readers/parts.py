"""What sounds in a whole score, every part, staff and voice of it?

Times are ticks as in `score`, counted from the beginning of the score. Ties are merged: a
PartNote is a note as it sounds. Grace and cue notes are left out. Measures are what stands between two
barlines of the file; `joined` makes bars of them.

>>> measures = [Measure(0, TICKS, (3, 4)), Measure(TICKS, 3 * TICKS, (3, 4))]
>>> [measure.length // TICKS for measure in joined(measures)]
[1, 3]
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

import numpy as np

from engine.training.readers.score import TICKS, ScorePart


class PartNote(NamedTuple):
    """A sounding note: absolute start, duration, MIDI pitch."""

    start: int
    duration: int
    pitch: int

    @property
    def end(self) -> int:
        return self.start + self.duration


class Measure(NamedTuple):
    """Start and length in ticks, the metre in force, the key signature (sharps positive; None when not
    told), its mode word if the file tells one ("major", "minor", else "").
    """

    start: int
    length: int
    metre: tuple[int, int]
    fifths: int | None = 0
    mode: str = ""

    @property
    def full(self) -> int:
        """Ticks that the metre asks for."""
        return 4 * TICKS * self.metre[0] // self.metre[1]


@dataclass(slots=True)
class PartVoice:
    """One voice of one staff of one part, parts and staves counted from the top, from 0."""

    part: int
    staff: int
    voice: str
    notes: list[PartNote] = field(default_factory=list)
    has_words: bool = False


@dataclass(slots=True)
class FullScore:
    """A score with all its voices; `bpm` quarters a minute, 0 when not told; `names` of the parts."""

    title: str
    measures: list[Measure]
    voices: list[PartVoice]
    names: list[str] = field(default_factory=list)
    bpm: float = 0.0

    def staff_notes(self, part: int, staff: int) -> list[PartNote]:
        """All notes of one staff, by start and pitch."""
        found = (voice.notes for voice in self.voices if (voice.part, voice.staff) == (part, staff))
        return sorted(note for notes in found for note in notes)

    def part_notes(self, part: int) -> list[PartNote]:
        """All notes of one part, by start and pitch."""
        return sorted(note for voice in self.voices if voice.part == part for note in voice.notes)

    def table(self) -> np.ndarray:
        """Everything that sounds, (n, 3) start, duration, pitch, in this order."""
        numbers = chain.from_iterable(note for voice in self.voices for note in voice.notes)
        table = np.fromiter(numbers, np.int64).reshape(-1, 3)
        return table[np.lexsort(table.T[::-1])]

    def staves(self) -> list[tuple[int, int]]:
        """(part, staff) of every staff with notes, from the top."""
        return sorted({(voice.part, voice.staff) for voice in self.voices if voice.notes})


def with_ties_merged(written: Iterable[tuple[int, int, int, bool]]) -> list[PartNote]:
    """(start, duration, pitch, goes on from the note before) of one staff as sounding notes."""
    notes: list[PartNote] = []
    latest: dict[int, int] = {}
    for start, duration, pitch, tied in sorted(written):
        before = latest.get(pitch) if tied else None
        if before is not None and notes[before].end == start:
            begun = notes[before].start
            notes[before] = PartNote(begun, start + duration - begun, pitch)
            continue
        latest[pitch] = len(notes)
        notes.append(PartNote(start, duration, pitch))
    return notes


def joined(measures: Sequence[Measure]) -> list[Measure]:
    """Bars: measures cut in two by a repeat sign or a double bar put together again; a pickup stays short."""
    bars: list[Measure] = []
    for index, measure in enumerate(measures):
        last = bars[-1] if bars else None
        fits = (
            last is not None
            and last.metre == measure.metre
            and last.length + measure.length <= last.full
            and not (len(bars) == 1 and last.length + measure.length < last.full)
        )
        if fits and last is not None and index:
            bars[-1] = last._replace(length=last.length + measure.length)
        elif measure.length > 0:
            bars.append(measure)
    return bars


def top_line(notes: Sequence[PartNote]) -> list[PartNote]:
    """The highest sounding note, from onset to onset: a single line.

    >>> [note.pitch for note in top_line([PartNote(0, 4, 60), PartNote(0, 4, 72), PartNote(2, 2, 64)])]
    [72]
    """
    return _outer_line(notes, 1)


def low_line(notes: Iterable[PartNote]) -> list[PartNote]:
    """The lowest note at every onset of a part that plays one line, double stops aside."""
    return _outer_line(notes, -1)


def _outer_line(notes: Iterable[PartNote], side: int) -> list[PartNote]:
    """The line that is highest (`side` 1) or lowest (-1); what begins beyond a note cuts it off."""
    kept: list[PartNote] = []
    begun = end = height = -1
    for note in sorted(notes, key=lambda note: (note[0], -side * note[2])):
        start, duration, pitch = note
        if end > start:
            if begun == start or height > side * pitch:
                continue
            kept[-1] = PartNote(begun, start - begun, side * height)
        begun, end, height = start, start + duration, side * pitch
        kept.append(note)
    return kept


def bottom_line(notes: Sequence[PartNote], windows: Sequence[int]) -> list[PartNote]:
    """The bass of an accompaniment: in every window (sorted starts, in ticks) its lowest note and what lies
    within a third above it.

    A bass note sounds for as long as the hand goes on above it without a rest, as in a broken chord: to the
    next bass note or the end of its window.
    """
    gathered: dict[int, list[PartNote]] = {}
    for note in sorted(notes):
        gathered.setdefault(bisect_right(windows, note.start) - 1, []).append(note)
    line: list[PartNote] = []
    for window in sorted(gathered):
        inside = gathered[window]
        end = windows[window + 1] if window + 1 < len(windows) else max(note.end for note in inside)
        highest = min([note[2] for note in inside]) + _THIRD
        low = _without_unisons([note for note in inside if note[2] <= highest])
        for note, limit in zip(low, [note.start for note in low[1:]] + [end], strict=True):
            held = min(_reach(note, inside), limit) - note.start
            line.append(PartNote(note.start, max(note.duration, held), note.pitch))
    return _cut_at_onsets(line)


def _reach(note: PartNote, hand: Sequence[PartNote]) -> int:
    """Where the hand, its notes in order, first rests after the note begins."""
    begun, reach = note.start, note.end
    for start, duration, _ in hand:
        if start > reach:
            break
        if start >= begun and start + duration > reach:
            reach = start + duration
    return reach


_THIRD = 4


def _without_unisons(notes: list[PartNote]) -> list[PartNote]:
    """One note at each onset, the lowest."""
    kept: list[PartNote] = []
    for note in notes:
        if not kept or note.start > kept[-1].start:
            kept.append(note)
    return kept


def _cut_at_onsets(line: list[PartNote]) -> list[PartNote]:
    ends = [note.start for note in line[1:]] + [line[-1].end if line else 0]
    return [
        PartNote(note.start, min(note.duration, end - note.start), note.pitch)
        for note, end in zip(line, ends, strict=True)
        if end > note.start
    ]


def score_of_voices(voices: Sequence[ScorePart]) -> FullScore | None:
    """A score from the single-line voices of an ABC tune; None when their bars do not agree."""
    bars = [len(voice.bars) for voice in voices]
    if not voices or max(bars) != min(bars):
        return None
    first = voices[0]
    measures: list[Measure] = []
    found = [PartVoice(index, 0, str(index)) for index in range(len(voices))]
    written: list[list[tuple[int, int, int, bool]]] = [[] for _ in voices]
    at = 0
    fifths = (first.tonic * 7 - (9 * 7 if first.is_minor else 0)) % 12
    fifths -= 12 if fifths > 6 else 0
    for index in range(bars[0]):
        lengths = {voice.bars[index].length for voice in voices}
        if len(lengths) > 1:
            return None
        length = lengths.pop()
        mode = "minor" if first.is_minor else "major"
        measures.append(Measure(at, length, first.metre, fifths, mode))
        for voice, place in zip(voices, written, strict=True):
            place += [
                (at + note.start, note.duration, note.pitch, note.tied)
                for note in voice.bars[index].notes
                if note.pitch is not None and note.duration > 0
            ]
        at += length
    for voice_found, place in zip(found, written, strict=True):
        voice_found.notes = with_ties_merged(place)
    return FullScore(first.title, measures, found)


def bar_halves(score: FullScore) -> list[int]:
    """Where the halves of bars begin: the windows in which an accompaniment has one bass. Bars of three and
    of two beats are one window.
    """
    windows: list[int] = []
    for bar in joined(score.measures):
        windows.append(bar.start)
        pulses = bar.metre[0] // 3 if bar.metre[1] >= 8 and bar.metre[0] % 3 == 0 else bar.metre[0]
        if pulses == 4 and bar.length == bar.full:
            windows.append(bar.start + bar.length // 2)
    return windows
