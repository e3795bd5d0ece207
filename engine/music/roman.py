"""What is this chord's job in the key, and what do musicians call it?

Roman numerals as written under a chord lane: degree and inversion, the chord's own name standing above.
Upper case for a major third, lower case for a minor one, ° ø + for the altered fifths; sevenths are shown
only where they say what the chord does (`V7/ii`, `ii⁶₅`). Degrees are counted in the key's own mode, so
the natural degrees of a minor key are III, VI, VII. A chord that is foreign to the key and leads down a
fifth is a secondary dominant (`V7/ii`, `vii°7/V`), down a semitone a tritone substitute (`subV/V`).
Colours follow Riemann's functions as pop and jazz theory uses them (Nettles & Graf, The Chord Scale
Theory, 1997).

>>> from engine.music import Chord, Key
>>> roman(Chord.parse("A7"), Key(0)), roman(Chord.parse("C/G"), Key(0))
('V7/ii', 'I⁶₄')
>>> function(Chord.parse("Fm"), Key(0)).value
'other'
"""

from enum import StrEnum
from functools import lru_cache

from engine.music.chord import Chord
from engine.music.key import Key, Mode
from engine.music.qualities import quality_intervals


class Function(StrEnum):
    TONIC = "tonic"
    SUBDOMINANT = "subdominant"
    DOMINANT = "dominant"
    OTHER = "other"


class Colour(StrEnum):
    """Where a chord's notes come from."""

    DIATONIC = "diatonic"  # the key's own (in minor also with the raised leading note)
    SECONDARY_DOMINANT = "secondary dominant"
    SECONDARY_LEADING = "secondary leading-note chord"
    TRITONE_SUBSTITUTE = "tritone substitute"
    BORROWED = "borrowed"  # from the parallel key
    BLUES = "blues"  # a seventh on I or IV that wants nothing
    CHROMATIC = "chromatic"


_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_DEFAULT_DEGREE = {1: 1, 3: 2, 6: 3, 8: 5, 10: 6}  # ♭II ♭III ♯IV ♭VI ♭VII where the scale has none of its own
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_TRIAD_FIGURES = {1: "⁶", 2: "⁶₄"}
_SEVENTH_FIGURES = {1: "⁶₅", 2: "⁴₃", 3: "⁴₂"}


def roman(chord: Chord, key: Key, following: Chord | None = None) -> str:
    """The numeral under the chord, such as `vi`, `I⁶₄`, `V7/ii`, `♭VII`, `subV/V`; `N.C.` for no chord.

    `following` is the next different chord, when known: a foreign dominant is named after what it really
    leads to; without it, after what it is expected to lead to.
    """
    if chord.is_no_chord:
        return "N.C."
    colour = colour_of(chord, key, following)
    if colour is Colour.SECONDARY_DOMINANT:
        head = "V7" if _is_dominant(chord) else "V"
        return f"{_inverted(head, chord)}/{_target_numeral(chord.root + 5, key, following)}"
    if colour is Colour.SECONDARY_LEADING:
        head = "viiø7" if _is_half_diminished(chord) else "vii°7" if _has(chord, 9) else "vii°"
        return f"{_inverted(head, chord)}/{_target_numeral(chord.root + 1, key, following)}"
    if colour is Colour.TRITONE_SUBSTITUTE:
        target = (chord.root - 1) % 12
        return "subV" if target == key.tonic else f"subV/{_target_numeral(target, key, following)}"
    return _inverted(degree_numeral(chord, key) + _altered_fifth(chord), chord)


def degree_numeral(chord: Chord, key: Key) -> str:
    """Degree and accidental in the key's mode, in the case of the chord's third: `vi`, `♭VII`, `♯iv`."""
    relative = key.relative(chord.root)
    numeral = _accidental_and_numeral(relative, key)
    return numeral.lower() if _is_lower(chord, relative, key) else numeral


def function(chord: Chord, key: Key) -> Function:
    """The chord's job: tonic (home), subdominant (away), dominant (tension) or other (foreign colour)."""
    if chord.is_no_chord:
        return Function.OTHER
    colour = colour_of(chord, key, None)
    if colour in (Colour.SECONDARY_DOMINANT, Colour.SECONDARY_LEADING):
        return Function.DOMINANT
    if colour in (Colour.BORROWED, Colour.TRITONE_SUBSTITUTE, Colour.CHROMATIC):
        return Function.OTHER
    return _diatonic_function(key.relative(chord.root), chord, key)


@lru_cache(maxsize=50_000)
def colour_of(chord: Chord, key: Key, following: Chord | None = None) -> Colour:
    """Where the chord's notes come from, read together with what follows."""
    if chord.is_no_chord or _in_key(chord, key):
        return Colour.DIATONIC
    if _is_blues(chord, key, following):
        return Colour.BLUES
    if _acts_as_dominant(chord, key, following):
        return Colour.SECONDARY_DOMINANT
    if _acts_as_substitute(chord, key, following):
        return Colour.TRITONE_SUBSTITUTE
    if _acts_as_leading(chord, key, following):
        return Colour.SECONDARY_LEADING
    return Colour.BORROWED if _in_parallel(chord, key) else Colour.CHROMATIC


def parallel_key(key: Key) -> Key:
    """The key on the same tonic from which chords are borrowed: E♭ minor for E♭ major."""
    return Key(key.tonic, Mode.MAJOR if key.mode.is_minor else Mode.MINOR)


def _accidental_and_numeral(relative: int, key: Key) -> str:
    scale = key.mode.scale
    if relative in scale:
        index = scale.index(relative)
        sign = "" if key.mode.is_minor else _sign(relative - _MAJOR_SCALE[index])
        return sign + _NUMERALS[index]
    if relative - 1 in scale and key.mode.is_minor and relative in (9, 11, 6, 4):
        return "♯" * (relative != 11) + _NUMERALS[scale.index(relative - 1)]
    index = _DEFAULT_DEGREE.get(relative, 0)
    if relative in _DEFAULT_DEGREE:
        return _sign(relative - _MAJOR_SCALE[index]) + _NUMERALS[index]
    return _NUMERALS[_MAJOR_SCALE.index(relative)]


def _sign(semitones: int) -> str:
    return "♭" * -semitones if semitones < 0 else "♯" * semitones


def _is_dominant(chord: Chord) -> bool:
    """A minor seventh over a major third or a fourth; tensions such as ♯9 do not matter."""
    below = {interval for interval in chord.intervals if interval < 12}
    return 10 in below and 3 not in below and bool(below & {4, 5})


def _has(chord: Chord, *steps: int) -> bool:
    return {interval % 12 for interval in chord.intervals} >= set(steps)


def _is_half_diminished(chord: Chord) -> bool:
    return _has(chord, 3, 6, 10) and not _has(chord, 7)


def _is_diminished(chord: Chord) -> bool:
    return _has(chord, 3, 6) and not _has(chord, 7)


def _is_lower(chord: Chord, relative: int, key: Key) -> bool:
    if chord.has_minor_third:
        return True
    if chord.has_major_third:
        return False
    third = {(relative + 3) % 12, (relative + 4) % 12} & set(key.mode.scale)  # bare fifths: as in the scale
    dominant_in_minor = key.mode.is_minor and relative == 7
    return relative in key.mode.scale and (relative + 3) % 12 in third and not dominant_in_minor


def _altered_fifth(chord: Chord) -> str:
    if _is_half_diminished(chord):
        return "ø7"
    if _is_diminished(chord):
        return "°7" if _has(chord, 9) else "°"
    is_augmented = _has(chord, 4, 8) and not _has(chord, 7) and 20 not in chord.intervals
    return "+" if is_augmented else ""


def _inverted(numeral: str, chord: Chord) -> str:
    """The numeral with the figures of its inversion; a bass outside the chord is written as its interval."""
    if chord.bass is None:
        return numeral
    step = (chord.bass - chord.root) % 12
    tones = [interval for interval in quality_intervals(chord.quality) if interval < 12]
    if step not in tones:
        return f"{numeral}/{('1', '♭2', '2', '♭3', '3', '4', '♭5', '5', '♭6', '6', '♭7', '7')[step]}"
    place = {3: 1, 4: 1, 6: 2, 7: 2, 8: 2}.get(step, 3 if step >= 9 else 0)
    has_seventh = any(tone in (10, 11) for tone in tones) or "°7" in numeral
    figures = _SEVENTH_FIGURES if has_seventh else _TRIAD_FIGURES
    return numeral.removesuffix("7") + figures.get(place, "") if place else numeral


def _target_numeral(root: int, key: Key, following: Chord | None) -> str:
    if following is not None and not following.is_no_chord and following.root == root % 12:
        return degree_numeral(following, key)
    relative = key.relative(root % 12)
    numeral = _accidental_and_numeral(relative, key)
    minor_third_fits = relative in key.mode.scale and (relative + 3) % 12 in key.mode.scale
    return numeral.lower() if minor_third_fits and relative != 7 else numeral


def _in_key(chord: Chord, key: Key) -> bool:
    """Basic tones in the scale; minor keys own V, V7 and vii° of the raised leading note."""
    tones = _basic_tones(chord)
    scale = set(key.scale_pitch_classes)
    if tones <= scale:
        return True
    if not key.mode.is_minor:
        return False
    relative = key.relative(chord.root)
    harmonic = (scale - {(key.tonic + 10) % 12}) | {(key.tonic + 11) % 12}
    return relative in (7, 11) and tones <= harmonic | {(key.tonic + 2) % 12}


def _basic_tones(chord: Chord) -> set[int]:
    """Root, third, fifth, seventh. Tensions and altered fifths do not make a chord foreign."""
    below = [interval for interval in quality_intervals(chord.quality) if interval < 12]
    natural = [7 if 4 in below and interval in (6, 8) else interval for interval in below]
    return {(chord.root + interval) % 12 for interval in natural}


def _in_parallel(chord: Chord, key: Key) -> bool:
    """In the parallel major or minor; in major also ♭II and the ♭VII7 that leads back."""
    relative = key.relative(chord.root)
    if _in_key(chord, parallel_key(key)):
        return True
    melodic_minor = key.mode.is_minor and relative in (9, 11) and _is_half_diminished(chord)
    backdoor = relative == 10 and chord.has_major_third
    neapolitan = relative == 1 and chord.has_major_third and not _is_dominant(chord)
    minor_subdominant = relative == 5 and chord.has_minor_third and _has(chord, 9)
    return melodic_minor or backdoor or neapolitan or minor_subdominant


def _is_blues(chord: Chord, key: Key, following: Chord | None) -> bool:
    relative = key.relative(chord.root)
    if not _is_dominant(chord) or relative not in (0, 5):
        return False
    leads_down_a_fifth = following is not None and following.root == (chord.root + 5) % 12
    leads_to_four = leads_down_a_fifth and following is not None and not _is_dominant(following)
    return not (relative == 0 and leads_to_four)


def _acts_as_dominant(chord: Chord, key: Key, following: Chord | None) -> bool:
    """A foreign major triad or dominant seventh whose root falls a fifth to a degree of the key."""
    if not (chord.has_major_third or _is_dominant(chord)) or _has(chord, 4, 11):
        return False
    target = (chord.root + 5) % 12
    if following is not None and not following.is_no_chord:
        return following.root == target and key.relative(target) != 0
    expected = {9, 11, 2, 4} if not key.mode.is_minor else {2, 0, 10, 5}
    return _is_dominant(chord) and key.relative(chord.root) in expected and key.relative(target) != 0


def _acts_as_substitute(chord: Chord, key: Key, following: Chord | None) -> bool:
    """A dominant seventh a semitone above what it leads to, or on ♭II or ♯V when nothing is known."""
    if not _is_dominant(chord) or not chord.has_major_third:
        return False
    if following is not None and not following.is_no_chord:
        return (chord.root - following.root) % 12 == 1
    return key.relative(chord.root) in (1, 8)


def _acts_as_leading(chord: Chord, key: Key, following: Chord | None) -> bool:
    """A diminished chord a semitone below what it leads to."""
    if not _is_diminished(chord):
        return False
    if following is not None and not following.is_no_chord:
        return (following.root - chord.root) % 12 == 1 and following.root != key.tonic
    return _has(chord, 9) and key.relative(chord.root) in (1, 6, 8)


def _diatonic_function(relative: int, chord: Chord, key: Key) -> Function:
    if key.mode.is_minor:
        by_degree = {0: "t", 3: "t", 2: "s", 5: "s", 8: "s", 7: "d", 10: "d", 11: "d", 1: "s", 9: "t"}
    else:
        by_degree = {0: "t", 9: "t", 4: "t", 2: "s", 5: "s", 6: "s", 7: "d", 11: "d", 10: "s", 1: "s", 8: "s"}
    is_cadential = relative == 0 and chord.bass == (key.tonic + 7) % 12
    names = {"t": Function.TONIC, "s": Function.SUBDOMINANT, "d": Function.DOMINANT}
    return Function.TONIC if is_cadential else names.get(by_degree.get(relative, ""), Function.OTHER)
