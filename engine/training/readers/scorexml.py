"""What sounds in a MusicXML score, all parts, staves and voices?

The fast reader for whole scores (`musicxml.py` reads lead sheets): the standard library's C parser builds
the tree, after a look that the file declares no entities (what defusedxml refuses too). Transposing parts
are read as they sound. Source: MusicXML 4.0 (w3.org).

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
from xml.etree import ElementTree

from engine.training.readers.parts import TICKS, FullScore, Measure, PartVoice, with_ties_merged
from engine.training.readers.score import UnreadableScoreError

MAX_BYTES = 120_000_000
_INDENT = re.compile(rb"\n\s+(?=<)")
_NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_Written = tuple[int, int, int, bool]


def parse_full_score(data: bytes) -> FullScore:
    """The score of a MusicXML file, compressed or not. Raises UnreadableScoreError."""
    with _collector_paused():
        return _score(_tree(_unzipped(data) if data[:2] == b"PK" else data))


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


def _score(root: ElementTree.Element) -> FullScore:
    parts = [_PartReader(index) for index, _ in enumerate(root.findall("part"))]
    for reader, part in zip(parts, root.findall("part"), strict=True):
        for measure in part.findall("measure"):
            reader.measure(measure)
    if not parts:
        raise UnreadableScoreError("The score has no parts.")
    title = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    names = [name.text or "" for name in root.iterfind("part-list/score-part/part-name")]
    bpm = next((reader.bpm for reader in parts if reader.bpm), 0.0)
    measures = _measures(parts)
    voices = [voice for reader in parts for voice in reader.voices(measures)]
    return FullScore(title, measures, voices, names, bpm)


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


def _tree(data: bytes) -> ElementTree.Element:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16").replace("UTF-16", "UTF-8", 1).encode()
    if len(data) > MAX_BYTES:
        raise UnreadableScoreError("The score is larger than any piece.")
    if b"<!ENTITY" in data or b"\0" in data:
        raise UnreadableScoreError("The score holds XML entities, which no score needs.")
    try:
        return ElementTree.fromstring(_INDENT.sub(b"", data))
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
    _written: dict[tuple[int, str], list[tuple[int, _Written]]] = field(default_factory=dict)
    _sung: set[tuple[int, str]] = field(default_factory=set)

    def measure(self, measure: ElementTree.Element) -> None:
        at = before = longest = 0
        index = len(self.lengths)
        for element in measure:
            tag = element.tag
            if tag == "note":
                duration = self._note(element, index, at, before)
                if duration is not None:
                    before, at = at, at + duration
            elif tag == "backup":
                at -= self._time(element)
            elif tag == "forward":
                at += self._time(element)
            elif tag == "attributes":
                self._attributes(element)
            elif not self.bpm and tag in ("sound", "direction"):
                self._tempo(element)
            longest = max(longest, at)
        self.lengths.append(longest)
        self.signatures.append((self._now.metre, self._now.fifths, self._now.mode))

    def _note(self, element: ElementTree.Element, index: int, at: int, before: int) -> int | None:
        """Keeps the note; how far it moves the time, None when it stands with the note before."""
        step, alter, octave, duration, voice, staff = "", 0, 0, 0, "1", 0
        in_chord = tied = has_words = False
        for child in element:
            tag = child.tag
            if tag == "pitch":
                step = child[0].text or ""
                alter = round(float(child[1].text or 0)) if len(child) == 3 else 0
                octave = int(child[-1].text or 4)
            elif tag == "duration":
                duration = round(int(float(child.text or 0)) * self._scale)
            elif tag == "chord":
                in_chord = True
            elif tag == "tie":
                tied = tied or child.get("type") == "stop"
            elif tag == "voice":
                voice = child.text or "1"
            elif tag == "staff":
                staff = int(child.text or 1) - 1
            elif tag == "lyric":
                has_words = True
            elif tag in ("grace", "cue"):
                return None
        place = (staff, voice)
        if has_words:
            self._sung.add(place)
        if step and duration > 0:
            pitch = _NATURAL[step] + alter + 12 * (octave + 1) + self._shift
            start = before if in_chord else at
            self._written.setdefault(place, []).append((index, (start, duration, pitch, tied)))
        return None if in_chord else duration

    def _time(self, element: ElementTree.Element) -> int:
        return round(float(element.findtext("duration") or 0) * self._scale)

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

    def _tempo(self, element: ElementTree.Element) -> None:
        sound = element if element.tag == "sound" else element.find("sound")
        if sound is not None and sound.get("tempo"):
            self.bpm = float(sound.get("tempo") or 0)

    def voices(self, measures: list[Measure]) -> Iterator[PartVoice]:
        """The part's voices in absolute time; ties are followed over the whole staff."""
        for place in sorted(self._written):
            written = [
                (measures[index].start + start, duration, pitch, tied)
                for index, (start, duration, pitch, tied) in self._written[place]
                if index < len(measures)
            ]
            notes = with_ties_merged(written)
            yield PartVoice(self.part, place[0], place[1], notes, place in self._sung)


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
