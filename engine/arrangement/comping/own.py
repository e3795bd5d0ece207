"""In which rhythm does the artist play chords, said as a figure that can be played on other chords?

Bars of the part around the region become strokes: notes that begin together are a chord, a low one alone the
left hand, others single tones of the chord.
"""

from collections.abc import Sequence
from statistics import median

from engine.arrangement.brief import Brief
from engine.arrangement.comping.figures import Figure, Line
from engine.formats.partpatterns import Loudness, Step
from engine.music import Metre, Note

_FAR_BARS = 8
_LONGEST = 4
_TOGETHER_TICKS = 45
_GRID = 60


def own_figure(brief: Brief) -> Figure | None:
    """The part's bars nearest to the region in its metre as a figure; None when there are none near by."""
    metre = brief.bars[0].metre
    first, last = brief.bars[0].number, brief.bars[-1].number + 1
    bars = _played(brief, brief.before, metre, range(max(0, first - _FAR_BARS), first))[-_LONGEST:]
    bars = bars or _played(brief, brief.after, metre, range(last, last + _FAR_BARS))[:_LONGEST]
    if not bars:
        return None
    length = 4 if len(bars) >= 4 else 2 if len(bars) >= 2 else 1
    by_place = {number % length: steps for number, steps in bars}
    turned = tuple(by_place.get(place, bars[-1][1]) for place in range(length))
    return Figure("own", "Goes on as you played", (Line("hands", turned),), metre)


def _played(
    brief: Brief, notes: Sequence[Note], metre: Metre, numbers: range
) -> list[tuple[int, tuple[Step, ...]]]:
    """Numbers and strokes of the bars in which the part plays."""
    time_map = brief.song.time_map
    middle = median(note.velocity for note in notes) if notes else 80
    found = []
    for number in numbers:
        start = time_map.bar_start(number)
        if time_map.metre_at(start) != metre or time_map.bar_ticks(number) != metre.bar_ticks:
            continue
        inside = [note for note in notes if start <= note.start_ticks + _GRID // 2 < start + metre.bar_ticks]
        steps = _steps(inside, start, metre, middle)
        if steps:
            found.append((number, steps))
    return found


def _steps(notes: Sequence[Note], start: int, metre: Metre, middle: float) -> tuple[Step, ...]:
    groups: list[list[Note]] = []
    for note in sorted(notes, key=lambda n: (n.start_ticks, n.pitch)):
        if groups and note.start_ticks - groups[-1][0].start_ticks <= _TOGETHER_TICKS:
            groups[-1].append(note)
        else:
            groups.append([note])
    pitches = sorted({note.pitch for note in notes})
    steps: list[Step] = []
    for group in groups:
        place = max(0, round((group[0].start_ticks - start) / _GRID) * _GRID)
        if place >= metre.bar_ticks or (steps and steps[-1].start_ticks >= place):
            continue
        length = max(_GRID, round(max(note.duration_ticks for note in group) / _GRID) * _GRID)
        steps.append(Step(place, length, _symbol(group, pitches), 0, _loudness(group, middle)))
    return tuple(steps)


def _symbol(group: Sequence[Note], pitches: Sequence[int]) -> str:
    if len(group) == 1:
        rank = pitches.index(group[0].pitch)
        return "L" if rank == 0 else str(min(6, rank + 1))
    has_low = min(note.pitch for note in group) <= pitches[0] + 2
    return "C" if has_low else "H"


def _loudness(group: Sequence[Note], middle: float) -> Loudness:
    loud = max(note.velocity for note in group)
    return (
        Loudness.ACCENT if loud >= middle + 14 else Loudness.SOFT if loud <= middle - 14 else Loudness.PLAIN
    )
