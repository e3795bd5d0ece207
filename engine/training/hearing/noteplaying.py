"""What is played so that a network learns to hear notes, and how is it recorded?

Bands with and without drums, several parts on like instruments (choirs, organs, quartets), one keyboard or
guitar, one voice. Titles that any hearing is tested on stay out. Instruments, loudness of parts, tuning,
rooms and microphones differ far more than in what is measured on.
"""

import random
from dataclasses import dataclass
from enum import StrEnum

from engine.training.hearing.band import BASSES, DRUMS_PROGRAM, VOICE_PROGRAM, Band, Stroke
from engine.training.hearing.material import METRES, title_number
from engine.training.hearing.performances import ChoirPiece, is_test_title
from engine.training.hearing.pulsebands import take_of
from engine.training.hearing.pulsetunes import Tune, Tunes
from engine.training.hearing.voicetone import sung_pitch

LASTING = (16, 17, 18, 20, 48, 49, 51, 52, 53, 54, 61, 89, 90, 41, 42, 56, 57, 65, 71, 73, 75)
STRUCK = (0, 0, 0, 3, 4, 7, 8, 11, 13, 24, 25, 26, 27, 28, 45, 47, 15, 105)
DEEP = (32, 33, 37, 38, 39, 43, 58, 70)
NEW_LASTING, NEW_STRUCK, NEW_DEEP = (19, 21, 22, 40, 50, 60, 68), (1, 2, 5, 6, 12, 46), (34, 35, 36)
"""Instruments kept for choosing: nothing is learnt from them."""

SWELLING = frozenset((48, 49, 50, 51, 52, 53, 54, 61, 73, 89, 90, 19, 21))


class Kind(StrEnum):
    PLAIN = "plain"
    DRUMS = "drums"
    CHOIR = "choir"
    KEYS = "keys"
    VOICE = "voice"


_BANDS = (Kind.PLAIN, Kind.CHOIR, Kind.PLAIN, Kind.KEYS, Kind.DRUMS, Kind.PLAIN, Kind.CHOIR, Kind.KEYS)
_OTHERS = (Kind.PLAIN, Kind.VOICE, Kind.CHOIR, Kind.PLAIN, Kind.KEYS, Kind.DRUMS, Kind.PLAIN, Kind.CHOIR)
_KINDS = _BANDS + _OTHERS


@dataclass(frozen=True, slots=True)
class Recorded:
    """`tilt_db`: an octave, of the microphone. `low_cut_hz`, `high_cut_hz`: where it hears no more."""

    bank: int
    cents: float
    room_s: float
    wet: float
    noise_db: float
    tilt_db: float
    low_cut_hz: float
    high_cut_hz: float
    seed: int


@dataclass(frozen=True, slots=True)
class Playing:
    """`made_up`: programs that are played by an instrument that no bank has."""

    title: str
    kind: Kind
    strokes: tuple[Stroke, ...]
    made_up: frozenset[int]
    recorded: Recorded


def untested(tunes: Tunes) -> Tunes:
    """Without the titles that note hearing is tested on."""

    def kept(some: list[Tune]) -> list[Tune]:
        return [tune for tune in some if not is_test_title(tune.sheet.title)]

    return {metre: (kept(sheets), kept(corpus)) for metre, (sheets, corpus) in tunes.items()}


def playing(index: int, tunes: Tunes, choirs: list[ChoirPiece], seed: str, is_new: bool = False) -> Playing:
    """The performance of a number; `is_new`: by instruments that nothing is learnt from."""
    rng = random.Random(f"{seed}/{index}")
    kind = _KINDS[index % len(_KINDS)]
    title, strokes = (
        _choir(choirs, rng) if kind is Kind.CHOIR and rng.random() < 0.5 else _take(kind, tunes, rng)
    )
    strokes = on_instruments(kind, strokes, rng, is_new)
    programs = sorted({s.program for s in strokes if s.program >= 0})
    made = frozenset(p for p in programs if not is_new and rng.random() < 0.3)
    return Playing(title, kind, tuple(sorted(at_levels(strokes, rng))), made, recorded(rng))


def _take(kind: Kind, tunes: Tunes, rng: random.Random) -> tuple[str, list[Stroke]]:
    band = {Kind.DRUMS: Band.DRUMS, Kind.VOICE: Band.VOICE}.get(kind, Band.NO_DRUMS)
    if kind is Kind.CHOIR:
        tunes = {m: ([], [t for t in corpus if t.bass and t.others]) for m, (_, corpus) in tunes.items()}
        tunes = {m: (corpus, corpus) for m, (_, corpus) in tunes.items() if corpus}
    take = take_of(tunes, rng.choice([metre for metre in METRES if metre in tunes]), band, rng)
    return take.title, list(take.strokes)


def _choir(choirs: list[ChoirPiece], rng: random.Random) -> tuple[str, list[Stroke]]:
    title, ticks = rng.choice(choirs)
    pace, shift = 60 / rng.uniform(60, 140) / 480, rng.choice((-5, -3, 0, 2))
    first = rng.choice([0, 0, max(start for start, _, _ in ticks) // 3])
    strokes = []
    for start, length, pitch in ticks:
        at = 0.3 + (start - first) * pace + rng.gauss(0, 0.008)
        if start >= first and at < 24:
            until, velocity = at + max(0.06, length * pace), 80 + rng.randrange(-12, 13)
            strokes.append(Stroke(at, until, pitch + shift, velocity, LASTING[0]))
    return title, strokes


def on_instruments(kind: Kind, strokes: list[Stroke], rng: random.Random, is_new: bool) -> list[Stroke]:
    lasting, struck, deep = (NEW_LASTING, NEW_STRUCK, NEW_DEEP) if is_new else (LASTING, STRUCK, DEEP)
    own = sorted({s.program for s in strokes if s.program >= 0})
    match kind:
        case Kind.CHOIR:
            one = rng.choice(lasting if rng.random() < 0.75 else struck)
            chosen = dict.fromkeys(own, one)
        case Kind.KEYS:
            one = rng.choice(struck)
            chosen = dict.fromkeys(own, one)
        case _:
            chosen = {p: rng.choice(deep if p in BASSES else struck + lasting) for p in own}
            if not is_new and rng.random() < 0.4:
                chosen = {}
    moved = [s._replace(program=chosen.get(s.program, s.program)) for s in strokes]
    return [s for s in moved if s.program < 0 or 24 <= s.pitch <= 103]


def at_levels(strokes: list[Stroke], rng: random.Random) -> list[Stroke]:
    """The parts louder or softer, and played with more or less expression."""
    louder = {program: rng.gauss(0, 12) for program in sorted({s.program for s in strokes})}
    lively = rng.choice((0, 0, 8, 15))
    return [
        s._replace(velocity=min(127, max(25, round(s.velocity + louder[s.program] + rng.gauss(0, lively)))))
        for s in strokes
    ]


def recorded(rng: random.Random) -> Recorded:
    is_poor = rng.random() < 0.4
    return Recorded(
        bank=rng.randrange(100),
        cents=rng.choice((0.0, 0.0, rng.uniform(-45, 45))),
        room_s=rng.uniform(0.2, 1.0),
        wet=rng.choice((0.0, 0.1, 0.2, 0.35)),
        noise_db=rng.choice((99.0, 99.0, rng.uniform(25, 40), rng.uniform(15, 25))),
        tilt_db=rng.uniform(-3, 2) if is_poor else 0.0,
        low_cut_hz=rng.uniform(40, 160) if is_poor else 0.0,
        high_cut_hz=rng.uniform(3500, 11000) if is_poor else 11025.0,
        seed=rng.randrange(2**31),
    )


PlayedNote = tuple[float, float, int, int]
"""start_s, end_s, pitch, velocity"""


def notes_of(strokes: tuple[Stroke, ...]) -> list[PlayedNote]:
    """What has a pitch; a key struck again ends before."""
    last: dict[int, int] = {}
    notes: list[PlayedNote] = []
    for stroke in sorted(strokes):
        if stroke.program == DRUMS_PROGRAM:
            continue
        pitch = sung_pitch(stroke.pitch) if stroke.program == VOICE_PROGRAM else stroke.pitch
        before = last.get(pitch)
        if before is not None and notes[before][0] > stroke.start_s - 0.035:
            old = notes[before]
            notes[before] = (old[0], max(old[1], stroke.end_s), pitch, max(old[3], stroke.velocity))
            continue
        if before is not None and notes[before][1] > stroke.start_s:
            notes[before] = (notes[before][0], stroke.start_s, pitch, notes[before][3])
        last[pitch] = len(notes)
        notes.append((stroke.start_s, stroke.end_s, pitch, stroke.velocity))
    return notes


def is_aside(title: str) -> bool:
    """The fifth of titles from which nothing is learnt."""
    return title_number(title, "/fold") % 5 == 0
