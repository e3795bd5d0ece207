"""Where in the song do the events of a sheet sound?

The way back from songs.py: notes over a barline become one note again, chords that go on one chord, pitches
and roots return to the song's key. A note or chord the song has already at that very place is handed back as
it is, with its own times.

>>> from engine.generation.language.grid import Sheet, SheetBar
>>> from engine.generation.language.songs import read_song
>>> from engine.music import Key, Song
>>> reading = read_song(Song(), 0, 1, {}, Key(2))
>>> sheet = Sheet((SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(0, 24, 60),)}),), shift=2)
>>> placed_notes(reading, sheet, Stream.MELODY)
[PlacedNote(start_ticks=0, duration_ticks=480, pitch=62, source=None)]
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from engine.generation.language.grid import SONG_TICKS, ChordEvent, NoteEvent, Sheet, Stream
from engine.generation.language.songs import Reading
from engine.generation.language.vocabulary import told_quality
from engine.music import NO_CHORD, Chord, ChordSpan, Note


@dataclass(frozen=True, slots=True)
class PlacedNote:
    """A note at song ticks; `source` is the song's own note where it is one."""

    start_ticks: int
    duration_ticks: int
    pitch: int
    source: Note | None = None


@dataclass(frozen=True, slots=True)
class PlacedChord:
    """A chord at song ticks; `source` is the song's own span where it is one."""

    start_ticks: int
    duration_ticks: int
    chord: Chord
    source: ChordSpan | None = None


@dataclass(slots=True)
class _Told:
    """A whole note of the sheet: bar and event it begins with, bar and offset where it ends, grid ticks."""

    bar: int
    event: NoteEvent
    end_bar: int
    end: int
    ticks: int


def placed_notes(
    reading: Reading, sheet: Sheet, stream: Stream, bars: Collection[int] | None = None
) -> list[PlacedNote]:
    """The notes of a stream that begin in the bars of the sheet (None: all), by start and pitch.

    One held on into other bars keeps its whole length; a tie to nothing begins anew.
    """
    known = _known_notes(reading, stream)
    shift = 0 if stream is Stream.DRUMS else sheet.shift
    found = []
    for told in _whole_notes(sheet, stream):
        if bars is not None and told.bar not in bars:
            continue
        ticks, source = known.get((told.bar, told.event.offset, told.event.pitch), (0, None))
        if source is not None and (ticks == told.ticks or stream is Stream.DRUMS):
            found.append(PlacedNote(source.start_ticks, source.duration_ticks, source.pitch, source))
            continue
        start = reading.tick_of(told.bar, told.event.offset)
        end = reading.tick_of(told.end_bar, told.end)
        found.append(PlacedNote(start, max(1, end - start), told.event.pitch + shift))
    return sorted(found, key=lambda note: (note.start_ticks, note.pitch))


def _whole_notes(sheet: Sheet, stream: Stream) -> Iterator[_Told]:
    going_on: dict[int, _Told] = {}
    for bar, told in enumerate(sheet.bars):
        held: dict[int, _Told] = {}
        whole = []
        for event in told.cells.get(stream, ()):
            if not isinstance(event, NoteEvent):
                continue
            note = going_on.pop(event.pitch, None) if event.tied else None
            if note is None:
                note = _Told(bar, event, bar, 0, 0)
            note.end_bar, note.end = bar, event.offset + event.duration
            note.ticks += event.duration
            if note.end >= told.length:
                held[event.pitch] = note
            else:
                whole.append(note)
        yield from whole
        yield from going_on.values()
        going_on = held
    yield from going_on.values()


def _known_notes(reading: Reading, stream: Stream) -> dict[tuple[int, int, int], tuple[int, Note]]:
    """The song's own notes by bar, offset and pitch in the sheet, with their whole length in grid ticks."""
    lengths: dict[int, int] = {}
    begins: dict[int, tuple[tuple[int, int, int], Note]] = {}
    for (bar, told_stream), told in sorted(reading.sources.items()):
        if told_stream is not stream:
            continue
        for event, source in told:
            if isinstance(event, NoteEvent) and isinstance(source, Note):
                lengths[source.id] = lengths.get(source.id, 0) + event.duration
                if not event.tied:
                    begins[source.id] = ((bar, event.offset, event.pitch), source)
    return {place: (lengths[number], source) for number, (place, source) in begins.items()}


def placed_chords(reading: Reading, sheet: Sheet, bars: Collection[int] | None = None) -> list[PlacedChord]:
    """The chords in the bars of the sheet (None: all), in order; the same chord twice in a row is one."""
    found: list[PlacedChord] = []
    for bar, told in enumerate(sheet.bars):
        if bars is not None and bar not in bars:
            continue
        for event in told.cells.get(Stream.CHORDS, ()):
            if isinstance(event, ChordEvent):
                start = reading.tick_of(bar, event.offset)
                end = reading.tick_of(bar, event.offset + event.duration)
                _append(found, start, end, _chord(event, reading))
    spans = {
        source.id: source
        for told in reading.sources.values()
        for _, source in told
        if isinstance(source, ChordSpan)
    }
    return [_recognised(chord, spans.values()) for chord in found]


def _append(found: list[PlacedChord], start: int, end: int, chord: Chord) -> None:
    last = found[-1] if found else None
    if last is not None and last.chord == chord and last.start_ticks + last.duration_ticks == start:
        found[-1] = PlacedChord(last.start_ticks, end - last.start_ticks, chord)
    elif end > start:
        found.append(PlacedChord(start, end - start, chord))


def _chord(event: ChordEvent, reading: Reading) -> Chord:
    if event.root < 0:
        return NO_CHORD
    tonic = reading.key.tonic
    bass = None if event.bass < 0 else (event.bass + tonic) % 12
    return Chord((event.root + tonic) % 12, event.quality, bass)


def _recognised(chord: PlacedChord, spans: Collection[ChordSpan]) -> PlacedChord:
    """The song's own span where it begins and ends there and is told as this chord."""
    for span in spans:
        same_times = abs(span.start_ticks - chord.start_ticks) < SONG_TICKS and (
            abs(span.end_ticks - chord.start_ticks - chord.duration_ticks) < SONG_TICKS
        )
        if same_times and _as_told(span.chord) == chord.chord:
            return PlacedChord(span.start_ticks, span.duration_ticks, span.chord, span)
    return chord


def _as_told(chord: Chord) -> Chord:
    if chord.is_no_chord:
        return NO_CHORD
    return Chord(chord.root, told_quality(chord.quality), chord.bass)
