"""How do several takes of one player's hands (comping, pads) come about?

Each take tries the next idea; what sounds like a take that was given already is tried again with others.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from engine.api.suggestion import Part, Scores, Take
from engine.arrangement.brief import Brief
from engine.arrangement.comping.alike import is_same
from engine.arrangement.comping.figures import Figure
from engine.arrangement.comping.words import fit
from engine.generation.registry import Checkpoint
from engine.music import Note

MOST_TAKES = 12
_TRIES = 3


class Played(Protocol):
    """What hands did with an idea."""

    @property
    def notes(self) -> tuple[Note, ...]: ...
    @property
    def sounds(self) -> Sequence[Any]: ...
    @property
    def title(self) -> str: ...
    @property
    def plan(self) -> Any: ...


I = TypeVar("I")  # noqa: E741 (an idea)
P = TypeVar("P", bound=Played)


def takes_of_hands(
    brief: Brief,
    ideas: Sequence[I],
    play: Callable[[Brief, I, int, tuple[Figure, ...]], P],
    part_of: Callable[[P, Brief], Part],
    checkpoint: Checkpoint,
) -> Iterator[Take]:
    """Takes that differ, the surest first; fewer than were asked for when no more can be had."""
    used: tuple[Figure, ...] = ()
    given: list[P] = []
    for index in range(min(brief.request.takes, MOST_TAKES)):
        for attempt in range(_TRIES):
            idea = ideas[min(index + attempt, len(ideas) - 1)]
            played = play(brief, idea, 10 * index + attempt, used)
            checkpoint()
            if played.sounds and not any(is_same(played.notes, other.notes) for other in given):
                break
        else:
            return
        used += played.plan.used
        given.append(played)
        yield _take(played, part_of(played, brief), brief, index)


def _take(played: Played, part: Part, brief: Brief, index: int) -> Take:
    return Take(
        index,
        played.title,
        part.reasons,
        part.notes,
        scores=Scores(fit=fit(part.notes, brief)),
        seed=brief.request.seed,
        kept_note_ids=tuple(note.id for note in brief.fixed),
        parts=(part,),
    )
