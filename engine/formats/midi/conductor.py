"""What stands in the first track of an export: no notes, but all that rules the time and names the song.

Tempo at tick 0 always; key signatures within seven sharps or flats; sections and chords as markers, since
that is what sequencers show.
"""

from engine.formats.midi.chordtext import chord_symbol
from engine.formats.midi.conventions import (
    COPYRIGHT,
    KEY_SIGNATURE,
    MARKER,
    SET_TEMPO,
    TEXT,
    TIME_SIGNATURE,
    TRACK_NAME,
)
from engine.formats.midi.encode import Event, Rank, meta
from engine.formats.midi.options import ExportOptions, Extra
from engine.formats.midi.text import encode_text
from engine.music import Key, Metre, Mode, Origin, Song, TimeMap

_MAX_US = 0xFFFFFF


def conductor_events(song: Song, options: ExportOptions) -> list[Event]:
    """Title, copyright, provenance, tempo, metre, key and markers, in that order at tick 0."""
    events = [meta(0, TRACK_NAME, encode_text(song.title, options.encoding), Rank.NAME)]
    if options.copyright:
        events.append(meta(0, COPYRIGHT, encode_text(options.copyright, options.encoding)))
    note = provenance_text(song)
    if note:
        events.append(meta(0, TEXT, encode_text(note, options.encoding)))
    events += _tempos(song.time_map) + _metres(song.time_map) + _keys(song.time_map)
    return events + _markers(song, options)


def provenance_text(song: Song) -> str:
    """How much of the song was offered by the engine and taken by the artist; empty if nothing was."""
    taken = (Origin.TAKEN, Origin.EDITED)
    notes = [note.origin in taken for note in song.notes()]
    chords = [span.origin in taken for span in song.chords]
    if not any(notes) and not any(chords):
        return ""
    text = f"AI-assisted: {sum(notes)} of {len(notes)} notes"
    if any(chords):
        text += f" and {sum(chords)} of {len(chords)} chords"
    return text + " were suggested by Understudy and accepted by the artist"


def _tempos(time_map: TimeMap) -> list[Event]:
    return [
        meta(tempo.tick, SET_TEMPO, min(tempo.us_per_quarter, _MAX_US).to_bytes(3))
        for tempo in time_map.tempos
    ]


def _metres(time_map: TimeMap) -> list[Event]:
    """A pickup is written as a first bar of its own length, where a metre can say that length."""
    changes = [(change.tick, change.metre) for change in time_map.metres]
    pickup = time_map.pickup_ticks
    if pickup and (len(changes) < 2 or changes[1][0] > pickup):
        changes.insert(1, (pickup, changes[0][1]))
        changes[0] = (0, _short_metre(pickup) or changes[0][1])
    events = [_metre_event(tick, metre) for tick, metre in changes]
    return [*events, meta(0, TEXT, b"Pickup: %d ticks" % pickup)] if pickup else events


def _short_metre(ticks: int) -> Metre | None:
    """The metre whose bar is so long, in the longest beat that fits; None if there is none."""
    for denominator in (4, 8, 16, 32, 64):
        beat = Metre(1, denominator).beat_ticks
        if ticks % beat == 0 and ticks // beat <= 255:
            return Metre(ticks // beat, denominator)
    return None


def _metre_event(tick: int, metre: Metre) -> Event:
    clicks = metre.pulse_ticks // 20  # MIDI clocks (24 a quarter) a metronome click
    content = bytes((metre.numerator, metre.denominator.bit_length() - 1, min(max(clicks, 1), 255), 8))
    return meta(tick, TIME_SIGNATURE, content)


def _keys(time_map: TimeMap) -> list[Event]:
    events = []
    for change in time_map.keys:
        events.append(meta(change.tick, KEY_SIGNATURE, _signature(change.key)))
        if change.key.mode not in (Mode.MAJOR, Mode.MINOR):
            events.append(meta(change.tick, TEXT, f"Key: {_ascii(change.key.name)}".encode()))
    return events


def _signature(key: Key) -> bytes:
    is_minor = key.mode.is_minor
    return (key.fifths & 0xFF).to_bytes(1) + bytes((int(is_minor),))


def _ascii(name: str) -> str:
    return name.replace("♯", "#").replace("♭", "b")


def _markers(song: Song, options: ExportOptions) -> list[Event]:
    """The song's markers, then section names, then chords; the same text never twice at a tick."""
    texts = [(marker.tick, marker.text) for marker in song.markers]
    if Extra.SECTION_MARKERS in options.extras:
        texts += [(song.time_map.bar_start(section.start_bar), section.name) for section in song.sections]
    if Extra.CHORD_MARKERS in options.extras:
        texts += [
            (span.start_ticks, chord_symbol(span.chord, song.key_at(span.start_ticks)))
            for span in song.chords
        ]
    return [meta(tick, MARKER, encode_text(text, options.encoding)) for tick, text in dict.fromkeys(texts)]
