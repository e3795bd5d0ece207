"""What is practised? Questions drawn from the pieces, each a function of the seed and its number.

A question is a window of a piece (cutting), what is hidden in it (hiding) and what is told about the answer:
controls measured in it, notes that are locked, bars that other bars are made from. All of that is optional in
use, so all of it is left out at random here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from engine.generation.language.controls import bar_controls
from engine.generation.language.grid import Cell, Sheet, Stream
from engine.generation.language.question import Question, Reference, encode
from engine.generation.language.vocabulary import MOST_TICKS, Control, Relation
from engine.training.corpus.piece import CorpusPiece
from engine.training.infill.batches import LENGTHS, Sample
from engine.training.infill.cutting import MOST_BARS, drawn_window
from engine.training.infill.hiding import Task, drawn_holes, drawn_task
from engine.training.infill.relating import relation
from engine.training.infill.surprise import ChordHabits

NO_CONTROLS_SHARE = 0.4
CONTROL_LOSS = (0.4, 0.6)
LOCKS_SHARE = 0.15
PLAN_SHARE = 0.4
NO_STYLE_SHARE = 0.15
NO_TEMPO_SHARE = 0.3
NO_SECTIONS_SHARE = 0.5
LENGTH_KNOWN_SHARE = 0.5
TRIES = 6
_LONGEST = LENGTHS[-1]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its answer, and which task it poses."""

    question: Question
    answer: Sheet
    task: Task


def drawn_sample(
    piece: CorpusPiece,
    random: Random,
    variants: Sequence[Sheet] = (),
    habits: ChordHabits | None = None,
) -> Sample | None:
    """A question about the piece, encoded; None when nothing short enough is found."""
    most = MOST_BARS
    for _ in range(TRIES):
        asked = drawn_question(piece, random, most, variants, habits)
        if asked is not None and rough_length(asked.question) <= _LONGEST:
            encoded = encode(asked.question, asked.answer)
            if len(encoded.tokens) <= _LONGEST:
                return Sample(encoded, asked.task)
        most = max(2, most * 2 // 3)
    return None


def drawn_question(
    piece: CorpusPiece,
    random: Random,
    most: int = MOST_BARS,
    variants: Sequence[Sheet] = (),
    habits: ChordHabits | None = None,
) -> Asked | None:
    """A question about at most so many bars; `variants` are other settings of the same tune, `habits` what
    chords are measured against."""
    window, bars_left = drawn_window(piece, random, most)
    window = _told(window, random)
    if not _can_be_told(window):
        return None
    task = drawn_task(window, random)
    holes = drawn_holes(task, window, random)
    if not any(holes):
        return None
    references = _references(task, window, holes, (piece.sheet, *variants), random)
    question = Question(
        window,
        holes,
        _controls(window, holes, references, habits, random),
        _locks(window, holes, random) if random.random() < LOCKS_SHARE else {},
        references,
        bars_left if random.random() < LENGTH_KNOWN_SHARE else -1,
    )
    return Asked(question, window, task)


def _can_be_told(window: Sheet) -> bool:
    """Is anything in it, and no bar too long for the language?"""
    has_content = any(cell for bar in window.bars for cell in bar.cells.values())
    return has_content and all(0 < bar.length <= MOST_TICKS for bar in window.bars)


def rough_length(question: Question) -> int:
    """About how many tokens the question and its answer take; the restated bars count twice."""
    told = set(question.fills) if question.tells_span else set()
    return sum(
        (3 + sum(1 + 2 * len(cell) for cell in bar.cells.values())) * (2 if number in told else 1)
        for number, bar in enumerate(question.sheet.bars)
    )


def _told(window: Sheet, random: Random) -> Sheet:
    """What the artist may not have said is left out."""
    if random.random() < NO_STYLE_SHARE:
        window = replace(window, style="")
    if random.random() < NO_TEMPO_SHARE:
        window = replace(window, bpm=0.0)
    if random.random() < NO_SECTIONS_SHARE:
        window = replace(window, bars=tuple(replace(bar, section="") for bar in window.bars))
    return window


def _controls(
    window: Sheet,
    holes: Sequence[frozenset[Stream]],
    references: Mapping[int, Reference],
    habits: ChordHabits | None,
    random: Random,
) -> dict[int, dict[Control, int]]:
    """The measures of the answer's bars, many of them left out."""
    if random.random() < NO_CONTROLS_SHARE:
        return {}
    lost = random.uniform(*CONTROL_LOSS)
    found = {}
    for number, hole in enumerate(holes):
        if hole:
            measured = bar_controls(window, number, hole, references.get(number))
            surprise = habits.surprise(window, number) if habits and Stream.CHORDS in hole else None
            if surprise is not None:
                measured[Control.SURPRISE] = surprise
            kept = {control: value for control, value in measured.items() if random.random() >= lost}
            if kept:
                found[number] = kept
    return found


def _locks(
    window: Sheet, holes: Sequence[frozenset[Stream]], random: Random
) -> dict[int, dict[Stream, Cell]]:
    """Some notes or chords of the answer that must stay."""
    share = random.choice((0.1, 0.2, 0.4, 0.6))
    found: dict[int, dict[Stream, Cell]] = {}
    for number, hole in enumerate(holes):
        for stream in sorted(hole):
            cell = window.bars[number].cells[stream]
            kept = [event for event in cell if not getattr(event, "tied", False) and random.random() < share]
            if kept:
                found.setdefault(number, {})[stream] = tuple(kept)  # type: ignore[assignment]
    return found


def _references(
    task: Task,
    window: Sheet,
    holes: Sequence[frozenset[Stream]],
    elsewhere: Sequence[Sheet],
    random: Random,
) -> dict[int, Reference]:
    """From which bar each hidden bar is made: a plan over the window, or the source of a variation."""
    if task is Task.VARY:
        return dict(_sources(window, holes, elsewhere, random))
    if random.random() < PLAN_SHARE:
        return dict(_plan(window, holes, random))
    return {}


def _plan(
    window: Sheet, holes: Sequence[frozenset[Stream]], random: Random
) -> Iterator[tuple[int, Reference]]:
    """For every hidden bar the nearest bar it is made from that is known by then; else it is new."""
    for number, hole in enumerate(holes):
        if not hole or random.random() < 0.1:
            continue
        stream = _lead(hole)
        cell = window.bars[number].cells[stream]
        known = [*range(number - 1, -1, -1)]
        known += [bar for bar in range(number + 1, len(window.bars)) if stream not in holes[bar]]
        found = Reference(Relation.NEW)
        for bar in known:
            made = relation(window.bars[bar].cells.get(stream, ()), cell)
            if made is Relation.SAME or (made is not Relation.NEW and found.relation is Relation.NEW):
                found = Reference(made, bar)
            if made is Relation.SAME:
                break
        yield number, found


def _lead(hole: frozenset[Stream]) -> Stream:
    """The part whose likeness counts: the tune before the chords before the others."""
    return min(hole, key=lambda stream: (stream is not Stream.MELODY, stream))


def _sources(
    window: Sheet, holes: Sequence[frozenset[Stream]], elsewhere: Sequence[Sheet], random: Random
) -> Iterator[tuple[int, Reference]]:
    """For every hidden bar a like bar from anywhere, told with its cells; without one, its own rhythm."""
    for number, hole in enumerate(holes):
        if not hole:
            continue
        stream = _lead(hole)
        here = window.bars[number]
        like = []
        for sheet in elsewhere:
            for bar in sheet.bars:
                cell = bar.cells.get(stream, ())
                if bar.length == here.length and cell != here.cells[stream]:
                    made = relation(cell, here.cells[stream])
                    if made is not Relation.NEW:
                        like.append((made, bar))
        if like:
            made, bar = random.choice(like)
            cells = {part: bar.cells[part] for part in sorted(hole) if part in bar.cells}
            yield number, Reference(made, -1, cells)
