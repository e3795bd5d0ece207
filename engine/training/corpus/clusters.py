"""Which pieces are one piece? Settings of one tune, arrangements of one song, parts of one score.

Joined are pieces that share runs of melody intervals, charts that share most of their chord runs, pieces of
one title (a title that is only the name of a form counts with its maker), and parts of one written piece.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.vocabulary import seventh_class
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, Stream
from engine.training.chords.split import near_duplicates, normal_title, runs_of
from engine.training.corpus.earlier import plain_id
from engine.training.corpus.piece import CorpusPiece

SHINGLE = 12
SHARED_SHINGLES, SHARED_STRAIN = 4, 32
SHARED_SHARE, SHARED_SHARE_OF_SCORES = 0.1, 0.25
"""Two melodies are one when they share so many runs, and of the shorter one's runs this share, or a whole
strain of them. In scores, where figures meet by chance, the share must be larger."""
COMMON_SHINGLE = 30
"""Runs of intervals in more pieces than this are commonplaces."""
_LEAST_VARIETY = 4
_FORMS = re.compile(
    r"quartet|quintet|sonat|movement|prelud|etude|nocturn|mazur|polonai|polone|waltz|valse|walc|polka|kujawiak|"
    r"oberek|krakowiak|galop|kontredan|quadrill|kadryl|reel|hornpipe|strathspey|march|marsz|marche|minuet|menuet|taniec|dumk|romans|scherz|rondo|"
    r"rondeau|impromptu|fugue|fantas|variation|allegr|andant|adagi|presto"
)
_SMALL_WORDS = (
    "in of the and for major minor sharp flat bwv hob book set part first second third fourth "
    "trio study jig jigs tune song songs lied lieder melodie romance ballad ballade fig op opus no nos nr "
    "string strings piano violin gan ainm untitled unnamed cis dis gis moll dur"
)
_FORM_WORDS = frozenset(re.findall("[a-z]+", _SMALL_WORDS))


def clusters(pieces: Sequence[CorpusPiece]) -> list[int]:
    """For every piece the index of the first piece of its cluster."""
    parent = list(range(len(pieces)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for first, second in itertools.chain(_same_name(pieces), same_melody(pieces), _same_chords(pieces)):
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    return [root(index) for index in range(len(pieces))]


def _same_name(pieces: Sequence[CorpusPiece]) -> Iterator[tuple[int, int]]:
    first_of: dict[tuple[str, str], int] = {}
    for index, piece in enumerate(pieces):
        for name in (("id", plain_id(piece.id)), title_key(piece.title, piece.maker)):
            if name is not None:
                yield first_of.setdefault(name, index), index


def title_key(title: str, maker: str) -> tuple[str, str] | None:
    """Title and maker as they are compared; None when the title says nothing.

    >>> title_key("Body And Soul", "JoeLovano") == title_key("Body and Soul", "Johnny Green")
    True
    >>> title_key("Waltz No. 2", "Chopin, Fryderyk"), title_key("Reel", "")
    (('waltzno2', 'chopin'), None)
    """
    normal = normal_title(title)
    if len(normal) < 4:
        return None
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title).lower())
    telling = [word for word in words if len(word) > 2 and word not in _FORM_WORDS and not _FORMS.match(word)]
    if telling:
        return normal, ""
    surname = normal_title(maker.split(",")[0].split(" ")[-1])
    return (normal, surname) if surname else None


def same_melody(pieces: Sequence[CorpusPiece]) -> list[tuple[int, int]]:
    """Pairs of pieces whose melodies share runs of twelve intervals, enough to be settings of one tune."""
    lines = [melody_pitches(piece.sheet) for piece in pieces]
    owners, runs = _interval_runs(lines)
    order = np.argsort(runs, kind="stable")
    owners, runs = owners[order], runs[order]
    edges = np.flatnonzero(np.diff(runs)) + 1
    shared: Counter[tuple[int, int]] = Counter()
    for group in np.split(owners, edges):
        if len(group) > 1:
            found = np.unique(group).tolist()
            if 1 < len(found) <= COMMON_SHINGLE:
                shared.update(itertools.combinations(found, 2))
    sizes = np.bincount(owners, minlength=len(pieces))
    return [pair for pair, count in shared.items() if _is_one_tune(count, pair, pieces, sizes)]


def _is_one_tune(
    shared: int, pair: tuple[int, int], pieces: Sequence[CorpusPiece], sizes: NDArray[np.int64]
) -> bool:
    is_score = any(pieces[index].has_derived_chords for index in pair)
    share = SHARED_SHARE_OF_SCORES if is_score else SHARED_SHARE
    enough = min(share * min(sizes[index] for index in pair), SHARED_STRAIN)
    return bool(shared >= max(SHARED_SHINGLES, enough))


def _interval_runs(lines: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Owner and hash of every run that moves by at least four different intervals."""
    owners, hashes = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    powers = np.array([pow(0x9E3779B97F4A7C15, n, 2**64) for n in range(SHINGLE)], dtype=np.uint64)
    for index, line in enumerate(lines):
        if len(line) <= SHINGLE:
            continue
        steps = np.diff(np.array(line, dtype=np.int64))
        windows = np.lib.stride_tricks.sliding_window_view(steps, SHINGLE)
        kinds = (np.diff(np.sort(windows, axis=1), axis=1) != 0).sum(axis=1) + 1
        windows = np.unique(windows[kinds >= _LEAST_VARIETY], axis=0)
        hashes.append(((windows + 128).astype(np.uint64) * powers).sum(axis=1, dtype=np.uint64))
        owners.append(np.full(len(windows), index))
    return np.concatenate(owners), np.concatenate(hashes)


def melody_pitches(sheet: Sheet) -> list[int]:
    """The pitches of the melody, tied notes once."""
    return [note.pitch for _, note in melody_notes(sheet)]


def melody_notes(sheet: Sheet) -> Iterator[tuple[int, NoteEvent]]:
    """Bar and event of every note of the melody that begins there."""
    for index, bar in enumerate(sheet.bars):
        for event in bar.cells.get(Stream.MELODY, ()):
            if isinstance(event, NoteEvent) and not event.tied:
                yield index, event


def _same_chords(pieces: Sequence[CorpusPiece]) -> list[tuple[int, int]]:
    """Charts written by people that share most of their chord runs."""
    written = [index for index, piece in enumerate(pieces) if not piece.has_derived_chords]
    runs = [chord_runs(pieces[index].sheet) for index in written]
    return [(written[first], written[second]) for first, second in near_duplicates(runs)]


def chord_runs(sheet: Sheet) -> set[tuple[int, ...]]:
    """Runs of eight changes: root motion and seventh class, whatever the key."""
    chords: list[tuple[int, int]] = []
    for bar in sheet.bars:
        for event in bar.cells.get(Stream.CHORDS, ()):
            if isinstance(event, ChordEvent) and event.root >= 0:
                chord = (event.root, int(seventh_class(event.quality)))
                if not chords or chords[-1] != chord:
                    chords.append(chord)
    return runs_of(chords)


def members(pieces: Sequence[CorpusPiece]) -> list[list[int]]:
    """The clusters of two and more pieces, as indices."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for index, cluster in enumerate(clusters(pieces)):
        groups[cluster].append(index)
    return [group for group in groups.values() if len(group) > 1]
