"""How does the artist change the form? Sections stay sorted; a new one takes its bars from the others."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.music.errors import EditError
from engine.music.section import Section, SectionKind, guess_kind
from engine.music.song import Aspect, Song
from engine.music.timemap import TimeMap


def set_section(song: Song, start_bar: int, bars: int, name: str, kind: SectionKind | None = None) -> Song:
    """A section over these bars; its id is the old `next_id`. Raises EditError."""
    if start_bar < 0 or bars < 1:
        raise EditError("A section must hold at least one bar of the song.")
    new = Section(song.next_id, name, start_bar, bars, kind or guess_kind(name))
    return _placed(replace(song, next_id=song.next_id + 1), new)


def change_section(
    song: Song,
    section_id: int,
    *,
    name: str | None = None,
    start_bar: int | None = None,
    bars: int | None = None,
) -> Song:
    """Another name or other bars for a section; its neighbours give way. Raises EditError."""
    section = find_section(song, section_id)
    changed = replace(
        section,
        name=section.name if name is None else name,
        kind=section.kind if name is None else guess_kind(name),
        start_bar=section.start_bar if start_bar is None else start_bar,
        bars=section.bars if bars is None else bars,
        confidence=1.0,
    )
    if changed.start_bar < 0 or changed.bars < 1:
        raise EditError("A section must hold at least one bar of the song.")
    return _placed(delete_section(song, section_id), changed)


def delete_section(song: Song, section_id: int) -> Song:
    find_section(song, section_id)
    kept = tuple(section for section in song.sections if section.id != section_id)
    return _corrected(replace(song, sections=kept))


def in_other_bars(
    sections: Sequence[Section], old: TimeMap, new: TimeMap, moved: Callable[[int], int] = lambda tick: tick
) -> tuple[Section, ...]:
    """The sections over the new bars that lie where the old ones did; `moved`: an old tick's place there. One
    for which no bar is left goes."""

    def bar(old_bar: int) -> int:
        return new.bar_of(new.nearest_bar_start(moved(old.bar_start(old_bar))))

    placed = (
        replace(section, start_bar=bar(section.start_bar), bars=bar(section.end_bar) - bar(section.start_bar))
        for section in sections
    )
    return tuple(section for section in placed if section.bars > 0)


def find_section(song: Song, section_id: int) -> Section:
    """The section with the id. Raises EditError when it is gone."""
    for section in song.sections:
        if section.id == section_id:
            return section
    raise EditError("That section is no longer in the song.")


def _placed(song: Song, new: Section) -> Song:
    kept: list[Section] = [new]
    next_id = song.next_id
    for section in song.sections:
        before = min(section.end_bar, new.start_bar) - section.start_bar
        after = section.end_bar - max(section.start_bar, new.end_bar)
        if before > 0:
            kept.append(replace(section, bars=before))
        if after > 0:
            section_id = next_id if before > 0 else section.id
            next_id += before > 0
            kept.append(replace(section, id=section_id, start_bar=section.end_bar - after, bars=after))
    ordered = tuple(sorted(kept, key=lambda section: section.start_bar))
    return _corrected(replace(song, sections=ordered, next_id=next_id))


def _corrected(song: Song) -> Song:
    return mark_corrected(song, Aspect.SECTIONS)


def mark_corrected(song: Song, aspect: Aspect) -> Song:
    """From now on the artist's reading of this aspect outranks the analysis."""
    if aspect in song.corrected:
        return song
    return replace(song, corrected=(*song.corrected, aspect))
