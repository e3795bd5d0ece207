"""FORM: a whole song from the bars of a sketch, in one shape or several."""

from collections.abc import Iterator

from engine.api.errors import BadRequestError
from engine.api.messages import Progress
from engine.api.suggestion import Kind, SuggestionRequest
from engine.arrangement.form.material import material_of
from engine.arrangement.form.readings import readings
from engine.arrangement.form.shapes import Shape, shape_named, shapes
from engine.arrangement.form.song import form_take
from engine.arrangement.styles import player_style
from engine.generation.registry import Answer, Checkpoint

SERVES = ((Kind.FORM, None),)


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """A take a shape. Raises ImpossibleError where there is nothing to make a song of."""
    asked = _shape(request.controls.shape)
    material = material_of(request)
    style = player_style(request.controls.style, request.song).name
    for index, reading in enumerate(readings(material, style, asked, request.takes)):
        checkpoint()
        yield Progress(index / request.takes, f"Laying out {reading.title}")
        yield form_take(material, reading, style, index, checkpoint)


def _shape(words: str) -> Shape | None:
    """The shape asked for. Raises BadRequestError for words that mean none."""
    shape = shape_named(words)
    if words.strip() and shape is None:
        known = ", ".join(each.name for each in shapes())
        raise BadRequestError(f"“{words}” is no form that is known here; there are {known}.")
    return shape
