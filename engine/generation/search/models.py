"""Which learnt models does the search write and judge with, and are they there?

The infilling model writes, the ranking judges; both lie in `assets/models` with their cards. A model is read
at its first use and kept. Without the infilling model the instant generators go on alone; without the ranking
the features of `engine.generation.melody.judge` judge.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock

from engine.api.errors import ModelError
from engine.api.suggestion import ModelRef
from engine.generation.harmoniser.store import check_harmoniser, harmoniser_from
from engine.generation.infill.decoding import Asked, Cost, Decoder, Event, Guide
from engine.generation.infill.reciting import Reciter, recited_costs
from engine.generation.infill.sampling import Taste
from engine.generation.infill.weights import read_weights
from engine.generation.language.question import Question
from engine.generation.modelfile import damaged, read_model_file
from engine.ranking.reranker import Reranker

MODELS = Path(__file__).parents[3] / "assets" / "models"
INFILL, PROGRESSIONS = "infill", "progressions"
RANKING, RANKING_FORMAT = "ranking", 1
_WAIT_S = 0.01

Checkpoint = Callable[[], None]

_in_use: list[tuple[Path | None, str]] = [(MODELS, INFILL)]


@dataclass(frozen=True)
class Infiller:
    """The infilling model, ready to write for one request at a time."""

    decoder: Decoder
    ref: ModelRef
    _free: Lock = field(default_factory=Lock)

    @property
    def context(self) -> int:
        """The longest question with its answer, in tokens."""
        return self.decoder.runtime.sizes.context

    @property
    def hands(self) -> int:
        """How many can write at once."""
        return self.decoder.runtime.slots

    def run(
        self,
        question: Question,
        hands: Sequence[int],
        seed: int,
        guide: Guide,
        taste: Taste,
        checkpoint: Checkpoint,
    ) -> Iterator[Event]:
        """As `Decoder.run`. A request that was cancelled and still holds the model is waited for."""
        with self._alone(checkpoint):
            yield from self.decoder.run(question, hands, seed, guide, taste, checkpoint)

    def run_together(self, asked: Sequence[Asked], checkpoint: Checkpoint) -> Iterator[tuple[int, Event]]:
        """As `Decoder.run_together`; as for `run`."""
        with self._alone(checkpoint):
            yield from self.decoder.run_together(asked, checkpoint)

    def recite(
        self, question: Question, takes: Sequence[int], reciter: Reciter, checkpoint: Checkpoint
    ) -> list[Cost | None]:
        """As `recited_costs`."""
        with self._alone(checkpoint):
            return recited_costs(self.decoder, question, takes, reciter, checkpoint)

    @contextmanager
    def _alone(self, checkpoint: Checkpoint) -> Iterator[None]:
        while not self._free.acquire(timeout=_WAIT_S):
            checkpoint()
        try:
            yield
        finally:
            self._free.release()


@contextmanager
def models_from(folder: Path, name: str = INFILL) -> Iterator[None]:
    """Inside the block the search takes its models from this folder: how a newly trained one is measured."""
    _in_use.append((folder, name))
    try:
        with harmoniser_from(folder):
            yield
    finally:
        _in_use.pop()


@contextmanager
def instant_alone() -> Iterator[None]:
    """Inside the block there is no infilling model and no harmoniser: how counting alone is measured."""
    _in_use.append((None, INFILL))
    try:
        with harmoniser_from(None):
            yield
    finally:
        _in_use.pop()


def load_infiller() -> Infiller:
    """The infilling model in use. Raises ModelError: missing, damaged, or not the one of its card."""
    folder, name = _in_use[-1]
    if folder is None:
        raise ModelError("The infilling model is left out.")
    return _infiller(folder, name)


def load_chord_infiller() -> Infiller | None:
    """The model that has learnt chords alone; None where there is none."""
    folder = models_folder()
    try:
        return None if folder is None else _infiller(folder, PROGRESSIONS)
    except ModelError:
        return None


def models_folder() -> Path | None:
    """Where the models in use lie; None inside `instant_alone`."""
    return _in_use[-1][0]


@cache
def _infiller(folder: Path, name: str) -> Infiller:
    weights = read_weights(folder, name)
    return Infiller(Decoder(weights), ModelRef(name, weights.sha256))


def what_is_missing(for_chords: bool) -> str:
    """One sentence on a model besides the infilling one that cannot be used and without which ideas are
    simpler; empty when all are there, or are left out on purpose. A folder that is not the product's need not
    have them."""
    folder = models_folder()
    if folder is None:
        return ""

    def is_due(name: str) -> bool:
        return folder == MODELS or (folder / f"{name}.json").exists()

    try:
        if for_chords:
            check_harmoniser()
        if for_chords and is_due(PROGRESSIONS):
            _infiller(folder, PROGRESSIONS)
        if is_due(RANKING):
            _reranker(folder)
    except ModelError as error:
        return f"Simpler ideas: {error}"
    return ""


def load_reranker() -> Reranker | None:
    """The learnt ranking in use; None where there is none."""
    folder = models_folder()
    try:
        return None if folder is None else _reranker(folder)
    except ModelError:
        return None


@cache
def _reranker(folder: Path) -> Reranker:
    found = read_model_file(folder, RANKING, RANKING_FORMAT)
    try:
        return Reranker.from_arrays(found.arrays, found.card["remarks"])
    except (KeyError, ValueError, TypeError) as error:
        raise damaged(RANKING) from error
