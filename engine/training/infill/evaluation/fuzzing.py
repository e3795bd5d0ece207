"""Random questions under random rules, answered by random tokens: is every answer what was asked?

`understudy evaluate infill --data DATA --only valid --contexts 100000` counts over so many written cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import Any

from engine.api.errors import ImpossibleError
from engine.generation.language.cells import cell_tokens, normal_cell, sounding_pitch
from engine.generation.language.grammar import Grammar
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, Stream
from engine.generation.language.question import Fill, Question, read_fill, script, sounding_before
from engine.generation.language.rules import ALL_CLASSES, CellGrammar, Rules, numbers_of
from engine.generation.language.vocabulary import NAMES, QUALITIES, VOCABULARY_SIZE
from engine.training.infill.evaluation.randomsheets import random_question, random_sheet

_GRIDS = (1, 3, 6, 8, 12, 24)
_MOST_TOKENS = 2_000
_AT_ONCE = 100


def random_rules(rng: Random, stream: Stream, length: int) -> Rules:
    """Some limits; by and large they can be met."""

    def some(value: Any, otherwise: Any, share: float = 0.3) -> Any:
        return value if rng.random() < share else otherwise

    low = some(rng.randint(30, 60), 0)
    grid = rng.choice(_GRIDS)
    tones = tuple((tick, rng.getrandbits(12) | 1) for tick in sorted({0, rng.randrange(length)}))
    chords = frozenset((rng.randrange(12), rng.choice(QUALITIES)) for _ in range(rng.randint(1, 4)))
    rhythm = tuple(n for n in random_rhythm(rng, length))
    least = rng.randint(0, 3)
    return Rules(
        low=low,
        high=some(rng.randint(max(low, 60), 100), 127),
        tones=some(tones, ()),
        max_leap=some(rng.randint(2, 12), 127),
        places=some(frozenset(range(0, length, grid)), None),
        durations=some(frozenset(rng.sample(range(1, 49), 6)) | {6, 12, 24}, None, 0.15),
        shortest=some(rng.choice((1, 3, 6, 12)), 1),
        rests=rng.random() < 0.7,
        ties=rng.random() < 0.7,
        rhythm=some(rhythm, None, 0.15),
        pitches=some(tuple(rng.randint(60, 72) for _ in range(rng.randint(0, 4))), None, 0.1),
        onsets=some((least, least + rng.randint(0, 6)), None),
        final=some(rng.getrandbits(12) | 1, ALL_CLASSES, 0.2),
        holds=some(rng.randint(60, 72), None, 0.1),
        chords=some(((0, chords),), ()),
        slash_chords=rng.random() < 0.5,
        drums=some(frozenset(rng.sample(range(35, 82), 5)), None),
        most_voices=some(rng.randint(1, 4), 16),
    )


def random_rhythm(rng: Random, length: int) -> list[NoteEvent]:
    notes = []
    tick = 0
    while tick < length:
        ticks = min(rng.choice((3, 6, 12, 24, 48, 120)), length - tick)
        if rng.random() < 0.8:
            notes.append(NoteEvent(tick, ticks, 0, tick == 0 and rng.random() < 0.3))
        tick += ticks
    return notes


class InvalidAnswer(Exception):
    """A cell that was written is not what was asked for; the words say how."""


@dataclass(frozen=True)
class Count:
    """Cells answered; questions that were found impossible; what is wrong with answers that are."""

    answers: int = 0
    impossible: int = 0
    wrong: tuple[str, ...] = ()

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.answers + other.answers,
            self.impossible + other.impossible,
            self.wrong + other.wrong,
        )


def answer(rng: Random, question: Question, rules: Mapping[tuple[int, Stream], Rules]) -> Sheet:
    """The question answered by random tokens. Raises ImpossibleError only before the first token, and
    InvalidAnswer for a cell that breaks its rules."""
    grammar = Grammar(question, rules)
    written = question.sheet
    for step in script(question):
        if not isinstance(step, Fill):
            continue
        cell = grammar.begin(step.bar, step.stream, written)
        tokens = random_tokens(rng, cell)
        written = read_fill(question, written, step, tokens)
        before = sounding_before(question, written.bars, step)
        problems = violations(question, grammar, written, step, tokens, before)
        if problems:
            raise InvalidAnswer(
                f"Wrong: {', '.join(problems)}, in {[NAMES[token] for token in tokens]} under "
                f"{grammar.rules_of(step.bar, step.stream)} with {step.locks}."
            )
    return written


def random_tokens(rng: Random, cell: CellGrammar) -> list[int]:
    """Tokens by weights that differ much, drawn anew for each cell."""
    weights = [rng.random() ** 6 for _ in range(VOCABULARY_SIZE)]
    tokens: list[int] = []
    while not cell.is_done:
        allowed = list(numbers_of(cell.allowed_bits()))
        if not allowed or len(tokens) >= _MOST_TOKENS:
            raise InvalidAnswer(f"There is no end after {[NAMES[token] for token in tokens[-8:]]}.")
        token = rng.choices(allowed, [weights[t] + 1e-9 for t in allowed])[0]
        cell.push(token)
        tokens.append(token)
    return tokens


def violations(
    question: Question,
    grammar: Grammar,
    written: Sheet,
    step: Fill,
    tokens: Sequence[int],
    before: int | None,
) -> list[str]:
    """What is wrong with a cell; found without the grammar's own means."""
    rules = grammar.rules_of(step.bar, step.stream)
    bar = written.bars[step.bar]
    cell: Any = bar.cells[step.stream]
    found = []
    if normal_cell(step.stream, cell, bar.length) != cell:
        found.append("not in normal form")
    if step.stream is Stream.CHORDS:
        return found + chord_violations(rules, step, cell, bar.length)
    if step.stream.is_line:
        if cell_tokens(step.stream, cell, bar.length, before) != list(tokens):
            found.append("told in another way")
        return found + line_violations(rules, written, step, cell)
    return found + voice_violations(rules, step, cell, tokens)


def kept(lock: Any, length: int) -> Any:
    """A locked event as far as it lasts in the bar."""
    return lock._replace(duration=min(lock.duration, length - lock.offset))


def line_violations(rules: Rules, written: Sheet, step: Fill, cell: Sequence[NoteEvent]) -> list[str]:
    length = step.length
    locks: list[Any] = [kept(lock, length) for lock in step.locks]
    places = {(lock.offset, lock.duration, lock.pitch) for lock in locks}
    edges = {0, length, *(k.offset for k in locks), *(k.offset + k.duration for k in locks)}
    found = [] if places <= {note[:3] for note in cell} else ["a lock is gone"]
    tick, silences = 0, []
    for note in cell:
        silences += [(tick, note.offset)] if note.offset > tick else []
        tick = note.offset + note.duration
        if note[:3] in places or note.tied:
            continue
        if not rules.low <= note.pitch <= rules.high:
            found.append("out of range")
        if (
            rules.tones
            and not [t for first, t in rules.tones if first <= note.offset][-1] >> note.pitch % 12 & 1
        ):
            found.append("a strange tone")
        if rules.rhythm is None and not (
            note.duration >= rules.shortest and (rules.durations is None or note.duration in rules.durations)
        ):
            found.append("a duration that was not allowed")
    silences += [(tick, length)] if tick < length else []
    for start, end in [*silences, *((n.offset, n.offset + n.duration) for n in cell)]:
        if rules.rhythm is None and rules.places is not None and not {start, end} <= rules.places | edges:
            found.append("off the grid")
    if rules.rhythm is not None and [n[:2] for n in cell] != [n[:2] for n in rules.rhythm]:
        found.append("another rhythm")
    if silences and rules.rhythm is None and not rules.rests:
        found.append("a rest")
    if cell and cell[0].tied and not rules.ties and not (locks and locks[0].tied):
        found.append("a tie")
    struck = [note for note in cell if not note.tied]
    if rules.pitches is not None and [n.pitch for n in struck] != list(rules.pitches):
        found.append("other pitches")
    counted = [n for n in struck if not (n.offset == 0 and locks and locks[0].tied and locks[0].offset == 0)]
    if (
        rules.onsets
        and rules.rhythm is None
        and rules.pitches is None
        and not rules.onsets[0] <= len(counted) <= rules.onsets[1]
    ):
        found.append("too many or too few notes")
    if rules.holds is not None and sounding_pitch(cell, length) != rules.holds:
        found.append("not held to the barline")
    if cell and not rules.final >> cell[-1].pitch % 12 & 1:
        found.append("another last note")
    if rules.pitches is None:
        line = [*before_pitch(written, step), *(n.pitch for n in cell)]
        if any(abs(b - a) > rules.max_leap for a, b in pairwise(line)):
            found.append("a leap")
    return found


def before_pitch(written: Sheet, step: Fill) -> list[int]:
    """The last note of the bar before, if it has one."""
    cell: Any = written.bars[step.bar - 1].cells.get(step.stream) if step.bar else None
    return [cell[-1].pitch] if cell else []


def chord_violations(rules: Rules, step: Fill, cell: Sequence[ChordEvent], length: int) -> list[str]:
    found = []
    locks: list[Any] = [kept(lock, length) for lock in step.locks]
    whole = {
        (c.root, c.quality, c.bass, tick) for c in cell for tick in range(c.offset, c.offset + c.duration)
    }
    for lock in locks:
        bass = -1 if lock.bass == lock.root else lock.bass
        if any(
            (lock.root, lock.quality, bass, t) not in whole
            for t in range(lock.offset, lock.offset + lock.duration)
        ):
            found.append("a lock is gone")
    if sum(chord.duration for chord in cell) != length:
        found.append("not filled")
    if not locks:
        if rules.chords and not {c[2:4] for c in cell} <= rules.chords[0][1]:
            found.append("a strange chord")
        if not rules.slash_chords and any(c.bass >= 0 for c in cell):
            found.append("a slash chord")
        if (
            rules.rhythm is None
            and rules.places is not None
            and any(c.offset not in rules.places for c in cell)
        ):
            found.append("off the grid")
        # chords that are the same merge, so that there may be fewer than begin
        if rules.onsets and len(cell) > rules.onsets[1]:
            found.append("too many chords")
    return found


def voice_violations(rules: Rules, step: Fill, cell: Sequence[NoteEvent], tokens: Sequence[int]) -> list[str]:
    is_drums = step.stream is Stream.DRUMS
    found = []
    locked_notes: Any = step.locks
    locks = {
        kept(lock, step.length)[: 3 if not is_drums else 1] + ((lock.pitch,) if is_drums else ())
        for lock in locked_notes
    }
    told = {(n.offset, n.pitch) if is_drums else n[:3] for n in cell}
    if not locks <= told:
        found.append("a lock is gone")
    locked = {(lock.offset, lock.pitch) for lock in locked_notes}
    for note in cell:
        if (note.offset, note.pitch) in locked or note.tied:
            continue
        if is_drums and rules.drums is not None and note.pitch not in rules.drums:
            found.append("a strange drum")
        if not is_drums and not rules.low <= note.pitch <= rules.high:
            found.append("out of range")
        if rules.places is not None and note.offset not in rules.places:
            found.append("off the grid")
    onsets = sum(NAMES[token].startswith("O") for token in tokens)
    if rules.onsets and not rules.onsets[0] <= onsets <= rules.onsets[1]:
        found.append("too many or too few")
    for offset in {note.offset for note in cell}:
        if sum(note.offset == offset for note in cell) > rules.most_voices:
            found.append("too many voices")
    return found


def count(seeds: range) -> Count:
    """Over the questions of these seeds."""
    return sum(map(_counted, seeds), Count())


def counted_until(cells: int, seed: int) -> Count:
    """Over questions from this seed on, until so many cells are written."""
    whole = Count()
    while whole.answers + len(whole.wrong) < cells:
        whole += count(range(seed, seed + _AT_ONCE))
        seed += _AT_ONCE
    return whole


def _counted(seed: int) -> Count:
    rng = Random(seed)
    sheet = random_sheet(rng, 6)
    question = random_question(rng, sheet)
    rules = {
        (bar, stream): random_rules(rng, stream, sheet.bars[bar].length)
        for bar, hole in enumerate(question.holes)
        for stream in hole
        if rng.random() < 0.7
    }
    # half the questions are asked without locks, so that the rules are seen alone
    question = question if seed % 2 else replace(question, locks={})
    try:
        Grammar(question, rules)
    except ImpossibleError:
        return Count(impossible=1)
    try:
        answer(rng, question, rules)
    except (InvalidAnswer, ImpossibleError) as error:
        return Count(wrong=(f"seed {seed}: {error}",))
    return Count(answers=sum(map(len, question.holes)))
