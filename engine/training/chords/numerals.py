"""Which chord does a roman numeral of the corpora mean?

Reads the three dialects found there: the rock corpus (`bVIId7`, `viix7/V`), loop lists (`bVIM`, `Idom7`)
and RomanText
(`V65/ii`, `Ger65`, `iiø7`). Sevenths without a sign of their own are the scale's.

>>> numeral_chord("V65/ii", 0, is_minor=False)
Chord(root=9, quality='7', bass=1)
"""

import re
from functools import lru_cache

from engine.music import Chord
from engine.music.qualities import canonical_quality

_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_NUMERAL = re.compile(r"^([b#-]*)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(.*)$")
_MINOR_DEGREES = {"iii": 3, "vi": 8, "vii": 10}
_AUGMENTED_SIXTHS = {"Ger": (8, "7"), "Fr": (2, "7(b5)"), "It": (8, "7"), "Cad": (0, "maj"), "N": (1, "maj")}
_FIGURE_BASS = {"64": 2, "6": 1, "65": 1, "43": 2, "42": 3, "2": 3}
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_MINOR = (0, 2, 3, 5, 7, 8, 10)


@lru_cache(maxsize=10_000)
def numeral_chord(text: str, tonic: int, is_minor: bool, minor_degrees: bool = False) -> Chord | None:
    """The chord of a numeral in the key; None if it cannot be read.

    `minor_degrees`: III, VI, VII of a minor key stand a semitone lower than in major (RomanText, loop
    lists); otherwise
    degrees are always those of the major scale (rock corpus).
    """
    head, *targets = re.sub(r"\[[^\]]*\]", "", text).split("/")
    for target in reversed(targets):
        match = _NUMERAL.match(target)
        if match is None:
            return None
        tonic = (tonic + _degree(match[1], match[2], is_minor and minor_degrees)) % 12
        is_minor = match[2].islower()
    special = re.match(r"^(Ger|Fr|It|Cad|N)(\d*)$", head)
    if special:
        return _special(special[1], special[2], tonic, is_minor)
    match = _NUMERAL.match(head)
    if match is None:
        return None
    degree = _degree(match[1], match[2], is_minor and minor_degrees and not targets)
    if match[2].islower() and match[2] == "vii" and re.match(r"[oø°x]", match[3]):
        degree = _degree(match[1], match[2], False)
    return _with_quality((tonic + degree) % 12, degree % 12, match[2].islower(), match[3], is_minor)


def _degree(signs: str, numeral: str, minor_degrees: bool) -> int:
    name = numeral.lower()
    natural = _MINOR_DEGREES.get(name, _DEGREES[name]) if minor_degrees else _DEGREES[name]
    return natural + signs.count("#") - signs.count("b") - signs.count("-")


def _special(name: str, figures: str, tonic: int, is_minor: bool) -> Chord:
    degree, quality = _AUGMENTED_SIXTHS[name]
    if name == "Cad":
        return Chord(tonic, "min" if is_minor else "maj", (tonic + 7) % 12)
    return Chord((tonic + degree) % 12, quality, (tonic + 8) % 12 if name == "Fr" else None)


def _with_quality(root: int, degree: int, is_lower: bool, rest: str, is_minor: bool) -> Chord | None:
    figures = "".join(re.findall(r"\d", re.sub(r"(?:s|sus|add|[#b+-])\d+", "", rest)))
    has_seventh = any(figures.startswith(figure) for figure in ("7", "65", "43", "42", "2", "9", "11", "13"))
    quality = canonical_quality(_quality(degree, is_lower, rest, has_seventh, is_minor))
    if quality is None:
        return None
    chord = Chord(root, quality)
    place = _FIGURE_BASS.get(figures)
    tones = chord.intervals
    if place is None or place >= len(tones) or "sus" in quality:
        return chord
    return Chord(root, quality, (root + tones[place]) % 12)


def _quality(degree: int, is_lower: bool, rest: str, has_seventh: bool, is_minor: bool) -> str:
    """Harte text of the numeral's quality."""
    if re.search(r"ø|h", rest):
        return "hdim7" if has_seventh else "dim"
    if "x" in rest:
        return "dim7"
    if re.match(r"[o°]|dim", rest):
        return "dim7" if has_seventh else "dim"
    if re.search(r"s(?:us)?4|^54$|^4$", rest):
        return "sus4(b7)" if "7" in rest else "sus4"
    if re.search(r"s(?:us)?2", rest):
        return "sus2"
    if re.match(r"\+(?!\d{2})|a(?!dd)", rest):
        return "aug(b7)" if has_seventh else "aug"
    if "#9" in rest:
        return "7(#9)"
    if re.match(r"M?-5|b5", rest):
        return "maj(b5)"
    return _tall_quality(
        degree, is_lower or re.match(r"m(?!aj)", rest) is not None, rest, has_seventh, is_minor
    )


def _tall_quality(degree: int, is_lower: bool, rest: str, has_seventh: bool, is_minor: bool) -> str:
    if "add9" in rest:
        return "min(9)" if is_lower else "maj(9)"
    if re.match(r"m?69", rest):
        return "min6(9)" if is_lower else "maj6(9)"
    if rest.lstrip("mM") == "5" and not is_lower:
        return "5"
    if "11" in rest and not is_lower:
        return "sus4(b7,9)" if degree == 7 else "maj(11)"
    if not has_seventh:
        return "min" if is_lower else "maj"
    ninth = "9" in rest
    if is_lower:
        return "min9" if ninth else "min7"
    if (
        "d" in rest
        or (degree + 10) % 12 in (_MINOR if is_minor else _MAJOR)
        or degree not in (0, 5, 10, 3, 8)
    ):
        return "9" if ninth else "7"
    return "maj9" if ninth else "maj7"
