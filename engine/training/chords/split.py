"""Which songs are one song? Train, valid and test never share a song, whoever wrote it down.

Two charts are one song when their normalised titles agree or when most of the shorter one's eight-chord runs
(root motion and seventh class, whatever the key) occur in the other.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum

from engine.generation.chords.vocabulary import seventh_class
from engine.training.chords.piece import Piece

RUN = 8
_LEAST_RUNS = 10
_SHARED_SHARE = 0.6
_COMMON = 40  # runs in more charts than this are formulas, not a song


class Part(StrEnum):
    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


def normal_title(title: str) -> str:
    """Letters and digits of a title without accents, articles, brackets."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title)
    plain = unicodedata.normalize("NFKD", spaced).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", plain)
    words = [word for word in re.findall(r"[a-z0-9]+", plain) if word not in ("the", "a", "an")]
    return "".join(words)


def clusters(pieces: Sequence[Piece]) -> list[int]:
    """For each piece the number of its song: the index of the first piece of the song."""
    parent = list(range(len(pieces)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    def join(first: int, second: int) -> None:
        low, high = sorted((root(first), root(second)))
        parent[high] = low

    by_title: dict[str, int] = {}
    for index, piece in enumerate(pieces):
        title = normal_title(piece.title) or piece.id
        join(by_title.setdefault(title, index), index)
    for first, second in near_duplicates([_runs(piece) for piece in pieces]):
        join(first, second)
    return [root(index) for index in range(len(pieces))]


def parts(pieces: Sequence[Piece], songs: Sequence[int]) -> list[Part]:
    """Train (80 %), valid (10 %) or test (10 %) for each piece, by a hash of the name of its song (see
    `clusters`); the same every time."""
    names: dict[int, str] = {}
    for song, piece in zip(songs, pieces, strict=True):
        names[song] = min(names.get(song, piece.id), piece.id)
    return [_part(names[song]) for song in songs]


def _part(name: str) -> Part:
    share = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
    return Part.TRAIN if share < 0.8 else Part.VALID if share < 0.9 else Part.TEST


def _runs(piece: Piece) -> set[tuple[int, ...]]:
    chords = [event.chord for event in piece.merged()]
    return runs_of([(chord.root, int(seventh_class(chord.quality))) for chord in chords])


def runs_of(chords: Sequence[tuple[int, int]]) -> set[tuple[int, ...]]:
    """Runs of eight changes, by root and seventh class, whatever the key."""
    windows = (chords[start : start + RUN] for start in range(len(chords) - RUN + 1))
    return {tuple((root - run[0][0]) % 12 * 16 + kind for root, kind in run) for run in windows}


def near_duplicates(runs: Sequence[set[tuple[int, ...]]]) -> list[tuple[int, int]]:
    """The pairs of charts, given by their sets of runs, that share so many that they are one song."""
    holders: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, own in enumerate(runs):
        for run in own:
            holders[run].append(index)
    pairs = []
    for index, own in enumerate(runs):
        shared: dict[int, int] = defaultdict(int)
        for run in own:
            if len(holders[run]) <= _COMMON:
                for other in holders[run]:
                    if other < index:
                        shared[other] += 1
        for other, count in shared.items():
            if count >= _LEAST_RUNS and count >= _SHARED_SHARE * min(len(own), len(runs[other])):
                pairs.append((other, index))
    return pairs
