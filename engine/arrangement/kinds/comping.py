"""COMPING: chords under the bars for keys, guitars or synthesizers, in the style: takes that differ."""

from collections.abc import Iterator

from engine.api.suggestion import Kind, SuggestionRequest
from engine.arrangement.brief import brief_of
from engine.arrangement.comping import comping, ideas_for, part_of
from engine.arrangement.comping.alike import check_room
from engine.arrangement.hands import takes_of_hands
from engine.generation.registry import Answer, Checkpoint
from engine.music import Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.COMPING, None),)


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Comping parts, the surest first. Raises EngineError with one sentence when there can be none."""
    brief = brief_of(request, Role.CHORDS)
    check_room(brief, "chords rest")
    checkpoint()
    yield from takes_of_hands(brief, ideas_for(brief), comping, part_of, checkpoint)
