"""Which pieces tell methods of hearing apart, and how are they played?

Lead sheets (OpenEWLD, Neon, session tunes) are played by a band with drums, by a band without, or by one
voice, in 2/4, 3/4, 4/4 and 6/8, straight or swung, steady or with the tempo giving way, with and without a
bass, with chords turned over. Tuning and test pieces are apart: one title is in one of them only, whatever
the source. What is played comes as strokes in seconds with the truth beside it; a sound bank makes it sound
(packaging/render_bands.py).
"""

import gzip
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from engine.music import Chord, ChordSyntaxError, Key, Metre, MusicError
from engine.music.key import parse_key
from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.hearing.band import Band, Feel, Stroke, played
from engine.training.hearing.evaluate import sheets_from
from engine.training.hearing.rendering import Sheet, sheet_from_part
from engine.training.readers.abc import parse_abc

METRES = ("2/4", "3/4", "4/4", "6/8")
_LONGEST_S = 26.0
_FEWEST_CHORDS = 4


class Part(StrEnum):
    TUNING = "tuning"
    TEST = "test"


@dataclass(frozen=True)
class Condition:
    """How it is recorded: which bank of those at hand, noise below the music, cents off 440 Hz, a room."""

    bank: int
    noise_db: float
    detune_cents: float
    has_room: bool


@dataclass(frozen=True)
class Truth:
    """What there is to hear, in seconds; chords as (start, end, Harte label).

    `key`: None where the file does not tell major from minor.
    """

    title: str
    band: Band
    metre: str
    bpm: float
    key: Key | None
    swing: float
    is_steady: bool
    beats_s: tuple[float, ...]
    downbeats_s: tuple[float, ...]
    chords: tuple[tuple[float, float, str], ...]
    notes: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True)
class Item:
    """One recording to be: its name, strokes, truth and condition."""

    name: str
    strokes: tuple[Stroke, ...]
    truth: Truth
    condition: Condition


def items(data: Path, part: Part, per_class: int, seed: int = 1) -> Iterator[Item]:
    """`per_class` recordings of each metre and band, in a fixed order."""
    sheets = by_metre(data, part)
    for metre in METRES:
        for band in Band:
            for index in range(per_class):
                name = f"{part.value}-{metre.replace('/', '')}-{band.value}-{index}"
                rng = random.Random(f"{seed}/{name}")
                sheet = sheets[metre][(index + per_class * list(Band).index(band)) % len(sheets[metre])]
                yield item_of(name, sheet, band, rng)


def part_of(title: str) -> Part:
    """Half of all titles are for tuning, half for the test, by the words of the title alone."""
    return Part.TEST if title_number(title) % 2 else Part.TUNING


def title_number(title: str, salt: str = "") -> int:
    """0-255, the same for all ways of writing the words of a title."""
    words = "".join(letter for letter in title.lower() if letter.isalnum())
    return hashlib.sha256((words + salt).encode()).digest()[0]


@dataclass(frozen=True)
class Source:
    """A sheet, and whether its file tells major from minor."""

    sheet: Sheet
    tells_mode: bool


def sheets_by_metre(data: Path, part: Part) -> dict[str, list[Sheet]]:
    """The sheets of a part, by metre."""
    return {metre: [source.sheet for source in found] for metre, found in by_metre(data, part).items()}


def by_metre(data: Path, part: Part) -> dict[str, list[Source]]:
    """The sheets of a part with what their files tell, by metre, in an order of their own."""
    found: dict[str, list[Source]] = {metre: [] for metre in METRES}
    for source in _all_sheets(data):
        sheet = source.sheet
        if sheet.metre.name in found and part_of(sheet.title) is part and len(sheet.chords) >= _FEWEST_CHORDS:
            found[sheet.metre.name].append(source)
    for name, sources in found.items():
        sources.sort(key=lambda source: hashlib.sha256(f"{name}/{source.sheet.title}".encode()).digest())
    return found


def _all_sheets(data: Path) -> Iterator[Source]:
    told = [(sheet, True) for sheet in (*_session_sheets(data), *_neon_sheets(data))]
    for sheet, tells_mode in [*((sheet, False) for sheet in sheets_from(data)), *told]:
        is_cut = sheet.metre == Metre(2, 2)
        yield Source(replace(sheet, metre=Metre(4, 4)) if is_cut else sheet, tells_mode)


def _session_sheets(data: Path) -> Iterator[Sheet]:
    allowed = AllowList(data)
    files = members(allowed.read("session-abc", "tunes.tar.gz"))
    for row in rows(allowed.read("session-abc", "index.csv")):
        parts = parse_abc(files[row["file"]].decode("utf-8", "replace"))
        try:
            has_chords = bool(parts) and any(bar.chords for bar in parts[0].bars)
            sheet = sheet_from_part(parts[0]) if has_chords else None
        except (ChordSyntaxError, MusicError, ValueError):
            continue
        if sheet is not None:
            yield sheet


def _neon_sheets(data: Path) -> Iterator[Sheet]:
    content = AllowList(data).read("neon-leadsheets", "leadsheets.jsonl.gz")
    for line in gzip.decompress(content).decode("utf-8").splitlines():
        row = json.loads(line)
        key = parse_key(f"{row['key']} {row['mode']}")
        try:
            chords = tuple(
                (round(at * 480), round((at + beats) * 480), Chord.parse(label))
                for at, beats, label in row["chords"]
            )
        except ChordSyntaxError:
            continue
        numerator, denominator = map(int, row["metre"].split("/"))
        notes = tuple((round(a * 480), round(d * 480), p) for a, d, p in row["notes"])
        if key is not None and notes:
            pickup = round(row["pickup"] * 480)
            yield Sheet(row["title"], Metre(numerator, denominator), pickup, key, notes, chords)


_TEMPI = {"2/4": (76, 126), "3/4": (80, 160), "4/4": (70, 150), "6/8": (52, 112)}


def item_of(name: str, source: Source, band: Band, rng: random.Random, longest_s: float = _LONGEST_S) -> Item:
    """The beginning of a sheet as this band plays it, and how it is recorded. Raises MusicError when there is
    nothing to play."""
    sheet = source.sheet
    feel = feel_of(sheet, band, rng)
    shown = excerpt(sheet, feel, longest_s)
    if not (shown.notes or shown.chords):
        raise MusicError(f"“{sheet.title}” begins with silence.")
    performance = played(coloured(shown, rng), band, feel, rng)
    clock = performance.clock
    metre = sheet.metre
    pulse = metre.pulse_ticks
    end = performance.end_ticks
    first = shown.pickup_ticks % pulse
    beats = tuple(clock.seconds(tick) for tick in range(first, end, pulse))
    downbeats = tuple(clock.seconds(t) for t in range(shown.pickup_ticks, end, metre.bar_ticks))
    chords = tuple(
        (clock.seconds(start), clock.seconds(stop), chord.harte())
        for start, stop, chord in performance.chords
    )
    truth = Truth(
        sheet.title, band, metre.name, feel.bpm, performance.key if source.tells_mode else None, feel.swing,
        feel.drift == 0, beats, downbeats, chords, performance.melody,
    )  # fmt: skip
    condition = Condition(
        bank=rng.randrange(100),
        noise_db=rng.choice((99.0, 99.0, 30.0, 20.0)),
        detune_cents=rng.choice((0.0, 0.0, rng.uniform(-45, 45))),
        has_room=rng.random() < 0.5,
    )
    return Item(name, performance.strokes, truth, condition)


def feel_of(sheet: Sheet, band: Band, rng: random.Random) -> Feel:
    slowest, fastest = _TEMPI[sheet.metre.name]
    is_swung = sheet.metre.name in ("4/4", "3/4") and rng.random() < 0.3
    loose = (0.0, 0.0, 0.012, 0.03) if band is Band.DRUMS else (0.0, 0.012, 0.03, 0.05)
    return Feel(
        bpm=float(np.exp(rng.uniform(np.log(slowest), np.log(fastest)))),
        swing=rng.uniform(0.6, 0.68) if is_swung else 0.5,
        drift=rng.choice(loose),
        shake_s=rng.uniform(0.004, 0.016),
        shift=rng.randrange(-5, 7),
        lead_s=rng.uniform(0.1, 1.2),
    )


def excerpt(sheet: Sheet, feel: Feel, longest_s: float = _LONGEST_S) -> Sheet:
    """Whole bars from the beginning for as long as a recording lasts."""
    pulses = longest_s * feel.bpm / 60
    bars = max(4, int(pulses * sheet.metre.pulse_ticks / sheet.metre.bar_ticks))
    end = sheet.pickup_ticks + bars * sheet.metre.bar_ticks
    notes = tuple((s, min(d, end - s), p) for s, d, p in sheet.notes if s < end)
    chords = tuple((s, min(e, end), c) for s, e, c in sheet.chords if s < end)
    return replace(sheet, notes=notes, chords=chords)


def coloured(sheet: Sheet, rng: random.Random) -> Sheet:
    """In half of the pieces some chords are turned over, in a third triads become sevenths of the key."""
    turns, sevenths = rng.random() < 0.5, rng.random() < 0.35
    chords = []
    for start, end, chord in sheet.chords:
        new = _with_seventh(chord, sheet.key) if sevenths and rng.random() < 0.6 else chord
        if turns and new.bass is None and not new.is_no_chord and rng.random() < 0.3:
            step = rng.choice(sorted(interval for interval in new.intervals if interval in (3, 4, 7)) or [0])
            new = Chord(new.root, new.quality, (new.root + step) % 12) if step else new
        chords.append((start, end, new))
    return replace(sheet, chords=tuple(chords))


def _with_seventh(chord: Chord, key: Key) -> Chord:
    """The triad with the seventh that the key has above its root."""
    if chord.quality not in ("maj", "min") or chord.bass is not None:
        return chord
    has_minor = (chord.root + 10) % 12 in key.scale_pitch_classes
    if chord.quality == "maj":
        return Chord(chord.root, "7" if has_minor else "maj7")
    return Chord(chord.root, "min7") if has_minor else chord
