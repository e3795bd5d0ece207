"""What does a sketch give a song to be made of?

The bars asked about, without upbeat: all of them, and where two different parts are heard (a verse and a
chorus, an A and a B), each of them. Short loops are heard until they fill eight bars. Where the sketch has
no chords, those that its melody asks for are found.
"""

import re
from dataclasses import dataclass, replace

from engine.api.errors import ImpossibleError
from engine.api.suggestion import SuggestionRequest
from engine.arrangement.form.strips import Strip, cut, new_span, repeated, strip_of
from engine.arrangement.harmony import Known, harmony_of
from engine.generation.melody.sketch import melody_track
from engine.music import Key, Note, Role, Song, Track
from engine.music.section import Section, SectionKind, guess_kind

MOST_BARS = 64
_SHORT, _FULL = 4, 8
_ALIKE = 0.5
_FRAMES = frozenset({SectionKind.INTRO, SectionKind.OUTRO})


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the sketch as it is heard in a song; `from_bar`, `from_bars` tell where it stands."""

    strip: Strip
    from_bar: int
    from_bars: int

    @property
    def bars(self) -> int:
        return len(self.strip.bars)


@dataclass(frozen=True, slots=True)
class Material:
    """The sketch understood. `upbeat` are melody notes that belong before the first bar, counted backwards
    from it (their ticks are negative). `is_heard`: the chords were not written but found."""

    request: SuggestionRequest
    key: Key
    melody: Track | None
    whole: Piece
    first: Piece
    second: Piece | None
    upbeat: tuple[Note, ...] = ()
    is_heard: bool = False

    @property
    def song(self) -> Song:
        return self.request.song

    @property
    def melody_id(self) -> int:
        return self.melody.id if self.melody else 0

    def tracks(self, *roles: Role) -> tuple[Track, ...]:
        return tuple(track for track in self.song.tracks if track.role in roles and track.notes)

    def is_pitched(self, track_id: int) -> bool:
        return all(track.id != track_id or track.role is not Role.DRUMS for track in self.song.tracks)


def material_of(request: SuggestionRequest) -> Material:
    """Raises ImpossibleError where there is nothing to make a song of, or too much."""
    song, region = request.song, request.region
    start = region.start_bar + (1 if region.start_bar == 0 and song.time_map.pickup_ticks else 0)
    end = min(region.end_bar, max(song.bars, start + 1))
    if end - start < 1:
        raise ImpossibleError("An upbeat alone is too short to make a song of.")
    if end - start > MOST_BARS:
        raise ImpossibleError(
            f"A form is made of at most {MOST_BARS} bars, and these are {end - start}. "
            "Choose the bars of the idea."
        )
    plain = strip_of(song, start, end)
    if not plain.chords and not any(plain.lines.values()):
        raise ImpossibleError(
            "There is nothing in these bars to make a song of. Play or draw something first."
        )
    melody = _melody(request)
    whole, is_heard = _with_harmony(plain, song, start, melody is not None)
    first, second = _parts(whole, song, start, end)
    return Material(
        request,
        song.key_at(song.time_map.bar_start(start)),
        melody,
        _piece(whole, start, 0, end - start),
        _piece(whole, start, *first),
        _piece(whole, start, *second) if second else None,
        _upbeat(song, melody, start),
        is_heard,
    )


def _melody(request: SuggestionRequest) -> Track | None:
    """The melody; when the request names another track (a part's), the song's own."""
    song = request.song
    named = next((t for t in song.tracks if t.id == request.track_id), None)
    is_melody = named is not None and named.role in (Role.MELODY, Role.OTHER) and named.notes
    neutral = replace(request.region, track_ids=())
    asked = request if is_melody else replace(request, track_id=0, region=neutral)
    found = melody_track(replace(asked, region=neutral))
    return found if found is not None and found.notes else None


def _piece(whole: Strip, start: int, first: int, last: int) -> Piece:
    strip = cut(whole, first, last)
    bars = last - first
    if bars <= _SHORT and bars != 3:
        strip = repeated(strip, _FULL)
    elif bars == 3:
        strip = repeated(strip, 6)
    return Piece(strip, start + first, bars)


def _with_harmony(strip: Strip, song: Song, start_bar: int, has_melody: bool) -> tuple[Strip, bool]:
    """The strip with chords where none are written."""
    start = song.time_map.bar_start(start_bar)
    found = harmony_of(song, start, start + strip.ticks, has_melody)
    new = [
        new_span(h.start_ticks - start, h.end_ticks - start, h.chord)
        for h in found
        if h.known is not Known.WRITTEN
    ]
    if not new:
        return strip, False
    chords = tuple(sorted((*strip.chords, *new), key=lambda span: span.start_ticks))
    return replace(strip, chords=chords), any(h.known is Known.HEARD for h in found)


def _parts(whole: Strip, song: Song, start: int, end: int) -> tuple[tuple[int, int], tuple[int, int] | None]:
    """Bars (counted in the strip) of the first part, and of the second where there is one."""
    sections = _sections(song, start, end)
    if sections:
        first = next((s for s in sections if _kind(s) is SectionKind.VERSE), sections[0])
        others = [s for s in sections if _family(s) != _family(first)]
        second = next((s for s in others if _kind(s) is SectionKind.CHORUS), others[0] if others else None)
        if second is not None:
            return _inside(first, start, end), _inside(second, start, end)
    bars = end - start
    if bars >= 2 * _FULL and bars % 2 == 0 and _likeness(whole, bars // 2) < _ALIKE:
        return (0, bars // 2), (bars // 2, bars)
    return (0, bars), None


def _sections(song: Song, start: int, end: int) -> list[Section]:
    inside = [s for s in song.sections if min(s.end_bar, end) - max(s.start_bar, start) >= 2]
    return [section for section in inside if _kind(section) not in _FRAMES] or inside


def _kind(section: Section) -> SectionKind:
    return guess_kind(section.name) if section.kind is SectionKind.OTHER else section.kind


def _family(section: Section) -> str:
    """What sections that return share: `A` and `A′`, `Verse 1` and `Verse 2`."""
    kind = _kind(section)
    return re.sub(r"[\s\d′']+$", "", section.name) if kind is SectionKind.OTHER else kind.value


def _inside(section: Section, start: int, end: int) -> tuple[int, int]:
    return max(section.start_bar, start) - start, min(section.end_bar, end) - start


def _likeness(strip: Strip, lag: int) -> float:
    """Share of bars that sound the same (pitch classes and onsets) so many bars later."""
    edges = strip.edges

    def heard(bar: int) -> set[tuple[int, int]]:
        low, high = edges[bar], edges[bar + 1]
        return {
            ((note.start_ticks - low) // 60, note.pitch % 12)
            for notes in strip.lines.values()
            for note in notes
            if low <= note.start_ticks < high
        }

    same = 0.0
    for bar in range(lag):
        one, other = heard(bar), heard(bar + lag)
        same += len(one & other) / max(1, len(one | other)) if one or other else 1.0
    return same / lag


def _upbeat(song: Song, melody: Track | None, start: int) -> tuple[Note, ...]:
    """The notes of the melody in the short bar before the first."""
    if melody is None or start != 1 or not song.time_map.pickup_ticks:
        return ()
    edge = song.time_map.bar_start(1)
    return tuple(
        replace(note, start_ticks=note.start_ticks - edge) for note in melody.notes if note.start_ticks < edge
    )
