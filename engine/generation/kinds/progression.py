"""Chords for bars from nothing or after what stands before."""

from collections.abc import Iterator

from engine.api.suggestion import Kind, SuggestionRequest
from engine.generation.chords import free
from engine.generation.registry import Answer, Checkpoint
from engine.generation.search.chord_kinds import free_writer
from engine.generation.search.together import instant_then_model
from engine.music import Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.PROGRESSION, None),)


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """The instant take, then the model's. Raises ImpossibleError when every bar is locked."""
    instant = free.suggest(request, checkpoint)
    return instant_then_model(request, instant, free_writer(request, checkpoint))
