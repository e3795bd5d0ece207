"""What speaks for each chord that may follow?

For every candidate the log probabilities of the context trees (mixed over the keys the song may be in), the
song's
own memory in several match lengths, and how the song spells its chords; for all of them together how far the
song repeats itself. The order of `NAMES` is the order of the columns the mixer was trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.memory import fading, share
from engine.generation.chords.model import STYLES
from engine.generation.chords.ngram import ContextTree
from engine.generation.chords.vocabulary import START

if TYPE_CHECKING:
    from engine.generation.chords.listener import Listener

NAMES = (
    "degrees0", "degrees1", "degrees2", "degrees4", "motion1", "motion2", "motion4",
    "triads1", "triads2", "triads4", "quality_in_seventh", "quality_in_triad",
    "song0", "song1", "song2", "song3", "longest", "sharpened", "newest",
    "triad2", "triad_longest", "moved2", "moved_longest",
    "song_quality", "song_seventh", "song_seventh_in_triad", "song_chord_seen", "song_root_other",
    "root_stays",
    "match", "triad_match", "moved_match", "length", "hit", "variety", "jazz", "key_sure", "plain",
)  # fmt: skip
KEPT = 64
_FLOOR = 1e-4
_MOST_TONICS = 3
_PLAIN = np.isin(np.arange(16), (0, 6, 15)).astype(np.float64)  # bare triads and fifths


@dataclass(frozen=True, slots=True)
class Candidates:
    """Roots and quality places of the candidates, one row of features each, and the first guess that chose
    them."""

    roots: NDArray[np.int64]
    places: NDArray[np.int64]
    features: NDArray[np.float32]
    guess: NDArray[np.float64]


def gather(listener: Listener, kept: int = KEPT) -> Candidates:
    """The likeliest candidates by a fixed mixture, never the chord that sounds, with their features."""
    trees = _tree_tables(listener)
    song = _song_tables(listener)
    quality = _quality_tables(listener)
    width = len(listener.qualities.names)
    sevenths, triads = listener.qualities.sevenths, listener.qualities.triads
    seventh_index = (np.arange(12)[:, None] * 16 + sevenths).ravel()
    triad_index = (np.arange(12)[:, None] * 8 + triads).ravel()
    local = 0.5 * quality["quality_in_seventh"] + 0.5 * quality["song_share_in_seventh"]
    guess = 0.5 * trees["degrees4"][seventh_index] * np.tile(local, 12)
    guess += 0.2 * trees["motion4"][seventh_index] * np.tile(local, 12)
    guess += 0.5 * song["sharpened"] + 0.1 * song["song0"]
    if len(listener):
        guess[int(listener.roots[-1]) * width + int(listener.places[-1])] = 0.0
    order = np.argsort(-guess, kind="stable")[: min(kept, 12 * width - 1)]
    roots, places = order // width, order % width
    by_seventh, by_triad = seventh_index[order], triad_index[order]
    columns = [np.log(trees[name][by_seventh] + _FLOOR) for name in NAMES[:7]]
    columns += [np.log(trees[name][by_triad] + _FLOOR) for name in NAMES[7:10]]
    columns += [np.log(quality[name][places] + _FLOOR * 10) for name in NAMES[10:12]]
    columns += [np.log(song[name][order] + 0.01) for name in NAMES[12:18]]
    columns.append(song["newest"][order])
    columns += [np.log(song[name][by_triad] + 0.01) for name in NAMES[19:21]]
    columns += [np.log(song[name][by_seventh] + 0.01) for name in NAMES[21:23]]
    columns += _spelling_columns(listener, roots, places)
    columns += [np.full(len(order), value) for value in _overall(listener)]
    return Candidates(roots, places, np.stack(columns, axis=1).astype(np.float32), guess[order])


def _tree_tables(listener: Listener) -> dict[str, NDArray[np.float64]]:
    """Follower probabilities over absolute class symbols, mixed over the likeliest tonics."""
    model = listener.model
    by_tonic = listener.belief.sum(axis=1)
    styles = listener.belief.sum(axis=0)
    weights = np.maximum(styles / styles.max(), 0.08)
    sevenths = listener.roots[-8:] * 16 + listener.qualities.sevenths[listener.places[-8:]]
    triads = listener.roots[-8:] * 8 + listener.qualities.triads[listener.places[-8:]]
    tables = {name: np.zeros(192) for name in NAMES[:7]} | {name: np.zeros(96) for name in NAMES[7:10]}
    tonics = np.argsort(-by_tonic, kind="stable")[:_MOST_TONICS]
    tonics = tonics[by_tonic[tonics] > 0.15 * by_tonic[tonics[0]]]
    total = by_tonic[tonics].sum()
    for tonic in tonics:
        trust = by_tonic[tonic] / total
        degrees = _moved(model.degrees, sevenths, int(tonic), 16, weights)
        plain = _moved(model.triads, triads, int(tonic), 8, weights)
        for name, length in (("degrees0", 0), ("degrees1", 1), ("degrees2", 2), ("degrees4", 4)):
            tables[name] += trust * degrees[length]
        for name, length in (("triads1", 1), ("triads2", 2), ("triads4", 4)):
            tables[name] += trust * plain[length]
    last = int(listener.roots[-1]) if len(listener) else 0
    motion = _moved(model.motion, sevenths, last, 16, weights)
    for name, length in (("motion1", 1), ("motion2", 2), ("motion4", 4)):
        tables[name] = motion[length]
    return tables


def _moved(
    tree: ContextTree,
    symbols: NDArray[np.int64],
    reference: int,
    width: int,
    weights: NDArray[np.float64],
) -> list[NDArray[np.float64]]:
    """Distributions of the tree with roots counted from `reference`, turned back to absolute roots."""
    size = 12 * width
    context = tuple(((symbols - reference * width) % size).tolist())
    if len(context) < 5:
        context = (START, *context)
    turned = (np.arange(size) - reference * width) % size
    return [table[turned] for table in tree.distributions(context, weights)]


def _song_tables(listener: Listener) -> dict[str, NDArray[np.float64]]:
    """What followed in this song, over candidates (exact), triad symbols and seventh symbols (motion)."""
    width = len(listener.qualities.names)
    size = 12 * width
    count = len(listener)
    followers = listener.roots * width + listener.places
    fade = fading(count)
    usable, best, place = listener.exact.usable, listener.exact.longest, listener.exact.place
    tables = {"song0": share(followers, fade, size)}
    for name, least in (("song1", 1), ("song2", 2), ("song3", 3)):
        tables[name] = share(followers, fade * (usable >= least), size)
    tables["longest"] = share(followers, fade * (usable == best) * (best > 0), size)
    tables["sharpened"] = share(followers, fade * (4.0 ** np.minimum(usable, 8) - 1.0), size)
    tables["newest"] = np.zeros(size)
    if place >= 0:
        tables["newest"][followers[place]] = 1.0
    return tables | _loose_tables(listener, fade)


def _loose_tables(listener: Listener, fade: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    usable, best = listener.triad.usable, listener.triad.longest
    tables = {
        "triad2": share(listener.triad.symbols, fade * (usable >= 2), 96),
        "triad_longest": share(listener.triad.symbols, fade * (usable == best) * (best > 0), 96),
    }
    steps = listener.motion.symbols
    usable, best = listener.motion.usable, listener.motion.longest
    last = int(listener.roots[-1]) if len(listener) else 0
    moved = (steps + last * 16) % 192
    tables["moved2"] = share(moved, fade[1:] * (usable >= 2), 192)
    tables["moved_longest"] = share(moved, fade[1:] * (usable == best) * (best > 0), 192)
    return tables


def _quality_tables(listener: Listener) -> dict[str, NDArray[np.float64]]:
    """Share of each full quality within its seventh and triad class: in the style, and in this song."""
    qualities = listener.qualities
    counts = qualities.counts @ listener.belief.sum(axis=0) + 0.01
    own = np.bincount(listener.places, minlength=len(qualities.names)).astype(np.float64)
    blend = own + 0.5 * counts / counts.sum()
    return {
        "quality_in_seventh": counts / np.bincount(qualities.sevenths, counts, 16)[qualities.sevenths],
        "quality_in_triad": counts / np.bincount(qualities.triads, counts, 8)[qualities.triads],
        "song_share_in_seventh": blend / np.bincount(qualities.sevenths, blend, 16)[qualities.sevenths],
    }


def _spelling_columns(
    listener: Listener, roots: NDArray[np.int64], places: NDArray[np.int64]
) -> list[NDArray[np.float64]]:
    """How the song spells its chords: six columns of `NAMES`."""
    qualities = listener.qualities
    width = len(qualities.names)
    count = max(1, len(listener))
    own = np.bincount(listener.places, minlength=width) / count
    seventh = np.bincount(qualities.sevenths[listener.places], minlength=16) / count
    triad = np.bincount(qualities.triads[listener.places], minlength=8) / count
    chords = np.bincount(listener.roots * width + listener.places, minlength=12 * width)
    by_root = np.bincount(listener.roots, minlength=12)
    seen = chords[roots * width + places]
    within = seventh[qualities.sevenths[places]] / np.maximum(triad[qualities.triads[places]], 1e-9)
    last = listener.roots[-1] if len(listener) else -1
    return [
        np.log(own[places] + 0.01),
        np.log(seventh[qualities.sevenths[places]] + 0.01),
        np.log(within + 0.02),
        np.minimum(seen, 4) / 4.0,
        np.minimum(by_root[roots] - seen, 4) / 4.0,
        (roots == last).astype(np.float64),
    ]


def _overall(listener: Listener) -> list[float]:
    """How far the song repeats itself and what it sounds like: the last columns of `NAMES`."""
    count = len(listener)
    length = listener.exact.longest
    distinct = len(set(listener.exact.symbols.tolist()))
    styles = listener.belief.sum(axis=0)
    plain = _PLAIN[listener.qualities.sevenths[listener.places]].mean() if count else 0.5
    return [
        np.log1p(length),
        np.log1p(listener.triad.longest),
        np.log1p(listener.motion.longest),
        np.log1p(count),
        float(listener.hits[min(3, length.bit_length() - 1)]) if length else 0.0,
        distinct / max(1, count),
        float(styles[STYLES.index("jazz")]),
        float(listener.belief.sum(axis=1).max()),
        float(plain),
    ]
