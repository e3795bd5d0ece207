"""Three sketches written for the arrangers: a folk tune, a pop loop, a jazz ballad. Own work, CC0-1.0.

Tunes are written `pitch:beats`, `r` rests, `|` is for the eye. `python -m tests.engine.arrangement.sketches`
writes them as MIDI files into tests/data/sketches.
"""

import re
from fractions import Fraction
from pathlib import Path

from engine.music import (
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Mode,
    Note,
    Origin,
    Role,
    Section,
    Song,
    Tempo,
    TimeMap,
    Track,
)

FOLDER = Path(__file__).parents[2] / "data" / "sketches"
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def notes_of(text: str, first_id: int, start_ticks: int = 0, velocity: int = 84) -> tuple[Note, ...]:
    """The notes of a tune in text."""
    found: list[Note] = []
    tick = start_ticks
    for word in text.replace("|", " ").split():
        name, _, beats = word.partition(":")
        length = int(Fraction(beats or "1") * 480)
        if name != "r":
            accent = 8 if tick % 960 == 0 else 0
            note_id = first_id + len(found)
            found.append(
                Note(note_id, tick, length, _pitch(name), velocity + accent, Origin.PLAYED, "sketch")
            )
        tick += length
    return tuple(found)


def _pitch(name: str) -> int:
    letter, signs, octave = re.fullmatch(r"([A-G])([#b]*)(\d)", name).groups()
    return 12 * (int(octave) + 1) + _STEPS[letter] + signs.count("#") - signs.count("b")


def chords_of(text: str, first_id: int, bar_ticks: int, start_ticks: int = 0) -> tuple[ChordSpan, ...]:
    """Chords bar by bar; several in a bar share it."""
    found: list[ChordSpan] = []
    for number, bar in enumerate(text.split("|")):
        names = bar.split()
        for place, name in enumerate(names):
            length = bar_ticks // len(names)
            start = start_ticks + number * bar_ticks + place * length
            found.append(ChordSpan(first_id + len(found), start, length, Chord.parse(name)))
    return tuple(found)


def folk_tune() -> Song:
    """Two strains of eight bars in D, with an upbeat, one voice and nothing else."""
    tune = """
        A4:1 | D5:1 D5:1/2 E5:1/2 F#5:1 D5:1 | E5:1 C#5:1 A4:1 A4:1 | B4:1 B4:1/2 C#5:1/2 D5:1 B4:1
        | A4:3 F#4:1/2 G4:1/2 | A4:1 D5:1 F#5:1 E5:1/2 D5:1/2 | E5:1 C#5:1 A4:1 A4:1
        | B4:1 D5:1/2 B4:1/2 A4:1 C#5:1 | D5:3 F#5:1/2 G5:1/2 | A5:1 F#5:1/2 D5:1/2 F#5:1 A5:1
        | G5:1 E5:1/2 C#5:1/2 E5:1 G5:1 | F#5:1 D5:1/2 B4:1/2 D5:1 F#5:1 | E5:3 F#5:1/2 G5:1/2
        | A5:1 F#5:1 D5:1 F#5:1/2 G5:1/2 | B5:1 A5:1 G5:1 E5:1
        | F#5:1 D5:1/2 E5:1/2 F#5:1/2 E5:1/2 C#5:1 | D5:3
    """
    time_map = TimeMap(
        (Tempo.of_bpm(0, 104),), (MetreChange(0, Metre(4, 4)),), (KeyChange(0, Key(2)),), pickup_ticks=480
    )
    melody = Track(1, "Fiddle", Role.MELODY, 73, notes_of(tune, 100))
    sections = (Section(2, "A", 0, 9), Section(3, "B", 9, 8))
    return Song("The Ferry Gate", time_map, sections, (), (melody,), next_id=1000)


def pop_loop() -> Song:
    """Four chords twice in A minor, a tune that answers itself, a piano on the chords."""
    tune = """
        r:1/2 E5:1/2 E5:1/2 D5:1/2 C5:1 A4:1 | r:1/2 C5:1/2 C5:1/2 B4:1/2 A4:2
        | r:1/2 G4:1/2 G4:1/2 A4:1/2 C5:1 E5:1 | D5:3/2 C5:1/2 B4:2
        | r:1/2 E5:1/2 E5:1/2 D5:1/2 C5:1 A4:1 | r:1/2 C5:1/2 C5:1/2 D5:1/2 E5:2
        | r:1/2 G5:1/2 G5:1/2 E5:1/2 D5:1 C5:1 | B4:3/2 C5:1/2 D5:1 r:1
    """
    chords = chords_of("Am | F | C | G | Am | F | C | G", 50, 1920)
    time_map = TimeMap((Tempo.of_bpm(0, 108),), (MetreChange(0),), (KeyChange(0, Key(9, Mode.MINOR)),))
    shapes = {"Am": (57, 60, 64), "F": (57, 60, 65), "C": (55, 60, 64), "G": (55, 59, 62)}
    piano: list[Note] = []
    for number, name in enumerate(["Am", "F", "C", "G"] * 2):
        for half in (0, 1):
            for pitch in shapes[name]:
                start = number * 1920 + half * 960
                piano.append(Note(300 + len(piano), start, 940, pitch, 68, Origin.PLAYED, "sketch"))
    tracks = (
        Track(1, "Voice", Role.MELODY, 80, notes_of(tune, 100)),
        Track(2, "Piano", Role.CHORDS, 0, tuple(piano)),
    )
    return Song("Neon Rain", time_map, (Section(3, "A", 0, 8),), chords, tracks, next_id=1000)


def jazz_ballad() -> Song:
    """Sixteen bars in E flat, slow, with its chords and nothing under the tune."""
    tune = """
        r:1 G5:1/2 F5:1/2 Eb5:1 D5:1 | C5:3 r:1 | r:1 Bb4:1/2 C5:1/2 D5:1 F5:1 | Eb5:3 r:1
        | r:1 Ab5:1/2 G5:1/2 F5:1 Eb5:1 | D5:3/2 C5:1/2 Bb4:2 | r:1 C5:1/2 D5:1/2 Eb5:1 C5:1 | D5:3 r:1
        | r:1 G5:1/2 F5:1/2 Eb5:1 D5:1 | C5:3 r:1 | r:1 Bb4:1/2 C5:1/2 D5:1 F5:1 | Eb5:2 G5:2
        | C6:3/2 Bb5:1/2 Ab5:1 G5:1 | F5:3/2 Eb5:1/2 D5:1 C5:1 | Bb4:1 D5:1 F5:1 D5:1 | Eb5:4
    """
    chords = chords_of(
        "Ebmaj7 | Cm7 | Fm7 Bb7 | Ebmaj7 | Abmaj7 | Gm7 C7 | Fm7 | Bb7"
        "| Ebmaj7 | Cm7 | Fm7 Bb7 | Ebmaj7 G7 | Abmaj7 | Am7b5 D7 | Fm7 Bb7 | Eb6",
        50,
        1920,
    )
    time_map = TimeMap((Tempo.of_bpm(0, 66),), (MetreChange(0),), (KeyChange(0, Key(3)),))
    melody = Track(1, "Saxophone", Role.MELODY, 65, notes_of(tune, 100, velocity=76))
    sections = (Section(3, "A", 0, 8), Section(4, "A′", 8, 8))
    return Song("Late Ferry", time_map, sections, chords, (melody,), next_id=1000)


SKETCHES = {"folk-tune": folk_tune, "pop-loop": pop_loop, "jazz-ballad": jazz_ballad}


def write_midi() -> None:
    """The three as MIDI files."""
    from engine.formats.midi import save_midi

    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in SKETCHES.items():
        save_midi(make(), FOLDER / f"{name}.mid")


if __name__ == "__main__":
    write_midi()
