"""Which keys is a recording in, how sure is that, and what are the runners-up?

What the recording's spectrum and notes tell of each slot becomes the same grid of pitch classes that a score
gives (pitchgrid.py), and its heard chords speak with it, so that the readers of keys.py serve both.
"""

from collections.abc import Sequence

import numpy as np

from engine.analysis.audio.chordreading import HeardChord, chord_features
from engine.analysis.audio.chroma import Chroma
from engine.analysis.keycues import Sounding
from engine.analysis.keys import read_keys
from engine.analysis.pitchgrid import PitchGrid
from engine.api.audio import HeardNote
from engine.music import TICKS_PER_QUARTER, Note, Origin, Role, Song, Track
from engine.music.analysis import KeyReading

_BASS_TRUST = 0.7


def hear_keys(
    chroma: Chroma,
    chords: Sequence[HeardChord],
    notes: Sequence[HeardNote],
    ranks: np.ndarray,
    starts_ticks: np.ndarray | None = None,
) -> tuple[KeyReading, ...]:
    """The key of the recording with its next-best readings, then every stretch in another key.

    `ranks`: (slots,) 2 on first beats, 1 on other strong ones. `starts_ticks`: (slots + 1,) where the slots
    lie in the song; a quarter each when not told.
    """
    if not chroma.slots:
        return (KeyReading(0, Song().key, 0.0),)
    if starts_ticks is None:
        starts_ticks = np.arange(chroma.slots + 1) * TICKS_PER_QUARTER
    grid = grid_of(chroma, notes, ranks, starts_ticks)
    sounding = sounding_of(chroma, chords)
    return read_keys(Song(tracks=(_melody(notes),)), grid, sounding)


def grid_of(
    chroma: Chroma, notes: Sequence[HeardNote], ranks: np.ndarray, starts_ticks: np.ndarray
) -> PitchGrid:
    """The recording as the grid that scores give: half from the spectrum, half from the notes."""
    features = chord_features(chroma, notes) ** 2
    blocks = features.reshape(len(features), 4, 12)
    high, low = (blocks[:, 0] + blocks[:, 2]) / 2, (blocks[:, 1] + blocks[:, 3]) / 2
    is_silent = chroma.level_db < -45
    high[is_silent], low[is_silent] = 0, 0
    return PitchGrid(starts_ticks, high, low, np.full(len(high), _BASS_TRUST), np.asarray(ranks))


def sounding_of(chroma: Chroma, chords: Sequence[HeardChord]) -> list[Sounding]:
    """The chords by their slots."""
    found = []
    for heard in chords:
        first, end = (
            int(np.abs(chroma.starts_s - moment).argmin()) for moment in (heard.start_s, heard.end_s)
        )
        if end > first and not heard.chord.is_no_chord:
            found.append(Sounding(first, end, heard.chord))
    return found


def _melody(notes: Sequence[HeardNote]) -> Track:
    """The last note is what the reader asks of a melody."""
    last = max(notes, key=lambda note: (note.start_s, note.pitch), default=None)
    held = () if last is None else (Note(1, 0, TICKS_PER_QUARTER, last.pitch, 80, Origin.IMPORTED),)
    return Track(1, "Heard", Role.MELODY, notes=held)
