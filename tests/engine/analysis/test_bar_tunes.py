"""Which tunes the networks that tell bars may learn from."""

import random
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from engine.music import Key, Metre, Mode
from engine.training.corpus.split import Part as CorpusPart
from engine.training.hearing import pulsetunes
from engine.training.hearing.material import title_number
from engine.training.hearing.pulsetunes import Tune, Tunes, more_tunes
from engine.training.hearing.rendering import Sheet


@dataclass(frozen=True)
class Piece:
    tune: Tune
    part: CorpusPart = CorpusPart.TRAIN


def _tune(title: str, melody: int) -> Tune:
    rng = random.Random(melody)
    notes = tuple((at * 480, 480, rng.randrange(55, 80)) for at in range(60))
    return Tune(Sheet(title, Metre(3, 4), 0, Key(0, Mode.MAJOR), notes, ()))


def _titled(is_aside: bool, but: str = "") -> str:
    titles = (f"Waltz {number}" for number in range(100))
    return next(t for t in titles if (title_number(t, "/fold") % 5 == 0) == is_aside and t != but)


LEARNT, ASIDE = _titled(is_aside=False), _titled(is_aside=True)
TEST = _tune(_titled(is_aside=False, but=LEARNT), 1)
KEPT = _tune(ASIDE, 2)


@pytest.mark.parametrize(
    ("piece", "may_teach"),
    [
        (Piece(_tune(LEARNT, 3)), True),
        (Piece(_tune(LEARNT, 3), CorpusPart.VALID), False),
        (Piece(_tune(LEARNT, 3), CorpusPart.TEST), False),
        (Piece(_tune(ASIDE, 3)), False),
        (Piece(_tune(TEST.sheet.title.upper() + "!", 3)), False),
        (Piece(_tune(LEARNT, 1)), False),
        (Piece(_tune(LEARNT, 2)), False),
    ],
)
def test_what_shares_a_title_or_a_melody_with_what_is_kept_from_it_teaches_no_bars(
    piece: Piece, may_teach: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulsetunes, "sheets_by_metre", lambda data, part: {"3/4": [TEST.sheet]})
    monkeypatch.setattr(pulsetunes, "tune_of", lambda piece: piece.tune)
    monkeypatch.setattr(pulsetunes, "parts", lambda pieces: [piece.part for piece in pieces])
    sheet = replace(KEPT, sheet=replace(_tune(LEARNT, 4).sheet, title=LEARNT))
    tunes: Tunes = {"3/4": ([sheet], [KEPT])}
    sheets, found = more_tunes(Path(), [piece], tunes)["3/4"]  # type: ignore[list-item]
    assert sheets == [sheet]
    assert found == ([piece.tune] if may_teach else [])
