"""What exactly is asked of the engine, when the artist presses Suggest?

Turns what is selected into one complete SuggestionRequest. Bars are 0-based and half-open.

>>> bars_for(Kind.CONTINUE, Song(), None, 0)
(0, 4)
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.api.suggestion import (
    PART_KINDS,
    SONG_KINDS,
    Controls,
    Kind,
    SuggestionRequest,
    writes_chord_lane,
)
from engine.music import TICKS_PER_QUARTER, EditError, Region, Role, Song, Track
from engine.music.tunes import tune_track

NEW_BARS = 4
LONGEST_ASKED = 16
LONGEST_ARRANGED = 200
_SINGING = frozenset({Role.MELODY, Role.COUNTER, Role.OTHER})


@dataclass(frozen=True, slots=True)
class Question:
    """What the panel's controls say: which kind, for chords, melody or a part, and the sliders.

    `length_s`: how long a soundscape is to go on.
    """

    kind: Kind
    role: Role
    controls: Controls = Controls()
    takes: int = 4
    length_s: float = 0.0

    @property
    def writes_chords(self) -> bool:
        return writes_chord_lane(self.kind, self.role)


def request_for(
    question: Question,
    song: Song,
    bars: tuple[int, int],
    track_id: int = 0,
    seed: int = 1,
    chosen_notes: Iterable[int] = (),
) -> SuggestionRequest:
    """The complete question. `chosen_notes` are the artist's selected notes: a variation keeps them.

    Raises EditError with a sentence when there is nothing to ask about.
    """
    if question.kind in PART_KINDS | SONG_KINDS:
        return _arrangement_for(question, song, bars, track_id, seed)
    melody = melody_track(song, track_id)
    refuse_hopeless(question, song, bars, melody)
    if melody is not None and _stands_in_the_way(question, song, bars, melody):
        melody = None
    own_ids = frozenset(note.id for note in melody.notes) if melody else frozenset()
    kept = tuple(sorted(own_ids & frozenset(chosen_notes)))
    keeps_notes = question.kind is Kind.VARY and kept
    return SuggestionRequest(
        question.kind,
        song,
        Region(bars[0], bars[1], (melody.id,) if melody else (), chords=question.writes_chords),
        Role.CHORDS if question.writes_chords else question.role,
        melody.id if melody else 0,
        replace(question.controls, keep_note_ids=kept if keeps_notes else ()),
        seed,
        question.takes,
    )


def _stands_in_the_way(question: Question, song: Song, bars: tuple[int, int], melody: Track) -> bool:
    """Whether the tune's track plays other things too in bars that get new notes: those would be lost. The
    engine finds the tune by itself; what is new gets a track of its own."""
    writes_anew = not question.writes_chords and question.kind is not Kind.VARY
    start, end = (song.time_map.bar_start(bar) for bar in bars)
    return writes_anew and melody.role not in _SINGING and bool(melody.notes_in(start, end))


def _arrangement_for(
    question: Question, song: Song, bars: tuple[int, int], track_id: int, seed: int
) -> SuggestionRequest:
    """For a part: the track that plays it already, or none yet. For a whole song: everything in the bars."""
    if not song.chords and not any(True for _ in song.notes()):
        raise EditError("There is nothing to arrange yet. Play, draw or open something first.")
    if question.kind in SONG_KINDS:
        melody = melody_track(song, track_id)
        region, asked_id = Region(bars[0], bars[1]), melody.id if melody else 0
    else:
        track = track_of_part(song, question.role, track_id)
        region, asked_id = Region(bars[0], bars[1], (track.id,) if track else ()), track.id if track else 0
    return SuggestionRequest(
        question.kind, song, region, question.role, asked_id, question.controls, seed, question.takes
    )


def track_of_part(song: Song, role: Role, selected_id: int) -> Track | None:
    """The track an idea for a part is for: the selected one if it plays the part, else the first so."""
    playing = [track for track in song.tracks if track.role is role]
    return next((track for track in playing if track.id == selected_id), playing[0] if playing else None)


def melody_track(song: Song, selected_id: int) -> Track | None:
    """The selected track if it can carry a tune, else the song's melody, else what carries the tune."""
    selected = next((track for track in song.tracks if track.id == selected_id), None)
    if (
        selected is not None
        and selected.role in _SINGING
        and (selected.role is Role.MELODY or song.track_in_role(Role.MELODY) is None)
    ):
        return selected
    named = song.track_in_role(Role.MELODY) or (selected if selected and selected.role in _SINGING else None)
    return named or tune_track(song)


def bars_for(
    kind: Kind,
    song: Song,
    selected: tuple[int, int] | None,
    playhead_ticks: float,
    role: Role = Role.MELODY,
) -> tuple[int, int]:
    """The bars an idea is asked for: those selected, else what a musician would mean.

    Fill means the first hole, if there is one. Continue goes on after the last chord (or note of the
    melody), under or over what is already there; an answer takes the bars after the playhead's phrase;
    players play the whole song; anything else the section under the playhead, or as much of the song as is
    asked for at once.
    """
    if selected is not None:
        return selected
    if kind in PART_KINDS | SONG_KINDS:
        return 0, min(song.bars, LONGEST_ARRANGED)
    if kind in (Kind.CONTINUE, Kind.PROGRESSION):
        return _bars_to_go_on_in(song, role)
    hole = first_hole(song, role) if kind is Kind.FILL else None
    if hole is not None:
        return hole
    here = min(song.time_map.bar_of(int(playhead_ticks)), song.bars - 1)
    if kind is Kind.ANSWER:
        start = here if here else min(NEW_BARS, song.bars)
        return start, start + NEW_BARS
    section = song.section_at_bar(here)
    if section is not None:
        return section.start_bar, min(section.end_bar, section.start_bar + LONGEST_ASKED)
    return (0, song.bars) if song.bars <= LONGEST_ASKED else (here, min(song.bars, here + 8))


def bars_lasting(song: Song, seconds: float) -> int:
    """How many bars of the song's first metre last so long at its first tempo, in whole pairs."""
    metre, tempo = song.time_map.metre_at(0), song.time_map.tempo_at(0)
    bar_s = metre.bar_ticks / TICKS_PER_QUARTER * tempo.us_per_quarter / 1e6
    return max(2, round(seconds / bar_s / 2) * 2)


def _bars_to_go_on_in(song: Song, role: Role) -> tuple[int, int]:
    busy = {song.time_map.bar_of(tick) for tick in _busy_ticks(song, role)}
    bars = song.bars if song.end_ticks else 0
    start = max(busy) + 1 if busy else 0
    return start, min(bars, start + LONGEST_ASKED) if start < bars else start + NEW_BARS


def first_hole(song: Song, role: Role) -> tuple[int, int] | None:
    """The first run of bars without chords (or melody) that has some on both sides; None when there is
    none.
    """
    starts = {song.time_map.bar_of(tick) for tick in _busy_ticks(song, role)}
    gaps = [
        bar for bar in range(song.bars) if bar not in starts and starts and min(starts) < bar < max(starts)
    ]
    if not gaps:
        return None
    end = gaps[0]
    while end in gaps:
        end += 1
    return gaps[0], min(end, gaps[0] + LONGEST_ASKED)


def _busy_ticks(song: Song, role: Role) -> Iterable[int]:
    """A tick in every bar in which a chord (or a note of the melody) sounds."""
    melody = melody_track(song, 0)
    sounding = song.chords if role is Role.CHORDS else melody.notes if melody else ()
    for each in sounding:
        first, last = song.time_map.bar_of(each.start_ticks), song.time_map.bar_of(each.end_ticks - 1)
        yield from (song.time_map.bar_start(bar) for bar in range(first, last + 1))


def refuse_hopeless(question: Question, song: Song, bars: tuple[int, int], melody: Track | None) -> None:
    """Say at once what no engine could answer. Raises EditError."""
    start, end = song.time_map.bar_start(bars[0]), song.time_map.bar_start(bars[1])
    has_tune = melody is not None and bool(melody.notes_in(start, end))
    has_chords = any(span.start_ticks < end and span.end_ticks > start for span in song.chords)
    where = bars_in_words(song, bars)
    if question.kind is Kind.HARMONISE and not has_tune:
        raise EditError(f"There is no melody in {where} to harmonise.")
    if question.kind is Kind.VARY and not has_tune:
        raise EditError(f"There is no melody in {where} to vary.")
    if question.kind is Kind.REHARMONISE and not has_chords:
        raise EditError(f"There are no chords in {where} to replace. Harmonise finds chords for a melody.")


def bars_in_words(song: Song, bars: tuple[int, int]) -> str:
    """`bar 9` or `bars 9–12`, as people count."""
    first, last = song.time_map.bar_label(bars[0]), song.time_map.bar_label(bars[1] - 1)
    return f"bar {first}" if first == last else f"bars {first}–{last}"


def next_seed(seeds: Iterable[int]) -> int:
    """A seed that was not used before in this song."""
    return max(seeds, default=0) + 1
