"""What does a written part hold, whatever format it came in?

Times are whole ticks, 10,080 to a quarter (exact for triplets, quintuplets and septuplets down to very small
values), counted from the start of their bar. A bar is what stands between two
barlines of the file: it may be a pickup or half a bar cut by a repeat sign; `engine.training.melody.tunes`
joins those.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from engine.music import TICKS_PER_QUARTER

TICKS = 10_080
_IN_A_SONG_TICK = TICKS // TICKS_PER_QUARTER


def song_ticks(ticks: int) -> int:
    """The nearest tick of a song, 480 to a quarter."""
    return (ticks + _IN_A_SONG_TICK // 2) // _IN_A_SONG_TICK


class ScoreNote(NamedTuple):
    """A note or (pitch None) a rest. `tied`: it continues the note before."""

    start: int
    duration: int
    pitch: int | None
    tied: bool = False


class ScoreChord(NamedTuple):
    """A chord symbol; `bass`: the note under the slash where the format gives it apart from the label."""

    start: int
    label: str
    bass: str = ""


@dataclass(slots=True)
class ScoreBar:
    """`metre`: a time signature written at this bar. `ending`: the number of the volta that begins here."""

    length: int = 0
    notes: list[ScoreNote] = field(default_factory=list)
    chords: list[ScoreChord] = field(default_factory=list)
    metre: tuple[int, int] | None = None
    begins_repeat: bool = False
    ends_repeat: bool = False
    ending: int = 0


@dataclass(slots=True)
class ScorePart:
    """One part: title, first metre (numerator, denominator), tonic pitch class, third, bars; `mode` is the
    mode word as written ("" where the format says nothing of it).
    """

    title: str
    metre: tuple[int, int]
    tonic: int
    is_minor: bool
    bars: list[ScoreBar]
    number: str = ""
    mode: str = ""


class UnreadableScoreError(ValueError):
    """The text is not a score this reader can follow; the sentence says why."""
