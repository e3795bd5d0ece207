"""Small sketches of our own for the melody tests, and a generator of random songs."""

import random
from dataclasses import replace
from fractions import Fraction

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
from engine.music.key import parse_pitch_class

POP = (
    "R/.5 E4/.5 G4/.5 G4/.5 A4/.5 G4/1.5",
    "R/.5 E4/.5 G4/.5 G4/.5 A4/.5 B4/.5 G4/1",
    "C5/.5 B4/.5 A4/.5 G4/.5 A4/1 E4/1",
    "F4/.5 G4/.5 A4/1 G4/1 R/1",
)
POP_CHORDS = ("C", "G", "Am", "F") * 4
JIG = (
    "D5/.5 C#5/.5 B4/.5 A4/1 F#4/.5",
    "G4/.5 F#4/.5 G4/.5 A4/1.5",
    "B4/1 C#5/.5 D5/.5 E5/.5 F#5/.5",
    "E5/1 C#5/.5 A4/1.5",
)
JIG_CHORDS = ("D", "G", "Bm", "A", "D", "G", "A", "D")


def song_of(
    bars: tuple[str, ...],
    chords: tuple[str, ...] = (),
    metre: tuple[int, int] = (4, 4),
    key: Key | None = None,
    jitter: int = 0,
) -> Song:
    """A song with one melody track; `pitch/quarters` a note, one chord a bar, onsets jittered by
    some ticks.
    """
    chance = random.Random(11)
    bar_ticks = Metre(*metre).bar_ticks
    notes: list[Note] = []
    for bar, text in enumerate(bars):
        tick = bar * bar_ticks
        for token in text.split():
            name, length = token.split("/")
            ticks = int(Fraction(length) * 480)
            if name != "R":
                pitch = 12 * (int(name[-1]) + 1) + (parse_pitch_class(name[:-1]) or 0)
                start = max(0, tick + round(chance.gauss(0, jitter)))
                sounding = ticks if not jitter else int(ticks * 0.9)
                notes.append(Note(len(notes) + 1, start, sounding, pitch, 80 + chance.randint(-5, 5)))
            tick += ticks
    spans = tuple(
        ChordSpan(900 + bar, bar * bar_ticks, bar_ticks, Chord.parse(chord))
        for bar, chord in enumerate(chords)
    )
    keys = (KeyChange(0, key),) if key else ()
    time_map = TimeMap(metres=(MetreChange(0, Metre(*metre)),), keys=keys)
    return Song("", time_map, chords=spans, tracks=(Track(1, "Melody", Role.MELODY, notes=tuple(notes)),))


def pop_song(jitter: int = 0) -> Song:
    return song_of(POP, POP_CHORDS, key=Key(0, Mode.MAJOR), jitter=jitter)


def jig_song() -> Song:
    return song_of(JIG, JIG_CHORDS, (6, 8), Key(2, Mode.MAJOR))


_METRES = ((4, 4), (3, 4), (6, 8), (2, 4), (5, 4), (7, 8), (9, 8), (12, 8), (3, 8), (5, 64), (1, 4), (11, 16))
_CHORDS = ("C", "Am7", "F#m7b5", "Bbmaj7", "G7", "Ebdim7", "Daug", "Csus4", "N", "E7/G#")


def random_song(seed: int) -> Song:
    """Any song: metres, pickups, metre changes, no key, chromatic notes, chords struck together,
    free time.
    """
    chance = random.Random(seed)
    metre = Metre(*chance.choice(_METRES))
    metres = [MetreChange(0, metre)]
    if chance.random() < 0.25:
        metres.append(MetreChange(metre.bar_ticks * chance.randint(1, 6), Metre(*chance.choice(_METRES))))
    pickup = chance.randrange(metre.bar_ticks) if chance.random() < 0.3 else 0
    keys = (
        (KeyChange(0, Key(chance.randrange(12), chance.choice(list(Mode)))),) if chance.random() < 0.7 else ()
    )
    time_map = TimeMap(metres=tuple(metres), keys=keys, pickup_ticks=pickup)
    notes = _random_notes(chance, time_map)
    spans = []
    if chance.random() < 0.6:
        for bar in range(0, 24, chance.randint(1, 3)):
            start, end = time_map.bar_start(bar), time_map.bar_start(bar + 1)
            spans.append(ChordSpan(5000 + bar, start, end - start, Chord.parse(chance.choice(_CHORDS))))
    role = chance.choice((Role.MELODY, Role.OTHER))
    return Song("", time_map, chords=tuple(spans), tracks=(Track(1, "Lead", role, notes=notes),))


def _random_notes(chance: random.Random, time_map: TimeMap) -> tuple[Note, ...]:
    if chance.random() < 0.1:
        return ()
    scale = (0, 2, 4, 5, 7, 9, 11) if chance.random() < 0.6 else tuple(range(12))
    grid = chance.choice((1, 60, 80, 120, 240, 480))
    end = time_map.bar_start(chance.randint(1, 12))
    notes: list[Note] = []
    tick = chance.randrange(0, 400, 1) // grid * grid
    while tick < end:
        length = max(grid, chance.choice((60, 120, 240, 360, 480, 960)) // grid * grid)
        pitch = 12 * chance.choice((4, 5, 5, 5, 6)) + chance.choice(scale)
        locked = chance.random() < 0.12
        notes.append(Note(len(notes) + 1, tick, length, pitch, chance.randint(1, 127), locked=locked))
        if chance.random() < 0.08:
            low = replace(notes[-1], id=len(notes) + 1, pitch=pitch - chance.choice((4, 7, 12)))
            notes.append(low)
        tick += length + (chance.choice((0, 0, 0, grid, 480)))
    return tuple(sorted(notes, key=lambda note: (note.start_ticks, note.pitch)))
