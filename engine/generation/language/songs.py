"""What does a stretch of a song look like to the model, and what of it must stay?

`read_song` lays bars of a song on the grid of a Sheet: roles become streams (a melody that plays several
voices is its top line), pitches move to tonic C of one key (what modulates inside stays in that key), notes
off the grid are quantised for the model only, bars longer than eight quarters become several. Every event
remembers the note or chord it came from. `question_of` digs the holes: what is locked inside, or sounds
into a hole from outside, becomes a lock; the tails of notes that are replaced vanish behind the hole.

>>> from engine.music import Chord
>>> song = Song(chords=(ChordSpan(1, 0, 1920, Chord.parse("G7")),))
>>> reading = read_song(song, 0, 1, {}, Key(7))
>>> reading.sheet.bars[0].cells[Stream.CHORDS][0].root, reading.sheet.shift
(0, -5)
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from engine.analysis.keys import read_key
from engine.analysis.pitchgrid import pitch_grid
from engine.generation.language.cells import normal_cell
from engine.generation.language.grid import (
    GRID,
    SONG_TICKS,
    Cell,
    ChordEvent,
    NoteEvent,
    Sheet,
    SheetBar,
    Stream,
)
from engine.generation.language.question import Hole, Question, Reference
from engine.generation.language.vocabulary import MOST_TICKS, SECTIONS, Control
from engine.generation.melody.quantise import is_exact, snap_offsets
from engine.music import ChordSpan, Key, Note, Role, Song, Track
from engine.music.tunes import top_line

STREAM_OF_ROLE: Mapping[Role, Stream] = {
    Role.MELODY: Stream.MELODY,
    Role.BASS: Stream.BASS,
    Role.COUNTER: Stream.COUNTER,
    Role.CHORDS: Stream.COMPING,
    Role.PAD: Stream.PAD,
    Role.DRUMS: Stream.DRUMS,
}
_NOTE_VALUES = (3, 6, 9, 12, 18, 24, 36, 48, 72, 96)
_DETACHED = 0.85
"""A note that no other follows sounds for this share of its written value at least."""
_GAP = 6  # grid ticks: a shorter silence after a played note is articulation, not a rest


@dataclass(frozen=True, slots=True)
class BarPlace:
    """Where a bar of the sheet stands: number of its bar in the song, first tick and first tick after."""

    number: int
    start: int
    end: int


Place = tuple[int, Stream]
Source = Note | ChordSpan
Told = tuple[NoteEvent | ChordEvent, Source]


@dataclass(frozen=True)
class Reading:
    """Bars of a song as a sheet. `sources` has, by bar and stream, every event with the note or chord it
    is of; `tracks` which track each stream is.
    """

    sheet: Sheet
    places: tuple[BarPlace, ...]
    key: Key
    tracks: Mapping[Stream, Track]
    sources: Mapping[Place, Sequence[Told]] = field(default_factory=dict)
    bars_left: int = -1

    def bars_of(self, start_bar: int, end_bar: int) -> range:
        """The bars of the sheet that are bars `start_bar` to before `end_bar` of the song."""
        inside = [n for n, place in enumerate(self.places) if start_bar <= place.number < end_bar]
        return range(inside[0], inside[-1] + 1) if inside else range(0)

    def tick_of(self, bar: int, offset: int) -> int:
        """The song tick of a place, never past the end of its bar."""
        place = self.places[bar]
        return min(place.start + offset * SONG_TICKS, place.end)


def read_song(
    song: Song,
    start_bar: int,
    end_bar: int,
    tracks: Mapping[Stream, Track] | None = None,
    key: Key | None = None,
    style: str = "",
) -> Reading:
    """Bars `start_bar` to before `end_bar` (they may lie past the song's end).

    `tracks`: which track is which stream, else the first of each role. `key`: else `key_of` the first bar.
    """
    places = _places(song, start_bar, end_bar)
    tracks = tracks_by_role(song) if tracks is None else tracks
    key = key or key_of(song, start_bar)
    shift = key.tonic if key.tonic <= 6 else key.tonic - 12
    sources = _chord_sources(song, places, key)
    for stream, track in tracks.items():
        sources |= _note_sources(track, stream, places, 0 if stream is Stream.DRUMS else shift)
    bars = tuple(_bar(song, place, number, sources) for number, place in enumerate(places))
    sheet = Sheet(
        bars,
        key.mode,
        shift,
        style,
        song.time_map.tempo_at(places[0].start).bpm,
        _first_full(song, start_bar),
    )
    return Reading(sheet, places, key, tracks, sources, max(-1, song.bars - end_bar))


def tracks_by_role(song: Song) -> dict[Stream, Track]:
    """The first track of every role the language knows."""
    found: dict[Stream, Track] = {}
    for track in song.tracks:
        if track.role in STREAM_OF_ROLE:
            found.setdefault(STREAM_OF_ROLE[track.role], track)
    return found


def question_of(
    reading: Reading,
    holes: Mapping[int, Hole],
    is_locked: Callable[[Source], bool] = lambda source: source.locked,
    controls: Mapping[int, Mapping[Control, int]] | None = None,
    references: Mapping[int, Reference] | None = None,
) -> Question:
    """The question with these cells hidden, by bar of the sheet.

    What is locked in them, or sounds into them from outside, is told as locks; of what is replaced nothing
    is left behind the holes.
    """
    whole = tuple(holes.get(bar, frozenset()) for bar in range(len(reading.sheet.bars)))
    locks: dict[int, dict[Stream, Cell]] = {}
    bars = list(reading.sheet.bars)
    for (bar, stream), told in reading.sources.items():
        kept = [pair for pair in told if _stays(reading, whole, pair[1], bar, stream, is_locked)]
        if stream not in whole[bar]:
            if len(kept) < len(told):
                bars[bar] = _with(bars[bar], stream, kept)
        elif kept:
            locks.setdefault(bar, {})[stream] = _locked(stream, kept, bars[bar].length)
    sheet = replace(reading.sheet, bars=tuple(bars))
    return Question(sheet, whole, controls or {}, locks, references or {}, reading.bars_left)


def _stays(
    reading: Reading,
    holes: Sequence[Hole],
    source: Source,
    bar: int,
    stream: Stream,
    is_locked: Callable[[Source], bool],
) -> bool:
    """Locked, or begun outside the holes (chords: what of them stands in a hole is replaced)."""
    hidden = stream in holes[bar]
    if is_locked(source) or isinstance(source, ChordSpan):
        return not hidden or is_locked(source)
    first = bisect_right(reading.places, source.start_ticks, key=lambda place: place.start) - 1
    return first < 0 or stream not in holes[first]


# bars --------------------------------------------------------------------------------


def _places(song: Song, start_bar: int, end_bar: int) -> tuple[BarPlace, ...]:
    found = []
    for number in range(start_bar, end_bar):
        start, end = song.time_map.bar_start(number), song.time_map.bar_end(number)
        for first, after in _pieces(start, end, song.time_map.metre_at(start).beat_ticks):
            found.append(BarPlace(number, first, after))
    return tuple(found)


def _pieces(start: int, end: int, beat: int) -> Iterable[tuple[int, int]]:
    """A bar, or the parts of one that is longer than the language can tell, cut at a beat."""
    most = MOST_TICKS * SONG_TICKS
    step = most // beat * beat
    while end - start > most:
        yield start, start + step
        start += step
    yield start, end


def _first_full(song: Song, start_bar: int) -> int:
    """Index of the first bar of the song that is no pickup, from the first bar of the sheet."""
    pickups = 1 if song.time_map.pickup_ticks else 0
    if start_bar <= pickups:
        return pickups - start_bar
    return -len(_places(song, pickups, start_bar))


def _bar(song: Song, place: BarPlace, number: int, sources: Mapping[Place, Sequence[Told]]) -> SheetBar:
    metre = song.time_map.metre_at(place.start)
    length = _length(place)
    section = song.section_at_bar(place.number)
    name = section.kind.value if section is not None and section.kind.value in SECTIONS[:-1] else ""
    cells = {
        stream: _cell(stream, sources[number, stream], length)
        for stream in Stream
        if (number, stream) in sources
    }
    return SheetBar((metre.numerator, metre.denominator), length, cells, name)


def _length(place: BarPlace) -> int:
    return -(-(place.end - place.start) // SONG_TICKS)


def _cell(stream: Stream, told: Sequence[Told], length: int) -> Cell:
    return normal_cell(stream, [event for event, _ in told], length)


def _locked(stream: Stream, told: Sequence[Told], length: int) -> Cell:
    """Events that must stay; chords without the gaps between them."""
    cell = _cell(stream, told, length)
    return tuple(e for e in cell if isinstance(e, ChordEvent) and e.root >= 0) or cell


def _with(bar: SheetBar, stream: Stream, told: Sequence[Told]) -> SheetBar:
    return replace(bar, cells={**bar.cells, stream: _cell(stream, told, bar.length)})


def key_of(song: Song, bar: int) -> Key:
    """The key written at the bar, else what the notes say; C major for an empty song."""
    if song.time_map.keys or not any(track.notes for track in song.tracks):
        return song.key_at(song.time_map.bar_start(bar))
    return read_key(song, pitch_grid(song)).key


# chords ------------------------------------------------------------------------------


def _chord_sources(song: Song, places: Sequence[BarPlace], key: Key) -> dict[Place, list[Told]]:
    """Bars in which no chord is known have no cell."""
    found: dict[Place, list[Told]] = {}
    for number, place in enumerate(places):
        inside = [s for s in song.chords if s.start_ticks < place.end and s.end_ticks > place.start]
        told: list[Told] = [(_chord_event(span, place, key), span) for span in inside]
        if told:
            found[number, Stream.CHORDS] = told
    return found


def _chord_event(span: ChordSpan, place: BarPlace, key: Key) -> ChordEvent:
    offset = round((max(span.start_ticks, place.start) - place.start) / SONG_TICKS)
    end = (
        _length(place) if span.end_ticks >= place.end else round((span.end_ticks - place.start) / SONG_TICKS)
    )
    offset = min(offset, _length(place) - 1)
    duration = max(1, end - offset)
    if span.chord.is_no_chord:
        return ChordEvent(offset, duration, -1, "N")
    bass = -1 if span.chord.bass is None else key.relative(span.chord.bass)
    return ChordEvent(offset, duration, key.relative(span.chord.root), span.chord.quality, bass)


# notes -------------------------------------------------------------------------------


def _note_sources(
    track: Track, stream: Stream, places: Sequence[BarPlace], shift: int
) -> dict[Place, list[Told]]:
    """From the first bar with a note to the last every bar has a cell, a silent one too."""
    notes = top_line(track.notes) if stream.is_line else track.notes
    grid = _Grid(places)
    inside = [note for note in notes if note.sounds_in(places[0].start, places[-1].end)]
    found: dict[Place, list[Told]] = {}
    for note, (start, end) in zip(inside, grid.spans(inside, stream), strict=True):
        pitch = _inside_midi(note.pitch - shift)
        for bar, first, after in grid.cut(start, end):
            if stream is not Stream.DRUMS or first == start:
                event = NoteEvent(first - grid.edges[bar], after - first, pitch, first > start)
                found.setdefault((bar, stream), []).append((event, note))
    sounding = [
        bar for bar, place in enumerate(places) if track.notes and _overlaps(track, place.start, place.end)
    ]
    for bar in sounding:
        found.setdefault((bar, stream), [])
    return found


def _overlaps(track: Track, start: int, end: int) -> bool:
    """Whether the stretch lies between the track's first note and its last."""
    return track.notes[0].start_ticks < end and track.end_ticks > start


def _inside_midi(pitch: int) -> int:
    return pitch + 12 if pitch < 0 else pitch - 12 if pitch > 127 else pitch


class _Grid:
    """Ticks of the grid counted through all bars; `edges` are the barlines."""

    def __init__(self, places: Sequence[BarPlace]) -> None:
        self.places = places
        self.edges = [0, *accumulate(_length(place) for place in places)]
        self._starts = [place.start for place in places]

    def bar_at(self, tick: int) -> int:
        """The bar of a song tick (the nearest one for ticks outside)."""
        return max(0, bisect_right(self._starts, tick) - 1)

    def place(self, tick: int) -> int:
        """The grid tick nearest to a song tick."""
        bar = self.bar_at(tick)
        into = round((tick - self.places[bar].start) / SONG_TICKS)
        return self.edges[bar] + min(into, self.edges[bar + 1] - self.edges[bar])

    def cut(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Bar, first and last tick of every piece of a stretch."""
        bar = max(0, bisect_right(self.edges, start) - 1)
        while bar < len(self.places) and self.edges[bar] < end:
            yield bar, max(start, self.edges[bar]), min(end, self.edges[bar + 1])
            bar += 1

    def spans(self, notes: Sequence[Note], stream: Stream) -> list[tuple[int, int]]:
        """Where each note begins and ends; played notes as they were meant."""
        starts = self._beginnings(notes)
        if is_exact([note.end_ticks - self.places[self.bar_at(note.end_ticks)].start for note in notes]):
            ends = [self.place(note.end_ticks) for note in notes]
        else:
            following = [*starts[1:], starts[-1] + 8 * GRID] if starts else []
            ends = [
                start + _meant(note, after - start if stream.is_line else MOST_TICKS)
                for note, start, after in zip(notes, starts, following, strict=True)
            ]
        return [(start, max(end, start + 1)) for start, end in zip(starts, ends, strict=True)]

    def _beginnings(self, notes: Sequence[Note]) -> list[int]:
        by_bar: dict[int, list[int]] = {}
        for number, note in enumerate(notes):
            by_bar.setdefault(self.bar_at(note.start_ticks), []).append(number)
        offsets = {
            bar: [notes[number].start_ticks - self.places[bar].start for number in numbers]
            for bar, numbers in by_bar.items()
        }
        exact = is_exact([offset for found in offsets.values() for offset in found])
        starts = [0] * len(notes)
        for bar, numbers in by_bar.items():
            ticks = self.places[bar].end - self.places[bar].start
            snapped = snap_offsets(offsets[bar], ticks, exact)
            for number, offset in zip(numbers, snapped, strict=True):
                starts[number] = self.edges[bar] + min(offset, self.edges[bar + 1] - self.edges[bar])
        return starts


def _meant(note: Note, room: int) -> int:
    """Grid ticks a played note was meant to last: a small gap before the next one is articulation."""
    sounding = max(1, round(note.duration_ticks / SONG_TICKS))
    if room - sounding < _GAP or (sounding >= room / 2 and room - sounding < GRID // 2):
        return max(1, room) if room < MOST_TICKS else sounding
    written = (value for value in _NOTE_VALUES if sounding <= value <= sounding / _DETACHED)
    return min(room, next(written, max(3, 3 * round(sounding / 3))))
