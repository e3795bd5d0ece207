"""Does the header of a WAV file say that it is empty though it is not?

A recorder that was cut off has written its sound, but not come back to write how much it is: the data chunk
says 0 bytes. Such a file is read as if its sound went on to the end.

    RIFF size WAVE | fmt  16 ... | data 0 | samples, to the end of the file
"""

import io
import struct

_HEADER = struct.Struct("<4sI")
_MOST_CHUNKS = 64
_OTHERS = (b"LIST", b"fact", b"cue ", b"id3 ", b"ID3 ", b"bext", b"smpl", b"inst", b"JUNK", b"PAD ", b"iXML")
"""Chunks that may follow data which really is empty."""


def mended(file: io.BufferedReader) -> "io.BufferedReader | MendedWav":
    """The file from its beginning; where its header forgot the sound, with the sizes it should have."""
    at = _unfinished_data(file)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return file if at is None else MendedWav(file, {4: size - 8, at + 4: size - at - _HEADER.size})


def _unfinished_data(file: io.BufferedReader) -> int | None:
    """Where the data chunk begins that says 0 bytes although sound follows; None when all is as it should."""
    file.seek(0)
    beginning = file.read(12)
    if beginning[:4] != b"RIFF" or beginning[8:] != b"WAVE":
        return None
    for _ in range(_MOST_CHUNKS):
        at = file.tell()
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return None
        name, size = _HEADER.unpack(header)
        if name == b"data":
            following = file.read(4)
            return at if not size and len(following) == 4 and following not in _OTHERS else None
        file.seek(size + size % 2, io.SEEK_CUR)
    return None


class MendedWav:
    """A file in which some numbers of four bytes read differently. Read and sought in, as soundfile does."""

    def __init__(self, file: io.BufferedReader, sizes: dict[int, int]) -> None:
        self._file = file
        self._bytes = {
            at + offset: byte
            for at, size in sizes.items()
            for offset, byte in enumerate(min(size, 0xFFFFFFFF).to_bytes(4, "little"))
        }

    def read(self, size: int = -1) -> bytes:
        first = self._file.tell()
        read = self._file.read(size)
        if first > max(self._bytes):
            return read
        held = bytearray(read)
        for at, byte in self._bytes.items():
            if first <= at < first + len(held):
                held[at - first] = byte
        return bytes(held)

    def readinto(self, buffer: memoryview) -> int:
        read = self.read(len(buffer))
        buffer[: len(read)] = read
        return len(read)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
