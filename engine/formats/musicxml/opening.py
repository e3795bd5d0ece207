"""Is this a MusicXML file that is safe to read, and what is its tree?

Compressed files must be a plain zip (stored or deflated) of modest size; what is unpacked is counted while
it is unpacked, since headers lie. The XML goes through defusedxml (no entities), counted in elements and
depth. Refusals are BadFileError, one sentence that names the file.
"""

import gc
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser, ParseError  # type: ignore[import-untyped]

from engine.api.errors import BadFileError

MOST_BYTES = 50_000_000
MOST_ENTRIES, MOST_RATIO = 2_000, 400
MOST_ELEMENTS, MOST_DEPTH = 2_000_000, 200
_CHUNK = 1 << 16
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _TooDeepError(Exception):
    """Elements inside elements, beyond the limit."""


class _TooManyError(Exception):
    """More elements than the limit."""


class _CountingBuilder(TreeBuilder):
    """Builds the tree without namespaces and stops at the limits."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MOST_DEPTH:
            raise _TooDeepError
        if self._elements > MOST_ELEMENTS:
            raise _TooManyError
        return super().start(tag.rpartition("}")[2], attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag.rpartition("}")[2])


def open_score(data: bytes, name: str) -> Element:
    """The root element of a score, compressed or not. Raises BadFileError."""
    if data[:2] == b"PK":
        data = _unpacked(data, name)
    if len(data) > MOST_BYTES:
        raise BadFileError(f"“{name}” is larger than any song.")
    with _collector_paused():
        return _tree(data, name)


def _tree(data: bytes, name: str) -> Element:
    parser: Any = DefusedXMLParser(target=_CountingBuilder())
    try:
        parser.feed(data)
        root = parser.close()
    except DefusedXmlException:
        raise BadFileError(f"“{name}” holds XML entities, which no score needs.") from None
    except _TooDeepError:
        raise BadFileError(f"“{name}” is nested more deeply than any score.") from None
    except _TooManyError:
        raise BadFileError(f"“{name}” is larger than any song.") from None
    except (ParseError, ValueError, LookupError):
        raise BadFileError(f"“{name}” is damaged: its XML ends or breaks off in the middle.") from None
    if not isinstance(root, Element) or root.tag not in ("score-partwise", "score-timewise"):
        raise BadFileError(f"“{name}” is no MusicXML score.")
    return root


def _unpacked(data: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise BadFileError(f"“{name}” holds more files than any score.")
            return _unzipped(archive, _score_entry(archive, entries, name), len(data), name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError):
        raise BadFileError(f"“{name}” is damaged: the compressed score cannot be opened.") from None


def _score_entry(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], name: str) -> zipfile.ZipInfo:
    """The score the container names, else the first one that looks like a score."""
    scores = [
        entry
        for entry in entries
        if entry.filename.lower().endswith((".xml", ".musicxml"))
        and not entry.filename.startswith("META-INF")
    ]
    if not scores:
        raise BadFileError(f"“{name}” holds no score.")
    named = next((entry for entry in entries if entry.filename == "META-INF/container.xml"), None)
    text = _unzipped(archive, named, MOST_BYTES, name)[:10_000] if named and named.file_size < 10_000 else b""
    return next((entry for entry in scores if entry.filename.encode() in text), scores[0])


def _unzipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, packed: int, name: str) -> bytes:
    """The bytes of an entry, counted as they come."""
    if entry.compress_type not in _PLAIN or entry.flag_bits & 1:
        raise BadFileError(f"“{name}” is compressed in a way no score is.")
    most = min(MOST_BYTES, max(1_000_000, packed * MOST_RATIO))
    found = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            found += chunk
            if len(found) > most:
                raise BadFileError(f"“{name}” is larger than any song.")
    return bytes(found)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A tree of a hundred thousand elements holds no cycles; looking for them takes longer than reading."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
