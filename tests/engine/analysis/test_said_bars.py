"""What the artist says of tempo, metre and first beats goes into each laying of bars, and comes out."""

from dataclasses import replace

import pytest

from engine.analysis.beatsolving import BeatsSaid, solved_again
from engine.analysis.hearing import hear
from engine.music import (
    Aspect,
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    Note,
    Origin,
    Section,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.codec import from_json, to_json

BAR, BARS = 1920, 16
FOUR, THREE = Metre(4, 4), Metre(3, 4)
ROOTS = (48, 45, 41, 43)
NOTES = tuple(
    Note(2 + 3 * beat + voice, beat * 480, 440, ROOTS[beat // 4 % 4] + step, 90 - 20 * (beat % 4 > 0))
    for beat in range(4 * BARS)
    for voice, step in enumerate((0, 12, 16))
)
STRUMMED = Song(
    "Strummed", TimeMap((Tempo.of_bpm(0, 100),)), tracks=(Track(1, "Guitar", notes=NOTES),), next_id=500
)
BEAT_S = 0.6
INSIDE = 5
"""A second beat, where the bars of `STRUMMED` do not begin."""


def said_in_turn(song: Song, *sayings: BeatsSaid) -> Song:
    for said in sayings:
        song = solved_again(song, said)
    return song


def begins_bar(song: Song, beat: int) -> bool:
    """Whether a bar begins with the notes that were played on this beat."""
    tick = song.tracks[0].notes[3 * beat].start_ticks
    return abs(song.time_map.nearest_bar_start(tick) - tick) < 30


@pytest.mark.parametrize(
    ("sayings", "bpm", "metre", "yours"),
    [
        ([BeatsSaid(bpm=50)], 50, FOUR, {Aspect.TEMPO}),
        ([BeatsSaid(bpm=200)], 200, FOUR, {Aspect.TEMPO}),
        ([BeatsSaid(bpm=30)], 30, FOUR, {Aspect.TEMPO}),
        ([BeatsSaid(bpm=50), BeatsSaid(bpm=50)], 50, FOUR, {Aspect.TEMPO}),
        ([BeatsSaid(bpm=120)], 120, FOUR, {Aspect.TEMPO}),
        ([BeatsSaid(bpm=200), BeatsSaid(metre=THREE)], 200, THREE, {Aspect.TEMPO, Aspect.METRE}),
        ([BeatsSaid(metre=THREE), BeatsSaid(bpm=50)], 50, THREE, {Aspect.TEMPO, Aspect.METRE}),
        ([BeatsSaid(first_beats=(BAR + 480,))], 100, FOUR, set()),
        ([BeatsSaid(first_beats=(BAR + 480,)), BeatsSaid(bpm=50)], 50, FOUR, {Aspect.TEMPO}),
        ([BeatsSaid(first_beats=(BAR + 480,)), BeatsSaid(bpm=120)], 120, FOUR, {Aspect.TEMPO}),
        ([BeatsSaid(first_beats=(BAR + 480,)), BeatsSaid(metre=THREE)], 100, THREE, {Aspect.METRE}),
    ],
    ids=lambda value: " then ".join(map(str, value)) if isinstance(value, list) else None,
)
def test_what_is_said_holds_together(
    sayings: list[BeatsSaid], bpm: float, metre: Metre, yours: set[Aspect]
) -> None:
    song = said_in_turn(STRUMMED, *sayings)
    assert song.time_map.tempos[0].bpm == pytest.approx(bpm, rel=0.02)
    assert [change.metre for change in song.time_map.metres] == [metre]
    assert set(song.corrected) == yours
    assert begins_bar(song, INSIDE if sayings[0].first_beats else 0)
    moments = [song.time_map.seconds_at(note.start_ticks) for note in song.tracks[0].notes[::3]]
    assert [moment - moments[0] for moment in moments] == pytest.approx(
        [BEAT_S * beat for beat in range(4 * BARS)], abs=0.002
    )


def test_a_first_beat_moves_no_note_off_its_beat_and_is_kept_in_the_file() -> None:
    song = solved_again(STRUMMED, BeatsSaid(first_beats=(BAR + 480,)))
    assert {note.start_ticks % 480 for note in song.tracks[0].notes} == {0}
    assert song.time_map.tempos == STRUMMED.time_map.tempos
    assert from_json(TimeMap, to_json(song.time_map)) == song.time_map
    assert "first_beats" not in to_json(STRUMMED.time_map)
    heard, _ = hear(song)
    assert heard.time_map.pickup_ticks == song.time_map.pickup_ticks


def test_the_last_word_on_where_a_bar_begins_counts() -> None:
    once = solved_again(STRUMMED, BeatsSaid(first_beats=(BAR + 480,)))
    tick = once.tracks[0].notes[3 * (INSIDE + 2)].start_ticks
    twice = solved_again(once, BeatsSaid(first_beats=(tick,)))
    assert begins_bar(twice, INSIDE + 2) and not begins_bar(twice, INSIDE)
    assert len(twice.time_map.first_beats) == 1


def test_sections_keys_and_chords_go_with_the_music_into_other_bars() -> None:
    written = replace(
        STRUMMED,
        time_map=replace(STRUMMED.time_map, keys=(KeyChange(0, Key(0)), KeyChange(8 * BAR, Key(7)))),
        sections=(Section(600, "A", 0, 8), Section(601, "B", 8, 8)),
        chords=(ChordSpan(602, 11, BAR - 22, Chord(9, "min7"), Origin.DRAWN),),
        corrected=(Aspect.KEY, Aspect.SECTIONS),
        next_id=700,
    )
    song, _ = hear(solved_again(written, BeatsSaid(bpm=50)))
    assert [(each.start_bar, each.bars) for each in song.sections] == [(0, 4), (4, 4)]
    assert [change.tick for change in song.time_map.keys] == [0, 4 * BAR]
    drawn = [span for span in song.chords if span.origin is Origin.DRAWN]
    assert [(span.start_ticks, span.duration_ticks) for span in drawn] == [(0, BAR // 2)]
    assert all(span.duration_ticks >= 240 for span in song.chords)


def test_a_chord_of_the_artist_leaves_no_splinter_beside_it() -> None:
    drawn = ChordSpan(602, 11, BAR - 22, Chord(9, "min7"), Origin.DRAWN)
    song, _ = hear(replace(STRUMMED, chords=(drawn,), next_id=700))
    assert drawn in song.chords
    assert min(span.duration_ticks for span in song.chords) >= 240


def test_heard_sections_and_chords_make_a_song_no_longer_than_its_music() -> None:
    half = replace(STRUMMED, time_map=replace(STRUMMED.time_map, metres=(replace(
        STRUMMED.time_map.metres[0], metre=Metre(2, 4)),)))  # fmt: skip
    heard, _ = hear(half, (Aspect.SECTIONS, Aspect.CHORDS))
    assert sum(each.bars for each in heard.sections) == 2 * BARS
    song, _ = hear(solved_again(heard, BeatsSaid(metre=FOUR)))
    assert (song.bars, sum(each.bars for each in song.sections)) == (BARS, BARS)
