"""The whole way out: PortAudio into an ALSA file device, in a process of its own, heard from the file."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sounddevice

from app.playback import output
from app.playback.errors import NoSound
from tests.app.playback.sound import onsets, pitch_at

ROOT = Path(__file__).resolve().parents[3]
RATE = 44100  # what the file device opens with
CLOSE = 240
SCALE = [60, 62, 64, 65, 67, 69, 71, 72]

PLAY = """
import os
import time
from app.playback.player import Player
from tests.app.playback.sound import *
player = Player()
assert player.wait_until_ready()
print("problem:", player.sound_problem)
def until_stopped():
    while player.is_playing:
        time.sleep(0.005)
def until(ticks):
    while player.is_playing and player.position_ticks < ticks:
        time.sleep(0.001)
{script}
print("underflows:", player.underflows)
player.close()
"""

BUSY = """
import multiprocessing
def work():
    while True:
        sum(i * i for i in range(1000))
busy = multiprocessing.get_context("fork").Process(target=work, daemon=True)
busy.start()
"""


def played(script: str, tmp_path: Path, **environment: str) -> tuple[np.ndarray, str]:
    """What the script sent to the device (float32 frames) and printed."""
    capture = tmp_path / "capture.raw"
    env = os.environ | {
        "ALSA_CONFIG_PATH": str(ROOT / "tests" / "data" / "asound-file.conf"),
        "UNDERSTUDY_CAPTURE": str(capture),
        "JACK_NO_START_SERVER": "1",
        "JACK_DEFAULT_SERVER": "nobody",  # a JACK server that happens to run is not asked
    }
    done = subprocess.run(
        [sys.executable, "-c", PLAY.format(script=script)],
        cwd=ROOT,
        env=env | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    audio = np.fromfile(capture, dtype=np.float32).reshape(-1, 2) if capture.exists() else np.zeros((0, 2))
    return audio, done.stdout


def test_the_right_notes_at_the_right_times_with_a_tempo_change(tmp_path):
    script = f"""
tempos = (Tempo.of_bpm(0, 120), Tempo.of_bpm(4 * QUARTER, 180))
player.set_song(song(staccato({SCALE}), tempos=tempos))
player.play()
until_stopped()
"""
    audio, printed = played(script, tmp_path)
    assert "problem: \nunderflows: 0\n" in printed
    starts = onsets(audio, RATE)
    expected_s = [0, 0.5, 1, 1.5, 2, 2 + 1 / 3, 2 + 2 / 3, 3]
    assert all(0 <= s - starts[0] - t * RATE + 5 <= CLOSE for s, t in zip(starts, expected_s, strict=True))
    assert [pitch_at(audio, s, RATE) for s in starts] == SCALE


def test_a_loop_has_no_gap_and_no_drift_while_a_child_process_works(tmp_path):
    script = (
        BUSY
        + f"""
player.set_song(song(staccato({SCALE})))
player.set_loop(0, 3 * QUARTER)
player.play()
while os.path.getsize(os.environ["UNDERSTUDY_CAPTURE"]) < 14 * RATE * 8:
    time.sleep(0.01)
player.stop()
"""
    )
    audio, printed = played(script, tmp_path)
    assert "underflows: 0" in printed
    starts = onsets(audio, RATE)
    assert len(starts) > 24  # beats in 14 s
    drift = np.array(starts) - starts[0] - np.arange(len(starts)) * RATE / 2
    assert np.abs(drift[:-1]).max() <= CLOSE
    assert [pitch_at(audio, s, RATE) for s in starts[:24]] == SCALE[:3] * 8


def test_auditions_switch_on_beats_without_a_gap(tmp_path):
    script = """
player.set_song(song(staccato([60] * 2000)))
player.play()
until(20 * QUARTER)
player.audition(song(staccato([72] * 2000)))
until(45 * QUARTER)
player.audition(None)
until(70 * QUARTER)
player.stop()
"""
    audio, _ = played(script, tmp_path)
    starts = onsets(audio, RATE)
    drift = np.array(starts) - starts[0] - np.arange(len(starts)) * RATE / 2
    assert np.abs(drift[:-1]).max() <= CLOSE
    pitches = np.array([pitch_at(audio, s, RATE) for s in starts[:-1]])
    changes = np.flatnonzero(np.diff(pitches))
    assert set(pitches.tolist()) == {60, 72}
    assert len(changes) == 2


def test_mute_and_solo_reach_the_device(tmp_path):
    script = """
from dataclasses import replace
low, high = staccato([48] * 2, 1), staccato([72] * 2, 2)
for tracks in [(low, replace(high, muted=True)), (low, replace(high, soloed=True))]:
    player.set_song(song(*tracks))
    player.seek(0)
    player.play()
    until_stopped()
"""
    audio, _ = played(script, tmp_path)
    assert [pitch_at(audio, s, RATE) for s in onsets(audio, RATE)] == [48, 48, 72, 72]


class DeadServer:
    """A stream whose server has died: there is never room, and a write would not come back."""

    samplerate, latency, write_available = 48000.0, 0.08, 0

    def write(self, data):
        raise AssertionError("waited inside PortAudio")


def test_a_device_that_takes_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(output, "LOST_AFTER_S", 0.05)
    device = output.Device(sounddevice, DeadServer())
    with pytest.raises(NoSound, match="the audio device is gone"):
        device.write(np.zeros((512, 2), dtype=np.float32))


SILENT = """
player.set_song(song(staccato([60])))
player.play()
until(QUARTER)
print("moved:", player.position_ticks >= QUARTER)
"""


def test_no_device_is_told_in_one_sentence_and_the_head_moves(tmp_path):
    broken = tmp_path / "broken.conf"
    broken.write_text(
        '</usr/share/alsa/alsa.conf>\npcm.!default { type file slave.pcm "nowhere" file "/dev/null" }\n'
    )
    _, printed = played(SILENT, tmp_path, ALSA_CONFIG_PATH=str(broken))
    assert "problem: No sound: no audio device was found. Everything else works." in printed
    assert "moved: True" in printed


def test_a_missing_library_is_told_in_one_sentence_and_the_head_moves(tmp_path):
    for module, sentence in [
        ("sounddevice", "No sound: the PortAudio library is not installed. Everything else works."),
        ("tinysoundfont", "No sound: the synthesizer is not installed. Everything else works."),
    ]:
        broken = tmp_path / module
        broken.mkdir()
        (broken / f"{module}.py").write_text("raise OSError('PortAudio library not found')\n")
        if module == "tinysoundfont":
            (broken / f"{module}.py").write_text("raise ImportError('not there')\n")
        _, printed = played(SILENT, tmp_path, PYTHONPATH=str(broken))
        assert f"problem: {sentence}" in printed
        assert "moved: True" in printed
