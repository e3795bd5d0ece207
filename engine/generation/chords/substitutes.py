"""What could stand in a chord's place, and how bold would it be?

The catalogue of functional substitution (Levine, The Jazz Theory Book, 1995; Schoenberg, Structural
Functions of
Harmony): colour, inversion, relatives, secondary dominants, two-fives, borrowed chords, diminished passing
chords, tritone
substitutes, chromatic mediants. Each rule is a small function named as musicians name it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.generation.chords.vocabulary import Seventh, seventh_class
from engine.music import Chord, Key
from engine.music.roman import Colour, colour_of


@dataclass(frozen=True, slots=True)
class Place:
    """A chord to stand in for: itself, the chord that will follow it, the key, and how richly the song
    spells."""

    chord: Chord
    following: Chord | None
    key: Key
    is_plain: bool
    is_divisible: bool


@dataclass(frozen=True, slots=True)
class Substitute:
    """One chord, or two that share the time; `boldness` 0-1."""

    chords: tuple[Chord, ...]
    boldness: float


def substitutes(place: Place) -> list[Substitute]:
    """Everything that could stand there, the chord itself first, without repeats."""
    found = [Substitute((place.chord,), 0.0)]
    for rule in _RULES:
        for one in rule(place):
            if one.chords not in [other.chords for other in found]:
                found.append(one)
    return found


def recoloured(place: Place) -> Iterator[Substitute]:
    """The same chord in another light."""
    names = _PLAIN_COLOURS if place.is_plain else _RICH_COLOURS
    for name in names.get(seventh_class(place.chord.quality), ()):
        candidate = replace(place.chord, quality=name)
        if name != place.chord.quality and colour_of(candidate, place.key) in (Colour.DIATONIC, Colour.BLUES):
            yield Substitute((candidate,), 0.1)


def inverted(place: Place) -> Iterator[Substitute]:
    """The third in the bass; the fifth only as the six-four of the key before its dominant."""
    if place.chord.bass is not None:
        return
    before_dominant = place.following is not None and place.key.relative(place.following.root) == 7
    for tone in [tone for tone in place.chord.intervals if 0 < tone < 9][:2]:
        if tone < 6 or (before_dominant and place.chord.root == place.key.tonic):
            yield Substitute((replace(place.chord, bass=(place.chord.root + tone) % 12),), 0.15)


def relative(place: Place) -> Iterator[Substitute]:
    """A chord of the key that shares two tones."""
    triad = _triad_tones(place.chord)
    for root in place.key.scale_pitch_classes:
        for quality in ("maj", "min") if place.is_plain else ("maj7", "min7", "7", "hdim7"):
            other = Chord(root, quality)
            if root == place.chord.root or colour_of(other, place.key) is not Colour.DIATONIC:
                continue
            if len(_triad_tones(other) & triad) >= 2:
                yield Substitute((other,), 0.35)


def secondary_dominant(place: Place) -> Iterator[Substitute]:
    """The dominant of what follows, instead of the chord or in its second half."""
    if place.following is None or _same_root(place):
        return
    dominant = Chord((place.following.root + 7) % 12, "7")
    if dominant.root != place.chord.root or not place.chord.has_major_third:
        yield Substitute((dominant,), 0.5)
        if place.is_divisible:
            yield Substitute((place.chord, dominant), 0.42)


def two_five(place: Place) -> Iterator[Substitute]:
    """The ii-V of what follows."""
    if place.following is None or not place.is_divisible or _same_root(place):
        return
    target = place.following.root
    quality = "hdim7" if place.following.has_minor_third else "min7"
    yield Substitute((Chord((target + 2) % 12, quality), Chord((target + 7) % 12, "7")), 0.6)


def borrowed(place: Place) -> Iterator[Substitute]:
    """A chord of the parallel key with the same job."""
    table = _BORROWED_IN_MINOR if place.key.mode.is_minor else _BORROWED_IN_MAJOR
    for degree, quality in table.get(place.key.relative(place.chord.root), ()):
        yield Substitute((Chord((place.key.tonic + degree) % 12, quality),), 0.55)


def passing_diminished(place: Place) -> Iterator[Substitute]:
    """The chord, then a diminished chord that leads up a semitone into what follows."""
    if place.following is not None and place.is_divisible and not _same_root(place):
        diminished = Chord((place.following.root - 1) % 12, "dim7")
        if diminished.root != place.chord.root:
            yield Substitute((place.chord, diminished), 0.48)


def tritone(place: Place) -> Iterator[Substitute]:
    """The dominant seventh a semitone above what follows."""
    if place.following is None or _same_root(place):
        return
    slide = Chord((place.following.root + 1) % 12, "7" if place.is_plain else "7(#11)")
    if slide.root != place.chord.root:
        yield Substitute((slide,), 0.8)
        if place.is_divisible:
            yield Substitute((place.chord, slide), 0.7)


def chromatic_mediant(place: Place) -> Iterator[Substitute]:
    """A major chord a third away, outside the key, with a tone in common."""
    if place.chord.is_dominant or place.chord.has_minor_third:
        return
    for step in (3, 4, 8, 9):
        other = Chord((place.chord.root + step) % 12, "maj" if place.is_plain else "maj7")
        if colour_of(other, place.key) in (Colour.CHROMATIC, Colour.BORROWED):
            yield Substitute((other,), 0.95)


_RULES = (
    recoloured,
    inverted,
    relative,
    secondary_dominant,
    two_five,
    borrowed,
    passing_diminished,
    tritone,
    chromatic_mediant,
)
_PLAIN_COLOURS: dict[Seventh, Sequence[str]] = {
    Seventh.MAJOR: ("maj(9)", "sus4", "sus2", "maj7"),
    Seventh.MINOR: ("min7", "min(9)"),
    Seventh.DOMINANT: ("sus4(b7)", "maj"),
    Seventh.SUSPENDED: ("maj",),
    Seventh.FIFTH: ("sus2",),
}
_RICH_COLOURS: dict[Seventh, Sequence[str]] = {
    Seventh.MAJOR: ("maj7", "maj(9)", "maj6"),
    Seventh.MAJOR_SIXTH: ("maj7", "maj6(9)"),
    Seventh.MAJOR_SEVENTH: ("maj9", "maj6(9)", "maj7(#11)"),
    Seventh.DOMINANT: ("9", "13", "sus4(b7,9)"),
    Seventh.MINOR: ("min7", "min9"),
    Seventh.MINOR_SEVENTH: ("min9", "min11"),
    Seventh.MINOR_SIXTH: ("min6(9)",),
}
_BORROWED_IN_MAJOR: dict[int, Sequence[tuple[int, str]]] = {
    5: ((5, "min"), (5, "min6"), (8, "maj")),
    2: ((2, "hdim7"), (5, "min6"), (1, "maj7")),
    7: ((10, "maj"), (10, "7"), (7, "min7")),
    9: ((8, "maj"), (8, "maj7")),
    4: ((3, "maj"), (3, "maj7")),
    0: ((8, "maj7"), (3, "maj")),
}
_BORROWED_IN_MINOR: dict[int, Sequence[tuple[int, str]]] = {
    5: ((5, "maj"), (5, "7"), (1, "maj7")),
    2: ((1, "maj"), (2, "min7")),
    8: ((5, "maj"), (1, "maj7")),
    10: ((5, "maj"), (11, "dim7")),
    3: ((0, "maj"),),
    7: ((1, "maj7"), (11, "dim7")),
}


def _triad_tones(chord: Chord) -> set[int]:
    return {(chord.root + tone) % 12 for tone in chord.intervals if tone < 9}


def _same_root(place: Place) -> bool:
    return place.following is not None and place.following.root == place.chord.root
