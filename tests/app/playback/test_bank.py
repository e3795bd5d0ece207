"""Every General MIDI program and drum sounds, in tune, from the bank that is shipped."""

import numpy as np
import pytest

from app.playback.errors import BadSoundBank
from app.playback.gm import PROGRAMS, kit_stand_in, stand_in
from app.playback.synth import Bank, default_bank_path
from tests.app.playback.sound import RATE, detuning_cents, loudness_db

MELODIC = sorted(set(PROGRAMS))
MANY_PLAYERS = {45, 48, 49, 52, 61, 80, 81, 88, 89, 90}  # ensembles and pads are detuned on purpose
SHORT_SOUNDS = {45}


@pytest.fixture(scope="module")
def bank():
    return Bank.load(default_bank_path(), RATE)


def strike(bank, program, pitch, seconds, is_drums=False, velocity=100):
    synth = bank.synth()
    synth.program(0, program, is_drums)
    synth.note_on(0, pitch, velocity)
    audio = np.zeros((int(seconds * RATE), 2), dtype=np.float32)
    synth.render(audio)
    return audio


def test_the_bank_is_small_and_its_licence_lies_beside_it():
    path = default_bank_path()
    assert 3_000_000 <= path.stat().st_size <= 6_000_000
    assert "Permission is hereby granted" in path.with_name("LICENSE-FluidR3Mono.txt").read_text()


def test_every_program_has_a_sound_of_the_bank(bank):
    assert len(PROGRAMS) == 128
    silent = [p for p in range(128) if loudness_db(strike(bank, p, 60, 1.0)) < -50]
    assert silent == []
    assert all(bank.resolve(p, False) == stand_in(p) for p in range(128) if p not in MELODIC)


@pytest.mark.parametrize("program", MELODIC)
def test_every_instrument_is_in_tune_over_its_range(bank, program):
    low, high = (33, 50) if program in (32, 33) else (48, 79)
    start_s = 0.05 if program in SHORT_SOUNDS else 0.5
    off = {
        p: detuning_cents(strike(bank, program, p, 1.2)[int(start_s * RATE) :], p)
        for p in range(low, high, 5)
    }
    assert max(abs(cents) for cents in off.values()) <= (30 if program in MANY_PLAYERS else 20), off


@pytest.mark.parametrize("program", MELODIC)
def test_loudness_lies_within_a_band_so_that_no_part_drowns_another(bank, program):
    pitch = 36 if program in (32, 33, 38, 39) else 60
    loudest = max(
        loudness_db(strike(bank, program, pitch, 1.2)[i * 4800 : (i + 2) * 4800]) for i in range(10)
    )
    assert -27 < loudest < -9


def test_louder_playing_is_louder(bank):
    levels = [loudness_db(strike(bank, 0, 60, 0.5, velocity=v)) for v in (20, 60, 100, 127)]
    assert levels == sorted(levels)
    assert levels[-1] - levels[0] > 10


@pytest.mark.parametrize("kit", [0, 25])
def test_every_drum_of_general_midi_sounds_in_both_kits(bank, kit):
    common = [35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 53, 54, 55, 56, 57, 59]
    keys = range(35, 82) if kit == 0 else common
    assert [k for k in keys if loudness_db(strike(bank, kit, k, 0.3, True)) < -50] == []


def test_kit_programs_select_the_kits(bank):
    assert [kit_stand_in(p) for p in (0, 8, 24, 25, 40)] == [0, 0, 25, 25, 0]
    assert bank.resolve(16, True) == 0


@pytest.mark.parametrize(
    ("program", "after_s", "is_held"),
    [(0, 3.0, False), (25, 2.5, False), (33, 2.5, False), (48, 6.0, True), (65, 6.0, True), (52, 6.0, True)],
)
def test_struck_notes_die_away_and_held_notes_do_not(bank, program, after_s, is_held):
    audio = strike(bank, program, 48, after_s + 0.5)
    start = int(0.3 * RATE)
    fall = loudness_db(audio[start : start + RATE // 2]) - loudness_db(audio[int(after_s * RATE) :])
    assert fall < 4 if is_held else fall > 8


def test_a_file_that_is_no_bank_is_refused_in_one_sentence(tmp_path):
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"RIFF....sfbk nothing")
    with pytest.raises(BadSoundBank, match=r"“broken\.sf2” is not a sound bank"):
        Bank.load(broken, RATE)
    with pytest.raises(BadSoundBank, match="is not there"):
        Bank.load(tmp_path / "none.sf2", RATE)
