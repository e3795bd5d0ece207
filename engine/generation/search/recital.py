"""What does a line cost the model that it did not write, or not under this question?

The hands recite: at each place the token of the sheet is the only one, and its surprise is counted as in
writing. From a token on that the question does not allow there, a hand makes up the rest of the cell.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.decoding import Finished, FreeGuide, Pen
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

    def bias(self, pen: Pen, allowed: Ids) -> NDArray[np.float64] | None:
        wanted = self._wanted[pen.take]
        if len(pen.tokens) >= len(wanted):
            return None
        return np.where(allowed == wanted[len(pen.tokens)], 0.0, -np.inf)


def recited(
    infiller: Infiller, question: Question, sheets: Sequence[Sheet], checkpoint: Checkpoint
) -> list[float]:
    """Nats a symbol of what stands in the question's holes in each of these sheets, as many as there are
    hands at most.

    Raises ImpossibleError when it is too long."""
    guide, found = _Reciting(question, sheets), [0.0] * len(sheets)
    for event in infiller.run(question, range(len(sheets)), 0, guide, Taste(), checkpoint):
        if isinstance(event, Finished):
            symbols = sum(cost.symbols for cost in event.costs.values())
            found[event.take] = sum(cost.nats for cost in event.costs.values()) / max(1, symbols)
    return found
