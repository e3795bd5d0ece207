"""Which pitches may a melody use here?

The key's scale and the tones of the chord underneath. Where the chord alters a degree (G♯ over E7 in A
minor), the scale's own form of that degree is left out. What the artist uses outside the scale often is
allowed everywhere.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from engine.generation.melody.harmony import ChordTone
from engine.music import Key

OWN_COLOUR = 0.04


def scale_of(pitch_classes: Iterable[int], key: Key) -> frozenset[int]:
    """The degrees of the key as the artist uses them: a form of a degree never used gives way to the one
    used.

    >>> from engine.music import Mode
    >>> sorted(scale_of([2, 5, 9, 11, 0], Key(2, Mode.MINOR)))  # D minor with B natural: dorian
    [0, 2, 3, 5, 7, 9, 10]
    """
    used = {(pitch_class - key.tonic) % 12 for pitch_class in pitch_classes}
    scale = set(key.mode.scale)
    for degree in sorted(scale - used - {0, 7}):
        others = [other for other in (degree - 1, degree + 1) if other in used and other not in scale]
        if others and _letter(key, others[0]) == _letter(key, degree):
            scale = scale - {degree} | {others[0]}
    return frozenset(scale)


def own_colours(pitch_classes: Iterable[int], key: Key, scale: frozenset[int]) -> frozenset[int]:
    """Degrees above the tonic outside the scale that make up at least OWN_COLOUR of the artist's notes."""
    counts = Counter((pitch_class - key.tonic) % 12 for pitch_class in pitch_classes)
    total = sum(counts.values())
    return frozenset(
        degree for degree, count in counts.items() if degree not in scale and count >= OWN_COLOUR * total
    )


@lru_cache(maxsize=4000)
def allowed_degrees(
    key: Key, own_scale: frozenset[int], colours: frozenset[int], chord: ChordTone | None
) -> frozenset[int]:
    """Semitones above the tonic (0-11) a melody may sound over the chord; `own_scale` as of `scale_of`.

    >>> from engine.music import Chord, Mode
    >>> from engine.generation.melody.harmony import chord_tone
    >>> minor = Key(9, Mode.MINOR)
    >>> sorted(allowed_degrees(minor, scale_of([], minor), frozenset(), chord_tone(Chord.parse("E7"), 9)))
    [0, 2, 3, 5, 7, 8, 11]
    """
    scale = set(own_scale)
    if chord is None:
        return frozenset(scale | colours)
    altered = {
        degree
        for degree in scale - chord.tones
        for tone in chord.tones - scale
        if _letter(key, degree) == _letter(key, tone)
    }
    return frozenset((scale - altered) | colours | chord.tones)


def _letter(key: Key, degree: int) -> str:
    return key.spell((key.tonic + degree) % 12)[0]


def clashes(degree: int, chord: ChordTone | None) -> bool:
    """Whether the degree is a minor ninth over a tone of the chord and not a tone itself."""
    if chord is None or degree % 12 in chord.tones:
        return False
    return (degree - 1) % 12 in chord.tones


def step_in(allowed: frozenset[int], pitch: int, steps: int) -> int:
    """The pitch so many allowed degrees up (or down) from the given one.

    >>> step_in(frozenset({0, 2, 4, 5, 7, 9, 11}), 4, 2), step_in(frozenset({0, 2, 4, 5, 7, 9, 11}), 0, -1)
    (7, -1)
    """
    if not allowed:
        return pitch
    direction = 1 if steps > 0 else -1
    for _ in range(abs(steps)):
        pitch += direction
        while pitch % 12 not in allowed:
            pitch += direction
    return pitch


@lru_cache(maxsize=4000)
def scale_place(pitch: int, scale: frozenset[int]) -> int:
    """How many scale steps the pitch lies above the tonic; a pitch between two degrees counts as the lower
    one.

    >>> scale_place(4, frozenset({0, 2, 4, 5, 7, 9, 11})), scale_place(-1, frozenset({0, 2, 4, 5, 7, 9, 11}))
    (2, -1)
    """
    octave, degree = divmod(pitch, 12)
    return len(scale) * octave + sum(degree >= step for step in scale) - 1


def at_place(place: int, scale: frozenset[int]) -> int:
    """The pitch so many scale steps above the tonic; the inverse of `scale_place` for pitches of
    the scale.
    """
    octave, degree = divmod(place, len(scale))
    return 12 * octave + sorted(scale)[degree]


def nearest(pitch: int, wanted: frozenset[int], low: int, high: int, lean: int = 0) -> int | None:
    """The pitch of the wanted degrees nearest to the given one inside low..high; ties go the way of
    `lean`.
    """
    options = [candidate for candidate in range(low, high + 1) if candidate % 12 in wanted]
    if not options:
        return None
    return min(options, key=lambda candidate: (abs(candidate - pitch), -lean * (candidate - pitch)))
