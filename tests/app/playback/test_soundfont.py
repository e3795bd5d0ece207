"""The bank's file format: what is read can be written again, byte for byte, and the synthesizer plays it."""

import sys
from pathlib import Path

import numpy as np
import pytest

from app.playback.gm import PROGRAMS
from app.playback.synth import Bank, default_bank_path
from tests.app.playback.sound import RATE, detuning_cents, pitch_at

PACKAGING = str(Path(__file__).resolve().parents[3] / "packaging")


@pytest.fixture
def soundfont(monkeypatch):
    monkeypatch.syspath_prepend(PACKAGING)
    import soundfont

    yield soundfont
    sys.modules.pop("soundfont")


def test_the_shipped_bank_read_and_written_again_is_the_same(soundfont, tmp_path):
    shipped, again = default_bank_path().read_bytes(), tmp_path / "again.sf2"
    soundfont.write_soundfont(soundfont.read_soundfont(default_bank_path()), again, {})
    written = again.read_bytes()
    assert written[written.index(b"sdta") :] == shipped[shipped.index(b"sdta") :]


def test_the_shipped_bank_holds_what_the_table_promises(soundfont):
    presets = {(p.bank, p.program) for p in soundfont.read_soundfont(default_bank_path()).presets}
    assert presets == {(0, program) for program in PROGRAMS} | {(128, 0), (128, 25)}


def test_a_font_made_here_plays_its_sample_in_tune(soundfont, tmp_path):
    period = 100
    wave = np.tile(np.sin(2 * np.pi * np.arange(period) / period), 30).astype(np.float32) * 0.5
    sample = soundfont.Sample("sine", wave, 44100, 69, 0, period, 29 * period)
    zone = soundfont.Zone({soundfont.SAMPLE_MODES: 1, soundfont.ROOT_KEY: 69}, 0)
    font = soundfont.SoundFont(
        [soundfont.Preset("sine", 0, 5, [soundfont.Zone({}, 0)])],
        [soundfont.Instrument("sine", [zone])],
        [sample],
    )
    soundfont.write_soundfont(font, tmp_path / "sine.sf2", {"INAM": "sine"})
    synth = Bank.load(tmp_path / "sine.sf2", RATE).synth()
    synth.program(0, 5, False)
    synth.note_on(0, 81, 100)
    audio = np.zeros((RATE, 2), dtype=np.float32)
    synth.render(audio)
    assert pitch_at(audio, 0, seconds=0.5) == 81
    assert abs(detuning_cents(audio, 81) - 1200 * np.log2(441 / 440)) < 3


def test_no_sound_that_is_held_lies_beside_zero(soundfont):
    """An offset clicks where a note begins and ends, and takes room from what is heard."""
    for sample in soundfont.read_soundfont(default_bank_path()).samples:
        loop = sample.frames[sample.loop_start : sample.loop_end]
        if len(loop) > 1:
            assert abs(loop.mean()) < 0.1 * np.sqrt(np.mean(loop**2)) or abs(loop.mean()) < 1e-3, sample.name
