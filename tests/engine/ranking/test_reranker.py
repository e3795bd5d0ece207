"""The scorer adds up its curves and says which weighed."""

import numpy as np
import pytest

from engine.generation.language.grid import Stream
from engine.ranking.features import Part, context_of
from engine.ranking.reranker import Curves, Reranker
from tests.engine.ranking.sheets import sheet


def arrays() -> dict[str, np.ndarray]:
    """Two remarks a part: steps are good, leaps at the seam bad; falling fifths good, rubs bad."""
    found = {}
    for part in Part:
        found[f"{part}.knots"] = np.array([[0.0, 1.0], [0.0, 12.0]])
        found[f"{part}.heights"] = np.array([[-1.0, 1.0], [1.0, -2.0]])
        found[f"{part}.absent"] = np.array([0.25, 0.0])
    return found


NAMES = {"melody": ("steps", "seam_in"), "chords": ("falling_fifths", "clashes_a_bar")}
RERANKER = Reranker.from_arrays(arrays(), NAMES)


def test_the_score_is_the_sum_of_the_curves() -> None:
    song = sheet("C D E F|G A B c", "C|G")
    judged = RERANKER.score(context_of(song, 1, 2, (Stream.MELODY,)), song)
    assert judged.worth == {"melody.steps": pytest.approx(1.0), "melody.seam_in": pytest.approx(0.5)}
    assert judged.score == pytest.approx(1.5)
    assert judged.merits == ("moves by step", "joins smoothly")
    assert judged.doubts == ()


def test_doubts_name_what_speaks_against_it() -> None:
    song = sheet("C D E F|c G c G", "C|G")
    judged = RERANKER.score(context_of(song, 1, 2, (Stream.MELODY,)), song)
    assert judged.doubts[0] == "few steps"
    assert judged.score < 0


def test_what_does_not_apply_counts_as_absent() -> None:
    song = sheet("C4|G4")
    judged = RERANKER.score(context_of(song, 1, 2, (Stream.MELODY,)), song)
    assert judged.worth["melody.steps"] == 0.25
    assert "moves by step" not in judged.merits


def test_melody_and_chords_written_together_count_half_each() -> None:
    song = sheet("C D E F|G A B c", "C|F")
    both = RERANKER.score(context_of(song, 1, 2, (Stream.MELODY, Stream.CHORDS)), song)
    melody = RERANKER.score(context_of(song, 1, 2, (Stream.MELODY,)), song)
    chords = RERANKER.score(context_of(song, 1, 2, (Stream.CHORDS,)), song)
    assert both.score == pytest.approx((melody.score + chords.score) / 2)


def test_the_file_and_back() -> None:
    again = Reranker.from_arrays(RERANKER.arrays(), NAMES)
    assert again.arrays().keys() == arrays().keys()
    assert np.array_equal(again.curves[Part.MELODY].heights, RERANKER.curves[Part.MELODY].heights)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("melody.knots", np.array([[0.0, 0.0], [0.0, 1.0]])),
        ("melody.knots", np.zeros(3)),
        ("melody.heights", np.zeros((2, 3))),
        ("chords.absent", np.zeros(5)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(key: str, value: np.ndarray) -> None:
    with pytest.raises(ValueError, match="ranking"):
        Reranker.from_arrays(arrays() | {key: value}, NAMES)


def test_a_missing_array_is_refused() -> None:
    found = arrays()
    del found["chords.heights"]
    with pytest.raises(KeyError):
        Reranker.from_arrays(found, NAMES)


def test_beyond_the_last_knot_the_curve_goes_on_level() -> None:
    curve = Curves(("range",), np.array([[0.0, 12.0]]), np.array([[-1.0, 1.0]]), np.array([0.0]))
    assert curve.worth({"range": 99.0}).tolist() == [1.0]
