"""Which works are ideas to be compared with besides those the models learnt from?

`add_folder` reads the MIDI files, scores and songs of a folder into one index file in the data folder; what
was there of the same folder is replaced, everything else stays. The files themselves are never changed.
"""

import os
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from engine.analysis.hearing import hear
from engine.api.errors import BadFileError, EngineError
from engine.formats.midi import read_midi
from engine.music import Aspect, MusicError, Role, Song
from engine.ranking.originality.index import Work, melody_index, progression_index
from engine.ranking.originality.own import line_of
from engine.ranking.originality.store import (
    artists_file,
    json_of,
    letters_json,
    melody_arrays,
    progression_arrays,
    read_artists_file,
    shipped,
    write_arrays,
)
from engine.ranking.originality.symbols import STRIDE, melody_text, progression_text
from engine.ranking.originality.words import REFERENCE, YOURS

_SCORES = (".musicxml", ".xml", ".mxl", ".abc")
_SUFFIXES = (".mid", ".midi", ".rmi", ".kar", ".understudy", *_SCORES)
_ROWS = "rows"
_FEWEST = 4
_MOST_FILES = 5_000
_MOST_BYTES = 64 * 2**20

Heed = Callable[[int, int], None]


class Whose(StrEnum):
    """Ideas may sound like the artist's own songs, and it is told; like a reference they may not."""

    YOURS = YOURS
    REFERENCE = REFERENCE


class Added(NamedTuple):
    """How many works are compared with from now on, and a sentence for every file that could not be read."""

    works: int
    troubles: tuple[str, ...]


class _Row(NamedTuple):
    """One line or progression of a work; `text` in hexadecimal digits."""

    is_melody: bool
    folder: str
    whose: str
    name: str
    text: str


def _go_on(_number: int, _count: int) -> None:
    """Nobody waits for this work or wants to stop it."""


def add_folder(folder: Path, whose: Whose, heed: Heed = _go_on) -> Added:
    """Reads every song in the folder. Raises BadFileError when there is none to read.

    `heed` is called before each file with its number and how many there are (0 of 0 while they are looked
    for); what it raises ends the work, and nothing has changed.
    """
    if not _is_folder(folder):
        raise BadFileError(f"“{folder.name or folder}” is not a folder.")
    place = os.path.realpath(folder)
    rows: list[_Row] = []
    troubles: list[str] = []
    songs = _songs_in(folder, heed)
    for number, path in enumerate(songs):
        heed(number, len(songs))
        try:
            name = path.relative_to(folder).with_suffix("").as_posix()
            rows += _rows_of(_read(path), place, whose, name)
        except (EngineError, MusicError) as error:
            troubles.append(str(error))
    if not rows:
        why = troubles[0].rstrip(".") if troubles else "no MIDI file, score or song with a melody or chords"
        raise BadFileError(f"Nothing in “{folder.name}” can be compared with ({why}).")
    heed(len(songs), len(songs))
    _write([row for row in _rows() if row.folder != place] + rows)
    return Added(len({row.name for row in rows}), tuple(troubles))


def forget_folder(folder: Path) -> int:
    """Takes the works of a folder out again; returns how many. Raises BadFileError when none were in."""
    place = os.path.realpath(folder)
    rows = _rows()
    kept = [row for row in rows if row.folder != place]
    if len(kept) == len(rows):
        raise BadFileError(f"“{folder.name or folder}” was never added.")
    _write(kept)
    return len({row.name for row in rows if row.folder == place})


def added_folders() -> dict[str, tuple[Whose, int]]:
    """The folders that were added: whose, and how many works."""
    names: dict[str, set[str]] = {}
    whose: dict[str, Whose] = {}
    for row in _rows():
        names.setdefault(row.folder, set()).add(row.name)
        whose[row.folder] = Whose(row.whose)
    return {folder: (whose[folder], len(found)) for folder, found in sorted(names.items())}


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that no disk can hold
        return False


def _songs_in(folder: Path, heed: Heed) -> list[Path]:
    found = []
    for path in folder.rglob("*"):
        heed(0, 0)
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            found.append(path)
    return sorted(found)[:_MOST_FILES]


def _read(path: Path) -> Song:
    """The song in a file with its roles and chords heard."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadFileError(f"“{path.name}” is too large for a song.")
        if path.suffix.lower() == ".understudy":
            from engine.formats.songfile import read_song

            return read_song(path)
        return _heard(path.name, path.suffix.lower(), path.read_bytes())
    except OSError as error:
        raise BadFileError(
            f"“{path.name}” cannot be read: {(error.strerror or 'no reason given').lower()}."
        ) from error


def _heard(name: str, suffix: str, data: bytes) -> Song:
    """A score tells its bars and its tempo itself."""
    if suffix not in _SCORES or data.startswith(b"MThd"):
        return hear(read_midi(data, name).song)[0]
    from engine.formats.abc import read_abc
    from engine.formats.musicxml import read_musicxml

    read = read_abc if suffix == ".abc" else read_musicxml
    return hear(read(data, name).song, set(Aspect) - {Aspect.METRE, Aspect.TEMPO})[0]


def _rows_of(song: Song, folder: str, whose: Whose, name: str) -> Iterator[_Row]:
    for track in song.tracks:
        if track.role in (Role.MELODY, Role.COUNTER, Role.OTHER):
            line = line_of(track.notes)
            text = melody_text([note.start_ticks for note in line], [note.pitch for note in line])
            yield from _long_enough(_Row(True, folder, whose.value, name, ""), text)
    text = progression_text([span.chord for span in song.chords])
    yield from _long_enough(_Row(False, folder, whose.value, name, ""), text)


def _long_enough(row: _Row, text: bytes) -> Iterator[_Row]:
    if len(text) >= _FEWEST * STRIDE:
        yield row._replace(text=text.hex())


def _rows() -> list[_Row]:
    path = artists_file()
    if not path.exists():
        return []
    try:
        table = json_of(read_artists_file(path)[_ROWS])
        return [_Row(bool(row[0]), *map(str, row[1:5])) for row in table]
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise BadFileError(
            f"The index of your own folders, “{path}”, cannot be read; remove it and add them again."
        ) from error


def _write(rows: list[_Row]) -> None:
    """The rows, and the indexes made of them."""
    known = shipped()
    arrays = {_ROWS: letters_json([list(row) for row in rows])}
    entries = [(row.is_melody, _entry(row)) for row in rows]
    melodies = [entry for is_melody, entry in entries if is_melody]
    progressions = [entry for is_melody, entry in entries if not is_melody]
    if melodies and known.melodies:
        arrays |= melody_arrays(melody_index(melodies, known.melodies.table))
    if progressions and known.progressions:
        arrays |= progression_arrays(progression_index(progressions, known.progressions.table))
    try:
        write_arrays(artists_file(), arrays)
    except OSError as error:
        raise BadFileError(
            f"“{artists_file()}” cannot be written: {(error.strerror or 'no reason given').lower()}."
        ) from error


def _entry(row: _Row) -> tuple[Work, str, bytes]:
    return Work(row.name, row.whose), f"{row.folder}/{row.name}", bytes.fromhex(row.text)
