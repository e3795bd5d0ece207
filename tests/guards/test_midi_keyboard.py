"""A MIDI keyboard, for real: a JACK server of this test's own, a virtual port for the keyboard, and the
window's “Play something” listening to it. What is played is in the song, as played, at the time it sounded.
"""

import os
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import rtmidi
import sounddevice  # noqa: F401  before the server is there: PortAudio would bind to it and abort when it goes
from PySide6.QtCore import Qt

from app.playback.errors import NoSound
from app.playback.midi import MidiInput, list_midi_inputs
from app.ui.mainwindow import MainWindow
from engine.music import Origin

PERIOD_S = 1024 / 48_000
LATE_TICKS = 70  # 73 ms at 120 bpm: three periods of JACK on a busy machine
ON, OFF = 0x90, 0x80


class Keyboard:
    """A virtual output port, as a keyboard would show it, and when each key was struck."""

    def __init__(self) -> None:
        self._port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="Test keyboard")
        self._port.open_virtual_port("keys")
        self.name = "Test keyboard:keys"

    def send(self, *message: int) -> None:
        self._port.send_message(message)

    def close(self) -> None:
        self._port.close_port()
        self._port.delete()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A JACK server without a sound card, of a name nobody else has; ended afterwards."""
    name = f"understudy-{os.getpid()}-{secrets.token_hex(3)}"
    command = ("jackd", "--no-realtime", "-n", name, "-d", "dummy", "-r", "48000", "-p", "1024")
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **quiet)
    yield name
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


@pytest.fixture
def keyboard(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyboard]:
    """Waits until the server answers and shows the keyboard to programs."""
    monkeypatch.setenv("JACK_DEFAULT_SERVER", server)
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setattr(rtmidi, "get_compiled_api", lambda: [rtmidi.API_UNIX_JACK])
    keyboard = _plugged_in(time.monotonic() + 20)
    yield keyboard
    keyboard.close()


def _plugged_in(end_s: float) -> Keyboard:
    while True:
        with suppress(rtmidi.RtMidiError, rtmidi.SystemError):  # until the server is there
            keyboard = Keyboard()
            if keyboard.name in list_midi_inputs():
                return keyboard
            keyboard.close()
        assert time.monotonic() < end_s, "the JACK server does not answer"
        time.sleep(0.1)


def test_notes_come_through_a_port_and_nothing_after_it_is_closed(keyboard: Keyboard, qtbot) -> None:
    heard: list[tuple[int, int, float]] = []
    port = MidiInput.open(
        keyboard.name, lambda pitch, velocity: heard.append((pitch, velocity, time.perf_counter()))
    )
    sent = []
    for pitch in range(60, 72):
        sent.append((pitch, 100, time.perf_counter()))
        keyboard.send(ON, pitch, 100)
        keyboard.send(0xB0, 64, 127)  # a pedal is no note
        time.sleep(0.03)
        keyboard.send(OFF, pitch, 0)
    qtbot.waitUntil(lambda: len(heard) == 24, timeout=3_000)
    struck = [note for note in heard if note[1]]
    assert [note[:2] for note in struck] == [note[:2] for note in sent]
    late_s = sorted(after[2] - before[2] for before, after in zip(sent, struck, strict=True))
    assert late_s[0] >= 0 and late_s[6] < 2.5 * PERIOD_S, late_s
    port.close()
    keyboard.send(ON, 60, 100)
    time.sleep(3 * PERIOD_S)
    assert len(heard) == 24
    with pytest.raises(NoSound):
        MidiInput.open("Another keyboard", print)


def test_what_is_played_on_a_keyboard_stands_in_the_song(
    keyboard: Keyboard, window: MainWindow, qtbot
) -> None:
    sounded: list[tuple[int, int]] = []
    qtbot.mouseClick(window.start.play, Qt.MouseButton.LeftButton)
    page, player = window.page, window.player
    assert keyboard.name in window.banner.sentence
    qtbot.waitUntil(lambda: page.state.playhead_ticks > 100, timeout=15_000)
    for pitch, velocity in ((60, 100), (64, 71), (67, 33)):
        struck = player.position_ticks
        keyboard.send(ON, pitch, velocity)
        qtbot.wait(200)
        sounded.append((struck, player.position_ticks))
        keyboard.send(OFF, pitch, 64)
        qtbot.wait(100)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    notes = page.document.song.tracks[0].notes
    assert [(note.pitch, note.velocity) for note in notes] == [(60, 100), (64, 71), (67, 33)]
    assert all(note.origin is Origin.PLAYED for note in notes)
    for note, (struck, let_go) in zip(notes, sounded, strict=True):
        assert -10 <= note.start_ticks - struck <= LATE_TICKS
        assert abs(note.end_ticks - let_go) <= LATE_TICKS


def test_a_busy_window_does_not_shift_what_is_played(keyboard: Keyboard, window: MainWindow, qtbot) -> None:
    qtbot.mouseClick(window.start.play, Qt.MouseButton.LeftButton)
    page, player = window.page, window.player
    qtbot.waitUntil(lambda: page.state.playhead_ticks > 100, timeout=15_000)
    sounded: list[int] = []

    def play() -> None:
        for pitch in (60, 62, 64):
            sounded.append(player.position_ticks)
            keyboard.send(ON, pitch, 90)
            time.sleep(0.1)
            keyboard.send(OFF, pitch, 0)
            time.sleep(0.05)

    hands = threading.Thread(target=play)
    hands.start()
    time.sleep(0.6)  # the window does something else meanwhile
    hands.join()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    notes = page.document.song.tracks[0].notes
    assert [note.pitch for note in notes] == [60, 62, 64]
    for note, tick in zip(notes, sounded, strict=True):
        assert -10 <= note.start_ticks - tick <= LATE_TICKS
        assert note.duration_ticks <= 96 + LATE_TICKS


def test_a_key_still_held_at_the_end_does_not_sound_on(
    keyboard: Keyboard, window: MainWindow, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.mouseClick(window.start.play, Qt.MouseButton.LeftButton)
    heard: list[tuple[int, int]] = []
    live = window.player._player.live_note
    monkeypatch.setattr(window.player._player, "live_note", lambda *note: (heard.append(note), live(*note)))
    qtbot.waitUntil(lambda: window.page.state.playhead_ticks > 100, timeout=15_000)
    keyboard.send(ON, 72, 90)
    qtbot.waitUntil(lambda: heard == [(72, 90)], timeout=3_000)
    qtbot.wait(100)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert heard == [(72, 90), (72, 0)]
    assert [note.pitch for note in window.page.document.song.tracks[0].notes] == [72]
