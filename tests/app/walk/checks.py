"""Is what was written what is in the song? Song files by value, exports by mido."""

import json
from pathlib import Path
from typing import Any

import mido

from engine.formats.songfile import SongFile
from engine.music import Song
from engine.music.codec import to_json


def read(file: SongFile) -> tuple[Song, list[Any], list[Any], list[Any]]:
    """Song, undo steps, ideas with their states, and ledger of a file; the file is closed."""
    try:
        ideas = [
            (stored.id, stored.digest, [(item.take, item.state) for item in stored.takes])
            for stored in file.suggestions()
        ]
        return file.song, file.history(), ideas, list(file.ledger())
    finally:
        file.close()


def as_bytes(song: Song) -> bytes:
    return json.dumps(to_json(song)).encode()


def compare(path: Path, song: Song) -> None:
    """What mido reads in an exported file is what is in the song."""
    file = mido.MidiFile(path)
    scale = 480 / file.ticks_per_beat
    parts: dict[str, list[tuple[int, int, int, int]]] = {}
    tempos, metres = [], []
    for track in file.tracks:
        now, open_notes, notes = 0, {}, []
        for message in track:
            now += message.time
            if message.type == "set_tempo":
                tempos.append((round(now * scale), message.tempo))
            elif message.type == "time_signature":
                metres.append((round(now * scale), message.numerator, message.denominator))
            elif message.type == "note_on" and message.velocity:
                open_notes[message.channel, message.note] = (now, message.velocity)
            elif message.type in ("note_off", "note_on"):
                start, velocity = open_notes.pop((message.channel, message.note))
                notes.append((round(start * scale), round((now - start) * scale), message.note, velocity))
        assert not open_notes, f"notes without an end in {track.name}"
        if notes:
            parts[track.name] = sorted(notes)
    wanted = {
        track.name: sorted(
            (note.start_ticks, note.duration_ticks, note.pitch, note.velocity) for note in track.notes
        )
        for track in song.tracks
    }
    assert parts.pop("Chords"), "the chord symbols do not sound"
    assert parts == wanted, "the notes are not those of the song"
    words = [message for track in file.tracks if track.name == "Chords" for message in track]
    assert sum(message.type == "lyrics" for message in words) == len(song.chords)
    assert tempos == [(t.tick, t.us_per_quarter) for t in song.time_map.tempos], tempos
    wanted_metres = [(m.tick, m.metre.numerator, m.metre.denominator) for m in song.time_map.metres]
    assert metres == wanted_metres, metres
