"""How well does each key fit a piece of the corpus, by its notes and where it rests?

The corpora were laid out with these scores: Temperley's profiles (What's Key for Key?, 1999) as log
likelihood, first and last bass and melody notes, falls of a fifth in the bass, the written signature.
"""

from functools import cache

import numpy as np

from engine.analysis.keys import ALL_KEYS
from engine.analysis.pitchgrid import PitchGrid
from engine.music import Key, Role, Song

_MAJOR = np.array([0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400])
_MINOR = np.array([0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330])
# Songs without a leading note: the minor profile with its two sevenths exchanged, a sixth that may be either.
_NATURAL_MINOR = np.array(
    [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.304, 0.200, 0.330, 0.100]
)
_BASS_TIME = 3.0
_NATURAL_COST = 0.15
_PROFILE_WEIGHT = 12.0
_REST = {"last bass": 1.0, "first bass": 1.0, "last melody": 1.4, "last chord third": 0.5}
_FIFTH_FALL, _SIGNATURE, _PLAIN_SIGNATURE = 1.0, 1.1, 0.2


def key_scores(song: Song, grid: PitchGrid) -> np.ndarray:
    """(24,) log-like scores: the twelve major keys, then the twelve minor ones."""
    chroma = np.minimum(grid.chroma, 1.0).sum(axis=0)
    if chroma.sum() <= 0:
        return _signature_hint(song)
    share = chroma / chroma.sum()
    major, minor, natural = (_profile_scores(profile, share) for profile in (_MAJOR, _MINOR, _NATURAL_MINOR))
    scores = _PROFILE_WEIGHT * np.concatenate([major, np.maximum(minor, natural - _NATURAL_COST)])
    return np.asarray(scores + _rest_scores(song, grid) + _signature_hint(song))


def _profile_scores(profile: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(12,) mean log probability of the sounding pitch classes for each tonic."""
    return np.asarray(_rotated(tuple(profile.tolist())) @ share)


@cache
def _rotated(profile: tuple[float, ...]) -> np.ndarray:
    """(12, 12) log shares, a row for each tonic."""
    shares = np.array(profile) / np.array(profile).sum()
    return np.array([np.log(np.roll(shares, tonic)) for tonic in range(12)])


def _rest_scores(song: Song, grid: PitchGrid) -> np.ndarray:
    scores = np.zeros(24)
    sounding = np.flatnonzero(grid.bass.sum(axis=1) > 0)
    if len(sounding):
        for name, slot in (("last bass", sounding[-1]), ("first bass", sounding[0])):
            tonic = int(grid.bass[slot].argmax())
            scores[[tonic, tonic + 12]] += _REST[name] * grid.trust[slot]
        _add_third(scores, grid.chroma[sounding[-1]], int(grid.bass[sounding[-1]].argmax()))
        scores += _fifth_falls(grid) + _bass_time(grid)
    last = _last_melody_pitch_class(song)
    if last is not None:
        scores[[last, last + 12]] += _REST["last melody"]
    return scores


def _add_third(scores: np.ndarray, chroma: np.ndarray, root: int) -> None:
    """The last chord's third tells major from minor."""
    major, minor = chroma[(root + 4) % 12], chroma[(root + 3) % 12]
    if major != minor:
        scores[root if major > minor else root + 12] += _REST["last chord third"]


def _fifth_falls(grid: PitchGrid) -> np.ndarray:
    """Dominants that resolve: how often the bass falls a fifth onto each tonic under its leading note, as a
    share of all such falls."""
    roots = grid.bass.argmax(axis=1)
    arrives = (grid.trust[1:] > 0.5) & (grid.onbar[1:] >= 1) & (grid.bass.sum(axis=1)[1:] > 0)
    arrives &= (roots[:-1] - roots[1:]) % 12 == 7
    leading = grid.chroma[np.arange(len(arrives)), (roots[1:] + 11) % 12] > 0.1
    falls = np.bincount(roots[1:][arrives & leading], minlength=12).astype(float)
    return np.tile(_FIFTH_FALL * falls / max(3.0, falls.sum()), 2)


def _bass_time(grid: PitchGrid) -> np.ndarray:
    """How long the bass stands on each tonic, as a share of all its time."""
    standing = grid.bass[grid.trust > 0.5].sum(axis=0)
    return np.tile(_BASS_TIME * standing / max(1e-9, float(standing.sum())), 2)


def _last_melody_pitch_class(song: Song) -> int | None:
    tracks = [track for track in song.tracks if track.notes and track.role is not Role.DRUMS]
    melody = next((track for track in tracks if track.role is Role.MELODY), tracks[0] if tracks else None)
    if melody is None:
        return None
    last = max(melody.notes, key=lambda note: (note.start_ticks, note.pitch))
    return last.pitch % 12


def _signature_hint(song: Song) -> np.ndarray:
    """A written signature speaks for its two keys; one of C major is often only a default."""
    scores = np.zeros(24)
    if song.time_map.keys:
        written = song.time_map.keys[0].key
        weight = _PLAIN_SIGNATURE if written == Key() else _SIGNATURE
        for index, key in enumerate(ALL_KEYS):
            if key.fifths % 12 == written.fifths % 12:
                scores[index] += weight + (0.4 * weight if key == written else 0.0)
    return scores
