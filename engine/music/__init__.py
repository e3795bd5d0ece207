"""Music as values: notes, chords, time, tracks, the Song, and pure edits. Standard library only.

Everything is a frozen dataclass; an edit (engine.music.edits) returns a new Song.
"""

from engine.music.chord import NO_CHORD, Chord
from engine.music.errors import ChordSyntaxError, EditError, MusicError
from engine.music.key import Key, Mode, parse_key
from engine.music.note import TICKS_PER_QUARTER, Note, Origin
from engine.music.progression import ChordSpan
from engine.music.recording import Recording
from engine.music.region import Region, region_digest
from engine.music.section import Section
from engine.music.song import Aspect, Marker, Song
from engine.music.timemap import KeyChange, Metre, MetreChange, Tempo, TimeMap
from engine.music.track import ControlEvent, Role, Track

__all__ = [
    "NO_CHORD",
    "TICKS_PER_QUARTER",
    "Aspect",
    "Chord",
    "ChordSpan",
    "ChordSyntaxError",
    "ControlEvent",
    "EditError",
    "Key",
    "KeyChange",
    "Marker",
    "Metre",
    "MetreChange",
    "Mode",
    "MusicError",
    "Note",
    "Origin",
    "Recording",
    "Region",
    "Role",
    "Section",
    "Song",
    "Tempo",
    "TimeMap",
    "Track",
    "parse_key",
    "region_digest",
]
