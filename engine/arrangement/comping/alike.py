"""Would anybody hear that two takes are different, and is there anything to write at all?"""

from engine.api.errors import ImpossibleError
from engine.arrangement.brief import Brief
from engine.music import Note

_ALIKE = 0.9
_GRID_TICKS = 60


def is_same(notes: tuple[Note, ...], others: tuple[Note, ...]) -> bool:
    """Whether nearly all notes stand at the same time and pitch."""
    mine = {(round(note.start_ticks / _GRID_TICKS), note.pitch) for note in notes}
    theirs = {(round(note.start_ticks / _GRID_TICKS), note.pitch) for note in others}
    return len(mine & theirs) > _ALIKE * max(len(mine), len(theirs))


def check_room(brief: Brief, who: str) -> None:
    """Raises ImpossibleError where no chord sounds or nothing may change. `who`: "chords rest"."""
    if all(span.chord.is_no_chord for span in brief.harmony):
        raise ImpossibleError(f"These bars say that no chord sounds; the {who} there.")
    if brief.standing and len(brief.fixed) == len(brief.standing) > 2 * len(brief.bars):
        raise ImpossibleError("Every note of these bars is locked; unlock some to get ideas.")
