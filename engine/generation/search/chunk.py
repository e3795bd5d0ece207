"""How is one chunk of a hole written by several hands?

All hands write bar by bar; at every barline the best so far is told, at last all whole lines. Several takes
of one hole may be written at once, which costs the model little more than one.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.api.messages import Partial
from engine.generation.infill.decoding import Asked, BarClosed, Finished, Guide
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


@dataclass(frozen=True)
class ChunkTask:
    """What hands are to write: a part of the sheet `written`, in which the bars before it stand."""

    part: Part
    written: Sheet
    hands: Sequence[int]
    seed: int
    guide: WeighingGuide
    taste: Taste

    @property
    def asked(self) -> Asked:
        return Asked(self.part.question, self.hands, self.seed, self.guide, self.taste)

    def goes_with(self, other: "ChunkTask") -> bool:
        """Do both tell the model the same bars?"""
        mine, theirs = self.part.question, other.part.question
        return mine.sheet == theirs.sheet and mine.holes == theirs.holes


def written_together(
    infiller: Infiller,
    tasks: Sequence[ChunkTask],
    checkpoint: Checkpoint,
    growing: Callable[[Sheet, int], Partial],
) -> Generator[Partial, None, list[dict[int, Sheet]]]:
    """For each of the tasks, which go together, the whole sheets by hand. Yields of the first one the
    `growing` take of the best sheet so far (and the bar after the one closed)."""
    found: list[dict[int, Sheet]] = [{} for _ in tasks]
    closed = [0] * len(tasks)
    for number, event in infiller.run_together([task.asked for task in tasks], checkpoint):
        task = tasks[number]
        if isinstance(event, Finished):
            found[number][event.take] = task.part.put_back(task.written, event.sheet)
        elif isinstance(event, BarClosed):
            closed[number] += 1
            if closed[number] % len(task.hands) == 0:
                best = task.guide.weigh(event.bar)
                if number == 0:
                    yield growing(task.guide.whole(best), event.bar + task.part.first + 1)
    return found
