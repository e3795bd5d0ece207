"""How is one chunk of a hole written by several hands?

All hands write bar by bar; at every barline the best so far is told, at last all whole lines.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Protocol

from engine.api.messages import Partial
from engine.generation.infill.decoding import BarClosed, Finished, Guide
from engine.generation.infill.sampling import Taste
from engine.generation.language.grid import Sheet
from engine.generation.search.asking import Part
from engine.generation.search.models import Checkpoint, Infiller


class WeighingGuide(Guide, Protocol):
    """A guide whose hands meet at barlines."""

    def weigh(self, bar: int) -> int:
        """Judges all hands at the end of a bar of the part; the number of the best."""
        ...

    def whole(self, hand: int) -> Sheet:
        """The whole sheet as this hand has written it so far."""
        ...


def written_chunk(
    infiller: Infiller,
    part: Part,
    written: Sheet,
    hands: Sequence[int],
    seed: int,
    guide: WeighingGuide,
    taste: Taste,
    checkpoint: Checkpoint,
    growing: Callable[[Sheet, int], Partial],
) -> Generator[Partial, None, dict[int, Sheet]]:
    """Yields the `growing` take of the best sheet so far (and the bar after the one closed); returns the
    whole sheets by hand."""
    found: dict[int, Sheet] = {}
    closed = 0
    for event in infiller.run(part.question, hands, seed, guide, taste, checkpoint):
        if isinstance(event, Finished):
            found[event.take] = part.put_back(written, event.sheet)
        elif isinstance(event, BarClosed):
            closed += 1
            if closed % len(hands) == 0:
                yield growing(guide.whole(guide.weigh(event.bar)), event.bar + part.first + 1)
    return found
