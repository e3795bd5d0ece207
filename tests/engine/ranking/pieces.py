"""Small pieces for the tests of judging: phrases over a scale, different for every seed, and loops."""

import random

from engine.generation.language.grid import Sheet
from engine.training.corpus.piece import CorpusPiece
from tests.engine.ranking.sheets import sheet

_SCALE = ["C", "D", "E", "F", "G", "A", "B", "c", "d", "e"]
_LOOPS = ("C|G|A:min|F", "C|F|G:7|C", "C|A:min|D:min|G:7")


def tune(seed: int, bars: int = 16) -> str:
    """Steps and a few thirds, quarters and eighths; every fourth bar comes to rest."""
    chance = random.Random(seed)
    at, told = chance.randrange(2, 6), []
    for bar in range(bars):
        lengths = chance.choice([(1, 1, 1, 1), (1, 0.5, 0.5, 2), (2, 1, 1), (0.5, 0.5, 1, 1, 1)])
        if bar % 4 == 3:
            lengths = (1, 1, 2)
        words = []
        for length in lengths:
            at = min(len(_SCALE) - 1, max(0, at + chance.choice((-2, -1, -1, 0, 1, 1, 2))))
            words.append(f"{_SCALE[at]}{length}")
        told.append(" ".join(words))
    return "|".join(told)


def piece(seed: int, style: str = "song", bars: int = 16, chords: bool = True) -> CorpusPiece:
    loop = _LOOPS[seed % 3] if chords else ""
    written = "|".join([loop] * (bars // 4)) if chords else ""
    told: Sheet = sheet(tune(seed, bars), written)
    return CorpusPiece(f"test/{seed}", "test", style, f"Tune {seed}", "", "CC0-1.0", told)
