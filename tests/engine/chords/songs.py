"""Small songs for the chord tests, written as a musician would write them down."""

from engine.api.suggestion import Controls, Kind, SuggestionRequest, Take
from engine.generation.registry import generator_for
from engine.music import (
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Mode,
    Note,
    Region,
    Role,
    Song,
    TimeMap,
    Track,
)

QUARTER = 480
_PITCH = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def song(
    chords: str = "",
    melody: str = "",
    key: Key | None = None,
    metre: tuple[int, int] = (4, 4),
    pickup_beats: float = 0,
    locked: tuple[int, ...] = (),
) -> Song:
    """Bars of chords parted by |, `-` for nothing known; notes as `E4:1.5` in quarters, `r:1` a rest.

    `locked` counts chords from 0.
    """
    keys = (KeyChange(0, key),) if key is not None else ()
    time_map = TimeMap(
        metres=(MetreChange(0, Metre(*metre)),), keys=keys, pickup_ticks=int(pickup_beats * QUARTER)
    )
    spans: list[ChordSpan] = []
    for bar, words in enumerate(chords.split("|") if chords else []):
        labels = words.split()
        start, length = time_map.bar_start(bar), time_map.bar_ticks(bar) // len(labels)
        for place, label in enumerate(labels):
            if label != "-":
                number = len(spans)
                chord = Chord.parse(label)
                spans.append(
                    ChordSpan(number + 1, start + place * length, length, chord, locked=number in locked)
                )
    notes = _notes(melody, len(spans) + 1)
    number = len(spans) + len(notes) + 1
    tracks = (Track(number, "Melody", Role.MELODY, notes=notes),) if notes else ()
    return Song(time_map=time_map, chords=tuple(spans), tracks=tracks, next_id=number + 1)


def _notes(melody: str, first_id: int) -> tuple[Note, ...]:
    notes, at = [], 0
    for word in melody.split():
        name, beats = word.split(":")
        length = int(float(beats) * QUARTER)
        if name != "r":
            pitch = _PITCH[name[0]] + name.count("#") - name[1:].count("b") + 12 * (int(name[-1]) + 1)
            notes.append(Note(first_id + len(notes), at, length, pitch))
        at += length
    return tuple(notes)


POP = song("C|G|Am|F|C|G|Am|F", key=Key(0))
ROCK = song("Em|C|D|Em|Em|C|D|B", key=Key(4, Mode.MINOR))
JAZZ = song("Bbmaj7|G7|Cm7|F7|Dm7 G7|Cm7 F7|Bb6|Bb6", key=Key(10))
TUNE = song(
    "",
    "E5:1.5 D5:.5 C5:2 A4:1 C5:1 D5:2 E5:1.5 G5:.5 A5:1 G5:1 E5:4 "
    "F5:1.5 E5:.5 D5:1 C5:1 B4:2 G4:2 A4:1 B4:1 C5:1 D5:1 C5:4",
)
HARBOUR = song(
    "Eb|Cm7|Ab|Bb|Eb|Gm7|Abmaj7|Bbsus4|Cm7|Fm9|Bb7|Eb/G|Ab|Abm6|Eb/Bb|Bb7",
    "r:32 G4:2 Bb4:1 C5:1 F5:3 Eb5:1 D5:1.5 F5:.5 D5:1 Bb4:1 G4:4",
    Key(3),
)


def ask(
    kind: Kind,
    of: Song,
    start: int,
    end: int,
    controls: Controls | None = None,
    seed: int = 1,
    takes: int = 4,
) -> list[Take]:
    """The takes for the chord lane of the bars."""
    request = SuggestionRequest(
        kind,
        of,
        Region(start, end, chords=True),
        Role.CHORDS,
        controls=controls or Controls(),
        seed=seed,
        takes=takes,
    )
    answers = generator_for(kind, Role.CHORDS).suggest(request, lambda: None)
    return [answer for answer in answers if isinstance(answer, Take)]


def names(take: Take, key: Key | None = None) -> list[str]:
    """The chords of a take as a musician reads them, flats as b."""
    return [span.chord.lead_sheet(key).replace("♭", "b").replace("♯", "#") for span in take.chords]
