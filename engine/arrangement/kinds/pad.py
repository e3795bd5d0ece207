"""PAD: sustained chords under the bars, voices led from chord to chord: takes that differ."""

from collections.abc import Iterator

from engine.api.suggestion import Kind, Scores, SuggestionRequest, Take
from engine.arrangement.brief import Brief, brief_of
from engine.arrangement.comping.alike import check_room, is_same
from engine.arrangement.comping.figures import Figure
from engine.arrangement.comping.words import fit
from engine.arrangement.pads import Pad, pad, pad_ideas, pad_of
from engine.generation.registry import Answer, Checkpoint
from engine.music import Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.PAD, None),)

MOST_TAKES = 12
_TRIES = 3


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Pads, the surest first. Raises EngineError with one sentence when there can be none."""
    brief = brief_of(request, Role.PAD)
    check_room(brief, "pad rests")
    checkpoint()
    ideas = pad_ideas(brief)
    used: tuple[Figure, ...] = ()
    given: list[Pad] = []
    for index in range(min(request.takes, MOST_TAKES)):
        for attempt in range(_TRIES):
            idea = ideas[min(index + attempt, len(ideas) - 1)]
            played = pad(brief, idea, 10 * index + attempt, used)
            checkpoint()
            if played.sounds and not any(is_same(played.notes, other.notes) for other in given):
                break
        else:
            return
        used += played.plan.used
        given.append(played)
        yield _take(played, brief, index)


def _take(played: Pad, brief: Brief, index: int) -> Take:
    part = pad_of(played, brief)
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
