"""How alike are two bars? A self-similarity matrix of bars, from melody, harmony and rhythm.

Melody is compared at pitch (what stands on which sixteenth), harmony by the chroma of each beat, rhythm
by which sixteenths begin a note in which part. 1 is the same, 0 unrelated.
"""

import numpy as np

from engine.analysis.pitchgrid import PitchGrid
from engine.music import Role, Song

_STEPS = 16
_WEIGHTS = {"melody": 0.45, "harmony": 0.3, "rhythm": 0.25}


def bar_similarity(song: Song, grid: PitchGrid) -> np.ndarray:
    """(bars, bars) symmetric, the diagonal 1; two empty bars are alike."""
    parts = {
        "melody": _cosine(_melody_vectors(song)),
        "harmony": harmony_similarity(song, grid),
        "rhythm": rhythm_similarity(song),
    }
    has_melody = any(track.role is Role.MELODY and track.notes for track in song.tracks)
    weights = dict(_WEIGHTS) if has_melody else {"melody": 0.0, "harmony": 0.6, "rhythm": 0.4}
    matrix: np.ndarray = sum((weights[name] * part for name, part in parts.items()), np.zeros(1))
    return matrix


def harmony_similarity(song: Song, grid: PitchGrid) -> np.ndarray:
    """The same of harmony alone."""
    return _cosine(_harmony_vectors(song, grid))


def rhythm_similarity(song: Song) -> np.ndarray:
    """The same of rhythm alone."""
    return _cosine(_rhythm_vectors(song))


def bar_edges(song: Song) -> np.ndarray:
    """(bars + 1,) ticks of all bar lines."""
    return np.array([song.time_map.bar_start(bar) for bar in range(song.bars + 1)], dtype=np.int64)


def _onsets(song: Song, edges: np.ndarray, role: Role | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bar, sixteenth (0-15 of the bar's length) and pitch of every note that begins (of one role)."""
    chosen = [track for track in song.tracks if role is None or track.role is role]
    starts = np.array([note.start_ticks for track in chosen for note in track.notes], dtype=np.int64)
    pitch = np.array([note.pitch for track in chosen for note in track.notes], dtype=np.int64)
    inside = starts < edges[-1]
    starts, pitch = starts[inside], pitch[inside]
    bar = np.searchsorted(edges, starts, side="right") - 1
    length = edges[bar + 1] - edges[bar]
    step = np.minimum(_STEPS - 1, (starts - edges[bar]) * _STEPS // np.maximum(1, length))
    return bar, step, pitch


def _melody_vectors(song: Song) -> np.ndarray:
    edges = bar_edges(song)
    bar, step, pitch = _onsets(song, edges, Role.MELODY)
    vectors = np.zeros((len(edges) - 1, _STEPS * 12))
    np.add.at(vectors, (bar, step * 12 + pitch % 12), 1.0)
    return vectors


def _harmony_vectors(song: Song, grid: PitchGrid) -> np.ndarray:
    """The chroma of each quarter of the bar."""
    edges = bar_edges(song)
    vectors = np.zeros((len(edges) - 1, 4 * 12))
    bar = np.minimum(np.searchsorted(edges, grid.starts[:-1], side="right") - 1, len(edges) - 2)
    length = np.maximum(1, edges[bar + 1] - edges[bar])
    quarter = np.minimum(3, (grid.starts[:-1] - edges[bar]) * 4 // length)
    for slot in range(grid.slots):
        first = quarter[slot] * 12
        vectors[bar[slot], first : first + 12] += grid.chroma[slot] + grid.bass[slot]
    return vectors


def _rhythm_vectors(song: Song) -> np.ndarray:
    edges = bar_edges(song)
    vectors = [np.zeros((len(edges) - 1, _STEPS))]
    for role in (Role.MELODY, Role.CHORDS, Role.BASS, Role.DRUMS):
        bar, step, _ = _onsets(song, edges, role)
        part = np.zeros((len(edges) - 1, _STEPS))
        part[bar, step] = 1.0
        vectors.append(part)
    return np.concatenate(vectors, axis=1)


def _cosine(vectors: np.ndarray) -> np.ndarray:
    """Cosine of every pair of rows; two empty rows are alike, an empty and a full one are not."""
    norms = np.linalg.norm(vectors, axis=1)
    unit = vectors / np.maximum(norms, 1e-9)[:, None]
    empty = norms < 1e-9
    matrix: np.ndarray = unit @ unit.T
    matrix[np.outer(empty, empty)] = 1.0
    return matrix
