"""A voice's notes and what the ear for several notes is sure of: what is added, cut, or left alone."""

import pytest

from engine.analysis.audio.voicevote import with_sure_notes
from engine.api.audio import HeardNote

HELD = [(0.0, 1.0, 60), (1.5, 2.0, 64)]


def notes(spans: list[tuple[float, float, int]], sure: float = 0.8) -> list[HeardNote]:
    return [HeardNote(start, end, pitch, 80, sure) for start, end, pitch in spans]


@pytest.mark.parametrize(
    ("told", "sure", "expected"),
    [
        ((0.5, 0.7, 62), 0.95, [(0.0, 0.5, 60), (0.5, 0.7, 62), (1.5, 2.0, 64)]),
        ((0.5, 0.7, 60), 0.95, [(0.0, 0.5, 60), (0.5, 1.0, 60), (1.5, 2.0, 64)]),
        ((1.2, 1.8, 62), 0.95, [(0.0, 1.0, 60), (1.2, 1.5, 62), (1.5, 2.0, 64)]),
        ((0.5, 0.7, 62), 0.8, HELD),
        ((0.5, 0.6, 62), 0.95, HELD),
        ((0.05, 0.4, 62), 0.95, HELD),
        ((0.5, 0.7, 79), 0.95, HELD),
    ],
    ids=["passing", "repeated", "in the rest", "unsure", "too short", "the same beginning", "an overtone"],
)
def test_only_what_is_surely_told_cuts_a_voice_or_fills_its_rest(
    told: tuple[float, float, int], sure: float, expected: list[tuple[float, float, int]]
) -> None:
    found = with_sure_notes(notes(HELD), notes([told], sure))
    assert [(note.start_s, note.end_s, note.pitch) for note in found] == expected


def test_what_is_told_is_moved_by_what_the_tunings_differ() -> None:
    found = with_sure_notes(notes(HELD), notes([(0.5, 0.7, 62)], 0.95), -1)
    assert [note.pitch for note in found] == [60, 61, 64]
