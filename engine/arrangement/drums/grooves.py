"""Which grooves, fills, builds and stops does a style have in this metre?

What the library has (assets/patterns/drums) is taken as written. A metre no pattern has is laid out by rule:
its beats are grouped in twos and threes, each beat is a down or a back beat and takes that beat of a pattern
of the style; the third beat of a three, and the rest of a long beat, keep time only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise

from engine.formats.partpatterns import Entry, Loudness, Part, PartPattern, part_patterns
from engine.music import Metre
from engine.music.drumkit import DrumVoice

BACKS = frozenset({DrumVoice.SNARE, DrumVoice.RIM, DrumVoice.CLAP})
_NOT_TIME = BACKS | {
    DrumVoice.KICK,
    DrumVoice.CRASH,
    DrumVoice.CRASH2,
    DrumVoice.CHINA,
    DrumVoice.TOM1,
    DrumVoice.TOM2,
    DrumVoice.TOM3,
}
USUAL_STYLE = "pop"
_ENOUGH = 4
"""So many written grooves give takes that differ; where there are fewer, those laid out by rule join them."""
PACED_FEELS = ("half-time", "double-time")


@dataclass(frozen=True, slots=True)
class Hit:
    """A stroke as written: ticks after the bar line, before swing."""

    into: int
    voice: DrumVoice
    loudness: Loudness

    @property
    def is_triplet(self) -> bool:
        return self.into % 60 != 0


@dataclass(frozen=True, slots=True)
class Groove:
    """A pattern in a metre; `is_derived`: laid out by rule, in beats of `pulses_ticks`."""

    pattern: PartPattern
    metre: Metre
    bars: tuple[tuple[Hit, ...], ...]
    pulses_ticks: tuple[int, ...]
    is_derived: bool = False

    @property
    def key(self) -> str:
        return self.pattern.key

    @property
    def title(self) -> str:
        return self.pattern.title or self.pattern.key

    @property
    def kicks(self) -> tuple[frozenset[int], ...]:
        """Where the bass drum sounds, bar by bar."""
        return tuple(frozenset(hit.into for hit in bar if hit.voice is DrumVoice.KICK) for bar in self.bars)

    @property
    def is_four_on_the_floor(self) -> bool:
        beats = set(accumulate(self.pulses_ticks[:-1], initial=0))
        return len(beats) > 2 and all(beats <= kicks for kicks in self.kicks)

    @property
    def shortest_ticks(self) -> int:
        """The shortest time between two strokes of one drum or cymbal."""
        gaps = [1920]
        for voice in {hit.voice for bar in self.bars for hit in bar}:
            for bar in self.bars:
                places = sorted(hit.into for hit in bar if hit.voice is voice)
                gaps += [b - a for a, b in pairwise(places)]
        return min(gaps)

    @property
    def strokes_a_beat(self) -> float:
        return sum(map(len, self.bars)) / (len(self.bars) * len(self.pulses_ticks))


@lru_cache(maxsize=512)
def grooves_for(style: str, metre: Metre, entry: Entry = Entry.GROOVE) -> tuple[Groove, ...]:
    """What the style has for this metre, by rule where little is written; never empty for a groove."""
    own = [p for p in part_patterns(Part.DRUMS, style) if p.entry is entry]
    written = tuple(_as_written(p, metre) for p in own if _is_same(p.metre, metre))
    if len(written) >= _ENOUGH or (written and entry is not Entry.GROOVE):
        return written
    others = [p for p in own if not _is_same(p.metre, metre)]
    sources = _nearest_metre([p for p in others if p.feel not in PACED_FEELS] or others, metre)
    if not sources and not written and entry is Entry.GROOVE and style != USUAL_STYLE:
        return grooves_for(USUAL_STYLE, metre, entry)
    return (*written, *(_derived(p, metre) for p in sources))


def _is_same(one: Metre, other: Metre) -> bool:
    """Whether bars of both are filled alike: 2/2 as 4/4, but 6/8 not as 3/4."""
    return (
        one.bar_ticks == other.bar_ticks
        and one.is_compound == other.is_compound
        and (one.denominator < 8) == (other.denominator < 8)
    )


def _as_written(pattern: PartPattern, metre: Metre) -> Groove:
    bars = tuple(tuple(_hits(pattern, bar)) for bar in range(pattern.bars))
    return Groove(pattern, metre, bars, pattern.pulses_ticks)


def _hits(pattern: PartPattern, bar: int) -> Iterator[Hit]:
    for voice in pattern.voices:
        for step in voice.bars[bar]:
            yield Hit(step.start_ticks, DrumVoice(voice.name), step.loudness)


def _nearest_metre(patterns: Sequence[PartPattern], metre: Metre) -> list[PartPattern]:
    """Those to lay the metre out from: compound from compound, else of four beats, else what there is."""
    chosen: list[PartPattern] = []
    for is_compound in (metre.is_compound, not metre.is_compound):
        alike = [p for p in patterns if p.metre.is_compound == is_compound]
        in_four = [p for p in alike if len(p.pulses_ticks) == 4]
        if len(chosen) < _ENOUGH:
            chosen += in_four or [p for p in alike if p.metre == alike[0].metre]
    return chosen


def pulses_of(metre: Metre) -> tuple[int, ...]:
    """The felt beats of a bar in ticks: twos and threes of written beats where the metre is odd.

    >>> pulses_of(Metre(7, 8)), pulses_of(Metre(5, 4))
    ((480, 480, 720), (480, 480, 480, 480, 480))
    """
    if metre.is_compound or metre.denominator < 8:
        return (metre.pulse_ticks,) * (metre.bar_ticks // metre.pulse_ticks)
    return tuple(metre.beat_ticks * size for size in groups(metre.numerator))


def groups(count: int) -> tuple[int, ...]:
    """Twos with one three at the end if the count is odd; 5 is three and two, 8 three, three, two.

    >>> groups(7), groups(5), groups(11), groups(1)
    ((2, 2, 3), (3, 2), (2, 2, 2, 2, 3), (1,))
    """
    if count in (1, 3):
        return (count,)
    if count == 5:
        return (3, 2)
    if count == 8:
        return (3, 3, 2)
    return (2,) * (count // 2 - count % 2) + (3,) * (count % 2)


def _roles(metre: Metre, pulses: Sequence[int]) -> list[str]:
    """`down`, `back` or `time` for each beat of the bar."""
    if metre.denominator >= 8:
        return ["down" if place % 2 == 0 else "back" for place in range(len(pulses))]
    found: list[str] = []
    for size in groups(len(pulses)):
        found += ["down", "back", "time"][:size]
    return found


def _derived(pattern: PartPattern, metre: Metre) -> Groove:
    pulses = pulses_of(metre)
    roles = _roles(metre, pulses)
    bars = tuple(tuple(_laid(pattern, bar, roles, pulses)) for bar in range(pattern.bars))
    return Groove(pattern, metre, bars, pulses, is_derived=True)


def _laid(pattern: PartPattern, bar: int, roles: Sequence[str], pulses: Sequence[int]) -> Iterator[Hit]:
    """One bar of the pattern's beats in the order of the roles."""
    starts = list(accumulate(pattern.pulses_ticks, initial=0))
    beats = [
        [replace(h, into=h.into - start) for h in _hits(pattern, bar) if start <= h.into < end]
        for start, end in pairwise(starts)
    ]
    counts = {"down": 0, "back": 0, "time": 0}
    sources = {"down": beats[::2], "back": beats[1::2] or beats, "time": beats}
    for role, start, length in zip(roles, accumulate(pulses, initial=0), pulses, strict=False):
        choice = sources[role]
        beat = choice[counts[role] % len(choice)]
        counts[role] += 1
        for hit in _stretched(beat, pattern.pulses_ticks[0], length):
            if role != "time" or hit.voice not in _NOT_TIME:
                yield replace(hit, into=start + hit.into)
    if len(set(pulses)) > 1 and roles[-1] == "down" and len(beats) > 1:
        yield from _closing_back(beats[1], sum(pulses) - pulses[-1] // 3)


def _closing_back(beat: Sequence[Hit], into: int) -> Iterator[Hit]:
    """The backbeat on the last third of a long last beat, as in two, two, three."""
    yield from (replace(hit, into=into) for hit in beat if hit.into == 0 and hit.voice in BACKS)


def _stretched(beat: Sequence[Hit], source: int, length: int) -> Iterator[Hit]:
    """A beat in another length: a quarter in a dotted one goes on with time only; two become three."""
    if length * 2 == source * 3:
        yield from beat
        yield from (
            replace(hit, into=hit.into + source)
            for hit in beat
            if hit.into < source // 2 and hit.voice not in _NOT_TIME
        )
        return
    for hit in beat:
        yield replace(hit, into=hit.into * length // source)
