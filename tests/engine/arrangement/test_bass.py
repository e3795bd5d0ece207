"""BASS as it is asked for: takes that differ, follow the song and the artist, and leave alone what stands."""

from dataclasses import replace
from itertools import pairwise

import pytest

from engine.api.errors import EngineError
from engine.arrangement.bass.kicks import even_place
from engine.arrangement.brief import brief_of
from engine.music import Note, Role
from engine.music.section import Section, SectionKind

from .basssongs import BASS_TRACK, request_of, song_of, takes_of

POP = "C | G/B | Am | F | C | G/B | Dm7 G7 | C"
TUNE = "72 76 79 76 74 71 67 74 72 76 81 79"


def starts(take):
    return [note.start_ticks for note in take.notes]


def played(take):
    return {(note.start_ticks, note.pitch) for note in take.notes}


def test_four_takes_differ_and_say_what_is_in_them():
    takes = takes_of(song_of(POP, tune=TUNE, kicks=(0, 720, 960, 1680)), style="pop")
    assert len(takes) == 4
    assert len({take.title for take in takes}) == 4
    for one, other in pairwise(takes):
        assert {(n.start_ticks, n.pitch) for n in one.notes} != {
            (n.start_ticks, n.pitch) for n in other.notes
        }
    for take in takes:
        assert take.parts[0].role is Role.BASS
        assert take.parts[0].notes == take.notes
        assert all(reason.endswith(".") for reason in take.reasons)


def test_the_same_request_gives_the_same_takes_and_another_seed_others():
    song = song_of(POP, tune=TUNE)
    assert takes_of(song, style="jazz") == takes_of(song, style="jazz")
    assert takes_of(song, style="jazz") != takes_of(song, style="jazz", seed=2)


def test_slash_basses_are_played_and_counted():
    take = takes_of(song_of("C | C/E | F | C/G G7 | Am | Am/G | F | G/B"), style="pop")[0]
    at = {note.start_ticks // 1920: note.pitch % 12 for note in reversed(take.notes)}
    assert (at[1], at[3], at[5], at[7]) == (4, 7, 7, 11)
    assert any(reason.startswith("Follows 4 slash basses") for reason in take.reasons)


def test_a_locked_take_meets_every_kick_also_a_swung_one():
    kicks = (0, 317, 960, 1277)
    takes = takes_of(song_of(POP, kicks=kicks), style="blues")
    locked = next(take for take in takes if take.title == "Locked to the kick")
    played = {start % 1920 for start in starts(locked)}
    assert all(any(abs(place - kick) <= 30 for place in played) for kick in kicks)
    brief = brief_of(request_of(song_of(POP, kicks=kicks), style="blues"))
    assert [even_place(kick, brief) for kick in kicks] == [0, 240, 960, 1200]


def test_the_style_figure_leans_to_the_kicks_that_are_there():
    kicks = (0, 720, 960, 1200)
    with_drums = takes_of(song_of(POP, kicks=kicks), style="soul", takes=1)[0]
    met = sum(
        any(abs(s - (bar * 1920 + k)) <= 30 for s in starts(with_drums)) for bar in range(8) for k in kicks
    )
    assert met >= 0.7 * 32


@pytest.mark.parametrize("style", ["pop", "jazz", "reggae", "techno", "latin"])
def test_locked_notes_stay_and_nothing_is_played_over_them(style):
    own = ((0, 960, 36), (1920 + 480, 480, 43), (5 * 1920, 1920, 40))
    song = song_of(POP, own=own)
    track = song.track(BASS_TRACK)
    notes = (replace(track.notes[0], locked=True), track.notes[1], track.notes[2])
    song = replace(song, tracks=(replace(track, notes=notes),))
    for take in takes_of(song, style=style, track_id=BASS_TRACK, keep_note_ids=(notes[1].id,)):
        assert set(take.kept_note_ids) == {notes[0].id, notes[1].id}
        assert notes[0] in take.notes and notes[1] in take.notes
        assert all(a.end_ticks <= b.start_ticks for a, b in pairwise(take.notes))
        assert "Keeps 2 notes as they are." in take.reasons


OWN = tuple(
    (bar * 1920 + place, 220, pitch)
    for bar, root in enumerate((36, 43, 33, 41))
    for place, pitch in ((0, root), (360, root), (720, root + 7), (1440, root + 12))
)


def test_one_bar_again_fits_the_bars_around_it():
    own = tuple(note for note in OWN if not 1920 * 2 <= note[0] < 1920 * 3)
    take = takes_of(song_of("C | G | Am | F", own=own), 2, 3, track_id=BASS_TRACK)[0]
    assert take.title == "Goes on as you played"
    assert [note.start_ticks - 3840 for note in take.notes] == [0, 360, 720, 1440]
    assert [note.pitch % 12 for note in take.notes] == [9, 9, 4, 9]
    assert abs(take.notes[0].pitch - own[7][2]) <= 12


def test_what_the_artist_played_goes_on_over_other_chords():
    song = song_of("C | G | Am | F | Dm | Em | F | G", own=OWN)
    take = takes_of(song, 4, 8, track_id=BASS_TRACK)[0]
    assert [s % 1920 for s in starts(take)] == [0, 360, 720, 1440] * 4
    assert [note.pitch % 12 for note in take.notes[::4]] == [2, 4, 5, 7]


def test_no_chord_is_a_rest_and_only_rests_are_refused():
    take = takes_of(song_of("C | N | F | G"), style="rock")[0]
    assert not any(1920 <= start < 3840 for start in starts(take))
    assert all(note.end_ticks <= 1920 for note in take.notes if note.start_ticks < 1920)
    with pytest.raises(EngineError, match="no chord sounds"):
        takes_of(song_of("N | N"))


def test_an_early_chord_is_taken_early():
    song = song_of("C | F | G | C")
    edges = (0, 1680, 3600, 5520, 7680)
    early = tuple(
        replace(span, start_ticks=start, duration_ticks=end - start)
        for span, (start, end) in zip(song.chords, pairwise(edges), strict=True)
    )
    takes = takes_of(replace(song, chords=early), style="pop")
    for take in takes:
        for tick, root in ((1680, 5), (3600, 7), (5520, 0)):
            sounding = [n for n in take.notes if n.start_ticks <= tick + 10 < n.end_ticks]
            after = next(n for n in take.notes if n.start_ticks >= tick)
            assert (sounding[-1] if sounding else after).pitch % 12 == root, take.title


STRANGE = {
    "one bar": song_of("C"),
    "two hundred bars": song_of(" | ".join(["C", "Am7", "Dm7 G7", "F/A"] * 50)),
    "no chords, a tune": song_of(tune=TUNE, bars=8),
    "nothing at all": song_of(bars=4),
    "seven eight": song_of(POP, (7, 8), TUNE),
    "five four": song_of(POP, (5, 4), TUNE),
    "one four": song_of(POP, (1, 4)),
    "fifteen sixteen": song_of(POP, (15, 16), TUNE),
    "tempo 30": song_of(POP, bpm=30),
    "tempo 300": song_of(POP, bpm=300),
    "chords nobody names": song_of("C:(b2,4) | D:1 | E:(#4) | F#:min(*5,b6)"),
    "a low tune": song_of(POP, tune="45 43 41 40"),
    "kicks everywhere": song_of(POP, kicks=tuple(range(0, 1920, 120))),
    "a pickup": song_of("C | F | G | C", pickup_ticks=480),
}


@pytest.mark.parametrize("case", STRANGE)
@pytest.mark.parametrize("style", ["", "funk", "jazz"])
def test_strange_songs_get_a_part_all_the_same(case, style):
    song = STRANGE[case]
    takes = takes_of(song, 0, max(1, song.bars), style=style)
    end = song.time_map.bar_start(max(1, song.bars))
    assert takes
    for take in takes:
        assert take.notes and all(28 <= note.pitch <= 55 for note in take.notes)
        assert all(a.end_ticks <= b.start_ticks for a, b in pairwise(take.notes)), take.title
        assert all(note.start_ticks >= 0 and note.end_ticks <= end for note in take.notes)


@pytest.mark.parametrize(
    ("limits", "message"), [((40, 45), "at least an octave"), ((36, 48), ""), ((28, 40), "")]
)
def test_a_range_is_never_overstepped(limits, message):
    song = song_of(POP, tune=TUNE)
    if message:
        with pytest.raises(EngineError, match=message):
            takes_of(song, range=limits)
        return
    for take in takes_of(song, style="disco", range=limits):
        assert all(limits[0] <= note.pitch <= limits[1] for note in take.notes)


def test_density_register_and_sections_shape_the_line():
    song = song_of(POP, tune=TUNE)
    notes = [len(takes_of(song, style="rock", density=d, takes=1)[0].notes) for d in (0.0, 0.5, 1.0)]
    assert notes[0] < notes[1] < notes[2]
    heights = [
        sum(n.pitch for n in take.notes) / len(take.notes)
        for take in (takes_of(song, style="rock", register=r, takes=1)[0] for r in (0.0, 1.0))
    ]
    assert heights[0] + 5 < heights[1]
    sections = (
        Section(800, "Verse", 0, 4, SectionKind.VERSE),
        Section(801, "Chorus", 4, 4, SectionKind.CHORUS),
    )
    take = takes_of(replace(song, sections=sections), style="rock", takes=1)[0]
    assert sum(s < 7680 for s in starts(take)) < sum(s >= 7680 for s in starts(take))


def test_a_busy_sketch_gets_a_busier_line_than_a_calm_one():
    calm = song_of(POP, tune="72 0 0 0 76 0 0 0")
    busy = replace(calm, tracks=(replace(calm.tracks[0], notes=_running()),))
    counts = [
        sum(len(takes_of(song, style="soul", takes=1, seed=seed)[0].notes) for seed in range(6))
        for song in (calm, busy)
    ]
    assert counts[0] < counts[1]


def _running() -> tuple[Note, ...]:
    return tuple(Note(100 + i, i * 120, 120, 72 + i % 5) for i in range(8 * 16))


def test_a_pedal_is_held_where_the_chords_bear_it():
    takes = takes_of(song_of("C | F/C | G7 | Am | F | Dm7 | C"), style="cinematic", takes=6)
    pedal = next(take for take in takes if take.title.startswith("Pedal on "))
    assert {note.pitch % 12 for note in pedal.notes} <= {0, 7}
    assert pedal.reasons[0].startswith("Holds C while the chords move; it belongs to 6 of the 7.")
    assert not any(t.title.startswith("Pedal") for t in takes_of(song_of("C | Db | C7b9 | Ab7"), takes=6))


def test_walking_lines_step_and_arrive():
    song = song_of("Dm7 | G7 | Cmaj7 | A7 | Dm7 G7 | Em7 A7 | Fmaj7 Bb7 | Em7 A7b9", bpm=160)
    for seed in range(5):
        take = takes_of(song, style="jazz", takes=1, seed=seed)[0]
        pitches = [note.pitch for note in take.notes]
        moves = [abs(b - a) for a, b in pairwise(pitches)]
        assert sum(moves) / len(moves) < 4
        assert max(moves) <= 12 and moves.count(0) <= 0.08 * len(moves)
        brief = brief_of(request_of(song, style="jazz"))
        changes = [
            abs(after.pitch - note.pitch)
            for note, after in pairwise(take.notes)
            if brief.harmony_at(after.start_ticks).start_ticks == after.start_ticks
        ]
        assert sum(size in (1, 2, 5, 7) for size in changes) >= 0.85 * len(changes)
        assert len(set(pitches)) >= 9


@pytest.mark.parametrize(
    ("style", "kicks"),
    [
        ("pop", (0, 720, 960)),
        ("soul", (0, 720, 960, 1680)),
        ("hip-hop", (0, 240, 840, 1200)),
        ("rock", (0, 960, 1200)),
    ],
)
def test_bass_and_kick_agree_better_than_roots_in_whole_notes_or_eighths(style, kicks):
    song = song_of(POP, kicks=kicks)
    struck = {bar * 1920 + kick for bar in range(8) for kick in kicks}

    def agreement(places):
        return 2 * sum(any(abs(p - k) <= 30 for p in places) for k in struck) / (len(struck) + len(places))

    whole, eighths = agreement(range(0, 8 * 1920, 1920)), agreement(range(0, 8 * 1920, 240))
    first, locked = takes_of(song, style=style)[:2]
    assert agreement(starts(first)) > max(whole, eighths)
    assert agreement(starts(locked)) > 0.9


def test_a_part_with_silent_bars_is_taken_up_all_the_same():
    own = tuple(note for note in OWN if not 1920 <= note[0] < 3840)
    song = song_of("C | G | Am | F | Dm | Em | F | G", own=own)
    take = takes_of(song, 4, 8, track_id=BASS_TRACK)[0]
    assert take.title == "Goes on as you played"
    assert {s % 1920 for s in starts(take)} == {0, 360, 720, 1440}
