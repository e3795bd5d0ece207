"""Which notes sound together, when does each begin and end?

For every key the likelihoods of sounding and of being struck are read as a two-state chain (Viterbi):
silent or sounding, entered more easily where a stroke is likely; a clear stroke inside cuts a note in two.
That gives more candidates than there are notes: overtones, octaves and echoes sound like keys too. Each
candidate is then weighed by what can be measured of it (how clear its stroke is, what sounds an octave, a
twelfth, two octaves below, ...) with weights learnt from rendered pieces whose notes are known
(engine.training.hearing); the card names them.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np

from engine.analysis.audio.learnt import Net, learnt
from engine.analysis.audio.posteriors import FRAME_S, KEYS, LOWEST_PITCH, Posteriors
from engine.analysis.audio.strokes import Strokes
from engine.analysis.audio.voicenotes import velocity_of
from engine.api.audio import HeardNote

THRESHOLD = 0.45
_SOUNDING_AT, _STRUCK_AT = 0.22, 0.12
_ENTER, _LEAVE = 3.0, 3.0
_STROKE_EASES = 0.8
_SHORTEST_FRAMES = 4
_CUT_AT = 0.3
_END_SHARE = 0.5
_HARMONICS = (12, 19, 24, 28, 31, 34, 36)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Possible notes: `start`, `end` (frames, half-open), `key` and (n, features) what was measured of
    each.
    """

    start: np.ndarray
    end: np.ndarray
    key: np.ndarray
    features: np.ndarray

    def __len__(self) -> int:
        return len(self.start)


FEATURES = (
    "struck", "sounding", "sounding first", "peak", "length", "length squared", "pitch",
    "pitch squared", "octave below", "twelfth below", "two octaves below", "seventeenth below",
    "octave above", "semitone beside", "struck below", "fellows", "flux", "loudness",
    "struck times below", "rank", "struck over usual", "sounding over usual", "usual stroke",
)  # fmt: skip
STRUCK, _PEAK = FEATURES.index("struck"), FEATURES.index("peak")


def keys_notes(
    posteriors: Posteriors, strokes: Strokes, net: Net | None = None, threshold: float = THRESHOLD
) -> list[HeardNote]:
    """The notes in order of time."""
    found = candidates(posteriors, strokes)
    if not len(found):
        return []
    certainty = (net or learnt("candidates", FEATURES)).likelihood(found.features)
    kept = np.flatnonzero(certainty >= threshold)
    loudest = float(strokes.level_db.max())
    notes = [_note(found, int(index), float(certainty[index]), strokes, loudest) for index in kept]
    return sorted(_without_overlap(notes), key=lambda note: (note.start_s, note.pitch))


def candidates(posteriors: Posteriors, strokes: Strokes) -> Candidates:
    """Everything that may be a note."""
    spans = [span for key in range(KEYS) for span in _key_spans(posteriors, key)]
    if not spans:
        empty = np.zeros(0, int)
        return Candidates(empty, empty, empty, np.zeros((0, len(FEATURES))))
    start, end, key = (np.array(column) for column in zip(*spans, strict=True))
    return Candidates(start, end, key, _features(start, end, key, posteriors, strokes))


def _key_spans(posteriors: Posteriors, key: int) -> list[tuple[int, int, int]]:
    frame, onset = posteriors.frame[:, key], posteriors.onset[:, key]
    if frame.max(initial=0) < _SOUNDING_AT and onset.max(initial=0) < _STRUCK_AT:
        return []
    spans = []
    for first, last in _sounding(frame, onset):
        cuts = [first, *_strokes_inside(frame, onset, first, last), last]
        for start, end in itertools.pairwise(cuts):
            stop = _rung_out(frame, start, end)
            if stop - start >= _SHORTEST_FRAMES:
                spans.append((start, stop, key))
    return spans


def _sounding(frame: np.ndarray, onset: np.ndarray) -> list[tuple[int, int]]:
    """Spans in which the key sounds: the best path of a two-state chain."""
    odds = _logit(frame) - _logit(np.array([_SOUNDING_AT]))[0]
    enter = _ENTER - _STROKE_EASES * np.maximum(0.0, _logit(onset) - _logit(np.array([_STRUCK_AT]))[0])
    silent, sounding = 0.0, -np.inf
    came_silent, came_sounding = np.zeros(len(frame), bool), np.zeros(len(frame), bool)
    for t, (gain, cost) in enumerate(zip(odds.tolist(), enter.tolist(), strict=True)):
        from_silence, stop = silent - cost, sounding - _LEAVE
        came_sounding[t] = sounding >= from_silence
        came_silent[t] = stop > silent
        sounding, silent = max(sounding, from_silence) + gain, max(silent, stop)
    return _path(sounding - _LEAVE > silent, came_silent, came_sounding)


def _path(ends_sounding: bool, came_silent: np.ndarray, came_sounding: np.ndarray) -> list[tuple[int, int]]:
    spans, is_on, end = [], ends_sounding, len(came_silent)
    for t in range(len(came_silent) - 1, -1, -1):
        if is_on and not came_sounding[t]:
            spans.append((t, end))
            is_on = False
        elif not is_on and came_silent[t]:
            is_on, end = True, t
    return spans[::-1]


def _logit(p: np.ndarray) -> np.ndarray:
    q = np.clip(p, 0.01, 0.99)
    return np.asarray(np.log(q / (1 - q)))


def _strokes_inside(frame: np.ndarray, onset: np.ndarray, first: int, last: int) -> list[int]:
    """Frames at which the key is struck again while it sounds."""
    inner = onset[first:last]
    at = (
        np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] > inner[2:]) & (inner[1:-1] >= _CUT_AT))
        + first
        + 1
    )
    return [int(t) for t in at if t - first > _SHORTEST_FRAMES and last - t > _SHORTEST_FRAMES]


def _rung_out(frame: np.ndarray, start: int, end: int) -> int:
    """Where the note has sunk to a share of its height for good."""
    part = frame[start:end]
    limit = _END_SHARE * float(part.max())
    above = np.flatnonzero(part >= limit)
    return start + int(above[-1]) + 1 if len(above) else end


def _features(
    start: np.ndarray, end: np.ndarray, key: np.ndarray, posteriors: Posteriors, strokes: Strokes
) -> np.ndarray:
    frame, onset = posteriors.frame, posteriors.onset
    sums = np.concatenate([np.zeros((1, KEYS)), np.cumsum(frame, axis=0, dtype=np.float64)])
    near = _widest(onset, 2)
    struck = near[start, key]
    mean = _mean(sums, start, end, key)
    early = _mean(sums, start, np.minimum(start + 12, end), key)
    seconds = (end - start) * FRAME_S
    below = [_mean(sums, start, end, key - step) for step in (12, 19, 24, 28)]
    beside = np.maximum(_mean(sums, start, end, key - 1), _mean(sums, start, end, key + 1))
    struck_below = np.max([_at(near, start, key - step) for step in _HARMONICS], axis=0)
    sounding = frame[np.minimum(start + 4, len(frame) - 1)]
    fellows = np.minimum((sounding > 0.3).sum(axis=1), 10) / 5
    rank = (sounding > np.take_along_axis(sounding, key[:, None], axis=1)).sum(axis=1) / 5
    flux = _widest(strokes.flux[:, None], 3)[np.minimum(start, len(strokes) - 1), 0]
    over_struck, usual = _over_usual(_logit(struck))
    over_sounding, _ = _over_usual(_logit(mean))
    loud = strokes.level_db[np.minimum(start + 3, len(strokes) - 1)] - strokes.level_db.max()
    height = (key - 40) / 20
    peak = np.array([frame[s:e, k].max() for s, e, k in zip(start, end, key, strict=True)])
    return np.stack(
        [
            _logit(struck), _logit(mean), _logit(early), peak,
            np.log(seconds), np.log(seconds) ** 2, height, height**2,
            *below, _mean(sums, start, end, key + 12), beside, struck_below, fellows,
            np.minimum(flux, 3.0), np.maximum(loud, -60) / 20, struck * struck_below, rank,
            over_struck, over_sounding, usual * _logit(struck),
        ],
        axis=1,
    )  # fmt: skip


def _over_usual(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far values lie above what is high in this recording, and that height, for each.

    Bowed and blown notes are never as clearly struck as a piano's; among their like they still stand out.
    """
    usual = np.percentile(values, 85)
    return values - usual, np.full(len(values), usual)


def _mean(sums: np.ndarray, start: np.ndarray, end: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Mean likelihood of sounding; 0 off the keyboard."""
    inside = np.clip(key, 0, KEYS - 1)
    mean = (sums[end, inside] - sums[start, inside]) / np.maximum(1, end - start)
    return np.where(inside == key, mean, 0.0)


def _at(values: np.ndarray, frame: np.ndarray, key: np.ndarray) -> np.ndarray:
    inside = np.clip(key, 0, KEYS - 1)
    return np.where(inside == key, values[frame, inside], 0.0)


def _widest(values: np.ndarray, reach: int) -> np.ndarray:
    """The greatest value within `reach` frames on both sides."""
    padded = np.pad(values, ((reach, reach), (0, 0)))
    return np.asarray(np.max([padded[step : step + len(values)] for step in range(2 * reach + 1)], axis=0))


def _note(found: Candidates, index: int, certainty: float, strokes: Strokes, loudest: float) -> HeardNote:
    start, end, key = int(found.start[index]), int(found.end[index]), int(found.key[index])
    level = float(strokes.level_db[start : max(start + 1, min(end, start + 12))].max()) - loudest
    return HeardNote(
        start_s=start * FRAME_S,
        end_s=max(end, start + 2) * FRAME_S,
        pitch=key + LOWEST_PITCH,
        velocity=velocity_of(level + 6 * (float(found.features[index, _PEAK]) - 0.7)),
        certainty=round(certainty, 3),
    )


def _without_overlap(notes: list[HeardNote]) -> list[HeardNote]:
    """One note a key at a time."""
    last: dict[int, int] = {}
    kept: list[HeardNote] = []
    for note in sorted(notes, key=lambda note: note.start_s):
        before = last.get(note.pitch)
        if before is not None and kept[before].end_s > note.start_s:
            if note.start_s - kept[before].start_s < 3 * FRAME_S:
                continue
            kept[before] = replace(kept[before], end_s=note.start_s)
        last[note.pitch] = len(kept)
        kept.append(note)
    return kept
