"""CONTINUE for the melody: the next bars after the artist's own; from nothing if there is nothing yet."""

from collections.abc import Iterator

from engine.api.suggestion import Kind, SuggestionRequest, Take
from engine.generation.melody.dice import Dice
from engine.generation.melody.plan import BarPlan, Character, context_before, plan_bars
from engine.generation.melody.sketch import Sketch
from engine.generation.melody.writing import Checkpoint, Task, write
from engine.generation.registry import Answer
from engine.generation.search.melody_takes import melody_writer
from engine.generation.search.together import instant_then_model
from engine.music import Role

SERVES = ((Kind.CONTINUE, Role.MELODY),)

_TITLES = {
    Character.PARALLEL: "Takes up your phrase",
    Character.RHYTHM: "Your rhythm, a new line",
    Character.SEQUENCE: "Moves your figure on",
    Character.FRESH: "A new idea beside yours",
}
_FROM_NOTHING = {
    Character.PARALLEL: "A first phrase",
    Character.RHYTHM: "Another beginning",
    Character.SEQUENCE: "A figure that moves",
    Character.FRESH: "An idea and its echo",
}


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Melodies for the region that go on from what stands before it."""
    return instant_then_model(
        request, write(request, checkpoint, _task), melody_writer(request, _task, checkpoint)
    )


def suggest_instantly(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Take]:
    """The same without the model."""
    return write(request, checkpoint, _task)


def _task(sketch: Sketch) -> Task:
    has_context = bool(sketch.bars_with_notes(sketch.first_bar - 16, sketch.first_bar))
    return Task(_plan, _TITLES if has_context else _FROM_NOTHING, is_free=has_context)


def _plan(sketch: Sketch, character: Character, dice: Dice) -> list[BarPlan]:
    context = context_before(sketch, sketch.last_bar - sketch.first_bar + 1, dice)
    return plan_bars(sketch, character, context, leads_on=False, dice=dice)
