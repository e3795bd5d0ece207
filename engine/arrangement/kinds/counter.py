"""COUNTER: a second voice beside the melody: answers, guide tones, a line against it, thirds along."""

from collections.abc import Iterator

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Kind, Scores, SuggestionRequest, Take
from engine.arrangement.brief import Brief, brief_of
from engine.arrangement.counter import CounterLine, counter_line, part_of, textures_for, title_of
from engine.generation.registry import Answer, Checkpoint
from engine.music import Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.COUNTER, None),)

MOST_TAKES = 12


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Second voices, the surest first. Raises EngineError with one sentence when there can be none."""
    brief = brief_of(request, Role.COUNTER)
    if all(span.chord.is_no_chord for span in brief.harmony):
        raise ImpossibleError("These bars say that no chord sounds; a second voice has nothing to stand on.")
    checkpoint()
    textures = textures_for(brief)
    given: list[CounterLine] = []
    for attempt in range(3 * min(request.takes, MOST_TAKES)):
        if len(given) >= min(request.takes, MOST_TAKES):
            return
        turn, place = divmod(attempt, len(textures))
        line = counter_line(brief, textures[place], 10 * turn + place)
        checkpoint()
        if not line.notes or any(_is_same(line, other) for other in given):
            continue
        given.append(line)
        yield _take(line, brief, len(given) - 1)
    if not given:
        raise ImpossibleError("There is no room for a second voice beside this melody.")


def _is_same(line: CounterLine, other: CounterLine) -> bool:
    mine = {(note.start_ticks, note.pitch) for note in line.notes}
    theirs = {(note.start_ticks, note.pitch) for note in other.notes}
    return len(mine & theirs) > 0.85 * max(len(mine), len(theirs))


def _take(line: CounterLine, brief: Brief, index: int) -> Take:
    part = part_of(line, brief)
    fits = [n.pitch_class in brief.chord_at(n.start_ticks).pitch_classes for n in line.notes]
    return Take(
        index,
        title_of(line.texture, brief),
        part.reasons,
        part.notes,
        scores=Scores(fit=round(sum(fits) / len(fits), 3)),
        seed=brief.request.seed,
        kept_note_ids=tuple(note.id for note in brief.fixed),
        parts=(part,),
    )
