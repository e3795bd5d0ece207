"""How varied are these chords, and how do they sit under the melody? The six measures of Yeh et al. 2021.

Yeh et al., Automatic melody harmonization with triad chords (arXiv 2001.02360): CHE chord histogram entropy,
CC chord coverage, CTD chord tonal distance, CTnCTR chord tone to non-chord tone ratio, PCS pitch consonance
score, MCTD melody-chord tonal distance. As there, chords are triads (major, minor, diminished, augmented)
read every half bar (every bar where it cannot be halved) and logarithms are natural. None is better for
being higher: what counts is how near a harmonisation comes to people's values on the same melody.

>>> round(tonal_distance({0}, {6}), 3)
2.828
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise
from math import cos, hypot, log, pi, sin
from typing import NamedTuple

from engine.music.qualities import quality_intervals
from engine.ranking.features_passage import GRID, Harmony, Passage, Tone, chord_tones

NAMES = ("CHE", "CC", "CTD", "CTnCTR", "PCS", "MCTD")
_SIXTEENTH = GRID // 4
_CONSONANT = frozenset({0, 3, 4, 7, 8, 9})
_FOURTH = 5
# Harte, Sandler & Gasser 2006: circles of fifths, minor thirds and major thirds, with their radii
_CIRCLES = ((7 * pi / 6, 1.0), (3 * pi / 2, 1.0), (2 * pi / 3, 0.5))


class SungOver(NamedTuple):
    """A melody note (or the part of it) over one chord: the pitch, the next note's, ticks, chord tones."""

    pitch: int
    next_pitch: int | None
    duration: int
    tones: frozenset[int]


def chord_histogram_entropy(chords: Sequence[Hashable]) -> float:
    """CHE: entropy of how often each chord is used.

    >>> round(chord_histogram_entropy("CCGG"), 3)
    0.693
    """
    counts = Counter(chords)
    return -sum(count / len(chords) * log(count / len(chords)) for count in counts.values()) + 0.0


def chord_coverage(chords: Sequence[Hashable]) -> int:
    """CC: how many different chords."""
    return len(set(chords))


def tonal_centroid(pitch_classes: Iterable[int]) -> tuple[float, ...]:
    """The six coordinates of Harte et al. 2006."""
    members = list(pitch_classes)
    return tuple(
        radius * sum(wave(angle * member) for member in members) / len(members)
        for angle, radius in _CIRCLES
        for wave in (sin, cos)
    )


def tonal_distance(one: Iterable[int], other: Iterable[int]) -> float:
    """Euclidean distance of two tonal centroids."""
    pairs = zip(tonal_centroid(one), tonal_centroid(other), strict=True)
    return hypot(*(a - b for a, b in pairs))


def chord_tonal_distance(chords: Sequence[Iterable[int]]) -> float:
    """CTD: mean tonal distance of neighbouring chords (pitch classes); 0 for a single chord."""
    steps = [tonal_distance(a, b) for a, b in pairwise(chords)]
    return sum(steps) / len(steps) if steps else 0.0


def chord_tone_ratio(notes: Sequence[SungOver]) -> float:
    """CTnCTR: (chord tones + proper non-chord tones) / (chord tones + non-chord tones).

    A non-chord tone is proper when the next note is within two semitones of it.
    """
    chord = sum(note.pitch % 12 in note.tones for note in notes)
    foreign = [note for note in notes if note.pitch % 12 not in note.tones]
    proper = sum(note.next_pitch is not None and abs(note.next_pitch - note.pitch) <= 2 for note in foreign)
    return (chord + proper) / len(notes) if notes else 1.0


def consonance(interval: int) -> int:
    """1 for unison, thirds, fifth and sixths, 0 for the fourth, -1 for the rest; melody above the chord.

    >>> [consonance(interval) for interval in (0, 5, 6)]
    [1, 0, -1]
    """
    above = interval % 12
    return 1 if above in _CONSONANT else 0 if above == _FOURTH else -1


def pitch_consonance_score(notes: Sequence[SungOver]) -> float:
    """PCS: mean consonance of the melody with every chord tone, a sixteenth at a time, rests left out."""
    total, windows = 0.0, 0
    for note in notes:
        scores = [consonance(note.pitch - tone) for tone in note.tones]
        lasting = max(1, round(note.duration / _SIXTEENTH))
        total += lasting * sum(scores) / len(scores)
        windows += lasting
    return total / windows if windows else 0.0


def melody_chord_tonal_distance(notes: Sequence[SungOver]) -> float:
    """MCTD: mean tonal distance of melody note and chord, weighted by duration."""
    weighted = sum(note.duration * tonal_distance({note.pitch % 12}, note.tones) for note in notes)
    return weighted / sum(note.duration for note in notes) if notes else 0.0


def harmony_metrics(passage: Passage, first: int = 0, end: int | None = None) -> dict[str, float]:
    """The six measures of the bars; {} where no chord stands."""
    end = len(passage.metres) if end is None else end
    slots = triad_slots(passage, first, end)
    chords = [triad for _, _, triad in slots if triad is not None]
    if not chords:
        return {}
    tones = [chord_tones(*triad) for triad in chords]
    notes = sung_over(passage.tones_in(first, end), slots)
    values = (
        chord_histogram_entropy(chords),
        float(chord_coverage(chords)),
        chord_tonal_distance(tones),
        chord_tone_ratio(notes),
        pitch_consonance_score(notes),
        melody_chord_tonal_distance(notes),
    )
    return dict(zip(NAMES, values, strict=True))


Slot = tuple[int, int, tuple[int, str] | None]


def triad_slots(passage: Passage, first: int, end: int) -> list[Slot]:
    """Start, end and triad of every half bar (bar where the number of beats is odd)."""
    slots: list[Slot] = []
    for bar in range(first, end):
        start, stop = passage.starts[bar], passage.starts[bar + 1]
        middle = (start + stop) // 2
        halves = passage.metres[bar][0] % 2 == 0 and (stop - start) % 2 == 0
        for low, high in [(start, middle), (middle, stop)] if halves else [(start, stop)]:
            harmony = passage.harmony_at(low)
            slots.append((low, high, None if harmony is None else triad_of(harmony)))
    return slots


def triad_of(harmony: Harmony) -> tuple[int, str]:
    """Root and one of maj, min, dim, aug; suspended and bare fifths count as major.

    >>> triad_of(Harmony(0, 96, 7, "sus4(b7)", -1, 0)), triad_of(Harmony(0, 96, 11, "hdim7", -1, 0))
    ((7, 'maj'), (11, 'dim'))
    """
    steps = set(quality_intervals(harmony.quality))
    if 3 in steps and 4 not in steps:
        return harmony.root, "dim" if 6 in steps and 7 not in steps else "min"
    return harmony.root, "aug" if {4, 8} <= steps and 7 not in steps else "maj"


def sung_over(tones: Sequence[Tone], slots: Sequence[Slot]) -> list[SungOver]:
    """Every note under every chord it sounds over; the same chord going on counts once."""
    found: list[SungOver] = []
    stretches = _stretches(slots)
    for tone, following in pairwise([*tones, None]):
        assert tone is not None
        for start, end, triad in stretches:
            duration = min(tone.end, end) - max(tone.start, start)
            if duration > 0:
                next_pitch = None if following is None else following.pitch
                found.append(SungOver(tone.pitch, next_pitch, duration, chord_tones(*triad)))
    return found


def _stretches(slots: Sequence[Slot]) -> list[tuple[int, int, tuple[int, str]]]:
    found: list[tuple[int, int, tuple[int, str]]] = []
    for start, end, triad in slots:
        if triad is None:
            continue
        if found and found[-1][1] == start and found[-1][2] == triad:
            found[-1] = (found[-1][0], end, triad)
        else:
            found.append((start, end, triad))
    return found
