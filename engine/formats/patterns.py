"""Which chords, rhythms and short tunes does a style know by heart?

Reads the pattern files of `assets/patterns`, whose notation is explained in the README beside them. Times
are ticks, 24 to a quarter, from the start of the bar; everything stands on tonic C (pitch 60 = degree 1),
chord roots and basses are pitch classes above it.

>>> entry = read_patterns("verse major 4/4 96: I | V/3 | vi7 | IVmaj7 V7sus4", Kind.PROGRESSION)[0]
>>> [span.chord.harte() for bar in entry.bars for span in bar.chords]
['C:maj', 'G:maj/3', 'A:min7', 'F:maj7', 'G:sus4(b7)']
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from engine.api.errors import BadFileError
from engine.music import NO_CHORD, Chord, Mode
from engine.music.qualities import quality_from_lead_sheet

PATTERNS = Path(__file__).parents[2] / "assets" / "patterns"
TICKS = 24
"""Ticks of a quarter."""
SECTIONS = ("intro", "verse", "prechorus", "chorus", "bridge", "outro", "solo", "turnaround")

_METRES = {"2/2", "2/4", "3/4", "4/4", "5/4", "6/4", "3/8", "5/8", "6/8", "7/8", "9/8", "12/8"}
_LENGTHS = {"w": 96, "h": 48, "q": 24, "e": 12, "s": 6, "ht": 32, "qt": 16, "et": 8, "st": 4}
_DOTTED = {"w.": 144, "h.": 72, "q.": 36, "e.": 18}
_TICKS_OF = {**_LENGTHS, **_DOTTED}
_SHORTEST_CHORD = 6
_LOWEST, _HIGHEST = 48, 84
_DEGREES = ("I", "II", "III", "IV", "V", "VI", "VII")
_MAJOR = Mode.MAJOR.scale
_BASS_INTERVALS = dict(
    zip(("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7"), range(12), strict=True)
)
_NUMERAL = re.compile(r"([b#]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)")
_LENGTH = re.compile(r"(w\.|h\.|q\.|e\.|ht|qt|et|st|[whqes])")
_DEGREE = re.compile(r"([b#]?)([1-7])('{0,2}|,{0,2})$")
_SIGNS = str.maketrans({"♭": "b", "♯": "#", "º": "°", "’": "'"})


class Kind(StrEnum):
    """The folders of the library."""

    PROGRESSION = "progressions"
    RHYTHM = "rhythms"
    MELODY = "melodies"


class PatternChord(NamedTuple):
    """A chord inside one bar; one held over a barline is written again in the next bar."""

    offset: int
    duration: int
    chord: Chord


class PatternNote(NamedTuple):
    """A note inside one bar; `tied`: it goes on from the bar before. A rhythm's notes all have pitch 60."""

    offset: int
    duration: int
    pitch: int
    tied: bool = False


@dataclass(frozen=True, slots=True)
class PatternBar:
    """`length` is shorter than the metre for a pickup, which can only stand first."""

    length: int
    chords: tuple[PatternChord, ...] = ()
    notes: tuple[PatternNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """An entry of the library. `variant_of` is the line of the entry it is a second ending of, else 0."""

    kind: Kind
    style: str
    section: str
    mode: Mode
    metre: tuple[int, int]
    bpm: int
    bars: tuple[PatternBar, ...]
    line: int
    variant_of: int = 0

    @property
    def has_pickup(self) -> bool:
        return self.bars[0].length < bar_ticks(self.metre)


class _PatternError(ValueError):
    """What is wrong inside one entry; the reader adds file and line."""


def progressions(style: str | None = None, folder: Path = PATTERNS) -> tuple[Pattern, ...]:
    """Chord progressions of one style, or of all. Raises BadFileError."""
    return _of(Kind.PROGRESSION, style, folder)


def melodies(style: str | None = None, folder: Path = PATTERNS) -> tuple[Pattern, ...]:
    """Short tunes over chords of one style, or of all. Raises BadFileError."""
    return _of(Kind.MELODY, style, folder)


def rhythms(
    style: str | None = None, metre: tuple[int, int] | None = None, folder: Path = PATTERNS
) -> tuple[Pattern, ...]:
    """Melodic rhythms of one style and metre, or of all. Raises BadFileError."""
    return tuple(p for p in _of(Kind.RHYTHM, style, folder) if metre in (None, p.metre))


def styles(kind: Kind, folder: Path = PATTERNS) -> tuple[str, ...]:
    """The styles that have a file of this kind."""
    return tuple(sorted(path.stem for path in (folder / kind).glob("*.txt")))


def bar_ticks(metre: tuple[int, int]) -> int:
    """Length of a full bar."""
    return metre[0] * TICKS * 4 // metre[1]


def _of(kind: Kind, style: str | None, folder: Path) -> tuple[Pattern, ...]:
    names = styles(kind, folder) if style is None else (style,)
    return tuple(p for name in names for p in _read_file(folder / kind / f"{name}.txt", kind))


@lru_cache(maxsize=128)
def _read_file(path: Path, kind: Kind) -> tuple[Pattern, ...]:
    if not path.is_file():
        return ()
    return read_patterns(pattern_text(path), kind, path.stem, path.name)


def pattern_text(path: Path) -> str:
    """What stands in a file of patterns. Raises BadFileError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFileError(f"{path.name} cannot be read as text.") from error


def read_patterns(text: str, kind: Kind, style: str = "", name: str = "text") -> tuple[Pattern, ...]:
    """Every entry of a file's text, in order. Raises BadFileError with name and line."""
    found: list[Pattern] = []
    for number, header, lines in _entries(text, name):
        try:
            found.append(_entry(kind, style, number, header, lines, found))
        except _PatternError as error:
            raise BadFileError(f"{name}, line {number}: {error}.") from error
    return tuple(found)


def _entries(text: str, name: str) -> list[tuple[int, str, list[str]]]:
    """Line number, words before the colon, and the lines of bars of each entry."""
    entries: list[tuple[int, str, list[str]]] = []
    for number, raw in enumerate(text.translate(_SIGNS).splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("# "):
            continue
        header, colon, rest = line.partition(":")
        if colon:
            entries.append((number, header, [rest] if rest.strip() else []))
        elif entries and line[0] in "|CM":
            entries[-1][2].append(line)
        else:
            raise BadFileError(f"{name}, line {number}: neither an entry (with a colon) nor bars (with |).")
    return entries


def _entry(
    kind: Kind, style: str, number: int, header: str, lines: list[str], before: list[Pattern]
) -> Pattern:
    if header.strip() == "A'":
        if not before:
            raise _PatternError("a variant needs an entry before it")
        model = before[-1]
        section, mode, metre, bpm = model.section, model.mode, model.metre, model.bpm
        variant_of = model.variant_of or model.line
    else:
        section, mode, metre, bpm = _header(kind, header.split())
        variant_of = 0
    bars = _bars(kind, lines, mode, metre)
    if variant_of and bars[0].length < bar_ticks(metre):
        raise _PatternError("a variant follows a full bar and has no pickup")
    return Pattern(kind, style, section, mode, metre, bpm, bars, number, variant_of)


def _header(kind: Kind, words: list[str]) -> tuple[str, Mode, tuple[int, int], int]:
    if kind is Kind.RHYTHM and len(words) == 2:
        words = [words[0], Mode.MAJOR, words[1], "0"]
    if len(words) != 4 or not words[3].isdigit():
        wanted = "SECTION METRE" if kind is Kind.RHYTHM else "SECTION MODE METRE BPM"
        raise _PatternError(f"before the colon stands {wanted}")
    section, mode, metre, bpm = words
    if section not in SECTIONS:
        raise _PatternError(f"“{section}” is no section; there are {', '.join(SECTIONS)}")
    if mode not in set(Mode):
        raise _PatternError(f"“{mode}” is no mode")
    if metre not in _METRES:
        raise _PatternError(f"“{metre}” is no metre of the library")
    beats, unit = metre.split("/")
    return section, Mode(mode), (int(beats), int(unit)), int(bpm)


def _bars(kind: Kind, lines: Sequence[str], mode: Mode, metre: tuple[int, int]) -> tuple[PatternBar, ...]:
    length = bar_ticks(metre)
    if kind is Kind.PROGRESSION:
        return tuple(PatternBar(length, chords) for chords in _chord_bars(_cells(lines), length))
    if kind is Kind.RHYTHM:
        return _note_bars(_cells(lines), length, None)
    if {line[0] for line in lines} != {"C", "M"}:
        raise _PatternError("a tune has lines of chords (C) and of melody (M)")
    chords = _chord_bars(_cells([line[1:] for line in lines if line[0] == "C"]), length)
    tune = _note_bars(_cells([line[1:] for line in lines if line[0] == "M"]), length, mode)
    if tune and tune[0].length < length:
        chords.insert(0, (PatternChord(0, tune[0].length, NO_CHORD),))
    if len(chords) != len(tune):
        raise _PatternError(f"{len(chords)} bars of chords and {len(tune)} bars of melody")
    return tuple(PatternBar(bar.length, above, bar.notes) for bar, above in zip(tune, chords, strict=True))


def _cells(lines: Sequence[str]) -> list[str]:
    """The texts between barlines; a pickup in brackets is a bar of its own."""
    text = " | ".join(line.strip().strip("|") for line in lines)
    text = re.sub(r"\(([^)]*)\)\s*\|?", r" (\1 | ", text)
    cells = [cell.strip() for cell in text.split("|")]
    if not cells or not all(cells):
        raise _PatternError("a bar is empty; write a rest or % (as before)")
    return cells


def _chord_bars(cells: list[str], length: int) -> list[tuple[PatternChord, ...]]:
    bars: list[tuple[PatternChord, ...]] = []
    for number, cell in enumerate(cells, 1):
        if cell == "%":
            if not bars:
                raise _PatternError("the first bar cannot repeat a bar")
            bars.append(bars[-1])
            continue
        held = bars[-1][-1].chord if bars else None
        bars.append(_chord_bar(cell.split(), length, number, held))
    return bars


def _chord_bar(words: list[str], length: int, number: int, held: Chord | None) -> tuple[PatternChord, ...]:
    """Words share the bar evenly; `.` lets the chord before it sound on."""
    slot, remainder = divmod(length, len(words))
    if remainder or slot % _SHORTEST_CHORD:
        raise _PatternError(f"bar {number}: {len(words)} chords and dots do not share the bar evenly")
    spans: list[PatternChord] = []
    for place, word in enumerate(words):
        chord = (spans[-1].chord if spans else held) if word == "." else numeral_chord(word)
        if chord is None:
            raise _PatternError("the first bar begins with a chord")
        if spans and spans[-1].chord == chord:
            spans[-1] = spans[-1]._replace(duration=spans[-1].duration + slot)
        else:
            spans.append(PatternChord(place * slot, slot, chord))
    return tuple(spans)


@lru_cache(maxsize=4_000)
def numeral_chord(text: str) -> Chord:
    """The chord of a numeral such as `bVImaj7`, `V7/ii`, `iv6/b3`, on tonic C.

    >>> numeral_chord("V7/ii").harte(), numeral_chord("viiø7").harte()
    ('A:7', 'B:hdim7')
    """
    if text == "N":
        return NO_CHORD
    head, *slashes = text.split("/")
    root, quality = _numeral(head)
    bass = None
    for slash in slashes:
        if slash in _BASS_INTERVALS:
            bass = _BASS_INTERVALS[slash]
        elif _NUMERAL.fullmatch(slash) and bass is None:
            root = (root + _numeral(slash)[0]) % 12
        else:
            raise _PatternError(f"“{slash}” of “{text}” is neither a numeral nor a bass interval")
    return Chord(root, quality, None if not bass else (root + bass) % 12)


def _numeral(text: str) -> tuple[int, str]:
    """Pitch class above the tonic, by the major scale whatever the mode, and Harte quality."""
    match = _NUMERAL.match(text)
    if match is None:
        raise _PatternError(f"“{text}” is not a numeral")
    sign, degree = match.groups()
    suffix = text[match.end() :]
    is_minor = degree.islower() and not suffix.startswith(("°", "ø"))
    quality = quality_from_lead_sheet(("m" if is_minor else "") + suffix)
    if quality is None:
        raise _PatternError(f"“{suffix}” of “{text}” is no chord quality")
    root = _MAJOR[_DEGREES.index(degree.upper())] + _shift(sign)
    return root % 12, quality


def _shift(sign: str) -> int:
    return {"b": -1, "#": 1}.get(sign, 0)


def _note_bars(cells: list[str], length: int, mode: Mode | None) -> tuple[PatternBar, ...]:
    """Bars of a tune, or of a rhythm when there is no mode."""
    bars: list[PatternBar] = []
    sounding: int | None = None
    for number, cell in enumerate(cells, 1):
        is_pickup = cell.startswith("(")
        notes, filled, sounding = _note_bar(cell.strip("( "), mode, sounding)
        if is_pickup and (bars or filled >= length):
            raise _PatternError("a pickup stands before the first bar and is shorter than it")
        if not is_pickup and filled != length:
            raise _PatternError(
                f"bar {number} is {filled / TICKS:g} quarters long, not {length / TICKS:g}: {cell}"
            )
        bars.append(PatternBar(filled, (), notes))
    return tuple(bars)


def _note_bar(
    cell: str, mode: Mode | None, sounding: int | None
) -> tuple[tuple[PatternNote, ...], int, int | None]:
    """The notes, the ticks they fill, and the pitch that sounds at the end (None after a rest)."""
    notes: list[PatternNote] = []
    now, duration = 0, 0
    for word in cell.split():
        what, duration = _word(word, duration, mode)
        if what == "_":
            if sounding is None:
                raise _PatternError(f"nothing sounds that “{word}” could hold: {cell}")
            _hold(notes, now, duration, sounding)
        elif what == "r":
            sounding = None
        else:
            sounding = 60 if mode is None else _pitch(what, mode)
            notes.append(PatternNote(now, duration, sounding))
        now += duration
    return tuple(notes), now, sounding


def _word(word: str, duration: int, mode: Mode | None) -> tuple[str, int]:
    """What sounds, and how long: a length not written is the one before, inside a bar."""
    match = re.search(_LENGTH.pattern + "$", word)
    what = word[: match.start()] if match else word
    if match:
        duration = _TICKS_OF[match[0]]
    if not duration:
        raise _PatternError(f"the first note of a bar needs a length: “{word}”")
    if mode is None and what not in ("", "r", "_"):
        raise _PatternError(f"“{word}” is no length, rest or hold")
    return what, duration


def _hold(notes: list[PatternNote], now: int, duration: int, pitch: int) -> None:
    if notes:
        notes[-1] = notes[-1]._replace(duration=notes[-1].duration + duration)
    else:
        notes.append(PatternNote(now, duration, pitch, tied=True))


def _pitch(text: str, mode: Mode) -> int:
    match = _DEGREE.fullmatch(text)
    if match is None:
        raise _PatternError(f"“{text}” is no degree of a scale")
    sign, degree, octave = match.groups()
    pitch = 60 + mode.scale[int(degree) - 1] + _shift(sign) + 12 * (octave.count("'") - octave.count(","))
    if not _LOWEST <= pitch <= _HIGHEST:
        raise _PatternError(f"“{text}” lies outside the range of a voice")
    return pitch
