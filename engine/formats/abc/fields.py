"""What do the fields of an ABC tune say: metre, unit length, key, tempo?

Follows the ABC standard 2.1 (abcnotation.com). What cannot be read says nothing.

>>> read_key("G dorian").key.name, read_metre("C|").name, read_tempo('"Andante" 3/8=60')
('G dorian', '2/2', 90.0)
"""

import re
from fractions import Fraction
from typing import NamedTuple

from engine.music import Key, Metre, Mode, MusicError
from engine.music.key import parse_pitch_class

SHARPS = "FCGDAEB"
ACCIDENTAL = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}
_MODES = {
    "": Mode.MAJOR,
    "maj": Mode.MAJOR,
    "ion": Mode.MAJOR,
    "m": Mode.MINOR,
    "min": Mode.MINOR,
    "aeo": Mode.MINOR,
    "dor": Mode.DORIAN,
    "phr": Mode.PHRYGIAN,
    "lyd": Mode.LYDIAN,
    "mix": Mode.MIXOLYDIAN,
    "loc": Mode.LOCRIAN,
}
_KEY = re.compile(r"([A-G])([#b]?)\s*([A-Za-z]*)")
_OWN_ACCIDENTAL = re.compile(r"(?:^|\s)(\^\^|__|\^|_|=)([A-Ga-g])(?=\s|$|[\^_=])")
_OCTAVE = re.compile(r"octave=(-?\d)|clef=\S*?([+-]8)|(?:treble|bass|tenor|alto)([+-]8)")
_FRACTION = re.compile(r"(\d{1,4})\s*/\s*(\d{1,4})")


class Signature(NamedTuple):
    """The key a field names (None: none), and what it does to each letter."""

    key: Key | None
    alters: dict[str, int]


def read_key(text: str) -> Signature | None:
    """The signature of a K: field; None when it names none (only a clef, say)."""
    text = text.split("%")[0].strip()
    if text[:2] in ("HP", "Hp"):
        return Signature(Key(2, Mode.MAJOR), {"F": 1, "C": 1})
    if text.lower().startswith("none"):
        return Signature(None, {})
    match = _KEY.match(text)
    if match is None:
        return None
    word = match[3].lower()
    mode = _MODES.get("m" if word == "m" else word[:3])
    if mode is None and word in ("exp", "clef", "transpose", "octave", "stafflines", "middle", "t"):
        mode = Mode.MAJOR
    tonic = parse_pitch_class(match[1] + match[2])
    if tonic is None:
        return None
    key = Key(tonic, mode or Mode.MAJOR)
    is_explicit = word == "exp"
    alters = {} if is_explicit else _alters(_fifths(match[1], match[2], key.mode))
    for sign, letter in _OWN_ACCIDENTAL.findall(text[match.end() :]):
        alters[letter.upper()] = ACCIDENTAL[sign]
    return Signature(key, alters)


def read_octave(text: str) -> int:
    """Octaves by which a voice sounds apart from what is written: `octave=-1`, `clef=treble-8`."""
    match = _OCTAVE.search(text)
    if match is None:
        return 0
    return int(match[1]) if match[1] else (1 if (match[2] or match[3]) == "+8" else -1)


def _fifths(letter: str, sign: str, mode: Mode) -> int:
    shift = {Mode.MAJOR: 0, Mode.MIXOLYDIAN: -1, Mode.DORIAN: -2, Mode.MINOR: -3}
    more = {Mode.PHRYGIAN: -4, Mode.LOCRIAN: -5, Mode.LYDIAN: 1}
    return SHARPS.index(letter) - 1 + {"#": 7, "b": -7, "": 0}[sign] + (shift | more)[mode]


def _alters(fifths: int) -> dict[str, int]:
    """Which letters the signature alters: 2 sharps are F and C."""
    letters = SHARPS if fifths > 0 else SHARPS[::-1]
    return {letters[index % 7]: (1 if fifths > 0 else -1) for index in range(min(7, abs(fifths)))}


def read_metre(text: str) -> Metre | None:
    """The metre; None where it is free or cannot be counted."""
    text = {"C": "4/4", "C|": "2/2"}.get(text.strip(), text.strip())
    match = re.match(r"\(?([\d+\s]{1,20})\)?\s*/\s*(\d{1,3})", text)
    if match is None:
        return None
    try:
        return Metre(sum(int(part) for part in match[1].split("+") if part.strip()), int(match[2]))
    except (MusicError, ValueError):
        return None


def read_unit(text: str) -> Fraction | None:
    """The length a bare note stands for, in quarters."""
    match = _FRACTION.match(text.strip())
    if match is None:
        return Fraction(4) if text.strip() == "1" else None
    numerator, denominator = int(match[1]), int(match[2])
    return Fraction(4 * numerator, denominator) if numerator and denominator else None


def usual_unit(metre: Metre | None) -> Fraction:
    """An eighth, or a sixteenth in metres shorter than 3/4."""
    is_short = metre is not None and Fraction(metre.numerator, metre.denominator) < Fraction(3, 4)
    return Fraction(1, 4) if is_short else Fraction(1, 2)


def read_tempo(text: str) -> float | None:
    """Quarters a minute: `1/4=120`, `"Allegro" 3/8=60`, `120`."""
    plain = re.sub(r'"[^"]*"', " ", text)[:80]
    match = re.search(r"=\s*(\d{1,4}(?:\.\d+)?)", plain)
    beats = sum(Fraction(4 * int(n), int(d)) for n, d in _FRACTION.findall(plain.split("=")[0]) if int(d))
    if match and beats:
        return float(match[1]) * float(beats)
    bare = re.search(r"(?:^|=|\s)(\d{1,4}(?:\.\d+)?)\s*$", plain.strip())
    return float(bare[1]) if bare else None
