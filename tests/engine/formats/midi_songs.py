"""Random songs, seeded: quantised and free-time, of every metre and tempo, small enough to be many."""

import random
from functools import cache

from engine.music import (
    Chord,
    ChordSpan,
    ControlEvent,
    Key,
    KeyChange,
    Marker,
    Metre,
    MetreChange,
    Mode,
    Note,
    Role,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.track import ControlKind

_NAMES = ("Piano", "Bass", "Voix é", "Gitarre (akustisch)", "Lead 2", "ドラム", "")
_METRES = (Metre(4, 4), Metre(3, 4), Metre(6, 8), Metre(7, 8), Metre(2, 2), Metre(5, 4), Metre(12, 8))
_CHORDS = (
    "Cmaj7",
    "Dm7b5",
    "G7(b9)",
    "Bb/D",
    "F#m",
    "Am7",
    "Ebsus4",
    "E°7",
    "N.C.",
    "C:maj(9)/5",
    "Ab13(#11)",
)


@cache
def random_song(seed: int, notes: int = 12) -> Song:
    """A song of one to five tracks (eighteen in one song of forty) with up to so many notes each."""
    rng = random.Random(seed)
    time_map = _time_map(rng)
    next_id = 1
    tracks = []
    for number in range(18 if seed % 40 == 7 else rng.randint(1, 5)):
        track = _track(rng, next_id, number, notes)
        next_id += 1 + len(track.notes)
        tracks.append(track)
    chords = _chords(rng, next_id)
    markers = [Marker(rng.randrange(0, 8_000), text) for text in ("Verse", "Refrão", "Bridge")]
    markers = sorted(rng.sample(markers, rng.randint(0, 3)), key=lambda marker: marker.tick)
    title = rng.choice(("Air", "Élégie", "夜", ""))
    end = next_id + len(chords) + 1
    return Song(title, time_map, (), chords, tuple(tracks), tuple(markers), next_id=end)


def _time_map(rng: random.Random) -> TimeMap:
    metres = [MetreChange(0, rng.choice(_METRES))]
    for _ in range(rng.randint(0, 2)):
        last = metres[-1]
        metre = rng.choice(_METRES)
        metres.append(MetreChange(last.tick + rng.randint(1, 3) * last.metre.bar_ticks, metre))
    pickup = 0
    if len(metres) == 1 and rng.random() < 0.2:
        pickup = rng.choice((240, 480, 720))
    ticks = sorted(rng.sample(range(1, 8_000), rng.randint(0, 3)))
    tempos = [Tempo(tick, rng.randint(200_000, 1_500_000)) for tick in (0, *ticks)]
    modes = (Mode.MAJOR, Mode.MINOR) if rng.random() < 0.8 else (Mode.DORIAN, Mode.LYDIAN)
    places = sorted(rng.sample(range(0, 8_000, 480), rng.randint(0, 2)))
    keys = [KeyChange(tick, Key(rng.randrange(12), rng.choice(modes))) for tick in places]
    return TimeMap(tuple(tempos), tuple(metres), tuple(keys), pickup)


def _track(rng: random.Random, track_id: int, number: int, count: int) -> Track:
    is_drums = number > 0 and rng.random() < 0.2
    grid = rng.choice((1, 120, 160, 480))
    free_until: dict[int, int] = {}
    notes = []
    for _ in range(rng.randint(1, count)):
        start, length = rng.randrange(0, 8_000) // grid * grid, max(1, rng.randrange(1, 960) // grid * grid)
        notes.append((start, rng.randint(21, 108), length, rng.randint(1, 127)))
    kept = []
    for start, pitch, length, velocity in sorted(notes):
        if start >= free_until.get(pitch, 0):
            kept.append(Note(track_id + 1 + len(kept), start, length, pitch, velocity))
            free_until[pitch] = start + length
    role = Role.DRUMS if is_drums else Role.OTHER
    return Track(track_id, rng.choice(_NAMES), role, rng.randrange(128), tuple(kept), _controls(rng))


def _controls(rng: random.Random) -> tuple[ControlEvent, ...]:
    makers = (
        lambda: (ControlKind.CONTROL, rng.choice((1, 7, 11, 64, 74)), rng.randrange(128)),
        lambda: (ControlKind.CONTROL, rng.choice((0, 32)), rng.randrange(1, 128)),
        lambda: (ControlKind.BEND, 0, rng.randint(-8192, 8191)),
        lambda: (ControlKind.PRESSURE, 0, rng.randrange(128)),
        lambda: (ControlKind.KEY_PRESSURE, rng.randrange(128), rng.randrange(128)),
        lambda: (ControlKind.PROGRAM, 0, rng.randrange(128)),
    )
    ticks = sorted(rng.choice((0, rng.randrange(8_000))) for _ in range(rng.choice((0, 0, 3, 6))))
    return tuple(ControlEvent(tick, *rng.choice(makers)()) for tick in ticks)


def _chords(rng: random.Random, first_id: int) -> tuple[ChordSpan, ...]:
    spans = []
    now = rng.choice((0, 480))
    for _ in range(rng.choice((0, 1, 2, 4))):
        length = rng.choice((480, 960, 1920))
        spans.append(ChordSpan(first_id + len(spans), now, length, Chord.parse(rng.choice(_CHORDS))))
        now += length + rng.choice((0, 0, 0, 480))
    return tuple(spans)
