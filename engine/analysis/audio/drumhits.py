"""Which strokes of a beatboxed, tapped or played groove are kick, snare and hat?

Every stroke is placed by where its energy lies (below 150 Hz, in between, above 3 kHz, and its centre of
gravity, by power so that hiss does not lift it). The strokes of a recording are then gathered around three
centres that begin where kicks, snares and hats usually lie and move towards what this mouth or box does; a
centre that nothing belongs to stays empty.
"""

from dataclasses import replace

import numpy as np

from engine.analysis.audio.strokes import FRAME_S, Strokes, peaks
from engine.analysis.audio.voicenotes import velocity_of
from engine.api.audio import HeardNote
from engine.music.drumkit import DrumVoice

_LEAST_FLUX, _APART = 0.12, 4
_AFTER = 5  # frames of 11.6 ms that tell a stroke
_VOICES = (DrumVoice.KICK, DrumVoice.SNARE, DrumVoice.HAT)
# share below 150 Hz, share above 3 kHz, octaves of the centroid above 1 kHz
_USUAL = np.array([[0.85, 0.02, -2.8], [0.15, 0.25, 0.2], [0.02, 0.8, 2.3]])
_HISSED = np.array([_USUAL[0], [0.05, 0.55, 1.5], [0.0, 0.95, 2.8]])
_SPREAD = np.array([0.4, 0.3, 1.0])
_HOLD = 4.0  # strokes' worth of trust in the usual place
_ROUNDS = 8
_HIT_S = 0.1
_LOUD_DB, _DIES_DB, _DYING = 20.0, 9.0, 13  # of a stroke with which a recording begins, frames
_QUIETEST_DB = -38.0


def drum_hits(strokes: Strokes) -> list[HeardNote]:
    """The hits in order of time, on General MIDI keys."""
    at = peaks(strokes.flux, _LEAST_FLUX, _APART)
    if _begins_with_one(strokes.level_db) and not (at < _APART).any():
        at = np.concatenate([[0], at])
    level = np.array([strokes.level_db[t : t + _AFTER].max() for t in at])
    at = at[level > strokes.level_db.max() + _QUIETEST_DB] if len(at) else at
    if not len(at):
        return []
    places = np.array([_place(strokes, t) for t in at])
    kind, sure = _gathered(places)
    loudest = float(strokes.level_db.max())
    hits = [
        HeardNote(
            start_s=float(t) * FRAME_S,
            end_s=float(t) * FRAME_S + _HIT_S,
            pitch=_VOICES[int(kind[i])].key,
            velocity=velocity_of(float(strokes.level_db[t : t + _AFTER].max()) - loudest),
            certainty=round(float(sure[i]), 3),
        )
        for i, t in enumerate(at)
    ]
    return [replace(hit, end_s=min(hit.end_s, hit.start_s + _HIT_S)) for hit in hits]


def _begins_with_one(level_db: np.ndarray) -> bool:
    """Whether the first moment is a stroke already: nothing rises there, but it is loud and dies away."""
    if len(level_db) < _DYING:
        return False
    first = float(level_db[:_APART].max())
    is_loud = first > float(level_db.max()) - _LOUD_DB
    return is_loud and first - float(level_db[_APART:_DYING].min()) > _DIES_DB


def _place(strokes: Strokes, t: int) -> np.ndarray:
    """(3,) where the energy that came with a stroke lies."""
    gained = strokes.bands[t : t + _AFTER].sum(axis=0)
    before = strokes.bands[max(0, t - 3) : t - 1].mean(axis=0) * _AFTER if t > 1 else 0.0
    gained = np.maximum(gained - before, 0.05 * gained)
    share = gained / max(1e-12, float(gained.sum()))
    centroid = float(strokes.centroid_hz[t : t + _AFTER].mean())
    return np.array([share[0], share[2], np.log2(max(centroid, 50.0) / 1000)])


def _gathered(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest centre of each place and how sure that is: k-means held by where centres usually lie.

    It begins at the usual places and with a snare that is hissed; what needs the least stretching wins.
    """
    settled = [_settled(places, starts) for starts in (_USUAL, _HISSED)]
    centres = min(settled, key=lambda each: _strain(places, each))
    distances = _distances(places, centres)
    distance = np.sort(distances, axis=1)
    sure = 1 - distance[:, 0] / np.maximum(1e-9, distance[:, 0] + distance[:, 1])
    return distances.argmin(axis=1), sure


def _settled(places: np.ndarray, starts: np.ndarray) -> np.ndarray:
    centres = starts.copy()
    for _ in range(_ROUNDS):
        kind = _distances(places, centres).argmin(axis=1)
        for index, usual in enumerate(_USUAL):
            mine = places[kind == index]
            centres[index] = (usual * _HOLD + mine.sum(axis=0)) / (_HOLD + len(mine))
    return centres


def _strain(places: np.ndarray, centres: np.ndarray) -> float:
    """How far places are from their centres, and centres from where they usually lie."""
    moved = np.square((centres - _USUAL) / _SPREAD).sum()
    return float(_distances(places, centres).min(axis=1).sum() + _HOLD * moved)


def _distances(places: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return np.asarray(np.square((places[:, None] - centres) / _SPREAD).sum(axis=2))
