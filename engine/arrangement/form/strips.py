"""What can be done with a stretch of a sketch before it becomes a section: cut, repeat, turn, lay out.

A Strip is some bars with their chords and the artist's notes, counted from tick 0. Notes and chords keep id,
origin and source, so that every copy tells where it comes from; what is made here has id 0 and origin taken.
All functions are pure: strip in, strip out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate

from engine.music import Chord, ChordSpan, Metre, MetreChange, Note, Origin, Role, Song, TimeMap, Track
from engine.music.note import note_order
from engine.music.progression import clip_spans, merge_repeats
from engine.music.timemap import KeyChange

_JITTER_TICKS = 60  # how early a note may be played and still belong to the bar it is played into


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar's metre and length; `source` is the bar of the sketch it was, -1 for new ones."""

    metre: Metre
    ticks: int
    source: int = -1


@dataclass(frozen=True, slots=True)
class Strip:
    """`lines`: notes by the track of the sketch they belong to. `new_roles`: roles whose notes no longer fit
    from bar `new_from` on and have to be played anew."""

    bars: tuple[Bar, ...]
    lines: Mapping[int, tuple[Note, ...]] = field(default_factory=dict)
    chords: tuple[ChordSpan, ...] = ()
    new_roles: frozenset[Role] = frozenset()
    new_from: int = 0

    def new_ticks(self, role: Role) -> int:
        """From where on the role has to be played anew; the end where all of it fits."""
        return self.edges[self.new_from] if role in self.new_roles else self.ticks

    @property
    def ticks(self) -> int:
        return sum(bar.ticks for bar in self.bars)

    @property
    def edges(self) -> tuple[int, ...]:
        """Where the bars begin, and where the last one ends."""
        return tuple(accumulate((bar.ticks for bar in self.bars), initial=0))

    def line(self, track_id: int) -> tuple[Note, ...]:
        return self.lines.get(track_id, ())

    def with_line(self, track_id: int, notes: Iterable[Note]) -> "Strip":
        return replace(self, lines={**self.lines, track_id: tuple(sorted(notes, key=note_order))})


def strip_of(song: Song, start_bar: int, end_bar: int) -> Strip:
    """Bars of a song. A note played a little before its barline belongs to the bar it is heard in."""
    time_map = song.time_map
    start, end = time_map.bar_start(start_bar), time_map.bar_start(end_bar)
    bars = tuple(
        Bar(time_map.metre_at(time_map.bar_start(n)), time_map.bar_ticks(n), n)
        for n in range(start_bar, end_bar)
    )
    lines = {}
    for track in song.tracks:
        notes = [_moved(n, max(-start, -n.start_ticks)) for n in track.notes if _is_inside(n, start, end)]
        lines[track.id] = tuple(sorted(notes, key=note_order))
    chords = tuple(replace(s, start_ticks=s.start_ticks - start) for s in clip_spans(song.chords, start, end))
    return Strip(bars, lines, chords)


def _is_inside(note: Note, start: int, end: int) -> bool:
    early = _JITTER_TICKS if note.duration_ticks > 2 * _JITTER_TICKS else 0
    return start - (early if start else 0) <= note.start_ticks < end - early


def _moved(note: Note, by: int) -> Note:
    return replace(note, start_ticks=max(0, note.start_ticks + by))


def cut(strip: Strip, first: int, last: int) -> Strip:
    """The bars first to before last, each note ending with them at the latest."""
    edges = strip.edges
    start, end = edges[first], edges[last]

    def inside(notes: tuple[Note, ...]) -> tuple[Note, ...]:
        return tuple(
            replace(
                n,
                start_ticks=n.start_ticks - start,
                duration_ticks=min(n.duration_ticks, end - n.start_ticks),
            )
            for n in notes
            if start <= n.start_ticks < end
        )

    chords = tuple(
        replace(s, start_ticks=s.start_ticks - start) for s in clip_spans(strip.chords, start, end)
    )
    return replace(
        strip,
        bars=strip.bars[first:last],
        lines={track_id: inside(notes) for track_id, notes in strip.lines.items()},
        chords=chords,
    )


def joined(first: Strip, second: Strip) -> Strip:
    """One after the other."""
    by = first.ticks
    ids = dict.fromkeys([*first.lines, *second.lines])
    return Strip(
        (*first.bars, *second.bars),
        {i: (*first.line(i), *(_moved(n, by) for n in second.line(i))) for i in ids},
        (*first.chords, *(replace(s, start_ticks=s.start_ticks + by) for s in second.chords)),
        first.new_roles | second.new_roles,
    )


def repeated(strip: Strip, bars: int) -> Strip:
    """The strip again and again until there are so many bars."""
    whole = strip
    while len(whole.bars) < bars:
        whole = joined(whole, strip)
    return cut(whole, 0, bars)


def turned(strip: Strip) -> Strip:
    """From its middle on, the beginning at the end."""
    middle = len(strip.bars) // 2
    return joined(cut(strip, middle, len(strip.bars)), cut(strip, 0, middle)) if middle else strip


def stretched(strip: Strip) -> Strip:
    """Its first half, twice as slow."""
    half = cut(strip, 0, max(1, len(strip.bars) // 2))
    bars = tuple(bar for bar in half.bars for _ in (0, 1))
    return replace(
        half,
        bars=bars,
        lines={
            i: tuple(
                replace(
                    n,
                    id=0,
                    start_ticks=2 * n.start_ticks,
                    duration_ticks=2 * n.duration_ticks,
                )
                for n in notes
            )
            for i, notes in half.lines.items()
        },
        chords=tuple(
            replace(s, start_ticks=2 * s.start_ticks, duration_ticks=2 * s.duration_ticks)
            for s in half.chords
        ),
    )


def transposed(strip: Strip, semitones: int, is_pitched: Callable[[int], bool]) -> Strip:
    """Everything higher or lower; `is_pitched` tells tracks from drums. Still the artist's notes."""
    lines = {
        i: tuple(replace(n, pitch=_in_compass(n.pitch + semitones)) for n in notes)
        if is_pitched(i)
        else notes
        for i, notes in strip.lines.items()
    }
    chords = tuple(replace(s, chord=s.chord.transposed(semitones)) for s in strip.chords)
    return replace(strip, lines=lines, chords=chords)


def _in_compass(pitch: int) -> int:
    while pitch > 127:
        pitch -= 12
    return pitch


def silent(strip: Strip, track_ids: Iterable[int]) -> Strip:
    """Without these tracks."""
    gone = frozenset(track_ids)
    return replace(strip, lines={i: notes for i, notes in strip.lines.items() if i not in gone})


def over_pedal(strip: Strip, bass: int) -> Strip:
    """The chords over one bass note."""
    chords = tuple(
        _new(span, replace(span.chord, bass=None if bass == span.chord.root else bass))
        if not span.chord.is_no_chord and span.chord.bass_pitch_class != bass
        else span
        for span in strip.chords
    )
    return replace(strip, chords=chords, new_roles=strip.new_roles | {Role.BASS})


def with_chords(strip: Strip, spans: Iterable[ChordSpan]) -> Strip:
    """Other chords: what accompanied the old ones has to be played anew."""
    played = frozenset({Role.BASS, Role.CHORDS, Role.PAD, Role.COUNTER})
    chords = tuple(merge_repeats(spans))
    return replace(strip, chords=chords, new_roles=strip.new_roles | played)


def _new(span: ChordSpan, chord: Chord) -> ChordSpan:
    return replace(span, id=0, chord=chord, origin=Origin.TAKEN, source="", locked=False)


def new_span(start: int, end: int, chord: Chord) -> ChordSpan:
    """A chord that this take brings."""
    return ChordSpan(0, start, end - start, chord, Origin.TAKEN)


def as_song(strip: Strip, sketch: Song, tracks: Iterable[Track]) -> Song:
    """The strip as a song of its own, with these tracks of the sketch, for whoever works on songs."""
    time_map = TimeMap(sketch.time_map.tempos[:1], metres_of(strip.bars), _key_at_zero(sketch))
    own = tuple(replace(track, notes=strip.line(track.id), controls=()) for track in tracks)
    return Song(sketch.title, time_map, (), strip.chords, own, next_id=sketch.next_id)


def metres_of(bars: Iterable[Bar]) -> tuple[MetreChange, ...]:
    """Metre changes of bars laid end to end; a bar cut short is told as a metre of its own."""
    changes: list[MetreChange] = []
    tick = 0
    for bar in bars:
        metre = bar.metre if bar.ticks == bar.metre.bar_ticks else short_metre(bar)
        if not changes or changes[-1].metre != metre:
            changes.append(MetreChange(tick, metre))
        tick += bar.ticks
    return tuple(changes) or (MetreChange(0),)


def short_metre(bar: Bar) -> Metre:
    """The metre that a bar shorter than its own metre has."""
    for denominator in (bar.metre.denominator, 8, 16, 32):
        beat = 1920 // denominator
        if bar.ticks % beat == 0:
            return Metre(bar.ticks // beat, denominator)
    return Metre(max(1, bar.ticks // 30), 64)


def _key_at_zero(sketch: Song) -> tuple[KeyChange, ...]:
    return (KeyChange(0, sketch.key),) if sketch.time_map.keys else ()
