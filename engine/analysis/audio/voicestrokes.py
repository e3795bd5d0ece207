"""Where does one voice begin a note, also on the pitch it has already?

A repeated note, a syllable, a pluck: what tells it is a rise of level and of many bands at once, and what
the other listening model says of the key that is sung. Each moment that may be a beginning gets a
likelihood, logistic in what was measured there, with weights learnt from performances whose notes are known
(engine.training.hearing). Where the network that hears which keys were really struck is surer of the key
that is sung, its word counts.
"""

import numpy as np

from engine.analysis.audio.learnt import learnt
from engine.analysis.audio.noterefining import Keys
from engine.analysis.audio.pitchtrack import FRAME_S as PITCH_FRAME_S
from engine.analysis.audio.pitchtrack import PitchTrack
from engine.analysis.audio.posteriors import KEYS, LOWEST_PITCH, Posteriors
from engine.analysis.audio.strokes import FRAME_S, Strokes, peaks

FEATURES = (
    "flux", "flux over usual", "rise", "high rise", "struck here", "struck anywhere",
    "sounding rise", "voice dip", "level", "rise times struck",
)  # fmt: skip
_LEAST_FLUX, _LEAST_STRUCK = 0.008, 0.12
_CLEARLY_STRUCK = 0.2
_REACH = 4
_APART = 3


def voice_strokes(
    track: PitchTrack, strokes: Strokes, keys: Posteriors, clear: Keys
) -> tuple[np.ndarray, np.ndarray]:
    """Frames (of 11.6 ms) at which a note may begin, and how likely each is."""
    at, features = stroke_features(track, strokes, keys)
    likely = learnt("strokes", FEATURES).likelihood(features) if len(at) else np.zeros(0)
    frames = min(len(strokes), len(clear))
    if not frames or not len(track):
        return at, likely
    struck = _struck_here(track, clear.onset, frames)
    both = np.union1d(at, peaks(struck, _CLEARLY_STRUCK, _APART))
    told = np.zeros(len(both))
    told[np.searchsorted(both, at)] = likely
    return both, np.maximum(told, _widest(struck)[both])


def stroke_features(track: PitchTrack, strokes: Strokes, keys: Posteriors) -> tuple[np.ndarray, np.ndarray]:
    """The frames that come into question, and (n, features)."""
    frames = min(len(strokes), len(keys))
    if not frames or not len(track):
        return np.zeros(0, int), np.zeros((0, len(FEATURES)))
    here = _struck_here(track, keys.onset, frames)
    flux = strokes.flux[:frames]
    at = np.union1d(peaks(flux, _LEAST_FLUX, _APART), peaks(here, _LEAST_STRUCK, _APART))
    at = _thinned(at, flux + 0.05 * here)
    level, high = strokes.level_db[:frames], 10 * np.log10(strokes.bands[:frames, 2] + 1e-9)
    widest = _widest(here)
    rise = _rise(level, at)
    usual = np.percentile(flux, 95) + 1e-6
    pitch_at = np.clip(np.round(at * FRAME_S / PITCH_FRAME_S).astype(int), 0, len(track) - 1)
    key = np.clip(
        np.round(track.pitch[np.minimum(pitch_at + 3, len(track) - 1)]) - LOWEST_PITCH, 0, KEYS - 1
    ).astype(int)
    dip = np.min(
        [track.voicing[np.clip(pitch_at + step, 0, len(track) - 1)] for step in range(-3, 3)], axis=0
    )
    columns = [
        np.log(_widest(flux)[at] + 1e-3),
        np.minimum(_widest(flux)[at] / usual, 4),
        np.clip(rise, -20, 30) / 10,
        np.clip(_rise(high, at), -20, 40) / 10,
        _logit(widest[at]),
        _logit(_widest(keys.onset[:frames].max(axis=1))[at]),
        _frame_rise(keys.frame[:frames], at, key),
        dip,
        (level[at] - level.max()) / 20,
        np.clip(rise, 0, 30) / 10 * widest[at],
    ]
    return at, np.stack(columns, axis=1)


def _struck_here(track: PitchTrack, onset: np.ndarray, frames: int) -> np.ndarray:
    """(frames,) how likely the key that is sung just after, or one beside it, is struck."""
    moment = np.clip(
        np.round((np.arange(frames) * FRAME_S + 0.03) / PITCH_FRAME_S).astype(int), 0, len(track) - 1
    )
    key = np.clip(np.round(track.pitch[moment]) - LOWEST_PITCH, 1, KEYS - 2).astype(int)
    rows = np.arange(frames)
    return np.asarray(np.max([onset[rows, key + step] for step in (-1, 0, 1)], axis=0))


def _thinned(at: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Of candidates within three frames the highest."""
    kept: list[int] = []
    for frame in at:
        if kept and frame - kept[-1] <= _APART:
            kept[-1] = int(frame) if height[frame] > height[kept[-1]] else kept[-1]
        else:
            kept.append(int(frame))
    return np.array(kept, int)


def _rise(level: np.ndarray, at: np.ndarray) -> np.ndarray:
    """dB from the quietest frame before to the loudest after."""
    padded = np.pad(level, _REACH, mode="edge")
    before = np.min([padded[at + _REACH - step] for step in range(1, _REACH + 1)], axis=0)
    after = np.max([padded[at + _REACH + step] for step in range(_REACH + 1)], axis=0)
    return np.asarray(after - before)


def _frame_rise(frame: np.ndarray, at: np.ndarray, key: np.ndarray) -> np.ndarray:
    last = len(frame) - 1
    return np.asarray(frame[np.minimum(at + 4, last), key] - frame[np.maximum(at - 3, 0), key])


def _widest(values: np.ndarray) -> np.ndarray:
    padded = np.pad(values, 2, mode="edge")
    return np.asarray(np.max([padded[step : step + len(values)] for step in range(5)], axis=0))


def _logit(p: np.ndarray) -> np.ndarray:
    q = np.clip(p, 0.01, 0.99)
    return np.asarray(np.log(q / (1 - q)))
