"""Which metre and which first beats the notes tell, given the beats."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.analysis.audio.barcue import bars_told
from engine.analysis.audio.barfeatures import (
    BAR_FEATURES,
    LAGS,
    OF_THE_WHOLE,
    BarEvidence,
    DescribedBeats,
    described_beats,
)
from engine.analysis.audio.barnetwork import HYPOTHESES, NOT_THE_BEATS, PULSES, member_says
from engine.analysis.audio.beatdecoding import METRES, BeatPath
from engine.analysis.audio.beatevidence import onset_curve, silent_features
from engine.api.audio import HeardNote
from engine.training.hearing.barlearning import (
    BarExample,
    BarNetwork,
    bar_examples,
    learn_bars,
    shown_together,
)
from engine.training.hearing.pulsechoice import Truth

BEAT_S = 0.56
ROOTS = (36, 41, 43, 36, 45, 41, 43, 36)


def bars_of(metre: int, bars: int = 16) -> tuple[list[HeardNote], np.ndarray]:
    """Low on the first beat, a chord on the others (6/8: late in both); another root in each bar."""
    notes, pulses = [], PULSES[metre]
    late = 2 / 3 if metre == 3 else 0.0
    for beat in range(bars * pulses):
        bar, place = divmod(beat, pulses)
        at, root = 0.3 + beat * BEAT_S, ROOTS[bar % 8]
        if place == 0:
            notes.append(HeardNote(at, at + BEAT_S * pulses * 0.9, root, 90))
        if place or late:
            start = at + late * BEAT_S
            notes += [HeardNote(start, start + 0.15, root + up, 70) for up in (24, 28, 31)]
    frames = np.round((0.3 + np.arange(bars * pulses) * BEAT_S) / 0.02).astype(int)
    return sorted(notes, key=lambda note: note.start_s), frames


def evidence_of(notes: list[HeardNote]) -> BarEvidence:
    return BarEvidence(notes, onset_curve(silent_features(notes)[0]))


def paths_of(frames: np.ndarray) -> list[BeatPath]:
    beats = np.arange(len(frames))
    return [BeatPath(METRES[m], frames, (beats - start) % PULSES[m], 0.0) for m, start in HYPOTHESES]


@pytest.mark.parametrize("metre", [1, 2])
def test_bars_that_are_plain_to_hear_are_told(metre: int) -> None:
    notes, frames = bars_of(metre)
    told = bars_told(paths_of(frames), evidence_of(notes))
    assert HYPOTHESES[int(told[:, :2].sum(axis=1).argmax())] == (metre, 0)


@pytest.mark.parametrize("metre", range(4))
def test_all_bars_share_the_belief_whatever_was_played(metre: int) -> None:
    notes, frames = bars_of(metre)
    told = bars_told(paths_of(frames), evidence_of(notes))
    assert np.exp(told[:, :2].sum(axis=1)).sum() == pytest.approx(1, abs=0.05)
    assert (told <= 0).all() and np.ptp(told[:, 2]) == 0


@pytest.mark.parametrize("metre", range(4))
def test_a_beat_left_out_changes_no_other_and_a_key_changes_nothing(metre: int) -> None:
    notes, frames = bars_of(metre)
    whole, later = (described_beats(each, evidence_of(notes)) for each in (frames, frames[1:]))
    higher = described_beats(frames, evidence_of([replace(note, pitch=note.pitch + 1) for note in notes]))
    assert whole is not None and later is not None and higher is not None
    assert np.allclose(whole.rows, higher.rows, atol=1e-4)
    assert np.allclose(whole.rows[1:, 20:36], later.rows[:, 20:36], atol=1e-4)


@pytest.mark.parametrize("metre", [0, 3])
def test_the_phrase_comes_back_after_as_many_beats_as_it_has(metre: int) -> None:
    notes, frames = bars_of(metre, bars=32)
    described = described_beats(frames, evidence_of(notes))
    assert described is not None
    phrase = len(ROOTS) * PULSES[metre]
    harmony = described.likeness[LAGS : 2 * LAGS]
    assert sorted(np.argsort(harmony)[-2:] + 1) == [phrase, 2 * phrase]


def test_too_little_tells_nothing() -> None:
    notes, frames = bars_of(2)
    short = bars_told(paths_of(frames[:7]), evidence_of(notes))
    silent = bars_told(paths_of(frames), BarEvidence([], np.zeros(int(frames[-1]) + 50)))
    assert np.ptp(short, axis=0).tolist() == np.ptp(silent, axis=0).tolist() == [0, 0, 0]


@pytest.mark.parametrize(("metre", "pickup"), [(0, 1), (1, 2), (2, 3), (3, 0)])
def test_a_performance_shows_its_bars_and_a_chain_that_is_not_the_beats(metre: int, pickup: int) -> None:
    notes, frames = bars_of(metre)
    beats = frames * 0.02
    truth = Truth("Made up", "plain", METRES[metre].name, beats, beats[pickup :: PULSES[metre]])
    for seed in range(6):
        own, other = bar_examples(truth, evidence_of(notes), random.Random(seed))
        cut = random.Random(seed).randrange(3)
        assert HYPOTHESES[own.right] == (metre, (pickup - cut) % PULSES[metre])
        assert other.right == NOT_THE_BEATS and own.described.rows.shape[1] == BAR_FEATURES


def test_what_was_learnt_is_what_is_said() -> None:
    draw = np.random.default_rng(1)
    rights = [index % 12 for index in range(240)]
    examples = [BarExample(_telling(right, draw), right, 1.0) for right in rights]
    arrays = learn_bars(examples, 50, seed=3)
    said = [member_says(each.described, arrays) for each in examples]
    assert np.mean([row.argmax() == right for row, right in zip(said, rights, strict=True)]) > 0.9
    network = BarNetwork().eval()
    network.load_state_dict({name: torch.from_numpy(arrays[name]) for name in network.state_dict()})
    with torch.no_grad():
        shown = shown_together([each.described for each in examples], arrays)
        assert np.allclose(network(shown), np.stack(said), atol=1e-3)


def _telling(right: int, draw: np.random.Generator) -> DescribedBeats:
    """Eight features of each metre are high on the first beats of its bars."""
    rows = draw.normal(0, 1, (int(draw.integers(16, 28)), BAR_FEATURES)).astype(np.float32)
    if right != NOT_THE_BEATS:
        metre, start = HYPOTHESES[right]
        rows[start :: PULSES[metre], 8 * metre : 8 * metre + 8] += 4
    return DescribedBeats(rows, draw.normal(0, 1, OF_THE_WHOLE).astype(np.float32))
