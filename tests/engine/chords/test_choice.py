"""The path that is shown first: best where it is best, and as varied as the lattice believes people to be."""

from itertools import product

import numpy as np
import pytest

from engine.generation.chords import lattice_choice
from engine.generation.chords.lattice_choice import Belief, best_path
from engine.generation.chords.lattice_ways import Grid, Ways

ROOTS = np.array([0, 0, 1, 2])


def random_ways(seed: int, slots: int = 4) -> Ways:
    random = np.random.default_rng(seed)
    size = len(ROOTS)
    own, moves = random.normal(size=(slots, size)), random.normal(size=(size, size))
    stays, goes = random.normal(size=slots), random.normal(size=slots)
    return Ways(ROOTS * 16, own, moves, stays, goes, random.normal(size=size), random.normal(size=size))


def weight(ways: Ways, path: tuple[int, ...]) -> float:
    steps = sum(ways.step(slot)[path[slot - 1], path[slot]] for slot in range(1, len(path)))
    own = sum(ways.own[slot, state] for slot, state in enumerate(path))
    return float(ways.first[path[0]] + ways.last[path[-1]] + own + steps)


@pytest.mark.parametrize("seed", range(3))
def test_sums_over_all_paths_are_sums_over_all_paths(seed: int) -> None:
    """Forward, backward and the moves of the root, against every path written out."""
    ways = random_ways(seed)
    paths = list(product(range(len(ROOTS)), repeat=4))
    shares = np.exp([weight(ways, path) for path in paths])
    early = ways.reached(ways.reached(ways.first + ways.own[0], 1) + ways.own[1], 2)
    late = ways.led(ways.last + ways.own[3], 3)
    for state in range(len(ROOTS)):
        through = sum(s for s, path in zip(shares, paths, strict=True) if path[2] == state)
        assert np.exp(early[state] + ways.own[2, state] + late[state]) == pytest.approx(through)
    before = ways.reached(ways.first + ways.own[0], 1) + ways.own[1]
    moved = sum(s for s, path in zip(shares, paths, strict=True) if ROOTS[path[1]] != ROOTS[path[2]])
    assert ways.root_moves(before, ways.own[2] + late, 2) == pytest.approx(moved / shares.sum())
    warm = ways.tempered(2.0)
    assert weight(warm, paths[7]) == pytest.approx(weight(ways, paths[7]) / 2)


def test_the_best_path_is_best() -> None:
    ways = random_ways(4)
    worth = ways.own.copy()
    worth[0] += ways.first
    worth[-1] += ways.last
    found = tuple(best_path(worth, [ways.step(slot) for slot in range(1, 4)]))
    assert found == max(product(range(len(ROOTS)), repeat=4), key=lambda path: weight(ways, path))


def belief(shares: Grid, roots: Grid = ROOTS) -> Belief:
    slots = len(shares)
    steps = [np.zeros((len(roots), len(roots)))] * (slots - 1)
    return Belief(roots, roots * 16, shares, [0.0] * (slots - 1), steps, np.ones(slots))


def test_chords_are_used_about_as_long_as_they_are_believed_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two colours of one root, one always the likelier: alone it would always sound."""
    tilt = np.linspace(-0.19, 0.19, 20)[:, None] * np.array([1.0, -1.0])
    asked = belief(np.tile([0.7, 0.3], (20, 1)) + tilt, np.array([7, 7]))
    varied = asked.chosen()
    assert varied == sorted(varied, reverse=True), "the other sounds where it is likeliest"
    assert 4 <= varied.count(1) <= 8
    monkeypatch.setattr(lattice_choice, "COLOURED", 0.0)
    assert set(belief(asked.shares, asked.roots).chosen()) == {0}


def entropy(used: Grid) -> float:
    return float(-(used[used > 0] * np.log(used[used > 0])).sum())


@pytest.mark.parametrize("seed", range(6))
def test_roots_are_varied_only_as_far_as_wanted(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Roots' shares are given up for variety alone, and only while there is too little of it."""
    shares = np.random.default_rng(seed).dirichlet(np.full(len(ROOTS), 0.4), size=16)
    asked, by_root = belief(shares), shares @ (ROOTS[:, None] == np.arange(3))
    wanted = lattice_choice.VARIED * entropy(by_root.mean(axis=0))

    def met() -> tuple[float, float]:
        roots = ROOTS[asked.chosen()]
        return by_root[np.arange(16), roots].sum(), entropy(np.bincount(roots, minlength=3) / 16)

    right, varied = met()
    monkeypatch.setattr(lattice_choice, "ROUNDS", 0)
    surest, plain = met()
    assert right <= surest + 1e-9
    assert varied > plain if right < surest - 1e-9 else varied >= plain
    if plain >= wanted:
        assert (right, varied) == (surest, plain)


def test_a_seldom_chord_sounds_where_it_is_likeliest() -> None:
    """One chord leads everywhere, less and less; another has a quarter of all belief."""
    other = np.linspace(0.1, 0.4, 12)
    found = belief(np.stack([1 - other, other], axis=1), np.array([0, 7])).chosen()
    assert found == sorted(found) and 1 <= found.count(1) <= 4
