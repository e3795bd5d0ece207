"""Which keys were struck: the same in stretches as at once, and with torch as without."""

import numpy as np
import pytest

from engine.analysis.audio import noterefining
from engine.analysis.audio.keyspectrum import BINS, FRAMES_A_STEP, key_spectrum
from engine.analysis.audio.noterefining import SHAPES, ClearKeys, inputs_of, refined
from engine.analysis.audio.posteriors import FRAME_S, KEYS, LOWEST_PITCH, Posteriors
from engine.training.hearing.band import DRUMS_PROGRAM, VOICE_PROGRAM, Stroke
from engine.training.hearing.noteplaying import (
    DEEP,
    LASTING,
    NEW_DEEP,
    NEW_LASTING,
    NEW_STRUCK,
    STRUCK,
    notes_of,
    playing,
)
from tests.engine.sounds import RATE_HZ, hz


def weights(seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(0, 1 / np.sqrt(shape[0]), shape).astype(np.float32) for name, shape in SHAPES.items()
    }


def heard(frames: int, seed: int = 2) -> Posteriors:
    rng = np.random.default_rng(seed)
    return Posteriors(*(rng.random((frames, width)).astype(np.float32) ** 4 for width in (88, 88, 264)))


@pytest.mark.parametrize(("pitch", "tuning"), [(45, 0.0), (69, -0.4), (96, 0.3)])
def test_a_tone_is_strongest_at_its_key_when_it_sounds(pitch: int, tuning: float) -> None:
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    tone = np.where((t > 0.8) & (t < 1.4), np.sin(2 * np.pi * hz(pitch + tuning) * t), 0).astype(np.float32)
    spectrum = key_spectrum(tone, tuning, 0, 86)
    during, before = round(1.1 / FRAME_S), round(0.7 / FRAME_S)
    for levels, at in ((spectrum.long, during // FRAMES_A_STEP), (spectrum.short, during)):
        assert levels[at].argmax() == pitch - LOWEST_PITCH
        assert 0.9 < levels[at].max() < 1.1
    assert spectrum.short[before].max() < 0.1
    assert spectrum.long.shape == (86, BINS)


def test_what_is_heard_in_stretches_is_what_is_heard_at_once(monkeypatch) -> None:
    monkeypatch.setattr(noterefining, "read_weights", lambda *_: weights())
    samples = np.random.default_rng(3).normal(0, 0.2, 256 * 700 + 40).astype(np.float32)
    all_of_it = heard(701)
    whole = ClearKeys(samples, 0.2).of(all_of_it)
    ear = ClearKeys(samples, 0.2)
    for frames in (150, 163, 163, 480, 701):
        keys = ear.of(
            Posteriors(*(part[:frames] for part in (all_of_it.frame, all_of_it.onset, all_of_it.contour)))
        )
        assert len(keys) == frames
        far = frames - FRAMES_A_STEP * (noterefining.CONTEXT + 1)
        for name in ("frame", "onset", "loudness"):
            assert getattr(keys, name)[:far] == pytest.approx(getattr(whole, name)[:far], abs=1e-5)
    assert keys.onset == pytest.approx(whole.onset, abs=1e-5)


def test_all_keys_are_heard_alike(monkeypatch) -> None:
    """An octave higher, everything is heard an octave higher; only where the keyboard ends it cannot be."""
    monkeypatch.setattr(noterefining, "read_weights", lambda *_: weights() | {"inp.weight": without_place()})
    low, high = heard(60), heard(60)
    middle = slice(40, 48)
    for posteriors, shift in ((low, 0), (high, 1)):
        posteriors.frame[:], posteriors.onset[:], posteriors.contour[:] = 0, 0, 0
        posteriors.frame[20:40, 40 + shift] = 0.8
        posteriors.onset[20, 40 + shift] = 0.7
    silent = key_spectrum(np.zeros(256 * 60, np.float32), 0.0, 0, 30)
    one, other = (refined(each, lambda _a, _b: silent, 0, 30) for each in (low, high))
    assert other.onset[:, middle.start + 1 : middle.stop + 1] == pytest.approx(one.onset[:, middle], abs=1e-5)


def without_place() -> np.ndarray:
    weight = weights()["inp.weight"].copy().reshape(9, noterefining.INPUTS, -1)
    weight[:, noterefining.OWN - 1] = 0
    return np.asarray(weight.reshape(SHAPES["inp.weight"]))


def test_what_is_shipped_reckons_as_what_was_taught_and_learns() -> None:
    torch = pytest.importorskip("torch")
    from engine.training.hearing.notelearning import NoteExample, learn_notes, note_arrays

    rng = np.random.default_rng(4)
    notes = np.array(
        [(0.3 + 0.25 * index, 0.5 + 0.25 * index, rng.integers(40, 80), 80) for index in range(15)]
    )
    onset = rng.integers(0, 40, (344, KEYS)).astype(np.uint8)
    for start, _, pitch, _ in notes:
        onset[round(start / FRAME_S), int(pitch) - LOWEST_PITCH] = 250
    none = np.zeros(344, np.float32)
    example = NoteExample(
        onset // 2, onset, np.zeros((344, 264), np.uint8), np.zeros((172, BINS), np.uint8),
        np.zeros((344, BINS), np.uint8), notes, none, none, 0.05,
    )  # fmt: skip
    losses: list[float] = []
    network = learn_notes([example], 14, 1, lambda _, loss: losses.append(loss))
    assert losses[-1] < 0.9 * losses[0]
    again = learn_notes([example], 1, 1), learn_notes([example], 1, 1)
    assert (note_arrays(again[0])["inp.weight"] == note_arrays(again[1])["inp.weight"]).all()
    arrays = note_arrays(network)
    assert {name: array.shape for name, array in arrays.items()} == SHAPES
    spectrum = key_spectrum(rng.normal(0, 0.1, 256 * 344).astype(np.float32), 0.0, 0, 172)
    rows = inputs_of(heard(344), spectrum, 0, 172)
    with torch.no_grad():
        expected = network.float()(torch.from_numpy(rows).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
    assert noterefining._told(rows, arrays) == pytest.approx(expected, abs=1e-3)


def test_the_truth_has_one_note_a_key_at_a_time_and_no_drums() -> None:
    strokes = (
        Stroke(0.1, 0.9, 60, 80, 0), Stroke(0.11, 1.2, 60, 90, 48), Stroke(0.6, 0.8, 60, 70, 0),
        Stroke(0.1, 0.2, 36, 90, DRUMS_PROGRAM), Stroke(0.3, 0.5, 40, 90, VOICE_PROGRAM),
    )  # fmt: skip
    assert notes_of(strokes) == [(0.1, 0.6, 60, 90), (0.3, 0.5, 76, 90), (0.6, 0.8, 60, 70)]


def test_new_instruments_were_never_learnt_from_and_a_number_is_always_the_same_performance() -> None:
    learnt, new = {*LASTING, *STRUCK, *DEEP}, {*NEW_LASTING, *NEW_STRUCK, *NEW_DEEP}
    assert not learnt & new
    choirs = [("Made up", [(480 * bar, 450, pitch) for bar in range(8) for pitch in (48, 60, 64, 67)])]
    for index in range(1, 200, 16):
        first, again = (
            (playing(index, {}, choirs, "learn", True) for _ in range(2)) if is_choir(index) else ((), ())
        )
        assert first == again
        assert not first or {stroke.program for stroke in first.strokes} <= new


def is_choir(index: int) -> bool:
    import random

    rng = random.Random(f"learn/{index}")
    return rng.random() < 0.5
