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
from engine.analysis.audio.noterefining import Keys
from engine.analysis.audio.posteriors import FRAME_S, KEYS, LOWEST_PITCH
from engine.analysis.audio.strokes import Strokes
from engine.api.audio import HeardNote

THRESHOLD = 0.45
_SOUNDING_AT, _STRUCK_AT = 0.22, 0.12
_ENTER, _LEAVE = 3.0, 3.0
_STROKE_EASES = 0.8
_SHORTEST_FRAMES = 4
_CUT_AT = 0.2
_END_SHARE = 0.5
_LOUD_FRAMES = 3
_HARMONICS = (12, 19, 24, 28, 31, 34, 36)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Possible notes: `start`, `end` (frames, half-open), `key` and (n, features) what was measured of
    each. `goes_on`: whether the key sounded on from the candidate before.
    """

    start: np.ndarray
    end: np.ndarray
    key: np.ndarray
    goes_on: np.ndarray
    features: np.ndarray

    def __len__(self) -> int:
        return len(self.start)


FEATURES = (
    "struck", "sounding", "sounding first", "peak", "length", "length squared", "pitch",
    "pitch squared", "octave below", "twelfth below", "two octaves below", "seventeenth below",
    "octave above", "semitone beside", "struck below", "fellows", "flux", "loudness",
    "struck times below", "rank", "struck over usual", "sounding over usual", "usual stroke",
    "told loudness", "loudness over usual",
)  # fmt: skip
STRUCK, _LOUD = FEATURES.index("struck"), FEATURES.index("told loudness")


def keys_notes(
    keys: Keys, strokes: Strokes, net: Net | None = None, threshold: float = THRESHOLD
) -> list[HeardNote]:
    """The notes in order of time."""
    found = candidates(keys, strokes)
    if not len(found):
        return []
    certainty = (net or learnt("candidates", FEATURES)).likelihood(found.features)
    notes = kept_notes(found, certainty, threshold)
    return sorted(_without_overlap(notes), key=lambda note: (note.start_s, note.pitch))


def kept_notes(found: Candidates, certainty: np.ndarray, threshold: float) -> list[HeardNote]:
    """The candidates that are likely enough; what was no new stroke goes on from the note before it."""
    end = found.end.copy()
    kept = certainty >= threshold
    last = -1
    for index in range(len(found)):
        if kept[index] or not found.goes_on[index]:
            last = index if kept[index] else -1
        elif last >= 0 and end[last] >= found.start[index]:
            end[last] = end[index]
    return [
        _note(found, int(index), int(end[index]), float(certainty[index])) for index in np.flatnonzero(kept)
    ]


def candidates(keys: Keys, strokes: Strokes) -> Candidates:
    """Everything that may be a note."""
    spans = [span for key in range(KEYS) for span in _key_spans(keys, key)]
    if not spans:
        empty = np.zeros(0, int)
        return Candidates(empty, empty, empty, empty, np.zeros((0, len(FEATURES))))
    start, end, key, goes_on = (np.array(column) for column in zip(*spans, strict=True))
    return Candidates(start, end, key, goes_on, _features(start, end, key, keys, strokes))


def _key_spans(keys: Keys, key: int) -> list[tuple[int, int, int, bool]]:
    frame, onset = keys.frame[:, key], keys.onset[:, key]
    if frame.max(initial=0) < _SOUNDING_AT and onset.max(initial=0) < _STRUCK_AT:
        return []
    spans = []
    for first, last in _sounding(frame, onset):
        cuts = [first, *_strokes_inside(frame, onset, first, last), last]
        for start, end in itertools.pairwise(cuts):
            stop = _rung_out(frame, start, end)
            if stop - start >= _SHORTEST_FRAMES:
                spans.append((start, stop, key, start > first))
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
    start: np.ndarray, end: np.ndarray, key: np.ndarray, keys: Keys, strokes: Strokes
) -> np.ndarray:
    frame, onset = keys.frame, keys.onset
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
    told = _told_loudness(keys.loudness, start, key)
    peak = np.array([frame[s:e, k].max() for s, e, k in zip(start, end, key, strict=True)])
    return np.stack(
        [
            _logit(struck), _logit(mean), _logit(early), peak,
            np.log(seconds), np.log(seconds) ** 2, height, height**2,
            *below, _mean(sums, start, end, key + 12), beside, struck_below, fellows,
            np.minimum(flux, 3.0), np.maximum(loud, -60) / 20, struck * struck_below, rank,
            over_struck, over_sounding, usual * _logit(struck),
            told, told - np.percentile(told, 85),
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


def _told_loudness(loudness: np.ndarray, start: np.ndarray, key: np.ndarray) -> np.ndarray:
    """The mean over the first frames of each."""
    at = np.clip(start[:, None] + np.arange(_LOUD_FRAMES), 0, len(loudness) - 1)
    return np.asarray(loudness[at, key[:, None]].mean(axis=1))


def _note(found: Candidates, index: int, end: int, certainty: float) -> HeardNote:
    start, key = int(found.start[index]), int(found.key[index])
    return HeardNote(
        start_s=start * FRAME_S,
        end_s=max(end, start + 2) * FRAME_S,
        pitch=key + LOWEST_PITCH,
        velocity=int(np.clip(round(127 * float(found.features[index, _LOUD])), 1, 127)),
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
