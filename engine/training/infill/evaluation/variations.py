"""Is a variation as far away as asked, and still good music?

Distance is `engine.generation.melody.distance` over the varied bars (0 the same, 1 nothing in common); it is
met within TOLERANCE. Still good: it costs at most WORSE times the bits a note of what stood there, to a model
that hears the bars around it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from engine.api.errors import EngineError
from engine.api.suggestion import Controls, Kind
from engine.generation.language.grid import Sheet, Stream
from engine.generation.melody.distance import Sounding, distance
from engine.generation.melody.variation import FARTHEST, NEAREST
from engine.generation.search.models import instant_alone, models_from
from engine.ranking.features_passage import Passage
from engine.training.infill.evaluation.holes import Hole
from engine.training.infill.evaluation.instant import Accepts, ask, is_instant, is_modelled, melody_cells
from engine.training.infill.evaluation.surprisal import Bits, bits_an_event

ASKED = (0.15, 0.3, 0.5)
TOLERANCE, WORSE = 0.1, 1.1
Varier = Callable[[Hole, float, int], Sheet]
"""(hole, distance asked, seed) -> the window with its melody varied; may refuse with an EngineError."""


def instant_variation(hole: Hole, asked: float, seed: int) -> Sheet:
    """The instant generator's VARY."""
    with instant_alone():
        return _varied(hole, asked, seed, is_instant)


def product_variation(folder: Path, name: str) -> Varier:
    """VARY as the model answers it through the product's door."""

    def vary(hole: Hole, asked: float, seed: int) -> Sheet:
        with models_from(folder, name):
            return _varied(hole, asked, seed, is_modelled)

    return vary


def _varied(hole: Hole, asked: float, seed: int, accepts: Accepts) -> Sheet:
    """The slider runs from the nearest variation to the farthest."""
    slider = min(1.0, max(0.0, (asked - NEAREST) / (FARTHEST - NEAREST)))
    take = ask(hole, seed, Controls(distance=slider), Kind.VARY, accepts)
    return hole.filled(melody_cells(hole, take))


def variations(holes: Sequence[Hole], vary: Varier, bits: Bits, seed: int = 1) -> dict[str, float]:
    """Shares of variations that are as far as asked, that cost little more, and that do both."""
    met: list[bool] = []
    good: list[bool] = []
    refused = 0
    usual = [bits_an_event([hole], bits)[Stream.MELODY] for hole in holes]
    for asked in ASKED:
        for hole, before in zip(holes, usual, strict=True):
            try:
                varied = vary(hole, asked, hole.luck(seed))
            except EngineError:
                refused += 1
                continue
            met.append(abs(measured(hole, varied) - asked) <= TOLERANCE)
            cost = bits_an_event([replace(hole, sheet=varied)], bits)[Stream.MELODY]
            good.append(cost <= WORSE * before)
    if not met:
        return {"refused": float(refused)}
    return {
        "distance_met": fmean(met),
        "bits_kept": fmean(good),
        "both": fmean(a and b for a, b in zip(met, good, strict=True)),
        "refused": float(refused),
    }


def measured(hole: Hole, sheet: Sheet) -> float:
    """How far the hole's melody is from what people wrote there."""
    return distance(_sounding(hole, hole.sheet), _sounding(hole, sheet))


def _sounding(hole: Hole, sheet: Sheet) -> list[Sounding]:
    passage = Passage.of_sheet(sheet)
    tones = passage.tones_in(hole.first, hole.end)
    return [Sounding(tone.start, tone.end, tone.pitch) for tone in tones]
