"""What does a line cost the model that it did not write, or not under this question?

The hands recite: at each place the token of the sheet is the only one, and its surprise is counted as in
writing. From a token on that the question does not allow there, a hand makes up the rest of the cell.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.decoding import Cost, Finished, FreeGuide, Pen
from engine.generation.infill.sampling import Ids, Taste
from engine.generation.language.grammar import Grammar
from engine.generation.language.grid import Sheet
from engine.generation.language.question import Fill, Question, answer_tokens
from engine.generation.language.rules import CellGrammar
from engine.generation.search.models import Checkpoint, Infiller


class _Reciting(FreeGuide):
    def __init__(self, question: Question, sheets: Sequence[Sheet]) -> None:
        super().__init__(Grammar(question))
        self._question, self._sheets = question, sheets
        self._wanted: dict[int, list[int]] = {}

    def grammar(self, pen: Pen, fill: Fill) -> CellGrammar:
        self._wanted[pen.take] = answer_tokens(self._question, self._sheets[pen.take], fill)
        return super().grammar(pen, fill)

    def next_token(self, pen: Pen) -> int | None:
        wanted, place = self._wanted[pen.take], len(pen.tokens)
        return wanted[place] if place < len(wanted) else None

    def bias(self, pen: Pen, allowed: Ids) -> NDArray[np.float64] | None:
        wanted = self.next_token(pen)
        return None if wanted is None else np.where(allowed == wanted, 0.0, -np.inf)


def recited(
    infiller: Infiller, question: Question, sheets: Sequence[Sheet], checkpoint: Checkpoint
) -> list[float]:
    """Nats of all that stands in the question's holes in each of these sheets, as many as there are
    hands at most.

    Raises ImpossibleError when it is too long."""
    reciter, numbers = _Reciting(question, sheets), range(len(sheets))
    costs = dict(zip(numbers, infiller.recite(question, numbers, reciter, checkpoint), strict=True))
    strange = [number for number, cost in costs.items() if cost is None]
    if strange:
        for event in infiller.run(question, strange, 0, reciter, Taste(), checkpoint):
            if isinstance(event, Finished):
                nats, symbols = zip(*event.costs.values(), strict=True)
                costs[event.take] = Cost(sum(nats), sum(symbols))
    return [cost.nats for cost in costs.values() if cost is not None]
