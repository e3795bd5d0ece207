"""Which melodies may the model learn from, and where do they come from?

Reads only what `datasets.json` of the data folder allows, after checking each file's SHA-256; of the music21
package only the collections named here, without the reserved pieces of `exclude.tsv`.
"""

import gzip
import hashlib
import importlib.util
import itertools
import json
import tarfile
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.api.errors import BadFileError
from engine.music import parse_key
from engine.training.melody.tunes import Tune, tune_from_part
from engine.training.readers.abc import parse_abc, parse_abc_voices, parse_metre
from engine.training.readers.musicxml import parse_musicxml
from engine.training.readers.score import (
    TICKS,
    ScoreBar,
    ScoreChord,
    ScoreNote,
    ScorePart,
    UnreadableScoreError,
)

FOLK_COLLECTIONS = ("airdsAirs", "oneills1850", "ryansMammoth", "miscFolk")
DATASETS = ("openewld-pd", "neon-leadsheets", "session-abc", "open-hymnal", "music21-corpus")


@dataclass(frozen=True, slots=True)
class Source:
    """A data set as the model card names it."""

    id: str
    title: str
    url: str
    licence: str
    attribution: str
    share_alike: bool
    sha256: str


def read_corpus(data: Path, corpus: Path | None = None) -> tuple[list[Tune], list[Source]]:
    """All melodies and where they are from. `corpus`: music21's corpus folder (default: the installed
    package's).

    Raises BadFileError when a data set is not allowed, missing or altered.
    """
    allowed = _allow_list(data)
    tunes: list[Tune] = []
    sources: list[Source] = []
    for name in DATASETS:
        if name not in allowed:
            raise BadFileError(f"{name} is not in the allow-list datasets.json.")
        if name == "music21-corpus":
            folder = corpus or installed_corpus()
            found = list(_folk(data, folder))
            digest = folder_digest(folder)
        else:
            digest = _checked(data, allowed[name])
            found = list(_READERS[name](data / allowed[name]["path"]))
        tunes += found
        sources.append(_source(allowed[name], digest))
    return tunes, sources


def _allow_list(data: Path) -> dict[str, dict[str, Any]]:
    try:
        listing = json.loads((data / "datasets.json").read_text("utf-8"))
        return {entry["id"]: entry for entry in listing["datasets"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadFileError(f"{data / 'datasets.json'} is not a list of allowed data.") from error


def installed_corpus() -> Path:
    """The corpus folder of the installed music21 package, found without importing it."""
    found = importlib.util.find_spec("music21")
    if found is None or not found.submodule_search_locations:
        raise BadFileError("The music21 package, whose corpus holds the folk tunes, is not installed.")
    return Path(found.submodule_search_locations[0]) / "corpus"


def folder_digest(corpus: Path) -> str:
    """One SHA-256 over the names and contents of the folk files."""
    digest = hashlib.sha256()
    for path in folk_files(corpus):
        digest.update(path.relative_to(corpus).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _checked(data: Path, entry: dict[str, Any]) -> str:
    """The SHA-256 of the set's file, after comparing it with the allow-list."""
    path = data / entry["path"]
    if not path.is_file():
        raise BadFileError(f"{entry['path']} is missing from the data folder.")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != entry["sha256"]:
        raise BadFileError(f"{entry['path']} is not the file the allow-list names; its SHA-256 differs.")
    return digest


def _source(entry: dict[str, Any], digest: str) -> Source:
    licence = entry["licence"]
    if entry["id"] == "music21-corpus":
        licence = "LicenseRef-PublicDomain"
    return Source(
        entry["id"],
        entry["title"],
        entry["url"],
        licence,
        entry["attribution"],
        bool(entry["share_alike"]),
        digest,
    )


def folk_files(corpus: Path) -> list[Path]:
    return [path for name in FOLK_COLLECTIONS for path in sorted((corpus / name).glob("*.abc"))]


def _folk(data: Path, corpus: Path) -> Iterator[Tune]:
    reserved = reserved_pieces(data / "music21-corpus" / "exclude.tsv")
    for path in folk_files(corpus):
        name = path.relative_to(corpus).as_posix()
        for part in parse_abc(path.read_text("utf-8", errors="ignore")):
            if (name, part.number.lstrip("0")) in reserved or (name, "") in reserved:
                continue
            if tune := tune_from_part(part, f"{name}#{part.number}", "music21-corpus", "folk"):
                yield tune


def reserved_pieces(path: Path) -> set[tuple[str, str]]:
    """File and tune number of the pieces kept for evaluation; no number: the whole file."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    return {(row[1], row[2].strip().lstrip("0") if len(row) > 2 else "") for row in rows}


def _members(path: Path, ending: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            content = archive.extractfile(member) if member.name.endswith(ending) else None
            if content is not None:
                yield member.name, content.read()


def _openewld(path: Path) -> Iterator[Tune]:
    for name, content in _members(path, ".mxl"):
        try:
            parts = parse_musicxml(content)
        except UnreadableScoreError:
            continue
        if parts and (tune := tune_from_part(parts[0], f"openewld-pd/{name}", "openewld-pd", "song")):
            yield tune


def _session(path: Path) -> Iterator[Tune]:
    for name, content in _members(path, ".abc"):
        for part in parse_abc(content.decode("utf-8", errors="ignore")):
            if tune := tune_from_part(part, f"session-abc/{name}#{part.number}", "session-abc", "folk"):
                yield tune


def _hymnal(path: Path) -> Iterator[Tune]:
    for name, content in _members(path, ".abc"):
        for voices in parse_abc_voices(content.decode("utf-8", errors="ignore")):
            if tune := tune_from_part(voices[0], f"open-hymnal/{name}", "open-hymnal", "hymn"):
                yield tune


def _neon(path: Path) -> Iterator[Tune]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            part = part_from_record(json.loads(line))
            if tune := tune_from_part(part, f"neon-leadsheets/{number}", "neon-leadsheets", "song"):
                yield tune


def part_from_record(record: dict[str, Any]) -> ScorePart:
    """A lead sheet whose notes and chords are [onset, length, value] in quarters, cut into bars."""
    metre = parse_metre(record["metre"])
    key = parse_key(f"{record['key']} {record['mode']}")
    full, pickup = 4 * TICKS * metre[0] // metre[1], _ticks(record["pickup"])
    end = _ticks(record["length"])
    edges = [0] + ([pickup] if pickup else [])
    while edges[-1] < end:
        edges.append(edges[-1] + full)
    bars = [ScoreBar(high - low) for low, high in itertools.pairwise(edges)]
    for start, length, pitch in record["notes"]:
        _lay_note(bars, edges, _ticks(start), _ticks(length), pitch)
    for start, _, symbol in record["chords"]:
        place = _bar_of(edges, _ticks(start))
        if place < len(bars):
            bars[place].chords.append(ScoreChord(_ticks(start) - edges[place], symbol))
    return ScorePart(
        record["title"], metre, key.tonic if key else 0, key is not None and key.mode.is_minor, bars
    )


def _ticks(value: float) -> int:
    return round(value * 24) * (TICKS // 24)


def _bar_of(edges: list[int], at: int) -> int:
    return bisect_right(edges, at) - 1


def _lay_note(bars: list[ScoreBar], edges: list[int], start: int, length: int, pitch: int) -> None:
    """The note cut at barlines, with a rest before it where nothing sounds."""
    place = _bar_of(edges, start)
    tied = False
    while place < len(bars) and length > 0:
        inside = min(length, edges[place + 1] - start)
        bar = bars[place]
        filled = bar.notes[-1].start + bar.notes[-1].duration if bar.notes else 0
        if start - edges[place] > filled:
            bar.notes.append(ScoreNote(filled, start - edges[place] - filled, None))
        bar.notes.append(ScoreNote(start - edges[place], inside, pitch, tied))
        start, length, place, tied = start + inside, length - inside, place + 1, True


_READERS: dict[str, Callable[[Path], Iterator[Tune]]] = {
    "openewld-pd": _openewld,
    "neon-leadsheets": _neon,
    "session-abc": _session,
    "open-hymnal": _hymnal,
}
