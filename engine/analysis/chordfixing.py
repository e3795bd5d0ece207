"""Where does a chord hold that the artist said, and where does the same sound again?"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from engine.analysis.pitchgrid import PitchGrid
from engine.music import Chord, ChordSpan, Origin
from engine.music.analysis import ChordReading

QUIET = 0.08
"""A slot with less sound than this share of a held note tells nothing."""
_CERTAIN = 1e6
ECHO, _SAME_SOUND, _LONGEST_ECHO = 10.0, 0.93, 16  # for each slot that sounds like a corrected one


def fix(
    emission: np.ndarray, grid: PitchGrid, index_of: Callable[[Chord], int], fixed: Sequence[ChordSpan]
) -> dict[tuple[int, int], Chord]:
    """In slots that begin inside a fixed span its chord (or the nearest word) is certain; where the same
    sounds again, it is likely. The exact chords of those echoes, by slot and index of the word."""
    echoes: dict[tuple[int, int], Chord] = {}
    for span in fixed:
        if span.chord.is_no_chord:
            continue
        inside = np.flatnonzero((grid.starts[:-1] >= span.start_ticks) & (grid.starts[:-1] < span.end_ticks))
        index = index_of(span.chord)
        emission[inside, index] += _CERTAIN
        for slot in echoes_of(span, grid):
            emission[slot, index] += ECHO
            echoes[slot, index] = span.chord
    return echoes


def echoes_of(span: ChordSpan, grid: PitchGrid) -> list[int]:
    """The slots in which the same sounds again as in a chord of the artist's, if it was not in the file."""
    if span.origin is Origin.IMPORTED or span.chord.is_no_chord:
        return []
    inside = np.flatnonzero((grid.starts[:-1] >= span.start_ticks) & (grid.starts[:-1] < span.end_ticks))
    return [int(slot) for slot in _echoes(grid, inside)]


def _echoes(grid: PitchGrid, inside: np.ndarray) -> np.ndarray:
    """The slots elsewhere that sound like one of these in the same place of the bar."""
    sound = np.concatenate([grid.chroma, grid.bass], axis=1)
    length = np.linalg.norm(sound, axis=1, keepdims=True)
    sound = sound / np.maximum(length, 1e-9)
    own = inside[length[inside, 0] > QUIET][:_LONGEST_ECHO]
    alike = sound @ sound[own].T >= _SAME_SOUND
    alike &= grid.onbar[:, None] == grid.onbar[own][None, :]
    found = np.flatnonzero(alike.any(axis=1))
    return np.asarray(found[~np.isin(found, inside)])


def as_corrected(
    reading: ChordReading, echoes: dict[tuple[int, int], Chord], first: int, index: int
) -> ChordReading:
    """A chord heard where a corrected one sounds again is the corrected one, whatever the vocabulary has."""
    chord = echoes.get((first, index))
    return reading if chord is None else replace(reading, span=replace(reading.span, chord=chord))
