"""Readers of the sets with melody and chord symbols: lead sheets in MusicXML, session tunes in ABC."""

import csv
import io
import re
import tarfile
from collections.abc import Iterator
from functools import lru_cache

from engine.music import NO_CHORD, Chord, ChordSyntaxError
from engine.music.key import parse_key
from engine.training.chords.allow import AllowList
from engine.training.chords.piece import Bar, ChartChord, MelodyNote, Piece
from engine.training.chords.romantext import parse_romantext
from engine.training.readers.abc import parse_abc
from engine.training.readers.musicxml import parse_musicxml
from engine.training.readers.score import ScorePart, UnreadableScoreError, song_ticks


def lead_sheets(allowed: AllowList) -> Iterator[Piece]:
    """Songs of the early twentieth century in MusicXML."""
    files = members(allowed.read("openewld-pd", "leadsheets.tar.gz"))
    for row in rows(allowed.read("openewld-pd", "index.csv")):
        try:
            parts = parse_musicxml(files[row["file"]])
        except (UnreadableScoreError, KeyError):
            continue
        part = next((p for p in parts if any(bar.chords for bar in p.bars)), None)
        key = parse_key(row["tonality"].replace("-", "b"))
        if part is not None:
            yield _piece(
                part,
                f"sheet/{row['file']}",
                "openewld-pd",
                "song",
                row["title"],
                row["authors"],
                key.tonic if key else part.tonic,
            )


def session_tunes(allowed: AllowList) -> Iterator[Piece]:
    """Old-time and session tunes in ABC with guitar chords."""
    files = members(allowed.read("session-abc", "tunes.tar.gz"))
    for row in rows(allowed.read("session-abc", "index.csv")):
        parts = parse_abc(files[row["file"]].decode("utf-8", "replace"))
        if parts and any(bar.chords for bar in parts[0].bars):
            yield _piece(
                parts[0], f"session/{row['file']}", "session-abc", "folk", row["title"], "", parts[0].tonic
            )


def art_songs(allowed: AllowList) -> Iterator[Piece]:
    """Roman-numeral analyses of songs and keyboard pieces."""
    files = members(allowed.read("when-in-rome-new", "analyses.tar.gz"))
    for row in rows(allowed.read("when-in-rome-new", "index.csv")):
        text = files[row["file"]].decode("utf-8", "replace")
        yield parse_romantext(text, f"art/{row['file']}", f"{row['composer']} {row['title']}")


def members(archive: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is not None:
                found[member.name.removeprefix("./")] = stream.read()
    return found


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def _piece(
    part: ScorePart, piece_id: str, source: str, style: str, title: str, maker: str, tonic: int
) -> Piece:
    bars: list[Bar] = []
    notes: list[MelodyNote] = []
    starts: list[tuple[int, Chord]] = []
    at = 0
    for bar in part.bars:
        length = song_ticks(bar.length)
        if length <= 0:
            continue
        bars.append(Bar(at, length))
        for note in bar.notes:
            start, duration = at + song_ticks(note.start), song_ticks(note.duration)
            if note.pitch is None or duration <= 0:
                continue
            if note.tied and notes and notes[-1].pitch == note.pitch and notes[-1].end_ticks == start:
                notes[-1] = notes[-1]._replace(duration_ticks=notes[-1].duration_ticks + duration)
            else:
                notes.append(MelodyNote(start, duration, note.pitch))
        for symbol in bar.chords:
            chord = printed_chord(symbol.label)
            if chord is not None:
                starts.append((at + song_ticks(symbol.start), chord))
        at += length
    starts = [item for item in starts if item[0] < at]
    ends = [start for start, _ in starts[1:]] + [at]
    chords = tuple(
        ChartChord(start, end - start, chord, tonic)
        for (start, chord), end in zip(starts, ends, strict=True)
        if end > start
    )
    return Piece(piece_id, source, style, title, maker, part.metre, tuple(bars), chords, tuple(notes))


@lru_cache(maxsize=10_000)
def printed_chord(label: str) -> Chord | None:
    """A printed symbol; words, fingerings and alternatives in brackets are not chords."""
    text = re.sub(r"\(([A-G].*)\)$", "", label).strip()
    if not re.match(r"^[A-GN]", text):
        return None
    try:
        return Chord.parse(text)
    except ChordSyntaxError:
        match = re.match(r"^([A-G][#b]?)(m(?!aj))?", text)
        return Chord.parse(match[0]) if match else NO_CHORD
