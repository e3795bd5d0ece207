"""What was wrong with a file that could be read all the same, in words for the artist."""

from collections import Counter
from enum import Enum


class Problem(Enum):
    """One kind of fault; the value is its sentence for one case and for `{n}` cases."""

    NO_HEADER = ("The file header is missing; 480 ticks to a quarter were assumed.", "")
    JUNK_BEFORE = ("The file begins with data that is not MIDI; it was skipped.", "")
    BAD_DIVISION = ("The header gives no usable time division; 480 ticks to a quarter were assumed.", "")
    SMPTE = ("The file is timed in film frames, not beats; bar lines are laid over it at a steady tempo.", "")
    BAD_FORMAT = ("The header gives a file type that does not exist; tracks were read side by side.", "")
    FORMAT_LIE = ("The file claims a single track but holds several; they were read side by side.", "")
    TRACK_COUNT = ("The header's number of tracks is wrong; all tracks found were read.", "")
    PATTERNS = ("The file holds independent patterns; they were placed one after the other.", "")
    UNKNOWN_CHUNK = (
        "1 block of an unknown kind was skipped.",
        "{n} blocks of an unknown kind were skipped.",
    )
    CHUNK_LENGTH = (
        "1 track has a wrong length; it was read up to its real end.",
        "{n} tracks have a wrong length; they were read up to their real ends.",
    )
    NO_END_MARK = (
        "1 track has no end mark; it may be cut short.",
        "{n} tracks have no end mark; they may be cut short.",
    )
    DAMAGED = (
        "Damaged data was skipped in 1 place.",
        "Damaged data was skipped in {n} places.",
    )
    OPEN_NOTE = (
        "1 note never ends; it was closed at the end of its track.",
        "{n} notes never end; each was closed at the end of its track.",
    )
    STRUCK_AGAIN = (
        "1 note was struck again before it ended; it was closed at the next note of its pitch.",
        "{n} notes were struck again before they ended; each was closed at the next note of its pitch.",
    )
    DOUBLE_NOTE = (
        "1 note was written twice at the same moment; one is kept.",
        "{n} notes were written twice at the same moment; one of each is kept.",
    )
    ZERO_LENGTH = (
        "1 note has no length; it was given the shortest one.",
        "{n} notes have no length; they were given the shortest one.",
    )
    PITCH_RANGE = (
        "1 event has a number outside the MIDI range and was left out.",
        "{n} events have a number outside the MIDI range and were left out.",
    )
    VALUE_RANGE = (
        "1 value above 127 was lowered to 127.",
        "{n} values above 127 were lowered to 127.",
    )
    TOO_LATE = (
        "1 event comes later than a million quarters and was left out.",
        "{n} events come later than a million quarters and were left out.",
    )
    TEMPO_ZERO = (
        "1 tempo mark says nothing playable and was ignored.",
        "{n} tempo marks say nothing playable and were ignored.",
    )
    TEMPO_TWICE = (
        "Several tempo marks stand at one moment; the last one counts.",
        "At {n} moments several tempo marks stand together; the last one of each counts.",
    )
    BAD_METRE = (
        "1 time signature cannot be counted and was ignored.",
        "{n} time signatures cannot be counted and were ignored.",
    )
    METRE_TWICE = (
        "Several time signatures stand at one moment; the last one counts.",
        "At {n} moments several time signatures stand together; the last one of each counts.",
    )
    METRE_INSIDE_BAR = (
        "1 time signature stands inside a bar; the bar is cut short there.",
        "{n} time signatures stand inside a bar; those bars are cut short there.",
    )
    FAR_KEY = (
        "1 key signature has more than seven sharps or flats; it was read as the same key spelled simply.",
        "{n} key signatures have more than seven sharps or flats; they were read as the same keys "
        "spelled simply.",
    )
    BAD_KEY = (
        "1 key signature makes no sense and was ignored.",
        "{n} key signatures make no sense and were ignored.",
    )
    KEY_TWICE = (
        "Several key signatures stand at one moment; the last one counts.",
        "At {n} moments several key signatures stand together; the last one of each counts.",
    )
    SILENT_PART = (
        "1 part has settings but no notes and was left out.",
        "{n} parts have settings but no notes and were left out.",
    )
    MPE = (
        "1 part bends each note on its own (MPE); it was read as one instrument without those bends.",
        "{n} parts bend each note on their own (MPE); each was read as one instrument without those bends.",
    )


class Problems:
    """Counts faults while a file is read."""

    def __init__(self) -> None:
        self._counts: Counter[Problem] = Counter()

    def add(self, problem: Problem, count: int = 1) -> None:
        if count > 0:
            self._counts[problem] += int(count)

    def sentences(self) -> tuple[str, ...]:
        """One sentence a kind, in the order they were met."""
        return tuple(_sentence(problem, count) for problem, count in self._counts.items())


def _sentence(problem: Problem, count: int) -> str:
    one, many = problem.value
    return many.replace("{n}", f"{count:,}") if many and count > 1 else one
