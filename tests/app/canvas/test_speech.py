"""What the screen reader says."""

import pytest

from app.ui.canvas.drumkit import drum_name, drum_rows
from app.ui.canvas.speech import bars_in_words, chord_in_words, note_in_words, notes_in_words, pitch_name
from engine.music import Key, Mode, Note, Role, Song, TimeMap
from tests.app.demo import BAR, harbour_lights

SONG = harbour_lights()


@pytest.mark.parametrize(
    ("pitch", "key", "name"),
    [
        (63, Key(3), "E♭4"),
        (60, Key(), "C4"),
        (66, Key(7), "F♯4"),
        (71, Key(3, Mode.MINOR), "C♭5"),
        (0, Key(), "C-1"),
    ],
)
def test_pitch_names(pitch, key, name):
    assert pitch_name(pitch, key) == name


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (Note(1, 8 * BAR, 480, 63), "Note E♭4, bar 9 beat 1, one beat"),
        (Note(1, 8 * BAR + 720, 240, 70), "Note B♭4, bar 9 beat 2 and half a beat, half a beat"),
        (Note(1, 0, BAR, 60, locked=True), "Note C4, bar 1 beat 1, four beats, locked"),
        (Note(1, 0, 700, 60), "Note C4, bar 1 beat 1, 1.46 beats"),
    ],
)
def test_a_note_in_words(note, words):
    assert note_in_words(SONG, note) == words


def test_a_pickup_is_bar_0_and_its_beat_the_last():
    song = Song(time_map=TimeMap(pickup_ticks=480))
    assert note_in_words(song, Note(1, 0, 480, 60)) == "Note C4, bar 0 beat 4, one beat"


def test_drums_and_groups_in_words():
    assert note_in_words(SONG, Note(1, 0, 60, 36), Role.DRUMS).startswith("Kick, bar 1 beat 1")
    assert notes_in_words(SONG, SONG.tracks[0].notes[:9]) == "9 notes, bars 5 to 6"
    assert notes_in_words(SONG, ()) == "No notes selected"
    assert bars_in_words(SONG, 8, 9) == "bar 9"


def test_a_chord_in_words():
    assert chord_in_words(SONG, SONG.chords[1], "vi") == "Chord Cm7, vi, bar 2 beat 1, four beats"


def test_unheard_of_drums_get_a_row():
    rows = drum_rows([36, 38, 99])
    assert rows[0] == 99 and 36 in rows and len(set(rows)) == len(rows)
    assert drum_name(99) == "Drum 99"
