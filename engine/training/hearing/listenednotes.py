"""How does our own listening tell what was played?

As measured on 240 recordings without drums of tuning titles: of a band's notes a third is lost, soft ones
first and the bass last, an eighth of what is told was never played (notes told as two, octaves), and how loud
a note was hardly comes through (correlation .3). Of a voice a twentieth is lost and nearly nothing added.
`pulsebands.as_heard` is kinder: the pulse was learnt from it.
"""

import math
import random
from dataclasses import dataclass

from engine.api.audio import HeardNote
from engine.training.hearing.band import DRUMS_PROGRAM, VOICE_PROGRAM, Band, Stroke
from engine.training.hearing.pulsebands import Take

_USUALLY_HEARD, _SOFTER, _BASS = 76, 16, 48
_TOLD_TWICE, _OVERTONES = 0.07, 0.075  # of the notes of a band, on average


@dataclass(frozen=True, slots=True)
class _Ear:
    """How notes are spoilt in one recording: how much of the dynamics is kept, how late, which are lost."""

    late_s: float
    shake_s: float
    dynamics: float
    lost: dict[int, float]
    sure: float
    ghosts: float


def _ear_of(take: Take, rng: random.Random) -> _Ear:
    if take.band is Band.VOICE:
        return _Ear(rng.gauss(0.016, 0.007), 0.007, rng.uniform(0, 0.5), {VOICE_PROGRAM: -3.2}, 0.75, 0.4)
    keen = rng.gauss(-0.6, 0.9)
    programs = sorted({stroke.program for stroke in take.strokes})
    lost = {program: keen + rng.gauss(0, 0.8) for program in programs}
    return _Ear(0.0, rng.uniform(0.006, 0.018), rng.uniform(0, 0.35), lost, 0.6, rng.uniform(0, 2))


def as_listened(take: Take, rng: random.Random, is_exact: bool = False) -> list[HeardNote]:
    """The notes as our listening tells them: some lost, some late, some cut, some that never were."""
    strokes = [stroke for stroke in take.strokes if stroke.program != DRUMS_PROGRAM]
    if is_exact:
        return [HeardNote(s.start_s, s.end_s, s.pitch, s.velocity, 1.0) for s in strokes]
    ear = _ear_of(take, rng)
    kept = [stroke for stroke in strokes if rng.random() >= _chance_lost(stroke, ear)]
    usual = sum(stroke.velocity for stroke in strokes) / max(1, len(strokes))
    notes = [_spoilt(stroke, usual, ear, rng) for stroke in kept]
    return sorted(notes + _never_played(take, notes, ear, rng), key=lambda note: (note.start_s, note.pitch))


def _chance_lost(stroke: Stroke, ear: _Ear) -> float:
    if stroke.program == VOICE_PROGRAM:
        return 1 / (1 + math.exp(-ear.lost[VOICE_PROGRAM]))
    is_bass = stroke.pitch < _BASS
    odds = ear.lost[stroke.program] + (_USUALLY_HEARD - stroke.velocity) / _SOFTER - 0.9 * is_bass
    return 1 / (1 + math.exp(-odds))


def _spoilt(stroke: Stroke, usual: float, ear: _Ear, rng: random.Random) -> HeardNote:
    start = max(0.0, stroke.start_s + rng.gauss(ear.late_s, ear.shake_s))
    length = (stroke.end_s - stroke.start_s) * min(1.3, math.exp(rng.gauss(-0.05, 0.35)))
    velocity = round(usual + ear.dynamics * (stroke.velocity - usual) + rng.gauss(0, 5))
    sure = rng.uniform(ear.sure, 1)
    return HeardNote(start, start + max(0.06, length), stroke.pitch, min(127, max(1, velocity)), sure)


def _never_played(take: Take, notes: list[HeardNote], ear: _Ear, rng: random.Random) -> list[HeardNote]:
    """Notes told as two, octaves and fifths of what begins, and pitches in drums."""
    found: list[HeardNote] = []
    for note in notes:
        if rng.random() < _TOLD_TWICE * ear.ghosts and note.end_s - note.start_s > 0.2:
            again = rng.uniform(note.start_s + 0.1, note.end_s)
            found.append(HeardNote(again, note.end_s + 0.06, note.pitch, note.velocity, 0.7))
        if rng.random() < _OVERTONES * ear.ghosts and take.band is not Band.VOICE:
            length = rng.uniform(0.06, 0.4)
            pitch = note.pitch + rng.choice((12, 12, 12, -12, 19))
            found.append(HeardNote(note.start_s, note.start_s + length, pitch, note.velocity, 0.7))
    hits = [stroke.start_s for stroke in take.strokes if stroke.program == DRUMS_PROGRAM]
    return found + [
        HeardNote(at, at + 0.08, rng.randrange(36, 90), 60, 0.5) for at in hits if rng.random() < 0.08
    ]
