"""Readers of the chord charts that come as JSON lines: one Piece a song and annotator."""

import gzip
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from engine.music import NO_CHORD, TICKS_PER_QUARTER, Chord, ChordSyntaxError
from engine.music.key import parse_key, parse_pitch_class
from engine.training.chords.allow import AllowList
from engine.training.chords.numerals import numeral_chord
from engine.training.chords.piece import Bar, ChartChord, MelodyNote, Piece

_IRB_ACCIDENTAL_AFTER = re.compile(r"(5|9|11|13)(bb|b|#)")
_IRB_SYMBOL = re.compile(r"^([A-G][#b]?)([^/]*)(?:/([A-G][#b]?))?$")


def _lines(allowed: AllowList, dataset: str, name: str) -> Iterator[dict[str, Any]]:
    for line in gzip.decompress(allowed.read(dataset, name)).decode("utf-8").splitlines():
        yield json.loads(line)


def _metre(text: str, fallback: tuple[int, int] = (4, 4)) -> tuple[int, int]:
    match = re.match(r"^(\d+)/(\d+)$", text or "")
    return (int(match[1]), int(match[2])) if match else fallback


def _bar_ticks(metre: tuple[int, int]) -> int:
    return metre[0] * 4 * TICKS_PER_QUARTER // metre[1]


class _Sheet:
    """Bars laid end to end; a chord sounds until the next one."""

    def __init__(self) -> None:
        self.bars: list[Bar] = []
        self.chords: list[ChartChord] = []
        self._sounding: Chord = NO_CHORD

    def add_bar(
        self, metre: tuple[int, int], slots: list[Chord | None], tonic: int | None, section: str
    ) -> None:
        """One bar cut into equal slots; None holds what sounds."""
        start = self.bars[-1].start_ticks + self.bars[-1].length_ticks if self.bars else 0
        length = _bar_ticks(metre)
        self.bars.append(Bar(start, length))
        slots = slots or [None]
        edges = [start + length * place // len(slots) for place in range(len(slots) + 1)]
        for chord, begin, end in zip(slots, edges[:-1], edges[1:], strict=True):
            held = chord is None
            self._sounding = self._sounding if chord is None else chord
            if held and self.chords and begin != start:
                last = self.chords[-1]
                self.chords[-1] = last._replace(duration_ticks=end - last.start_ticks)
            else:
                self.chords.append(ChartChord(begin, end - begin, self._sounding, tonic, section))


def billboard(allowed: AllowList) -> Iterator[Piece]:
    """Pop songs of the US charts, Harte labels, tonic and metre by section."""
    for song in _lines(allowed, "mcgill-billboard", "chords.jsonl.gz"):
        sheet = _Sheet()
        for section in song["sections"]:
            metre, tonic = _metre(section["metre"]), parse_pitch_class(section["tonic"])
            for bar in section["bars"]:
                changes = [item["metre"] for item in bar if isinstance(item, dict)]
                labels = [item for item in bar if isinstance(item, str)]
                slots = [None if label == "." else _harte(label) for label in labels]
                sheet.add_bar(
                    _metre(changes[0], metre) if changes else metre, slots, tonic, section["name"] or ""
                )
        yield Piece(
            f"billboard/{song['id']}",
            "mcgill-billboard",
            "pop",
            song["title"],
            song["artist"],
            _metre(song["metre"]),
            tuple(sheet.bars),
            tuple(sheet.chords),
        )


def _harte(label: str) -> Chord:
    try:
        return Chord.parse(label)
    except ChordSyntaxError:
        return NO_CHORD


def rolling_stone(allowed: AllowList) -> Iterator[Piece]:
    """Rock songs as roman numerals, by one or two annotators."""
    for song in _lines(allowed, "rs200-harmony", "chords.jsonl.gz"):
        sheet = _Sheet()
        for bar in song["bars"]:
            tonic = parse_pitch_class(bar["k"]) or 0
            metre = _metre(bar["m"])
            sheet.add_bar(metre if metre[0] else (4, 4), [_rock(item, tonic) for item in bar["c"]], tonic, "")
        yield Piece(
            f"rock/{song['id']}/{song['annotator']}",
            "rs200-harmony",
            "rock",
            song["title"],
            song["artist"],
            _metre(song["bars"][0]["m"]) if song["bars"] else (4, 4),
            tuple(sheet.bars),
            tuple(sheet.chords),
        )


def _rock(item: str, tonic: int) -> Chord | None:
    if item == ".":
        return None
    return NO_CHORD if item == "R" else numeral_chord(item, tonic, is_minor=False) or NO_CHORD


def jazz_standards(allowed: AllowList) -> Iterator[Piece]:
    """Jazz standards with key, metre and form."""
    for song in _lines(allowed, "irb-jazz", "chords.jsonl.gz"):
        key = parse_key(song["key"].replace("-", " "))
        events = [(_irb(symbol), beats, section) for symbol, beats, section in song["chords"]]
        yield _from_beats(
            f"jazz/{song['id']}",
            "irb-jazz",
            song["title"],
            song["composer"],
            _metre(song["metre"]),
            key.tonic if key else None,
            events,
        )


def jazz_solos(allowed: AllowList) -> Iterator[Piece]:
    """The changes under recorded solos; no key is given. One chorus is enough: repeats of the whole form
    are cut."""
    for song in _lines(allowed, "wjd-changes", "chords.jsonl.gz"):
        events = [
            (
                _harte(label.replace(":o7", ":dim7").replace(":o", ":dim").replace(":m7b5", ":hdim7")),
                beats,
                form,
            )
            for _, label, beats, form in song["chords"]
        ]
        yield _from_beats(
            f"solo/{song['id']}", "wjd-changes", song["title"], song["performer"], (4, 4), None, events
        )


def _from_beats(
    piece_id: str,
    source: str,
    title: str,
    maker: str,
    metre: tuple[int, int],
    tonic: int | None,
    events: list[tuple[Chord, float, str]],
) -> Piece:
    chords, at = [], 0
    for chord, beats, section in events:
        duration = round(beats * TICKS_PER_QUARTER * (0.5 if metre[1] == 8 else 1))
        chords.append(ChartChord(at, duration, chord, tonic, section))
        at += duration
    length = _bar_ticks(metre)
    bars = tuple(Bar(start, length) for start in range(0, at, length))
    return Piece(piece_id, source, "jazz", title, maker, metre, bars, tuple(chords))


def _irb(symbol: str) -> Chord:
    """iRb writes accidentals after the degree: `79b`, `711#`, `min7`, `o7`."""
    match = _IRB_SYMBOL.match(symbol)
    if match is None:
        return NO_CHORD
    root, suffix, bass = match.groups()
    suffix = suffix if "b5" in suffix[:4] else _IRB_ACCIDENTAL_AFTER.sub(r"(\2\1)", suffix)
    suffix = suffix.replace("7+", "7#5").replace("9+", "9#5").replace("bb", "b")
    for text in (suffix, re.sub(r"\(.*", "", suffix), suffix[:4], suffix[:1]):
        try:
            return Chord.parse(root + text + (f"/{bass}" if bass else ""))
        except ChordSyntaxError:
            continue
    return NO_CHORD


def loops(allowed: AllowList) -> Iterator[Piece]:
    """Loop progressions, a chord a bar, played twice so that they are loops."""
    for number, loop in enumerate(_lines(allowed, "free-midi-chords", "progressions.jsonl.gz")):
        is_minor = loop["mode"] == "minor"
        chords = [numeral_chord(n, 0, is_minor, minor_degrees=is_minor) or NO_CHORD for n in loop["numerals"]]
        sheet = _Sheet()
        for chord in chords * 2:
            sheet.add_bar((4, 4), [chord], 0, "")
        title = "loop " + " ".join(loop["numerals"])
        yield Piece(
            f"loop/{number}",
            "free-midi-chords",
            "loop",
            title,
            "",
            (4, 4),
            tuple(sheet.bars),
            tuple(sheet.chords),
        )


def early_songs(allowed: AllowList) -> Iterator[Piece]:
    """Lead sheets of songs up to 1930: chords and melody in quarters."""
    for number, song in enumerate(_lines(allowed, "neon-leadsheets", "leadsheets.jsonl.gz")):
        key = parse_key(f"{song['key']} {song['mode']}")
        metre = _metre(song["metre"])
        length, pickup = _bar_ticks(metre), _ticks(song["pickup"])
        end = _ticks(song["length"])
        starts = ([0] if pickup else []) + list(range(pickup, end, length))
        bars = [
            Bar(a, b - a) for a, b in zip(starts, [*starts[1:], max(end, starts[-1] + length)], strict=True)
        ]
        chords = tuple(
            ChartChord(_ticks(at), _ticks(long), _symbol(text), key.tonic if key else None)
            for at, long, text in song["chords"]
        )
        melody = tuple(MelodyNote(_ticks(at), _ticks(long), pitch) for at, long, pitch in song["notes"])
        yield Piece(
            f"early/{number}",
            "neon-leadsheets",
            "song",
            song["title"],
            song["composer"],
            metre,
            tuple(bars),
            chords,
            melody,
        )


def _ticks(quarters: float) -> int:
    return round(Fraction(quarters) * TICKS_PER_QUARTER)


def _symbol(text: str) -> Chord:
    try:
        return Chord.parse(text)
    except ChordSyntaxError:
        return NO_CHORD
