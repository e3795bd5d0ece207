"""The sketch of the walk: a melody, its chords and a bass, sixteen bars in G major at 96, written by mido."""

from pathlib import Path

import mido

QUARTER = 480
BAR = 4 * QUARTER
# two phrases of eight bars: pitch and length in quarters
PHRASE = (
    ((74, 1), (71, 1), (67, 1), (69, 1)),
    ((71, 2), (72, 1), (71, 1)),
    ((69, 1), (72, 1), (76, 1), (74, 1)),
    ((74, 3), (71, 1)),
    ((76, 1), (74, 1), (72, 1), (76, 1)),
    ((74, 1.5), (72, 0.5), (71, 2)),
    ((69, 1), (71, 1), (72, 1), (66, 1)),
    ((67, 4),),
)
# one chord a bar: bass and right hand
HARMONY = (
    (43, (59, 62, 67)),
    (40, (59, 64, 67)),
    (45, (60, 64, 69)),
    (38, (57, 62, 66)),
    (36, (60, 64, 67)),
    (43, (59, 62, 67)),
    (38, (57, 62, 66)),
    (43, (59, 62, 67)),
)


def write_sketch(path: Path) -> Path:
    """Type 1: a conductor track and three parts, named."""
    file = mido.MidiFile(type=1, ticks_per_beat=QUARTER)
    conductor = mido.MidiTrack()
    conductor.append(mido.MetaMessage("track_name", name="Green door"))
    conductor.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(96)))
    conductor.append(mido.MetaMessage("time_signature", numerator=4, denominator=4))
    file.tracks.append(conductor)
    file.tracks.append(_part("Melody", 0, 73, _melody()))
    file.tracks.append(_part("Piano", 1, 0, _piano()))
    file.tracks.append(_part("Bass", 2, 32, _bass()))
    file.save(path)
    return path


def _melody() -> list[tuple[int, int, int, int]]:
    notes, at = [], 0
    for bar in PHRASE * 2:
        for pitch, quarters in bar:
            length = round(quarters * QUARTER)
            notes.append((at, length - 20, pitch, 84))
            at += length
    return notes


def _piano() -> list[tuple[int, int, int, int]]:
    bars = enumerate(HARMONY * 2)
    return [(bar * BAR, BAR - 40, pitch, 62) for bar, (_, hand) in bars for pitch in hand]


def _bass() -> list[tuple[int, int, int, int]]:
    halves = [
        (bar * BAR + half * BAR // 2, root) for bar, (root, _) in enumerate(HARMONY * 2) for half in (0, 1)
    ]
    return [(at, BAR // 2 - 60, root, 76) for at, root in halves]


def _part(name: str, channel: int, program: int, notes: list[tuple[int, int, int, int]]) -> mido.MidiTrack:
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("track_name", name=name))
    track.append(mido.Message("program_change", channel=channel, program=program))
    events = []
    for start, length, pitch, velocity in notes:
        events.append((start, 1, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)))
        events.append((start + length, 0, mido.Message("note_off", channel=channel, note=pitch)))
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    return track
