"""COMPING: chords under the bars for keys, guitars or synthesizers, in the style: takes that differ."""

from collections.abc import Iterator

from engine.api.suggestion import Kind, Scores, SuggestionRequest, Take
from engine.arrangement.brief import Brief, brief_of
from engine.arrangement.comping import Comping, comping, ideas_for, part_of
from engine.arrangement.comping.alike import check_room, is_same
from engine.arrangement.comping.figures import Figure
from engine.arrangement.comping.words import fit
from engine.generation.registry import Answer, Checkpoint
from engine.music import Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.COMPING, None),)

MOST_TAKES = 12
_TRIES = 3


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Comping parts, the surest first. Raises EngineError with one sentence when there can be none."""
    brief = brief_of(request, Role.CHORDS)
    check_room(brief, "chords rest")
    checkpoint()
    ideas = ideas_for(brief)
    used: tuple[Figure, ...] = ()
    given: list[Comping] = []
    for index in range(min(request.takes, MOST_TAKES)):
        for attempt in range(_TRIES):
            idea = ideas[min(index + attempt, len(ideas) - 1)]
            played = comping(brief, idea, 10 * index + attempt, used)
            checkpoint()
            if played.sounds and not any(is_same(played.notes, other.notes) for other in given):
                break
        else:
            return
        used += played.plan.used
        given.append(played)
        yield _take(played, brief, index)


def _take(played: Comping, brief: Brief, index: int) -> Take:
    part = part_of(played, brief)
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
