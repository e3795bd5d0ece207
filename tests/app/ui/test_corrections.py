"""A correction of what was heard: one undo step, of the stretch it is about, and what was played stays."""

from dataclasses import replace

import pytest

from app.document.document import SongDocument
from app.ui.corrections import Corrections
from app.ui.editorstate import EditorState
from engine.analysis.hearing import hear
from engine.api.messages import Analysed, Failed, Reply
from engine.music import Chord, Key, KeyChange, Metre, Mode, Note, Origin, Role, Song, Tempo, TimeMap, Track
from engine.service.engine import Engine

BAR = 1920
VOICINGS = {"C": (48, 60, 64, 67), "Am": (45, 60, 64, 69), "F": (41, 60, 65, 69), "G7": (43, 59, 62, 65)}


def strummed(up: int = 0, bars: int = 16) -> Song:
    chords = list(VOICINGS.values())
    notes = [
        Note(10 + 8 * beat + voice, beat * 480, 460, pitch + up * (beat >= bars * 2), 80)
        for beat in range(4 * bars)
        for voice, pitch in enumerate(chords[beat // 4 % 4])
    ]
    guitar = Track(1, "Guitar", Role.CHORDS, notes=tuple(notes))
    return Song("Strummed", TimeMap((Tempo.of_bpm(0, 100),), keys=(KeyChange(0, Key(0)),)), tracks=(guitar,))


class Answering:
    """The engine, at once."""

    def send(self, request, answered):
        replies: list[Reply] = []
        Engine().handle(request, replies.append)
        answered(next(each for each in replies if isinstance(each, Analysed | Failed)))


@pytest.fixture
def corrected(qapp, tmp_path):
    """Opens a song to correct: document, state and corrections."""
    opened = []

    def open_song(song: Song):
        song = replace(song, next_id=5000)
        document = SongDocument.create(tmp_path / "song.understudy", song)
        state = EditorState()
        corrections = Corrections(Answering(), document, state, hear(song)[1])
        opened.append(document)
        return document, state, corrections

    yield open_song
    for document in opened:
        document.close()


def steps(document: SongDocument) -> list[str]:
    return [name for name, _ in document.history()]


def test_a_corrected_chord_and_its_neighbours_are_one_step(corrected):
    document, _, corrections = corrected(hear(strummed())[0])
    before = document.song
    span = next(each for each in before.chords if each.chord == Chord.parse("A:min"))
    corrections.correct_chord(span.id, Chord.parse("A:min7"))
    minor = [each.chord for each in document.song.chords if each.chord.root == 9]
    assert len(minor) == 4 and set(minor) == {Chord.parse("A:min7")}  # the same sounds, the same chord
    assert steps(document) == ["Correct the chord to Am7"]
    document.undo()
    assert document.song.chords == before.chords


@pytest.mark.parametrize(
    ("correct", "step"),
    [
        (lambda c: c.correct_metre(Metre(5, 4)), "Correct the metre to 5/4"),
        (lambda c: c.correct_key(Key(7)), "Correct the key to G major"),
    ],
)
def test_what_is_heard_anew_is_part_of_the_correction(corrected, correct, step):
    document, _, corrections = corrected(hear(strummed())[0])
    before = document.song
    correct(corrections)
    assert steps(document) == [step]
    document.undo()
    assert replace(document.song, next_id=0) == replace(before, next_id=0)


def test_a_key_is_corrected_where_its_stretch_begins(corrected):
    song = strummed(up=3)
    keys = (KeyChange(0, Key(0)), KeyChange(8 * BAR, Key(3)))
    document, state, corrections = corrected(replace(song, time_map=replace(song.time_map, keys=keys)))
    state.set_playhead(12 * BAR)
    corrections.correct_key(Key(0, Mode.MINOR))
    assert document.song.time_map.keys == (keys[0], KeyChange(8 * BAR, Key(0, Mode.MINOR)))
    assert document.undo_name == "Correct the key to C minor from bar 9"
    state.set_playhead(0)
    corrections.correct_key(Key(9, Mode.MINOR))
    assert [change.key.name for change in document.song.time_map.keys] == ["A minor", "C minor"]


def test_twice_as_fast_keeps_the_moments_of_what_was_played_without_a_click(corrected):
    played = strummed()
    notes = tuple(
        replace(note, start_ticks=round(note.start_ticks * 1.37 + 211), origin=Origin.PLAYED)
        for note in played.tracks[0].notes
    )
    free = replace(played, tracks=(replace(played.tracks[0], notes=notes),), next_id=5000)
    song, analysis = hear(free)
    assert analysis.is_free_time
    document, _, corrections = corrected(song)
    corrections._was_free = analysis.is_free_time
    bpm = song.time_map.tempos[0].bpm
    said = []
    corrections.said.connect(said.append)
    corrections.correct_tempo(2 * bpm)
    now = document.song
    assert now.time_map.tempos[0].bpm == pytest.approx(2 * bpm, rel=0.02)
    moments = [
        [each.time_map.seconds_at(note.start_ticks) for note in each.tracks[0].notes[::40]]
        for each in (song, now)
    ]
    spread = [new - old for old, new in zip(*moments, strict=True)]
    assert max(spread) - min(spread) < 0.02
    assert said[-1].startswith(f"Count at {now.time_map.tempos[0].bpm:.1f} bpm in 4/4: done.")


def test_on_a_written_grid_the_tempo_is_set_and_no_note_moves(corrected):
    document, _, corrections = corrected(strummed())
    before = document.song.tracks
    corrections.correct_tempo(50)
    assert document.song.tracks == before and document.song.time_map.tempos == (Tempo.of_bpm(0, 50),)


def test_in_six_eight_a_tempo_is_said_as_it_is_shown(corrected):
    song = strummed()
    jig = hear(replace(song, time_map=replace(song.time_map, metres=(
        replace(song.time_map.metres[0], metre=Metre(6, 8)),))))[0]  # fmt: skip
    document, _, corrections = corrected(jig)
    corrections._was_free = True
    corrections.correct_tempo(50)
    assert document.song.time_map.metre_at(0) == Metre(6, 8)
    assert document.song.time_map.tempos[0].bpm == pytest.approx(50, rel=0.03)
