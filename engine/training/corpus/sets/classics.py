"""Quartets, piano pieces and songs from the installed music21 package's scores, with derived chords.

Only collections whose files carry no restriction; the package itself is not imported, and the pieces of
`exclude.tsv` are kept for evaluation and never read.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.training.chords.allow import AllowList
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.textures import Credits, Lines, pieces_of
from engine.training.corpus.voicelines import (
    choir_lines,
    ensemble_lines,
    piano_lines,
    song_lines,
)
from engine.training.melody.corpus import installed_corpus, reserved_pieces
from engine.training.readers.kern import parse_kern
from engine.training.readers.parts import FullScore
from engine.training.readers.score import UnreadableScoreError
from engine.training.readers.scorexml import parse_full_score

ID = "music21-corpus"
LICENCE = "LicenseRef-PublicDomain"
_SONG_STAVES = 3
"""A score of an ensemble's composer with no more staves is a song, or a sonata for piano."""
_Kind = tuple[str, str, Callable[[FullScore], Lines]]
_KINDS: dict[str, _Kind] = {
    "beethoven": ("Beethoven, Ludwig van", "classical", ensemble_lines),
    "mozart": ("Mozart, Wolfgang Amadeus", "classical", ensemble_lines),
    "haydn": ("Haydn, Joseph", "classical", ensemble_lines),
    "schumann_clara": ("Schumann, Clara", "classical", song_lines),
    "schumann_robert": ("Schumann, Robert", "classical", ensemble_lines),
    "joplin": ("Joplin, Scott", "dance", piano_lines),
    "johnson_j_r": ("Johnson, J. Rosamond", "hymn", choir_lines),
    "chopin": ("Chopin, Fryderyk", "dance", piano_lines),
    "handel": ("Handel, George Frideric", "lied", song_lines),
    "verdi": ("Verdi, Giuseppe", "lied", song_lines),
    "weber": ("Weber, Carl Maria von", "lied", song_lines),
    "cpebach": ("Bach, Carl Philipp Emanuel", "classical", piano_lines),
    "corelli": ("Corelli, Arcangelo", "classical", song_lines),
}


def read(allow: AllowList, data: Path, skipped: Counter[str] | None = None) -> Iterator[CorpusPiece]:
    """Every score of the collections, in the order of the file names; `skipped` counts what was left out."""
    skipped = Counter() if skipped is None else skipped
    allow.dataset(ID)
    reserved = {name for name, number in reserved_pieces(data / ID / "exclude.tsv") if not number}
    corpus = installed_corpus()
    for folder, kind in _KINDS.items():
        for path in _scores(corpus / folder):
            name = path.relative_to(corpus).as_posix()
            if name not in reserved:
                yield from _pieces(path, name, kind, skipped)


def _scores(folder: Path) -> list[Path]:
    """The scores of a folder, one file each: a kern copy of an XML score is left out."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in (".mxl", ".xml", ".musicxml"))
    stems = {path.with_suffix("") for path in found}
    return found + sorted(path for path in folder.rglob("*.krn") if path.with_suffix("") not in stems)


def _pieces(path: Path, name: str, kind: _Kind, skipped: Counter[str]) -> Iterator[CorpusPiece]:
    maker, style, lines_of = kind
    try:
        content = path.read_bytes()
        is_kern = path.suffix == ".krn"
        score = parse_kern(content.decode("utf-8", "replace")) if is_kern else parse_full_score(content)
    except UnreadableScoreError:
        skipped["unreadable"] += 1
        return
    if lines_of is ensemble_lines and len(score.staves()) <= _SONG_STAVES:
        style, lines_of = "lied", song_lines
    credits = Credits(f"{ID}/{name}", ID, style, score.title or path.stem, maker, LICENCE)
    yield from pieces_of(score, lines_of(score), credits, skipped)
