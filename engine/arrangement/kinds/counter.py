"""COUNTER: a second voice beside the melody: answers, guide tones, a line against it, thirds along."""

from collections.abc import Iterator

from engine.api.errors import ImpossibleError, ModelError
from engine.api.suggestion import Kind, ModelRef, Scores, SuggestionRequest, Take
from engine.arrangement.brief import Brief, brief_of
from engine.arrangement.counter import (
    CounterLine,
    counter_line,
    part_of,
    textures_for,
    title_of,
    written_by_model,
)
from engine.generation.registry import Answer, Checkpoint
from engine.generation.search.models import load_infiller
from engine.music import Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.COUNTER, None),)

MOST_TAKES = 12
_MOST_MODEL_BARS = 32


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Second voices, the surest first. Raises EngineError with one sentence when there can be none."""
    brief = brief_of(request, Role.COUNTER)
    if all(span.chord.is_no_chord for span in brief.harmony):
        raise ImpossibleError("These bars say that no chord sounds; a second voice has nothing to stand on.")
    checkpoint()
    wanted = min(request.takes, MOST_TAKES)
    given: list[CounterLine] = []
    lines = _by_rules(brief, 3 * wanted)
    for line, ref in _in_turn(lines, brief, wanted, checkpoint):
        checkpoint()
        if not line.notes or any(_is_same(line, other) for other in given):
            continue
        given.append(line)
        yield _take(line, brief, len(given) - 1, ref)
        if len(given) == wanted:
            return
    if not given:
        raise ImpossibleError("There is no room for a second voice beside this melody.")


_Line = tuple[CounterLine, ModelRef]


def _in_turn(
    lines: Iterator[CounterLine], brief: Brief, wanted: int, checkpoint: Checkpoint
) -> Iterator[_Line]:
    """Lines by rules; after the first the model's where there is a model and time for more than one."""
    for number, line in enumerate(lines):
        if number == 1 and wanted > 1 and brief.melody:
            yield from _by_model(brief, checkpoint)
        yield line, ModelRef("", "")


def _by_rules(brief: Brief, tries: int) -> Iterator[CounterLine]:
    textures = textures_for(brief)
    for attempt in range(tries):
        turn, place = divmod(attempt, len(textures))
        yield counter_line(brief, textures[place], 10 * turn + place)


def _by_model(brief: Brief, checkpoint: Checkpoint) -> Iterator[_Line]:
    """The infilling model's line; nothing where there is no model or it finds no way."""
    if len(brief.bars) > _MOST_MODEL_BARS:
        return
    try:
        infiller = load_infiller()
        yield written_by_model(brief, infiller, checkpoint), infiller.ref
    except (ModelError, ImpossibleError):
        return


def _is_same(line: CounterLine, other: CounterLine) -> bool:
    mine = {(note.start_ticks, note.pitch) for note in line.notes}
    theirs = {(note.start_ticks, note.pitch) for note in other.notes}
    return len(mine & theirs) > 0.85 * max(len(mine), len(theirs))


def _take(line: CounterLine, brief: Brief, index: int, ref: ModelRef) -> Take:
    part = part_of(line, brief)
    fits = [n.pitch_class in brief.chord_at(n.start_ticks).pitch_classes for n in line.notes]
    return Take(
        index,
        title_of(line.texture, brief),
        part.reasons,
        part.notes,
        scores=Scores(fit=round(sum(fits) / len(fits), 3)),
        model=ref,
        seed=brief.request.seed,
        kept_note_ids=tuple(note.id for note in brief.fixed),
        parts=(part,),
    )
