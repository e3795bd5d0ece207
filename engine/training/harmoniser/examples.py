"""What does the harmoniser learn from? Pieces that have a melody and chords, pulse by pulse.

Chords that people wrote (lead sheets, session tunes) count for much more than chords found by analysis, and
own patterns for little; at the end of a training almost only the former are drawn.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.vocabulary import seventh_class
from engine.generation.harmoniser.pulses import KINDS, Melody, Pulse, Tone, bar_pulses
from engine.generation.language.grid import SONG_TICKS, Sheet, Stream
from engine.music import Metre
from engine.ranking.features_passage import Passage
from engine.training.corpus.piece import CorpusPiece

WRITTEN_SONG, WRITTEN, DERIVED = (8.0, 1.0), (4.0, 0.25), (1.0, 0.05)
"""The weight of a pulse at first and at the end: of lead sheets, of other written chords, of the rest."""
_LEAST_PULSES = 16


@dataclass(frozen=True)
class Example:
    """`remarks` as `Melody.remarks` gives them (no chord told), `chords` the class symbol under every pulse
    (root x 16 + seventh class; -1: none known), `ticks` how long each pulse is."""

    piece: str
    remarks: NDArray[np.float32]
    chords: NDArray[np.int64]
    ticks: NDArray[np.int64]
    weights: tuple[float, float]


def examples_of(pieces: Iterable[CorpusPiece]) -> list[Example]:
    """One of every piece that has melody and chords and is long enough."""
    found = (_example(piece) for piece in pieces if is_paired(piece.sheet))
    return [example for example in found if len(example.chords) >= _LEAST_PULSES]


def is_paired(sheet: Sheet) -> bool:
    return sheet.has(Stream.CHORDS) and sheet.has(Stream.MELODY)


def _example(piece: CorpusPiece) -> Example:
    passage = Passage.of_sheet(piece.sheet)
    pulses = pulses_of_sheet(piece.sheet, passage.starts)
    tones = tuple(Tone(tone.start, tone.end, tone.pitch % 12) for tone in passage.melody)
    melody = Melody(pulses, tones, piece.sheet.mode.is_minor, piece.style)
    chords = np.array([_chord_at(piece.sheet, passage, pulse) for pulse in pulses])
    ticks = np.array([pulse.end - pulse.start for pulse in pulses])
    return Example(piece.id, melody.remarks(), chords, ticks, _weights(piece))


def pulses_of_sheet(sheet: Sheet, starts: Sequence[int]) -> tuple[Pulse, ...]:
    """In grid ticks from the start of the first bar."""
    found: list[Pulse] = []
    for number, (bar, start) in enumerate(zip(sheet.bars, starts, strict=False)):
        metre = Metre(*bar.metre)
        into = max(0, metre.bar_ticks // SONG_TICKS - bar.length) if number < sheet.first_full else 0
        told = number - sheet.first_full
        found += bar_pulses(start, bar.length, metre, told, into, SONG_TICKS)
    return tuple(found)


def _chord_at(sheet: Sheet, passage: Passage, pulse: Pulse) -> int:
    harmony = passage.harmony_at(pulse.start)
    return -1 if harmony is None else harmony.root * KINDS + int(seventh_class(harmony.quality))


def _weights(piece: CorpusPiece) -> tuple[float, float]:
    if piece.has_derived_chords or piece.is_own:
        return DERIVED
    return WRITTEN_SONG if piece.style == "song" else WRITTEN


def fold(piece: str, folds: int) -> int:
    """By hash, so that a piece is always in the same one."""
    return int(hashlib.sha256(piece.encode()).hexdigest()[:8], 16) % folds
