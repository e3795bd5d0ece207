"""CONTINUE for the melody: the next bars after the artist's own; from nothing if there is nothing yet."""

from collections.abc import Iterator
from dataclasses import replace

from engine.api.suggestion import Kind, SuggestionRequest, Take
from engine.generation.melody.dice import Dice
from engine.generation.melody.naming import FROM_NOTHING
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


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Melodies for the region that go on from what stands before it."""
    instant = write(request, checkpoint, _styled_task if request.controls.style else _task)
    return instant_then_model(request, instant, melody_writer(request, _task, checkpoint))


def suggest_instantly(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Take]:
    """The same without the model."""
    return write(request, checkpoint, _task)


def _task(sketch: Sketch) -> Task:
    has_context = bool(sketch.bars_with_notes(sketch.first_bar - 16, sketch.first_bar))
    return Task(_plan, _TITLES if has_context else FROM_NOTHING, is_free=has_context)


def _styled_task(sketch: Sketch) -> Task:
    """Who names a style hears something new in it first."""
    task = _task(sketch)
    titles = dict(sorted(task.titles.items(), key=lambda each: each[0] is not Character.FRESH))
    return replace(task, titles=titles)


def _plan(sketch: Sketch, character: Character, dice: Dice) -> list[BarPlan]:
    context = context_before(sketch, sketch.last_bar - sketch.first_bar + 1, dice)
    return plan_bars(sketch, character, context, leads_on=False, dice=dice)
