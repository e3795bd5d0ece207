"""Does what is written remember the song? Loops that are kept, bars that come again.

Humans do both on purpose: two thirds of the loops of pop and rock are played a third time, a third of the
melody's bars equal an earlier one and another third share its rhythm. Neither more nor less is wanted.
"""

from collections.abc import Iterable, Sequence
from statistics import fmean

from engine.generation.chords.vocabulary import triad_class
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.generation.language.vocabulary import told_quality
from engine.training.infill.evaluation.holes import Hole, Shape

LOOP = 4
LOOP_SHAPE = Shape(2 * LOOP, LOOP, 0)


def is_looped(sheet: Sheet, first: int, end: int) -> bool:
    """Are the four bars before the hole those before them once more, and not all alike?"""
    loops = [
        [chord_bar(bar) for bar in sheet.bars[at : at + LOOP]] for at in (first - 2 * LOOP, first - LOOP)
    ]
    return loops[0] == loops[1] and len(set(loops[0])) > 1


ChordBar = tuple[tuple[int, int, int], ...]


def chord_bar(bar: SheetBar) -> ChordBar:
    """Where each chord begins, its root and its triad class; the same chord going on is one."""
    found: list[tuple[int, int, int]] = []
    for event in bar.cells.get(Stream.CHORDS, ()):
        assert isinstance(event, ChordEvent)
        name = (event.root, int(triad_class(event.quality)) if event.root >= 0 else -1)
        if not found or found[-1][1:] != name:
            found.append((event.offset, *name))
    return tuple(found)


def loops_kept(holes: Sequence[Hole], answers: Iterable[Sheet]) -> float:
    """Share of the loops that go round a third time, bar for bar."""
    kept = []
    for hole, sheet in zip(holes, answers, strict=True):
        asked = [chord_bar(bar) for bar in hole.sheet.bars[hole.first - LOOP : hole.first]]
        kept.append([chord_bar(bar) for bar in sheet.bars[hole.first : hole.end]] == asked)
    return fmean(kept) if kept else 0.0


def bars_come_again(holes: Sequence[Hole], answers: Iterable[Sheet]) -> dict[str, float]:
    """Shares of the hole's bars that equal an earlier bar (`equal_bars`), or share only its rhythm
    (`rhythm_bars`)."""
    equal: list[bool] = []
    rhythm: list[bool] = []
    for hole, sheet in zip(holes, answers, strict=True):
        for number in range(hole.first, hole.end):
            earlier = [melody_bar(bar) for bar in sheet.bars[:number]]
            own = melody_bar(sheet.bars[number])
            equal.append(own in earlier)
            shapes = [[event[:2] for event in bar] for bar in earlier]
            rhythm.append(own not in earlier and [event[:2] for event in own] in shapes)
    return {"equal_bars": fmean(equal), "rhythm_bars": fmean(rhythm)} if equal else {}


def melody_bar(bar: SheetBar) -> tuple[tuple[int, int, int], ...]:
    """Offset, duration and pitch of the bar's notes."""
    return tuple(
        (event.offset, event.duration, event.pitch)
        for event in bar.cells.get(Stream.MELODY, ())
        if isinstance(event, NoteEvent)
    )


def spelled(event: ChordEvent) -> tuple[int, str]:
    """Root and quality in the language's words."""
    return event.root, told_quality(event.quality) if event.root >= 0 else "N"
