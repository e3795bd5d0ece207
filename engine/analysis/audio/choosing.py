"""Is this recording one voice, several notes at once, or a groove without pitch?

One voice where the pitch tracker is sure of most of the loud moments and hardly two notes sound together; a
groove where strokes are heard but no pitch; else several notes. What leaps from string to string and rings
on is a broken chord, not a voice. The artist may say otherwise.
"""

from collections.abc import Sequence

import numpy as np

from engine.analysis.audio.pitchtrack import PitchTrack
from engine.analysis.audio.posteriors import Posteriors
from engine.analysis.audio.strokes import Strokes, peaks
from engine.api.audio import HeardNote, ListeningMode

_LOUD_DB = 25.0
_SOUNDING = 0.3
_LEAST_STROKES = 4
_PITCHED = 0.35
_TOGETHER = 1.35
_VOICED = 0.55
_LEAP, _RINGING = 4.0, 1.12


def choose_mode(
    track: PitchTrack, posteriors: Posteriors, strokes: Strokes, notes: Sequence[HeardNote]
) -> tuple[ListeningMode, float]:
    """The mode and how sure it is, 0.5-1. `notes`: as the keys mode hears them."""
    loud = track.level_db > track.level_db.max() - _LOUD_DB
    voiced = float((track.voicing[loud] > 0.5).mean()) if loud.any() else 0.0
    sounding = _sounding_share(posteriors, strokes)
    together = voices_together(notes)
    if max(voiced, sounding) < _PITCHED and len(peaks(strokes.flux, _SOUNDING)) >= _LEAST_STROKES:
        return ListeningMode.DRUMS, _sure(_PITCHED - max(voiced, sounding), 0.2)
    if together <= _TOGETHER and voiced >= _VOICED:
        if together >= _RINGING and _usual_leap(notes) >= _LEAP:
            return ListeningMode.KEYS, _sure(together - _RINGING, 0.3)
        return ListeningMode.VOICE, min(_sure(_TOGETHER - together, 0.3), _sure(voiced - _VOICED, 0.2))
    return ListeningMode.KEYS, _sure(max(together - _TOGETHER, _VOICED - voiced), 0.3)


def _sounding_share(posteriors: Posteriors, strokes: Strokes) -> float:
    """Share of the loud moments in which some key is likely to sound."""
    frames = min(len(posteriors), len(strokes))
    loud = strokes.level_db[:frames] > strokes.level_db.max() - _LOUD_DB
    if not loud.any():
        return 0.0
    return float((posteriors.frame[:frames].max(axis=1)[loud] > _SOUNDING).mean())


def voices_together(notes: Sequence[HeardNote]) -> float:
    """How many notes sound at once, on average over the time in which any does."""
    if not notes:
        return 0.0
    edges = sorted([(note.start_s, 1) for note in notes] + [(note.end_s, -1) for note in notes])
    total = covered = 0.0
    count, last = 0, edges[0][0]
    for time, change in edges:
        total += count * (time - last)
        covered += (time - last) if count else 0.0
        count, last = count + change, time
    return total / max(1e-9, covered)


def _usual_leap(notes: Sequence[HeardNote]) -> float:
    """Semitones from a note to the next: hardly any tune moves by thirds and fourths most of the time."""
    pitches = [note.pitch for note in sorted(notes, key=lambda note: note.start_s)]
    return float(np.median(np.abs(np.diff(pitches)))) if len(pitches) > 1 else 0.0


def _sure(margin: float, full: float) -> float:
    return float(np.clip(0.5 + 0.5 * margin / full, 0.5, 1.0))
