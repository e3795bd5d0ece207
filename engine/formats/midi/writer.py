"""How does a song travel to another program?

A Standard MIDI File that sequencers agree on: a conductor track without notes, then a track for each part
(channels.py says on which channel); explicit note-offs before note-ons; no pitch overlapping itself on a
channel; every track ends at the same bar line. Chords travel as markers and as a "Chords" track of lyrics
and plain blocks, which read_midi knows again. Times are written as they are: nothing is quantised.

>>> write_midi(Song("Air"))[:4]
b'MThd'
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from engine.formats.midi.channels import Seat, seats_by_port, seats_shared
from engine.formats.midi.chordtext import block_pitches, chord_symbol
from engine.formats.midi.conductor import conductor_events
from engine.formats.midi.conventions import (
    CARRIER_NAME,
    CHANNEL_PREFIX,
    CHORD_END_TEXT,
    CHORDS_NAME,
    INSTRUMENT_NAME,
    LYRIC,
    PORT,
    TEXT,
    TRACK_NAME,
)
from engine.formats.midi.encode import Event, Rank, chunk, control, meta
from engine.formats.midi.options import ExportOptions, Extra, FileType
from engine.formats.midi.text import encode_text
from engine.music import Note, Role, Song, Track
from engine.music.note import TICKS_PER_QUARTER
from engine.music.track import ControlEvent, ControlKind

_OFF_VELOCITY = 64
_CHORD_VELOCITY = 64
_BANKS = (0, 32)


def write_midi(song: Song, options: ExportOptions | None = None) -> bytes:
    """The song as the bytes of a MIDI file."""
    options = options or ExportOptions()
    tracks = [*song.tracks, *_extra_tracks(song, options)]
    if options.file_type is FileType.ONE_TRACK:
        blocks = [_one_track(song, tracks, options)]
    else:
        blocks = _many_tracks(song, tracks, options)
    metas = conductor_events(song, options)
    end = max([_end_ticks(song), *(event.tick for event in metas)])
    factor = options.ppq // TICKS_PER_QUARTER
    header = b"MThd" + (6).to_bytes(4)
    header += b"".join(n.to_bytes(2) for n in (options.file_type, len(blocks), options.ppq))
    return header + b"".join(chunk(events, end, factor) for events in blocks)


def _end_ticks(song: Song) -> int:
    """The bar line at or after the last thing in the song."""
    last = max([song.end_ticks, *(c.tick for track in song.tracks for c in track.controls)])
    return song.time_map.bar_start(max(1, song.time_map.bars_in(last)))


def _many_tracks(song: Song, tracks: Sequence[Track], options: ExportOptions) -> list[list[Event]]:
    seats = seats_by_port(tracks)
    has_ports = any(seat.port for seat in seats)
    blocks = [conductor_events(song, options)]
    for track, seat in zip(tracks, seats, strict=True):
        events = [meta(0, TRACK_NAME, encode_text(track.name, options.encoding), Rank.NAME)]
        if has_ports:
            events.append(meta(0, PORT, bytes((seat.port,)), Rank.NAME))
        events += _words(song, track)
        if track.notes or track.controls or track.id:
            events += _settings(track, seat.channel)
        blocks.append(events + _sounding(track.notes, seat.channel))
    return blocks


def _one_track(song: Song, tracks: Sequence[Track], options: ExportOptions) -> list[Event]:
    events = conductor_events(song, options)
    notes: dict[Seat, list[Note]] = {}
    for track, seat in zip(tracks, seats_shared(tracks), strict=True):
        if seat not in notes:
            name = encode_text(track.name, options.encoding)
            events.append(meta(0, CHANNEL_PREFIX, bytes((seat.channel,)), Rank.NAME))
            events.append(meta(0, INSTRUMENT_NAME, name, Rank.NAME))
            events += _settings(track, seat.channel)
        events += _words(song, track)
        notes.setdefault(seat, []).extend(track.notes)
    for seat, together in notes.items():
        events += _sounding(together, seat.channel)
    return events


def _extra_tracks(song: Song, options: ExportOptions) -> list[Track]:
    extras = []
    if song.chords and Extra.CHORD_TRACK in options.extras:
        extras.append(_chord_track(song))
    if Extra.TEMPO_CARRIER in options.extras:
        extras.append(Track(0, CARRIER_NAME, notes=(Note(0, 0, _end_ticks(song), 0, velocity=1),)))
    return extras


def _chord_track(song: Song) -> Track:
    notes = (
        Note(0, span.start_ticks, span.duration_ticks, pitch, _CHORD_VELOCITY)
        for span in song.chords
        for pitch in block_pitches(span.chord)
    )
    return Track(0, CHORDS_NAME, Role.CHORDS, notes=tuple(notes))


def _words(song: Song, track: Track) -> list[Event]:
    """The symbols of the chord track (the only one with id 0 and that name), as lyrics."""
    if track.id != 0 or track.name != CHORDS_NAME:
        return []
    words = []
    following = [*(span.start_ticks for span in song.chords[1:]), None]
    for span, next_start in zip(song.chords, following, strict=True):
        symbol = chord_symbol(span.chord, song.key_at(span.start_ticks))
        words.append(meta(span.start_ticks, LYRIC, symbol.encode()))
        if span.chord.is_no_chord and span.end_ticks != next_start:
            words.append(meta(span.end_ticks, TEXT, CHORD_END_TEXT.encode()))
    return words


def _settings(track: Track, channel: int) -> list[Event]:
    """Bank and program at tick 0 in that order, then the track's own events as they stand."""
    head = _before_program(track.controls)
    said = {event.number for event in track.controls[:head] if event.kind is ControlKind.CONTROL}
    banks = [ControlEvent(0, ControlKind.CONTROL, bank, 0) for bank in _BANKS if bank not in said]
    program = ControlEvent(0, ControlKind.PROGRAM, 0, track.program)
    ordered = [*banks, *track.controls[:head], program, *track.controls[head:]]
    return [control(event, channel) for event in ordered]


def _before_program(controls: Sequence[ControlEvent]) -> int:
    """How many events at tick 0 must come before the program: up to the last bank selection."""
    count = 0
    for index, event in enumerate(controls):
        if event.tick > 0 or event.kind is ControlKind.PROGRAM:
            break
        if event.kind is ControlKind.CONTROL and event.number in _BANKS:
            count = index + 1
    return count


def _sounding(notes: Iterable[Note], channel: int) -> list[Event]:
    events = []
    for start, end, pitch, velocity in _without_overlaps(notes):
        events.append(Event(start, Rank.NOTE_ON, bytes((0x90 | channel, pitch, velocity))))
        events.append(Event(end, Rank.NOTE_OFF, bytes((0x80 | channel, pitch, _OFF_VELOCITY))))
    return events


def _without_overlaps(notes: Iterable[Note]) -> list[tuple[int, int, int, int]]:
    """Start, end, pitch, velocity by start and pitch; a note ends where its pitch starts again, and of those
    that start together the longest stays."""
    by_pitch: dict[int, dict[int, Note]] = {}
    for note in sorted(notes, key=lambda note: note.duration_ticks):
        by_pitch.setdefault(min(max(note.pitch, 0), 127), {})[max(note.start_ticks, 0)] = note
    sounding = []
    for pitch, starts in by_pitch.items():
        for start, following in pairwise([*sorted(starts), None]):
            note = starts[start]  # type: ignore[index]
            end = max(note.end_ticks, note.start_ticks + 1)
            end = end if following is None else min(end, following)
            sounding.append((note.start_ticks, end, pitch, min(max(note.velocity, 1), 127)))
    return sorted(sounding)
