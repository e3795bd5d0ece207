"""What does the model write into the holes of a question?

A Decoder asks the model once for the question, then lets several takes be written side by side, symbol by
symbol, under the rules of each cell. A take depends on the question, the seed, its number and the guide
alone, never on which takes are written beside it, unless the guide lets them meet at barlines: there the
weak may be replaced by copies of the strong. Bars are told as they close.

What is forced, and what leaves one choice only, is told to the model in one go and drawn by nobody; a take's
cost counts the symbols that were chosen, in nats under the model as it is (temperature 1, no bias), where the
guide asks for it.

>>> from engine.generation.infill.weights import Sizes, random_weights
>>> from engine.generation.language.grid import SheetBar
>>> question = Question(Sheet((SheetBar((4, 4), 96),)), (frozenset({Stream.MELODY}),))
>>> decoder = Decoder(random_weights(Sizes(32, 1, 1, 32, VOCABULARY_SIZE, FEATURE_COUNT, 64), seed=1))
>>> [type(event).__name__ for event in decoder.run(question, [0], 1, FreeGuide(Grammar(question)))]
['BarClosed', 'Finished']
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.runtime import Branches, Runtime
from engine.generation.infill.sampling import AS_LEARNT, Chance, Ids, Taste, choose_each, surprise
from engine.generation.infill.weights import Weights, check_features
from engine.generation.language.features import Reader
from engine.generation.language.grammar import Grammar
from engine.generation.language.grid import Cell, Sheet, Stream
from engine.generation.language.question import Fill, Forced, Question, read_fill, script
from engine.generation.language.rows import FEATURE_COUNT
from engine.generation.language.rules import CellGrammar, allowed_ids
from engine.generation.language.vocabulary import VOCABULARY_SIZE

Checkpoint = Callable[[], None]


class Cost(NamedTuple):
    """Surprise of a stream's chosen symbols, in nats, and how many they are."""

    nats: float = 0.0
    symbols: int = 0


@dataclass
class Pen:
    """One take being written: its number, the sheet with the cells written so far, what they cost, and of the
    cell it is in the tokens so far."""

    take: int
    written: Sheet
    costs: dict[Stream, Cost]
    fill: Fill | None = None
    tokens: list[int] = field(default_factory=list)


class Guide(Protocol):
    """What the search wants of the takes."""

    meets_at_barlines: bool
    """Whether all takes wait at each barline for `at_barline`."""
    counts_costs: bool
    """Whether what the takes cost is asked for."""

    def grammar(self, pen: Pen, fill: Fill) -> CellGrammar:
        """What may be written in the cell the pen comes to. Raises ImpossibleError when nothing may."""
        ...

    def bias(self, pen: Pen, allowed: Ids) -> NDArray[np.float64] | None:
        """Added to the logits (after the temperature) of the tokens that may come next."""
        ...

    def at_barline(self, bar: int, pens: Sequence[Pen]) -> Sequence[int] | None:
        """Which pen each one goes on as, by index; None: each as itself."""
        ...


class FreeGuide:
    """Wants nothing but that the takes can be written under the rules of the grammar."""

    meets_at_barlines = False
    counts_costs = True

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar

    def grammar(self, pen: Pen, fill: Fill) -> CellGrammar:
        return self._grammar.begin(fill.bar, fill.stream, pen.written)

    def bias(self, pen: Pen, allowed: Ids) -> NDArray[np.float64] | None:
        return None

    def at_barline(self, bar: int, pens: Sequence[Pen]) -> Sequence[int] | None:
        return None


@dataclass(frozen=True, slots=True)
class BarClosed:
    """Take `take` has written everything hidden in this bar."""

    take: int
    bar: int
    cells: Mapping[Stream, Cell]


@dataclass(frozen=True, slots=True)
class Finished:
    """Take `take` has filled every hole."""

    take: int
    sheet: Sheet
    costs: Mapping[Stream, Cost]


@dataclass(frozen=True, slots=True)
class Replaced:
    """At a barline take `take` became a copy of `by`: what it wrote before is gone."""

    take: int
    by: int


Event = BarClosed | Finished | Replaced


@dataclass(frozen=True)
class Asked:
    """The takes of these numbers of one question."""

    question: Question
    takes: Sequence[int]
    seed: int
    guide: Guide
    taste: Taste = AS_LEARNT


class Decoder:
    """A model ready to write. One question at a time: a new `run` ends the last one."""

    def __init__(self, weights: Weights, runtime: Runtime | None = None) -> None:
        """Raises ModelError when the model was made for another language."""
        check_features(weights.sizes, VOCABULARY_SIZE, FEATURE_COUNT)
        self.runtime = runtime or Runtime(weights)

    def run(
        self,
        question: Question,
        takes: Sequence[int],
        seed: int,
        guide: Guide,
        taste: Taste = AS_LEARNT,
        checkpoint: Checkpoint = lambda: None,
    ) -> Iterator[Event]:
        """The takes of these numbers. `checkpoint` is called before every symbol; it may raise.

        Raises ImpossibleError (too long, or rules that nothing satisfies) and ValueError (more takes than
        slots)."""
        for _, event in self.run_together([Asked(question, takes, seed, guide, taste)], checkpoint):
            yield event

    def run_together(
        self, asked: Sequence[Asked], checkpoint: Checkpoint = lambda: None
    ) -> Iterator[tuple[int, Event]]:
        """As `run` for several questions about the same visible bars at once, which costs little more than
        one; each take is as if its question were asked alone. Tells which question an event belongs to.

        Raises ValueError also when the questions tell other bars."""
        self._check_room(sum(len(one.takes) for one in asked))
        prompts = [_Prompt(one.question) for one in asked]
        if any(prompt.shared != prompts[0].shared for prompt in prompts):
            raise ValueError("questions that are asked together tell the same bars")
        checkpoint()
        self.runtime.read(prompts[0].shared)
        branches = self.runtime.fork(sum(len(one.takes) for one in asked))
        sessions, first = [], 0
        for one, prompt in zip(asked, prompts, strict=True):
            hands = [prompt.hand(take, one.seed) for take in one.takes]
            sessions.append(_Session(hands, first, branches, one.guide, one.taste))
            first += len(hands)
        _tell_own(branches, sessions, prompts)
        yield from _side_by_side(sessions, branches, checkpoint)

    def hands(
        self, question: Question, takes: Sequence[int], seed: int, checkpoint: Checkpoint
    ) -> "list[Hand]":
        """Hands with these takes' numbers at the first hole; the model has been told the question."""
        self._check_room(len(takes))
        prompt = _Prompt(question)
        checkpoint()
        self.runtime.read([*prompt.shared, *prompt.own[:-1]])
        return [prompt.hand(take, seed) for take in takes]

    def _check_room(self, takes: int) -> None:
        if not 0 < takes <= self.runtime.slots:
            raise ValueError(f"between one and {self.runtime.slots} takes can be written at once")


class _Prompt:
    """What is told before the first hole: `shared` of the visible bars, `own` of what is to be filled (which
    may differ from question to question about the same bars)."""

    def __init__(self, question: Question) -> None:
        self._question, self._steps = question, script(question)
        self._first = next(place for place, step in enumerate(self._steps) if isinstance(step, Fill))
        self._reader = Reader(question)
        *visible, hidden = (step for step in self._steps[: self._first] if isinstance(step, Forced))
        self.shared = [self._reader.push(token) for step in visible for token in step.tokens]
        self.own = [self._reader.push(token) for token in hidden.tokens]

    def hand(self, take: int, seed: int) -> "Hand":
        """A hand that has still to be told the last row."""
        return Hand(self._question, self._steps, self._first, take, seed, self._reader.copy(), self.own[-1])


class Hand:
    """A pen with all it needs to go on: the place in the script, what the model has not been told yet."""

    def __init__(
        self,
        question: Question,
        steps: Sequence[Forced | Fill],
        place: int,
        take: int,
        seed: int,
        reader: Reader,
        row: list[int],
    ) -> None:
        self.pen = Pen(take, question.sheet, {})
        self.question, self.steps, self.place = question, steps, place
        self.reader, self.untold = reader, [row]
        self.chance, self.drawn = Chance(seed, take), 0
        self.grammar: CellGrammar | None = None
        self.allowed_bits = 0
        self.is_done = False

    def go_on(self, guide: Guide) -> int | None:
        """Writes what needs no choice; the bar that closed, or None: at a choice, or done."""
        while self.place < len(self.steps):
            step = self.steps[self.place]
            if isinstance(step, Forced):
                self._tell(step.tokens)
                self.place += 1
                continue
            if self.grammar is None:
                self.pen.fill, self.pen.tokens = step, []
                self.grammar = guide.grammar(self.pen, step)
            if self._is_at_choice(self.grammar):
                return None
            self._close(step)
            if self._next_bar() != step.bar:
                return step.bar
        self.is_done = True
        return None

    def next_chance(self) -> float:
        """The number that decides the next choice."""
        self.drawn += 1
        return self.chance.at(self.drawn - 1)

    def pay(self, nats: float) -> None:
        """Counts what the symbol chosen next costs."""
        assert self.pen.fill is not None
        stream = self.pen.fill.stream
        before, symbols = self.pen.costs.get(stream, Cost())
        self.pen.costs[stream] = Cost(before + nats, symbols + 1)

    def copy_from(self, other: "Hand") -> None:
        """Go on as the other, with the chance of one's own."""
        self.pen = Pen(self.pen.take, other.pen.written, dict(other.pen.costs))
        self.place, self.reader, self.untold = other.place, other.reader.copy(), list(other.untold)

    def _is_at_choice(self, grammar: CellGrammar) -> bool:
        """Writes as long as one token only may come; False when the cell is full."""
        while not grammar.is_done:
            bits = grammar.allowed_bits()
            if bits & (bits - 1):
                self.allowed_bits = bits
                return True
            self.write(bits.bit_length() - 1)
        return False

    def write(self, token: int) -> None:
        """Writes the token into the cell."""
        assert self.grammar is not None
        self.grammar.push(token)
        self.pen.tokens.append(token)
        self.untold.append(self.reader.push(token))

    def _tell(self, tokens: Sequence[int]) -> None:
        push = self.reader.push
        self.untold += [push(token) for token in tokens]

    def _close(self, fill: Fill) -> None:
        pen = self.pen
        pen.written = read_fill(self.question, pen.written, fill, pen.tokens)
        pen.fill, self.grammar = None, None
        self.place += 1

    def _next_bar(self) -> int:
        later = (step.bar for step in self.steps[self.place :] if isinstance(step, Fill))
        return next(later, -1)


class _Session:
    """The hands of one question at work; `first` is the number of the first one among the branches."""

    def __init__(self, hands: list[Hand], first: int, branches: Branches, guide: Guide, taste: Taste) -> None:
        self.hands, self.first, self.branches = hands, first, branches
        self.guide, self.taste = guide, taste
        self.waiting: dict[int, int] = {}
        self.going = list(range(len(hands)))

    def go_on(self) -> Iterator[Event]:
        """Up to the next choice of those that are `going` then; nobody is when all are done."""
        while self.going:
            for k in self.going:
                yield from self._up_to_choice(k)
            self.going = [k for k in self.going if not self.hands[k].is_done and k not in self.waiting]
            if self.going or not self.waiting:
                return
            yield from self._meet()
            self.going = [k for k, hand in enumerate(self.hands) if not hand.is_done]

    def untold(self) -> list[tuple[int, list[list[int]]]]:
        """What the model has still to be told by each that goes on, by its number among the branches."""
        return [(self.first + k, self.hands[k].untold) for k in self.going]

    def draw(self, logits: NDArray[np.float32]) -> None:
        """Each that goes on chooses its next symbol."""
        hands = [self.hands[k] for k in self.going]
        allowed = [allowed_ids(hand.allowed_bits) for hand in hands]
        biases = [self.guide.bias(hand.pen, ids) for hand, ids in zip(hands, allowed, strict=True)]
        chances = [hand.next_chance() for hand in hands]
        tokens = choose_each(logits, allowed, self.taste, biases, chances)
        if self.guide.counts_costs:
            nats = surprise(logits) - logits[np.arange(len(tokens)), tokens]
            for hand, cost in zip(hands, nats.tolist(), strict=True):
                hand.pay(cost)
        for hand, token in zip(hands, tokens, strict=True):
            hand.untold = []
            hand.write(token)

    def _up_to_choice(self, k: int) -> Iterator[Event]:
        hand = self.hands[k]
        while (bar := hand.go_on(self.guide)) is not None:
            cells = hand.pen.written.bars[bar].cells
            hidden = {stream: cells[stream] for stream in sorted(hand.question.holes[bar])}
            yield BarClosed(hand.pen.take, bar, hidden)
            if self.guide.meets_at_barlines:
                self.waiting[k] = bar
                return
        if hand.is_done:
            yield Finished(hand.pen.take, hand.pen.written, dict(hand.pen.costs))

    def _meet(self) -> Iterator[Event]:
        """All have come to the same barline: who goes on as whom?"""
        indices = self.guide.at_barline(self.waiting[0], [hand.pen for hand in self.hands])
        self.waiting = {}
        if indices is None or list(indices) == list(range(len(self.hands))):
            return
        self.branches.resample(indices, self.first)
        before = [_frozen(hand) for hand in self.hands]
        for k, index in enumerate(indices):
            if index != k:
                self.hands[k].copy_from(before[index])
                yield Replaced(self.hands[k].pen.take, before[index].pen.take)


def _tell_own(branches: Branches, sessions: Sequence[_Session], prompts: Sequence[_Prompt]) -> None:
    """One hand of each question is told what comes before its first hole; the others have it from it."""
    told = [(session.first, prompt.own[:-1]) for session, prompt in zip(sessions, prompts, strict=True)]
    told = [one for one in told if one[1]]
    if told:
        branches.step(told)
    for session in sessions:
        branches.resample([0] * len(session.hands), session.first)


def _side_by_side(
    sessions: Sequence[_Session], branches: Branches, checkpoint: Checkpoint
) -> Iterator[tuple[int, Event]]:
    """All sessions, each symbol of all hands in one call of the model."""
    while True:
        for number, session in enumerate(sessions):
            for event in session.go_on():
                yield number, event
        going = [session for session in sessions if session.going]
        if not going:
            return
        checkpoint()
        logits = branches.step([one for session in going for one in session.untold()])
        place = 0
        for session in going:
            session.draw(logits[place : place + len(session.going)])
            place += len(session.going)


def _frozen(hand: Hand) -> Hand:
    """The hand as it stands, for others to go on from."""
    frozen = Hand.__new__(Hand)
    frozen.__dict__.update(hand.__dict__)
    return frozen
