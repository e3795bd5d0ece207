"""Write the two demo sketches of the start page: own work, dedicated to the public domain (CC0).

python packaging/make_demos.py assets/demos
"""

import sys
from pathlib import Path

from engine.formats.midi import save_midi
from engine.music import (
    TICKS_PER_QUARTER,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Note,
    Role,
    Song,
    Tempo,
    TimeMap,
    Track,
)

# a bar a line; pitch and length in quarters: an eight-bar period, its second half a step higher
TUNE = (
    ((71, 1), (74, 1), (79, 1)),
    ((78, 2), (76, 1)),
    ((74, 1.5), (72, 0.5), (71, 1)),
    ((69, 2), (71, 1)),
    ((72, 1), (76, 1), (81, 1)),
    ((79, 2), (78, 0.5), (76, 0.5)),
    ((74, 1), (71, 0.5), (72, 0.5), (69, 1)),
    ((67, 3),),
)
# bass notes and right hand: Dm7, B♭maj7, F/A, C add 9
CHORDS = (
    ((38, 45), (60, 65, 69)),
    ((34, 41), (62, 65, 69)),
    ((33, 45), (60, 65, 69)),
    ((36, 43), (62, 64, 67)),
)
LEFT = ((0, 2.5, 72), (2.5, 0.5, 60), (3, 1, 66))
RIGHT = ((0, 1.5, 70), (1.5, 1, 62), (2.5, 1.5, 66))


def tune_without_chords() -> Song:
    """Eight bars in 3/4, G major."""
    notes, at = [], 0
    for bar in TUNE:
        for place, (pitch, quarters) in enumerate(bar):
            length = round(quarters * TICKS_PER_QUARTER)
            velocity = (88 if place == 0 else 76) + (pitch - 74) // 2
            notes.append(Note(len(notes) + 2, at, length - 20, pitch, velocity))
            at += length
    time_map = TimeMap((Tempo.of_bpm(0, 112),), (MetreChange(0, Metre(3, 4)),), (KeyChange(0, Key(7)),))
    track = Track(1, "Melody", Role.MELODY, 73, tuple(notes))
    return Song("A tune without chords", time_map, tracks=(track,), next_id=100)


def four_chords_without_a_tune() -> Song:
    """Four bars in 4/4, F major, as a piano loop."""
    notes = []
    for bar, (low, high) in enumerate(CHORDS):
        for pitches, rhythm in ((low, LEFT), (high, RIGHT)):
            for start, quarters, velocity in rhythm:
                at = round((bar * 4 + start) * TICKS_PER_QUARTER)
                length = round(quarters * TICKS_PER_QUARTER) - 20
                sounding = pitches[:1] if pitches is low and start == 2.5 else pitches
                notes += [(at, length, pitch, velocity) for pitch in sounding]
    ordered = tuple(Note(number, *note) for number, note in enumerate(sorted(notes), 2))
    time_map = TimeMap((Tempo.of_bpm(0, 84),), keys=(KeyChange(0, Key(5)),))
    track = Track(1, "Piano", Role.CHORDS, 0, ordered)
    return Song("Four chords without a tune", time_map, tracks=(track,), next_id=200)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save_midi(tune_without_chords(), folder / "a-tune-without-chords.mid")
    save_midi(four_chords_without_a_tune(), folder / "four-chords-without-a-tune.mid")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
