"""What does the artist's melody look like to the melody engine?

A Sketch is the request understood: which track is the melody, its top line on the model's grid, the bars, the
key, the chords under every bar, the artist's range, rhythm vocabulary, touch, and what in the region must
stay.
"""

import itertools
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median
from typing import NamedTuple

from engine.analysis.keys import read_key
from engine.analysis.pitchgrid import pitch_grid
from engine.api.errors import BadRequestError, ImpossibleError
from engine.api.suggestion import SuggestionRequest
from engine.generation.melody.harmony import ChordTone, chord_tone
from engine.generation.melody.line import GRID, SONG_TICKS, Event, Line, home_tonic
from engine.generation.melody.quantise import is_exact, snap_offsets
from engine.generation.melody.scales import allowed_degrees, own_colours, scale_of
from engine.generation.melody.tables import PITCH_HIGH, PITCH_LOW
from engine.music import Key, MusicError, Note, Song, Track
from engine.music.tunes import top_line, tune_track

MAX_REGION_BARS = 64
MAX_BAR_TICKS = 480 * 16
CONTEXT_BARS = 64
_DEFAULT_MEAN = 69.0
_PLAYABLE = (36, 96)


class Bar(NamedTuple):
    """A bar of the song: first tick, length in ticks, and where in a full bar it begins (pickups), on the
    grid.
    """

    start: int
    ticks: int
    lead: int

    @property
    def end(self) -> int:
        return self.start + self.ticks

    @property
    def grid_end(self) -> int:
        """The first grid offset after the bar."""
        return self.lead + -(-self.ticks // SONG_TICKS)


class Placed(NamedTuple):
    """A note of the artist's top line, with its place on the grid (pitch above the sketch's tonic)."""

    event: Event
    note: Note


@dataclass
class Sketch:
    """Everything the melody kinds need to know; pitches in events are relative to `tonic`, a MIDI pitch."""

    song: Song
    track: Track | None
    first_bar: int
    last_bar: int
    key: Key
    tonic: int
    low: int
    high: int
    origin: int
    bars: dict[int, Bar]
    placed: list[Placed]
    before: Line
    scale: frozenset[int] = frozenset()
    colours: frozenset[int] = frozenset()
    is_exact: bool = True
    is_range_asked: bool = False
    durations: frozenset[int] = frozenset()
    offsets: frozenset[int] = frozenset()
    legato: float = 1.0
    accents: tuple[int, int] = (88, 78)
    rests: frozenset[int] = frozenset()
    repeats: float = 0.15
    max_leap: int = 9
    fixed: list[Note] = field(default_factory=list)
    busy_until: int = 0

    @property
    def start(self) -> int:
        return self.bars[self.first_bar].start

    @property
    def end(self) -> int:
        return self.bars[self.last_bar].end

    @property
    def region_bars(self) -> range:
        return range(self.first_bar, self.last_bar + 1)

    def allowed(self, bar: int, offset: int) -> frozenset[int]:
        """Degrees a melody may sound there: the artist's scale and the chord."""
        return allowed_degrees(self.key, self.scale, self.colours, self.before.chord_at(bar, offset))

    def inside(self) -> list[Placed]:
        """The artist's top line in the region."""
        return [placed for placed in self.placed if self.start <= placed.note.start_ticks < self.end]

    @cached_property
    def _starts(self) -> list[int]:
        return [placed.note.start_ticks for placed in self.placed]

    @cached_property
    def by_bar(self) -> dict[int, list[Placed]]:
        """The artist's notes by the bar they begin in."""
        found: dict[int, list[Placed]] = {}
        for placed in self.placed:
            found.setdefault(placed.event.bar, []).append(placed)
        return found

    @cached_property
    def fixed_places(self) -> frozenset[tuple[int, int]]:
        """Bar and offset of what stays."""
        fixed = set(self.fixed)
        return frozenset((one.event.bar, one.event.offset) for one in self.placed if one.note in fixed)

    def next_after(self) -> Placed | None:
        """The artist's first note after the region."""
        index = bisect_left(self._starts, self.end)
        return self.placed[index] if index < len(self.placed) else None

    def last_before(self) -> Placed | None:
        """The artist's last note before the region."""
        index = bisect_left(self._starts, self.start)
        return self.placed[index - 1] if index else None

    def bars_with_notes(self, low: int, high: int) -> list[int]:
        """Numbers of the bars low..high-1 (on the line's count) in which a note of the artist begins."""
        return [bar for bar in range(low, high) if bar in self.by_bar]

    def tick_of(self, bar: int, offset: int) -> int:
        """The song tick of a grid place, never past the end of its bar."""
        where = self.bars[bar]
        return min(where.start + (offset - where.lead) * SONG_TICKS, where.end)

    def label(self, bar: int) -> str:
        """The number of a bar as people read it."""
        return self.song.time_map.bar_label(bar + self.origin)


def read_sketch(request: SuggestionRequest) -> Sketch:
    """The request understood. Raises BadRequestError or ImpossibleError with one sentence."""
    song, region = request.song, request.region
    _check_region(request)
    track = melody_track(request)
    notes = top_line(track.notes) if track else []
    key = _key(song, region.start_bar)
    origin = 1 if song.time_map.pickup_ticks else 0
    bars = _bars(song, origin, max(song.bars, region.end_bar) + 1)
    heights = [note.pitch for note in notes] or _range_heights(request)
    low, high = _range(request, heights)
    tonic = _tonic(key, heights, low, high)
    offsets = [note.start_ticks - _bar_at(song, note.start_ticks, bars, origin)[1].start for note in notes]
    exact = is_exact(offsets)
    placed = _place(song, notes, bars, origin, tonic, exact)
    sketch = Sketch(
        song,
        track,
        region.start_bar - origin,
        region.end_bar - 1 - origin,
        key,
        tonic,
        low - tonic,
        high - tonic,
        origin,
        bars,
        placed,
        Line(96),
        scale_of((note.pitch for note in notes), key),
        is_exact=exact,
        is_range_asked=request.controls.range is not None,
    )
    sketch.colours = own_colours((note.pitch for note in notes), key, sketch.scale)
    sketch.before = _line_before(sketch)
    _learn_touch(sketch)
    _find_fixed(sketch, request)
    return sketch


def _check_region(request: SuggestionRequest) -> None:
    region, time_map = request.region, request.song.time_map
    if region.start_bar < 0 or region.end_bar <= region.start_bar:
        raise BadRequestError("Choose at least one bar of the song.")
    if region.bars > MAX_REGION_BARS:
        raise ImpossibleError(f"Choose at most {MAX_REGION_BARS} bars at a time.")
    if max(time_map.bar_ticks(bar) for bar in range(region.start_bar, region.end_bar)) > MAX_BAR_TICKS:
        raise ImpossibleError("Bars as long as these are too long to write a melody in; check the metre.")


def melody_track(request: SuggestionRequest) -> Track | None:
    """The track that is named, else the one that carries the tune. Raises BadRequestError."""
    song = request.song
    named = request.track_id or (request.region.track_ids[0] if len(request.region.track_ids) == 1 else 0)
    if named:
        try:
            return song.track(named)
        except MusicError as error:
            raise BadRequestError(str(error)) from error
    return tune_track(song)


def _key(song: Song, bar: int) -> Key:
    known = song.time_map.key_at(song.time_map.bar_start(bar))
    if known is not None or not any(track.notes for track in song.tracks):
        return known or song.key
    return read_key(song, pitch_grid(song)).key


def _range_heights(request: SuggestionRequest) -> list[int]:
    limits = request.controls.range
    return [round(sum(limits) / 2)] if limits else [round(_DEFAULT_MEAN)]


def _range(request: SuggestionRequest, heights: list[int]) -> tuple[int, int]:
    limits = request.controls.range
    if limits is not None:
        low, high = max(0, limits[0]), min(127, limits[1])
        if high - low < 4:
            raise ImpossibleError("The range is too narrow for a melody; allow at least a third.")
        return low, high
    ordered = sorted(heights)
    low, high = ordered[len(ordered) // 50], ordered[-1 - len(ordered) // 50]
    spare = max(2, (14 - (high - low)) // 2)
    low = min(max(low - spare, 0), max(ordered[0], _PLAYABLE[0]))
    return max(0, low), min(127, max(high + spare, low + 12, min(ordered[-1], _PLAYABLE[1])))


def _tonic(key: Key, heights: list[int], low: int, high: int) -> int:
    """The octave of the tonic the melody is at home in, such that low..high stays inside the
    model's pitches.
    """
    mean = sum(heights) / len(heights)
    tonic = home_tonic(key.tonic, min(max(mean, low), high))
    while tonic + PITCH_LOW > low and tonic >= 12:
        tonic -= 12
    while tonic + PITCH_HIGH < high and tonic + PITCH_LOW + 12 <= low:
        tonic += 12
    return tonic


def _bars(song: Song, origin: int, count: int) -> dict[int, Bar]:
    """The bars by the line's count: the first full bar is 0, a pickup -1."""
    time_map = song.time_map
    found = {}
    for bar in range(count):
        start = time_map.bar_start(bar)
        ticks = time_map.bar_start(bar + 1) - start
        lead = -(-(time_map.metrical_offset(start)) // SONG_TICKS)
        found[bar - origin] = Bar(start, ticks, lead)
    return found


def _bar_at(song: Song, tick: int, bars: dict[int, Bar], origin: int) -> tuple[int, Bar]:
    bar = max(0, song.time_map.bar_of(tick)) - origin
    return bar, bars[bar]


def _place(
    song: Song, notes: list[Note], bars: dict[int, Bar], origin: int, tonic: int, exact: bool
) -> list[Placed]:
    """The notes on the grid; each lasts until the next one or, after a clear gap, until it was let go."""
    places: list[tuple[int, int]] = []
    by_bar: dict[int, list[Note]] = {}
    for note in notes:
        by_bar.setdefault(_bar_at(song, note.start_ticks, bars, origin)[0], []).append(note)
    for bar, found in by_bar.items():
        where = bars[bar]
        snapped = snap_offsets([note.start_ticks - where.start for note in found], where.ticks, exact)
        for offset in snapped:
            place = (bar, offset + where.lead)
            if place[1] >= where.grid_end and bar + 1 in bars:
                place = (bar + 1, bars[bar + 1].lead)
            places.append(place)
    placed: list[Placed] = []
    for number, (note, (bar, offset)) in enumerate(zip(notes, places, strict=True)):
        following = places[number + 1] if number + 1 < len(places) else None
        if following == (bar, offset):
            continue
        duration = _duration(note, bars, (bar, offset), following)
        placed.append(Placed(Event(bar, offset, duration, note.pitch - tonic), note))
    return placed


def _duration(
    note: Note, bars: dict[int, Bar], place: tuple[int, int], following: tuple[int, int] | None
) -> int:
    start = bars[place[0]].start + (place[1] - bars[place[0]].lead) * SONG_TICKS
    sounding = max(1, round(note.duration_ticks / SONG_TICKS))
    if following is None:
        return max(3, 6 * round(sounding / 6))
    until = bars[following[0]].start + (following[1] - bars[following[0]].lead) * SONG_TICKS
    room = max(1, round((until - start) / SONG_TICKS))
    if room - sounding < 6 or (sounding >= 0.5 * room and room - sounding < GRID // 2):
        return room
    return min(room, max(3, 3 * round(sounding / 3)))


def _line_before(sketch: Sketch) -> Line:
    """The artist's bars before the region as a line, with the chords of the whole song under it."""
    time_map = sketch.song.time_map
    metre = time_map.metre_at(sketch.start)
    line = Line(-(-metre.bar_ticks // SONG_TICKS), metre.numerator % 3 == 0, sketch.key.mode.is_minor)
    spans = sketch.song.chords
    for number, span in enumerate(spans):
        _lay_chord(line, sketch, span.start_ticks, chord_tone(span.chord, sketch.tonic))
        if number + 1 == len(spans) or spans[number + 1].start_ticks > span.end_ticks:
            _lay_chord(line, sketch, span.end_ticks, None)
    earlier = [placed.event for placed in sketch.placed if placed.note.start_ticks < sketch.start]
    extend_line(line, [e for e in earlier if e.bar >= sketch.first_bar - CONTEXT_BARS], sketch)
    return line


def _lay_chord(line: Line, sketch: Sketch, tick: int, chord: ChordTone | None) -> None:
    bar = sketch.song.time_map.bar_of(tick) - sketch.origin
    if bar in sketch.bars:
        where = sketch.bars[bar]
        line.add_chord(bar, where.lead + round((tick - where.start) / SONG_TICKS), chord)


def extend_line(line: Line, events: list[Event], sketch: Sketch) -> None:
    """Appends notes to the line, with rests where nothing sounds."""
    for number, event in enumerate(events):
        line.append(event)
        room = _room(event, events[number + 1], sketch) if number + 1 < len(events) else event.duration
        if room > event.duration:
            bar, offset = event.bar, event.offset + event.duration
            while bar in sketch.bars and offset >= sketch.bars[bar].grid_end and bar + 1 in sketch.bars:
                offset -= sketch.bars[bar].grid_end - sketch.bars[bar + 1].lead
                bar += 1
            line.append(Event(bar, offset, room - event.duration, None))


def _room(event: Event, following: Event, sketch: Sketch) -> int:
    """Grid ticks from one event's start to the next one's."""
    room = following.offset - event.offset
    for bar in range(event.bar, following.bar):
        room += sketch.bars[bar].grid_end - sketch.bars[bar + 1].lead
    return room


def _learn_touch(sketch: Sketch) -> None:
    """The artist's rhythm vocabulary, articulation, accents and leaps."""
    events = [placed.event for placed in sketch.placed]
    if not events:
        return
    sketch.durations = frozenset(event.duration for event in events)
    sketch.offsets = frozenset(event.offset for event in events)
    leaps = [abs((b.pitch or 0) - (a.pitch or 0)) for a, b in itertools.pairwise(events)]
    sketch.rests = frozenset(e.offset for e in sketch.before.events if e.pitch is None)
    if len(leaps) >= 8:
        sketch.repeats = sum(leap == 0 for leap in leaps) / len(leaps)
    sketch.max_leap = min(12, max(7, *leaps, 0)) if leaps else 9
    gates = [p.note.duration_ticks / (p.event.duration * SONG_TICKS) for p in sketch.placed]
    sketch.legato = min(1.0, max(0.4, median(gates)))
    strong = [p.note.velocity for p in sketch.placed if p.event.offset % GRID == 0]
    weak = [p.note.velocity for p in sketch.placed if p.event.offset % GRID]
    middle = round(median(p.note.velocity for p in sketch.placed))
    sketch.accents = (
        round(median(strong)) if strong else middle,
        round(median(weak)) if weak else max(1, middle - 4),
    )


def _find_fixed(sketch: Sketch, request: SuggestionRequest) -> None:
    """The notes that must stand as they are, and until when a note from before sounds into the region."""
    sketch.busy_until = sketch.start
    if sketch.track is None:
        return
    for note in sketch.track.notes:
        if note.start_ticks < sketch.start:
            sketch.busy_until = max(sketch.busy_until, note.end_ticks)
        elif note.start_ticks < sketch.end and is_fixed(note, request):
            sketch.fixed.append(note)


def is_fixed(note: Note, request: SuggestionRequest) -> bool:
    """Locked, named to be kept, or outside the notes the request is about."""
    chosen = request.region.note_ids
    return (
        note.locked or note.id in request.controls.keep_note_ids or (bool(chosen) and note.id not in chosen)
    )
