"""Notes spoilt as our own listening spoils them: how many are left of which, and what is never touched."""

import random

import pytest

from engine.training.hearing.band import Band, Stroke
from engine.training.hearing.listenednotes import as_listened
from engine.training.hearing.pulsebands import Take

_TAKES, _NOTES = 60, 40


def take_of(pitch: int, velocity: int, length_s: float) -> Take:
    """One pitch again and again every half second."""
    strokes = tuple(Stroke(at / 2, at / 2 + length_s, pitch, velocity, 0) for at in range(_NOTES))
    return Take("Again", Band.NO_DRUMS, "4/4", strokes, (), ())


def share_heard(take: Take) -> float:
    """Of many recordings: how much of what was played is told at its time and pitch."""
    starts = {stroke.start_s for stroke in take.strokes}
    found = 0
    for seed in range(_TAKES):
        notes = [
            note for note in as_listened(take, random.Random(seed)) if note.pitch == take.strokes[0].pitch
        ]
        found += len(
            {near for note in notes if abs((near := round(2 * note.start_s) / 2) - note.start_s) < 0.05}
        )
    return found / (_TAKES * len(starts))


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (take_of(64, 100, 0.3), take_of(64, 50, 0.3)),
        (take_of(40, 60, 0.3), take_of(64, 60, 0.3)),
        (take_of(64, 60, 0.3), take_of(64, 60, 0.7)),
    ],
    ids=["loud ones", "the bass", "keys that are silent"],
)
def test_some_notes_are_heard_sooner_than_others(more: Take, less: Take) -> None:
    assert 0.3 < share_heard(less) < share_heard(more) - 0.03 < 1


def test_as_it_was_played_nothing_is_lost_and_the_seed_decides_the_rest() -> None:
    take = take_of(64, 80, 0.4)
    exact = as_listened(take, random.Random(1), is_exact=True)
    assert [(n.start_s, n.pitch) for n in exact] == [(s.start_s, s.pitch) for s in take.strokes]
    assert as_listened(take, random.Random(1)) == as_listened(take, random.Random(1))
    assert as_listened(take, random.Random(1)) != as_listened(take, random.Random(2))
