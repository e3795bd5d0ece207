"""What four other programs' readers find in a MIDI file, in one form to compare with a Song.

Notes are (start ticks, length, pitch, velocity), sorted; tempos (tick, microseconds a quarter); metres
(tick, "3/4"); markers (tick, text).
"""

import io
import warnings
from collections.abc import Iterable
from typing import NamedTuple

import mido
import pretty_midi
import symusic
from music21 import midi as music21_midi

from engine.formats.midi.chordtext import block_pitches, chord_symbol
from engine.music import Note, Song

TEMPO, METRE, MARKER, NAME = 0x51, 0x58, 0x06, 0x03
Rows = tuple[tuple[int, ...], ...]


class Reading(NamedTuple):
    """None where a reader does not tell."""

    parts: tuple[tuple[str | None, Rows], ...]
    tempos: Rows | None
    metres: tuple[tuple[int, str], ...]
    markers: tuple[tuple[int, str], ...] | None


def by_mido(data: bytes) -> Reading:
    file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    assert file.type == 1 and file.ticks_per_beat == 480
    lengths = {sum(message.time for message in track) for track in file.tracks}
    assert len(lengths) == 1, "all tracks end together"
    found = [_mido_track(track) for track in file.tracks]
    assert not found[0][1], "no notes in the conductor track"
    conductor = list(_at(file.tracks[0]))
    return Reading(
        parts=tuple(found[1:]),
        tempos=tuple((tick, m.tempo) for tick, m in conductor if m.type == "set_tempo"),
        metres=tuple(
            (t, f"{m.numerator}/{m.denominator}") for t, m in conductor if m.type == "time_signature"
        ),
        markers=tuple((tick, m.text) for tick, m in conductor if m.type == "marker"),
    )


def _at(track: mido.MidiTrack) -> Iterable[tuple[int, mido.Message]]:
    tick = 0
    for message in track:
        tick += message.time
        yield tick, message


def _mido_track(track: mido.MidiTrack) -> tuple[str, Rows]:
    """A pitch never sounds twice at once, so each off ends the one note there is; it must be there."""
    sounding: dict[tuple[int, int], tuple[int, int]] = {}
    notes = []
    for tick, message in _at(track):
        if message.type == "note_on":
            assert message.velocity > 0 and (message.channel, message.note) not in sounding
            sounding[message.channel, message.note] = (tick, message.velocity)
        elif message.type == "note_off":
            assert message.velocity == 64
            start, velocity = sounding.pop((message.channel, message.note))
            notes.append((start, tick - start, message.note, velocity))
    assert not sounding, "every note ends"
    assert track[0].type == "track_name"
    return track.name, tuple(sorted(notes))


def by_pretty_midi(data: bytes) -> Reading:
    """Keeps no markers, and names only in Latin-1; splits a part where its program changes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = pretty_midi.PrettyMIDI(io.BytesIO(data))
    tick = file.time_to_tick
    notes = [
        (tick(note.start), tick(note.end) - tick(note.start), note.pitch, note.velocity)
        for instrument in file.instruments
        for note in instrument.notes
    ]
    times, bpm = file.get_tempo_changes()
    tempos = tuple((tick(time), round(6e7 / value)) for time, value in zip(times, bpm, strict=True))
    metres = tuple((tick(m.time), f"{m.numerator}/{m.denominator}") for m in file.time_signature_changes)
    return Reading(((None, tuple(sorted(notes))),), tempos, metres, None)


def by_symusic(data: bytes) -> Reading:
    """Splits a part where its program changes, so notes are compared all together."""
    score = symusic.Score.from_midi(data)
    notes = [(n.time, n.duration, n.pitch, n.velocity) for track in score.tracks for n in track.notes]
    return Reading(
        parts=((None, tuple(sorted(notes))),),
        tempos=tuple((tempo.time, tempo.mspq) for tempo in score.tempos),
        metres=tuple((m.time, f"{m.numerator}/{m.denominator}") for m in score.time_signatures),
        markers=tuple((marker.time, marker.text) for marker in score.markers),
    )


def by_music21(data: bytes) -> Reading:
    """Its own MIDI reader, to events; its scores are another test (they round and regroup)."""
    file = music21_midi.MidiFile()
    file.readstr(data)
    tracks = [_music21_track(track) for track in file.tracks]
    conductor = tracks[0][2]
    return Reading(
        parts=tuple((name, notes) for name, notes, _ in tracks[1:]),
        tempos=tuple((tick, int.from_bytes(raw)) for tick, kind, raw in conductor if kind == TEMPO),
        metres=tuple((t, f"{raw[0]}/{1 << raw[1]}") for t, kind, raw in conductor if kind == METRE),
        markers=tuple((tick, raw.decode()) for tick, kind, raw in conductor if kind == MARKER),
    )


def _music21_track(track: music21_midi.MidiTrack) -> tuple[str, Rows, list[tuple[int, int, bytes]]]:
    metas = []
    notes = []
    sounding = {}
    tick = 0
    for event in track.events:
        if event.isDeltaTime():
            tick += event.time
        elif event.isNoteOn():
            sounding[event.channel, event.pitch] = (tick, event.velocity)
        elif event.isNoteOff():
            start, velocity = sounding.pop((event.channel, event.pitch))
            notes.append((start, tick - start, event.pitch, velocity))
        elif isinstance(event.type, music21_midi.MetaEvents):
            metas.append((tick, event.type.value, event.data))
    name = next(raw.decode() for _, kind, raw in metas if kind == NAME)
    return name, tuple(sorted(notes)), metas


def of_song(song: Song) -> Reading:
    """What a reader of the song's file must find: its tracks, the track of block chords, all markers."""
    blocks = [
        (span.start_ticks, span.duration_ticks, pitch, 64)
        for span in song.chords
        for pitch in block_pitches(span.chord)
    ]
    symbols = [(s.start_ticks, chord_symbol(s.chord, song.key_at(s.start_ticks))) for s in song.chords]
    markers = [(marker.tick, marker.text) for marker in song.markers] + symbols
    parts = [(track.name, _rows(track.notes)) for track in song.tracks]
    return Reading(
        parts=tuple(parts + ([("Chords", tuple(sorted(blocks)))] if song.chords else [])),
        tempos=tuple((tempo.tick, tempo.us_per_quarter) for tempo in song.time_map.tempos),
        metres=tuple((change.tick, change.metre.name) for change in song.time_map.metres),
        markers=tuple(sorted(markers, key=lambda marker: marker[0])),
    )


def _rows(notes: Iterable[Note]) -> Rows:
    return tuple(sorted((n.start_ticks, n.duration_ticks, n.pitch, n.velocity) for n in notes))


def without_parts(reading: Reading) -> Reading:
    """All notes together, for readers that divide parts in their own way."""
    together = sorted(note for _, notes in reading.parts for note in notes)
    return reading._replace(parts=((None, tuple(together)),))
