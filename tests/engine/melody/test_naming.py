"""A line without a plan is called by what it does, and four of them are called four things."""

import pytest

from engine.api.suggestion import Kind, ModelRef, SuggestionRequest, Take
from engine.generation.kinds.continue_melody import _TITLES as TITLES
from engine.generation.melody.line import Event
from engine.generation.melody.naming import characters_of, named
from engine.generation.melody.plan import Character
from engine.generation.melody.sketch import Sketch, read_sketch
from engine.generation.melody.writing import new_notes
from engine.music import Region, Role
from tests.engine.melody.sketches import POP, song_of

FIRST = 4
SAME, MOVED = "C5/.5 B4/.5 A4/.5 G4/.5 A4/1 E4/1", "D5/.5 C5/.5 B4/.5 A4/.5 B4/1 F4/1"
UP, DOWN = ("C4/1 D4/1 E4/1 F4/1", "G4/1 A4/1 B4/1 C5/1"), ("C5/1 B4/1 A4/1 G4/1", "F4/1 E4/1 D4/1 C4/1")
LATE = ("E4/1 F4/1 G4/1 A4/1", "B4/1 C5/1 D5/1 C5/1")
RHYTHM, NEW = "G4/.5 A4/.5 G4/.5 E4/.5 D4/1 E4/1", "C4/1.5 D4/.25 E4/.25 G4/2"


def sketch() -> Sketch:
    song = song_of(POP)
    return read_sketch(SuggestionRequest(Kind.CONTINUE, song, Region(FIRST, FIRST + 4, (1,)), Role.MELODY))


def line(*bars: str) -> list[Event]:
    """The bars of the region as they would be written."""
    found = song_of((*POP, *bars))
    after = read_sketch(
        SuggestionRequest(Kind.VARY, found, Region(FIRST, FIRST + len(bars), (1,)), Role.MELODY)
    )
    return [placed.event for placed in after.inside()]


@pytest.mark.parametrize(
    ("bars", "characters"),
    [
        ((SAME, NEW, POP[1], POP[0]), [Character.PARALLEL]),
        ((SAME, NEW, POP[0], "G4/.5 A4/.5 B4/1 A4/1"), [Character.PARALLEL, Character.SEQUENCE]),
        ((MOVED, NEW, "C4/4", "R/4"), [Character.FRESH, Character.SEQUENCE]),
        ((MOVED, NEW), [Character.SEQUENCE, Character.FRESH]),
        ((RHYTHM, NEW, "C4/4", "D4/1 E4/3"), [Character.FRESH, Character.RHYTHM]),
        ((NEW, "C4/4", NEW, NEW), [Character.FRESH]),
    ],
)
def test_a_line_is_called_by_what_it_does(bars: tuple[str, ...], characters: list[Character]) -> None:
    assert characters_of(sketch(), line(*bars)) == characters


def test_lines_that_do_the_same_are_told_apart() -> None:
    names: list[str] = []
    takes: list[Take] = []
    for bars in (UP, DOWN, LATE):
        events = line(*bars)
        notes = new_notes(sketch(), events)
        names.append(named(sketch(), TITLES, events, notes, takes))
        takes.append(Take(len(takes), names[-1], notes=tuple(notes), model=ModelRef("infill", "0"), seed=1))
    fresh = TITLES[Character.FRESH]
    assert names == [fresh, f"{fresh}, falling", f"{fresh}, rising"]
