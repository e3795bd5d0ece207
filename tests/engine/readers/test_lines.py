"""Bars joined, top lines, bass lines: what a score's lines are."""

import pytest

from engine.training.corpus.voicelines import choir_lines, ensemble_lines, song_lines
from engine.training.readers.parts import (
    TICKS,
    FullScore,
    Measure,
    PartNote,
    PartVoice,
    bar_halves,
    bottom_line,
    joined,
    low_line,
    top_line,
)


def _notes(*rows: tuple[int, int, int]) -> list[PartNote]:
    return [PartNote(*row) for row in rows]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([4, 4, 4], [4, 4, 4]),
        ([1, 4, 3, 1, 4], [1, 4, 4, 4]),
        ([2, 2, 4], [4, 4]),
        ([4, 6, 4], [4, 6, 4]),
    ],
    ids=["plain", "repeat inside a bar", "cut first bar", "long bar"],
)
def test_measures_are_joined_to_bars(lengths: list[int], expected: list[int]) -> None:
    at, measures = 0, []
    for length in lengths:
        measures.append(Measure(at * TICKS, length * TICKS, (4, 4)))
        at += length
    assert [bar.length // TICKS for bar in joined(measures)] == expected


def test_the_top_line_is_single_and_highest() -> None:
    line = top_line(_notes((0, 4, 72), (0, 2, 60), (1, 1, 65), (2, 2, 76), (6, 2, 50)))
    assert line == _notes((0, 2, 72), (2, 2, 76), (6, 2, 50))


def test_the_low_line_is_the_lowest() -> None:
    assert low_line(_notes((0, 4, 72), (0, 2, 60), (2, 2, 55))) == _notes((0, 2, 60), (2, 2, 55))


@pytest.mark.parametrize(
    ("hand", "expected"),
    [
        (_notes((0, 1, 36), (1, 1, 48), (2, 1, 52), (3, 1, 48)), _notes((0, 4, 36))),
        (_notes((0, 1, 36), (2, 1, 48), (3, 1, 52)), _notes((0, 1, 36))),
        (_notes((0, 2, 36), (2, 2, 38)), _notes((0, 2, 36), (2, 2, 38))),
        (_notes((0, 6, 36), (4, 2, 60)), _notes((0, 4, 36), (4, 2, 60))),
    ],
    ids=["broken chord", "a rest ends the bass", "a step", "next window"],
)
def test_the_bass_of_an_accompaniment(hand: list[PartNote], expected: list[PartNote]) -> None:
    assert bottom_line(hand, [0, 4, 8]) == expected


def test_a_bar_of_four_beats_has_two_basses() -> None:
    measures = [Measure(0, 4 * TICKS, (4, 4)), Measure(4 * TICKS, 3 * TICKS, (3, 4))]
    assert bar_halves(FullScore("", measures, [])) == [0, 2 * TICKS, 4 * TICKS]


def _score(*voices: tuple[int, int, int, bool], names: tuple[str, ...] = ()) -> FullScore:
    """Voices as (part, staff, pitch, has words), one long note each."""
    found = [PartVoice(p, s, "1", [PartNote(0, TICKS, pitch)], words) for p, s, pitch, words in voices]
    return FullScore("", [Measure(0, TICKS, (1, 4))], found, list(names))


def test_a_song_is_sung_by_the_part_with_words() -> None:
    lines = song_lines(_score((0, 0, 80, False), (1, 0, 65, True), (2, 0, 60, False), (2, 1, 40, False)))
    assert [note.pitch for note in (*lines.melody, *lines.bass)] == [65, 40]


def test_a_quartet_has_a_counter_line() -> None:
    lines = ensemble_lines(_score(*((part, 0, 80 - 8 * part, False) for part in range(4))))
    assert [lines.melody[0].pitch, lines.counter[0].pitch, lines.bass[0].pitch] == [80, 72, 56]


def test_choirs_are_found_among_instruments() -> None:
    names = ("Horn 1", "Soprano\rOboe", "Alto", "Tenor", "Bass")
    lines = choir_lines(_score(*((part, 0, 80 - 8 * part, False) for part in range(5)), names=names))
    assert [lines.melody[0].pitch, lines.counter[0].pitch, lines.bass[0].pitch] == [72, 64, 48]
