"""On which beats may chords change, and how much does a note in the bar weigh?

Bars fall in classes by their pulses; a pattern has one bit a pulse (bit 0: the downbeat) and says where
chords begin.
Metres of other counts (5/4, 7/8) are cut in two felt groups, the longer first.
"""

from collections.abc import Iterable
from enum import IntEnum

from engine.music import TICKS_PER_QUARTER, Metre


class MetreClass(IntEnum):
    QUADRUPLE = 0
    TRIPLE = 1
    DUPLE = 2
    OTHER = 3


def metre_class(metre: Metre) -> MetreClass:
    """4/4, 12/8 are quadruple; 3/4, 9/8 triple; 2/4, 2/2, 6/8 duple; the rest other."""
    pulses = metre.bar_ticks // metre.pulse_ticks
    if metre.numerator == 2 and metre.denominator == 2:
        return MetreClass.QUADRUPLE
    by_pulses = {4: MetreClass.QUADRUPLE, 3: MetreClass.TRIPLE, 2: MetreClass.DUPLE}
    return by_pulses.get(pulses, MetreClass.OTHER)


def pulse_offsets(metre: Metre) -> tuple[int, ...]:
    """Ticks in the bar at which a chord may begin, at most four, the downbeat first."""
    kind = metre_class(metre)
    if kind is MetreClass.OTHER:
        beats = metre.numerator
        first = {5: 3, 7: 4, 8: 4, 10: 6, 11: 6}.get(beats, (beats + 1) // 2)
        return (0, first * metre.beat_ticks) if beats > 1 else (0,)
    count = {MetreClass.QUADRUPLE: 4, MetreClass.TRIPLE: 3, MetreClass.DUPLE: 2}[kind]
    return tuple(metre.bar_ticks * place // count for place in range(count))


def change_pattern(offsets: Iterable[int], metre: Metre) -> int:
    """The bits of the pulses nearest to the given offsets (ticks in the bar)."""
    pulses = pulse_offsets(metre)
    pattern = 0
    for offset in offsets:
        nearest = min(range(len(pulses)), key=lambda place: abs(pulses[place] - offset))
        pattern |= 1 << nearest
    return pattern


def pattern_offsets(pattern: int, metre: Metre) -> tuple[int, ...]:
    """The inverse: ticks in the bar at which the pattern's chords begin."""
    return tuple(offset for place, offset in enumerate(pulse_offsets(metre)) if pattern >> place & 1)


def note_weight_class(offset: int, duration_ticks: int, metre: Metre) -> int:
    """0 strong or long, 1 on a pulse, 2 passing: how much a note tells about its chord."""
    strong = offset in metre.strong_offsets
    long = duration_ticks >= 2 * min(metre.pulse_ticks, TICKS_PER_QUARTER)
    on_pulse = offset % metre.pulse_ticks == 0
    if (strong and duration_ticks >= TICKS_PER_QUARTER // 2) or long:
        return 0
    return 1 if on_pulse or duration_ticks >= TICKS_PER_QUARTER else 2
