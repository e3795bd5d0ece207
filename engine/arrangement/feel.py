"""How does the artist play: how densely, how much against the beat, how high, how swung, how loud?

Measured on what the artist brought, so that parts written beside it share its manner. Shares are 0-1.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from engine.music import Note, TimeMap

_JITTER_TICKS = 30


@dataclass(frozen=True, slots=True)
class Feel:
    """What a sketch sounds like as a player hears it.

    `density`: onsets a felt beat (None: nothing to measure). `syncopation`: share of onsets off the beat that
    sound over the next beat. `low`, `high`, `middle`: pitches. `swing`: share of a pair its first note takes,
    None when there is too little to tell. `loudness`: median velocity.
    """

    density: float | None = None
    syncopation: float | None = None
    low: int = 60
    high: int = 79
    middle: int = 69
    swing: float | None = None
    loudness: int = 80


def feel_of(notes: Sequence[Note], time_map: TimeMap) -> Feel:
    """The manner of a line of notes, sorted by start."""
    if not notes:
        return Feel()
    onsets = sorted({note.start_ticks for note in notes})
    pitches = sorted(note.pitch for note in notes)
    edge = len(pitches) // 50
    return Feel(
        _density(onsets, time_map),
        syncopated_share(notes, time_map),
        pitches[edge],
        pitches[-1 - edge],
        round(median(pitches)),
        _swing(onsets, time_map),
        round(median(note.velocity for note in notes)),
    )


def _density(onsets: Sequence[int], time_map: TimeMap) -> float:
    """Onsets a felt beat in the bars that have any."""
    bars: dict[int, int] = {}
    for tick in onsets:
        bar = time_map.bar_of(tick)
        bars[bar] = bars.get(bar, 0) + 1
    beats = [time_map.bar_ticks(bar) / time_map.metre_at(time_map.bar_start(bar)).pulse_ticks for bar in bars]
    return sum(bars.values()) / max(1.0, sum(beats))


def syncopated_share(notes: Sequence[Note], time_map: TimeMap) -> float | None:
    """Share of notes that begin off the beat and sound over the next one (Longuet-Higgins and Lee, 1984)."""
    found = [_is_syncopated(note, time_map) for note in notes]
    return fmean(found) if found else None


def _is_syncopated(note: Note, time_map: TimeMap) -> bool:
    pulse = time_map.metre_at(note.start_ticks).pulse_ticks
    into = time_map.metrical_offset(note.start_ticks) % pulse
    if min(into, pulse - into) <= _JITTER_TICKS:
        return False
    return note.end_ticks - _JITTER_TICKS > note.start_ticks - into + pulse


def _swing(onsets: Sequence[int], time_map: TimeMap) -> float | None:
    """Where between two beats the off-beat eighth lies; None from fewer than eight of them."""
    places = []
    for tick in onsets:
        metre = time_map.metre_at(tick)
        if not metre.is_compound and metre.denominator == 4:
            places.append(time_map.metrical_offset(tick) % 480)
    offbeats = [place for place in places if 200 <= place <= 345]  # 360 is a dotted eighth, not swing
    if len(offbeats) < 8:
        return None
    ratio = median(offbeats) / 480
    return round(min(0.75, ratio), 2) if ratio > 0.54 else 0.5


def gaps_between(notes: Sequence[Note], start: int, end: int, shortest: int) -> tuple[tuple[int, int], ...]:
    """Stretches of at least `shortest` ticks in which none of the notes sounds."""
    gaps, free = [], start
    for note in sorted(notes, key=lambda n: n.start_ticks):
        if note.start_ticks - free >= shortest:
            gaps.append((free, min(note.start_ticks, end)))
        free = max(free, note.end_ticks)
    if end - free >= shortest:
        gaps.append((free, end))
    return tuple(gap for gap in gaps if gap[1] > gap[0])


def sounding_at(notes: Sequence[Note], tick: int) -> tuple[Note, ...]:
    """The notes of a line (sorted by start) that sound at the tick."""
    last = bisect_left(notes, tick + 1, key=lambda note: note.start_ticks)
    return tuple(note for note in notes[max(0, last - 12) : last] if note.end_ticks > tick)
