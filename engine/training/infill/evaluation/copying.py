"""Does the model that is being trained begin to write its lessons down again?

In holes of the valid part it writes with the running mean of its weights, one seeded fill a hole; the longest
run that each shares with a melody of the train part is held beside people's own in the same holes.
"""

from collections.abc import Sequence

from engine.generation.infill.decoding import Decoder
from engine.generation.infill.weights import Weights, as_bfloat16
from engine.training.corpus.clusters import clusters
from engine.training.corpus.piece import CorpusPiece
from engine.training.infill.evaluation.contenders import Contender
from engine.training.infill.evaluation.holes import Hole
from engine.training.infill.evaluation.originality import TrainIndex
from engine.training.infill.evaluation.sampled import Sampler
from engine.training.infill.evaluation.stage import Stage
from engine.training.infill.learner import Learner

HOLES = 16
"""Of folk tunes, and of songs: eight bars after eight."""
_TOLD = ("p50", "p90")


class CopyWatch:
    """Notes of the longest runs, `copied_p50` and `copied_p90`, and the same of people."""

    def __init__(self, index: TrainIndex, holes: Sequence[Hole], seed: int) -> None:
        self._index, self._holes, self._seed = index, holes, seed
        self._people = index.runs(holes, [hole.sheet for hole in holes])

    @staticmethod
    def of(train: Sequence[CorpusPiece], valid: Sequence[CorpusPiece], seed: int) -> "CopyWatch":
        index = TrainIndex.of(train, [train[owner].id for owner in clusters(train)])
        found = Stage(valid, windows=HOLES).continuations
        return CopyWatch(index, [hole for holes in found.values() for hole in holes], seed)

    def __call__(self, learner: Learner) -> dict[str, float]:
        model = Contender("model", Sampler(Decoder(released_weights(learner))).write)
        found = self._index.runs(self._holes, model.first_answers(self._holes, self._seed))
        own = {f"copied_{name}": round(found[name], 1) for name in _TOLD if found}
        people = {f"people_copied_{name}": round(self._people[name], 1) for name in _TOLD if self._people}
        return own | people


def released_weights(learner: Learner) -> Weights:
    """What would be released now."""
    arrays = {name: as_bfloat16(value.detach().cpu().numpy()) for name, value in learner.mean.items()}
    return Weights(learner.sizes, arrays, {})
