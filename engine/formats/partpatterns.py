"""What does a drummer, bassist, pianist, guitarist or string section play in a style, bar by bar?

Reads the step-grid files of `assets/patterns/{drums,bass,comping,pads}`; the README beside them explains the
notation. Times are ticks, 480 to a quarter, from the start of the bar a step begins in.

>>> entry = read_part_patterns("verse 4/4 1\\n  kick x... .... x... ....\\n", Part.DRUMS)[0]
>>> [(step.start_ticks, step.symbol) for step in entry.voices[0].bars[0]]
[(0, 'x'), (960, 'x')]
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from engine.api.errors import BadFileError
from engine.formats.patterns import pattern_text
from engine.music.drumkit import DrumVoice
from engine.music.errors import MusicError
from engine.music.section import SectionKind
from engine.music.timemap import Metre

PATTERNS = Path(__file__).parents[2] / "assets" / "patterns"
ANY = "any"
FEELS = ("straight", "swing", "shuffle", "half-time", "double-time", "laid-back", "pushed")
COMPING_INSTRUMENTS = (
    "piano",
    "epiano",
    "nylon",
    "steel",
    "clean",
    "overdriven",
    "organ",
    "vibes",
    "saw",
    "square",
    "fantasia",
    "pizzicato",
)
PAD_INSTRUMENTS = ("strings", "choir", "warm", "synth", "organ", "brass", "fantasia", "pizzicato")
MOST_BARS = 8


class Part(StrEnum):
    """The folders of the library."""

    DRUMS = "drums"
    BASS = "bass"
    COMPING = "comping"
    PADS = "pads"


class Entry(StrEnum):
    """What an entry is for: a groove goes round and round; the others happen once, before a new section."""

    GROOVE = "groove"
    FILL = "fill"
    BUILD = "build"
    STOP = "stop"


class Loudness(IntEnum):
    SOFT = 0
    PLAIN = 1
    ACCENT = 2


@dataclass(frozen=True, slots=True)
class Step:
    """One stroke, note or chord. `duration_ticks` may reach into the next bar.

    `symbol` is the letter or degree of the README without its octave marks; `octave` counts them.
    """

    start_ticks: int
    duration_ticks: int
    symbol: str
    octave: int = 0
    loudness: Loudness = Loudness.PLAIN

    @property
    def end_ticks(self) -> int:
        return self.start_ticks + self.duration_ticks


@dataclass(frozen=True, slots=True)
class Voice:
    """One line. `held_in_ticks`: how long the last note of the pattern sounds on when it comes round."""

    name: str
    bars: tuple[tuple[Step, ...], ...]
    held_in_ticks: int = 0


@dataclass(frozen=True, slots=True)
class PartPattern:
    """An entry of the library. `sections` is empty for `any`; `feel` is empty where the style's own holds.

    `tempo_bpm`: between which tempos it lives, where the style's own range is too wide for it.
    `pulses_ticks` are the felt beats of its first bar, which tell 2+2+3 from 3+2+2 in an odd metre.
    """

    part: Part
    style: str
    entry: Entry
    sections: frozenset[SectionKind]
    metre: Metre
    intensity: int
    voices: tuple[Voice, ...]
    pulses_ticks: tuple[int, ...]
    line: int
    feel: str = ""
    instruments: tuple[str, ...] = ()
    title: str = ""
    tempo_bpm: tuple[int, int] | None = None

    @property
    def bars(self) -> int:
        return len(self.voices[0].bars)

    @property
    def key(self) -> str:
        """A name that is this entry's alone: `funk/12`."""
        return f"{self.style}/{self.line}"

    def suits(self, section: SectionKind) -> bool:
        """Whether it is written for this kind of section, or for any."""
        return not self.sections or section in self.sections

    def voice(self, name: str) -> Voice | None:
        return next((voice for voice in self.voices if voice.name == name), None)


class _PatternError(ValueError):
    """What is wrong inside one entry, and in which line if it is not the head; the reader adds the file."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.line = line


_LOUDNESS = {"o": Loudness.SOFT, "x": Loudness.PLAIN, "X": Loudness.ACCENT, "c": Loudness.SOFT}
_SYMBOL = {
    Part.DRUMS: re.compile(r"[xXo.-]"),
    Part.BASS: re.compile(r"[b#]?[1-8][',]*|[aw][',]*|[x.-]"),
    Part.COMPING: re.compile(r"[CcSLHDUm1-6.-]"),
    Part.PADS: re.compile(r"[CcSLH1-6.-]"),
}
_STEPS = {False: (1, 2, 3, 4, 6, 8, 12), True: (1, 2, 3, 4, 6, 12)}
"""Into how many steps a pulse may be shared, in simple and in compound metres."""
_TEMPO = re.compile(r"(\d{2,3})-(\d{2,3})")
_ACCENTS = re.compile(r"[xXo.-]")
ACCENT_LINE = "accent"
"""A line of x, X and o that says how loud the steps of the other lines are."""


def part_patterns(part: Part, style: str | None = None, folder: Path = PATTERNS) -> tuple[PartPattern, ...]:
    """The entries of one style, or of all. Raises BadFileError."""
    names = part_styles(part, folder) if style is None else (style,)
    return tuple(entry for name in names for entry in _read_file(folder / part / f"{name}.txt", part))


def part_styles(part: Part, folder: Path = PATTERNS) -> tuple[str, ...]:
    """The styles that have a file for this part."""
    return tuple(sorted(path.stem for path in (folder / part).glob("*.txt")))


@lru_cache(maxsize=256)
def _read_file(path: Path, part: Part) -> tuple[PartPattern, ...]:
    if not path.is_file():
        return ()
    return read_part_patterns(pattern_text(path), part, path.stem, path.name)


def read_part_patterns(text: str, part: Part, style: str = "", name: str = "text") -> tuple[PartPattern, ...]:
    """Every entry of a file's text, in order. Raises BadFileError with name and line."""
    found = []
    for number, head, lines in _entries(text, name):
        try:
            found.append(_entry(part, style, number, head, lines))
        except (_PatternError, MusicError) as error:
            line = getattr(error, "line", 0) or number
            raise BadFileError(f"{name}, line {line}: {str(error).rstrip('.')}.") from error
    return tuple(found)


_Lines = list[tuple[int, str]]


def _entries(text: str, name: str) -> Iterator[tuple[int, str, _Lines]]:
    """Line number and head of each entry, and its numbered lines, which are those that begin with space."""
    entry: tuple[int, str, _Lines] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if not raw[0].isspace():
            if entry:
                yield entry
            entry = (number, line, [])
        elif entry is None:
            raise BadFileError(f"{name}, line {number}: a line of steps needs a head before it.")
        else:
            entry[2].append((number, line))
    if entry:
        yield entry


def _entry(part: Part, style: str, number: int, head: str, lines: _Lines) -> PartPattern:
    words, _, title = head.partition(":")
    entry, sections, metre, intensity, rest = _head(part, words.split())
    feel, instruments, tempo = _qualities(part, rest)
    if not lines:
        raise _PatternError("an entry has at least one line of steps")
    voices, pulses = _voices(part, metre, lines)
    title = title.strip().strip('"“”')
    return PartPattern(
        part,
        style,
        entry,
        sections,
        metre,
        intensity,
        voices,
        pulses,
        number,
        feel,
        instruments,
        title,
        tempo,
    )


_Head = tuple[Entry, frozenset[SectionKind], Metre, int, list[str]]


def _head(part: Part, words: list[str]) -> _Head:
    if len(words) < 3:
        raise _PatternError("a head is SECTIONS METRE INTENSITY, words about it, a colon and a title")
    kinds, metre, intensity, *rest = words
    if intensity not in ("1", "2", "3"):
        raise _PatternError(f"“{intensity}” is no intensity; there are 1, 2 and 3")
    if kinds in set(Entry) - {Entry.GROOVE} and part is Part.DRUMS:
        return Entry(kinds), frozenset(), _metre(metre), int(intensity), rest
    return Entry.GROOVE, _sections(kinds), _metre(metre), int(intensity), rest


def _sections(text: str) -> frozenset[SectionKind]:
    if text == ANY:
        return frozenset()
    unknown = set(text.split(",")) - set(SectionKind)
    if unknown:
        known = ", ".join((ANY, *SectionKind))
        raise _PatternError(f"“{sorted(unknown)[0]}” is no kind of section; there are {known}")
    return frozenset(map(SectionKind, text.split(",")))


def _metre(text: str) -> Metre:
    numerator, _, denominator = text.partition("/")
    if not (numerator.isdigit() and denominator.isdigit()):
        raise _PatternError(f"“{text}” is no metre")
    return Metre(int(numerator), int(denominator))


_Qualities = tuple[str, tuple[str, ...], tuple[int, int] | None]


def _qualities(part: Part, words: list[str]) -> _Qualities:
    """The feel word, the instruments and the tempo range of a head, in any order."""
    known = {Part.COMPING: COMPING_INSTRUMENTS, Part.PADS: PAD_INSTRUMENTS}.get(part, ())
    feel = ""
    instruments: tuple[str, ...] = ()
    tempo: tuple[int, int] | None = None
    for word in words:
        if word in FEELS and not feel:
            feel = word
        elif set(word.split(",")) <= set(known) and not instruments:
            instruments = tuple(word.split(","))
        elif (found := _TEMPO.fullmatch(word)) and not tempo:
            tempo = (int(found[1]), int(found[2]))
        else:
            allowed = ", ".join((*FEELS, *known))
            raise _PatternError(f"“{word}” is neither a feel nor an instrument; there are {allowed}")
    if part is Part.COMPING and not instruments:
        raise _PatternError("a comping entry names its instruments, for example piano,epiano")
    return feel, instruments, tempo


def _voices(part: Part, metre: Metre, lines: _Lines) -> tuple[tuple[Voice, ...], tuple[int, ...]]:
    read = [(number, *_line(part, metre, number, line)) for number, line in lines]
    bars = max(len(grid) for _, _, grid in read)
    pulses = tuple(pulse.ticks for pulse in read[0][2][0])
    for number, name, grid in read:
        if bars % len(grid):
            raise _PatternError(f"“{name}” has {len(grid)} bars where the entry has {bars}", number)
        if [p.ticks for p in grid[0]] != list(pulses):
            raise _PatternError(f"“{name}” divides the bar otherwise than the first line", number)
        if [n for _, n, _ in read].count(name) > 1:
            raise _PatternError(f"there are two lines “{name}”", number)
    accents = next((grid for _, name, grid in read if name == ACCENT_LINE), None)
    voices = [
        _voice(name, grid * (bars // len(grid)), number) for number, name, grid in read if name != ACCENT_LINE
    ]
    if accents:
        loud = _loudness_at(accents * (bars // len(accents)))
        voices = [_accented(voice, loud) for voice in voices]
    if not any(bar for voice in voices for bar in voice.bars):
        raise _PatternError("nothing is played")
    return tuple(voices), pulses


@dataclass(frozen=True, slots=True)
class _Pulse:
    """One group of steps: how long it is, and what stands in it."""

    ticks: int
    symbols: tuple[str, ...]


_Grid = list[list[_Pulse]]


def _line(part: Part, metre: Metre, number: int, line: str) -> tuple[str, _Grid]:
    """The name of a voice and its bars of pulses."""
    name, _, steps = line.partition(" ")
    if part is Part.DRUMS and name not in set(DrumVoice):
        raise _PatternError(f"“{name}” is no drum; there are {', '.join(DrumVoice)}", number)
    symbol = _ACCENTS if name == ACCENT_LINE else _SYMBOL[part]
    grid: _Grid = []
    for cell in steps.strip().strip("|").split("|"):
        if cell.strip() == "%" and grid:
            grid.append(grid[-1])
            continue
        groups = [_symbols(group, symbol, number) for group in cell.split()]
        grid.append(_pulses(metre, groups, number))
    if len(grid) > MOST_BARS:
        raise _PatternError(f"an entry has at most {MOST_BARS} bars", number)
    return name, grid


def _symbols(group: str, symbol: re.Pattern[str], number: int) -> tuple[str, ...]:
    found = tuple(symbol.findall(group))
    if "".join(found) != group:
        wrong = re.sub(symbol, "", group)
        raise _PatternError(f"“{wrong}” of “{group}” is not a step of this part", number)
    return found


def _pulses(metre: Metre, groups: Sequence[tuple[str, ...]], number: int) -> list[_Pulse]:
    """The bar's groups with their lengths: pulses of the metre, or the groups an odd metre is written in."""
    if metre.denominator >= 8 and not metre.is_compound:
        return _odd_pulses(metre, groups, number)
    wanted = metre.bar_ticks // metre.pulse_ticks
    if len(groups) != wanted:
        raise _PatternError(f"a bar of {metre.name} has {wanted} groups of steps, not {len(groups)}", number)
    for group in groups:
        if len(group) not in _STEPS[metre.is_compound]:
            raise _PatternError(f"{len(group)} steps do not share a beat of {metre.name}", number)
    return [_Pulse(metre.pulse_ticks, group) for group in groups]


def _odd_pulses(metre: Metre, groups: Sequence[tuple[str, ...]], number: int) -> list[_Pulse]:
    """5/8, 7/8, 11/8: all steps are alike, written beats or halves of them."""
    steps = sum(map(len, groups))
    fine, remainder = divmod(steps, metre.numerator)
    if remainder or fine not in (1, 2):
        raise _PatternError(
            f"a bar of {metre.name} has {metre.numerator} or {2 * metre.numerator} steps, not {steps}", number
        )
    length = metre.beat_ticks // fine
    return [_Pulse(length * len(group), group) for group in groups]


def _voice(name: str, grid: _Grid, number: int) -> Voice:
    """Steps from symbols; a hold lengthens what sounds, over bar lines and round the pattern's end."""
    bars: list[list[Step]] = []
    held_in, sounding, is_first = 0, False, True
    for bar in grid:
        bars.append([])
        for start, length, symbol in _placed(bar):
            if symbol == "-" and sounding:
                _lengthen(bars, length)
            elif symbol == "-" and is_first:
                held_in += length
            elif symbol == "-":
                raise _PatternError("nothing sounds that “-” could hold", number)
            else:
                sounding, is_first = symbol != ".", False
                if sounding:
                    bars[-1].append(_step(start, length, symbol))
    if held_in and not sounding:
        raise _PatternError("“-” at the beginning holds the last note, but the pattern ends silent", number)
    if held_in:
        _lengthen(bars, held_in)
    return Voice(name, tuple(map(tuple, bars)), held_in)


def _placed(bar: Sequence[_Pulse]) -> Iterator[tuple[int, int, str]]:
    """Start, length and symbol of every step of a bar."""
    for pulse, start in zip(bar, accumulate((p.ticks for p in bar), initial=0), strict=False):
        length = pulse.ticks // len(pulse.symbols)
        for place, symbol in enumerate(pulse.symbols):
            yield start + place * length, length, symbol


def _lengthen(bars: list[list[Step]], by_ticks: int) -> None:
    """The last step that was played sounds on."""
    bar = next(bar for bar in reversed(bars) if bar)
    bar[-1] = replace(bar[-1], duration_ticks=bar[-1].duration_ticks + by_ticks)


def _step(start: int, length: int, text: str) -> Step:
    symbol = text.rstrip("',")
    marks = text[len(symbol) :]
    octave = marks.count("'") - marks.count(",")
    return Step(start, length, symbol, octave, _LOUDNESS.get(symbol, Loudness.PLAIN))


def _loudness_at(grid: _Grid) -> list[dict[int, Loudness]]:
    return [{start: _LOUDNESS[s] for start, _, s in _placed(bar) if s in _LOUDNESS} for bar in grid]


def _accented(voice: Voice, loud: list[dict[int, Loudness]]) -> Voice:
    bars = (
        tuple(replace(step, loudness=at.get(step.start_ticks, step.loudness)) for step in bar)
        for bar, at in zip(voice.bars, loud, strict=True)
    )
    return replace(voice, bars=tuple(bars))
