"""FILL for the melody: bars between what stands on both sides, joined to both."""

from collections.abc import Iterator

from engine.api.suggestion import Kind, SuggestionRequest
from engine.generation.melody.dice import Dice
from engine.generation.melody.naming import FROM_NOTHING
from engine.generation.melody.plan import BarPlan, Character, context_before, plan_bars
from engine.generation.melody.sketch import Sketch
from engine.generation.melody.writing import Checkpoint, Task, write
from engine.generation.registry import Answer
from engine.generation.search.melody_takes import melody_writer
from engine.generation.search.together import instant_then_model
from engine.music import Role

SERVES = ((Kind.FILL, Role.MELODY),)

_TITLES = {
    Character.PARALLEL: "Your phrase again, leading across",
    Character.RHYTHM: "In your rhythm, a new way across",
    Character.SEQUENCE: "A figure that leads across",
    Character.FRESH: "A new way across",
}


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Melodies that lead from the bar before the region to the bar after it."""
    return instant_then_model(
        request, write(request, checkpoint, _task), melody_writer(request, _task, checkpoint)
    )


def _task(sketch: Sketch) -> Task:
    following = sketch.next_after()
    leads_on = following is not None and following.event.bar <= sketch.last_bar + 1
    region = sketch.region_bars
    has_context = any(placed.event.bar not in region for placed in sketch.placed)
    return Task(_plan, _TITLES if has_context else FROM_NOTHING, leads_on, is_free=has_context)


def _plan(sketch: Sketch, character: Character, dice: Dice) -> list[BarPlan]:
    length = sketch.last_bar - sketch.first_bar + 1
    after = sketch.bars_with_notes(sketch.last_bar + 1, sketch.last_bar + 1 + length)
    following = sketch.next_after()
    leads_on = following is not None and following.event.bar <= sketch.last_bar + 1
    context = context_before(sketch, length, dice)
    if after and (character is Character.RHYTHM or not context):
        context = after
    return plan_bars(sketch, character, context, leads_on, dice)
