"""Recordings under the notes and recordings made: where each frame sounds, fades, levels, what comes in."""

import os
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.playback.errors import NoSound
from app.playback.recorder import Recorder, Sound
from app.playback.score import compile_song
from app.playback.silence import SilentBank
from app.playback.tape import PEAK_FRAMES, UnreadableRecording, decoded, tape_of
from app.playback.transport import Transport
from engine.music import Recording, Tempo
from tests.app.playback.sound import BAR, RATE, song, track

ROOT = Path(__file__).resolve().parents[3]
MEMO = Recording("memo", "Voice memo", 4.0)


def ramp_tape(seconds: float = 4.0):
    """A tape whose every frame tells which it is: value = frame / 1e6."""
    frames = np.arange(round(seconds * RATE), dtype=np.float32) / 1e6
    return tape_of(frames[:, None], RATE)


def transport(recording: Recording = MEMO, **more) -> Transport:
    value = replace(song(track([(0, 16 * BAR, 60)]), **more), recordings=(recording,))
    made = Transport(SilentBank(RATE), compile_song(value, RATE))
    made.deck.load(recording.sha256, ramp_tape())
    return made


def heard_frames(block) -> np.ndarray:
    return np.rint(block[:, 0] * 1e6)


@pytest.mark.parametrize(
    ("recording", "tick", "expected_s"),
    [
        (MEMO, 0, 0.0),
        (replace(MEMO, at_s=0.5), 0, 0.5),
        (replace(MEMO, tick=BAR), BAR + 480, 0.5),
        (replace(MEMO, tick=BAR, at_s=1.0), BAR, 1.0),
    ],
)
def test_each_frame_of_a_recording_sounds_where_it_lies(recording, tick, expected_s):
    head = transport(recording)
    head.seek(tick)
    head.play()
    head.render(512)  # fades in
    heard = heard_frames(head.render(512))
    expected = round(expected_s * RATE) + 512 + np.arange(512)
    assert np.abs(heard - expected).max() <= 35  # 16 bits of a ramp up to 0.19


def test_it_follows_tempo_changes_in_seconds_and_is_silent_outside():
    head = transport(tempos=(Tempo.of_bpm(0, 60), Tempo.of_bpm(480, 240)))
    head.seek(2 * 480)  # 1 s and 0.25 s
    head.play()
    head.render(512)
    assert abs(heard_frames(head.render(512))[0] - (1.25 * RATE + 512)) <= 35
    head.seek(20 * 480)  # after its four seconds
    head.render(512)
    assert not head.render(512).any()


def test_loop_mute_and_stop_do_not_click():
    level = np.full((8 * RATE, 1), 0.5, np.float32)
    head = transport()
    head.deck.load(MEMO.sha256, tape_of(level, RATE))
    head.set_loop((480, 960))
    head.seek(480)
    head.play()
    blocks = [head.render(480) for _ in range(120)]
    loud = np.concatenate(blocks)[480:, 0]
    assert loud.min() > 0.3
    assert np.abs(np.diff(loud)).max() < 0.01
    head.stop()
    tail = head.render(1024)[:, 0]
    assert tail[0] > 0.4 and tail[300] == 0 and np.abs(np.diff(tail)).max() < 0.01


def test_mute_level_and_solo_hold():
    def loudness(recording, *tracks):
        value = replace(song(*tracks), recordings=(recording,))
        head = Transport(SilentBank(RATE), compile_song(value, RATE))
        head.deck.load(MEMO.sha256, tape_of(np.full((RATE, 1), 0.25, np.float32), RATE))
        head.play()
        head.render(512)
        return float(head.render(512)[:, 0].mean())

    part = track([(0, BAR, 60)])
    assert loudness(MEMO, part) == pytest.approx(0.25, abs=0.001)
    assert loudness(replace(MEMO, level=0.4), part) == pytest.approx(0.0625, abs=0.001)
    assert loudness(replace(MEMO, muted=True), part) == 0
    assert loudness(MEMO, replace(part, soloed=True)) == 0


def test_many_channels_at_a_high_rate_are_decoded_in_little_memory(tmp_path):
    """40 s of 8 channels at 192 kHz: 245 MB as float32, 8 MB as a tape."""
    path, rate = tmp_path / "wide.flac", 192_000
    tone = 0.5 * np.sin(2 * np.pi * 220 * np.arange(rate) / rate)
    with soundfile.SoundFile(path, "w", rate, 8, "PCM_16", format="FLAC") as file:
        for _ in range(40):
            file.write(np.repeat(tone[:, None], 8, axis=1))
    data = path.read_bytes()
    tracemalloc.start()
    tape = decoded(data, 48_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6 and tape.samples.shape == (40 * 48_000, 2)
    heard = tape.samples[48_000 * 20 : 48_000 * 21, 0] / 32767
    wanted = 0.5 * np.sin(2 * np.pi * 220 * np.arange(48_000) / 48_000)
    assert np.abs(heard - wanted).max() < 0.01


@pytest.mark.parametrize(
    ("rate", "own"), [(44_100, 44_100), (48_000, 48_000), (96_000, 48_000), (88_200, 44_100)]
)
def test_a_faster_device_plays_the_same_sound_at_the_same_time(rate, own):
    seconds = np.arange(48_000) / 48_000
    tone = (0.5 * np.sin(2 * np.pi * 220 * seconds)).astype(np.float32)[:, None]
    tape = decoded(Sound(48_000, tone).flac(), rate)
    assert (tape.rate, tape.duration_s) == (own, pytest.approx(1.0, abs=1e-3))
    first, last = rate // 4, rate // 2
    wanted = 0.5 * np.sin(2 * np.pi * 220 * np.arange(first, last) / rate)
    assert np.abs(tape.sound(first, last)[:, 0] / 32767 - wanted).max() < 0.01


def test_a_file_of_another_rate_and_many_channels_becomes_a_tape(tmp_path):
    tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)[:, None].repeat(6, axis=1) * 0.5
    path = tmp_path / "six.wav"
    soundfile.write(path, tone, 22050)
    tape = decoded(path.read_bytes(), RATE)
    assert tape.samples.shape == (RATE, 2) and tape.duration_s == 1.0
    low, high = tape.extremes(np.linspace(0, 1, 11)).T
    assert (high > 0.45).all() and (low < -0.45).all()
    assert len(tape.peaks) == -(-RATE // PEAK_FRAMES)


@pytest.mark.parametrize("data", [b"", b"RIFF no wave", b"\0" * 5000])
def test_what_is_no_recording_is_said_in_a_sentence(data):
    with pytest.raises(UnreadableRecording, match=r"cannot be played.*\.$"):
        decoded(data, RATE)


def test_broken_samples_become_silence():
    tape = tape_of(np.array([[np.nan], [np.inf], [5.0]], np.float32), RATE)
    assert tape.samples[:, 0].tolist() == [0, 0, 32767]


# recording --------------------------------------------------------------------------


class PipedInput:
    """Gives the blocks it was made with, then silence until it is closed or lost."""

    rate, latency_s = 1000, 0.1

    def __init__(self, blocks, is_lost_after=False) -> None:
        self._blocks, self._is_lost_after, self.is_closed = list(blocks), is_lost_after, False

    def read(self):
        if self._blocks:
            return self._blocks.pop(0)
        if self._is_lost_after:
            raise NoSound("The microphone is gone.")
        return np.zeros((50, 1), np.float32)

    def close(self) -> None:
        self.is_closed = True


def wait_until(is_so, patience_s: float = 5.0) -> None:
    import time

    until = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.002)


def test_what_sounds_between_start_and_stop_is_kept():
    recorder = Recorder(lambda: PipedInput([]))
    recorder.open()
    wait_until(lambda: recorder.is_listening)
    assert recorder.stop() is None
    recorder.start()
    wait_until(lambda: recorder.seconds > 0.2)
    sound = recorder.stop()
    assert sound.duration_s >= 0.2 and sound.is_silent and not recorder.is_recording
    recorder.close()
    assert not recorder.is_listening


def test_the_level_shows_the_loudest_moment_and_clipping_is_told():
    loud = np.zeros((100, 1), np.float32)
    loud[50] = 1.0
    recorder = Recorder(lambda: PipedInput([loud]))
    recorder.start()
    recorder.open()
    wait_until(lambda: recorder.level_db > -6)
    assert Sound(1000, loud).is_clipped and not Sound(1000, loud * 0.5).is_clipped
    recorder.close()


def test_a_lost_microphone_keeps_what_was_recorded():
    block = np.full((200, 1), 0.5, np.float32)
    recorder = Recorder(lambda: PipedInput([block, block], is_lost_after=True))
    recorder.start()
    recorder.open()
    wait_until(lambda: bool(recorder.problem))
    assert recorder.problem == "The microphone is gone."
    assert recorder.stop().duration_s == pytest.approx(0.4, abs=0.11)
    recorder.close()


def test_no_microphone_is_one_sentence():
    def none():
        raise NoSound("No microphone was found.")

    recorder = Recorder(none)
    recorder.open()
    wait_until(lambda: bool(recorder.problem))
    assert recorder.problem == "No microphone was found." and recorder.stop() is None
    recorder.close()


LISTEN = """
import time
import numpy as np
from app.playback.recorder import Recorder
recorder = Recorder()
recorder.start()
recorder.open()
until = time.monotonic() + 10
while recorder.seconds < 1.5 and time.monotonic() < until and not recorder.problem:
    time.sleep(0.002)
sound = recorder.stop()
recorder.close()
print("problem:", recorder.problem)
mono = sound.samples[: sound.rate].mean(axis=1)
print("hz:", np.argmax(np.abs(np.fft.rfft(mono))) * sound.rate / len(mono), "peak:", np.abs(mono).max())
"""


def test_the_real_input_stream_is_recorded(tmp_path):
    sung = tmp_path / "sung.raw"
    tone = np.sin(2 * np.pi * 440 * np.arange(44100 * 20) / 44100) * 0.5
    sung.write_bytes(tone.astype(np.float32).repeat(2).tobytes())
    environment = os.environ | {
        "ALSA_CONFIG_PATH": str(ROOT / "tests" / "data" / "asound-mic.conf"),
        "UNDERSTUDY_SUNG": str(sung),
        "JACK_NO_START_SERVER": "1",
        "JACK_DEFAULT_SERVER": "nobody",
    }
    done = subprocess.run(
        [sys.executable, "-c", LISTEN], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert "problem: \n" in done.stdout, done.stdout + done.stderr
    said = dict(zip(*[iter(done.stdout.split()[-4:])] * 2, strict=True))
    assert abs(float(said["hz:"]) - 440) < 2 and 0.45 < float(said["peak:"]) < 0.55


def test_a_recording_is_a_flac_file_that_reads_back():
    tone = (np.sin(np.arange(4800) / 10) * 0.5).astype(np.float32)[:, None]
    tape = decoded(Sound(RATE, tone).flac(), RATE)
    assert np.abs(tape.samples[:, 0] / 32767 - tone[:, 0]).max() < 1e-4
