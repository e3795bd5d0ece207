"""DRUMS: a drum part for the bars: grooves that differ, go with the song, are lean, full, paced."""

from collections.abc import Iterator

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Kind, Scores, SuggestionRequest, Take
from engine.arrangement.brief import Brief, brief_of
from engine.arrangement.drums import DrumLine, Manner, drum_line, manners_for, part_of, title_of
from engine.arrangement.drums.grooves import Groove
from engine.arrangement.drums.words import accent_share
from engine.generation.registry import Answer, Checkpoint, Remark
from engine.music import Note, Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.DRUMS, None),)

MOST_TAKES = 12
_TRIES = 5
_SAME_TICKS = 60


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """Drum parts, the surest first. Raises EngineError with one sentence when there can be none."""
    brief = brief_of(request, Role.DRUMS)
    checkpoint()
    manners = manners_for(brief)
    used: tuple[Groove, ...] = ()
    given: list[DrumLine] = []
    for index in range(min(request.takes, MOST_TAKES)):
        for attempt in range(_TRIES):
            manner = manners[min(index + attempt, len(manners) - 1)]
            line = drum_line(brief, manner, 10 * index + attempt, used, checkpoint)
            if line.strokes and not any(_is_same(line, other) for other in given):
                break
            used += line.plan.used
        else:
            _check_any(given)
            return
        titles = [title_of(other) for other in given]
        used += line.plan.used
        given.append(line)
        if line.is_model_missing and index == 0:
            yield Remark(notice="The drummer model is missing, so the drums are played straight.")
        yield _take(line, brief, index, titles)


def _check_any(given: list[DrumLine]) -> None:
    if not given:
        raise ImpossibleError("Locked notes fill these bars; unlock some to get drums.")


def _is_same(line: DrumLine, other: DrumLine) -> bool:
    """Whether nobody would hear two takes: nearly all strokes at the same place on the same drum."""
    mine, theirs = _places(line.notes), _places(other.notes)
    return len(mine & theirs) > 0.92 * max(len(mine), len(theirs))


def _places(notes: tuple[Note, ...]) -> set[tuple[int, int]]:
    return {(round(note.start_ticks / _SAME_TICKS), note.pitch) for note in notes}


_MANNERS = {
    Manner.ACCENTS: "with your accents",
    Manner.LEANER: "leaner",
    Manner.FULLER: "fuller",
    Manner.PACE: "another pace",
}


def _titled(line: DrumLine, others: list[str]) -> str:
    """The title, and what the take is about where another has the same groove most of the time."""
    title = title_of(line)
    alike = sum(other.startswith(title) for other in others)
    return f"{title}, {_MANNERS.get(line.plan.manner, f'way {alike + 1}')}" if alike else title


def _take(line: DrumLine, brief: Brief, index: int, titles: list[str]) -> Take:
    part = part_of(line, brief)
    hit, total = accent_share(line, brief)
    return Take(
        index,
        _titled(line, titles),
        part.reasons,
        part.notes,
        scores=Scores(fit=round(hit / total, 3) if total else None),
        model=line.model,
        seed=brief.request.seed,
        kept_note_ids=tuple(note.id for note in brief.fixed),
        parts=(part,),
    )
