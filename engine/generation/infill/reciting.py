"""What does a line that stands cost the model, symbol by symbol?

Nothing is drawn, so the lines are told in a few long stretches, many choices in one call; what a symbol costs
does not depend on that.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.generation.infill.decoding import Cost, Decoder, Guide, Hand, Pen
from engine.generation.infill.kernels import MOST_WANTED
from engine.generation.infill.runtime import Features
from engine.generation.infill.sampling import surprise
from engine.generation.language.question import Question


class Reciter(Guide, Protocol):
    """A guide that knows the lines by heart."""

    def next_token(self, pen: Pen) -> int | None:
        """The symbol of the line at the pen's place; None where it has none."""
        ...


@dataclass(slots=True)
class _Line:
    """The rows before each choice, and what is chosen there."""

    stretches: list[Sequence[Features]]
    tokens: list[int]


def recited_costs(
    decoder: Decoder,
    question: Question,
    takes: Sequence[int],
    reciter: Reciter,
    checkpoint: Callable[[], None] = lambda: None,
) -> list[Cost | None]:
    """What each take's line costs, all streams together; None where the question does not allow it.

    Raises ImpossibleError (too long) and ValueError (more takes than slots)."""
    hands = decoder.hands(question, takes, 0, checkpoint)
    lines = {k: line for k, hand in enumerate(hands) if (line := _line(hand, reciter)) is not None}
    costs: list[Cost | None] = [Cost() if k in lines else None for k in range(len(takes))]
    branches = decoder.runtime.fork(len(takes))
    for told in _calls(lines, MOST_WANTED // len(takes)):
        checkpoint()
        logits = branches.step([(k, lines[k].stretches[place]) for k, place in told])
        norms = surprise(logits)
        for row, (k, place) in enumerate(told):
            nats, symbols = costs[k] or Cost()
            nats = nats + float(norms[row]) - float(logits[row][lines[k].tokens[place]])
            costs[k] = Cost(nats, symbols + 1)
    return costs


def _calls(lines: Mapping[int, _Line], together: int) -> Iterator[list[tuple[int, int]]]:
    """The choices (line, place) that are asked at once: `together` of each line."""
    most = max((len(line.tokens) for line in lines.values()), default=0)
    for first in range(0, most, together):
        places = range(first, first + together)
        yield [(k, place) for k, line in lines.items() for place in places if place < len(line.tokens)]


def _line(hand: Hand, reciter: Reciter) -> _Line | None:
    """The hand's whole line."""
    line = _Line([], [])
    while not hand.is_done:
        if hand.go_on(reciter) is not None or hand.is_done:
            continue
        token = reciter.next_token(hand.pen)
        if token is None or not hand.allowed_bits >> token & 1:
            return None
        line.stretches.append(hand.untold)
        line.tokens.append(token)
        hand.untold = []
        hand.write(token)
    return line
