"""Which pieces are held out, and which are variations of each other?

The split goes by cluster (`clusters`), so that no setting of a test tune is ever trained on; it depends on
nothing but the ids of the pieces. A cluster with a piece that an earlier model was tested on is in the test
part; of the sets the earlier splits cover nothing else is, the other sets are divided by a hash.
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum

from engine.training.corpus.clusters import clusters
from engine.training.corpus.earlier import is_covered
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.variations import Variation, variations_across

TEST_PERCENT, VALID_PERCENT = 8, 6


class Part(StrEnum):
    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


def split(pieces: Sequence[CorpusPiece]) -> dict[Part, list[CorpusPiece]]:
    """The pieces of each part, in the order of the corpus."""
    divided: dict[Part, list[CorpusPiece]] = {part: [] for part in Part}
    for piece, part in zip(pieces, parts(pieces), strict=True):
        divided[part].append(piece)
    return divided


def parts(pieces: Sequence[CorpusPiece]) -> list[Part]:
    """The part of every piece."""
    owners = clusters(pieces)
    names: dict[int, str] = {}
    tested: set[int] = set()
    covered: set[int] = set()
    for piece, owner in zip(pieces, owners, strict=True):
        names[owner] = min(names.get(owner, piece.id), piece.id)
        if piece.was_tested:
            tested.add(owner)
        if is_covered(piece.id):
            covered.add(owner)
    return [Part.TEST if owner in tested else _part(names[owner], owner not in covered) for owner in owners]


def _part(name: str, may_be_tested: bool) -> Part:
    number = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 100
    if number < TEST_PERCENT:
        return Part.TEST if may_be_tested else Part.TRAIN
    return Part.VALID if number < TEST_PERCENT + VALID_PERCENT else Part.TRAIN


def variation_pairs(pieces: Sequence[CorpusPiece]) -> list[tuple[str, str]]:
    """Ids of pieces that hold variations of each other's bars, each pair once (see `variations`)."""
    found = (_ids(variation) for variation in variations_across(pieces))
    return list(dict.fromkeys(found))


def _ids(variation: Variation) -> tuple[str, str]:
    return variation.one.piece, variation.other.piece
