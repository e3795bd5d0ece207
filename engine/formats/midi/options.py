"""What may be chosen when a song is written as MIDI."""

from dataclasses import dataclass
from enum import Enum, IntEnum

from engine.formats.midi.text import TextEncoding


class FileType(IntEnum):
    """0: everything in one track. 1: a conductor track and a track for each part."""

    ONE_TRACK = 0
    MANY_TRACKS = 1


class Ppq(IntEnum):
    """Ticks to a quarter."""

    STANDARD = 480
    FINE = 960


class Extra(Enum):
    """What is written besides the parts."""

    CHORD_MARKERS = "chord-markers"
    CHORD_TRACK = "chord-track"
    SECTION_MARKERS = "section-markers"
    TEMPO_CARRIER = "tempo-carrier"  # a silent note: Live reads tempo changes only under a note


_USUAL = frozenset({Extra.CHORD_MARKERS, Extra.CHORD_TRACK, Extra.SECTION_MARKERS})


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Type 1 at 480 ticks with chords and sections; `copyright` is written as it is, if given."""

    file_type: FileType = FileType.MANY_TRACKS
    ppq: Ppq = Ppq.STANDARD
    encoding: TextEncoding = TextEncoding.LATIN_1
    extras: frozenset[Extra] = _USUAL
    copyright: str = ""
