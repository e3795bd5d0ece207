"""VARY: the melody of these bars, changed as far as asked, and still itself."""

from collections.abc import Iterator

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Controls, Keep, Kind, SuggestionRequest, Take
from engine.generation.melody.dice import Dice
from engine.generation.melody.distance import distance, soundings
from engine.generation.melody.model import load_model
from engine.generation.melody.sketch import Sketch, is_fixed, read_sketch
from engine.generation.melody.tune import Passage, passage_of
from engine.generation.melody.variation import (
    Idea,
    Variation,
    best_variation,
    figure_reasons,
    ideas_for,
    target_of,
)
from engine.generation.melody.varied_notes import varied_notes
from engine.generation.melody.varied_takes import Varied, varied_take
from engine.generation.melody.writing import MAX_TAKES, TOO_ALIKE, Checkpoint, style_of
from engine.generation.registry import Answer
from engine.generation.search.melody_variation import variation_writer
from engine.generation.search.together import instant_then_model
from engine.music import Note

SERVES = ((Kind.VARY, None),)
_FIRST_POOL, _POOL = 3, 5
_DEFAULT_DISTANCE = 0.4

_TITLES = {
    Idea.ORNAMENT: "Ornamented",
    Idea.PUSH: "Pushed off the beat",
    Idea.RESHAPE: "Same skeleton, new turns",
    Idea.SIMPLIFY: "Simpler",
    Idea.INNER: "Other ways between",
    Idea.SEQUENCE: "Figures moved",
    Idea.LIFT: "Lifted",
    Idea.ENDING: "A new ending",
}


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Variations of the region's melody. Raises ImpossibleError when there is none or all of it must stay."""
    sketch, passage, fixed = _read(request)
    instant = _takes(request, sketch, passage, checkpoint)
    yield from instant_then_model(
        request, instant, variation_writer(request, passage, fixed, _asked(request), checkpoint)
    )


def suggest_instantly(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Take]:
    """Variations without the model. Raises ImpossibleError as `suggest`."""
    sketch, passage, _ = _read(request)
    return _takes(request, sketch, passage, checkpoint)


def _read(request: SuggestionRequest) -> tuple[Sketch, Passage, frozenset[int]]:
    _refuse_contradictions(request.controls)
    sketch = read_sketch(request)
    fixed = _fixed_ids(sketch, request)
    first, last = sketch.label(sketch.first_bar), sketch.label(sketch.last_bar)
    where = f"bar {first}" if first == last else f"bars {first}–{last}"
    inside = sketch.inside()
    if not inside:
        raise ImpossibleError(f"There is no melody in {where} to vary.")
    if all(placed.note.id in fixed for placed in inside):
        raise ImpossibleError(f"Every note in {where} is locked or kept; free some to vary them.")
    keep = request.controls.keep
    return sketch, passage_of(sketch, fixed, Keep.RHYTHM in keep, Keep.CONTOUR in keep), fixed


def _refuse_contradictions(controls: Controls) -> None:
    if Keep.CONTOUR in controls.keep and controls.contour is not None:
        raise ImpossibleError("Your contour is to be kept and to be another one; drop one of the two.")
    if Keep.RHYTHM in controls.keep and controls.density is not None:
        raise ImpossibleError("Your rhythm is to be kept and to be fuller or sparser; drop one of the two.")


def _asked(request: SuggestionRequest) -> float:
    return _DEFAULT_DISTANCE if request.controls.distance is None else request.controls.distance


def _fixed_ids(sketch: Sketch, request: SuggestionRequest) -> frozenset[int]:
    """Locked and kept notes, those on strong beats if asked, the last one if the cadence is to be kept."""
    keep = request.controls.keep
    inside = sketch.inside()
    fixed = {placed.note.id for placed in inside if is_fixed(placed.note, request)}
    if Keep.STRONG_BEATS in keep:
        fixed |= {
            placed.note.id for placed in inside if _is_strong(sketch, placed.event.bar, placed.event.offset)
        }
    if Keep.CADENCE in keep and inside:
        fixed.add(inside[-1].note.id)
    return frozenset(fixed)


def _is_strong(sketch: Sketch, bar: int, offset: int) -> bool:
    metre = sketch.song.time_map.metre_at(sketch.bars[bar].start)
    return offset * 20 in metre.strong_offsets


def _takes(
    request: SuggestionRequest, sketch: Sketch, passage: Passage, checkpoint: Checkpoint
) -> Iterator[Take]:
    asked = _asked(request)
    style = style_of(load_model(), sketch, request.controls.style)
    given: list[list[Note]] = []
    untried = list(ideas_for(passage))
    for index in range(min(request.takes, MAX_TAKES)):
        variation = None
        for idea in untried[index % len(untried) :] + untried[: index % len(untried)]:
            pool = _POOL if index else _FIRST_POOL
            dice = [Dice(request.seed, 1_000_000 + index * 1000 + number) for number in range(pool)]

            def unlike(candidate: Variation) -> float:
                notes = varied_notes(passage, candidate.tune)
                nearest = min((distance(soundings(notes), soundings(other)) for other in given), default=1.0)
                return -3.0 * max(0.0, min(TOO_ALIKE, target_of(asked)) - nearest)

            variation = best_variation(passage, idea, target_of(asked), dice, unlike, checkpoint)
            if variation is not None:
                break
        if variation is None:
            raise ImpossibleError("What must be kept leaves nothing to vary in these bars.")
        notes = varied_notes(passage, variation.tune)
        given.append(notes)
        yield _take(request, passage, variation, notes, index, style)


def _take(
    request: SuggestionRequest,
    passage: Passage,
    variation: Variation,
    notes: list[Note],
    index: int,
    style: int,
) -> Take:
    varied = Varied(
        _TITLES[variation.idea],
        tuple(figure_reasons(variation, passage.sketch.label)),
        variation.tune,
        notes,
        variation.line,
        variation.distance,
    )
    model = load_model()
    return varied_take(passage, varied, model, style, index, request.seed, model.ref)
