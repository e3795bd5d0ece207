"""How does a small band, or one voice, play a lead sheet?

Strokes are notes in seconds with a program of General MIDI. The tempo may give way (a smooth random walk),
off-beat eighths may swing, hands shake a little, and the drummer keeps a pattern of the metre.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from engine.music import Chord, Key
from engine.training.hearing.rendering import Sheet, Style, accompaniment

DRUMS_PROGRAM = -1
VOICE_PROGRAM = -2
_KICK, _STICK, _SNARE, _CLOSED, _OPEN, _RIDE, _CRASH = 36, 37, 38, 42, 46, 51, 49
LEADS = (0, 4, 11, 24, 25, 56, 65, 73, 80)
COMPS = (0, 0, 4, 16, 24, 25, 27, 48)
BASSES = (32, 33, 38)


class Band(StrEnum):
    DRUMS = "drums"
    NO_DRUMS = "plain"
    VOICE = "voice"


@dataclass(frozen=True)
class Feel:
    """bpm of the felt beat; swing share of an eighth pair; drift and shake as standard deviations."""

    bpm: float
    swing: float
    drift: float
    shake_s: float
    shift: int
    lead_s: float


class Stroke(NamedTuple):
    """A note: program below 0 is drums or the sung tone."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int
    program: int


class Clock:
    """Seconds of ticks, with the swing of the eighths in them."""

    def __init__(self, pulse_ticks: int, end_ticks: int, feel: Feel, rng: random.Random) -> None:
        self._pulse, self._swing = pulse_ticks, feel.swing
        beats = end_ticks // pulse_ticks + 3
        pace = walk = 0.0
        lengths = []
        for _ in range(beats):
            walk = 0.9 * walk + rng.gauss(0, feel.drift)
            pace = 0.5 * pace + 0.5 * walk
            lengths.append(60 / feel.bpm * float(np.exp(np.clip(pace, -0.2, 0.2))))
        self._times = feel.lead_s + np.concatenate([[0.0], np.cumsum(lengths)])

    def seconds(self, tick: float) -> float:
        beat, rest = divmod(tick / self._pulse, 1.0)
        if self._pulse == 480 and self._swing != 0.5:
            rest = (
                2 * self._swing * rest if rest < 0.5 else self._swing + 2 * (1 - self._swing) * (rest - 0.5)
            )
        return float(np.interp(beat + rest, np.arange(len(self._times)), self._times))


@dataclass(frozen=True)
class Performance:
    strokes: tuple[Stroke, ...]
    clock: Clock
    end_ticks: int
    key: Key
    chords: tuple[tuple[int, int, Chord], ...]
    melody: tuple[tuple[float, float, int], ...]


_TickNote = tuple[int, int, int]
Groove = tuple[tuple[int, int], ...]
"""(step in twelfths of a pulse, drum)."""


def played(sheet: Sheet, band: Band, feel: Feel, rng: random.Random) -> Performance:
    """The sheet as this band plays it with this feel."""
    end = max([s + d for s, d, _ in sheet.notes] + [e for _, e, _ in sheet.chords])
    clock = Clock(sheet.metre.pulse_ticks, end, feel, rng)
    style = rng.choice([s for s in Style if s is not Style.TUNE])
    comp, bass = ([], []) if band is Band.VOICE else accompaniment(sheet, style, rng)
    lead = VOICE_PROGRAM if band is Band.VOICE else rng.choice(LEADS)
    parts: list[tuple[Sequence[_TickNote], int, int]] = [
        (sheet.notes, lead, 92),
        (comp, 0 if style is Style.PIANO else rng.choice(COMPS), 66),
        (bass, rng.choice(BASSES), 84),
    ]
    strokes: list[Stroke] = []
    for notes, program, loud in parts:
        strokes += [stroke_of(note, program, loud, clock, sheet, feel, rng) for note in notes]
    if band is Band.DRUMS:
        strokes += [
            stroke_of(note, DRUMS_PROGRAM, 88, clock, sheet, feel, rng)
            for note in drummed(sheet, end, rng.choice(GROOVES[sheet.metre.name]))
        ]
    melody = tuple((s.start_s, s.end_s, s.pitch) for s in strokes[: len(sheet.notes)])
    chords = tuple((s, e, c.transposed(feel.shift)) for s, e, c in sheet.chords)
    key = Key((sheet.key.tonic + feel.shift) % 12, sheet.key.mode)
    return Performance(tuple(sorted(strokes)), clock, end, key, chords, melody)


def stroke_of(
    note: _TickNote, program: int, loud: int, clock: Clock, sheet: Sheet, feel: Feel, rng: random.Random
) -> Stroke:
    start, length, pitch = note
    into = (start - sheet.pickup_ticks) % sheet.metre.bar_ticks
    accent = 10 if into == 0 else 4 if into in sheet.metre.strong_offsets else 0
    at = max(0.01, clock.seconds(start) + rng.gauss(0, feel.shake_s))
    until = max(at + 0.05, clock.seconds(start + length) - 0.02)
    velocity = int(np.clip(loud + accent + rng.gauss(0, 7), 20, 127))
    if program == DRUMS_PROGRAM:
        velocity = velocity if pitch in (_KICK, _SNARE) else velocity - 18
        return Stroke(at, at + 0.1, pitch, velocity, program)
    return Stroke(at, until, pitch + feel.shift, velocity, program)


# (share of the bar's pulses, drum): one bar each; steps in twelfths of a pulse
GROOVES: dict[str, tuple[Groove, ...]] = {
    "4/4": (
        ((0, _KICK), (12, _SNARE), (24, _KICK), (30, _KICK), (36, _SNARE),
         *((s, _CLOSED) for s in range(0, 48, 6))),
        ((0, _KICK), (12, _KICK), (24, _KICK), (36, _KICK), (12, _SNARE), (36, _SNARE),
         *((s, _OPEN) for s in range(6, 48, 12))),
        ((0, _KICK), (18, _KICK), (24, _SNARE), *((s, _CLOSED) for s in range(0, 48, 6))),
        ((0, _RIDE), (12, _RIDE), (18, _RIDE), (24, _RIDE), (36, _RIDE), (42, _RIDE),
         (12, _CLOSED), (36, _CLOSED), (0, _KICK), (24, _KICK)),
        ((0, _KICK), (9, _KICK), (12, _SNARE), (21, _SNARE), (30, _KICK), (36, _SNARE),
         *((s, _CLOSED) for s in range(0, 48, 3))),
        ((0, _KICK), (9, _STICK), (18, _KICK), (18, _STICK), (24, _KICK), (30, _STICK), (42, _KICK),
         *((s, _CLOSED) for s in range(0, 48, 6))),
    ),
    "3/4": (
        ((0, _KICK), (12, _SNARE), (24, _SNARE)),
        ((0, _KICK), (12, _CLOSED), (24, _CLOSED), (0, _RIDE), (12, _RIDE), (18, _RIDE), (24, _RIDE)),
        ((0, _KICK), (24, _SNARE), *((s, _CLOSED) for s in range(0, 36, 6))),
    ),
    "2/4": (
        ((0, _KICK), (12, _SNARE)),
        ((0, _KICK), (6, _SNARE), (12, _KICK), (18, _SNARE)),
        ((0, _KICK), (12, _SNARE), (18, _SNARE), *((s, _CLOSED) for s in range(0, 24, 6))),
    ),
    "6/8": (
        ((0, _KICK), (12, _SNARE), *((s, _CLOSED) for s in range(0, 24, 4))),
        ((0, _KICK), (8, _KICK), (12, _SNARE), (20, _KICK), *((s, _RIDE) for s in range(0, 24, 4))),
        ((0, _KICK), (4, _CLOSED), (8, _CLOSED), (12, _STICK), (16, _CLOSED), (20, _CLOSED)),
    ),
}  # fmt: skip


def drummed(sheet: Sheet, end: int, groove: Groove) -> list[_TickNote]:
    """The pattern of one drummer in every bar, a fill of snares every eighth bar, a crash after it."""
    twelfth = sheet.metre.pulse_ticks / 12
    notes: list[_TickNote] = []
    for bar, start in enumerate(range(sheet.pickup_ticks, end, sheet.metre.bar_ticks)):
        hits = groove
        if bar % 8 == 7:
            late = round(sheet.metre.bar_ticks / twelfth) - 12
            hits = (*(hit for hit in groove if hit[0] < late), *((late + s, _SNARE) for s in (0, 3, 6, 9)))
        if bar % 8 == 0 and bar:
            hits = (*hits, (0, _CRASH))
        notes += [(round(start + step * twelfth), 60, drum) for step, drum in hits]
    return [note for note in notes if note[0] < end]
