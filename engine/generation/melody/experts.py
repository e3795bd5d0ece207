"""Which circumstances does each expert of the melody model look at?

A family is a chain of contexts over one alphabet, from little to much; each level is smoothed with the level
below (interpolated absolute discounting). Names are those of RHYTHM_FIELDS and PITCH_FIELDS. The families say
what musicians look at: the last steps, the place in the bar, the chord underneath, the height in the range,
and what stood at the same place 1, 2, 4 and 8 bars before.
"""

from enum import StrEnum
from typing import NamedTuple

from engine.generation.melody.line import ECHO_LAGS


class Alphabet(StrEnum):
    """What an expert predicts: a rhythm symbol, an interval from the last note, or a pitch above
    the tonic.
    """

    RHYTHM = "rhythm"
    INTERVAL = "interval"
    PITCH = "pitch"


class Family(NamedTuple):
    name: str
    alphabet: Alphabet
    levels: tuple[tuple[str, ...], ...]


def _family(name: str, alphabet: Alphabet, *levels: str) -> Family:
    return Family(name, alphabet, tuple(tuple(level.split()) for level in levels))


def _grow(name: str, alphabet: Alphabet, base: str, *more: str) -> Family:
    """A chain that adds one field a level."""
    return _family(name, alphabet, *(f"{base} {' '.join(more[:k])}" for k in range(len(more) + 1)))


_R, _I, _P = Alphabet.RHYTHM, Alphabet.INTERVAL, Alphabet.PITCH

RHYTHM_FAMILIES = (
    _grow("bar", _R, "metre", "offset", "d1", "d2", "d3", "d4"),
    _grow("free", _R, "phase", "d1", "d2", "d3"),
    _grow("phrase", _R, "metre offset bar4", "bar8", "d1", "d2"),
    _family("echoes", _R, "echo1", "echo1 echo2", "echo1 echo2 echo4", "echo1 echo2 echo4 echo8 match"),
    _family("match", _R, "match", "match match_length", "match match_length metre offset"),
    *(
        _family(
            f"echo{k}",
            _R,
            f"echo{k}",
            f"echo{k} agree{k}",
            f"echo{k} agree{k} offset metre",
            f"echo{k} agree{k} offset metre d1",
        )
        for k in ECHO_LAGS
    ),
)

PITCH_FAMILIES = (
    _grow("steps", _I, "", "i1", "i2", "i3", "i4"),
    _family(
        "place",
        _I,
        "metre offset",
        "metre offset i1",
        "metre offset duration i1",
        "metre offset duration i1 i2",
    ),
    _grow("degrees", _P, "metre", "p1", "p2", "p3", "p4", "p5"),
    _family(
        "degree-place",
        _P,
        "metre offset",
        "metre offset p1",
        "metre offset duration p1",
        "metre offset duration p1 p2",
    ),
    _family(
        "chord",
        _I,
        "over_root colour",
        "over_root colour i1",
        "over_root colour offset metre",
        "over_root colour offset metre duration",
    ),
    _family("harmony", _P, "chord", "chord p1", "chord p1 p2", "chord p1 p2 p3"),
    _family("height", _I, "height", "height i1", "height i1 i2"),
    _family("breath", _I, "last", "last duration", "last duration i1", "last duration i1 offset"),
    _family("phrase", _P, "bar4 offset metre", "bar4 offset metre p1"),
    _family("echoes", _I, "echo1", "echo1 echo2", "echo1 echo2 echo4", "echo1 echo2 echo4 echo8 match"),
    _family("match", _I, "match", "match match_length", "match match_length i1"),
    *(
        _family(
            f"echo{k}",
            _I,
            f"echo{k}",
            f"echo{k} agree{k}",
            f"echo{k} agree{k} estep{k}",
            f"echo{k} agree{k} estep{k} i1",
        )
        for k in ECHO_LAGS
    ),
)
