"""What players read: chords at every tick, sections and levels, the manner of the sketch, styles."""

from dataclasses import replace

import pytest

from engine.api.errors import EngineError
from engine.api.suggestion import Kind, SuggestionRequest
from engine.arrangement.brief import brief_of
from engine.arrangement.harmony import Known
from engine.arrangement.styles import player_style, player_styles
from engine.formats.patterns import Kind as Library
from engine.formats.patterns import styles as library_styles
from engine.music import ChordSpan, Region, Role, Song
from engine.music.section import Section, SectionKind

from .basssongs import request_of, song_of

TUNE = "72 76 79 76 74 71 67 74"
BANK = {0, 4, 11, 16, 24, 25, 27, 29, 32, 33, 38, 39, 45, 48, 49, 52, 56, 61, 65, 71, 73, 80, 81, 88, 89, 90}


def test_every_style_of_the_library_has_players_and_sounds_of_the_bank():
    names = {style.name for style in player_styles()}
    assert set(library_styles(Library.PROGRESSION)) <= names
    for style in player_styles():
        programs = {
            style.bass_program,
            style.pad_program,
            *(each.program for each in (*style.comping, *style.counter)),
        }
        assert programs <= BANK, style.name
        assert 0.5 <= style.swing <= 0.75
        assert style.tempo_bpm[0] < style.tempo_bpm[1]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("deep house", "house"),
        ("80s synthwave", "synthwave"),
        ("jazz", "jazz-swing"),
        ("Drum and bass", "drum-and-bass"),
        ("slow jazz", "jazz-ballad"),
        ("R&B", "soul"),
        ("celtic reel", "folk"),
        ("string quartet", "cinematic"),
        ("Bossa nova", "bossa-nova"),
    ],
)
def test_words_mean_styles(words, name):
    assert player_style(words, Song()).name == name


@pytest.mark.parametrize(
    ("song", "names"),
    [
        (song_of("Dm9 G13 | Cmaj9 A7b9", bpm=180), {"jazz-swing"}),
        (song_of("C | G", (3, 4), bpm=150), {"waltz", "folk", "country", "musical-theatre"}),
        (song_of("Cmaj9 | Fmaj9", (3, 4), bpm=150), {"jazz-waltz"}),
        (song_of("C | G | Am | F", bpm=104), {"pop"}),
        (song_of("C | G | Am | F", bpm=172), {"drum-and-bass", "rock", "ska"}),
    ],
)
def test_without_words_the_song_tells_its_style(song, names):
    assert player_style("", song).name in names
    assert player_style("words nobody knows", song).name in names


GAPS = song_of("C | G | Am | F | C | G", tune=TUNE)


@pytest.mark.parametrize(
    ("kept", "known"),
    [
        ((0, 1, 2, 3, 4, 5), {Known.WRITTEN}),
        ((0, 1, 3, 4, 5), {Known.WRITTEN, Known.HELD}),
        ((), {Known.HEARD}),
        ((0,), {Known.WRITTEN, Known.HEARD}),
    ],
)
def test_there_is_a_chord_at_every_tick_and_it_is_said_how_it_is_known(kept, known):
    song = replace(GAPS, chords=tuple(GAPS.chords[place] for place in kept))
    brief = brief_of(request_of(song))
    assert {span.known for span in brief.harmony} == known
    assert brief.harmony[0].start_ticks == 0 and brief.harmony[-1].end_ticks == 6 * 1920
    assert all(a.end_ticks == b.start_ticks for a, b in zip(brief.harmony, brief.harmony[1:], strict=False))
    assert bool(brief.reasons) == (known != {Known.WRITTEN})


def test_the_heard_chords_belong_to_the_tune():
    brief = brief_of(request_of(replace(GAPS, chords=())))
    fits = [note.pitch_class in brief.chord_at(note.start_ticks).pitch_classes for note in brief.melody]
    assert sum(fits) >= 0.6 * len(fits)


def test_levels_come_from_sections_or_from_a_curve_by_bar_or_by_section():
    sections = (
        Section(1, "Verse", 0, 2, SectionKind.VERSE),
        Section(2, "Chorus 1", 2, 2),
        Section(3, "Outro", 4, 2, SectionKind.OUTRO),
    )
    song = replace(GAPS, sections=sections)
    plain = brief_of(request_of(song)).bars
    assert [bar.intensity for bar in plain] == [2, 2, 3, 3, 1, 1]
    assert [bar.kind for bar in plain][2] is SectionKind.CHORUS
    by_section = brief_of(request_of(song, intensity=(0.0, 1.0, 0.5))).bars
    assert [bar.level for bar in by_section] == [0.0, 0.0, 1.0, 1.0, 0.5, 0.5]
    by_bar = brief_of(request_of(song, intensity=(0.1, 0.2, 0.3, 0.4, 0.5, 2.0))).bars
    assert [bar.level for bar in by_bar] == [0.1, 0.2, 0.3, 0.4, 0.5, 1.0]


def test_a_chord_before_its_beat_is_a_push():
    early = ChordSpan(50, 1680, 2160, GAPS.chords[1].chord)
    song = replace(GAPS, chords=(replace(GAPS.chords[0], duration_ticks=1680), early))
    brief = brief_of(request_of(song, 0, 2))
    assert brief.is_pushed(1680) and not brief.is_pushed(0)
    assert brief.chord_at(1700).root == 7


def test_swing_moves_the_off_beats_and_only_those():
    brief = brief_of(request_of(song_of("C | F"), style="jazz"))
    assert [brief.swung(tick) for tick in (0, 240, 480, 720)] == [0, 307, 480, 787]
    assert brief.swung(160, is_triplet=True) == 160
    straight = brief_of(request_of(song_of("C | F"), style="bossa"))
    assert straight.swung(240) == 240


def test_only_the_named_track_can_lock_notes_of_its_part():
    song = song_of("C | F", own=((0, 480, 36), (1920, 480, 41)))
    assert brief_of(request_of(song)).standing == ()
    named = brief_of(request_of(song, track_id=901, keep_note_ids=(700,)))
    assert [note.id for note in named.standing] == [700, 701]
    assert [note.id for note in named.fixed] == [700]


@pytest.mark.parametrize("bars", [(0, 0), (-1, 2), (0, 3_000)])
def test_bars_that_make_no_sense_are_refused(bars):
    request = SuggestionRequest(Kind.BASS, Song(), Region(*bars))
    with pytest.raises(EngineError):
        brief_of(request, Role.BASS)
