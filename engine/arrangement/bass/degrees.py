"""Which tone is the fifth of this chord, also over another bass?

Degrees of the pattern files as semitones above the chord's bass note. Over a slash chord the nearest chord
tones stand in, so that a figure written for root position stays in the chord.
"""

from functools import lru_cache

from engine.music import Chord, Key

_LITERAL = {"b2": 1, "b3": 3, "#4": 6, "b5": 6, "#5": 8, "b6": 8, "b7": 10, "#1": 1, "#2": 3, "#6": 10}
_WANTED = {"2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 10}


@lru_cache(maxsize=8_000)
def semitones(symbol: str, chord: Chord, key: Key) -> int:
    """Semitones of a degree above the bass note; 12 for `8`.

    >>> semitones("3", Chord.parse("Am"), Key()), semitones("5", Chord.parse("C/E"), Key())
    (3, 8)
    """
    if symbol in ("1", "x"):
        return 0
    if symbol == "8":
        return 12
    above = tones_above(chord)
    if symbol in _LITERAL:
        return _literal(_LITERAL[symbol], above)
    if chord.bass is not None:
        return _over_slash(symbol, chord, key, above)
    return _plain(symbol.lstrip("b#"), chord, key, above)


def tones_above(chord: Chord) -> frozenset[int]:
    """The chord's tones as semitones above its bass note; root and fifth for a chord nobody can read."""
    if not chord.intervals:
        return frozenset({0, 7})
    return frozenset((tone - chord.bass_pitch_class) % 12 for tone in chord.pitch_classes)


def _literal(wanted: int, above: frozenset[int]) -> int:
    """A written alteration; where it would rub against the chord, its neighbour inside the chord."""
    if wanted in above or wanted in (3, 6):
        return wanted
    if wanted == 10 and 11 in above:
        return 9
    return wanted


def _plain(symbol: str, chord: Chord, key: Key, above: frozenset[int]) -> int:
    """A degree above the root: the chord's own where it has one, else the key's."""
    choices = {"2": (2, 1), "3": (4, 3, 5, 2), "4": (5, 6), "5": (7, 6, 8), "6": (9, 8), "7": (10, 11, 9)}
    own = [step for step in choices[symbol] if step in above]
    if own:
        return own[0]
    if symbol == "5":
        return 7
    if symbol == "6" and chord.root == key.tonic and {3, 10} <= above:
        return 9  # a tonic with a minor seventh is dorian to a bassist
    inside = [s for s in choices[symbol] if (chord.root + s) % 12 in key.scale_pitch_classes]
    return inside[0] if inside else choices[symbol][0]


def _over_slash(symbol: str, chord: Chord, key: Key, above: frozenset[int]) -> int:
    wanted = _WANTED[symbol.lstrip("b#")]
    others = sorted(above - {0}, key=lambda step: (abs(step - wanted), step))
    foreign = chord.bass is not None and (chord.bass - chord.root) % 12 not in {
        s % 12 for s in chord.intervals
    }
    fifth = (chord.bass_pitch_class + 7) % 12
    if symbol == "5" and foreign and fifth in key.scale_pitch_classes:
        return 7  # F/G is heard as a G that waits
    return others[0] if others else 0


@lru_cache(maxsize=8_000)
def scale_of_chord(chord: Chord, key: Key) -> frozenset[int]:
    """Pitch classes a line may step through: the key's, bent to the chord's tones."""
    tones = chord.pitch_classes or frozenset({chord.root, (chord.root + 7) % 12})
    bent = {pc for pc in key.scale_pitch_classes if not _rubs(pc, tones)}
    return frozenset(bent) | tones


def _rubs(pitch_class: int, tones: frozenset[int]) -> bool:
    """Whether a scale tone is the altered form of a chord tone: C natural over A7."""
    if pitch_class in tones:
        return False
    below, above = (pitch_class - 1) % 12 in tones, (pitch_class + 1) % 12 in tones
    return below and above
