"""Which rhythm does the bass play, bar by bar: a figure of the style, the artist's own, or the kick's?

A Figure is some bars of steps, degrees of the chord rather than pitches (assets/patterns/bass). Figures of
another metre are recast pulse by pulse. Times are ticks from the start of a bar.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from engine.formats.partpatterns import Part, PartPattern, Step, part_patterns
from engine.music import Metre
from engine.music.section import SectionKind

Bar = tuple[Step, ...]
_FALLBACK = "pop"
_ENOUGH = 8  # figures of a metre among which takes can differ
_ODD = {5: (3, 2), 7: (2, 2, 3), 11: (2, 2, 3, 2, 2), 13: (2, 2, 2, 2, 2, 3)}
# Where the places of a plain beat lie in a beat of three, and the other way round.
_LILT = {0: 0, 80: 120, 120: 240, 160: 240, 240: 480, 320: 480, 360: 600, 400: 600}
_PLAIN = {0: 0, 120: 120, 240: 120, 360: 240, 480: 240, 600: 360}


@dataclass(frozen=True, slots=True)
class Figure:
    """Some bars of one metre. `key` names where it comes from; `sections` is empty for any."""

    key: str
    title: str
    bars: tuple[Bar, ...]
    metre: Metre
    intensity: int = 2
    sections: frozenset[SectionKind] = frozenset()
    feel: str = ""
    is_recast: bool = False

    @property
    def walks(self) -> bool:
        """Whether the line is to be found note by note."""
        return any(step.symbol == "w" for bar in self.bars for step in bar)

    @property
    def leads(self) -> bool:
        """Whether it has notes that lead into the next root."""
        return any(step.symbol in ("a", "w") for bar in self.bars for step in bar)

    @property
    def density(self) -> float:
        """Notes a felt beat."""
        pulses = self.metre.bar_ticks / self.metre.pulse_ticks
        return sum(len(bar) for bar in self.bars) / (len(self.bars) * pulses)

    @property
    def syncopation(self) -> float:
        """Share of notes off the beat that sound over the next one."""
        pulse = self.metre.pulse_ticks
        steps = [step for bar in self.bars for step in bar]
        off = [
            s for s in steps if s.start_ticks % pulse and s.end_ticks > s.start_ticks // pulse * pulse + pulse
        ]
        return len(off) / max(1, len(steps))

    def onsets(self, bar: int) -> frozenset[int]:
        """Ticks at which notes begin in a bar, dead notes left out."""
        return frozenset(s.start_ticks for s in self.bars[bar % len(self.bars)] if s.symbol != "x")


@lru_cache(maxsize=256)
def figures_for(style: str, metre: Metre) -> tuple[Figure, ...]:
    """The style's figures in this metre; where it has few, those of its nearest metre recast as well."""
    patterns = part_patterns(Part.BASS, style) or part_patterns(Part.BASS, _FALLBACK)
    found = [_figure(pattern, metre) for pattern in patterns if pattern.metre == metre]
    others = sorted({p.metre for p in patterns} - {metre}, key=lambda other: _strangeness(other, metre))
    for other in others:
        if len(found) >= _ENOUGH:
            break
        for pattern in patterns:
            if pattern.metre == other:
                _add_new(found, _figure(pattern, metre))
    return tuple(found)


def _add_new(found: list[Figure], figure: Figure) -> None:
    """Recasting makes some figures equal."""
    if any(figure.bars) and all(figure.bars != other.bars for other in found):
        found.append(figure)


def _strangeness(metre: Metre, wanted: Metre) -> tuple[bool, int, int]:
    pulses = len(felt_pulses(metre)) - len(felt_pulses(wanted))
    return metre.is_compound != wanted.is_compound, abs(pulses), metre.numerator


def _figure(pattern: PartPattern, metre: Metre) -> Figure:
    bars = pattern.voices[0].bars
    if pattern.metre != metre and not _counts_alike(pattern.metre, metre):
        bars = recast(bars, pattern.pulses_ticks, felt_pulses(metre))
    return Figure(
        pattern.key,
        pattern.title or "A figure of the style",
        bars,
        metre,
        pattern.intensity,
        pattern.sections,
        pattern.feel,
        is_recast=pattern.metre != metre,
    )


def _counts_alike(one: Metre, other: Metre) -> bool:
    """4/4 and 2/2 take the same figures."""
    return one.bar_ticks == other.bar_ticks and not one.is_compound and not other.is_compound


def felt_pulses(metre: Metre) -> tuple[int, ...]:
    """Ticks of the beats a player counts: 7/8 is two, two, three.

    >>> felt_pulses(Metre(7, 8)), felt_pulses(Metre(6, 8)), felt_pulses(Metre(5, 4))
    ((480, 480, 720), (720, 720), (480, 480, 480, 480, 480))
    """
    beat, count = metre.beat_ticks, metre.numerator
    if metre.is_compound or metre.denominator < 8:
        return (metre.pulse_ticks,) * (metre.bar_ticks // metre.pulse_ticks)
    groups = _ODD.get(count) or (2,) * (count // 2) + (1,) * (count % 2)
    return tuple(size * beat for size in groups)


def recast(bars: Sequence[Bar], pulses: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[Bar, ...]:
    """The same figure in bars of other pulses: first pulses and last one stay first and last.

    A note that was held until the next one still is.
    """
    chosen = _chosen_pulses(len(pulses), len(wanted))
    starts = [sum(pulses[:place]) for place in range(len(pulses))]
    moved: list[list[tuple[Step, bool]]] = []
    for number, bar in enumerate(bars):
        found: list[tuple[Step, bool]] = []
        now = 0
        for source, length in zip(chosen, wanted, strict=True):
            for step in bar:
                into = step.start_ticks - starts[source]
                if 0 <= into < pulses[source]:
                    place = _moved(into, pulses[source], length)
                    if place < length and not (found and found[-1][0].start_ticks >= now + place):
                        held = _is_held(step, bars, number, sum(pulses))
                        found.append((replace(step, start_ticks=now + place), held))
            now += length
        moved.append(found)
    return _with_lengths(moved, sum(wanted))


def _chosen_pulses(have: int, want: int) -> list[int]:
    if want == 1:
        return [0]
    return [place % have for place in range(want - 1)] + [have - 1]


def _moved(into: int, pulse: int, wanted: int) -> int:
    if (pulse, wanted) == (480, 720):
        return _LILT.get(into, into)
    if (pulse, wanted) == (720, 480):
        return _PLAIN.get(into, into)
    return into if pulse == wanted else into * wanted // pulse // 60 * 60


def _is_held(step: Step, bars: Sequence[Bar], number: int, bar_ticks: int) -> bool:
    """Whether the step sounds until the next onset."""
    bar = bars[number]
    later = next((other.start_ticks for other in bar if other.start_ticks > step.start_ticks), None)
    if later is None:
        following = bars[(number + 1) % len(bars)]
        later = bar_ticks + (following[0].start_ticks if following else bar_ticks)
    return step.end_ticks >= later


def _with_lengths(moved: list[list[tuple[Step, bool]]], bar_ticks: int) -> tuple[Bar, ...]:
    flat = [
        (number * bar_ticks + s.start_ticks, s, held) for number, bar in enumerate(moved) for s, held in bar
    ]
    if not flat:
        return tuple(() for _ in moved)
    ends = [place for place, _, _ in flat[1:]] + [len(moved) * bar_ticks + flat[0][0]]
    bars: list[list[Step]] = [[] for _ in moved]
    for (place, step, held), end in zip(flat, ends, strict=True):
        room = end - place
        bars[place // bar_ticks].append(
            replace(step, duration_ticks=room if held else min(room, step.duration_ticks))
        )
    return tuple(map(tuple, bars))


def kick_figure(
    kicks: Sequence[int], snares: Sequence[int], metre: Metre, leads: bool, has_octaves: bool
) -> Bar:
    """One bar in the rhythm of its kicks (ticks in the bar): long until the next, silent on the backbeat.

    Late kicks answer with the octave where the style has octaves; the last one leads on.
    """
    onsets = [tick for tick in kicks if tick < metre.bar_ticks]
    steps = []
    for place, (start, end) in enumerate(pairwise([*onsets, metre.bar_ticks])):
        backbeat = next((s for s in snares if start + 180 <= s < end), end)
        steps.append(Step(start, min(end, backbeat) - start, _kick_symbol(place)))
    if len(steps) > 1 and leads and steps[-1].start_ticks >= metre.bar_ticks * 5 // 8:
        steps[-1] = replace(steps[-1], symbol="a")
    elif len(steps) > 2 and has_octaves and steps[-1].start_ticks % metre.pulse_ticks:
        steps[-1] = replace(steps[-1], symbol="8")
    return tuple(steps)


def _kick_symbol(place: int) -> str:
    return "5" if place == 3 else "1"


def stepping(pulses: Sequence[int], symbols: Sequence[str]) -> Bar:
    """One bar with a note on every pulse."""
    starts = [sum(pulses[:place]) for place in range(len(pulses))]
    return tuple(Step(a, b, symbol) for a, b, symbol in zip(starts, pulses, symbols, strict=True))
