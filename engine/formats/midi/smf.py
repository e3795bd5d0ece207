"""Which tracks does a Standard MIDI File hold, whatever its headers say?

Header counts and lengths are hints: a length is believed when it ends the file, meets another block or
follows an end mark; otherwise the track is read up to its real end mark. RIFF wrappers (RMID) and junk
before the header are stepped over. Limits: 32 MB, two million events, of them 100,000 texts and time marks
(tempo, metre, key), a thousand tracks with events, 65,535 blocks in all.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from engine.api.errors import BadFileError
from engine.formats.midi.problems import Problem, Problems
from engine.formats.midi.stream import Stream, read_stream

MAX_BYTES = 32 * 1024 * 1024
MAX_EVENTS = 2_000_000
MAX_TRACKS = 1_000
MAX_BLOCKS = 65_535
MAX_METAS = 100_000
DEFAULT_DIVISION = 480
_CHUNK_ID = re.compile(rb"[A-Za-z][A-Za-z0-9 ]{3}")
_END_MARK = b"\xff\x2f\x00"


class Container(StrEnum):
    """How the music was wrapped."""

    TYPE_0 = "midi type 0"
    TYPE_1 = "midi type 1"
    TYPE_2 = "midi type 2"
    RMID = "rmid"


@dataclass(frozen=True, slots=True)
class SmfFile:
    """Division as stored (negative frames for SMPTE), the type that was found true, and the streams."""

    container: Container
    file_type: int
    division: int
    streams: tuple[Stream, ...]


def read_smf(data: bytes, name: str, problems: Problems) -> SmfFile:
    """Split a file into its tracks' events. Raises BadFileError with one sentence that names the file."""
    refuse_what_is_no_midi(data, name)
    header = data.find(b"MThd")
    is_rmid = data[:4] == b"RIFF" and data[8:12] == b"RMID"
    if header > 0 and not is_rmid:
        problems.add(Problem.JUNK_BEFORE)
    file_type, stated_tracks, division, first = _read_header(data, header, problems)
    streams = _read_tracks(data, first, name, problems)
    if header >= 0 and stated_tracks != len(streams):
        problems.add(Problem.TRACK_COUNT)
    file_type = _true_type(file_type, len(streams), problems)
    container = Container.RMID if is_rmid else Container(f"midi type {file_type}")
    return SmfFile(container, file_type, division, streams)


def refuse_what_is_no_midi(data: bytes, name: str) -> None:
    """Raise BadFileError for files that are empty, too big, or something else altogether."""
    if not data:
        raise BadFileError(f"“{name}” is empty.")
    if len(data) > MAX_BYTES:
        raise BadFileError(f"“{name}” is larger than {MAX_BYTES // 2**20} MB, too big for a MIDI file.")
    if b"MThd" in data or b"MTrk" in data:
        return
    start = data[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        raise BadFileError(f"“{name}” is a web page or XML document, not a MIDI file.")
    raise BadFileError(f"“{name}” is not a MIDI file.")


def _read_header(data: bytes, header: int, problems: Problems) -> tuple[int, int, int, int]:
    """File type, stated number of tracks, division, and where the tracks begin."""
    if header < 0 or len(data) < header + 14:
        problems.add(Problem.NO_HEADER)
        return 1, 0, DEFAULT_DIVISION, max(0, data.find(b"MTrk"))
    length = int.from_bytes(data[header + 4 : header + 8])
    file_type = int.from_bytes(data[header + 8 : header + 10])
    tracks = int.from_bytes(data[header + 10 : header + 12])
    division = int.from_bytes(data[header + 12 : header + 14], signed=True)
    if division == 0 or (division < 0 and not (division & 0xFF and -(division >> 8) in (24, 25, 29, 30))):
        problems.add(Problem.BAD_DIVISION)
        division = DEFAULT_DIVISION
    body = header + 8 + length
    if length < 6 or not _is_block(data, body):
        body = header + 14
    return file_type, tracks, division, body


def _true_type(stated: int, tracks: int, problems: Problems) -> int:
    if stated > 2:
        problems.add(Problem.BAD_FORMAT)
        return 1
    if stated == 0 and tracks > 1:
        problems.add(Problem.FORMAT_LIE)
        return 1
    if stated == 2 and tracks > 1:
        problems.add(Problem.PATTERNS)
    return stated


def _read_tracks(data: bytes, position: int, name: str, problems: Problems) -> tuple[Stream, ...]:
    streams: list[Stream] = []
    limits = _Limits(name)
    following = -1
    while position + 8 <= len(data):
        limits.blocks += 1
        limits.check()
        if data[position : position + 4] == b"MTrk":
            stream, position = _read_track(data, position + 8, MAX_EVENTS - limits.events, problems)
            streams.append(stream)
            limits.count(stream)
            continue
        if following < position:
            following = data.find(b"MTrk", position)
            if following < 0:
                break
        position = _skip_block(data, position, following, problems)
    return tuple(streams)


class _Limits:
    """Counts what a file holds, and refuses too much of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.blocks = self.tracks = self.events = self.metas = 0

    def count(self, stream: Stream) -> None:
        self.events += stream.events + stream.is_over_limit
        self.metas += len(stream.metas)
        self.tracks += bool((stream.status < 0xF0).any())
        self.check()

    def check(self) -> None:
        for count, limit, things in (
            (self.blocks, MAX_BLOCKS, "blocks"),
            (self.tracks, MAX_TRACKS, "tracks"),
            (self.events, MAX_EVENTS, "events"),
            (self.metas, MAX_METAS, "texts and time marks"),
        ):
            if count > limit:
                raise BadFileError(
                    f"“{self.name}” holds more than {limit:,} {things}, too many for one song."
                )


def _read_track(data: bytes, start: int, limit: int, problems: Problems) -> tuple[Stream, int]:
    """The stream of the track whose body begins at `start`, and where to look for the next block."""
    stated_end = start + int.from_bytes(data[start - 4 : start])
    is_believed = _ends_well(data, start, stated_end)
    if is_believed:
        end = stated_end
    else:
        problems.add(Problem.CHUNK_LENGTH)
        following = data.find(b"MTrk", start)
        end = following if following >= 0 else len(data)
    stream = read_stream(data[start:end], limit, problems)
    if not stream.has_end:
        problems.add(Problem.NO_END_MARK)
    return stream, stated_end if is_believed else start + stream.length


def _ends_well(data: bytes, start: int, end: int) -> bool:
    """Whether a stated end of a track can be the real one."""
    if end > len(data):
        return False
    if end == len(data) or _is_block(data, end):
        return True
    return end - start >= 3 and data[end - 3 : end] == _END_MARK


def _is_block(data: bytes, position: int) -> bool:
    """Whether a block that fits the file begins here."""
    if data[position : position + 4] == b"MTrk":
        return True
    length = int.from_bytes(data[position + 4 : position + 8])
    return _CHUNK_ID.match(data, position) is not None and position + 8 + length <= len(data)


def _skip_block(data: bytes, position: int, following: int, problems: Problems) -> int:
    """Step over a block of an unknown kind, or over junk, towards the track at `following`."""
    if _CHUNK_ID.match(data, position):
        problems.add(Problem.UNKNOWN_CHUNK)
        end = position + 8 + int.from_bytes(data[position + 4 : position + 8])
        if _is_block(data, end):
            return end
    return following
