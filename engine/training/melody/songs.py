"""A corpus tune as a song, so that the product can be asked about it exactly as the window would ask."""

from itertools import pairwise

from engine.generation.melody.line import SONG_TICKS, Event, Line
from engine.music import (
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Mode,
    Note,
    Role,
    Song,
    TimeMap,
    Track,
)
from engine.training.melody.tunes import Tune

_HOME = 60
_QUALITY = ("maj", "min", "7", "dim", "aug", "sus4", "5", "maj")


def song_of(tune: Tune) -> Song | None:
    """The tune in C as a song; None when its bars are not all alike (they would not fit one metre)."""
    line = tune.line
    if any(length != line.bar_length for length in line.bars):
        return None
    pickup = line.events[0].offset if line.events[0].bar < 0 else None
    bar_ticks = line.bar_length * SONG_TICKS
    shift = bar_ticks - pickup * SONG_TICKS if pickup is not None else 0
    metre = _metre(line)
    if metre is None:
        return None
    key = Key(0, Mode.MINOR if line.is_minor else Mode.MAJOR)
    time_map = TimeMap(metres=(MetreChange(0, metre),), keys=(KeyChange(0, key),), pickup_ticks=shift)
    notes = tuple(
        Note(number + 1, _tick(event, bar_ticks, shift), event.duration * SONG_TICKS, _HOME + event.pitch)
        for number, event in enumerate(event for event in line.events if event.pitch is not None)
        if event.pitch is not None
    )
    return Song(
        tune.title,
        time_map,
        chords=_chords(line, bar_ticks, shift),
        tracks=(Track(1, "Melody", Role.MELODY, notes=notes),),
    )


def _metre(line: Line) -> Metre | None:
    if line.metre_code % 2 and line.bar_length % 36 == 0:
        return Metre(line.bar_length // 12, 8)
    return Metre(line.bar_length // 24, 4) if line.bar_length % 24 == 0 else Metre(line.bar_length // 12, 8)


def _tick(event: Event, bar_ticks: int, shift: int) -> int:
    return event.bar * bar_ticks + event.offset * SONG_TICKS + shift


def _chords(line: Line, bar_ticks: int, shift: int) -> tuple[ChordSpan, ...]:
    """One span from each chord of the line to the next."""
    changes = [
        (max(0, bar * bar_ticks + offset * SONG_TICKS + shift), chord)
        for bar, offset, chord in line.chord_changes()
    ]
    end = len(line.bars) * bar_ticks + shift
    spans: list[ChordSpan] = []
    for (start, chord), (following, _) in pairwise([*changes, (end, None)]):
        if chord is not None and following > start:
            label = Chord(chord.root, _QUALITY[chord.colour])
            spans.append(ChordSpan(100_000 + len(spans), start, following - start, label))
    return tuple(spans)
