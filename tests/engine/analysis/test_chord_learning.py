"""The networks that hear chords: the same with and without torch, from the same seed, and able to learn."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.analysis import chordear  # noqa: E402
from engine.analysis import chordnetwork as reckoned  # noqa: E402
from engine.analysis.audio import chordmodel  # noqa: E402
from engine.analysis.audio.chordchain import Chain  # noqa: E402
from engine.analysis.audio.chroma import PITCHES, Chroma  # noqa: E402
from engine.music import Chord, Note, Role, Song, Track  # noqa: E402
from engine.training.hearing.chordlearning import (  # noqa: E402
    NOTES,
    RECORDINGS,
    Course,
    Excerpt,
    arrays_of,
    batch_of,
    chain_cost,
    learn,
)
from engine.training.hearing.notechords import excerpt as of_notes  # noqa: E402

KINDS = len(chordmodel.QUALITIES)
WALKS = [(seed, [seed % 12, (seed + 5) % 12, (seed + 7) % 12, seed % 12]) for seed in range(8)]


def of_sound(roots: list[int], seed: int) -> Excerpt:
    """Major chords for two beats each, with stray tones."""
    rng = np.random.default_rng(seed)
    notes = rng.uniform(0, 0.3, (2 * len(roots), PITCHES))
    for slot, root in enumerate(np.repeat(roots, 2)):
        for tone in (0, 4, 7):
            notes[slot, (np.arange(PITCHES) + 28 - root - tone) % 12 == 0] += 0.7
    chroma = Chroma(np.arange(len(notes) + 1) * 0.5, notes, np.zeros(len(notes)))
    ranks = np.tile([2, 0, 1, 0], len(roots))[: len(notes)]
    return Excerpt(*chordmodel.chord_inputs(chroma, []), ranks, np.repeat(roots, 2) * KINDS)


def of_piano(roots: list[int], seed: int) -> Excerpt:
    """The same chords struck on a piano, a stray note over each."""
    rng = np.random.default_rng(seed)
    notes = tuple(
        Note(100 * place + index + 2, 960 * place, 960, 48 + root + tone)
        for place, root in enumerate(roots)
        for index, tone in enumerate((0, 4, 7, 12 + int(rng.integers(12))))
    )
    song = Song("", tracks=(Track(1, "Piano", Role.CHORDS, notes=notes),))
    spans = tuple((960 * place, 960 * place + 960, Chord(root, "maj")) for place, root in enumerate(roots))
    return of_notes(song, spans)


COURSES = [(RECORDINGS, of_sound), (NOTES, of_piano)]


@pytest.mark.parametrize(("course", "excerpt"), COURSES)
def test_what_is_shipped_reckons_as_what_was_taught(course: Course, excerpt) -> None:
    excerpts = [excerpt(roots, seed) for seed, roots in WALKS]
    network = learn(excerpts, course=course, rounds=(2, 2))
    learnt, made = arrays_of(network), excerpts[0]
    emission = reckoned.scores(learnt, made.turned, made.whole)
    batch = batch_of([made])
    with torch.no_grad():
        taught = network.emission(batch.turned, batch.whole)
        cost = float(chain_cost(network, taught, batch)) * len(made.chords)
    assert emission == pytest.approx(taught[0].numpy(), abs=1e-4)
    prices = reckoned.change_prices(learnt, made.ranks)
    chain = Chain(emission, reckoned.beginnings(learnt), reckoned.moves(learnt), prices)
    assert float(np.log(chain.beliefs()[0, made.chords[0]])) >= -cost - 1e-3


@pytest.mark.parametrize(("course", "excerpt"), COURSES)
def test_learning_lowers_the_cost_and_is_the_same_from_the_same_seed(course: Course, excerpt) -> None:
    excerpts = [excerpt(roots, seed) for seed, roots in WALKS]
    batch = batch_of(excerpts)
    short, longer, again = (
        learn(excerpts, course=course, rounds=rounds) for rounds in ((1, 1), (12, 6), (12, 6))
    )
    with torch.no_grad():
        costs = [
            float(chain_cost(each, each.emission(batch.turned, batch.whole), batch))
            for each in (short, longer)
        ]
    assert costs[1] < 0.5 * costs[0]
    assert np.array_equal(longer.inner.detach().numpy(), again.inner.detach().numpy())


def test_every_chord_has_a_word_on_its_root() -> None:
    for quality in ("maj(9)", "9", "sus2", "minmaj7", "7(#11)", "min11", "maj13", "hdim7", "5"):
        for root in (0, 7):
            word = chordear.word_of(chordear.family_of(Chord(root, quality)))
            assert word.root == root
            assert word.has_minor_third == Chord(root, quality).has_minor_third
