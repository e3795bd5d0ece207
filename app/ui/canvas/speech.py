"""What would a musician call it? Notes, bars and selections in words, for screen readers and the status line.

>>> from engine.music import Note, Song
>>> note_in_words(Song(), Note(1, 0, 480, 60))
'Note C4, bar 1 beat 1, one beat'
"""

from collections.abc import Sequence
from fractions import Fraction

from app.ui.canvas.drumkit import drum_name
from engine.music import ChordSpan, Key, Note, Role, Song

_SMALL = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
_FRACTIONS = {
    Fraction(1, 2): "half a beat",
    Fraction(1, 4): "a quarter of a beat",
    Fraction(3, 4): "three quarters of a beat",
    Fraction(1, 8): "an eighth of a beat",
    Fraction(1, 3): "a third of a beat",
    Fraction(2, 3): "two thirds of a beat",
    Fraction(1, 6): "a sixth of a beat",
    Fraction(3, 2): "one and a half beats",
}


def pitch_name(pitch: int, key: Key) -> str:
    """`E♭4` for 63 in E♭ major; middle C is C4, and C♭5 is the B below C5."""
    name = key.spell(pitch % 12)
    shift = name.count("♯") - name.count("♭")
    return f"{name}{(pitch - shift) // 12 - 1}"


def position_in_words(song: Song, tick: int) -> str:
    """`bar 9 beat 1`, and `and a half` and such for places between beats."""
    position = song.time_map.position(tick)
    label = song.time_map.bar_label(position.bar)
    text = f"bar {label} beat {position.beat + 1}"
    return text if position.tick == 0 else f"{text} and {length_in_words(song, tick, position.tick)}"


def length_in_words(song: Song, tick: int, ticks: int) -> str:
    """`one beat`, `half a beat`, `1.38 beats`."""
    beats = Fraction(ticks, song.time_map.metre_at(tick).beat_ticks)
    if beats in _FRACTIONS:
        return _FRACTIONS[beats]
    if beats.denominator == 1:
        number = _SMALL.get(int(beats), str(int(beats)))
        return f"{number} beat" if beats == 1 else f"{number} beats"
    return f"{float(beats):.3g} beats"


def note_in_words(song: Song, note: Note, role: Role = Role.OTHER) -> str:
    """`Note E♭4, bar 9 beat 1, one beat`, `locked` said last."""
    if role is Role.DRUMS:
        what = drum_name(note.pitch)
    else:
        what = f"Note {pitch_name(note.pitch, song.key_at(note.start_ticks))}"
    where = position_in_words(song, note.start_ticks)
    words = f"{what}, {where}, {length_in_words(song, note.start_ticks, note.duration_ticks)}"
    return f"{words}, locked" if note.locked else words


def notes_in_words(song: Song, notes: Sequence[Note], role: Role = Role.OTHER) -> str:
    """One note in full, several by number and place, none as such."""
    if not notes:
        return "No notes selected"
    if len(notes) == 1:
        return note_in_words(song, notes[0], role)
    first = min(note.start_ticks for note in notes)
    last = max(note.end_ticks for note in notes) - 1
    bars = bars_in_words(song, song.time_map.bar_of(first), song.time_map.bar_of(last) + 1)
    return f"{len(notes)} notes, {bars}"


def bars_in_words(song: Song, start_bar: int, end_bar: int) -> str:
    """`bar 9` or `bars 9 to 12`."""
    first, last = song.time_map.bar_label(start_bar), song.time_map.bar_label(end_bar - 1)
    return f"bar {first}" if end_bar - start_bar == 1 else f"bars {first} to {last}"


def chord_in_words(song: Song, span: ChordSpan, roman: str) -> str:
    """`Chord Cm7, vi, bar 2 beat 1, four beats`."""
    symbol = span.chord.lead_sheet(song.key_at(span.start_ticks))
    where = position_in_words(song, span.start_ticks)
    length = length_in_words(song, span.start_ticks, span.duration_ticks)
    words = f"Chord {symbol}, {roman}, {where}, {length}"
    return f"{words}, locked" if span.locked else words
