"""ANSWER: a phrase that answers the one before; it begins alike and ends otherwise."""

from collections.abc import Iterator

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Kind, SuggestionRequest
from engine.generation.melody.dice import Dice
from engine.generation.melody.plan import BarPlan, Character, plan_bars
from engine.generation.melody.sketch import Sketch
from engine.generation.melody.writing import Checkpoint, Task, write
from engine.generation.registry import Answer
from engine.generation.search.melody_takes import melody_writer
from engine.generation.search.together import instant_then_model

SERVES = ((Kind.ANSWER, None),)
_LOOK_BACK = 16

_TITLES = {
    Character.PARALLEL: "Same opening, closes",
    Character.SEQUENCE: "Answers at another height",
    Character.RHYTHM: "Answers in the same rhythm",
    Character.MIRROR: "Turns the question upside down",
}


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Answers to the phrase before the region. Raises ImpossibleError when there is none."""
    return instant_then_model(
        request, write(request, checkpoint, _task), melody_writer(request, _task, checkpoint)
    )


def _task(sketch: Sketch) -> Task:
    if not _question(sketch):
        raise ImpossibleError(f"There is no phrase before bar {sketch.label(sketch.first_bar)} to answer.")
    return Task(_plan, _TITLES)


def _question(sketch: Sketch) -> list[int]:
    """The bars of the phrase before the region, as many as the answer has: those right before it if they
    begin with a note and mostly sound, else back from the last that sounds."""
    sounding = sketch.bars_with_notes(sketch.first_bar - _LOOK_BACK, sketch.first_bar)
    if not sounding:
        return []
    length, last = sketch.last_bar - sketch.first_bar + 1, sounding[-1]
    before = range(sketch.first_bar - length, sketch.first_bar)
    heard = [bar for bar in before if bar in sounding]
    is_phrase = before.start in heard and 2 * len(heard) > length
    first = before.start if is_phrase else max(sounding[0], last - length + 1)
    return list(range(first, last + 1))


def _plan(sketch: Sketch, character: Character, dice: Dice) -> list[BarPlan]:
    return plan_bars(sketch, character, _question(sketch), leads_on=False, dice=dice)
