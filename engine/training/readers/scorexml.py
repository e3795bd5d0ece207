"""What sounds in a MusicXML score, all parts, staves and voices?

The fast reader for whole scores (`musicxml.py` reads lead sheets): of a file of five megabytes only what
sounds is looked for, tag by tag; what stands before the parts, and attributes, go through the standard
library's parser, after a look that the file declares no entities (what defusedxml refuses too). Transposing
parts are read as they sound. Source: MusicXML 4.0 (w3.org).

>>> step = "<pitch><step>G</step><octave>4</octave></pitch><duration>2</duration>"
>>> measure = f"<measure><attributes><divisions>1</divisions></attributes><note>{step}</note></measure>"
>>> score = parse_full_score(f"<score-partwise><part>{measure}</part></score-partwise>".encode())
>>> score.voices[0].notes[0].pitch, score.measures[0].length // TICKS
(67, 2)
"""

import gc
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree

from engine.training.readers.parts import FullScore, Measure, PartVoice, with_ties_merged
from engine.training.readers.score import TICKS, UnreadableScoreError

MAX_BYTES = 120_000_000
_PART, _MEASURE = re.compile(rb"<part(?=[\s>/])[^>]*>"), re.compile(rb"<measure(?=[\s>/])[^>]*>")
_MOVING = re.compile(rb"<(note|backup|forward|attributes|direction|sound)(?=[\s>/])[^>]*>")
_CLOSING = {
    tag: b"</" + tag + b">" for tag in (b"note", b"backup", b"forward", b"attributes", b"direction", b"sound")
}
_CLOSED = b"</score-partwise>"
_FORBIDDEN = re.compile(rb"<!(?:ENTITY|\[CDATA\[)")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_TIE, _SOUND = re.compile(rb"<tie\s[^>]*>"), re.compile(rb"<sound(?=[\s>/])[^>]*>")
_TEMPO = re.compile(rb"""\stempo\s*=\s*["']([^"']*)""")
_SLASH = ord("/")
_NATURAL = {b"C": 0, b"D": 2, b"E": 4, b"F": 5, b"G": 7, b"A": 9, b"B": 11}
_Written = tuple[int, int, int, bool]
"""Start, duration, pitch, whether a tie leads into it."""
_Place = tuple[bytes, bytes | None]
"""Staff and voice as they are written."""


def parse_full_score(data: bytes) -> FullScore:
    """The score of a MusicXML file, compressed or not. Raises UnreadableScoreError."""
    with _collector_paused():
        return _score(_plain(data))


def opened(data: bytes) -> ElementTree.Element:
    """The tree of a smaller MusicXML file, compressed or not. Raises UnreadableScoreError."""
    with _collector_paused():
        return _parsed(_plain(data))


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


def _score(data: bytes) -> FullScore:
    first = _PART.search(data)
    head = data if first is None else data[: first.start()] + _CLOSED
    root = _parsed(head)
    parts: list[_PartReader] = []
    for start, end in _inside(data, _PART, b"</part>", len(head) - len(_CLOSED), len(data)):
        parts.append(_PartReader(len(parts)))
        parts[-1].read(data, start, end)
    if not parts:
        raise UnreadableScoreError("The score has no parts.")
    title = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    names = [name.text or "" for name in root.iterfind("part-list/score-part/part-name")]
    bpm = next((reader.bpm for reader in parts if reader.bpm), 0.0)
    measures = _measures(parts)
    voices = [voice for reader in parts for voice in reader.voices(measures)]
    return FullScore(title, measures, voices, names, bpm)


def _inside(
    data: bytes, opening: re.Pattern[bytes], closing: bytes, start: int, end: int
) -> Iterator[tuple[int, int]]:
    """Where what stands between these tags begins and ends, one after the other."""
    found = opening.search(data, start, end)
    while found is not None:
        start = found.end()
        stop = start if data[start - 2] == _SLASH else _end(data, closing, start, end)
        yield start, stop
        found = opening.search(data, stop, end)


def _end(data: bytes, closing: bytes, start: int, limit: int) -> int:
    end = data.find(closing, start, limit)
    if end < 0:
        raise UnreadableScoreError("The score is not well-formed XML: it ends in the middle.")
    return end


def _unzipped(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                name = info.filename
                if name.endswith((".xml", ".musicxml")) and not name.startswith("META-INF"):
                    if info.file_size > MAX_BYTES:
                        raise UnreadableScoreError("The score is larger than any piece.")
                    return archive.read(info)
    except zipfile.BadZipFile as error:
        raise UnreadableScoreError("The compressed score cannot be opened.") from error
    raise UnreadableScoreError("The file holds no score.")


def _plain(data: bytes) -> bytes:
    """The text of the file as it can be looked through. Raises UnreadableScoreError."""
    data = _unzipped(data) if data[:2] == b"PK" else data
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16").replace("UTF-16", "UTF-8", 1).encode()
    if len(data) > MAX_BYTES:
        raise UnreadableScoreError("The score is larger than any piece.")
    root = data.find(b"<score-partwise")
    has_marks = b"<!--" in data[:root] or data.find(b"<!", max(0, root)) >= 0
    if b"<!ENTITY" in data[:root] or b"\0" in data or (has_marks and _FORBIDDEN.search(data)):
        raise UnreadableScoreError("The score holds XML entities, which no score needs.")
    if not data[-1000:].rstrip().endswith(_CLOSED):
        raise UnreadableScoreError("The score is not well-formed XML: its end is missing.")
    return _COMMENT.sub(b"", data) if has_marks and b"<!--" in data else data


def _parsed(text: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise UnreadableScoreError(f"The score is not well-formed XML ({error}).") from error


@dataclass(slots=True)
class _Signature:
    metre: tuple[int, int] = (4, 4)
    fifths: int = 0
    mode: str = ""


@dataclass(slots=True)
class _PartReader:
    """Reads one part; positions are relative to their measure until all parts are known."""

    part: int
    lengths: list[int] = field(default_factory=list)
    signatures: list[tuple[tuple[int, int], int, str]] = field(default_factory=list)
    bpm: float = 0.0
    _scale: float = TICKS
    _shift: int = 0
    _now: _Signature = field(default_factory=_Signature)
    _written: dict[_Place, list[tuple[int, _Written]]] = field(default_factory=dict)
    _sung: set[_Place] = field(default_factory=set)

    def read(self, data: bytes, start: int, end: int) -> None:
        """All measures of the part that stands there."""
        for measure in _inside(data, _MEASURE, b"</measure>", start, end):
            self._measure(data, *measure)

    def _measure(self, data: bytes, start: int, end: int) -> None:
        at = before = longest = 0
        index = len(self.lengths)
        found = _MOVING.search(data, start, end)
        while found is not None:
            tag, start = found[1], found.end()
            stop = start if data[start - 2] == _SLASH else _end(data, _CLOSING[tag], start, end)
            if tag == b"note":
                duration = self._note(data, start, stop, index, at, before)
                if duration is not None:
                    before, at = at, at + duration
            elif tag == b"backup":
                at -= self._time(data[start:stop])
            elif tag == b"forward":
                at += self._time(data[start:stop])
            elif tag == b"attributes":
                self._attributes(_parsed(b"<a>" + data[start:stop] + b"</a>"))
            elif not self.bpm:
                self._tempo(data[found.start() : stop])
            if at > longest:
                longest = at
            found = _MOVING.search(data, stop, end)
        self.lengths.append(longest)
        self.signatures.append((self._now.metre, self._now.fifths, self._now.mode))

    def _note(self, data: bytes, start: int, stop: int, index: int, at: int, before: int) -> int | None:
        """Keeps the note; how far it moves the time, None when it stands with the note before."""
        head = data.find(b"</voice>", start, stop)
        said = _said(data[start:head]) if head >= 0 else None
        if said is None or data.find(b"<tie ", head, stop) >= 0:
            said, head = _said_anywhere(data[start:stop]), start
        divisions, pitch, voice, in_chord, is_tied, is_ornament = said
        if is_ornament:
            return None
        staff = data.find(b"<staff>", head, stop)
        place = (data[staff + 7 : data.find(b"<", staff + 7)] if staff >= 0 else b"", voice)
        if data.find(b"<lyric", head, stop) >= 0:
            self._sung.add(place)
        duration = round(divisions * self._scale)
        if pitch is not None and duration > 0:
            note = (before if in_chord else at, duration, pitch + self._shift, is_tied)
            self._written.setdefault(place, []).append((index, note))
        return None if in_chord else duration

    def _time(self, text: bytes) -> int:
        return round(_divisions(text) * self._scale)

    def _attributes(self, element: ElementTree.Element) -> None:
        if divisions := element.findtext("divisions"):
            self._scale = TICKS / max(1.0, float(divisions))
        if fifths := element.findtext("key/fifths"):
            self._now.fifths, self._now.mode = int(fifths), element.findtext("key/mode") or ""
        beats, kind = element.findtext("time/beats") or "", element.findtext("time/beat-type") or ""
        if beats.isdigit() and kind.isdigit() and int(beats) and int(kind):
            self._now.metre = (int(beats), int(kind))
        if element.find("transpose") is not None:
            octaves = int(element.findtext("transpose/octave-change") or 0)
            self._shift = int(float(element.findtext("transpose/chromatic") or 0)) + 12 * octaves

    def _tempo(self, text: bytes) -> None:
        sound = _SOUND.search(text)
        tempo = None if sound is None else _TEMPO.search(sound[0])
        if tempo is not None:
            self.bpm = float(tempo[1])

    def voices(self, measures: list[Measure]) -> Iterator[PartVoice]:
        """The part's voices in absolute time; ties are followed over the whole staff."""
        by_place: dict[tuple[int, str], list[_Written]] = {}
        for place, notes in self._written.items():
            by_place.setdefault(_numbered(place), []).extend(
                (measures[index].start + start, duration, pitch, tied)
                for index, (start, duration, pitch, tied) in notes
                if index < len(measures)
            )
        sung = {_numbered(place) for place in self._sung}
        for (staff, voice), written in sorted(by_place.items()):
            yield PartVoice(self.part, staff, voice, with_ties_merged(written), (staff, voice) in sung)


def _numbered(place: _Place) -> tuple[int, str]:
    """Staff, from 0, and voice; the first where none is written."""
    staff, voice = place
    return int(staff or 1) - 1, (voice or b"1").decode()


class _Said(NamedTuple):
    """What a note says of itself. `pitch` is None for a rest; ornaments are grace and cue notes."""

    divisions: float
    pitch: int | None
    voice: bytes
    in_chord: bool
    is_tied: bool
    is_ornament: bool


@lru_cache(maxsize=50_000)
def _said(head: bytes) -> _Said | None:
    """A note by what stands before the end of its voice, mostly all but staff and words; else None.
    Most notes begin as others do."""
    is_usual = b"<duration>" in head and b"<staff>" not in head
    return _said_anywhere(head + b"<") if is_usual else None


def _said_anywhere(text: bytes) -> _Said:
    step = _text(text, b"<step>")
    return _Said(
        _divisions(text),
        _pitch(step, _text(text, b"<alter>"), _text(text, b"<octave>")) if step else None,
        _text(text, b"<voice>"),
        b"<chord" in text,
        any(b"stop" in tie for tie in _TIE.findall(text)),
        b"<grace" in text or b"<cue" in text,
    )


def _pitch(step: bytes, alter: bytes, octave: bytes) -> int:
    return _NATURAL[step] + round(float(alter or 0)) + 12 * (int(octave or 4) + 1)


@lru_cache(maxsize=1000)
def _divisions(text: bytes) -> float:
    """How long what is written lasts, in the divisions of the file."""
    return float(_text(text, b"<duration>") or 0)


def _text(data: bytes, tag: bytes) -> bytes:
    """What stands in the first element of this tag; nothing where there is none."""
    start = data.find(tag)
    if start < 0:
        return b""
    start += len(tag)
    return data[start : data.find(b"<", start)].strip()


def _measures(parts: list[_PartReader]) -> list[Measure]:
    measures: list[Measure] = []
    at = 0
    for index in range(max(len(part.lengths) for part in parts)):
        here = [part for part in parts if index < len(part.lengths)]
        length = max(part.lengths[index] for part in here)
        metre, fifths, mode = here[-1].signatures[index]
        measures.append(Measure(at, length, metre, fifths, mode))
        at += length
    return measures
