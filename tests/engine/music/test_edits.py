"""Pure edits: what changes, what does not, what is refused."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.music import (
    Aspect,
    Chord,
    ChordSpan,
    EditError,
    Key,
    Metre,
    Note,
    Origin,
    Region,
    Role,
    Section,
    Song,
    Track,
    edits,
    region_digest,
)
from engine.music.codec import DecodeError, from_json, to_json
from engine.music.edits.quantise import grid_position
from engine.music.note import note_order
from tests.engine.music.strategies import songs


def melody(*notes, chords=(), sections=()):
    return Song(
        tracks=(Track(1, "Lead", Role.MELODY, notes=tuple(notes)),),
        chords=chords,
        sections=sections,
        next_id=100,
    )


LINE = melody(Note(2, 0, 480, 60), Note(3, 480, 480, 62), Note(4, 960, 960, 64))


def lead(song):
    return [(note.start_ticks, note.duration_ticks, note.pitch) for note in song.tracks[0].notes]


def spans(song):
    return [(span.start_ticks, span.end_ticks, span.chord.lead_sheet()) for span in song.chords]


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (
            edits.insert_note(LINE, 1, 240, 120, 70),
            [(0, 480, 60), (240, 120, 70), (480, 480, 62), (960, 960, 64)],
        ),
        (edits.delete_notes(LINE, [3]), [(0, 480, 60), (960, 960, 64)]),
        (edits.move_notes(LINE, [2, 3], 480, -2), [(480, 480, 58), (960, 480, 60), (960, 960, 64)]),
        (edits.move_notes(LINE, [2, 3], -960), [(0, 480, 60), (480, 480, 62), (960, 960, 64)]),
        (edits.transpose_notes(LINE, [4], 100), [(0, 480, 60), (480, 480, 62), (960, 960, 127)]),
        (edits.resize_notes(LINE, [4], -480), [(0, 480, 60), (480, 480, 62), (960, 480, 64)]),
        (edits.resize_notes(LINE, [4], -9_999), [(0, 480, 60), (480, 480, 62), (960, 1, 64)]),
        (edits.resize_notes(LINE, [3], 120, from_start=True), [(0, 480, 60), (600, 360, 62), (960, 960, 64)]),
        (
            edits.split_notes(LINE, [2, 4], 1440),
            [(0, 480, 60), (480, 480, 62), (960, 480, 64), (1440, 480, 64)],
        ),
        (
            edits.duplicate_notes(LINE, [2], 240, 12),
            [(0, 480, 60), (240, 480, 72), (480, 480, 62), (960, 960, 64)],
        ),
        (
            edits.paste_notes(LINE, 1, [Note(9, 7, 10, 50)], 0),
            [(0, 10, 50), (0, 480, 60), (480, 480, 62), (960, 960, 64)],
        ),
    ],
)
def test_note_edits(edited, expected):
    assert lead(edited) == expected


def test_joining_makes_one_note_of_one_pitch_from_first_to_last():
    song = melody(Note(2, 0, 100, 60), Note(3, 200, 100, 60), Note(4, 50, 100, 64))
    assert lead(edits.join_notes(song, [2, 3])) == [(0, 300, 60), (50, 100, 64)]


def test_splitting_and_joining_is_what_it_was():
    split = edits.split_notes(LINE, [4], 1200)
    assert lead(edits.join_notes(split, [4, 100])) == lead(LINE)


def test_velocities_stay_in_range_and_locks_are_set():
    song = edits.set_velocities(LINE, {2: 300, 3: -4})
    assert [note.velocity for note in song.tracks[0].notes] == [127, 1, 80]
    assert [note.locked for note in edits.lock_notes(LINE, [3]).tracks[0].notes] == [False, True, False]


@pytest.mark.parametrize(
    "edit",
    [
        lambda: edits.delete_notes(LINE, [77]),
        lambda: edits.insert_note(LINE, 1, -1, 10, 60),
        lambda: edits.insert_note(LINE, 1, 0, 0, 60),
        lambda: edits.insert_note(LINE, 1, 0, 10, 128),
        lambda: edits.insert_note(LINE, 1, 0, 10, 60, velocity=0),
        lambda: edits.quantise_notes(LINE, [2], 0),
        lambda: edits.quantise_notes(LINE, [2], 120, strength=2),
        lambda: edits.set_section(LINE, 0, 0, "Verse"),
        lambda: edits.change_chord(LINE, 5, Chord(0)),
        lambda: edits.set_tempo(LINE, 0),
        lambda: edits.delete_bars(LINE, 2, 2),
        lambda: edits.set_program(LINE, 1, 200),
    ],
)
def test_impossible_edits_are_refused_in_a_sentence(edit):
    with pytest.raises(EditError, match=r"\.$"):
        edit()


@pytest.mark.parametrize(
    ("tick", "grid", "swing", "line"),
    [
        (100, 120, 0.5, 120),
        (10, 120, 0.5, 0),
        (130, 120, 2 / 3, 160),
        (70, 120, 2 / 3, 0),
        (230, 120, 2 / 3, 240),
    ],
)
def test_grid_lines_with_swing(tick, grid, swing, line):
    assert grid_position(tick, 0, grid, swing) == line


@pytest.mark.parametrize(("strength", "start"), [(1.0, 480), (0.5, 490), (0.0, 500)])
def test_quantising_by_strength(strength, start):
    song = melody(Note(2, 500, 100, 60))
    assert edits.quantise_notes(song, [2], 240, strength).tracks[0].notes[0].start_ticks == start


def test_quantising_never_lets_two_notes_of_one_pitch_collapse():
    song = melody(Note(2, 470, 20, 60), Note(3, 495, 20, 60))
    assert len({note.start_ticks for note in edits.quantise_notes(song, [2, 3], 480).tracks[0].notes}) == 2


def test_a_chord_keeps_together_and_an_ornament_keeps_its_place():
    chord = [Note(2 + i, 470 + 9 * i, 300, 60 + 4 * i) for i in range(3)]
    song = melody(Note(9, 420, 40, 71), *chord)
    after = edits.quantise_notes(song, [2, 3, 4, 9], 240).tracks[0].notes
    assert [note.start_ticks for note in after] == [420, 480, 480, 480]


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.integers(31, 400), min_size=2, max_size=20),
    grid=st.sampled_from((80, 120, 160, 240, 480, 960)),
    strength=st.floats(0, 1),
    swing=st.floats(0.5, 0.75),
)
def test_notes_played_one_after_the_other_stay_so(gaps, grid, strength, swing):
    starts = list(accumulate(gaps))
    song = melody(*(Note(2 + i, start, 20, 60 + i % 12) for i, start in enumerate(starts)))
    ids = [note.id for note in song.tracks[0].notes]
    after = edits.quantise_notes(song, ids, grid, strength, swing).tracks[0].notes
    assert [note.id for note in after] == ids
    assert len({note.start_ticks for note in after}) == len(ids)
    assert all(abs(a.start_ticks - b) <= grid for a, b in zip(after, starts, strict=True))


CHORDS = melody(
    chords=(
        ChordSpan(5, 0, 1920, Chord.parse("C"), Origin.HEARD),
        ChordSpan(6, 1920, 1920, Chord.parse("F"), Origin.TAKEN),
        ChordSpan(7, 3840, 1920, Chord.parse("G"), locked=True),
    )
)


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (
            edits.set_chord(CHORDS, 960, 960, Chord.parse("Am")),
            [(0, 960, "C"), (960, 1920, "Am"), (1920, 3840, "F"), (3840, 5760, "G")],
        ),
        (
            edits.set_chord(CHORDS, 480, 480, Chord.parse("Am")),
            [(0, 480, "C"), (480, 960, "Am"), (960, 1920, "C"), (1920, 3840, "F"), (3840, 5760, "G")],
        ),
        (edits.move_chord(CHORDS, 5, 960, 1920), [(960, 2880, "C"), (2880, 3840, "F"), (3840, 5760, "G")]),
        (edits.delete_chords(CHORDS, [6]), [(0, 1920, "C"), (3840, 5760, "G")]),
        (
            edits.replace_chords(CHORDS, 1920, 5760, [ChordSpan(1, 1920, 3840, Chord.parse("Dm"))]),
            [(0, 1920, "C"), (1920, 3840, "Dm"), (3840, 5760, "G")],
        ),
    ],
)
def test_chord_edits(edited, expected):
    assert spans(edited) == expected
    assert len({span.id for span in edited.chords}) == len(edited.chords)


def test_changing_a_chord_says_whose_it_is():
    assert edits.change_chord(CHORDS, 5, Chord.parse("Am")).chords[0].origin is Origin.DRAWN
    assert edits.change_chord(CHORDS, 6, Chord.parse("Am")).chords[1].origin is Origin.EDITED


SECTIONS = melody(sections=(Section(8, "Verse", 0, 8), Section(9, "Chorus", 8, 8)))


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (
            edits.set_section(SECTIONS, 4, 2, "Bridge"),
            [("Verse", 0, 4), ("Bridge", 4, 2), ("Verse", 6, 2), ("Chorus", 8, 8)],
        ),
        (edits.change_section(SECTIONS, 9, start_bar=6, bars=10), [("Verse", 0, 6), ("Chorus", 6, 10)]),
        (edits.delete_section(SECTIONS, 8), [("Chorus", 8, 8)]),
        (edits.insert_bars(SECTIONS, 8, 2), [("Verse", 0, 8), ("Chorus", 10, 8)]),
        (edits.delete_bars(SECTIONS, 6, 10), [("Verse", 0, 6), ("Chorus", 6, 6)]),
    ],
)
def test_section_edits(edited, expected):
    assert [(section.name, section.start_bar, section.bars) for section in edited.sections] == expected


def test_corrections_are_remembered_once():
    song = edits.set_key(edits.set_key(LINE, Key(2)), Key(4))
    assert song.corrected == (Aspect.KEY,)
    assert edits.set_tempo(song, 90).corrected == (Aspect.KEY, Aspect.TEMPO)
    assert edits.set_metre(LINE, Metre(3, 4)).time_map.bar_start(1) == 1440


def test_replacing_a_passage_keeps_locks_kept_notes_and_the_outside():
    song = melody(
        Note(2, 0, 2400, 60),
        Note(3, 1920, 480, 62, locked=True),
        Note(4, 2400, 480, 64),
        Note(5, 3840, 480, 65),
    )
    new = [Note(1, 1920, 480, 62), Note(2, 2880, 9_999, 67), Note(3, 3840, 10, 70)]
    edited = edits.replace_notes(song, 1, 1920, 3840, new, source="s1/0", kept_ids=[4])
    assert lead(edited) == [(0, 1920, 60), (1920, 480, 62), (2400, 480, 64), (2880, 960, 67), (3840, 480, 65)]
    assert [note.origin for note in edited.tracks[0].notes].count(Origin.TAKEN) == 1
    assert [note.id for note in edited.tracks[0].notes] == [2, 3, 4, 100, 5]


def test_inserting_and_deleting_bars_moves_what_follows():
    opened = edits.insert_bars(LINE, 0, 1)
    assert lead(opened) == [(1920, 480, 60), (2400, 480, 62), (2880, 960, 64)]
    assert lead(edits.delete_bars(opened, 0, 1)) == lead(LINE)


@given(songs(), st.data())
def test_edits_never_break_the_song(song, data):
    ids = [note.id for note in song.notes()]
    chosen = data.draw(st.lists(st.sampled_from(ids), unique=True) if ids else st.just([]))
    track_id = data.draw(st.sampled_from([track.id for track in song.tracks]))
    edit = data.draw(
        st.sampled_from(
            [
                lambda: edits.move_notes(
                    song, chosen, data.draw(st.integers(-9_000, 9_000)), data.draw(st.integers(-99, 99))
                ),
                lambda: edits.quantise_notes(
                    song, chosen, data.draw(st.sampled_from([60, 120, 160, 480])), 0.7, 0.6
                ),
                lambda: edits.duplicate_notes(song, chosen, 480, 3),
                lambda: edits.split_notes(song, chosen, 1000),
                lambda: edits.delete_notes(song, chosen),
                lambda: edits.insert_bars(song, data.draw(st.integers(0, 4)), 2),
                lambda: edits.delete_bars(song, 1, 3),
                lambda: edits.set_chord(song, 500, 1_000, Chord(2)),
                lambda: edits.set_section(song, 1, 2, "Verse"),
                lambda: edits.set_metre(song, Metre(5, 4), data.draw(st.integers(0, 3))),
                lambda: edits.replace_notes(song, track_id, 480, 2_000, [Note(1, 500, 60, 60)]),
            ]
        )
    )
    edited = edit()
    all_ids = [note.id for note in edited.notes()] + [
        item.id for item in (*edited.tracks, *edited.chords, *edited.sections)
    ]
    assert len(all_ids) == len(set(all_ids))
    assert all(item_id < edited.next_id for item_id in all_ids)
    for track in edited.tracks:
        assert list(track.notes) == sorted(track.notes, key=note_order)
        assert all(0 <= n.pitch <= 127 and n.start_ticks >= 0 and n.duration_ticks >= 1 for n in track.notes)
    ends = [(span.start_ticks, span.end_ticks) for span in edited.chords]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))
    bars = [(section.start_bar, section.end_bar) for section in edited.sections]
    assert all(before[1] <= after[0] for before, after in pairwise(bars))
    assert from_json(Song, to_json(edited)) == edited


def test_a_region_is_stale_only_when_its_bars_changed():
    region = Region(0, 1, (1,))
    before = region_digest(LINE, region)
    assert region_digest(edits.insert_note(LINE, 1, 1920, 10, 60), region) == before
    assert region_digest(edits.lock_notes(LINE, [2]), region) == before
    assert region_digest(edits.rename_track(LINE, 1, "Voice"), region) == before
    assert region_digest(edits.move_notes(LINE, [2], 10), region) != before
    assert region_digest(edits.set_chord(LINE, 0, 480, Chord(0)), region) != before


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"tracks": 5},
        {"tracks": [{"id": 1}]},
        {"next_id": "1"},
        {"tracks": [{"id": 1, "name": "x", "notes": [[1]]}]},
    ],
)
def test_stored_songs_of_the_wrong_form_are_refused(data):
    with pytest.raises(DecodeError):
        from_json(Song, data)
