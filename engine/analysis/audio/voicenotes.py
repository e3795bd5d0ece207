"""Which notes does one voice sing or play?

The frames of a pitch track are cut into notes and rests so that the whole costs least, exactly, by dynamic
programming: a frame costs by how far its pitch lies from its note (little within a vibrato, no more beyond
two semitones, so that a glide belongs to the notes at its ends), by how unsure its voice is, and by how far
it drops below the sound around it; each new note costs, less where a stroke is heard, and going on through
a clear stroke costs too, so that a repeated note is two. Pitches are semitones after the tuning was taken
out.
"""

from dataclasses import dataclass, replace

import numpy as np

from engine.analysis.audio.noterefining import Keys
from engine.analysis.audio.pitchtrack import FRAME_S, PitchTrack
from engine.analysis.audio.posteriors import Posteriors
from engine.analysis.audio.strokes import FRAME_S as STROKE_FRAME_S
from engine.analysis.audio.strokes import Strokes
from engine.analysis.audio.voicestrokes import voice_strokes
from engine.api.audio import HeardNote


@dataclass(frozen=True, slots=True)
class VoiceWeights:
    """What costs how much (nats, roughly); chosen on the tuning part of the evaluation, see its table."""

    new_note: float = 7.0
    slack: float = 0.4
    far: float = 1.0
    off_pitch: float = 1.0
    unvoiced: float = 0.6
    quiet_per_db: float = 1.0
    quiet_from_db: float = 3.0
    stroke: float = 4.0
    least_stroke: float = 0.7
    shortest_s: float = 0.06
    lead_s: float = 0.02


WEIGHTS = VoiceWeights()
_GRID = 0.5  # semitones between the pitches a note may have while it is being cut out
_SNAP_S = 0.05
_AROUND_FRAMES = 4


def voice_notes(
    track: PitchTrack,
    strokes: Strokes,
    keys: Posteriors,
    clear: Keys,
    tuning: float,
    weights: VoiceWeights = WEIGHTS,
) -> list[HeardNote]:
    """The notes of one voice in order of time."""
    if not len(track):
        return []
    pitch = track.pitch - tuning
    at, likely = voice_strokes(track, strokes, keys, clear)
    stroke = _stroke_per_frame(at, likely, len(track))
    spans = _cut(pitch, track, stroke, weights)
    loudest = float(track.level_db.max())
    notes = [_note(pitch, track, span, loudest) for span in spans]
    begun = at[likely >= weights.least_stroke]
    notes = [_snapped(note, begun, weights) for note in notes]
    return [note for note in one_at_a_time(notes) if note.end_s - note.start_s >= weights.shortest_s]


def _stroke_per_frame(at: np.ndarray, likely: np.ndarray, frames: int) -> np.ndarray:
    """(frames,) 0-1 how likely something begins there."""
    curve = np.zeros(frames)
    frame = np.minimum(np.round(at * STROKE_FRAME_S / FRAME_S).astype(int), frames - 1)
    np.maximum.at(curve, frame, likely)
    return curve


def _cut(
    pitch: np.ndarray, track: PitchTrack, stroke: np.ndarray, weights: VoiceWeights
) -> list[tuple[int, int]]:
    """Half-open spans of frames, one a note."""
    sure = np.clip(track.voicing, 0.01, 0.99)
    quiet = np.maximum(0.0, _surroundings(track.level_db) - track.level_db - weights.quiet_from_db)
    fixed = -weights.unvoiced * np.log(sure / (1 - sure)) + weights.quiet_per_db * quiet
    heard = pitch[track.voicing > 0.3]
    if not len(heard):
        return []
    grid = np.arange(np.floor(heard.min()), np.ceil(heard.max()) + _GRID, _GRID)
    costs, kinds, back = np.full(len(grid), np.inf), np.full(len(pitch), -1), np.zeros(len(pitch), int)
    starts = np.zeros(len(grid), int)
    best = 0.0
    for t in range(len(pitch)):
        entry = best + weights.new_note - weights.stroke * 2 * stroke[t]
        begins = entry < costs
        starts[begins] = t
        np.minimum(costs, entry, out=costs)
        far = np.minimum(np.maximum(np.abs(grid - pitch[t]) - weights.slack, 0.0), weights.far)
        costs += weights.off_pitch * track.voicing[t] * far + fixed[t]
        top = int(costs.argmin())
        back[t] = t
        if costs[top] < best:
            best = float(costs[top])
            back[t], kinds[t] = starts[top], top
    return _traced(kinds, back)


def _surroundings(level: np.ndarray) -> np.ndarray:
    """The lower of the loudest frames just before and just after."""
    padded = np.pad(level, _AROUND_FRAMES, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _AROUND_FRAMES + 1).max(axis=1)
    return np.asarray(
        np.minimum(windows[: len(level)], windows[_AROUND_FRAMES : _AROUND_FRAMES + len(level)])
    )


def _traced(kinds: np.ndarray, back: np.ndarray) -> list[tuple[int, int]]:
    spans = []
    t = len(kinds)
    while t > 0:
        start = int(back[t - 1])
        if kinds[t - 1] >= 0:
            spans.append((start, t))
        t = start
    return spans[::-1]


def _note(pitch: np.ndarray, track: PitchTrack, span: tuple[int, int], loudest: float) -> HeardNote:
    inside = slice(*span)
    values, sure = pitch[inside], np.maximum(track.voicing[inside], 1e-3)
    order = np.argsort(values)
    middle = float(values[order][np.searchsorted(np.cumsum(sure[order]), sure.sum() / 2)])
    nearest = int(np.clip(np.round(middle), 0, 127))
    steady = float(np.clip(1 - 2 * abs(middle - nearest), 0, 1))
    level = float(np.percentile(track.level_db[inside], 80)) - loudest
    return HeardNote(
        start_s=span[0] * FRAME_S,
        end_s=span[1] * FRAME_S,
        pitch=nearest,
        velocity=velocity_of(level),
        certainty=round(float(np.mean(track.voicing[inside])) * (0.5 + 0.5 * steady), 3),
        cents=round(100 * (middle - nearest), 1),
    )


def velocity_of(level_db: float) -> int:
    """MIDI velocity for a level below the loudest."""
    return int(np.clip(round(108 + 2.2 * level_db), 24, 120))


def _snapped(note: HeardNote, begun: np.ndarray, weights: VoiceWeights) -> HeardNote:
    """The note from the stroke near its beginning, if one is heard."""
    apart = begun * STROKE_FRAME_S - note.start_s
    near = begun[np.abs(apart) <= _SNAP_S]
    if not len(near):
        return replace(note, start_s=max(0.0, note.start_s - weights.lead_s))
    start = float(near[np.abs(near * STROKE_FRAME_S - note.start_s).argmin()]) * STROKE_FRAME_S
    return replace(note, start_s=start) if start < note.end_s - FRAME_S else note


def one_at_a_time(notes: list[HeardNote]) -> list[HeardNote]:
    """The notes in order of time, each ended by the next."""
    kept: list[HeardNote] = []
    for note in notes:
        if kept and note.start_s < kept[-1].end_s:
            kept[-1] = replace(kept[-1], end_s=note.start_s)
        kept.append(note)
    return kept
