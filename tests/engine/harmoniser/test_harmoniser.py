"""The harmoniser: what it hears, that learning and asking are one network, and what a lattice makes of it."""

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.api.errors import ModelError
from engine.api.suggestion import Controls, Kind, SuggestionRequest
from engine.generation.chords.lattice import Lattice
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import Setting, setting_of
from engine.generation.harmoniser import store
from engine.generation.harmoniser.network import Harmoniser, Member, fresh_arrays
from engine.generation.harmoniser.pulses import (
    FEATURES,
    KINDS,
    Melody,
    ToldChord,
    Tone,
    bar_pulses,
)
from engine.generation.harmoniser.store import load_harmoniser
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.music import Metre, Region, Role, Song
from engine.training.corpus.piece import CorpusPiece
from engine.training.harmoniser.chain import log_total
from engine.training.harmoniser.examples import Example, examples_of
from engine.training.harmoniser.learner import Course, Windows, all_learnt, learnt, loss_of
from engine.training.harmoniser.scores import scores_of, shares_of
from engine.training.recipes.harmoniser import save_harmoniser
from tests.engine.chords.songs import TUNE


@pytest.mark.parametrize(
    ("metre", "into", "length", "starts", "places"),
    [
        (Metre(4, 4), 0, 96, [0, 24, 48, 72], [0, 1, 2, 3]),
        (Metre(4, 4), 72, 24, [0], [3]),
        (Metre(4, 4), 60, 36, [0, 12], [2, 3]),
        (Metre(6, 8), 0, 72, [0, 36], [0, 1]),
        (Metre(3, 4), 0, 72, [0, 24, 48], [0, 1, 2]),
    ],
)
def test_pulses_are_where_chords_are_felt_to_change(
    metre: Metre, into: int, length: int, starts: list[int], places: list[int]
) -> None:
    found = bar_pulses(0, length, metre, 0, into, 20)
    assert [pulse.start for pulse in found] == starts and [pulse.place for pulse in found] == places
    assert found[-1].end == length


def test_what_is_heard_of_a_pulse() -> None:
    pulses = bar_pulses(0, 96, Metre(4, 4), 0, 0, 20)
    melody = Melody(pulses, (Tone(12, 48, 4), Tone(48, 96, 7)), told=(ToldChord(48, 96, 5, 3),))
    heard = melody.remarks()
    assert heard[0, 4] == 0.5 and heard[1, 4] == 1.0 and heard[2, 7] == 1.0
    assert heard[0, 12 + 4] == 0.0 and heard[1, 12 + 4] == 1.0, "sounds as the pulse begins"
    assert heard[1, 24 + 4] == 0.0 and heard[2, 24 + 7] == 1.0, "is struck there"
    assert [row[36:48].argmax() for row in heard] == [4, 4, 7, 7]
    assert heard[:, -KINDS - 13].tolist() == [0.0, 0.0, 1.0, 1.0] and heard[2, -KINDS + 3] == 1.0


def example(piece: str, chords: list[int], seed: int = 1) -> Example:
    """Chords that sing: over each the melody is its root."""
    pulses = [
        pulse for bar in range(len(chords)) for pulse in bar_pulses(96 * bar, 96, Metre(4, 4), bar, 0, 20)
    ]
    tones = tuple(Tone(96 * bar, 96 * (bar + 1), chord // KINDS) for bar, chord in enumerate(chords))
    remarks = Melody(tuple(pulses), tones).remarks()
    return Example(piece, remarks, np.repeat(chords, 4), np.full(4 * len(chords), 24), (1.0, 1.0))


def test_learning_and_asking_are_one_network() -> None:
    """The loss is minus the log share of the chords, by adding up every chain."""
    arrays = fresh_arrays(np.random.default_rng(1), 8)
    arrays["moves"] = np.random.default_rng(2).normal(size=arrays["moves"].shape).astype(np.float32)
    network, own = Harmoniser((Member(arrays),)), example("a", [0, 5 * KINDS])
    remarks, chords = own.remarks[:3], np.array([0, 0, 80])
    heard, moves, first = network.hear(remarks), network.moves(), network.first()

    def weight(chain: tuple[int, ...]) -> float:
        total = first[chain[0]] + heard.chords[0, chain[0]]
        for pulse in (1, 2):
            before, after, hold = chain[pulse - 1], chain[pulse], heard.holds[pulse]
            stay = (
                -np.logaddexp(0.0, -hold)
                if before == after
                else -np.logaddexp(0.0, hold) + moves[before, after]
            )
            total += stay + heard.chords[pulse, after]
        return float(total)

    some = [0, 80, 16, 112]
    # every chain over four chords, the others made impossible
    closed = {name: array.copy() for name, array in arrays.items()}
    closed["chords.bias"] = np.where(np.isin(np.arange(192), some), 0.0, -60.0).astype(np.float32)
    closed["moves"][:, [c for c in range(192) if c not in some]] = -60.0
    network = Harmoniser((Member(closed),))
    heard, moves = network.hear(remarks), network.moves()
    chains = list(itertools.product(some, repeat=3))
    weights = np.exp([weight(chain) for chain in chains])
    share = weights[chains.index((0, 0, 80))] / weights.sum()
    import torch

    tensors = {name: torch.from_numpy(array) for name, array in closed.items()}
    windows = Windows(remarks[None], chords[None], np.zeros((1, 3), bool))
    assert float(loss_of(tensors, windows)) * 3 == pytest.approx(-np.log(share), rel=1e-3)
    shares = shares_of(heard, moves, network.first())
    alone = sum(w for chain, w in zip(chains, weights, strict=True) if chain[1] == 80) / weights.sum()
    assert shares[1, 80] == pytest.approx(alone, rel=1e-3)


def plain_total(chords: Any, holds: Any, moves: Any, first: Any) -> Any:
    """The forward algorithm in logs, left to torch to differentiate."""
    import torch
    from torch.nn.functional import logsigmoid

    reached = first + chords[:, 0]
    for pulse in range(1, chords.shape[1]):
        left = torch.logsumexp(reached[:, :, None] + moves, 1) + logsigmoid(-holds[:, pulse, None])
        stayed = reached + logsigmoid(holds[:, pulse, None])
        reached = torch.logaddexp(left, stayed) + chords[:, pulse]
    return reached.logsumexp(-1)


def test_the_chain_is_differentiated_as_torch_would() -> None:
    import torch

    random = torch.Generator().manual_seed(1)
    told = [torch.randn(shape, generator=random) for shape in ((3, 6, 9), (3, 6), (9, 9), (9,))]
    told[0][1, 2] = -1e4
    told[0][1, 2, 4] = 0.5
    rows, found = torch.tensor([1.0, -0.5, 2.0]), []
    for total in (plain_total, log_total):
        asked = [one.clone().requires_grad_() for one in told]
        logs = total(*asked)
        (logs * rows).sum().backward()
        found.append([logs.detach(), *(one.grad for one in asked)])
    for plain, own in zip(*found, strict=True):
        assert plain is not None and own is not None and torch.allclose(plain, own, atol=1e-4)


def test_it_learns_what_it_is_shown() -> None:
    shown = [example(f"a{n}", [(5 * n + 2 * k) % 12 * KINDS for k in range(8)]) for n in range(6)]
    course = Course(width=16, steps=120, rows=6, pulses=32, dropout=0.0, unheard=0.0, mean=0.9)
    arrays = all_learnt(shown, replace(course, members=2))
    before = scores_of(Harmoniser((Member(fresh_arrays(np.random.default_rng(1), 16)),)), shown)["root"]
    after = scores_of(Harmoniser.from_arrays(arrays), shown)["root"]
    assert after > 0.8 > before
    again = learnt(shown, replace(course, steps=3))
    assert all(np.array_equal(learnt(shown, replace(course, steps=3))[name], again[name]) for name in again)


def test_examples_are_pieces_with_melody_and_chords() -> None:
    bar = SheetBar(
        (4, 4), 96, {Stream.MELODY: (NoteEvent(0, 96, 64),), Stream.CHORDS: (ChordEvent(0, 96, 9, "min7"),)}
    )
    paired = CorpusPiece("a/1", "a", "song", "", "", "CC0-1.0", Sheet((bar,) * 8))
    alone = replace(paired, id="a/2", sheet=Sheet((SheetBar((4, 4), 96, {Stream.MELODY: ()}),) * 8))
    (found,) = examples_of([paired, alone])
    assert found.chords.tolist() == [9 * KINDS + 8] * 32 and found.remarks.shape == (32, FEATURES)
    assert found.weights > examples_of([replace(paired, has_derived_chords=True)])[0].weights


# in the product -----------------------------------------------------------------------


def setting(of: Song, start: int, end: int) -> Setting:
    region = Region(start, end, chords=True)
    return setting_of(SuggestionRequest(Kind.HARMONISE, of, region, Role.CHORDS, controls=Controls()))


def lattice_of(asked: Setting) -> Lattice:
    fit = MelodyFit(asked.melody, asked.song.time_map, asked.model.tables["fit"])
    edges = [bar.start_ticks for bar in asked.bars]
    return Lattice(asked, [*edges, asked.end_ticks], fit)


def test_the_harmoniser_speaks_in_the_lattice_and_counted_habits_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = setting(TUNE, 0, 4)
    assert lattice_of(asked).is_learnt
    monkeypatch.setattr(store, "_folders", [tmp_path])
    alone = lattice_of(asked)
    assert not alone.is_learnt and len(alone.likeliest()) == len(alone.decoded()) == 4


def moved_by(song: Song, semitones: int) -> Song:
    tracks = tuple(
        replace(track, notes=tuple(replace(note, pitch=note.pitch + semitones) for note in track.notes))
        for track in song.tracks
    )
    keys = tuple(
        replace(change, key=replace(change.key, tonic=(change.key.tonic + semitones) % 12))
        for change in song.time_map.keys
    )
    return replace(song, tracks=tracks, time_map=replace(song.time_map, keys=keys), chords=())


def test_all_keys_are_harmonised_alike() -> None:
    """Moved by any interval, a melody gets the same chords, moved."""
    plain = lattice_of(setting(moved_by(TUNE, 0), 0, 4)).likeliest()
    moved = lattice_of(setting(moved_by(TUNE, 3), 0, 4)).likeliest()
    assert [((c.root + 3) % 12, c.quality) for c in plain] == [(c.root, c.quality) for c in moved]


@pytest.mark.parametrize("harm", ["missing", "hash", "shape"])
def test_a_harmoniser_that_is_none_is_refused_in_a_sentence(tmp_path: Path, harm: str) -> None:
    arrays = {f"0.{name}": array for name, array in fresh_arrays(np.random.default_rng(1), 8).items()}
    if harm == "shape":
        arrays["0.moves"] = arrays["0.moves"][:5]
    if harm != "missing":
        save_harmoniser(arrays, tmp_path, {})
    if harm == "hash":
        (tmp_path / "harmoniser.safetensors").write_bytes(b"0" * 200)
    with pytest.raises(ModelError, match=r"^[A-Z].*\.$"):
        load_harmoniser(tmp_path)
