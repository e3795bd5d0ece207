"""A lead sheet played by a small band, so that what is heard can be held against what was written.

Each style is one way of playing the chords: block chords, chords on beats, off-beat chords with a moving
bass, broken chords with and without bass, everything on one piano, the tune alone. `played_freely` adds a
drifting tempo and shaky hands.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from engine.music import Chord, Key, Metre, MetreChange, Mode, Note, Origin, Song, TimeMap, Track
from engine.music.note import note_order
from engine.training.readers.score import ScorePart, song_ticks

_BASS_REGISTER, _COMP_REGISTER = 36, range(52, 60)


class Style(StrEnum):
    BLOCK = "block chords"
    BEATS = "chords on the beat"
    OFFBEAT = "off-beat chords, moving bass"
    BROKEN = "broken chords"
    NO_BASS = "broken chords, no bass"
    PIANO = "one piano"
    TUNE = "tune alone"


@dataclass(frozen=True)
class Rendering:
    """The song to be heard; key, chords (start, end, chord) and beats as written (ticks of the song)."""

    song: Song
    key: Key
    chords: tuple[tuple[int, int, Chord], ...]


@dataclass(frozen=True)
class Sheet:
    """A lead sheet in ticks: (start, length, pitch) notes and (start, end, chord) changes."""

    title: str
    metre: Metre
    pickup_ticks: int
    key: Key
    notes: tuple[tuple[int, int, int], ...]
    chords: tuple[tuple[int, int, Chord], ...]


def sheet_from_part(part: ScorePart) -> Sheet | None:
    """The sheet of a part with chord symbols; None when its bars do not all have one length."""
    metre = Metre(*part.metre)
    lengths = [song_ticks(bar.length) for bar in part.bars]
    pickup = lengths[0] if lengths and lengths[0] < metre.bar_ticks else 0
    if not lengths or any(length != metre.bar_ticks for length in lengths[1 if pickup else 0 : -1]):
        return None
    starts = [sum(lengths[:index]) for index in range(len(lengths))]
    notes = _notes(part, starts)
    changes = [
        (start + song_ticks(chord.start), Chord.parse(chord.label))
        for start, bar in zip(starts, part.bars, strict=True)
        for chord in bar.chords
    ]
    ends = [at for at, _ in changes[1:]] + [sum(lengths)]
    chords = tuple((at, end, chord) for (at, chord), end in zip(changes, ends, strict=True) if end > at)
    key = Key(part.tonic, Mode.MINOR if part.is_minor else Mode.MAJOR)
    return Sheet(part.title, metre, pickup, key, notes, chords)


def _notes(part: ScorePart, starts: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    notes: list[tuple[int, int, int]] = []
    for start, bar in zip(starts, part.bars, strict=True):
        for note in bar.notes:
            at, length = start + song_ticks(note.start), song_ticks(note.duration)
            if note.pitch is None or length < 1:
                continue
            if note.tied and notes and notes[-1][2] == note.pitch:
                notes[-1] = (notes[-1][0], at + length - notes[-1][0], note.pitch)
            else:
                notes.append((at, length, note.pitch))
    return tuple(notes)


def render(sheet: Sheet, style: Style, rng: random.Random) -> Rendering:
    """The sheet played in the style, transposed somewhere."""
    shift = rng.randrange(-5, 7)
    tune = [(start, max(1, length - 20), pitch) for start, length, pitch in sheet.notes]
    comp, bass = ([], []) if style is Style.TUNE else accompaniment(sheet, style, rng)
    parts = [tune, comp, bass]
    if style is Style.PIANO:
        parts = [tune + comp + bass]
    tracks = tuple(
        _track(index + 1, [(s, d, p + shift) for s, d, p in part]) for index, part in enumerate(parts) if part
    )
    time_map = TimeMap(metres=(MetreChange(0, sheet.metre),), pickup_ticks=sheet.pickup_ticks)
    chords = tuple((start, end, chord.transposed(shift)) for start, end, chord in sheet.chords)
    key = Key((sheet.key.tonic + shift) % 12, sheet.key.mode)
    return Rendering(Song(sheet.title, time_map, tracks=tracks, next_id=10_000_000), key, chords)


def _track(track_id: int, notes: list[tuple[int, int, int]]) -> Track:
    made = (Note(track_id * 100_000 + i, s, d, p, 80, Origin.IMPORTED) for i, (s, d, p) in enumerate(notes))
    return Track(track_id, f"Part {track_id}", notes=tuple(sorted(made, key=note_order)))


_Notes = list[tuple[int, int, int]]


def accompaniment(sheet: Sheet, style: Style, rng: random.Random) -> tuple[_Notes, _Notes]:
    """Chords and bass of the sheet in ticks."""
    comp: _Notes = []
    bass: _Notes = []
    voicing = [56, 60, 64, 67]
    beat = sheet.metre.pulse_ticks
    for start, end, chord in sheet.chords:
        if chord.is_no_chord:
            continue
        voicing = nearest_voicing(chord, voicing)
        comp += _comped(style, voicing, start, end, beat)
        if style is not Style.NO_BASS:
            bass += _bass(style, chord, start, end, beat, rng)
    return comp, bass


def nearest_voicing(chord: Chord, before: Sequence[int]) -> list[int]:
    """The close position of up to four tones that moves least from the one before."""
    tones = sorted(chord.pitch_classes)[:5]
    options = [sorted(low + (tone - low) % 12 for tone in tones) for low in _COMP_REGISTER]
    return min(options, key=lambda notes: sum(abs(a - b) for a, b in zip(notes, before, strict=False)))


def _comped(style: Style, voicing: list[int], start: int, end: int, beat: int) -> _Notes:
    if style is Style.BLOCK:
        return [(start, end - start - 20, pitch) for pitch in voicing]
    if style in (Style.BEATS, Style.OFFBEAT):
        late = beat // 2 if style is Style.OFFBEAT else 0
        return [(at + late, beat // 2 - 20, pitch) for at in range(start, end, beat) for pitch in voicing]
    cycle = voicing + voicing[-2:0:-1]
    return [(at, 240, cycle[index % len(cycle)]) for index, at in enumerate(range(start, end, 240))]


def _bass(style: Style, chord: Chord, start: int, end: int, beat: int, rng: random.Random) -> _Notes:
    root = _BASS_REGISTER + chord.bass_pitch_class
    if style is not Style.OFFBEAT:
        return [(start, end - start - 20, root)]
    steps = (0, 4 if chord.has_major_third else 3, 7, 9)
    return [
        (at, beat - 20, root + (rng.choice(steps) if index else 0))
        for index, at in enumerate(range(start, end, beat))
    ]


def played_freely(rendering: Rendering, rng: random.Random) -> tuple[Song, np.ndarray, np.ndarray]:
    """The song as played without a click against 120 bpm; the true beats and downbeats in seconds."""
    song = rendering.song
    quarters = song.end_ticks // 480 + 4
    base, drift, paces = 60 / rng.uniform(65, 140), 0.0, []
    for _ in range(quarters):
        drift = 0.9 * drift + rng.gauss(0, 0.03)
        paces.append(base * float(np.exp(np.clip(drift, -0.25, 0.25))))
    times = np.concatenate([[0.3], 0.3 + np.cumsum(paces)])

    def at(tick: int) -> float:
        return float(np.interp(tick / 480, np.arange(len(times)), times))

    def played(note: Note) -> Note:
        start = max(0.0, at(note.start_ticks) + rng.gauss(0, 0.018))
        length = max(0.03, at(note.end_ticks) - start)
        accent = 14 if note.start_ticks % 1920 == 0 else 0
        velocity = int(np.clip(70 + accent + rng.gauss(0, 10), 1, 127))
        return replace(
            note, start_ticks=round(start * 960), duration_ticks=round(length * 960), velocity=velocity
        )

    tracks = tuple(
        replace(track, notes=tuple(sorted(map(played, track.notes), key=note_order))) for track in song.tracks
    )
    metre, pickup = song.time_map.metres[0].metre, song.time_map.pickup_ticks
    beats = np.array([at(tick) for tick in range(0, song.end_ticks, metre.pulse_ticks)])
    downbeats = np.array([at(tick) for tick in range(pickup, song.end_ticks, metre.bar_ticks)])
    return replace(song, time_map=TimeMap(), tracks=tracks), beats, downbeats
