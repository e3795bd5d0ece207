"""How does a song become a cover of itself? Time, melody, chords, then the players of the style.

The melody keeps its pitches and moves with its beats; a few of its long notes may come early where the style
pushes. Chords take on the style's colour. What accompanied is played anew, but for locked notes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.api.suggestion import Controls, Part, PlannedSection, Scores, SuggestionRequest, Take
from engine.arrangement.feel import feel_of
from engine.arrangement.form.strips import metres_of, new_span
from engine.arrangement.harmony import Known, harmony_of
from engine.arrangement.lineups import lineup
from engine.arrangement.players import ORDER, Session, with_part
from engine.arrangement.restyle.pushing import pushed
from engine.arrangement.restyle.readings import Reading
from engine.arrangement.restyle.recolour import Colouring, Recoloured, recoloured
from engine.arrangement.restyle.timing import Mapping, mapping_of, swung
from engine.arrangement.restyle.tracing import recognisability
from engine.arrangement.styles import PlayerStyle, Swung
from engine.arrangement.wholes import EARLY_TICKS, NO_RECORDING, heard, settled
from engine.music import (
    ChordSpan,
    KeyChange,
    Note,
    Origin,
    Role,
    Section,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.edits import Graft, graft_section
from engine.music.note import note_order
from engine.music.progression import clip_spans
from engine.music.section import SectionKind, guess_kind

Checkpoint = Callable[[], None]
_OTHER_DICE = 15_485_863
_ACCOMPANIES = frozenset({Role.DRUMS, Role.BASS, Role.CHORDS, Role.PAD})
_USUAL_LEVEL = 0.62
_RISE = (0.5, 0.74)  # sections of no known kind, from the first to the last
_FULL = 0.6  # from here on everyone plays who can
_LEVELS = {
    SectionKind.INTRO: 0.4,
    SectionKind.VERSE: 0.5,
    SectionKind.PRE_CHORUS: 0.62,
    SectionKind.CHORUS: 0.82,
    SectionKind.BRIDGE: 0.6,
    SectionKind.SOLO: 0.7,
    SectionKind.BREAKDOWN: 0.3,
    SectionKind.OUTRO: 0.4,
}


@dataclass(frozen=True, slots=True)
class Cover:
    """The bars asked for in their new clothes, as a song of their own; `mapping` tells where what went."""

    song: Song
    mapping: Mapping
    colours: Recoloured
    pushes: int
    bpm: float
    melody_id: int


def restyled_take(
    request: SuggestionRequest,
    melody: Track | None,
    reading: Reading,
    index: int,
    checkpoint: Checkpoint,
) -> Take:
    """The take of one reading."""
    seed = request.seed + index * _OTHER_DICE
    cover = _cover(request, melody, reading, seed)
    checkpoint()
    sections = _sections(request, cover.mapping)
    curve = _curve(request, sections, len(cover.mapping.bars))
    marked = replace(
        cover.song,
        sections=tuple(
            Section(0, s.name, s.start_bar + _first(cover), s.bars, s.kind, 1.0) for s in sections
        ),
    )
    told = Controls(density=request.controls.density, surprise=request.controls.surprise)
    session = Session(reading.style.name, curve, seed, checkpoint, told)
    covered, parts = _played(marked, cover, reading.style, session, max(curve))
    whole, parts, offset = _in_place(covered, request, parts, cover)
    players = ((Role.MELODY,) if melody else ()) + tuple(part.role for part in parts)
    plan = tuple(heard(replace(s, start_bar=s.start_bar + offset, players=players), whole) for s in sections)
    recognised = recognisability(request, melody, cover.mapping, covered) if melody else None
    return Take(
        index,
        title=reading.title,
        reasons=_reasons(request, reading, cover, recognised, parts),
        scores=Scores(distance=None if recognised is None else round(1 - recognised, 3)),
        seed=request.seed,
        parts=parts,
        plan=plan,
        song=whole,
    )


def _first(cover: Cover) -> int:
    return 1 if cover.mapping.new_pickup else 0


def _cover(request: SuggestionRequest, melody: Track | None, reading: Reading, seed: int) -> Cover:
    song, region = request.song, request.region
    end_bar = min(region.end_bar, song.bars)
    mapping = mapping_of(song, region.start_bar, end_bar, reading.feel)
    notes = {track.id: _mapped(song, track, mapping, reading) for track in song.tracks}
    pushes = 0
    if melody is not None:
        notes[melody.id], pushes = pushed(notes[melody.id], mapping, reading, seed)
    spans = _mapped_chords(request, mapping, melody is not None)
    time_map = _time_map(song, mapping, reading.bpm, region.start_bar)
    colouring = Colouring(
        song.key_at(song.time_map.bar_start(region.start_bar)),
        reading.style,
        reading.amount,
        reading.surprise,
        time_map,
        notes[melody.id] if melody is not None else (),
    )
    colours = recoloured(spans, colouring)
    tracks = tuple(_kept_track(track, notes[track.id], melody) for track in song.tracks)
    new = replace(song, time_map=time_map, sections=(), markers=(), chords=colours.spans, tracks=tracks)
    return Cover(new, mapping, colours, pushes, reading.bpm, melody.id if melody else 0)


def _kept_track(track: Track, notes: tuple[Note, ...], melody: Track | None) -> Track:
    """The melody and what sings beside it stay; of what accompanied only what is locked."""
    stays = track.role not in _ACCOMPANIES or (melody is not None and track.id == melody.id)
    kept = notes if stays else tuple(note for note in notes if note.locked)
    return replace(track, notes=kept, controls=())


def _mapped(song: Song, track: Track, mapping: Mapping, reading: Reading) -> tuple[Note, ...]:
    start, end = mapping.mapped[0].start, mapping.end
    inside = [note for note in track.notes if start <= note.start_ticks < end]
    old = feel_of(inside, song.time_map).swing or 0.5
    found = []
    for note in inside:
        first, last = mapping.tick(note.start_ticks), mapping.tick(min(note.end_ticks, end))
        if track.role is not Role.DRUMS:
            first, last = (_in_feel(tick, mapping, old, reading) for tick in (first, last))
        found.append(replace(note, start_ticks=first, duration_ticks=max(30, last - first)))
    return tuple(sorted(found, key=note_order))


def _in_feel(tick: int, mapping: Mapping, old_swing: float, reading: Reading) -> int:
    """The tick with the off-beats where the style has them."""
    bars = mapping.edges
    index = mapping_bar(bars, tick)
    metre = mapping.bars[min(index, len(mapping.bars) - 1)].metre
    if metre.is_compound or metre.denominator != 4 or reading.swing is None:
        return tick
    pair = 240 if reading.style.swung is Swung.SIXTEENTHS and reading.feel.swing is None else 480
    old = old_swing if pair == 480 else 0.5
    if abs(old - reading.swing) < 0.02:
        return tick
    return max(0, swung(tick, bars[min(index, len(bars) - 1)], old, reading.swing, pair))


def mapping_bar(edges: tuple[int, ...], tick: int) -> int:
    """Index of the bar that holds the tick; 0 for an upbeat."""
    return max(0, sum(edge <= tick for edge in edges[:-1]) - 1)


def _mapped_chords(request: SuggestionRequest, mapping: Mapping, has_melody: bool) -> tuple[ChordSpan, ...]:
    song = request.song
    start, end = mapping.mapped[0].start, mapping.end
    spans = list(clip_spans(song.chords, start, end))
    spans += [
        new_span(h.start_ticks, h.end_ticks, h.chord)
        for h in harmony_of(song, start, end, has_melody)
        if h.known is not Known.WRITTEN
    ]
    found = []
    for span in sorted(spans, key=lambda each: each.start_ticks):
        first, last = _on_pulse(mapping, span.start_ticks), _on_pulse(mapping, span.end_ticks)
        if last > first:
            found.append(replace(span, start_ticks=first, duration_ticks=last - first))
    return tuple(found)


def _on_pulse(mapping: Mapping, tick: int) -> int:
    """Where a chord change falls: what was on a beat stays on a beat."""
    now = mapping.tick(tick)
    edges = mapping.edges
    index = min(mapping_bar(edges, now), len(mapping.bars) - 1)
    beat = mapping.bars[index].metre.pulse_ticks
    into = now - edges[index]
    near = round(into / beat) * beat
    return edges[index] + (near if abs(near - into) <= beat // 3 else into)


def _time_map(song: Song, mapping: Mapping, bpm: float, start_bar: int) -> TimeMap:
    metres = metres_of(mapping.bars)
    pickup = mapping.new_pickup
    if pickup:
        first, *rest = metres
        metres = (first, *(replace(change, tick=change.tick + pickup) for change in rest))
    start = song.time_map.bar_start(start_bar)
    keys = [KeyChange(0, song.key_at(start))] if song.time_map.keys else []
    keys += [
        replace(change, tick=mapping.tick(change.tick))
        for change in song.time_map.keys
        if start < change.tick < mapping.end
    ]
    return TimeMap((Tempo.of_bpm(0, bpm),), metres, tuple(keys), pickup)


def _sections(request: SuggestionRequest, mapping: Mapping) -> tuple[PlannedSection, ...]:
    """The sections of the bars asked for, where they are now."""
    song, region = request.song, request.region
    end_bar = min(region.end_bar, song.bars)
    found: list[PlannedSection] = []
    inside = [s for s in song.sections if s.start_bar < end_bar and s.end_bar > region.start_bar]
    stretches = [
        (s.name, s.kind, max(s.start_bar, region.start_bar), min(s.end_bar, end_bar)) for s in inside
    ]
    if not stretches:
        stretches = [("All of it", SectionKind.OTHER, region.start_bar, end_bar)]
    names: dict[str, int] = {}
    for name, kind, first, last in stretches:
        start = mapping.bar_at(song.time_map.bar_start(first)) if first > region.start_bar else 0
        end = mapping.bar_at(song.time_map.bar_start(last)) if last < end_bar else len(mapping.bars)
        names[name] = names.get(name, 0) + 1
        title = name if names[name] == 1 else f"{name} {names[name]}"
        known = guess_kind(name) if kind is SectionKind.OTHER else kind
        level = _LEVELS.get(known, _risen(len(found), len(stretches)))
        found.append(
            PlannedSection(
                title,
                known,
                start,
                max(1, end - start),
                level,
                from_bar=first,
                from_bars=last - first,
                in_place=True,
            )
        )
    return tuple(_with_curve(found, request.controls.intensity))


def _risen(number: int, count: int) -> float:
    low, high = _RISE
    return _USUAL_LEVEL if count == 1 else round(low + (high - low) * number / (count - 1), 2)


def _with_curve(sections: list[PlannedSection], curve: tuple[float, ...]) -> list[PlannedSection]:
    if not curve:
        return sections
    count = len(sections)
    places = (n if len(curve) == count else (2 * n + 1) * len(curve) // (2 * count) for n in range(count))
    return [
        replace(s, intensity=min(1.0, max(0.0, curve[place])))
        for s, place in zip(sections, places, strict=True)
    ]


def _curve(request: SuggestionRequest, sections: tuple[PlannedSection, ...], bars: int) -> tuple[float, ...]:
    levels = [_USUAL_LEVEL] * bars
    for section in sections:
        for bar in range(section.start_bar, min(bars, section.end_bar)):
            levels[bar] = section.intensity
    return tuple(levels)


def _played(
    song: Song, cover: Cover, style: PlayerStyle, session: Session, fullest: float
) -> tuple[Song, tuple[Part, ...]]:
    """The song with the parts of the style's players on their tracks."""
    parts: list[Part] = []
    first, last = _first(cover), _first(cover) + len(cover.mapping.bars)
    players = lineup(style.name, fullest)
    for role in ORDER:
        own = next((t for t in song.tracks if t.role is role and t.id != cover.melody_id), None)
        if role not in players or (role is Role.COUNTER and own is not None and own.notes):
            continue
        heard = replace(song, tracks=tuple(t for t in song.tracks if t is not own))
        part = session.play(heard, role, first, last)
        if part is None or not part.notes:
            continue
        new = tuple(_heard_in(song, part.notes, lineup(style.name, 0.0), role, session.curve, first))
        if not new:
            continue
        part = replace(part, notes=new, track_id=own.id if own else song.next_id)
        song = _on_own(song, own, part) if own else with_part(song, part, part.track_id)
        parts.append(part)
    return song, tuple(parts)


def _heard_in(
    song: Song,
    notes: Iterable[Note],
    always: tuple[Role, ...],
    role: Role,
    curve: Sequence[float],
    first: int,
) -> Iterator[Note]:
    """The part's notes; who joins only when it gets fuller rests in the barer sections."""
    for note in notes:
        bar = min(len(curve) - 1, max(0, song.time_map.bar_of(note.start_ticks + EARLY_TICKS) - first))
        if role in always or curve[bar] >= _FULL:
            yield replace(note, id=0, origin=Origin.TAKEN, source="", locked=False)


def _on_own(song: Song, own: Track, part: Part) -> Song:
    """The part on the artist's track of the role: its sound is the style's, locked notes stay."""
    free = [n for n in part.notes if not any(k.sounds_in(n.start_ticks, n.end_ticks) for k in own.notes)]
    notes = tuple(sorted((*own.notes, *free), key=note_order))
    track = replace(own, program=part.program, notes=notes)
    return replace(song, tracks=tuple(track if t.id == own.id else t for t in song.tracks))


def _in_place(
    covered: Song, request: SuggestionRequest, parts: tuple[Part, ...], cover: Cover
) -> tuple[Song, tuple[Part, ...], int]:
    """The whole song with the cover in it, its parts, and the bar at which the cover begins."""
    asked, region = request.song, request.region
    if region.start_bar == 0 and region.end_bar >= asked.bars:
        whole, parts = settled(covered, asked, parts)
        return whole, parts, _first(cover)
    bars = len(cover.mapping.bars)
    graft = Graft(
        covered, asked, 0, bars, region.start_bar, min(region.end_bar, asked.bars) - region.start_bar
    )
    marks = [replace(s, start_bar=s.start_bar + region.start_bar) for s in covered.sections]
    whole = graft_section(asked, graft, Section(0, "", 0, 1))
    sections = [s for s in whole.sections if s.name] + marks
    whole = replace(whole, sections=tuple(sorted(sections, key=lambda s: s.start_bar)))
    numbered, parts = settled(whole, asked, _after_graft(whole, asked, parts))
    return numbered, parts, region.start_bar


def _after_graft(whole: Song, asked: Song, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts with the tracks they are on now: their own, or the new ones in order."""
    known = {track.id for track in asked.tracks}
    fresh = [track for track in whole.tracks if track.id not in known]
    found = []
    for part in parts:
        if part.track_id in known:
            found.append(part)
        elif track := next((t for t in fresh if t.role is part.role), None):
            found.append(replace(part, track_id=track.id))
    return tuple(found)


def _reasons(
    request: SuggestionRequest,
    reading: Reading,
    cover: Cover,
    recognised: float | None,
    parts: tuple[Part, ...],
) -> tuple[str, ...]:
    found = [*reading.reasons(request)]
    if recognised is not None:
        found.append(f"{round(100 * recognised)} % of the melody's steps and places are as they were")
    if cover.pushes:
        found.append(f"{cover.pushes} long notes come early, as the style sings them")
    if cover.colours.done:
        found.append("Chords: " + ", ".join(f"{count} × {word}" for word, count in cover.colours.done))
    else:
        found.append("Your chords stay as they are")
    if request.song.recordings:
        found.append(NO_RECORDING)
    if parts:
        found.append("Played by " + ", ".join(part.name.lower() for part in parts))
    return tuple(found)
