"""PAD: sustained chords under the bars, voices led from chord to chord: takes that differ."""

from collections.abc import Iterator

from engine.api.suggestion import Kind, SuggestionRequest
from engine.arrangement.brief import brief_of
from engine.arrangement.comping.alike import check_room
from engine.arrangement.hands import takes_of_hands
from engine.arrangement.pads import pad, pad_ideas, pad_of
from engine.generation.registry import Answer, Checkpoint
from engine.music import Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.PAD, None),)


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Pads, the surest first. Raises EngineError with one sentence when there can be none."""
    brief = brief_of(request, Role.PAD)
    check_room(brief, "pad rests")
    checkpoint()
    yield from takes_of_hands(brief, pad_ideas(brief), pad, pad_of, checkpoint)
