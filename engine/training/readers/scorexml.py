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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from engine.training.readers.parts import FullScore, Measure, PartVoice, with_ties_merged
from engine.training.readers.score import TICKS, UnreadableScoreError
from engine.training.readers.scorescan import (
    FIRST_VOICE,
    NO_PITCH,
    Column,
    Flag,
    Kind,
    inside,
    scanned,
    voice_name,
)

MAX_BYTES = 120_000_000
_PART = re.compile(rb"<(part)(?=[\s>/])[^>]*>")
_CLOSED = b"</score-partwise>"
_FORBIDDEN = re.compile(rb"<!(?:ENTITY|\[CDATA\[)")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_SOUND = re.compile(rb"<sound(?=[\s>/])[^>]*>")
_TEMPO = re.compile(rb"""\stempo\s*=\s*["']([^"']*)""")
_VOICES = 256**6
"""More than there are names of voices."""
_Signature = tuple[tuple[int, int], int, str]
"""Metre, fifths, mode."""


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
    begun = len(head) - len(_CLOSED)
    parts = [_part(data, tag.end(), end) for tag, end in inside(data, _PART, begun, len(data))]
    if not parts:
        raise UnreadableScoreError("The score has no parts.")
    title = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    names = [name.text or "" for name in root.iterfind("part-list/score-part/part-name")]
    bpm = next((part.bpm for part in parts if part.bpm), 0.0)
    measures = _measures(parts)
    voices = [voice for number, part in enumerate(parts) for voice in _voices(part, number, measures)]
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


def _plain(data: bytes) -> bytes:
    """The text of the file as it can be looked through. Raises UnreadableScoreError."""
    data = _unzipped(data) if data[:2] == b"PK" else data
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16").replace("UTF-16", "UTF-8", 1).encode()
    if len(data) > MAX_BYTES:
        raise UnreadableScoreError("The score is larger than any piece.")
    root = data.find(b"<score-partwise")
    has_marks = b"<!--" in data[:root] or _has_marks(data, max(0, root))
    if b"<!ENTITY" in data[:root] or b"\0" in data or (has_marks and _FORBIDDEN.search(data)):
        raise UnreadableScoreError("The score holds XML entities, which no score needs.")
    if not data[-1000:].rstrip().endswith(_CLOSED):
        raise UnreadableScoreError("The score is not well-formed XML: its end is missing.")
    return _COMMENT.sub(b"", data) if has_marks and b"<!--" in data else data


def _has_marks(data: bytes, start: int) -> bool:
    """Do comments and the like follow? Exclamation marks are rare, so that they are found soonest."""
    at = data.find(b"!", start)
    while at > 0 and data[at - 1 : at] != b"<":
        at = data.find(b"!", at + 1)
    return at > 0


def _parsed(text: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise UnreadableScoreError(f"The score is not well-formed XML ({error}).") from error


@dataclass(frozen=True, slots=True)
class _Part:
    """One part. `notes` (n, 6): measure, start in it, duration, pitch, whether a tie leads into it, place.
    A place is staff and voice as one number; `sung`: those with words."""

    lengths: list[int]
    signatures: list[_Signature]
    bpm: float
    notes: np.ndarray
    sung: set[int]


def _part(data: bytes, start: int, end: int) -> _Part:
    rows = scanned(data, start, end)
    written = rows.astype(np.int64)
    kind, flags = written[:, Column.KIND], written[:, Column.FLAGS]
    measure = np.cumsum(kind == Kind.MEASURE) - 1
    scale, shift, signatures = _attributes(data, written, measure)
    ticks = np.rint(rows[:, Column.DURATION] * scale).astype(np.int64)
    is_note = (kind == Kind.NOTE) & (flags & Flag.IS_ORNAMENT == 0)
    starts, lengths = _timed(kind, is_note & (flags & Flag.IN_CHORD == 0), ticks)
    voice = np.where(written[:, Column.VOICE] == 0, FIRST_VOICE, written[:, Column.VOICE])
    place = (np.maximum(written[:, Column.STAFF], 1) - 1) * _VOICES + voice
    is_sung, is_tied = flags & Flag.IS_SUNG != 0, flags & Flag.IS_TIED != 0
    sounds = is_note & (written[:, Column.PITCH] != NO_PITCH) & (ticks > 0)
    notes = np.stack((measure, starts, ticks, written[:, Column.PITCH] + shift, is_tied, place), axis=1)
    sung = set(place[is_note & is_sung].tolist())
    return _Part(lengths, signatures, _tempo(data, written), notes[sounds], sung)


def _timed(kind: np.ndarray, moves_on: np.ndarray, ticks: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Where in its measure each row begins, a note of a chord where the note before it does; how long the
    measures are."""
    is_measure = kind == Kind.MEASURE
    moves = ticks * (moves_on | (kind == Kind.FORWARD)) - ticks * (kind == Kind.BACKUP)
    total, begun = np.cumsum(moves), np.flatnonzero(is_measure)
    if not len(begun):
        return total, []
    after = total - total[begun][np.cumsum(is_measure) - 1]
    leading = np.maximum.accumulate(np.where(moves_on | is_measure, np.arange(len(kind)), 0))
    return (after - moves)[leading], np.maximum.reduceat(after, begun).tolist()


def _attributes(
    data: bytes, rows: np.ndarray, measure: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[_Signature]]:
    """Ticks of a division and transposition at each row, the signature of each measure."""
    scale, shift = np.full(len(rows), float(TICKS)), np.zeros(len(rows), np.int64)
    metre, fifths, mode = (4, 4), 0, ""
    signatures: list[_Signature] = []
    for row in np.flatnonzero(rows[:, Column.KIND] == Kind.ATTRIBUTES).tolist():
        signatures += [(metre, fifths, mode)] * (int(measure[row]) - len(signatures))
        element = _parsed(b"<a>" + _content(data, rows[row]) + b"</a>")
        if divisions := element.findtext("divisions"):
            scale[row:] = TICKS / max(1.0, float(divisions))
        if written := element.findtext("key/fifths"):
            fifths, mode = int(written), element.findtext("key/mode") or ""
        beats, kind = element.findtext("time/beats") or "", element.findtext("time/beat-type") or ""
        if beats.isdigit() and kind.isdigit() and int(beats) and int(kind):
            metre = (int(beats), int(kind))
        if element.find("transpose") is not None:
            octaves = int(element.findtext("transpose/octave-change") or 0)
            shift[row:] = int(float(element.findtext("transpose/chromatic") or 0)) + 12 * octaves
    count = int(measure[-1]) + 1 if len(measure) else 0
    return scale, shift, signatures + [(metre, fifths, mode)] * (count - len(signatures))


def _content(data: bytes, row: np.ndarray) -> bytes:
    return data[row[Column.START] : row[Column.STOP]]


def _tempo(data: bytes, rows: np.ndarray) -> float:
    """Quarters a minute, as first told; 0 when not told."""
    for row in rows[rows[:, Column.KIND] == Kind.DIRECTION]:
        sound = _SOUND.search(_content(data, row))
        tempo = None if sound is None else _TEMPO.search(sound[0])
        if tempo is not None and float(tempo[1]):
            return float(tempo[1])
    return 0.0


def _voices(part: _Part, number: int, measures: list[Measure]) -> Iterator[PartVoice]:
    """The part's voices in absolute time; ties are followed over the whole staff."""
    begun = np.array([measure.start for measure in measures])
    places = [(*divmod(place, _VOICES), place) for place in np.unique(part.notes[:, 5]).tolist()]
    for staff, name, place in sorted((staff, voice_name(voice), place) for staff, voice, place in places):
        notes = part.notes[part.notes[:, 5] == place]
        starts = begun[notes[:, 0]] + notes[:, 1]
        written = zip(starts.tolist(), *notes[:, 2:5].T.tolist(), strict=True)
        yield PartVoice(number, staff, name, with_ties_merged(written), place in part.sung)


def _measures(parts: Sequence[_Part]) -> list[Measure]:
    measures: list[Measure] = []
    at = 0
    for index in range(max(len(part.lengths) for part in parts)):
        here = [part for part in parts if index < len(part.lengths)]
        length = max(part.lengths[index] for part in here)
        measures.append(Measure(at, length, *here[-1].signatures[index]))
        at += length
    return measures
