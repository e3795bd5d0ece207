"""How well are pieces foretold that were never trained on, task by task?

Windows of twelve bars of the valid part; bars 5 to 8 are the hole. *left*: only the bars before it are known;
*both*: also those after it. Nothing is told about the answer (no controls, locks or references). Bits of all
tokens of a part's answer, over its notes (pitches; rests and durations are paid for too) or chords (every
chord written, also one held over a barline).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

import numpy as np

from engine.generation.language.grid import Sheet, Stream
from engine.generation.language.question import ANSWER_LOSS, Question, encode
from engine.generation.language.vocabulary import (
    FIRST_BASS,
    FIRST_CHORD,
    FIRST_DURATION,
    FIRST_PITCH,
    MOST_TICKS,
    NO_CHORD,
)
from engine.training.corpus.piece import CorpusPiece
from engine.training.infill.batches import LENGTHS, Batch, Sample, arranged
from engine.training.infill.cutting import cut, parts_of, with_parts
from engine.training.infill.hiding import hidden
from engine.training.infill.learner import Learner
from engine.training.infill.weighing import Kind, kind_of

WINDOW, HOLE_BEGIN, HOLE_END = 12, 4, 8
MOST_WINDOWS = 60
"""Of each kind of piece."""
MOST_OF_ONE = 4
"""Windows of one piece."""
_CHORDS, _MELODY = frozenset({Stream.CHORDS}), frozenset({Stream.MELODY})
_LEAD_SHEET = _CHORDS | _MELODY


@dataclass(frozen=True, slots=True)
class Trial:
    """One row of the table: which pieces, which parts are shown, which are hidden, how far one can see."""

    name: str
    kind: Kind
    parts: frozenset[Stream]
    hides: frozenset[Stream]
    bars: int = WINDOW
    hole: range = range(HOLE_BEGIN, HOLE_END)


def _two(name: str, kind: Kind, parts: frozenset[Stream], hides: frozenset[Stream]) -> tuple[Trial, Trial]:
    return Trial(f"{name}_left", kind, parts, hides, HOLE_END), Trial(f"{name}_both", kind, parts, hides)


def _paired(kind: Kind) -> tuple[Trial, ...]:
    return (
        *_two(f"{kind}_tune_alone", kind, _MELODY, _MELODY),
        *_two(f"{kind}_tune_over_chords", kind, _LEAD_SHEET, _MELODY),
        *_two(f"{kind}_chords_alone", kind, _CHORDS, _CHORDS),
        *_two(f"{kind}_harmonise", kind, _LEAD_SHEET, _CHORDS),
        Trial(f"{kind}_harmonise_all", kind, _LEAD_SHEET, _CHORDS, WINDOW, range(WINDOW)),
        Trial(f"{kind}_lead_sheet_left", kind, _LEAD_SHEET, _LEAD_SHEET, HOLE_END),
    )


TRIALS = (
    *_two("tunes", Kind.TUNES, _MELODY, _MELODY),
    *_two("charts", Kind.CHARTS, _CHORDS, _CHORDS),
    *_paired(Kind.SONGS),
    *_paired(Kind.ANALYSED),
)


def heldout_samples(
    pieces: Sequence[CorpusPiece], seed: int, only_chords: bool = False, most: int = MOST_WINDOWS
) -> list[Sample]:
    """Every trial on up to so many windows of its kind; a sample's task is the trial's index."""
    windows = {
        kind: _windows([piece for piece in pieces if kind_of(piece) == kind], seed, most)
        for kind in {trial.kind for trial in TRIALS}
    }
    samples = []
    for number, trial in enumerate(TRIALS):
        if only_chords and trial.parts != _CHORDS:
            continue
        for window in windows[trial.kind]:
            if not trial.parts <= parts_of(window):
                continue
            encoded = encode(*_posed(trial, window))
            if len(encoded.tokens) <= LENGTHS[-1]:
                samples.append(Sample(encoded, number))
    return samples


def _windows(pieces: list[CorpusPiece], seed: int, most: int) -> list[Sheet]:
    """Twelve bars from so many pieces, on a phrase where it can be, with something in the hole; a second
    window of a piece only when there are not pieces enough."""
    random = Random(seed)
    random.shuffle(pieces)
    rounds: list[list[Sheet]] = [[] for _ in range(MOST_OF_ONE)]
    for piece in pieces:
        starts = [*range(max(0, piece.sheet.first_full), len(piece.sheet.bars) - WINDOW + 1, 4)]
        random.shuffle(starts)
        windows = (_window(piece, start) for start in starts)
        found = islice((window for window in windows if window is not None), MOST_OF_ONE)
        for number, window in enumerate(found):
            rounds[number].append(window)
    return [window for found_in_round in rounds for window in found_in_round][:most]


def _window(piece: CorpusPiece, begin: int) -> Sheet | None:
    """The window if it can be told and has something in the hole."""
    window = cut(piece.sheet, range(begin, begin + WINDOW))
    window = replace(window, bars=tuple(replace(bar, section="") for bar in window.bars))
    hole = window.bars[HOLE_BEGIN:HOLE_END]
    needed = parts_of(piece.sheet) & _LEAD_SHEET
    is_full = all(any(bar.cells.get(part) for bar in hole) for part in needed)
    is_short = all(bar.length <= MOST_TICKS for bar in window.bars)
    return window if needed and is_full and is_short else None


def _posed(trial: Trial, window: Sheet) -> tuple[Question, Sheet]:
    shown = with_parts(cut(window, range(trial.bars)), trial.parts)
    return Question(shown, hidden(shown, trial.hole, trial.hides)), shown


def measure_of(samples: Sequence[Sample]) -> Callable[[Learner], dict[str, float]]:
    """A function that measures a learner's released weights on the samples."""
    batches = arranged(samples, 8192, np.random.default_rng(0))
    return lambda learner: heldout_bits(learner, batches)


def heldout_bits(learner: Learner, batches: Sequence[Batch]) -> dict[str, float]:
    """Bits a note and a chord of every trial, by `<trial>_<part>`."""
    bits = np.zeros((len(TRIALS), len(Stream) + 1))
    events = np.zeros_like(bits)
    for batch in batches:
        surprise = learner.surprise(batch) / math.log(2)
        place = (batch.tasks, batch.streams)
        np.add.at(bits, place, surprise)
        np.add.at(events, place, _is_event(batch.wanted))
    found = {}
    for number, trial in enumerate(TRIALS):
        for part, unit in ((Stream.MELODY, "note"), (Stream.CHORDS, "chord")):
            column = ANSWER_LOSS + part
            if events[number, column]:
                value = bits[number, column] / events[number, column]
                found[f"{trial.name}_bits_per_{unit}"] = round(float(value), 3)
    return found


def _is_event(tokens: np.ndarray) -> np.ndarray:
    """Pitches and chords."""
    is_pitch = (tokens >= FIRST_PITCH) & (tokens < FIRST_DURATION)
    is_chord = (tokens >= FIRST_CHORD) & (tokens < FIRST_BASS)
    return np.asarray(is_pitch | is_chord | (tokens == NO_CHORD))
