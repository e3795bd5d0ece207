"""SOUNDSCAPE: slow ambient music from a sketch, as many bars as are asked for."""

from collections.abc import Iterator

from engine.api.messages import Progress
from engine.api.suggestion import Kind, SuggestionRequest
from engine.arrangement.soundscape.palettes import palettes
from engine.arrangement.soundscape.song import soundscape_take
from engine.generation.registry import Answer, Checkpoint

SERVES = ((Kind.SOUNDSCAPE, None),)


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """A take a palette. Raises ImpossibleError where there is nothing to drift on."""
    words = f"{request.controls.style} {request.controls.instrument} {request.controls.shape}"
    chosen = palettes(words, request.takes)
    for index, palette in enumerate(chosen):
        checkpoint()
        yield Progress(index / len(chosen), f"Listening to {palette.about}")
        yield soundscape_take(request, palette, index, checkpoint)
