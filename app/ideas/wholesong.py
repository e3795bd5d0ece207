"""How do takes of several parts, and takes that are a whole song, come into the song?

All of it at once, some of its parts, or one planned section after the other. A section takes the place of the
bars it is made of, or is put where the plan has it among the sections that came before.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from engine.api.suggestion import Part, PlannedSection, SuggestionRequest, Take
from engine.music import MusicError, Origin, Region, Section, Song, edits, region_digest
from engine.music.edits import Graft, Player

Stretch = tuple[int, int]


def with_parts(
    song: Song, take: Take, stretches: Iterable[Stretch], parts: Collection[int], source: str, origin: Origin
) -> Song:
    """The song with these parts of the take (by their place in `take.parts`; none named: all) in it."""
    for start, end in stretches:
        for part in _chosen(take, parts):
            player = Player(part.role, part.name, part.program, part.track_id)
            kept = take.kept_note_ids
            song = edits.put_part(
                song, player, start, end, part.notes, origin=origin, source=source, kept_ids=kept
            )
    return song


def with_whole(
    song: Song, asked: Song, take: Take, parts: Collection[int], source: str, origin: Origin
) -> Song:
    """The take's whole song, with only these of its parts (none named: all)."""
    assert take.song is not None
    whole = _with_only(take.song, asked, take, parts)
    return _with_quiet_recordings(edits.adopt_song(song, whole, asked, source=source, origin=origin), song)


def with_sections(
    song: Song,
    asked: Song,
    take: Take,
    sections: Collection[int],
    parts: Collection[int],
    source: str,
    origin: Origin,
) -> Song:
    """The song with these sections of the take's plan, each where the plan has it."""
    assert take.song is not None
    whole = _with_only(take.song, asked, take, parts)
    before = song
    for number in sorted(sections):
        if not 0 <= number < len(take.plan):
            raise MusicError("That section is not in this idea.")
        planned = take.plan[number]
        at_bar, instead_of = _place(song, asked, take.plan, number, source)
        graft = Graft(whole, asked, planned.start_bar, planned.bars, at_bar, instead_of)
        section = Section(0, planned.name, at_bar, planned.bars, planned.kind)
        song = edits.graft_section(song, graft, section, source=source, origin=origin)
    return _with_quiet_recordings(song, before)


def _with_quiet_recordings(song: Song, before: Song) -> Song:
    """The artist's recordings stay, but muted: the song around them has another shape now."""
    if not before.recordings:
        return song
    return replace(song, recordings=tuple(replace(each, muted=True) for each in before.recordings))


def _with_only(whole: Song, asked: Song, take: Take, parts: Collection[int]) -> Song:
    if not parts:
        return whole
    unwanted = [part.track_id for number, part in enumerate(take.parts) if number not in parts]
    return edits.without_new(whole, unwanted, asked)


def _chosen(take: Take, parts: Collection[int]) -> list[Part]:
    return [part for number, part in enumerate(take.parts) if not parts or number in parts]


def _place(
    song: Song, asked: Song, plan: tuple[PlannedSection, ...], number: int, source: str
) -> tuple[int, int]:
    """The bar before which a planned section goes, and how many bars it takes the place of.

    It goes after the last section of the plan before it that is there, else before the next one. A section
    that is the sketch's own bars is always there.
    """
    found = _taken_sections(song, asked, plan, source)
    stands = [_stands(place, plan, found) for place in range(len(plan))]
    here = stands[number]
    if here is not None:
        return here[0], here[1] - here[0]
    before = [each for each in stands[:number] if each is not None]
    after = [each for each in stands[number + 1 :] if each is not None]
    if before:
        return before[-1][1], 0
    if after:
        is_after_upbeat = after[0][0] == 1 and song.time_map.pickup_ticks > 0
        return (0 if is_after_upbeat else after[0][0]), 0
    return song.bars, 0


def _taken_sections(
    song: Song, asked: Song, plan: tuple[PlannedSection, ...], source: str
) -> dict[str, Section]:
    """The sections of the plan that were put into the song before, by name."""
    planned = {section.name for section in plan}
    own = {section.name for section in asked.sections}
    return {
        section.name: section
        for section in song.sections
        if section.name in planned and (section.name not in own or _holds(song, section, source))
    }


def _holds(song: Song, section: Section, source: str) -> bool:
    """Whether something of the take is in the section."""
    start, end = (song.time_map.bar_start(bar) for bar in (section.start_bar, section.end_bar))
    return any(note.source == source for track in song.tracks for note in track.notes_in(start, end))


def _stands(
    number: int, plan: tuple[PlannedSection, ...], found: dict[str, Section]
) -> tuple[int, int] | None:
    """First bar and first bar after a planned section, where it is in the song; None where it is not."""
    here = plan[number]
    if here.name in found:
        return found[here.name].start_bar, found[here.name].end_bar
    if not here.in_place:
        return None
    start = here.from_bar
    for each in plan[:number]:
        if each.name in found:
            start += found[each.name].bars - (each.from_bars if each.in_place else 0)
    return start, start + here.from_bars


def same_music(one: Song, other: Song) -> bool:
    """Whether two songs sound the same: notes, chords, bars and key."""
    if one is other:
        return True
    bars = max(one.bars, other.bars)
    everything = Region(0, bars, chords=True)
    return region_digest(one, everything) == region_digest(other, everything)


def still_holds(song: Song, asked: Song) -> bool:
    """Whether what is left of the notes that were asked about is unchanged and in the same order.

    So a form can be taken section by section: what was put between only moves them.
    """
    return _melody_of(song, asked) == _melody_of(asked, song)


def _melody_of(song: Song, other: Song) -> list[tuple[int, int, int, int]]:
    common = {note.id for note in other.notes()}
    return [
        (note.id, note.duration_ticks, note.pitch, note.velocity)
        for track in sorted(song.tracks, key=lambda track: track.id)
        for note in track.notes
        if note.id in common
    ]


def as_asked(song: Song, request: SuggestionRequest, suggestion_id: str) -> Song:
    """The song with the tracks (and chords) that hold ideas of this suggestion as they were when asked."""
    own = suggestion_id + "/"
    were = {track.id: track for track in request.song.tracks}
    tracks = []
    for track in song.tracks:
        if not any(note.source.startswith(own) for note in track.notes):
            tracks.append(track)
        elif track.id in were:
            tracks.append(were[track.id])
    chords = request.song.chords if any(s.source.startswith(own) for s in song.chords) else song.chords
    return replace(song, tracks=tuple(tracks), chords=chords)
