"""What a drag makes of the song, without a window."""

import pytest

from app.ui.canvas.gestures import (
    CopyNotes,
    DragChord,
    DragSection,
    DragVelocity,
    DrawNote,
    MoveNotes,
    Pointer,
    ResizeNotes,
)
from app.ui.canvas.hittest import Part
from app.ui.canvas.snapping import Grid
from engine.music import Note, Song, Track
from tests.app.demo import BAR, harbour_lights

SONG = Song(
    tracks=(Track(1, "Lead", notes=(Note(2, 100, 480, 60, 70), Note(3, 960, 480, 64, 90))),), next_id=4
)
FIRST, SECOND = SONG.tracks[0].notes


def shape(song):
    return [(note.start_ticks, note.duration_ticks, note.pitch) for note in song.tracks[0].notes]


@pytest.mark.parametrize(
    ("to", "first"),
    [
        (Pointer(160, 60), (100, 480, 60)),  # less than half a step: the feel stays
        (Pointer(350, 60), (240, 480, 60)),
        (Pointer(350, 60, is_free=True), (350, 480, 60)),
        (Pointer(100, 67), (100, 480, 67)),
        (Pointer(-900, 60), (0, 480, 60)),
    ],
    ids=["little", "snapped", "free", "up", "before the song"],
)
def test_moving(to, first):
    drag = MoveNotes(SONG, frozenset({2}), FIRST, Pointer(100, 60), Grid.EIGHTH)
    assert shape(drag.dragged(to))[0] == first
    assert drag.name == "Move note"


def test_several_notes_move_together_and_are_counted():
    drag = MoveNotes(SONG, frozenset({2, 3}), SECOND, Pointer(960, 64), Grid.QUARTER)
    assert shape(drag.dragged(Pointer(1500, 62))) == [(580, 480, 58), (1440, 480, 62)]
    assert drag.name == "Move 2 notes"


def test_copies_are_carried_and_the_notes_stay():
    drag = CopyNotes(MoveNotes(SONG, frozenset({3}), SECOND, Pointer(960, 64), Grid.QUARTER))
    assert shape(drag.dragged(Pointer(1440, 64))) == [*shape(SONG), (1440, 480, 64)]
    assert drag.note_ids == {4}


@pytest.mark.parametrize(
    ("part", "to", "second"),
    [
        (Part.END, 1920, (960, 960, 64)),
        (Part.END, 0, (960, 15, 64)),
        (Part.START, 720, (720, 720, 64)),
        (Part.START, 5000, (1425, 15, 64)),
    ],
)
def test_resizing(part, to, second):
    start = Pointer(1440 if part is Part.END else 960, 64)
    drag = ResizeNotes(SONG, frozenset({3}), SECOND, part, start, Grid.EIGHTH)
    assert shape(drag.dragged(Pointer(to, 64)))[1] == second


@pytest.mark.parametrize(("to", "length"), [(0, 240), (700, 720), (5, 240)])
def test_drawing_is_a_grid_step_or_as_long_as_dragged(to, length):
    drag = DrawNote(SONG, 1, 67, 0, Grid.EIGHTH)
    assert (0, length, 67) in shape(drag.dragged(Pointer(to)))


def test_velocities_change_by_the_same_and_stay_in_range():
    drag = DragVelocity(SONG, frozenset({2, 3}), FIRST)
    louder = drag.dragged(Pointer(value=1.0)).tracks[0].notes
    assert [note.velocity for note in louder] == [127, 127]
    softer = drag.dragged(Pointer(value=60 / 127)).tracks[0].notes
    assert [note.velocity for note in softer] == [60, 80]


def lane(song):
    return [(span.start_ticks / BAR, span.duration_ticks / BAR) for span in song.chords[:4]]


@pytest.mark.parametrize(
    ("part", "bars", "expected"),
    [
        (Part.END, -0.5, [(0, 1), (1, 0.5), (1.5, 1.5), (3, 1)]),
        (Part.END, 0.5, [(0, 1), (1, 1.5), (2.5, 0.5), (3, 1)]),
        (Part.START, 0.5, [(0, 1.5), (1.5, 0.5), (2, 1), (3, 1)]),
        (Part.START, -0.25, [(0, 0.75), (0.75, 1.25), (2, 1), (3, 1)]),
    ],
)
def test_the_border_of_two_chords_is_carried(part, bars, expected):
    song = harbour_lights()
    span = song.chords[1]
    edge = span.end_ticks if part is Part.END else span.start_ticks
    drag = DragChord(song, span, part, Pointer(edge), Grid.EIGHTH)
    assert lane(drag.dragged(Pointer(edge + bars * BAR))) == expected


def test_a_chord_is_carried_over_others():
    song = harbour_lights()
    drag = DragChord(song, song.chords[0], Part.BODY, Pointer(100), Grid.QUARTER)
    moved = drag.dragged(Pointer(100 + BAR))
    assert [span.chord.lead_sheet() for span in moved.chords][:2] == ["E♭", "A♭"]


@pytest.mark.parametrize(
    ("part", "bars", "expected"),
    [
        (Part.END, 2, [("Intro", 0, 4), ("Verse", 4, 10), ("Chorus", 14, 2)]),
        (Part.END, -3, [("Intro", 0, 4), ("Verse", 4, 5), ("Chorus", 9, 7)]),
        (Part.START, 1, [("Intro", 0, 5), ("Verse", 5, 7), ("Chorus", 12, 4)]),
        (Part.START, -4, [("Verse", 0, 12), ("Chorus", 12, 4)]),
        (Part.BODY, 0.2, [("Intro", 0, 4), ("Verse", 4, 8), ("Chorus", 12, 4)]),
    ],
)
def test_sections_are_stretched_by_bars(part, bars, expected):
    song = harbour_lights()
    drag = DragSection(song, song.sections[1], part, Pointer(8 * BAR))
    moved = drag.dragged(Pointer((8 + bars) * BAR))
    assert [(section.name, section.start_bar, section.bars) for section in moved.sections] == expected
