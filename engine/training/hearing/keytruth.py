"""Which pieces say what key they are in, and how well is it heard?

Chorales (the key that signature and last bass agree on), loops of free-midi-chords and our own progressions
(those in which the tonic chord sounds; its third is the mode), lead sheets whose key is written in words.
Signatures and chord symbols are taken away; loops and sheets are played in several ways, some loops as power
chords. Each piece is for tuning or for testing by its name. The weights of `engine.analysis.keys` and the
tables of assets/hearing/keys.txt were set on the tuning half, with pop charts of the same half beside it.
"""

import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.analysis.hearing import hear
from engine.api.errors import BadFileError
from engine.formats.musicxml import read_musicxml
from engine.formats.patterns import Pattern, progressions
from engine.music import Chord, Key, Metre, Mode, Song
from engine.music.key import parse_key
from engine.training.chords import charts
from engine.training.chords.allow import AllowList
from engine.training.chords.piece import Piece
from engine.training.hearing.rendering import Sheet, Style, render
from engine.training.melody.corpus import installed_corpus, reserved_pieces

_PLAYED = (Style.BLOCK, Style.BEATS, Style.OFFBEAT, Style.BROKEN, Style.PIANO)
_POWER_SHARE = 1 / 6
_TICKS = 20  # song ticks to one of a pattern


@dataclass(frozen=True)
class Keyed:
    """A song without signature and symbols, and the key it is in."""

    name: str
    kind: str
    song: Song
    key: Key


def is_for_tuning(name: str) -> bool:
    """A fixed half of the pieces."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 == 0


def evaluate_keys(data: Path, hear_key: Callable[[Song], Key] | None = None) -> dict[str, float]:
    """MIREX-weighted score on the test half, by kind of music. `hear_key`: another reader to compare with."""
    scores: dict[str, list[float]] = defaultdict(list)
    for piece in keyed_pieces(data):
        if not is_for_tuning(piece.name):
            found = hear_key(piece.song) if hear_key else hear(piece.song)[1].keys[0].key
            scores[piece.kind].append(mirex(piece.key, found))
    return {f"key, {kind}": round(float(np.mean(values)), 3) for kind, values in scores.items()}


def mirex(expected: Key, found: Key) -> float:
    """1 for the key, 0.5 a fifth above, 0.3 relative, 0.2 parallel (MIREX); modes count as
    their third."""
    one, other = (replace(k, mode=Mode.MINOR if k.mode.is_minor else Mode.MAJOR) for k in (expected, found))
    if one == other:
        return 1.0
    if one.mode == other.mode:
        return 0.5 if (other.tonic - one.tonic) % 12 == 7 else 0.0
    if one.fifths % 12 == other.fifths % 12:
        return 0.3
    return 0.2 if one.tonic == other.tonic else 0.0


def keyed_pieces(data: Path) -> Iterator[Keyed]:
    """All pieces in a fixed order."""
    yield from _chorales(data)
    yield from _loops(data)
    yield from _sheets(data)


def _chorales(data: Path) -> Iterator[Keyed]:
    reserved = {
        name for name, number in reserved_pieces(data / "music21-corpus" / "exclude.tsv") if not number
    }
    corpus = installed_corpus()
    for path in sorted((corpus / "bach").iterdir()):
        name = path.relative_to(corpus).as_posix()
        if path.suffix not in (".mxl", ".xml") or name in reserved:
            continue
        try:
            song = read_musicxml(path.read_bytes(), path.name).song
        except BadFileError:
            continue
        key = _home(song)
        if key is not None and len(song.tracks) >= 4:
            yield Keyed(name, "chorales", _bare(song), key)


def _home(song: Song) -> Key | None:
    """The key of the last bass note that has the signature; old scores write minor with a flat less."""
    end = max((note.end_ticks for note in song.notes()), default=0)
    last = min((n for n in song.notes() if n.end_ticks >= end - 240), key=lambda n: n.pitch, default=None)
    if last is None or not song.time_map.keys:
        return None
    fifths = song.time_map.keys[0].key.fifths
    modes = (Mode.MAJOR, Mode.MINOR, Mode.DORIAN)
    found = next((m for m in modes if Key(last.pitch_class, m).fifths % 12 == fifths % 12), None)
    if found is None:
        return None
    return Key(last.pitch_class, Mode.MAJOR if found is Mode.MAJOR else Mode.MINOR)


def _loops(data: Path) -> Iterator[Keyed]:
    allowed = AllowList(data)
    lines = gzip.decompress(allowed.read("free-midi-chords", "progressions.jsonl.gz")).decode().splitlines()
    for line, chart in zip(lines, charts.loops(allowed), strict=True):
        mode = Mode.MINOR if json.loads(line)["mode"] == "minor" else Mode.MAJOR
        yield from _played(chart.id, "loops", sheet_of(chart, Metre(), Key(0, mode)), _PLAYED)
    for pattern in progressions():
        if len(pattern.bars) >= 3 and pattern.bars[0].length == pattern.bars[-1].length:
            name = f"pattern/{pattern.style}/{pattern.line}"
            yield from _played(name, "loops", pattern_sheet(pattern), _PLAYED)


def _sheets(data: Path) -> Iterator[Keyed]:
    allowed = AllowList(data)
    lines = gzip.decompress(allowed.read("neon-leadsheets", "leadsheets.jsonl.gz")).decode().splitlines()
    for line, chart in zip(lines, charts.early_songs(allowed), strict=True):
        record = json.loads(line)
        key = parse_key(f"{record['key']} {record['mode']}")
        if key is not None:
            sheet = sheet_of(chart, Metre(*chart.metre), key)
            yield from _played(chart.id, "sheets", sheet, (*_PLAYED, Style.NO_BASS))


def sheet_of(chart: Piece, metre: Metre, key: Key) -> Sheet:
    """The chart as a lead sheet."""
    first = chart.bars[0].length_ticks
    chords = tuple((c.start_ticks, c.end_ticks, c.chord) for c in chart.chords)
    notes = tuple((n.start_ticks, n.duration_ticks, n.pitch) for n in chart.melody)
    return Sheet(chart.title, metre, first if first < metre.bar_ticks else 0, key, notes, chords)


def pattern_sheet(pattern: Pattern) -> Sheet:
    """The progression, twice."""
    chords: list[tuple[int, int, Chord]] = []
    at = 0
    for bar in pattern.bars * 2:
        for offset, duration, chord in bar.chords:
            start, end = at + offset * _TICKS, at + (offset + duration) * _TICKS
            if chords and chords[-1][2] == chord:
                chords[-1] = (chords[-1][0], end, chord)
            else:
                chords.append((start, end, chord))
        at += bar.length * _TICKS
    return Sheet(pattern.style, Metre(*pattern.metre), 0, Key(0, pattern.mode), (), tuple(chords))


def _played(name: str, kind: str, sheet: Sheet, styles: tuple[Style, ...]) -> Iterator[Keyed]:
    """The sheet in the mode its tonic chord has, played somehow; nothing where the tonic never sounds."""
    home = [
        (end - start, c) for start, end, c in sheet.chords if not c.is_no_chord and c.root == sheet.key.tonic
    ]
    if not home:
        return
    third = sum(length * (c.has_major_third - c.has_minor_third) for length, c in home)
    if third and (third < 0) != sheet.key.mode.is_minor:
        sheet = replace(sheet, key=Key(sheet.key.tonic, Mode.MINOR if third < 0 else Mode.MAJOR))
    rng = random.Random(name)
    if kind == "loops" and rng.random() < _POWER_SHARE:
        sheet = replace(sheet, chords=tuple((a, b, _power(chord)) for a, b, chord in sheet.chords))
    rendering = render(sheet, rng.choice(styles), rng)
    yield Keyed(name, kind, _bare(rendering.song), rendering.key)


def _power(chord: Chord) -> Chord:
    return chord if chord.is_no_chord else Chord(chord.root, "5")


def _bare(song: Song) -> Song:
    time_map = replace(song.time_map, keys=())
    return replace(song, time_map=time_map, chords=(), markers=(), sections=())
