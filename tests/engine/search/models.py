"""A model that learnt nothing, as files."""

from pathlib import Path

from engine.generation.infill.weights import Sizes, random_weights
from engine.generation.language.rows import FEATURE_COUNT
from engine.generation.language.vocabulary import VOCABULARY_SIZE
from tests.engine.infill.small import write_model

TOY = Sizes(d=64, layers=2, heads=2, ff=64, vocabulary=VOCABULARY_SIZE, features=FEATURE_COUNT, context=768)


def write_toy(folder: Path) -> Path:
    """Spread so that tokens differ much in likelihood."""
    write_model(folder, "infill", random_weights(TOY, 3, spread=0.15))
    return folder
