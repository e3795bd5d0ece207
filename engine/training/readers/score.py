"""What does a written part hold, whatever format it came in?

Times are exact Fractions of a quarter, counted from the start of their bar. A bar is what stands between two
barlines of the file: it may be a pickup or half a bar cut by a repeat sign; `engine.training.melody.tunes`
joins those.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple


class ScoreNote(NamedTuple):
    """A note or (pitch None) a rest. `tied`: it continues the note before."""

    start: Fraction
    duration: Fraction
    pitch: int | None
    tied: bool = False


class ScoreChord(NamedTuple):
    start: Fraction
    label: str


@dataclass(slots=True)
class ScoreBar:
    length: Fraction = Fraction(0)
    notes: list[ScoreNote] = field(default_factory=list)
    chords: list[ScoreChord] = field(default_factory=list)


@dataclass(slots=True)
class ScorePart:
    """One part: title, metre (numerator, denominator), key signature in fifths, tonic pitch class,
    mode word.
    """

    title: str
    metre: tuple[int, int]
    tonic: int
    is_minor: bool
    bars: list[ScoreBar]
    number: str = ""


class UnreadableScoreError(ValueError):
    """The text is not a score this reader can follow; the sentence says why."""
