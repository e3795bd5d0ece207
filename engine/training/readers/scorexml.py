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
from xml.etree import ElementTree

from engine.training.readers.parts import TICKS, FullScore, Measure, PartVoice, with_ties_merged
from engine.training.readers.score import UnreadableScoreError

MAX_BYTES = 120_000_000
_PART, _MEASURE = re.compile(rb"<part(?=[\s>/])[^>]*>"), re.compile(rb"<measure(?=[\s>/])[^>]*>")
_MOVING = re.compile(rb"<(note|backup|forward|attributes|direction|sound)(?=[\s>/])[^>]*>")
_NOTE = re.compile(
    rb"\s*(<chord/>)?\s*(?:<pitch>\s*<step>(\w)</step>\s*(?:<alter>([^<]*)</alter>\s*)?<octave>(\d+)</octave>\s*"
    rb"</pitch>|<rest[^>]*/>)\s*<duration>([^<]*)</duration>\s*((?:<tie\s[^>]*>\s*)*)"
    rb"(?:<instrument[^>]*/>\s*)?<voice>(\w+)</voice>"
)
_CLOSING = {
    tag: b"</" + tag + b">" for tag in (b"note", b"backup", b"forward", b"attributes", b"direction", b"sound")
}
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_TIE, _SOUND = re.compile(rb"<tie\s[^>]*>"), re.compile(rb"<sound(?=[\s>/])[^>]*>")
_TEMPO = re.compile(rb"""\stempo\s*=\s*["']([^"']*)""")
_SLASH = ord("/")
_NATURAL = {b"C": 0, b"D": 2, b"E": 4, b"F": 5, b"G": 7, b"A": 9, b"B": 11}
_Written = tuple[int, int, int, bool]
_Place = tuple[bytes, bytes | None]
"""Staff and voice as they are written."""


def parse_full_score(data: bytes) -> FullScore:
    """The score of a MusicXML file, compressed or not. Raises UnreadableScoreError."""
    with _collector_paused():
        return _score(_plain(_unzipped(data) if data[:2] == b"PK" else data))


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
    head = data if first is None else data[: first.start()] + b"</score-partwise>"
    root = _parsed(head)
    bodies = [] if first is None else [data[start:end] for start, end in _inside(data, _PART, b"</part>")]
    if not bodies:
        raise UnreadableScoreError("The score has no parts.")
    parts = [_PartReader(index) for index in range(len(bodies))]
    for reader, body in zip(parts, bodies, strict=True):
        reader.read(body)
    title = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    names = [name.text or "" for name in root.iterfind("part-list/score-part/part-name")]
    bpm = next((reader.bpm for reader in parts if reader.bpm), 0.0)
    measures = _measures(parts)
    voices = [voice for reader in parts for voice in reader.voices(measures)]
    return FullScore(title, measures, voices, names, bpm)


def _inside(data: bytes, opening: re.Pattern[bytes], closing: bytes) -> Iterator[tuple[int, int]]:
    """Where what stands between these tags begins and ends, one after the other."""
    found = opening.search(data)
    while found is not None:
        start = end = found.end()
        if data[start - 2] != _SLASH:
            end = _end(data, closing, start)
            yield start, end
        else:
            yield start, start
        found = opening.search(data, end)


def _end(data: bytes, closing: bytes, start: int) -> int:
    end = data.find(closing, start)
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
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16").replace("UTF-16", "UTF-8", 1).encode()
    if len(data) > MAX_BYTES:
        raise UnreadableScoreError("The score is larger than any piece.")
    if b"<!ENTITY" in data or b"\0" in data or b"<![CDATA[" in data:
        raise UnreadableScoreError("The score holds XML entities, which no score needs.")
    if not data.rstrip().endswith(b"</score-partwise>"):
        raise UnreadableScoreError("The score is not well-formed XML: its end is missing.")
    return _COMMENT.sub(b"", data) if b"<!--" in data else data


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
    _has_ties: bool = False
    _has_staves: bool = False
    _has_words: bool = False
    _durations: dict[bytes, int] = field(default_factory=dict)
    _written: dict[_Place, list[tuple[int, _Written]]] = field(default_factory=dict)
    _sung: set[_Place] = field(default_factory=set)

    def read(self, body: bytes) -> None:
        """All measures of the part."""
        self._has_ties, self._has_staves, self._has_words = (
            tag in body for tag in (b"<tie ", b"<staff>", b"<lyric")
        )
        for start, end in _inside(body, _MEASURE, b"</measure>"):
            self._measure(body, start, end)

    def _measure(self, data: bytes, start: int, end: int) -> None:
        at = before = longest = 0
        index = len(self.lengths)
        found = _MOVING.search(data, start, end)
        while found is not None:
            tag, start = found[1], found.end()
            stop = start if data[start - 2] == _SLASH else _end(data, _CLOSING[tag], start)
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
            longest = max(longest, at)
            found = _MOVING.search(data, stop, end)
        self.lengths.append(longest)
        self.signatures.append((self._now.metre, self._now.fifths, self._now.mode))

    def _note(self, data: bytes, start: int, stop: int, index: int, at: int, before: int) -> int | None:
        """Keeps the note; how far it moves the time, None when it stands with the note before."""
        found = _NOTE.match(data, start, stop)
        if found is None or (self._has_ties and data.find(b"<tie ", found.end(), stop) >= 0):
            return self._odd_note(data[start:stop], index, at, before)
        chord, step, alter, octave, written, ties, voice = found.groups()
        place = (_text(data[found.end() : stop], b"<staff>") if self._has_staves else b"", voice)
        if self._has_words and data.find(b"<lyric", found.end(), stop) >= 0:
            self._sung.add(place)
        duration = self._durations.get(written)
        if duration is None:
            duration = self._durations[written] = round(int(float(written)) * self._scale)
        if step and duration:
            pitch = _pitch(step, alter, octave) + self._shift
            note = (before if chord else at, duration, pitch, b"stop" in ties)
            self._written.setdefault(place, []).append((index, note))
        return None if chord else duration

    def _odd_note(self, text: bytes, index: int, at: int, before: int) -> int | None:
        """The same for a note whose elements do not stand in the usual order."""
        if b"<grace" in text or b"<cue" in text:
            return None
        place = (_text(text, b"<staff>"), _text(text, b"<voice>"))
        if b"<lyric" in text:
            self._sung.add(place)
        in_chord, duration = b"<chord" in text, self._time(text)
        step = _text(text, b"<step>")
        if step and duration > 0:
            pitch = _pitch(step, _text(text, b"<alter>"), _text(text, b"<octave>")) + self._shift
            tied = any(b"stop" in tie for tie in _TIE.findall(text))
            note = (before if in_chord else at, duration, pitch, tied)
            self._written.setdefault(place, []).append((index, note))
        return None if in_chord else duration

    def _time(self, text: bytes) -> int:
        return round(float(_text(text, b"<duration>") or 0) * self._scale)

    def _attributes(self, element: ElementTree.Element) -> None:
        if divisions := element.findtext("divisions"):
            self._scale, self._durations = TICKS / max(1.0, float(divisions)), {}
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


@lru_cache(maxsize=1000)
def _pitch(step: bytes, alter: bytes | None, octave: bytes) -> int:
    return _NATURAL[step] + round(float(alter or 0)) + 12 * (int(octave or 4) + 1)


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
