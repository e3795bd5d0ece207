"""What music is in this file, whatever sort of file it is?

Songs of our own, MIDI files, scores and recordings. Everything else is refused with a sentence that names
the file.

>>> read_sketch(Path("missing.mid"))
Traceback (most recent call last):
engine.api.errors.BadFileError: “missing.mid” is not there.
"""

import hashlib
import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.api.errors import BadFileError
from engine.formats.audio import LONGEST_HEARD_S, Sound, is_recording, read_audio
from engine.music import Aspect, Song

MOST_BYTES = 64 * 2**20
_SONG_MAGIC = b"SQLite format 3\x00"
SCORE_SUFFIXES = (".musicxml", ".xml", ".mxl", ".abc")


@dataclass(frozen=True, slots=True)
class Sketch:
    """A song as it stands in its file, before anything was heard in it.

    `ppq`: ticks a quarter in a MIDI file, 0 where that makes no sense.
    `chord_symbols`: as written in the file. `sound`: of a recording, whose song is empty until it is heard.
    """

    song: Song
    format: str
    sha256: str
    warnings: tuple[str, ...] = ()
    ppq: int = 0
    chord_symbols: tuple[str, ...] = ()
    sound: Sound | None = None

    @property
    def is_own_song(self) -> bool:
        """An Understudy song: what was heard in it, and corrected, is in it already."""
        return self.format == "understudy"

    @property
    def written(self) -> frozenset[Aspect]:
        """What a score says itself, so that it need not be heard: its bars and its tempo."""
        is_score = self.format in ("abc", "musicxml")
        return frozenset({Aspect.METRE, Aspect.TEMPO}) if is_score else frozenset()


def read_sketch(path: Path, longest_s: float = LONGEST_HEARD_S) -> Sketch:
    """Read a file, of a recording the first `longest_s`. Raises BadFileError with one sentence that names
    it.
    """
    with _in_words(path), _open_regular(path) as file:
        beginning = file.read(len(_SONG_MAGIC))
        file.seek(0)
        if beginning == _SONG_MAGIC:
            return _read_own_song(path, hashlib.file_digest(file, "sha256").hexdigest())
        if is_recording(path, beginning):
            sound = read_audio(path, longest_s)
            return Sketch(Song(_title(path)), sound.format, sound.sha256, sound.warnings, sound=sound)
        return _read_other(path, file.read(MOST_BYTES + 1))


def _title(path: Path) -> str:
    """A recording has the name of its file; underscores there are spaces.

    >>> _title(Path("My_second_idea.wav"))
    'My second idea'
    """
    return path.stem if " " in path.stem else path.stem.replace("_", " ").strip() or path.stem


def _read_other(path: Path, data: bytes) -> Sketch:
    if len(data) > MOST_BYTES:
        raise BadFileError(f"“{path.name}” is larger than {MOST_BYTES // 2**20} MB, too big for a sketch.")
    suffix = path.suffix.lower()
    if suffix in SCORE_SUFFIXES and not data.startswith(b"MThd"):
        return _read_score(path, data)
    from engine.formats.midi import read_midi

    found = read_midi(data, path.name)
    sha256 = hashlib.sha256(data).hexdigest()
    return Sketch(found.song, found.format, sha256, found.warnings, found.ppq, tuple(found.chord_symbols))


def _read_score(path: Path, data: bytes) -> Sketch:
    if not data.strip():
        raise BadFileError(f"“{path.name}” is empty.")
    from engine.formats.abc import read_abc
    from engine.formats.musicxml import read_musicxml

    read = read_abc if path.suffix.lower() == ".abc" else read_musicxml
    found = read(data, path.name)
    sha256 = hashlib.sha256(data).hexdigest()
    return Sketch(found.song, found.format, sha256, found.warnings, 0, found.chord_symbols)


def _read_own_song(path: Path, sha256: str) -> Sketch:
    from engine.formats.songfile import read_song

    return Sketch(read_song(path), "understudy", sha256)


def _open_regular(path: Path) -> io.BufferedReader:
    try:
        mode = path.stat().st_mode
    except ValueError:  # a null character in it, or half a character
        raise BadFileError(f"“{path.name}” is not a name a file can have.") from None
    if stat.S_ISDIR(mode):
        raise BadFileError(f"“{path.name}” is a folder, not a file.")
    if not stat.S_ISREG(mode):
        raise BadFileError(f"“{path.name}” is a device or a pipe, not a file.")
    return path.open("rb")


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise BadFileError(f"“{path.name}” is not there.") from None
    except OSError as error:
        why = (error.strerror or "no reason given").lower()
        raise BadFileError(f"“{path.name}” cannot be read: {why}.") from None
