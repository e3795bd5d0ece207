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
    return edits.adopt_song(song, whole, asked, source=source, origin=origin)


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
    for number in sorted(sections):
        if not 0 <= number < len(take.plan):
            raise MusicError("That section is not in this idea.")
        planned = take.plan[number]
        at_bar, instead_of = _place(song, take.plan, number)
        graft = Graft(whole, asked, planned.start_bar, planned.bars, at_bar, instead_of)
        section = Section(0, planned.name, at_bar, planned.bars, planned.kind)
        song = edits.graft_section(song, graft, section, source=source, origin=origin)
    return song


def _with_only(whole: Song, asked: Song, take: Take, parts: Collection[int]) -> Song:
    if not parts:
        return whole
    unwanted = [part.track_id for number, part in enumerate(take.parts) if number not in parts]
    return edits.without_new(whole, unwanted, asked)


def _chosen(take: Take, parts: Collection[int]) -> list[Part]:
    return [part for number, part in enumerate(take.parts) if not parts or number in parts]


def _place(song: Song, plan: tuple[PlannedSection, ...], number: int) -> tuple[int, int]:
    """The bar before which a planned section goes, and how many bars it takes the place of."""
    here = plan[number]
    found = {section.name: section for section in song.sections}
    if here.name in found:  # accepted before: it is put there again
        old = found[here.name]
        return old.start_bar, old.bars
    before = [found[each.name] for each in plan[:number] if each.name in found]
    start = _sketch_start(song, plan, found)
    if here.in_place:
        return start, here.from_bars
    if before:
        return before[-1].end_bar, 0
    home = next((n for n, each in enumerate(plan) if each.in_place), None)
    if home is not None and number < home:
        return (0, 0) if start == 1 and song.time_map.pickup_ticks else (start, 0)
    sketch_end = start + (plan[home].from_bars if home is not None else song.bars)
    return max(sketch_end, 0), 0


def _sketch_start(song: Song, plan: tuple[PlannedSection, ...], found: dict[str, Section]) -> int:
    """Where the bars of the sketch are now, after the sections that were put in front of them."""
    home = next((each for each in plan if each.in_place), None)
    if home is None:
        return 0
    if home.name in found:
        return found[home.name].start_bar
    moved = sum(each.bars for each in plan[: plan.index(home)] if each.name in found and not each.in_place)
    return home.from_bar + moved


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
