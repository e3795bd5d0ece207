"""Which tunes are the same tune, and which are held out?

Tunes that share runs of intervals, or songs that share a title, are one cluster; the split goes by cluster,
so that no version of a test tune is ever trained on. Deterministic: it depends on the tunes' ids only.
"""

import hashlib
import itertools
import re
from collections import Counter, defaultdict
from enum import StrEnum

from engine.training.melody.tunes import Tune

SHINGLE = 12
SHARED_SHINGLES = 4
COMMON_SHINGLE = 14
VALID_PERCENT, TEST_PERCENT = 6, 8


class Part(StrEnum):
    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


def clusters(tunes: list[Tune]) -> list[int]:
    """For every tune the index of the first tune of its cluster."""
    parent = list(range(len(tunes)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    def join(a: int, b: int) -> None:
        low, high = sorted((root(a), root(b)))
        parent[high] = low

    for (a, b), shared in _shared_shingles(tunes).items():
        if shared >= SHARED_SHINGLES:
            join(a, b)
    by_title: dict[str, int] = {}
    for index, tune in enumerate(tunes):
        title = re.sub(r"\(.*?\)|[^a-z0-9]", "", tune.title.lower())
        if len(title) > 3:
            join(index, by_title.setdefault(title, index))
    return [root(index) for index in range(len(tunes))]


def _shared_shingles(tunes: list[Tune]) -> Counter[tuple[int, int]]:
    """How many runs of intervals each pair of tunes shares; runs that stand in many tunes are
    commonplaces.
    """
    where: defaultdict[tuple[int, ...], set[int]] = defaultdict(set)
    for index, tune in enumerate(tunes):
        pitches = tune.line.pitches
        steps = [after - before for before, after in itertools.pairwise(pitches)]
        for start in range(len(steps) - SHINGLE + 1):
            run = tuple(steps[start : start + SHINGLE])
            if len(set(run)) > 3:
                where[run].add(index)
    pairs: Counter[tuple[int, int]] = Counter()
    for found in where.values():
        if 1 < len(found) <= COMMON_SHINGLE:
            ordered = sorted(found)
            pairs.update((a, b) for place, a in enumerate(ordered) for b in ordered[place + 1 :])
    return pairs


def split(tunes: list[Tune]) -> dict[Part, list[Tune]]:
    """The tunes of each part of the split."""
    parts: dict[Part, list[Tune]] = {part: [] for part in Part}
    for tune, cluster in zip(tunes, clusters(tunes), strict=True):
        parts[_part_of(tunes[cluster].id)].append(tune)
    return parts


def _part_of(cluster_id: str) -> Part:
    number = int(hashlib.sha256(cluster_id.encode()).hexdigest()[:8], 16) % 100
    if number < TEST_PERCENT:
        return Part.TEST
    return Part.VALID if number < TEST_PERCENT + VALID_PERCENT else Part.TRAIN
