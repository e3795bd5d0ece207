"""How are the chords of a song said in another style?

Named rules, each small: sevenths and ninths where the style has them, plain triads or open fifths where it
has not, a two-five into the next phrase, a tritone substitute for a dominant that falls. None may rub more
with the held notes of the melody than the artist's own chord did. `amount` 0-1 is how much of the colour is
taken on, `surprise` 0-1 how much moves in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.arrangement.styles import Colour, PlayerStyle
from engine.music import Chord, ChordSpan, Key, Note, Origin, TimeMap

_TWO_FIVES_FROM, _EVERYWHERE_FROM, _TRITONES_FROM = 0.25, 0.6, 0.55
_PASSING_FROM = 0.4
_COLOURED_FROM = 0.1
_PLAIN_FROM, _PLAINER_FROM = 0.4, 0.8  # where sevenths are foreign; where they are only rare
_SEVENTHS_ARE_RARE = frozenset({"pop", "synthwave", "cinematic"})
_GOSPEL = frozenset({"gospel", "soul", "musical-theatre"})
_DRIFTING = frozenset({"ambient", "cinematic", "house", "techno", "drum-and-bass", "hip-hop", "synthwave"})
_PLAIN_DOMINANTS = frozenset({"blues", "funk"})

Lead = tuple[tuple[Chord, ...], str]
"""Chords that share the time of one, and what musicians call that."""


@dataclass(frozen=True, slots=True)
class Colouring:
    """What the rules read."""

    key: Key
    style: PlayerStyle
    amount: float
    surprise: float
    time_map: TimeMap
    melody: Sequence[Note]


@dataclass(frozen=True, slots=True)
class Recoloured:
    """The chords, and in words what was done, with how often."""

    spans: tuple[ChordSpan, ...]
    done: tuple[tuple[str, int], ...]


def recoloured(spans: Sequence[ChordSpan], how: Colouring) -> Recoloured:
    """The chords in the style. Locked ones stay."""
    counts: dict[str, int] = {}
    coloured = [_told(span, _coloured(span, how), counts) for span in spans]
    moved: list[ChordSpan] = []
    for place, span in enumerate(coloured):
        following = coloured[place + 1] if place + 1 < len(coloured) else None
        moved += _led(span, following, how, counts)
    return Recoloured(tuple(moved), tuple(counts.items()))


def _told(span: ChordSpan, new: tuple[Chord, str], counts: dict[str, int]) -> ChordSpan:
    chord, word = new
    if chord == span.chord:
        return span
    counts[word] = counts.get(word, 0) + 1
    return replace(span, id=0, chord=chord, origin=Origin.TAKEN, source="", locked=False)


def _coloured(span: ChordSpan, how: Colouring) -> tuple[Chord, str]:
    """The chord in the colour of the style, and what that colour is called."""
    chord = span.chord
    if chord.is_no_chord or span.locked or how.amount < _COLOURED_FROM:
        return chord, ""
    for quality, word in _colours(chord, how):
        candidate = replace(chord, quality=quality)
        if rubs(candidate, span, how.melody) <= rubs(chord, span, how.melody):
            return candidate, word
    return chord, ""


def _colours(chord: Chord, how: Colouring) -> list[tuple[str, str]]:
    """Qualities to try, the richest first."""
    plain_from = _PLAINER_FROM if how.style.name in _SEVENTHS_ARE_RARE else _PLAIN_FROM
    match how.style.colour:
        case Colour.POWER | Colour.TRIADS if how.amount < plain_from:
            return []
        case Colour.POWER:
            return as_power(chord)
        case Colour.TRIADS:
            return as_triad(chord)
        case Colour.SEVENTHS:
            return with_seventh(chord, how)
        case Colour.EXTENDED:
            return [*with_ninth(chord, how), *with_seventh(chord, how)]


def as_power(chord: Chord) -> list[tuple[str, str]]:
    """An open fifth, for chords with a perfect one."""
    return (
        [("5", "open fifths")]
        if 7 in chord.intervals and chord.quality in ("maj", "min", "5")
        else as_triad(chord)
    )


_TRIADS: dict[tuple[int, ...], str] = {
    (0, 4, 7): "maj",
    (0, 3, 7): "min",
    (0, 3, 6): "dim",
    (0, 4, 8): "aug",
    (0, 5, 7): "sus4",
    (0, 2, 7): "sus2",
}


def as_triad(chord: Chord) -> list[tuple[str, str]]:
    """Without sevenths and what stands above them."""
    steps = {interval for interval in chord.intervals if interval < 9}
    plain = _TRIADS.get(tuple(sorted(steps)))
    return [(plain, "plain triads")] if plain and plain != chord.quality else []


def with_seventh(chord: Chord, how: Colouring) -> list[tuple[str, str]]:
    """The seventh that the key (or the blues) gives the chord."""
    if chord.quality not in ("maj", "min", "dim", "5"):
        return []
    degree = how.key.relative(chord.root)
    word = "sevenths"
    if how.style.name in _PLAIN_DOMINANTS and chord.quality == "maj":
        return [("7", word)]
    if chord.quality == "min":
        return [("min7", word)]
    if chord.quality == "dim":
        return [("hdim7", word)]
    if _is_dominant_degree(degree, how.key):
        return [("7", word)]
    major = [("maj7", word), ("maj6", "sixths")]
    return major if degree in _MAJOR_SEVENTHS[how.key.mode.is_minor] else [("maj6", "sixths")]


def with_ninth(chord: Chord, how: Colouring) -> list[tuple[str, str]]:
    """The ninth, where it is the key's own: a whole tone above the root."""
    ninth = (chord.root + 2) % 12
    if ninth not in how.key.scale_pitch_classes or how.amount < 0.35:
        return []
    word = "ninths"
    degree = how.key.relative(chord.root)
    if chord.quality in ("min", "min7"):
        return [("min9", word)]
    if chord.quality == "7" or (chord.quality == "maj" and _is_dominant_degree(degree, how.key)):
        return [("13", "thirteenths"), ("9", word)] if how.amount >= 0.5 else [("9", word)]
    if chord.quality in ("maj", "maj7") and degree in _MAJOR_SEVENTHS[how.key.mode.is_minor]:
        return [("maj9", word), ("maj6(9)", "six-nines")]
    return []


_MAJOR_SEVENTHS = {False: (0, 5), True: (3, 8)}  # semitones above the tonic, by whether the mode is minor


def _is_dominant_degree(degree: int, key: Key) -> bool:
    return degree == 7 or (key.mode.is_minor and degree == 10)


def _led(
    span: ChordSpan, following: ChordSpan | None, how: Colouring, counts: dict[str, int]
) -> list[ChordSpan]:
    """The chord, its second half or its whole given to what leads into the next one."""
    if span.locked or span.chord.is_no_chord or following is None or following.chord.is_no_chord:
        return [span]
    if following.chord.root == span.chord.root or not _may_lead(span, following, how):
        return [span]
    for leads, word in (
        *_tritone(span, following, how),
        *_two_five(span, following, how),
        *_passing(span, following, how),
    ):
        laid = _shared(span, leads, how.time_map)
        if laid and sum(rubs(s.chord, s, how.melody) for s in laid) <= rubs(span.chord, span, how.melody):
            counts[word] = counts.get(word, 0) + 1
            return laid
    return [span]


def _may_lead(span: ChordSpan, following: ChordSpan, how: Colouring) -> bool:
    """At the ends of phrases, everywhere when much is asked for."""
    is_plain = how.style.colour in (Colour.POWER, Colour.TRIADS) or how.style.name in _DRIFTING
    if is_plain and how.surprise < _EVERYWHERE_FROM:
        return False
    bar = how.time_map.bar_of(following.start_ticks)
    on_bar = how.time_map.metrical_offset(following.start_ticks) == 0
    return on_bar and (how.surprise >= _EVERYWHERE_FROM or bar % 4 == 0 or bar % 8 == 6)


def _two_five(span: ChordSpan, following: ChordSpan, how: Colouring) -> list[Lead]:
    """The two-five of the next chord, or its five alone in the second half."""
    if how.surprise < _TWO_FIVES_FROM or span.chord.is_dominant:
        return []
    target = following.chord
    two = Chord((target.root + 2) % 12, "hdim7" if target.has_minor_third else "min7")
    five = Chord((target.root + 7) % 12, "7(b9)" if target.has_minor_third else "7")
    alone: list[Lead] = [((span.chord, five), "secondary dominants")]
    begins = how.time_map.bar_of(span.start_ticks) % 4 == 0  # the chord a phrase begins with stays
    return [((two, five), "two-fives"), *alone] if how.surprise >= 0.4 and not begins else alone


def _tritone(span: ChordSpan, following: ChordSpan, how: Colouring) -> list[Lead]:
    """A dominant that falls a fifth, by the one a tritone away."""
    falls = span.chord.is_dominant and (span.chord.root - following.chord.root) % 12 == 7
    if how.surprise < _TRITONES_FROM or not falls or how.style.colour is not Colour.EXTENDED:
        return []
    return [((Chord((following.chord.root + 1) % 12, "7"),), "tritone substitutes")]


def _passing(span: ChordSpan, following: ChordSpan, how: Colouring) -> list[Lead]:
    """A diminished chord that leads up a semitone."""
    if how.surprise < _PASSING_FROM or how.style.name not in _GOSPEL:
        return []
    diminished = Chord((following.chord.root - 1) % 12, "dim7")
    return [((span.chord, diminished), "passing diminished chords")]


def _shared(span: ChordSpan, chords: tuple[Chord, ...], time_map: TimeMap) -> list[ChordSpan]:
    """The time of the span shared among the chords, on pulses; [] where there is no room."""
    pulse = time_map.metre_at(span.start_ticks).pulse_ticks
    if len(chords) == 1:
        return [_as_new(span, span.start_ticks, span.end_ticks, chords[0])]
    if span.duration_ticks < 2 * pulse:
        return []
    middle = span.start_ticks + -(-span.duration_ticks // (2 * pulse)) * pulse
    first = span if chords[0] == span.chord else _as_new(span, span.start_ticks, middle, chords[0])
    return [
        replace(first, duration_ticks=middle - span.start_ticks),
        _as_new(span, middle, span.end_ticks, chords[1]),
    ]


def _as_new(span: ChordSpan, start: int, end: int, chord: Chord) -> ChordSpan:
    return replace(
        span,
        id=0,
        start_ticks=start,
        duration_ticks=end - start,
        chord=chord,
        origin=Origin.TAKEN,
        source="",
        locked=False,
    )


def rubs(chord: Chord, span: ChordSpan, melody: Sequence[Note]) -> int:
    """Held melody notes a semitone above a tone of the chord, or its minor third over a major one."""
    tones = chord.pitch_classes
    return sum(
        note.pitch % 12 not in tones
        and (
            (note.pitch - 1) % 12 in tones
            or (chord.has_major_third and note.pitch % 12 == (chord.root + 3) % 12)
        )
        for note in melody
        if min(note.end_ticks, span.end_ticks) - max(note.start_ticks, span.start_ticks) >= 240
    ) + sum(
        # a seventh a semitone under the melody's own root
        note.pitch % 12 == chord.root and (chord.root + 11) % 12 in tones
        for note in melody
        if min(note.end_ticks, span.end_ticks) - max(note.start_ticks, span.start_ticks) >= 480
    )
