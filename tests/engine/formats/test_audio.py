"""Recordings of every kind become one channel; whatever is wrong with one is told in a sentence."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.api.errors import BadFileError
from engine.formats.audio import ANALYSIS_RATE_HZ, is_recording, read_audio

RATE = 44100
TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)


def loudest_hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * ANALYSIS_RATE_HZ / len(samples))


@pytest.mark.parametrize(
    ("name", "rate", "channels", "subtype"),
    [
        ("a.wav", 8000, 1, "PCM_U8"), ("a.wav", 44100, 2, "PCM_24"), ("a.wav", 192000, 8, "FLOAT"),
        ("a.wav", 96000, 1, "DOUBLE"), ("a.flac", 48000, 2, "PCM_16"), ("a.ogg", 44100, 1, "VORBIS"),
        ("a.mp3", 44100, 2, "MPEG_LAYER_III"), ("a.aiff", 22050, 1, "PCM_16"),
    ],
)  # fmt: skip
def test_any_kind_rate_depth_and_channel_count(
    tmp_path: Path, name: str, rate: int, channels: int, subtype: str
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    soundfile.write(tmp_path / name, np.stack([tone] * channels, axis=1), rate, subtype=subtype)
    sound = read_audio(tmp_path / name)
    assert sound.samples.dtype == np.float32 and sound.rate_hz == ANALYSIS_RATE_HZ
    assert (sound.file_rate_hz, sound.channels) == (rate, channels)
    assert sound.format == name.split(".")[1]
    assert sound.heard_s == pytest.approx(1.0, abs=0.06)
    assert loudest_hz(sound.samples) == pytest.approx(440, abs=2)
    assert sound.warnings == ()
    assert len(sound.sha256) == 64


def damaged(kind: str) -> np.ndarray:
    sound = np.stack([TONE, TONE], axis=1)
    match kind:
        case "no numbers":
            sound[100:200] = np.nan
            sound[300] = np.inf
        case "off centre":
            sound = 0.4 * sound + 0.3
        case "clipped":
            sound = np.clip(3 * sound, -1, 1)
        case "upside down":
            sound[:, 1] *= -1
    return sound


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("no numbers", "are no numbers"),
        ("off centre", "off centre"),
        ("clipped", "clipped in"),
        ("upside down", "only channel 1"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_is_heard(tmp_path: Path, kind: str, words: str) -> None:
    soundfile.write(tmp_path / "a.wav", damaged(kind), RATE, subtype="FLOAT")
    sound = read_audio(tmp_path / "a.wav")
    assert any(words in warning for warning in sound.warnings)
    assert np.isfinite(sound.samples).all()
    assert abs(float(sound.samples.mean())) < 1e-3
    assert loudest_hz(sound.samples) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (np.zeros(0), "is empty"),
        (np.full(100, 0.1), "too short"),
        (np.zeros(RATE), "is silent"),
        (np.full(RATE, 0.25), "is silent"),
        (np.full(RATE, np.nan), "no numbers"),
    ],
)
def test_a_file_without_sound_is_refused_by_name(tmp_path: Path, samples: np.ndarray, words: str) -> None:
    soundfile.write(tmp_path / "take.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(BadFileError, match=words) as refused:
        read_audio(tmp_path / "take.wav")
    assert "take.wav" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.wav", b"hello" * 100),
        ("a.wav", b""),
        ("a.flac", b"fLaC" + bytes(60)),
        ("a.mp3", b"ID3" + bytes(range(256)) * 4),
        ("a.m4a", b"\x00\x00\x00 ftypM4A "),
        ("a.wav", b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00" + b"\xff" * 16),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFileError, match=name.replace(".", r"\.")):
        read_audio(tmp_path / name)


def test_a_lying_header_is_not_believed(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", TONE, RATE)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[40:44] = (0x7FFFFFF0).to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(content)
    sound = read_audio(tmp_path / "a.wav")
    assert sound.duration_s == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("size", [0, 44])
def test_what_a_cut_off_recorder_has_written_is_read(tmp_path: Path, size: int) -> None:
    path = tmp_path / "crashed.wav"
    soundfile.write(path, TONE, RATE)
    written = bytearray(path.read_bytes())
    at = written.index(b"data") + 4
    written[at : at + 4] = bytes(4)
    written[4:8] = size.to_bytes(4, "little")
    path.write_bytes(written)
    sound = read_audio(path)
    assert sound.heard_s == sound.duration_s == pytest.approx(1.0, abs=0.01)
    assert loudest_hz(sound.samples) == pytest.approx(440, abs=2)
    assert len(sound.warnings) == 1 and "cut off" in sound.warnings[0]


def test_an_empty_file_with_a_name_in_it_is_still_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0), RATE)
    path.write_bytes(path.read_bytes() + b"LIST\x08\x00\x00\x00INFOICMT")
    with pytest.raises(BadFileError, match="it is empty"):
        read_audio(path)


def test_of_a_long_recording_the_beginning_is_heard_and_that_is_said(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.tile(TONE, 5), RATE)
    sound = read_audio(tmp_path / "a.wav", longest_s=3.0)
    assert sound.heard_s == pytest.approx(3.0, abs=0.01)
    assert sound.duration_s == pytest.approx(5.0, abs=0.01)
    assert sound.warnings == ("This is long; its first 3 seconds were listened to.",)


def test_a_recording_is_known_by_its_first_bytes_then_by_its_name() -> None:
    assert is_recording(Path("x"), b"RIFF\x00\x00\x00\x00WAVE")
    assert is_recording(Path("x"), b"OggS........")
    assert is_recording(Path("x.MP3"), b"")
    assert not is_recording(Path("x.wav"), b"MThd\x00\x00\x00\x06")
    assert not is_recording(Path("x.rmi"), b"RIFF\x00\x00\x00\x00RMID")
    assert not is_recording(Path("x.mid"), b"")
