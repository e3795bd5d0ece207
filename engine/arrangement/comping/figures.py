"""Which rhythm do the chords have, bar by bar: a figure of the style, or the artist's own?

A Figure is a few bars of strokes for one or more lines (left and right hand, thumb and fingers), from
assets/patterns/comping and pads. Times are ticks from the start of a bar; figures of another metre are recast
pulse by pulse.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.arrangement.bass.figures import Bar, felt_pulses, recast
from engine.formats.partpatterns import Loudness, Part, PartPattern, Step, part_patterns
from engine.music import Metre
from engine.music.section import SectionKind

_FALLBACK = "pop"
_STRUMS = frozenset("DU")
_TONES = frozenset("123456")


@dataclass(frozen=True, slots=True)
class Line:
    """One hand, thumb or section. `held_in_ticks`: how long its last step sounds into the next round."""

    name: str
    bars: tuple[Bar, ...]
    held_in_ticks: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """Some bars of one metre. `key` names where it comes from; `sections` is empty for any."""

    key: str
    title: str
    lines: tuple[Line, ...]
    metre: Metre
    intensity: int = 2
    sections: frozenset[SectionKind] = frozenset()
    feel: str = ""
    instruments: tuple[str, ...] = ()

    @property
    def bars(self) -> int:
        return max(len(line.bars) for line in self.lines)

    @property
    def symbols(self) -> frozenset[str]:
        return frozenset(step.symbol for line in self.lines for bar in line.bars for step in bar)

    @property
    def strums(self) -> bool:
        return bool(self.symbols & _STRUMS)

    @property
    def picks(self) -> bool:
        """Whether it plays the chord's tones one by one."""
        return bool(self.symbols & _TONES)

    def has_low_line_beside(self, number: int) -> bool:
        """Whether another line than this one plays low notes."""
        others = [line for place, line in enumerate(self.lines) if place != number]
        return any(step.symbol == "L" for line in others for bar in line.bars for step in bar)

    @property
    def onsets(self) -> tuple[frozenset[int], ...]:
        """Ticks of each bar at which something is struck."""
        return tuple(
            frozenset(s.start_ticks for line in self.lines for s in line.bars[bar % len(line.bars)])
            for bar in range(self.bars)
        )

    @property
    def density(self) -> float:
        """Onsets a felt beat."""
        pulses = max(1, len(felt_pulses(self.metre)))
        return sum(map(len, self.onsets)) / (self.bars * pulses)

    @property
    def syncopation(self) -> float:
        """Share of strokes off the beat that sound over the next one."""
        pulse = self.metre.pulse_ticks
        steps = [step for line in self.lines for bar in line.bars for step in bar]
        over = [
            s for s in steps if s.start_ticks % pulse and s.end_ticks > s.start_ticks // pulse * pulse + pulse
        ]
        return len(over) / max(1, len(steps))


@lru_cache(maxsize=512)
def figures_for(part: Part, style: str, metre: Metre, instrument: str = "") -> tuple[Figure, ...]:
    """The style's figures for the instrument (or for any) in this metre; recast from the nearest metre, and
    taken from a neighbouring instrument or style, where the style has none."""
    own = part_patterns(part, style) or part_patterns(part, _FALLBACK)
    fitting = [p for p in own if not p.instruments or instrument in p.instruments] or list(own)
    found = [pattern for pattern in fitting if pattern.metre == metre]
    if not found and any(pattern.metre == metre for pattern in own):
        found = [pattern for pattern in own if pattern.metre == metre]
    if not found:
        nearest = min((pattern.metre for pattern in fitting), key=lambda other: _strangeness(other, metre))
        found = [pattern for pattern in fitting if pattern.metre == nearest]
    return tuple(_figure(pattern, metre) for pattern in found)


def _strangeness(metre: Metre, wanted: Metre) -> tuple[bool, int]:
    pulses = len(felt_pulses(metre)) - len(felt_pulses(wanted))
    return metre.is_compound != wanted.is_compound, abs(pulses)


def _figure(pattern: PartPattern, metre: Metre) -> Figure:
    lines = []
    for voice in pattern.voices:
        bars, held_in = voice.bars, voice.held_in_ticks
        if pattern.metre != metre:
            bars, held_in = recast(bars, pattern.pulses_ticks, felt_pulses(metre)), 0
        lines.append(Line(voice.name, bars, held_in))
    return Figure(
        pattern.key,
        pattern.title,
        tuple(lines),
        metre,
        pattern.intensity,
        pattern.sections,
        pattern.feel,
        pattern.instruments,
    )


def held_figure(metre: Metre) -> Figure:
    """The chord, as long as it lasts."""
    step = Step(0, metre.bar_ticks, "C", 0, Loudness.PLAIN)
    return Figure("held", "One chord, held", (Line("hands", ((step,),)),), metre, 1)


def alikeness(one: Figure, others: Collection[Figure]) -> float:
    """How much of the figure's rhythm the most similar of the others shares, 0-1."""
    return max(
        (_shared(one.onsets, other.onsets) for other in others if other.metre == one.metre), default=0.0
    )


def _shared(one: Sequence[frozenset[int]], other: Sequence[frozenset[int]]) -> float:
    pairs = [(one[bar % len(one)], other[bar % len(other)]) for bar in range(max(len(one), len(other)))]
    together = sum(len(mine | theirs) for mine, theirs in pairs)
    return sum(len(mine & theirs) for mine, theirs in pairs) / max(1, together)
