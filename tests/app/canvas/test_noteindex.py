"""The index answers as a slow look through all notes would."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.ui.canvas.density import coverage
from app.ui.canvas.geometry import RowAxis, TimeAxis
from app.ui.canvas.hittest import Part, chord_at_x, note_at, part_at, section_at_x, stem_at
from app.ui.canvas.noteindex import IndexCache, NoteIndex
from engine.music import Note, Track
from engine.music.note import note_order
from tests.app.demo import BAR, harbour_lights

notes = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(1, 4000), st.integers(0, 127)), min_size=0, max_size=60
).map(lambda rows: tuple(sorted((Note(i, *row) for i, row in enumerate(rows, 1)), key=note_order)))


@given(notes, st.integers(-100, 6000), st.integers(1, 3000))
def test_between_finds_what_sounds_there(held, start, length):
    index = NoteIndex(held)
    found = {int(index.ids[row]) for row in index.between(start, start + length)}
    assert found == {note.id for note in held if note.sounds_in(start, start + length)}


@given(notes, st.integers(0, 9000), st.integers(0, 127))
def test_at_finds_a_note_under_the_point(held, tick, pitch):
    row = NoteIndex(held).at(tick, pitch)
    under = [note for note in held if note.pitch == pitch and note.start_ticks <= tick < note.end_ticks]
    assert (row is None) == (not under)
    if row is not None:
        assert held[row] == under[-1]


def test_the_cache_reads_a_track_once():
    cache = IndexCache()
    track = harbour_lights().tracks[0]
    assert cache.of(track) is cache.of(track)
    other = Track(track.id, "Melody", notes=track.notes[:3])
    assert len(cache.of(other)) == 3


def test_a_note_is_grabbed_by_its_edges_and_its_body():
    index, axis, rows = NoteIndex((Note(1, 0, 480, 60),)), TimeAxis(0, 0.1), RowAxis(row_px=10)
    y = rows.y(60) + 5
    parts = [note_at(index, axis, rows, x, y).part for x in (1, 24, 46)]
    assert parts == [Part.START, Part.BODY, Part.END]
    assert note_at(index, axis, rows, 60, y) is None
    assert note_at(index, axis, rows, 24, y + 10) is None


def test_the_body_of_a_short_note_stays_in_reach():
    assert [part_at(0, 6, x) for x in (1, 3, 5)] == [Part.START, Part.BODY, Part.END]


def test_chords_and_sections_are_found_by_x():
    song, axis = harbour_lights(), TimeAxis(0, 0.05)
    assert chord_at_x(song.chords, axis, axis.x(8.5 * BAR)).span.chord.lead_sheet() == "Cm7"
    assert chord_at_x(song.chords, axis, axis.x(16 * BAR) + 1) is None
    assert section_at_x(song.sections, song.time_map, axis, axis.x(6 * BAR)).section.name == "Verse"
    assert section_at_x(song.sections, song.time_map, axis, axis.x(12 * BAR) + 2).part is Part.START


def test_of_stems_in_one_place_the_selected_is_taken():
    index = NoteIndex(tuple(Note(i, 0, 480, 60 + i) for i in (1, 2, 3)))
    axis = TimeAxis(0, 0.1)
    assert stem_at(index, axis, 2, frozenset({3})).id == 3
    assert stem_at(index, axis, 30, frozenset({3})) is None


@given(
    st.lists(st.tuples(st.integers(-20, 60), st.integers(0, 30), st.integers(-1, 4)), max_size=40),
)
def test_coverage_counts_each_pixel(boxes):
    lefts = np.array([box[0] for box in boxes], float)
    rights = np.array([box[0] + box[1] for box in boxes], float)
    counts = coverage(lefts, rights, np.array([box[2] for box in boxes], int), 4, 50)
    slow = np.zeros((4, 50), int)
    for left, length, row in boxes:
        if 0 <= row < 4 and left + length > 0 and left < 50:
            first = max(0, left)
            slow[row, first : max(first + 1, left + length)] += 1
    assert (counts == slow).all()
