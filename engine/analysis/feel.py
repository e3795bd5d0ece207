"""Is it played to the grid, freely, or with swing? Is there a pickup?

Free time: onsets stand no nearer to sixteenths and triplets than chance would put them. Swing is the
share of a pair of eighths that the first takes (0.5 straight, 0.67 triplets), the median over the
off-beat eighths.
"""

import numpy as np

from engine.music import Role, Song

_SIXTEENTHS = np.arange(0, 481, 120)
_TRIPLETS = np.arange(0, 481, 160)
_CHANCE = 22.9  # mean distance in ticks of a random tick to the nearest of both grids
_FREE_SHARE, _GATHERED = 0.62, 0.45
_PERIODS = np.array([480.0, 240.0, 160.0, 120.0])
_FEWEST = 12


def onset_ticks(song: Song) -> np.ndarray:
    """All different onsets, sorted."""
    return np.unique(np.array([note.start_ticks for note in song.notes()], dtype=np.int64))


def is_free_time(song: Song) -> bool:
    """Whether the playing ignores the written beat."""
    onsets = onset_ticks(song)
    return len(onsets) >= _FEWEST and looseness(song) > _FREE_SHARE and concentration(onsets) < _GATHERED


def concentration(onsets: np.ndarray) -> float:
    """0-1: how much onsets gather around one place of the beat, its half, third or quarter (mean resultant
    length). A click that shaky hands follow is still a click."""
    phases = np.exp(2j * np.pi * onsets[:, None] / _PERIODS)
    return float(np.abs(phases.mean(axis=0)).max())


def looseness(song: Song) -> float:
    """How far onsets lie from sixteenths and triplets, as a share of what chance gives: 0 on the grid."""
    onsets = onset_ticks(song)
    if not len(onsets):
        return 0.0
    grid = np.union1d(_SIXTEENTHS, _TRIPLETS)
    distance = np.abs((onsets % 480)[:, None] - grid).min(axis=1)
    return float(distance.mean() / _CHANCE)


def swing_ratio(song: Song) -> float:
    """0.5-0.75; 0.5 when there are too few off-beat eighths to tell."""
    offbeats = onset_ticks(song) % 480
    offbeats = offbeats[(offbeats >= 200) & (offbeats <= 360)]
    if len(offbeats) < _FEWEST or len(offbeats) < 0.15 * len(onset_ticks(song)):
        return 0.5
    ratio = float(np.median(offbeats)) / 480
    return round(min(0.75, max(0.5, ratio)), 2) if ratio > 0.54 else 0.5


def read_pickup(song: Song) -> int:
    """Ticks of a pickup when the music begins before its first downbeat although it starts at tick 0; else 0.

    The best phase of the bar is where long notes, bass notes and chord changes begin; only a clear win
    over the written bar lines counts.
    """
    metre = song.time_map.metres[0].metre
    is_simple = len(song.time_map.metres) == 1 and not song.time_map.pickup_ticks
    if not is_simple or song.bars < 4 or is_free_time(song):
        return 0
    weights = _phase_weights(song, metre.beat_ticks, metre.numerator)
    best = int(weights.argmax())
    written = weights[0]
    starts_early = onset_ticks(song).min(initial=metre.bar_ticks) < metre.beat_ticks
    is_clear = weights[best] > 1.6 * written and weights[best] > 1.2 * np.sort(weights)[-2]
    return best * metre.beat_ticks if best and starts_early and is_clear else 0


def _phase_weights(song: Song, beat_ticks: int, beats: int) -> np.ndarray:
    """(beats,) accent on each beat of the bar: lengths of notes that begin there, the bass doubled."""
    weights = np.zeros(beats)
    for track in song.tracks:
        factor = {Role.BASS: 2.0, Role.DRUMS: 0.0}.get(track.role, 1.0)
        starts = np.array([note.start_ticks for note in track.notes], dtype=np.int64)
        lengths = np.array([note.duration_ticks for note in track.notes], dtype=np.int64)
        on_beat = starts % beat_ticks < beat_ticks // 8
        accents = factor * np.minimum(lengths[on_beat], 4 * beat_ticks) ** 1.5
        weights += np.bincount(starts[on_beat] // beat_ticks % beats, weights=accents, minlength=beats)
    total: float = max(1e-9, float(weights.sum()))
    return np.asarray(weights / total)
