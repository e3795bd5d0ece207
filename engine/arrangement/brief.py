"""What does a player need to know before writing a part?

A Brief is the request as the players read it: bars with metre, section and intensity, the chord at every
tick, the melody, the drums that are there, what already stands in the part and must stay, the manner of the
sketch, and the style. Times are ticks of the song, bars 0-based. Every part is a pure function of a Brief.

>>> from engine.api.suggestion import Kind
>>> request = SuggestionRequest(Kind.BASS, Song(), Region(0, 2))
>>> brief = brief_of(request)
>>> [bar.start_ticks for bar in brief.bars], brief.chord_at(0).lead_sheet(), brief.reasons[0]
([0, 1920], 'C', 'No chords and no melody here: a pedal on C.')
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.api.errors import BadRequestError
from engine.api.suggestion import Kind, SuggestionRequest
from engine.arrangement.feel import Feel, feel_of, gaps_between, sounding_at
from engine.arrangement.harmony import Harmony, Known, harmony_of, is_anticipation
from engine.arrangement.styles import PlayerStyle, Swung, player_style
from engine.generation.melody.dice import Dice
from engine.music import Chord, Key, Metre, Note, Region, Role, Song, Track
from engine.music.section import SectionKind, guess_kind
from engine.music.tunes import top_line, tune_track

MAX_BARS = 2_000
KICKS, SNARES = (35, 36), (37, 38, 39, 40)
ROLE_OF = {
    Kind.BASS: Role.BASS,
    Kind.DRUMS: Role.DRUMS,
    Kind.COMPING: Role.CHORDS,
    Kind.PAD: Role.PAD,
    Kind.COUNTER: Role.COUNTER,
}
# How full a section is played, 0-1, when nobody says otherwise.
_LEVELS = {
    SectionKind.INTRO: 0.3,
    SectionKind.VERSE: 0.45,
    SectionKind.PRE_CHORUS: 0.6,
    SectionKind.CHORUS: 0.85,
    SectionKind.BRIDGE: 0.6,
    SectionKind.SOLO: 0.8,
    SectionKind.BREAKDOWN: 0.2,
    SectionKind.OUTRO: 0.35,
    SectionKind.OTHER: 0.55,
}


@dataclass(frozen=True, slots=True)
class BarBrief:
    """One bar: `lead_ticks` are missing at its front (pickups). `level` is how full it is played, 0-1;
    `section_bar` counts from the section's first bar (the song's, where there is no section), `section_bars`
    is how long the section is.
    """

    number: int
    start_ticks: int
    end_ticks: int
    metre: Metre
    kind: SectionKind = SectionKind.OTHER
    section_bar: int = 0
    section_bars: int = 0
    level: float = 0.55
    lead_ticks: int = 0

    @property
    def intensity(self) -> int:
        """1 sparse, 2 moderate, 3 full."""
        return 1 if self.level < 0.4 else 2 if self.level < 0.72 else 3

    @property
    def is_full(self) -> bool:
        return self.end_ticks - self.start_ticks == self.metre.bar_ticks

    @property
    def ends_section(self) -> bool:
        return self.section_bars > 0 and self.section_bar == self.section_bars - 1

    @property
    def strong_ticks(self) -> tuple[int, ...]:
        """Ticks of the song in this bar that carry metrical weight."""
        places = (self.start_ticks + offset - self.lead_ticks for offset in self.metre.strong_offsets)
        return tuple(tick for tick in places if self.start_ticks <= tick < self.end_ticks)


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything a part function reads.

    `harmony` covers the region without gap; `harmony_after` is the chord the region leads into. `melody` is
    the top line of the melody track in the region. `standing` are the notes that begin in the region on the
    track the part is written for, `fixed` those of them that must stay as they are; `before` and `after` are
    the part's notes outside, also where a new track is asked for.
    `reasons` are sentences about how the brief came to its chords.
    """

    request: SuggestionRequest
    role: Role
    style: PlayerStyle
    bars: tuple[BarBrief, ...]
    harmony: tuple[Harmony, ...]
    harmony_after: Harmony | None
    melody: tuple[Note, ...]
    drums: tuple[Note, ...]
    standing: tuple[Note, ...]
    fixed: tuple[Note, ...]
    before: tuple[Note, ...]
    after: tuple[Note, ...]
    feel: Feel
    bpm: float
    swing: float
    reasons: tuple[str, ...] = ()

    @property
    def song(self) -> Song:
        return self.request.song

    @property
    def start_ticks(self) -> int:
        return self.bars[0].start_ticks

    @property
    def end_ticks(self) -> int:
        return self.bars[-1].end_ticks

    @property
    def kicks(self) -> tuple[int, ...]:
        """Onsets of the bass drum."""
        return tuple(sorted({note.start_ticks for note in self.drums if note.pitch in KICKS}))

    @property
    def snares(self) -> tuple[int, ...]:
        return tuple(sorted({note.start_ticks for note in self.drums if note.pitch in SNARES}))

    def bar_at(self, tick: int) -> BarBrief:
        """The bar of the region that holds the tick; the first or last one for ticks outside."""
        index = bisect_right(self.bars, tick, key=lambda bar: bar.start_ticks) - 1
        return self.bars[max(0, index)]

    def harmony_at(self, tick: int) -> Harmony:
        """The stretch of harmony at the tick; after the region what it leads into."""
        if tick >= self.end_ticks and self.harmony_after is not None:
            return self.harmony_after
        index = bisect_right(self.harmony, tick, key=lambda span: span.start_ticks) - 1
        return self.harmony[max(0, index)]

    def chord_at(self, tick: int) -> Chord:
        """The chord that sounds; NO_CHORD where the artist wrote one: parts rest there."""
        return self.harmony_at(tick).chord

    def next_harmony(self, tick: int) -> Harmony | None:
        """The next stretch that begins after the tick; the one after the region at last."""
        index = bisect_right(self.harmony, tick, key=lambda span: span.start_ticks)
        return self.harmony[index] if index < len(self.harmony) else self.harmony_after

    def is_pushed(self, tick: int) -> bool:
        """Whether a chord begins at the tick ahead of the beat it belongs to."""
        span = self.harmony_at(tick)
        return span.start_ticks == tick and is_anticipation(tick, self.song.time_map)

    def key_at(self, tick: int) -> Key:
        return self.song.key_at(tick)

    def melody_at(self, tick: int) -> Note | None:
        """The melody note that sounds at the tick."""
        found = sounding_at(self.melody, tick)
        return found[-1] if found else None

    def melody_gaps(self, shortest_ticks: int) -> tuple[tuple[int, int], ...]:
        """Stretches of the region in which the melody rests."""
        return gaps_between(self.melody, self.start_ticks, self.end_ticks, shortest_ticks)

    def notes_of(self, *roles: Role) -> tuple[Note, ...]:
        """What other tracks in these roles sound in the region, sorted by start."""
        tracks = (track for track in self.song.tracks if track.role in roles)
        found = [n for track in tracks for n in track.notes if n.sounds_in(self.start_ticks, self.end_ticks)]
        return tuple(sorted(found, key=lambda note: (note.start_ticks, note.pitch)))

    def is_free(self, start: int, end: int) -> bool:
        """Whether no fixed note sounds in the half-open span."""
        return not any(note.sounds_in(start, end) for note in self.fixed)

    def swung(self, tick: int, is_triplet: bool = False) -> int:
        """Where a tick of the even grid is played: the off-beats of a swung style come late.

        Notes of a triplet figure and of compound metres are where they are written.
        """
        bar = self.bar_at(tick)
        if is_triplet or self.swing <= 0.5 or bar.metre.is_compound or bar.metre.denominator > 4:
            return tick
        pair = 480 if self.style.swung is Swung.EIGHTHS else 240
        into = (tick - bar.start_ticks + bar.lead_ticks) % pair
        half, late = pair // 2, round(pair * self.swing)
        moved = into * late / half if into <= half else late + (into - half) * (pair - late) / half
        return tick - into + round(moved)

    def dice(self, candidate: int) -> Dice:
        """Chance of one candidate, the same for the same request."""
        return Dice(self.request.seed, candidate)

    def with_drums(self, drums: Sequence[Note]) -> "Brief":
        """The same brief with other drums to play to: those just written, say."""
        return replace(self, drums=tuple(sorted(drums, key=lambda note: note.start_ticks)))


def brief_of(request: SuggestionRequest, role: Role | None = None) -> Brief:
    """The request as players read it; `role` where the kind is not a part's own (form, restyle).

    Raises BadRequestError for bars that make no sense.
    """
    song, region = request.song, request.region
    _check(region)
    role = role or ROLE_OF.get(request.kind, request.role)
    start, end = region.span_ticks(song)
    style = player_style(request.controls.style, song)
    melody_track = _melody_track(song, role, request.track_id)
    melody = top_line(melody_track.notes) if melody_track else []
    feel = feel_of(melody or _anything(song, role), song.time_map)
    harmony = harmony_of(song, start, end, bool(melody))
    own = _own_notes(song, role, request.track_id)
    inside = tuple(note for note in own if start <= note.start_ticks < end)
    standing = inside if request.track_id else ()
    return Brief(
        request,
        role,
        style,
        _bars(request),
        harmony,
        _after(song, end),
        tuple(note for note in melody if note.sounds_in(start, end)),
        _sounding(song, Role.DRUMS, start, end) if role is not Role.DRUMS else (),
        standing,
        tuple(note for note in standing if _must_stay(note, request)),
        tuple(note for note in own if note.start_ticks < start),
        tuple(note for note in own if note.start_ticks >= end),
        feel,
        song.time_map.tempo_at(start).bpm,
        _swing(style, feel, bool(request.controls.style)),
        _told(harmony, song.key_at(start), song),
    )


def _check(region: Region) -> None:
    if region.start_bar < 0 or region.bars < 1:
        raise BadRequestError("Choose at least one bar of the song.")
    if region.bars > MAX_BARS:
        raise BadRequestError(f"A part can be written for at most {MAX_BARS} bars at a time.")


def _melody_track(song: Song, role: Role, own_id: int) -> Track | None:
    """The track that carries the tune, unless it is the part itself."""
    others = tuple(track for track in song.tracks if track.role is not role)
    return tune_track(replace(song, tracks=others), own_id)


def _anything(song: Song, role: Role) -> list[Note]:
    """The notes to take the manner from when there is no melody."""
    for track in song.tracks:
        if track.notes and track.role not in (Role.DRUMS, role):
            return top_line(track.notes)
    return []


def _own_notes(song: Song, role: Role, track_id: int) -> tuple[Note, ...]:
    """What the part's own track holds: the named track, else the first in the role."""
    for track in song.tracks:
        if track.id == track_id or (not track_id and track.role is role):
            return track.notes
    return ()


def _must_stay(note: Note, request: SuggestionRequest) -> bool:
    chosen = request.region.note_ids
    return (
        note.locked or note.id in request.controls.keep_note_ids or (bool(chosen) and note.id not in chosen)
    )


def _sounding(song: Song, role: Role, start: int, end: int) -> tuple[Note, ...]:
    found: list[Note] = []
    for track in song.tracks:
        if track.role is role:
            first = bisect_left(track.notes, start, key=lambda note: note.start_ticks)
            found += [note for note in track.notes[first:] if note.start_ticks < end]
    return tuple(sorted(found, key=lambda note: note.start_ticks))


def _after(song: Song, end: int) -> Harmony | None:
    """The chord at the region's end or soon after it."""
    soon = end + song.time_map.metre_at(end).bar_ticks
    span = next((span for span in song.chords if span.end_ticks > end), None)
    if span is None or span.start_ticks >= soon or span.chord.is_no_chord:
        return None
    return Harmony(max(end, span.start_ticks), span.end_ticks, span.chord)


def _bars(request: SuggestionRequest) -> tuple[BarBrief, ...]:
    song, region = request.song, request.region
    time_map = song.time_map
    first_full = 1 if time_map.pickup_ticks else 0
    found = []
    for number in range(region.start_bar, region.end_bar):
        start = time_map.bar_start(number)
        section = song.section_at_bar(number)
        kind = SectionKind.OTHER
        if section is not None:
            kind = guess_kind(section.name) if section.kind is SectionKind.OTHER else section.kind
        found.append(
            BarBrief(
                number,
                start,
                time_map.bar_start(number + 1),
                time_map.metre_at(start),
                kind,
                number - section.start_bar if section else max(0, number - first_full),
                section.bars if section else 0,
                _LEVELS[kind],
                time_map.metrical_offset(start),
            )
        )
    return _with_curve(found, request.controls.intensity, song)


def _with_curve(bars: list[BarBrief], curve: Sequence[float], song: Song) -> tuple[BarBrief, ...]:
    """The levels of a drawn curve: a value a bar, or a section, or spread over the bars."""
    if not curve:
        return tuple(bars)
    sections = [song.section_at_bar(bar.number) for bar in bars]
    order = list(dict.fromkeys(section.id if section else -1 for section in sections))
    by_section = len(curve) == len(order) and len(curve) != len(bars)
    found = []
    for place, (bar, section) in enumerate(zip(bars, sections, strict=True)):
        index = order.index(section.id if section else -1) if by_section else place * len(curve) // len(bars)
        found.append(replace(bar, level=min(1.0, max(0.0, curve[index]))))
    return tuple(found)


def _swing(style: PlayerStyle, feel: Feel, is_asked: bool) -> float:
    """The artist's own swing; a style that was asked for by name swings over a tune in even eighths."""
    if feel.swing is None or style.swung is Swung.SIXTEENTHS or (is_asked and feel.swing == 0.5):
        return style.swing
    return feel.swing


def _told(harmony: Sequence[Harmony], key: Key, song: Song) -> tuple[str, ...]:
    """How the chords were come by, where the song did not tell them all."""
    ways = {span.known for span in harmony}
    told = []
    if Known.HEARD in ways:
        told.append("The chords were heard in the melody, where none are written.")
    if Known.HELD in ways:
        told.append("Where no chord is written, the one before sounds on.")
    if Known.PEDAL in ways:
        nothing = "No chords and no melody here" if not any(song.notes()) else "No chords here"
        told.append(f"{nothing}: a pedal on {key.spell(key.tonic)}.")
    return tuple(told)
