"""BASS: a bass line under the bars, in the style, with the kick, walking, simple: takes that differ."""

from collections.abc import Iterator

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Kind, Scores, SuggestionRequest, Take
from engine.arrangement.bass import Manner, bass_line, manners_for, strong_beat_fit, title_of
from engine.arrangement.bass import part_of as bass_part_of
from engine.arrangement.bass.figures import Figure
from engine.arrangement.bass.line import BassLine
from engine.arrangement.brief import Brief, brief_of
from engine.generation.registry import Answer, Checkpoint
from engine.music import Note, Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.BASS, None),)

MOST_TAKES = 12
_TRIES = 6


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Bass lines, the surest first. Raises EngineError with one sentence when there can be none."""
    brief = brief_of(request, Role.BASS)
    _check(brief)
    checkpoint()
    manners = manners_for(brief)
    used: tuple[Figure, ...] = ()
    given: list[BassLine] = []
    for index in range(min(request.takes, MOST_TAKES)):
        for attempt in range(_TRIES):
            manner = manners[min(index, len(manners) - 1)] if attempt < 2 else Manner.OTHER
            line = bass_line(brief, manner, 10 * index + attempt, used)
            checkpoint()
            if line.notes and not any(_is_same(line.notes, other.notes) for other in given):
                break
            used += line.plan.used
        else:
            return
        used += line.plan.used
        given.append(line)
        yield _take(line, brief, index)


def _check(brief: Brief) -> None:
    if all(span.chord.is_no_chord for span in brief.harmony):
        raise ImpossibleError("These bars say that no chord sounds; the bass rests there.")
    free = brief.end_ticks - brief.start_ticks
    if sum(note.duration_ticks for note in brief.fixed) >= free:
        raise ImpossibleError("Every note of these bars is locked; unlock some to get ideas.")


def _is_same(notes: tuple[Note, ...], others: tuple[Note, ...]) -> bool:
    """Whether nobody would hear two takes: nearly all notes at the same time and pitch."""
    mine = {(note.start_ticks, note.pitch) for note in notes}
    theirs = {(note.start_ticks, note.pitch) for note in others}
    return len(mine & theirs) > 0.92 * max(len(mine), len(theirs))


def _take(line: BassLine, brief: Brief, index: int) -> Take:
    part = bass_part_of(line, brief)
    kept = tuple(note.id for note in brief.fixed)
    return Take(
        index,
        title_of(line, brief),
        part.reasons,
        part.notes,
        scores=Scores(fit=strong_beat_fit(line, brief)),
        seed=brief.request.seed,
        kept_note_ids=kept,
        parts=(part,),
    )
