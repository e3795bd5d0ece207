"""A tune over its own chords on one piano: the top line is varied, the left hand stays."""

from dataclasses import replace

import pytest

from engine.api.suggestion import Controls, Kind, SuggestionRequest, Take
from engine.generation.registry import generator_for
from engine.music import Note, Region, Role
from engine.music.note import note_order
from tests.engine.melody.sketches import pop_song


@pytest.fixture(scope="module")
def piano():
    song = pop_song()
    tune = song.tracks[0]
    chords = [
        Note(9_000 + bar * 3 + i, bar * 1920, 1_900, pitch)
        for bar in range(4)
        for i, pitch in enumerate((36, 48, 55))
    ]
    played = replace(tune, role=Role.CHORDS, notes=tuple(sorted((*tune.notes, *chords), key=note_order)))
    return replace(song, tracks=(played,), next_id=20_000)


@pytest.mark.parametrize("kind", [Kind.VARY, Kind.ANSWER])
def test_the_top_line_is_taken_for_the_melody(piano, kind):
    request = SuggestionRequest(kind, piano, Region(0, 4) if kind is Kind.VARY else Region(4, 8), takes=2)
    answers = generator_for(kind, Role.MELODY).suggest(request, lambda: None)
    takes = [answer for answer in answers if isinstance(answer, Take)]
    assert len(takes) == 2
    assert all(take.notes for take in takes)


def test_varying_it_leaves_the_left_hand(piano):
    request = SuggestionRequest(Kind.VARY, piano, Region(0, 4), controls=Controls(distance=0.5), takes=1)
    take = next(iter(generator_for(Kind.VARY, Role.MELODY).suggest(request, lambda: None)))
    low = {(n.start_ticks, n.pitch) for n in piano.tracks[0].notes if n.pitch < 50}
    assert low <= {(note.start_ticks, note.pitch) for note in take.notes}
