"""Which pitches may a melody use here?

The key's scale and the tones of the chord underneath. Where the chord alters a degree (G♯ over E7 in A minor), the
scale's own form of that degree is left out. What the artist uses outside the scale often is allowed everywhere.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from engine.generation.melody.harmony import ChordTone
from engine.music import Key

OWN_COLOUR = 0.04


def own_colours(pitch_classes: Iterable[int], key: Key) -> frozenset[int]:
    """Degrees above the tonic outside the scale that make up at least OWN_COLOUR of the artist's notes."""
    counts = Counter((pitch_class - key.tonic) % 12 for pitch_class in pitch_classes)
    total = sum(counts.values())
    return frozenset(
        degree for degree, count in counts.items() if degree not in key.mode.scale and count >= OWN_COLOUR * total
    )


@lru_cache(maxsize=4000)
def allowed_degrees(key: Key, colours: frozenset[int], chord: ChordTone | None) -> frozenset[int]:
    """Semitones above the tonic (0-11) a melody may sound over the chord.

    >>> from engine.music import Chord, Mode
    >>> from engine.generation.melody.harmony import chord_tone
    >>> sorted(allowed_degrees(Key(9, Mode.MINOR), frozenset(), chord_tone(Chord.parse("E7"), 9)))
    [0, 2, 3, 5, 7, 8, 11]
    """
    scale = set(key.mode.scale)
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


def nearest(pitch: int, wanted: frozenset[int], low: int, high: int, lean: int = 0) -> int | None:
    """The pitch of the wanted degrees nearest to the given one inside low..high; ties go the way of `lean`."""
    options = [candidate for candidate in range(low, high + 1) if candidate % 12 in wanted]
    if not options:
        return None
    return min(options, key=lambda candidate: (abs(candidate - pitch), -lean * (candidate - pitch)))
