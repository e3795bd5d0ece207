"""How does our own listening tell what was played?

As measured on 240 recordings without drums of tuning titles: of a band's notes a quarter is lost, in most
recordings fewer and in some more than half, those of one instrument rather than of another, soft ones and
those struck while they sound first and the bass last. Of what is told one in fourteen was never played (notes
told as two, octaves), and how loud a note was comes through in part (correlation .6). Of a voice a twentieth
is lost and a twentieth added. `pulsebands.as_heard` is kinder: the pulse was learnt from it.
"""

import math
import random
from dataclasses import dataclass

from engine.api.audio import HeardNote
from engine.training.hearing.band import DRUMS_PROGRAM, VOICE_PROGRAM, Band, Stroke
from engine.training.hearing.pulsebands import Take

_USUALLY_HEARD, _SOFTER, _BASS = 76, 24, 48
_BASS_HEARD, _SOUNDING_LOST = 1.3, 0.9  # log odds
_SHORTEST_S, _TWICE_S, _MOST_LONGER = 0.06, 0.2, 1.8
_OCTAVES = (12, 12, -12, -12, -12, -12, 19)


@dataclass(frozen=True, slots=True)
class _Ear:
    """How notes are spoilt in one recording: how much of the dynamics is kept, how late, which are lost.

    `longer`, `uneven`: mean and width of the log of how much longer a note is told. `twice`, `octaves`: the
    share of notes that are told as two, and beside an octave.
    """

    late_s: float
    shake_s: float
    dynamics: float
    longer: float
    uneven: float
    lost: dict[int, float]
    sure: float
    twice: float
    octaves: float


def _ear_of(take: Take, rng: random.Random) -> _Ear:
    if take.band is Band.VOICE:
        late_s, lost = rng.gauss(0.016, 0.007), {VOICE_PROGRAM: rng.gauss(-3.4, 1.0)}
        return _Ear(late_s, 0.007, rng.uniform(0, 0.4), -0.08, 0.1, lost, 0.75, rng.uniform(0, 0.08), 0.0)
    keen = rng.gauss(-1.5, 0.8)
    programs = sorted({stroke.program for stroke in take.strokes})
    lost = {program: keen + rng.gauss(0, 1.6) for program in programs}
    return _Ear(
        late_s=0.0,
        shake_s=rng.uniform(0.005, 0.013),
        dynamics=rng.uniform(0.05, 0.5),
        longer=0.08,
        uneven=rng.uniform(0.15, 0.5),
        lost=lost,
        sure=rng.uniform(0.7, 0.95),
        twice=rng.uniform(0, 0.06),
        octaves=rng.uniform(0, 0.12),
    )


def as_listened(take: Take, rng: random.Random, is_exact: bool = False) -> list[HeardNote]:
    """The notes as our listening tells them: some lost, some late, some cut, some that never were."""
    pitched = (stroke for stroke in take.strokes if stroke.program != DRUMS_PROGRAM)
    strokes = sorted(pitched, key=lambda stroke: stroke.start_s)
    if is_exact:
        return [HeardNote(s.start_s, s.end_s, s.pitch, s.velocity, 1.0) for s in strokes]
    ear = _ear_of(take, rng)
    lost = [_chance_lost(*each, ear) for each in zip(strokes, _ringing(strokes), strict=True)]
    kept = [stroke for stroke, chance in zip(strokes, lost, strict=True) if rng.random() >= chance]
    usual = sum(stroke.velocity for stroke in strokes) / max(1, len(strokes))
    notes = [_spoilt(stroke, usual, ear, rng) for stroke in kept]
    return sorted(notes + _never_played(take, notes, ear, rng), key=lambda note: (note.start_s, note.pitch))


def _ringing(strokes: list[Stroke]) -> list[bool]:
    """Whether the key of each, in order of time, sounds already."""
    until: dict[int, float] = {}
    ringing = []
    for stroke in strokes:
        ringing.append(until.get(stroke.pitch, 0.0) > stroke.start_s)
        until[stroke.pitch] = max(until.get(stroke.pitch, 0.0), stroke.end_s)
    return ringing


def _chance_lost(stroke: Stroke, rings: bool, ear: _Ear) -> float:
    if stroke.program == VOICE_PROGRAM:
        return 1 / (1 + math.exp(-ear.lost[VOICE_PROGRAM]))
    odds = ear.lost[stroke.program] + (_USUALLY_HEARD - stroke.velocity) / _SOFTER
    odds += _SOUNDING_LOST * rings - _BASS_HEARD * (stroke.pitch < _BASS)
    return 1 / (1 + math.exp(-odds))


def _spoilt(stroke: Stroke, usual: float, ear: _Ear, rng: random.Random) -> HeardNote:
    start = max(0.0, stroke.start_s + rng.gauss(ear.late_s, ear.shake_s))
    longer = min(_MOST_LONGER, math.exp(rng.gauss(ear.longer, ear.uneven)))
    length = max(_SHORTEST_S, (stroke.end_s - stroke.start_s) * longer)
    velocity = round(usual + ear.dynamics * (stroke.velocity - usual) + rng.gauss(0, 4.3))
    sure = rng.uniform(ear.sure, 1)
    return HeardNote(start, start + length, stroke.pitch, min(127, max(1, velocity)), sure)


def _never_played(take: Take, notes: list[HeardNote], ear: _Ear, rng: random.Random) -> list[HeardNote]:
    """Notes told as two, octaves and fifths of what begins, and pitches in drums."""
    found: list[HeardNote] = []
    for note in notes:
        if rng.random() < ear.twice and note.end_s - note.start_s > _TWICE_S:
            again = rng.uniform(note.start_s + 0.1, note.end_s)
            found.append(HeardNote(again, note.end_s + _SHORTEST_S, note.pitch, note.velocity, 0.7))
        if rng.random() < ear.octaves:
            end_s = note.start_s + rng.uniform(0.15, 0.7)
            pitch, sure = note.pitch + rng.choice(_OCTAVES), rng.uniform(0.5, 0.95)
            found.append(HeardNote(note.start_s, end_s, pitch, note.velocity, sure))
    hits = [stroke.start_s for stroke in take.strokes if stroke.program == DRUMS_PROGRAM]
    return found + [
        HeardNote(at, at + 0.08, rng.randrange(36, 90), 60, 0.5) for at in hits if rng.random() < 0.08
    ]
