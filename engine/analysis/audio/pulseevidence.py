"""What does the network that follows the pulse say for beats and first beats, as evidence to decode?"""

from collections.abc import Sequence

import numpy as np

from engine.analysis.audio.beatdecoding import BeatEvidence
from engine.analysis.audio.beatevidence import frame_features, onset_curve, silent_features
from engine.analysis.audio.pulsefeatures import OF_SOUND, note_pulse_features, pulse_features
from engine.analysis.audio.pulsenetwork import Pulse, follow_pulse, mean_pulse
from engine.api.audio import HeardNote

_USUAL_BEAT = -2.6  # log odds that any moment is one, as it was learnt: three of some 30 frames
_USUAL_FIRST = -0.7  # log odds that a beat is a first one
_LEAST, _MOST = 0.02, 0.98


def evidence_of_sound(
    activations: np.ndarray, rhythm: np.ndarray, notes: Sequence[HeardNote]
) -> tuple[BeatEvidence, np.ndarray]:
    """The evidence of a recording, and what was measured for first beats. Raises ModelError."""
    measured = frame_features(activations, rhythm, notes)
    pulse = follow_both(pulse_features(measured, rhythm, notes))
    return evidence_of(pulse, onset_curve(measured[0])), measured[1]


def evidence_of_notes(notes: Sequence[HeardNote]) -> tuple[BeatEvidence, np.ndarray]:
    """The same of notes alone. Raises ModelError."""
    measured = silent_features(notes)
    pulse = follow_pulse(note_pulse_features(measured, notes))
    return evidence_of(pulse, onset_curve(measured[0])), measured[1]


def follow_both(features: np.ndarray) -> Pulse:
    """The mean of what is said with the sound and what is said of the notes alone: their errors differ."""
    alone = features.copy()
    alone[:, :OF_SOUND] = 0
    return mean_pulse([follow_pulse(features), follow_pulse(alone)])


def evidence_of(pulse: Pulse, onset: np.ndarray) -> BeatEvidence:
    """Log likelihood ratios of log odds: for first beats, of their share in what is held for a beat."""
    share = np.clip((1 + np.exp(-pulse.beat)) / (1 + np.exp(-pulse.first)), _LEAST, _MOST)
    first = np.log(share / (1 - share)) - _USUAL_FIRST
    return BeatEvidence(pulse.beat - _USUAL_BEAT, first, onset, pulse.metres, pulse.tempi)
