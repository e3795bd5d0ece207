"""The song file (`.understudy`): one SQLite file with the song, every undo step, sketches, ideas and ledger.

file = SongFile.open(path)        for working on it; one window at a time
song = read_song(path)            only looking, also while a window works on it
"""

from engine.formats.songfile.errors import (
    DamagedSongError,
    NewerSongError,
    NotASongError,
    SongFileError,
    SongInUseError,
    SongNotWrittenError,
)
from engine.formats.songfile.file import SongFile
from engine.formats.songfile.ideas import NoSuchTakeError
from engine.formats.songfile.lock import is_in_use
from engine.formats.songfile.opening import peek, read_song, remove_song
from engine.formats.songfile.records import SketchSource, StoredSuggestion, StoredTake, TakeRef, TakeState
from engine.provenance import Act, LedgerRow, Shares, shares

SUFFIX = ".understudy"

__all__ = [
    "SUFFIX",
    "Act",
    "DamagedSongError",
    "LedgerRow",
    "NewerSongError",
    "NoSuchTakeError",
    "NotASongError",
    "Shares",
    "SketchSource",
    "SongFile",
    "SongFileError",
    "SongInUseError",
    "SongNotWrittenError",
    "StoredSuggestion",
    "StoredTake",
    "TakeRef",
    "TakeState",
    "is_in_use",
    "peek",
    "read_song",
    "remove_song",
    "shares",
]
