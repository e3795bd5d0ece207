"""Who is held side by side? Each contender does what it can; what it cannot do is None.

People are a contender too: they answer every hole with what they wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.api.errors import EngineError
from engine.generation.language.grid import Sheet
from engine.training.infill.evaluation.adherence import Steered
from engine.training.infill.evaluation.holes import Hole, Writer, is_valid
from engine.training.infill.evaluation.nextchords import Chances, Guesser
from engine.training.infill.evaluation.surprisal import Bits
from engine.training.infill.evaluation.variations import Varier
from engine.training.infill.evaluation.wishes import Asked


@dataclass
class Tally:
    """How many answers were asked for, given, refused in words, and valid."""

    asked: int = 0
    given: int = 0
    refused: int = 0
    valid: int = 0


@dataclass
class Contender:
    """A writer under its name. Answers are kept, so that one hole is filled once whatever is measured."""

    name: str
    write: Writer | None = None
    bits: Bits | None = None
    guess: Guesser | None = None
    vary: Varier | None = None
    steer: Steered | None = None
    chances: Chances | None = None
    asked: Asked | None = None
    tally: Tally = field(default_factory=Tally)
    _answers: dict[tuple[int, int, int], list[Sheet]] = field(default_factory=dict)

    def answers(self, hole: Hole, seed: int = 1, count: int = 1) -> list[Sheet]:
        """At most `count` fills of the hole; none when it is refused."""
        key = (id(hole), seed, count)
        if key not in self._answers:
            self._answers[key] = self._written(hole, seed, count)
        return self._answers[key]

    def first_answers(self, holes: Sequence[Hole], seed: int = 1) -> list[Sheet | None]:
        """One fill of each hole, None where it is refused."""
        return [next(iter(self.answers(hole, seed)), None) for hole in holes]

    def _written(self, hole: Hole, seed: int, count: int) -> list[Sheet]:
        assert self.write is not None
        self.tally.asked += 1
        try:
            written = list(self.write(hole, hole.luck(seed), count))
        except EngineError:
            self.tally.refused += 1
            return []
        self.tally.given += len(written)
        good = [sheet for sheet in written if is_valid(hole, sheet)]
        self.tally.valid += len(good)
        return good


def people(hole: Hole, seed: int, count: int) -> list[Sheet]:
    """What they wrote."""
    return [hole.sheet]
