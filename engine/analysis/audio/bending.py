"""How does one voice move about its notes: scoops, vibrato, falls, as pitch bends?"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.analysis.audio.pitchtrack import FRAME_S, PitchTrack
from engine.api.audio import HeardNote

_EVERY = 2  # frames
_RANGE = 2.0  # semitones, what a synthesizer bends unless told otherwise
_LEAST = 0.04
_SURE = 0.4


class Bend(NamedTuple):
    """From this second on the sounding note is so many semitones off, -2 to 2."""

    time_s: float
    semitones: float


def bends_of(track: PitchTrack, notes: Sequence[HeardNote], tuning: float) -> tuple[Bend, ...]:
    """The bends of one voice; each note begins with where it is."""
    bends: list[Bend] = []
    for note in notes:
        first, last = round(note.start_s / FRAME_S), min(round(note.end_s / FRAME_S), len(track))
        bends.append(Bend(note.start_s, 0.0))
        for frame in range(first, last, _EVERY):
            if track.voicing[frame] < _SURE:
                continue
            off = float(np.clip(track.pitch[frame] - tuning - note.pitch, -_RANGE, _RANGE))
            if abs(off - bends[-1].semitones) >= _LEAST:
                bends.append(Bend(max(note.start_s, frame * FRAME_S), round(off, 3)))
    return tuple(bends)
