"""The line in the status bar."""

import pytest

from engine.music import Note, Origin, Song, Track
from engine.provenance import Shares, shares


def song_of(**counts):
    notes = [Note(1, 0, 1, 60, origin=Origin(name)) for name, count in counts.items() for _ in range(count)]
    return Song(tracks=(Track(1, "a", notes=tuple(notes[::2])), Track(2, "b", notes=tuple(notes[1::2]))))


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, ""),
        ({"drawn": 3}, "Yours 100% · accepted 0% · edited ideas 0%"),
        (
            {"drawn": 40, "played": 20, "imported": 21, "taken": 10, "rule": 2, "edited": 7},
            "Yours 81% · accepted 12% · edited ideas 7%",
        ),
        ({"drawn": 1, "taken": 1, "edited": 1}, "Yours 34% · accepted 33% · edited ideas 33%"),
        ({"taken": 2, "edited": 1}, "Yours 0% · accepted 67% · edited ideas 33%"),
    ],
)
def test_who_made_what(counts, sentence):
    assert shares(song_of(**counts)).sentence == sentence


@pytest.mark.parametrize("counts", [(1, 1, 1), (1, 2, 4), (999, 1, 1), (0, 0, 7), (5, 5, 1)])
def test_percents_always_add_up(counts):
    assert sum(Shares(*counts).percents) == 100
