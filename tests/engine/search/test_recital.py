"""What a line costs does not depend on who writes it."""

import pytest

from engine.api.suggestion import Kind, SuggestionRequest
from engine.generation.infill.decoding import Finished, FreeGuide
from engine.generation.infill.sampling import Taste
from engine.generation.language.grammar import Grammar
from engine.generation.melody.plan import Ending
from engine.generation.melody.sketch import read_sketch
from engine.generation.search.melody_hole import MelodyHole, melody_hole
from engine.generation.search.models import load_infiller
from engine.generation.search.recital import recited
from engine.music import Region, Role, Song
from tests.engine.melody.sketches import jig_song, pop_song, song_of


def hole_of(song: Song, start: int, end: int) -> MelodyHole:
    request = SuggestionRequest(Kind.CONTINUE, song, Region(start, end, (1,)), Role.MELODY)
    return melody_hole(request, read_sketch(request))


def test_a_line_recited_costs_what_it_cost_when_it_was_written() -> None:
    question, infiller = hole_of(jig_song(), 4, 6).question, load_infiller()
    written = [
        event
        for event in infiller.run(question, range(3), 7, FreeGuide(Grammar(question)), Taste(), lambda: None)
        if isinstance(event, Finished)
    ]
    costs = {take.take: next(iter(take.costs.values())) for take in written}
    sheets = [take.sheet for take in sorted(written, key=lambda take: take.take)]
    told = recited(infiller, question, sheets, lambda: None)
    assert told == pytest.approx([costs[n].nats for n in range(3)], rel=1e-4)


HELD, RUNNING = "G4/1 A4/1 C5/2", "G4/.5 A4/.5 B4/.5 A4/.5 G4/.5 F4/.5 E4/.5 D4/.5"
ONWARD = "C4/1 D4/1 E4/1 G4/1"


@pytest.mark.parametrize(("last", "comes_to_rest"), [(HELD, True), (RUNNING, False)])
def test_phrases_end_as_the_artists_phrases_end(last: str, comes_to_rest: bool) -> None:
    hole = hole_of(song_of((ONWARD, ONWARD, ONWARD, last) * 2, ("C",) * 12), 8, 12)
    assert hole.comes_to_rest(Ending.OPEN) is comes_to_rest
    latest = max(hole.rules(11, Ending.OPEN).places or ())
    assert (latest <= 64) is comes_to_rest
    assert not hole.comes_to_rest(Ending.NONE)


def test_with_few_phrases_known_a_phrase_comes_to_rest() -> None:
    assert hole_of(pop_song(), 4, 8).comes_to_rest(Ending.CLOSED)
