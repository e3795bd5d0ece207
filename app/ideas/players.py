"""What is in an idea of the players: who plays what, how the song is laid out, what of it is in the song?

Computed from the take and the song as it is now, never claimed: "all parts playable" and "fits 4 locked bars"
are said only where it is so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.ideas.board import Entry
from app.ideas.playable import is_playable
from engine.api.suggestion import Part, Take
from engine.music import Note, Role, Song, Track
from engine.music.remembered import Remembered
from engine.music.section import SectionKind

ROOM = 58  # letters beside a name


@dataclass(frozen=True, slots=True)
class PartView:
    """A line of the card: the part by its place in the take, and whether it is in the song already."""

    place: int
    role: Role
    name: str
    words: str
    all_words: str = ""
    is_taken: bool = False


@dataclass(frozen=True, slots=True)
class SectionView:
    """A block of the form strip: a planned section, what is new in it, whether it is in the song already."""

    place: int
    name: str
    bars: int
    kind: SectionKind
    words: str
    is_taken: bool = False


def part_views(entry: Entry, take: Take, song: Song) -> tuple[PartView, ...]:
    """The parts of a take of several players; a part that was asked for alone has no line of its own."""
    if len(take.parts) < 2 and take.song is None:
        return ()
    taken = taken_parts(entry, take, song)
    return tuple(
        PartView(place, part.role, part.name, *_lines(part), place in taken)
        for place, part in enumerate(take.parts)
    )


def _lines(part: Part) -> tuple[str, str]:
    """What is played, as much as has room beside the name; and all of it."""
    reasons = [reason.strip().rstrip(".;") for reason in part.reasons if reason.strip()]
    shown = [_shortened(_without_style(reason)) for reason in reasons[:1]]
    for reason in reasons[1:]:
        if len(", ".join([*shown, reason])) > ROOM:
            break
        shown.append(reason)
    return ", ".join([*shown[:1], *map(within_sentence, shown[1:])]), ". ".join(reasons)


def _without_style(reason: str) -> str:
    """`Pop on piano: held chords` is `held chords` beside the name: style and name stand there already."""
    head, colon, rest = reason.partition(": ")
    return rest if colon and len(head.split()) <= 4 else reason


def _shortened(words: str) -> str:
    """As many whole words as have room."""
    if len(words) <= ROOM:
        return words
    kept = words[: ROOM - 1].rsplit(" ", 1)[0].rstrip(",;")
    return kept + " …"


def within_sentence(reason: str) -> str:
    """A capital stays only where it is a name: a note (`E♭`, `A4`) or a numeral (`IV`)."""
    first, _, rest = reason.partition(" ")
    is_word = first.isalpha() and (
        (len(first) > 1 and first[1:].islower()) or (first == "A" and rest[:1].islower())
    )
    return reason[0].lower() + reason[1:] if is_word else reason


def section_views(entry: Entry, take: Take, song: Song) -> tuple[SectionView, ...]:
    """The plan of a take, a block a section."""
    taken = taken_sections(entry, take, song)
    return tuple(
        SectionView(
            place, planned.name, planned.bars, planned.kind, "; ".join(planned.changes), place in taken
        )
        for place, planned in enumerate(take.plan)
    )


def taken_parts(entry: Entry, take: Take, song: Song) -> frozenset[int]:
    """Places of the parts that are in the song: a track in their role has notes of this take."""
    source = str(entry.ref(take))
    playing = [track for track in song.tracks if any(note.source == source for note in track.notes)]
    asked = {track.id for track in entry.request.song.tracks}
    return frozenset(
        place
        for place, part in enumerate(take.parts)
        if any(_plays(track, part, part.track_id in asked) for track in playing)
    )


def _plays(track: Track, part: Part, was_there: bool) -> bool:
    """Whether the track is the one the part is for, or the one that was made for it."""
    return track.id == part.track_id if was_there else (track.role, track.name) == (part.role, part.name)


def taken_sections(entry: Entry, take: Take, song: Song) -> frozenset[int]:
    """Places of the planned sections that are in the song: they stand there with music of this take."""
    source = str(entry.ref(take))
    starts = [note.start_ticks for note in song.notes() if note.source == source]
    starts += [span.start_ticks for span in song.chords if span.source == source]
    bars = {song.time_map.bar_of(tick) for tick in starts}
    standing = {
        section.name
        for section in song.sections
        if any(section.start_bar <= bar < section.end_bar for bar in bars)
    }
    return frozenset(place for place, planned in enumerate(take.plan) if planned.name in standing)


def facts(entry: Entry, take: Take) -> tuple[str, str]:
    """What is so: `fits 4 locked bars`, `✓ all parts playable`; empty where it is not, or does not apply."""
    return _fits(entry, take), _playable(take)


def _fits(entry: Entry, take: Take) -> str:
    song, region = entry.request.song, entry.request.region
    first, last = region.span_ticks(song)
    locked = [note for note in song.notes() if note.locked and first <= note.start_ticks < last]
    spans = [span for span in song.chords if span.locked and first <= span.start_ticks < last]
    starts = [note.start_ticks for note in locked] + [span.start_ticks for span in spans]
    bars = set(map(song.time_map.bar_of, starts))
    if not bars or (take.song is not None and not _holds(take.song, locked)):
        return ""
    return "fits 1 locked bar" if len(bars) == 1 else f"fits {len(bars)} locked bars"


def _holds(song: Song, locked: Iterable[Note]) -> bool:
    """Whether every locked note is in the song as it was."""
    there = {(note.id, note.pitch, note.duration_ticks) for note in song.notes()}
    return all((note.id, note.pitch, note.duration_ticks) in there for note in locked)


def _playable_words(take: Take) -> str:
    if not take.parts or not all(_part_is_playable(part, take) for part in take.parts):
        return ""
    return "✓ playable" if len(take.parts) == 1 else "✓ all parts playable"


_playable = Remembered(_playable_words)


def _part_is_playable(part: Part, take: Take) -> bool:
    return is_playable(part.role, part.program, notes_of(part, take))


def notes_of(part: Part, take: Take) -> tuple[Note, ...]:
    """What the part plays: its own notes, or those of its track in the take's song."""
    if part.notes or take.song is None:
        return part.notes
    return next((track.notes for track in take.song.tracks if track.id == part.track_id), ())
