"""How is this melody built? A few readable figures of a Line: what returns, how it moves, how it fits its
chords.

All are shares from 0 to 1; those that do not apply are left out.
"""

import itertools

from engine.generation.melody.line import GRID, Event, Line

STEP, LEAP = 2, 5
AWKWARD = (6, 10, 11)
"""Intervals that are hard to sing: tritone and sevenths."""


def structure_of(line: Line, first_bar: int = 0) -> dict[str, float]:
    """The figures of the bars from `first_bar` on: equal_bars, rhythm_bars, motif_recall ...

    repeats, steps and leaps are shares of the intervals, chord_tones a share of the weighty notes.
    """
    figures = _bar_figures(line, first_bar) | _motion_figures(line, first_bar)
    heavy = [event for event in line.events if event.bar >= first_bar and is_heavy(event, line.bar_length)]
    judged = [
        event.pitch % 12 in chord.tones
        for event in heavy
        if event.pitch is not None and (chord := line.chord_under(event)) is not None
    ]
    if judged:
        figures["chord_tones"] = sum(judged) / len(judged)
    return figures


def is_heavy(event: Event, bar_length: int) -> bool:
    """A note that carries the harmony: on the first beat, long, or a quarter on the half bar or across a
    beat.
    """
    if event.offset == 0 or event.duration >= GRID * 3 // 2:
        return True
    return event.duration >= GRID and (event.offset % GRID != 0 or event.offset * 2 == bar_length)


def bar_contents(line: Line) -> dict[int, tuple[tuple[int, int, int | None], ...]]:
    """What begins in each bar: offset, duration and pitch."""
    bars: dict[int, list[tuple[int, int, int | None]]] = {}
    for event in line.events:
        bars.setdefault(event.bar, []).append((event.offset, event.duration, event.pitch))
    return {bar: tuple(content) for bar, content in bars.items()}


def _bar_figures(line: Line, first_bar: int) -> dict[str, float]:
    equal = rhythm = judged = 0
    contents: set[tuple[tuple[int, int, int | None], ...]] = set()
    rhythms: set[tuple[tuple[int, int, bool], ...]] = set()
    for bar, content in sorted(bar_contents(line).items()):
        shape = tuple((offset, duration, pitch is None) for offset, duration, pitch in content)
        if bar >= max(1, first_bar):
            judged += 1
            equal += content in contents
            rhythm += shape in rhythms and content not in contents
        contents.add(content)
        rhythms.add(shape)
    return {"equal_bars": equal / judged, "rhythm_bars": rhythm / judged} if judged else {}


def motifs(line: Line, first_bar: int, last_bar: int, length: int = 3) -> list[tuple[tuple[int, int], ...]]:
    """Runs of `length` (interval, duration) pairs of the notes of these bars."""
    notes = [e for e in line.events if e.pitch is not None and first_bar <= e.bar <= last_bar]
    pairs = [
        ((after.pitch or 0) - (before.pitch or 0), before.duration)
        for before, after in itertools.pairwise(notes)
    ]
    return [tuple(pairs[at : at + length]) for at in range(len(pairs) - length + 1)]


def _motion_figures(line: Line, first_bar: int) -> dict[str, float]:
    pitches = [e.pitch for e in line.events if e.pitch is not None and e.bar >= first_bar]
    sizes = [abs(after - before) for before, after in itertools.pairwise(pitches)]
    if not sizes:
        return {}
    figures = {
        "repeats": sum(size == 0 for size in sizes) / len(sizes),
        "steps": sum(0 < size <= STEP for size in sizes) / len(sizes),
        "leaps": sum(size > LEAP for size in sizes) / len(sizes),
    }
    seen: set[tuple[tuple[int, int], ...]] = set()
    recalled = judged = 0
    for bar in range(len(line.bars)):
        found = motifs(line, bar, bar + 1)
        if bar >= max(first_bar, 1):
            judged += len(found)
            recalled += sum(motif in seen for motif in found)
        seen.update(motifs(line, bar - 1, bar))
    if judged:
        figures["motif_recall"] = recalled / judged
    return figures
