"""Sketches as people really have them, and files that are none: made anew by `write_all(folder)`.

python -m tests.app.walk.messy FOLDER
"""

import random
import sys
from pathlib import Path

import mido

QUARTER = 480
BAR = 4 * QUARTER
Hit = tuple[int, int, int, int]  # start, length, pitch, velocity
CHORDS = ((48, 52, 55), (45, 48, 52), (41, 45, 48), (43, 47, 50))


def write_all(folder: Path) -> dict[str, Path]:
    """Every file, by what it is."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "sixteen tracks": sixteen_tracks(),
        "type 0": type_0(),
        "free piano": free_piano(),
        "drums only": saved([("Kit", 9, 0, drums(8))]),
        "half an hour": saved([("Tune", 0, 0, tune(750)), ("Chords", 1, 4, comping(750))], bpm=100),
        "twenty thousand notes": saved([("Wall", 0, 0, wall(20_000))]),
        "empty": saved([]),
        "one note": saved([("One", 0, 0, [(0, 480, 60, 80)])]),
        "odd metres": odd_metres(),
        "no names": saved([("", 3, 40, tune(8)), ("", 4, 42, comping(8))]),
    }
    paths = {name: folder / f"{name}.mid" for name in made}
    for name, file in made.items():
        file.save(paths[name])
    return paths | not_sketches(folder, paths["sixteen tracks"])


def not_sketches(folder: Path, good: Path) -> dict[str, Path]:
    """Files that cannot be opened, or only in part."""
    contents = {
        "text.mid": b"Dear band, here is the song.\n" * 20,
        "nothing.mid": b"",
        "cut off.mid": good.read_bytes()[: good.stat().st_size // 2],
        "header only.mid": good.read_bytes()[:14],
        "text.understudy": b"not a song at all" * 100,
        "picture.png": b"\x89PNG\r\n\x1a\n",
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    (folder / "folder.mid").mkdir(exist_ok=True)
    return {name: folder / name for name in (*contents, "folder.mid", "not there.mid")}


def tune(bars: int) -> list[Hit]:
    """A phrase of two bars over and over, each time a little different."""
    dice, notes = random.Random(5), []
    for bar in range(bars):
        at = bar * BAR
        for quarters in dice.choice(((1, 1, 2), (0.5, 0.5, 1, 1, 1), (1.5, 0.5, 2), (1, 1, 1, 1))):
            pitch = 60 + dice.choice((0, 2, 4, 5, 7, 9, 11, 12))
            notes.append((at, round(quarters * QUARTER) - 10, pitch, dice.randint(60, 100)))
            at += round(quarters * QUARTER)
    return notes


def comping(bars: int) -> list[Hit]:
    return [(bar * BAR, BAR - 30, pitch, 64) for bar in range(bars) for pitch in CHORDS[bar % 4]]


def drums(bars: int) -> list[Hit]:
    beat = [(place * QUARTER // 2, 42) for place in range(8)] + [(0, 36), (QUARTER, 38), (2 * QUARTER, 36)]
    return [(bar * BAR + at, 60, pitch, 80) for bar in range(bars) for at, pitch in beat]


def wall(count: int) -> list[Hit]:
    dice = random.Random(6)
    return [(place * 60, 110, dice.randint(36, 96), dice.randint(30, 120)) for place in range(count)]


def sixteen_tracks() -> mido.MidiFile:
    """General MIDI, with a long name, a name in Japanese, an empty track, bends and controllers."""
    names = [
        "Lead",
        "Piano",
        "Bass",
        "Strings",
        "A very long name of a track that nobody wants to read",
        "ピアノ",
    ]
    parts = []
    for number in range(16):
        name = names[number] if number < len(names) else f"Track {number + 1}"
        notes = drums(32) if number == 9 else (tune(32) if number % 3 == 0 else comping(32))
        notes = [(s, d, p + 12 * (number % 3 - 1), v) for s, d, p, v in notes] if number != 9 else notes
        parts.append((name, number, number * 7 % 128, [] if number == 13 else notes))
    return saved(parts)


def type_0() -> mido.MidiFile:
    """All channels in one track."""
    file = mido.MidiFile(type=0, ticks_per_beat=QUARTER)
    file.tracks.append(joined([(0, tune(8)), (1, comping(8)), (9, drums(8))]))
    return file


def free_piano() -> mido.MidiFile:
    """Played without a click: 120 written, about 70 meant, both hands in one track, with pedal."""
    dice, now, notes = random.Random(7), 0.0, []
    for place in range(48):
        now += dice.gauss(820, 60)
        for pitch in CHORDS[place // 4 % 4] if place % 4 == 0 else ():
            notes.append((round(now + dice.uniform(0, 30)), 1500, pitch, 50))
        notes.append((round(now), 700, 72 + dice.choice((0, 2, 4, 7, 9)), dice.randint(60, 90)))
    return saved([("Piano", 0, 0, notes)])


def odd_metres() -> mido.MidiFile:
    """7/8, 3/4 and 4/4, tempo changes, eight flats."""
    file = saved([("Tune", 0, 0, tune(16))])
    changes = [(0, 7, 8), (7 * QUARTER // 2 * 4, 3, 4), (7 * QUARTER // 2 * 4 + 12 * QUARTER, 4, 4)]
    track, now = mido.MidiTrack(), 0
    for tick, top, bottom in changes:
        track.append(mido.MetaMessage("time_signature", numerator=top, denominator=bottom, time=tick - now))
        track.append(mido.MetaMessage("set_tempo", tempo=400_000 + tick * 5))
        now = tick
    file.tracks.insert(0, track)
    return file


def saved(parts: list[tuple[str, int, int, list[Hit]]], bpm: float = 120) -> mido.MidiFile:
    file = mido.MidiFile(type=1, ticks_per_beat=QUARTER, charset="utf-8")
    conductor = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))])
    file.tracks.append(conductor)
    for name, channel, program, notes in parts:
        track = joined([(channel, notes)])
        track.insert(0, mido.Message("program_change", channel=channel, program=program))
        if name:
            track.insert(0, mido.MetaMessage("track_name", name=name))
        file.tracks.append(track)
    return file


def joined(parts: list[tuple[int, list[Hit]]]) -> mido.MidiTrack:
    events = []
    for channel, notes in parts:
        for start, length, pitch, velocity in notes:
            on = mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)
            events.append((start, 1, on))
            events.append((start + length, 0, mido.Message("note_off", channel=channel, note=pitch)))
    track, now = mido.MidiTrack(), 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    return track


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
