"""A recording is heard otherwise later on: what the artist did stays, undo takes it back."""

from dataclasses import replace

import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.document.heardrecording import HeardRecording, Version, detail_of, from_detail, hearings_of
from app.ui.heardanew import bars_that_stay, heard_anew, heard_from_scratch, is_all_heard
from app.ui.heardbox import HOW_TO_CORRECT, HeardBox
from app.ui.widgets import Segmented
from engine.api.audio import AudioFacts, HeardNote, ListeningMode
from engine.music import Aspect, Key, Note, Origin, Recording, Role, Song, Tempo, TimeMap, Track, edits
from engine.music.track import ControlEvent, ControlKind
from tests.app.ui.conftest import has_button, named
from tests.app.ui.test_recording import RATE, sung

SHA = "f" * 64
PITCHES = (60, 62, 64, 65)


def heard_song(pitches=PITCHES, role=Role.MELODY, name="Voice", bpm=120) -> tuple[Song, AudioFacts]:
    """A note on each beat; as played 10 ticks late, the last with a bend."""
    notes = tuple(
        Note(2 + n, 480 * n, 480, pitch, 80, Origin.IMPORTED, SHA) for n, pitch in enumerate(pitches)
    )
    late = tuple(replace(note, start_ticks=note.start_ticks + 10) for note in notes)
    bend = ControlEvent(500, ControlKind.BEND, 0, 99)
    time_map = TimeMap((Tempo.of_bpm(0, bpm),))
    song = Song("memo", time_map, tracks=(Track(1, name, role, 52, notes),), next_id=2 + len(notes))
    facts = AudioFacts(
        SHA,
        4.0,
        mode=ListeningMode.VOICE if role is Role.MELODY else ListeningMode.KEYS,
        notes=tuple(
            HeardNote(n * 60 / bpm, (n + 1) * 60 / bpm, p, note_id=2 + n) for n, p in enumerate(pitches)
        ),
        as_played=(replace(song.tracks[0], notes=late, controls=(bend,)),),
    )
    return song, facts


def opened() -> tuple[Song, HeardRecording]:
    song, facts = heard_song()
    song = edits.add_recording(song, Recording(SHA, "memo.wav", 4.0))
    placed = {note.note_id: (note.pitch, note.start_s) for note in facts.notes}
    return song, HeardRecording(SHA, "voice", placed=placed)


def sounding(song: Song) -> list[tuple[int, int]]:
    return [(note.start_ticks, note.pitch) for note in song.tracks[0].notes]


def test_what_the_artist_corrected_stays_and_what_was_taken_out_stays_out():
    song, known = opened()
    first, second, third, _ = (note.id for note in song.notes())
    song = edits.move_notes(song, [first], semitones=12)  # 60 was 72
    song = edits.delete_notes(song, [second])
    song = edits.move_notes(song, [third], ticks=120)  # only moved: as it is heard
    song = edits.insert_note(song, 1, 4 * 480, 480, 67)  # drawn
    assert not is_all_heard(song, known)
    fresh, facts = heard_song((*PITCHES, 67, 69))
    anew = heard_anew(song, known, fresh, facts, Version.CLEAN)
    assert sounding(anew.song) == [(0, 72), (960, 64), (1440, 65), (1920, 67), (2400, 69)]
    assert (anew.kept, anew.left_out) == (2, 1)
    again = HeardRecording(
        SHA,
        "voice",
        placed=dict(anew.carried)
        | {
            anew.ids[note.note_id]: (note.pitch, note.start_s)
            for note in facts.notes
            if note.note_id in anew.ids
        },
    )
    once_more = heard_anew(anew.song, again, fresh, facts, Version.CLEAN)
    assert sounding(once_more.song) == sounding(anew.song)  # remembered from hearing to hearing


@pytest.mark.parametrize(
    ("version", "start", "bends"), [(Version.CLEAN, 0, 0), (Version.AS_PLAYED, 10, 0), (Version.BENT, 10, 1)]
)
def test_notes_are_clean_or_as_they_were_played(version, start, bends):
    song, known = opened()
    fresh, facts = heard_song()
    anew = heard_anew(song, known, fresh, facts, version)
    assert sounding(anew.song)[0] == (start, 60) and len(anew.song.tracks[0].controls) == bends
    back = heard_anew(anew.song, None, fresh, facts, Version.CLEAN)
    assert not back.song.tracks[0].controls and sounding(back.song) == sounding(song)


def test_a_part_takes_name_and_role_of_the_new_hearing_unless_they_were_chosen():
    song, known = opened()
    fresh, facts = heard_song(role=Role.OTHER, name="Heard")
    track = heard_anew(song, known, fresh, facts, Version.CLEAN).song.tracks[0]
    assert (track.name, track.role) == ("Heard", Role.OTHER)
    mine = edits.rename_track(edits.set_role(song, 1, Role.COUNTER), 1, "Ana")
    track = heard_anew(mine, known, fresh, facts, Version.CLEAN).song.tracks[0]
    assert (track.name, track.role) == ("Ana", Role.COUNTER)


def test_where_nothing_is_the_artists_the_bars_are_heard_anew_too():
    song, known = opened()
    assert is_all_heard(song, known)
    fresh, facts = heard_song(bpm=90)
    after = heard_from_scratch(song, fresh, facts, Version.CLEAN).song
    assert after.time_map == fresh.time_map and after.recordings[0].sha256 == SHA
    corrected = edits.mark_corrected(song, Aspect.TEMPO)
    assert not is_all_heard(corrected, known)
    assert not is_all_heard(song, replace(known, has_bars=True))
    moved = edits.place_recording(song, SHA, 960, 0.25)
    assert bars_that_stay(moved, moved.recordings[0]).begins_s == 0.75


def test_after_undo_the_hearing_is_the_former_one():
    song, known = opened()
    later = HeardRecording(SHA, "keys", placed={90: (60, 0.0), 91: (62, 0.5)})
    assert hearings_of(song, (known, later)) == (known,)
    fresh = replace(song.tracks[0], notes=(Note(90, 0, 480, 60), Note(91, 480, 480, 62)))
    assert hearings_of(replace(song, tracks=(fresh,)), (known, later)) == (later,)
    assert from_detail(detail_of(replace(later, version=Version.BENT))).version is Version.BENT


@pytest.mark.timeout(240)
def test_a_recording_in_an_open_song_is_heard_otherwise_in_what_was_heard(song_window, qtbot, tmp_path):
    path = tmp_path / "hum.wav"
    soundfile.write(path, sung(), RATE)
    window, document = song_window, song_window.document
    assert window.wake().recording.takes_in(path, 0)
    qtbot.waitUntil(lambda: document.undo_name == "Record a take", timeout=90_000)
    offered = [each.text() for each in window.banner.choices() if isinstance(each, QPushButton)]
    assert "Hear it as several notes at once" in offered and "As played" in offered
    before = document.song
    note = before.tracks[-1].notes[0]
    document.commit("Move", edits.move_notes(before, [note.id], semitones=24))
    window.actions_map["song.heard"].trigger()
    box = next(each for each in window.findChildren(HeardBox) if each.isVisible())
    qtbot.waitUntil(lambda: box.note.text() == HOW_TO_CORRECT, timeout=20_000)
    assert "SwiftF0, Basic Pitch, BeatNet" in box.texts() or "SwiftF0" in box.texts()
    mode = next(each for each in box.findChildren(Segmented) if "Hear “hum.wav”" in each.accessibleName())
    box.area.ensureWidgetVisible(mode)
    qtbot.mouseClick(mode.segment(ListeningMode.KEYS), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Heard as several notes at once: " in window.banner.sentence, timeout=90_000)
    assert "1 note of yours stays." in window.banner.sentence
    assert note.pitch + 24 in [each.pitch for each in document.song.tracks[-1].notes]
    assert document.song.tracks[:-1] == before.tracks[:-1] and document.song.time_map == before.time_map
    assert document.song.tracks[-1].name == "Heard"
    while document.undo_name != "Record a take":
        document.undo()
    assert document.song.tracks == before.tracks


def test_who_heard_leads_to_their_cards(song_window, qtbot):
    document = song_window.document
    document.keep_hearing(HeardRecording("0" * 64, "voice", ("pitch", "notes", "struck", "beats")))
    song_window.actions_map["song.heard"].trigger()
    box = next(each for each in song_window.findChildren(HeardBox) if each.isVisible())
    qtbot.waitUntil(lambda: "SwiftF0, Basic Pitch, BeatNet and a network of our own" in box.texts())
    qtbot.wait(20)
    named(box, "See the cards of the listening models").click()
    from app.ui.musicbox import MusicBox

    cards = next(each for each in song_window.findChildren(MusicBox) if each.isVisible())
    qtbot.waitUntil(lambda: cards.is_complete, timeout=20_000)
    qtbot.waitUntil(lambda: cards.area.verticalScrollBar().value() > 0)
    cards.close_box()
    assert not document.can_undo


@pytest.mark.timeout(240)
@pytest.mark.parametrize("is_corrected", [False, True])
def test_from_the_banner_the_same_song_is_heard_otherwise_and_a_corrected_key_stays(
    window, qtbot, tmp_path, is_corrected
):
    path = tmp_path / "hum.wav"
    soundfile.write(path, sung((60, 64, 67, 72, 67, 64, 60, 62)), RATE)
    window.open_file(path)
    qtbot.waitUntil(lambda: window.page is not None, timeout=90_000)
    document, mode = window.document, window.document.recordings_heard[0].mode
    if is_corrected:
        window.page.corrections.correct_key(Key(6))
        qtbot.waitUntil(lambda: window.page.corrections.is_up_to_date, timeout=20_000)
    before = document.song
    other = "several notes at once" if mode == "voice" else "one voice"
    path.unlink()  # the song has it
    offer = f"Hear it as {other}"
    qtbot.waitUntil(lambda: has_button(window.banner, offer), timeout=20_000)
    named(window.banner, offer).click()
    qtbot.waitUntil(lambda: f"Heard as {other}: " in window.banner.sentence, timeout=90_000)
    assert window.document is document and document.undo_name == f"Hear it as {other}"
    assert [each.mode for each in hearings_of(document.song, document.recordings_heard)] != [mode]
    assert len(document.song.tracks) == 1 and any(document.song.notes())
    assert (document.song.key == Key(6)) == is_corrected
    assert (document.song.time_map.tempos == before.time_map.tempos) or not is_corrected
    document.undo()
    assert replace(document.song, next_id=0) == replace(before, next_id=0)
    assert [each.mode for each in hearings_of(document.song, document.recordings_heard)] == [mode]
