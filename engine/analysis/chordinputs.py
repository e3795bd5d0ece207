"""What does each beat tell of its chord: what sounds, begins and lies lowest in it, before and after it?

For a network that sees every root alike: each block of twelve pitch classes is turned so that the root comes
first.
"""

from dataclasses import dataclass

import numpy as np

from engine.analysis.chordblocks import around, moved, scaled, shares
from engine.analysis.pitchgrid import MELODY_WEIGHT, PitchGrid, note_slots
from engine.music import Role, Song, Track

BLOCKS, PLAIN = 16, 6
FEATURES = 12 * BLOCKS + PLAIN
_EARLY = 30  # ticks a note may come before or after its beat
_LONGEST = 960  # ticks a long note counts where it begins
_NEAR, _FAR = 2, 8  # beats to either side


@dataclass(frozen=True, slots=True)
class _Layers:
    """(slots, 12) each: how long pitch classes begun in the slot last, which sound at its beginning, which
    are lowest in it."""

    begun: np.ndarray
    struck: np.ndarray
    lowest: np.ndarray


def chord_inputs(song: Song, grid: PitchGrid) -> tuple[np.ndarray, np.ndarray]:
    """(slots, 12, FEATURES) turned to each root; (slots, PLAIN) place in the bar and how much sounds."""
    layers = _layers(song, grid.starts)
    sounding = np.minimum(grid.chroma, 1.5)
    chroma, lowest = scaled(sounding), scaled(layers.lowest)
    bass = scaled(grid.bass)
    blocks = [chroma, 2 * shares(sounding), scaled(layers.begun), bass * grid.trust[:, None], lowest]
    blocks += [layers.struck, 3 * around(sounding, _FAR), 3 * around(sounding, _NEAR)]
    blocks += [moved(block, by) for by in (1, -1) for block in (chroma, lowest, bass)]
    blocks += [moved(chroma, by) for by in (2, -2)]
    plain = _plain(grid, sounding.sum(axis=1)).astype(np.float32)
    return _turned(np.stack(blocks, axis=1).astype(np.float32), plain), plain


def _turned(blocks: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """(slots, 12, FEATURES) the (slots, blocks, 12) with each root first, and what is the same for all."""
    turned = np.empty((len(blocks), 12, FEATURES), np.float32)
    turned[:, :, 12 * BLOCKS :] = plain[:, None, :]
    for root in range(12):
        turned[:, root, : 12 * BLOCKS] = np.roll(blocks, -root, axis=2).reshape(len(blocks), -1)
    return turned


def _plain(grid: PitchGrid, total: np.ndarray) -> np.ndarray:
    place = grid.onbar[:, None] == np.arange(3)
    before = np.append(0.0, total[:-1])
    return np.column_stack([place, np.minimum(1, total), grid.trust, np.minimum(1, before)])


def _layers(song: Song, starts: np.ndarray) -> _Layers:
    slots = len(starts) - 1
    begun, struck, lowest = (np.zeros((slots + 1, 12)) for _ in range(3))
    pitched = [track for track in song.tracks if track.role is not Role.DRUMS and track.notes]
    others = [track for track in pitched if track.role not in (Role.MELODY, Role.BASS)]
    depth = np.full(slots, 128)
    for track in pitched:
        is_light = bool(others) and track.role is Role.MELODY
        _add_beginnings(track, MELODY_WEIGHT if is_light else 1.0, starts, begun, struck)
        spread = note_slots(track, starts)
        np.minimum.at(depth, spread.slot, 128 if is_light else spread.pitch)
    for track in pitched:
        if not (others and track.role is Role.MELODY):
            spread = note_slots(track, starts)
            is_low = spread.pitch == depth[spread.slot]
            np.add.at(lowest, (spread.slot[is_low], spread.pitch[is_low] % 12), spread.ticks[is_low])
    return _Layers(begun[:slots], np.clip(np.cumsum(struck, axis=0)[:slots], 0, 1), lowest[:slots])


def _add_beginnings(
    track: Track, weight: float, starts: np.ndarray, begun: np.ndarray, struck: np.ndarray
) -> None:
    """Adds where notes begin, and +weight / -weight at the first slot a note is struck with and the first
    it is not."""
    first = np.array([note.start_ticks for note in track.notes], dtype=np.int64)
    end = np.array([note.end_ticks for note in track.notes], dtype=np.int64)
    tone = np.array([note.pitch % 12 for note in track.notes])
    slots = len(starts) - 1
    slot = np.clip(np.searchsorted(starts, first + _EARLY, side="right") - 1, 0, slots - 1)
    length = np.minimum(np.minimum(end - first, _LONGEST), np.diff(starts)[slot])
    np.add.at(begun, (slot, tone), weight * length)
    opening = np.searchsorted(starts[:-1], first - _EARLY)
    closing = np.maximum(opening, np.searchsorted(starts[:-1], end - _EARLY))
    np.add.at(struck, (opening, tone), weight)
    np.add.at(struck, (closing, tone), -weight)
