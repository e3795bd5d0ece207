"""How do the planned sections become one song that can be played from beginning to end?

The artist's tracks are copied section by section, the upbeat goes before every entry of the tune, then the
players are called for what nobody plays yet, and the last bars of sections are thinned as the plan has it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.api.suggestion import Part
from engine.arrangement.form.endings import ringing, stop_ticks, stopped
from engine.arrangement.form.material import Material
from engine.arrangement.form.planning import Laid
from engine.arrangement.form.shapes import Change, Ending
from engine.arrangement.form.strips import metres_of
from engine.arrangement.players import ORDER, Session, with_part, without_role
from engine.arrangement.wholes import EARLY_TICKS
from engine.music import (
    ChordSpan,
    ControlEvent,
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
from engine.music.note import note_order
from engine.music.track import ControlKind

_ACCOMPANIES = (Role.DRUMS, Role.BASS, Role.CHORDS, Role.PAD, Role.COUNTER)
_HIGHEST_DOUBLE = 96
_SOFTER = 14
_EXPRESSION = 11
_SOFTEST, _SOFTEST_TUNE = 84, 104  # expression where it is barest: of accompaniment, of the melody
_SHADE = (0.78, 0.3)  # of a new note's velocity: what is always there, and what the level adds
_OTHER_FROM = 0.4  # what has no role plays from this level on


@dataclass(frozen=True, slots=True)
class Layout:
    """The song so far: `starts` are the first ticks of the sections, with the end at last.

    `first_bar` is 1 when an upbeat stands before everything.
    """

    song: Song
    sections: tuple[Laid, ...]
    starts: tuple[int, ...]
    first_bar: int

    @property
    def curve(self) -> tuple[float, ...]:
        """How full each bar of the sections is."""
        bars = [laid.bar_level(bar) for laid in self.sections for bar in range(len(laid.strip.bars))]
        return tuple(round(level, 3) for level in bars)

    def shaded(self, notes: Iterable[Note]) -> Iterator[Note]:
        """The notes a little softer where the song is bare, a little louder where it is full."""
        for note in notes:
            index = max(0, bisect_right(self.starts, note.start_ticks + EARLY_TICKS) - 1)
            low, high = self.sections[min(index, len(self.sections) - 1)].level
            velocity = round(note.velocity * (_SHADE[0] + _SHADE[1] * (low + high) / 2))
            yield replace(note, velocity=max(1, min(127, velocity)))

    @property
    def end_bar(self) -> int:
        return self.first_bar + sum(len(laid.strip.bars) for laid in self.sections)


def laid_out(material: Material, sections: Sequence[Laid], bpm: float) -> Layout:
    """The artist's own notes in all sections; nobody else plays yet."""
    upbeat = material.upbeat if sections[0].sings_from_start else ()
    lead = material.song.time_map.pickup_ticks if upbeat else 0
    starts = [lead]
    for laid in sections:
        starts.append(starts[-1] + laid.strip.ticks)
    time_map = _time_map(material, sections, starts, lead, bpm)
    tracks = tuple(_copied(material, track, sections, starts) for track in material.song.tracks)
    chords = tuple(_chords(sections, starts))
    first_bar = 1 if lead else 0
    marks = tuple(
        Section(0, s.planned.name, first_bar + s.planned.start_bar, s.planned.bars, s.planned.kind)
        for s in sections
    )
    song = replace(material.song, time_map=time_map, sections=marks, chords=chords, tracks=tracks, markers=())
    doubled = _double(material, song, sections, starts)
    song = replace(song, tracks=(*song.tracks, *doubled), next_id=song.next_id + len(doubled))
    return Layout(song, tuple(sections), tuple(starts), first_bar)


def played(layout: Layout, material: Material, session: Session) -> tuple[Song, tuple[Part, ...]]:
    """The song with the players' parts, and these parts, each with the track it is on."""
    song = layout.song
    parts: list[Part] = []
    for role in ORDER:
        needed = _needed(layout, material, role)
        if not needed:
            continue
        part = session.play(without_role(song, role), role, layout.first_bar, layout.end_bar)
        if part is None:
            continue
        notes = tuple(_only_in(part.notes, needed))
        own = next((track for track in song.tracks if track.role is role and not _is_double(track)), None)
        track_id = own.id if own is not None else song.next_id
        part = replace(part, notes=tuple(layout.shaded(map(_new, notes))), track_id=track_id)
        song = _added(song, part) if own is not None else with_part(song, part, track_id)
        parts.append(part)
    song = _with_endings(song, layout)
    standing = {track.id: track.notes for track in song.tracks}
    ended = (replace(p, notes=tuple(n for n in standing[p.track_id] if _is_new(n))) for p in parts)
    return song, tuple(part for part in ended if part.notes)


def _time_map(
    material: Material, sections: Sequence[Laid], starts: Sequence[int], lead: int, bpm: float
) -> TimeMap:
    bars = [bar for laid in sections for bar in laid.strip.bars]
    metres = metres_of(bars)
    if lead:
        first, *rest = metres
        metres = (first, *(replace(change, tick=change.tick + lead) for change in rest))
    keys: list[KeyChange] = []
    for start, laid in zip(starts, sections, strict=False):
        key = replace(material.key, tonic=(material.key.tonic + laid.lift) % 12)
        if not keys or keys[-1].key != key:
            keys.append(KeyChange(start if keys else 0, key))
    return TimeMap((Tempo.of_bpm(0, bpm),), metres, tuple(keys), lead)


def _copied(material: Material, track: Track, sections: Sequence[Laid], starts: Sequence[int]) -> Track:
    """The artist's track through all sections in which it plays."""
    notes: list[Note] = []
    for start, laid in zip(starts, sections, strict=False):
        if not _plays(track, laid, material):
            continue
        if track.id == material.melody_id and laid.sings_from_start:
            notes = _with_upbeat(notes, material.upbeat, start, laid.lift)
        until = laid.strip.new_ticks(track.role) if track.id != material.melody_id else laid.strip.ticks
        notes += _until(laid.strip.line(track.id), until, start)
    controls = _first_controls(track)
    is_melody = track.id == material.melody_id
    controls += _shaded(sections, starts, _SOFTEST_TUNE if is_melody else _SOFTEST)
    return replace(track, notes=tuple(sorted(notes, key=note_order)), controls=controls)


def _until(notes: Iterable[Note], until: int, start: int) -> Iterator[Note]:
    """The notes before a tick, laid from `start` on."""
    for note in notes:
        if note.start_ticks < until:
            length = min(note.duration_ticks, until - note.start_ticks)
            yield replace(note, start_ticks=note.start_ticks + start, duration_ticks=length)


def _shaded(sections: Sequence[Laid], starts: Sequence[int], softest: int) -> tuple[ControlEvent, ...]:
    """What the artist plays, louder and softer with the sections; the notes stay as they were played."""
    return tuple(
        ControlEvent(
            start, ControlKind.CONTROL, _EXPRESSION, round(softest + (127 - softest) * laid.level[1])
        )
        for start, laid in zip(starts, sections, strict=False)
    )


def _with_upbeat(notes: list[Note], upbeat: Iterable[Note], start: int, lift: int) -> list[Note]:
    """The upbeat before a section; what sounds there gives way."""
    moved = [
        replace(n, start_ticks=n.start_ticks + start, pitch=n.pitch + lift)
        for n in upbeat
        if n.start_ticks + start >= 0
    ]
    if not moved:
        return notes
    return [*stopped(notes, moved[0].start_ticks, start), *moved]


def _first_controls(track: Track) -> tuple[ControlEvent, ...]:
    """Settings made before anything is played hold for the whole song; gestures do not."""
    return tuple(event for event in track.controls if event.tick == 0 and event.kind.value == "control")


def _plays(track: Track, laid: Laid, material: Material) -> bool:
    if track.id == material.melody_id:
        return Role.MELODY in laid.planned.players
    if track.role in _ACCOMPANIES:
        return track.role in laid.planned.players
    return laid.level[1] >= _OTHER_FROM


def _chords(sections: Sequence[Laid], starts: Sequence[int]) -> Iterator[ChordSpan]:
    for start, laid in zip(starts, sections, strict=False):
        yield from (replace(s, start_ticks=s.start_ticks + start) for s in laid.strip.chords)


def _double(
    material: Material, song: Song, sections: Sequence[Laid], starts: Sequence[int]
) -> tuple[Track, ...]:
    """A second voice an octave away in the sections that ask for it."""
    melody = material.melody
    wanted = [
        (starts[n], starts[n + 1]) for n, laid in enumerate(sections) if Change.DOUBLED in laid.shape.changes
    ]
    if melody is None or not wanted:
        return ()
    sung = song.track(melody.id)
    notes = [n for start, end in wanted for n in sung.notes_in(start, end)]
    if not notes:
        return ()
    step = 12 if max(n.pitch for n in notes) + 12 <= _HIGHEST_DOUBLE else -12
    double = tuple(
        _new(replace(n, pitch=n.pitch + step, velocity=max(1, n.velocity - _SOFTER))) for n in notes
    )
    return (Track(song.next_id, _DOUBLE, Role.COUNTER, melody.program, double, level=melody.level),)


_DOUBLE = "Octave double"


def _is_double(track: Track) -> bool:
    return track.name == _DOUBLE


def _needed(layout: Layout, material: Material, role: Role) -> list[tuple[int, int]]:
    """Stretches in which a player has to play the role: it is asked for, and the artist does not play it."""
    own_ids = [track.id for track in material.song.tracks if track.role is role]
    found = []
    for number, laid in enumerate(layout.sections):
        start, end = layout.starts[number], layout.starts[number + 1]
        has_own = any(laid.strip.line(i) for i in own_ids)
        fits_until = start + laid.strip.new_ticks(role) if has_own else start
        if role in laid.planned.players and fits_until < end:
            found.append((fits_until, end))
        elif role is Role.DRUMS and _drums_enter_after(layout, number) and not has_own:
            found.append((end - laid.strip.bars[-1].ticks // 2, end))
    return found


def _drums_enter_after(layout: Layout, number: int) -> bool:
    """Whether a fill announces the drums, which have been silent."""
    laid = layout.sections[number]
    follows = layout.sections[number + 1 : number + 2]
    return laid.shape.ending is Ending.FILL and any(Role.DRUMS in s.planned.players for s in follows)


def _only_in(notes: Iterable[Note], stretches: Sequence[tuple[int, int]]) -> Iterator[Note]:
    """The notes that begin in the stretches, none sounding over the end of its own."""
    edges = [start for start, _ in stretches]
    joined = _joined(stretches)
    for note in notes:
        heard_at = note.start_ticks + EARLY_TICKS
        index = bisect_right(edges, heard_at) - 1
        if index < 0 or heard_at >= stretches[index][1]:
            continue
        end = joined[index]
        yield replace(note, duration_ticks=max(1, min(note.duration_ticks, end - note.start_ticks)))


def _joined(stretches: Sequence[tuple[int, int]]) -> list[int]:
    """For each stretch where it ends, with those that follow without a gap."""
    ends = [end for _, end in stretches]
    for index in range(len(stretches) - 2, -1, -1):
        if stretches[index + 1][0] == stretches[index][1]:
            ends[index] = ends[index + 1]
    return ends


def _added(song: Song, part: Part) -> Song:
    """The part's notes among those of the artist's own track."""
    track = song.track(part.track_id)
    notes = tuple(sorted((*track.notes, *part.notes), key=note_order))
    return replace(
        song, tracks=tuple(replace(track, notes=notes) if t.id == track.id else t for t in song.tracks)
    )


def _with_endings(song: Song, layout: Layout) -> Song:
    tracks = {track.id: track for track in song.tracks}
    for number, laid in enumerate(layout.sections):
        end, bar = layout.starts[number + 1], laid.strip.bars[-1]
        for track in tracks.values():
            if track.role is Role.MELODY:
                continue
            notes = _ended(track, laid.shape.ending, end - bar.ticks, end, stop_ticks(bar.metre, bar.ticks))
            tracks[track.id] = replace(track, notes=tuple(notes))
    return replace(song, tracks=tuple(tracks.values()))


def _ended(track: Track, ending: Ending, bar_start: int, end: int, stop: int) -> Iterable[Note]:
    match ending:
        case Ending.STOP:
            return stopped(track.notes, end - stop, end)
        case Ending.RING | Ending.END if track.role is not Role.COUNTER:
            return ringing(track.notes, bar_start, end, 60)
        case _:
            return track.notes


def _new(note: Note) -> Note:
    return replace(note, id=0, origin=Origin.TAKEN, source="", locked=False)


def _is_new(note: Note) -> bool:
    return note.origin is Origin.TAKEN and not note.source
