"""What the network that follows the pulse sees of notes, and what it learns from."""

import random
from itertools import pairwise

import numpy as np
import pytest

from engine.analysis.audio.beatdecoding import BeatEvidence, decode_beats, with_other_beginnings
from engine.analysis.audio.beatevidence import silent_features
from engine.analysis.audio.pulsefeatures import FEATURES, OF_SOUND, note_pulse_features
from engine.api.audio import HeardNote
from engine.music import Key, Metre, Mode
from engine.training.hearing.band import Band
from engine.training.hearing.pulsebands import as_heard, take_of
from engine.training.hearing.pulsetunes import Tune, harmonised
from engine.training.hearing.rendering import Sheet

WALTZ = Sheet(
    "Waltz",
    Metre(3, 4),
    480,
    Key(0, Mode.MAJOR),
    tuple((at * 480, 480, 60 + (0, 4, 7, 4, 5, 9)[at % 6]) for at in range(60)),
    (),
)


def test_a_bass_that_moves_and_a_line_that_leaps_are_seen() -> None:
    notes = [HeardNote(at, at + 0.4, pitch) for at, pitch in ((0.5, 40), (1.0, 40), (1.5, 45), (1.5, 72))]
    seen = note_pulse_features(silent_features(notes), notes)
    assert seen.shape == (96, FEATURES) and not seen[:, :OF_SOUND].any()
    moves, leaps = seen[:, OF_SOUND + 10], seen[:, OF_SOUND + 11]
    assert moves[75] == 1 and moves[50] == 0
    assert leaps[75] == 2.0 and leaps[50] == 0


@pytest.mark.parametrize("band", list(Band))
def test_a_take_is_played_on_its_beats(band: Band) -> None:
    rng = random.Random(f"take {band}")
    take = take_of({"3/4": ([Tune(WALTZ)], [])}, "3/4", band, rng)
    beats, firsts = np.array(take.beats_s), np.array(take.downbeats_s)
    assert firsts == pytest.approx(beats[1::3][: len(firsts)])
    starts = np.array([stroke.start_s for stroke in take.strokes])
    on_beat = np.abs(starts[:, None] - beats[None, :]).min(axis=1) < 0.06
    assert on_beat.mean() > 0.3
    assert np.abs(starts[:, None] - beats[None, :]).min(axis=0).mean() < 0.2
    exact = as_heard(take, rng, is_exact=True)
    assert all(note.start_s in starts for note in exact)


def test_a_tune_without_chords_gets_those_of_its_key() -> None:
    chords = harmonised(WALTZ, random.Random(1)).chords
    assert chords[0][:1] == (480,) and chords[-1][1] >= 60 * 480
    assert all(before[1] == after[0] for before, after in pairwise(chords))
    assert {chord.root for *_, chord in chords} <= {0, 2, 5, 7, 9}


def test_every_beat_may_begin_the_bar_and_the_likeliest_is_the_highest() -> None:
    evidence = BeatEvidence(
        np.tile([2.0] + [-2.0] * 23, 24), np.tile([1.0] + [-1.0] * 95, 6), np.tile([1.0] + [0.0] * 23, 24)
    )
    paths = [path for path in decode_beats(evidence) if path.metre == Metre(4, 4)][:1]
    turned = with_other_beginnings(paths, evidence)
    assert sorted(int(path.places[0]) for path in turned) == [0, 1, 2, 3]
    assert max(turned, key=lambda path: path.score) is paths[0]
