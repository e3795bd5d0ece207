"""Everything that may be learnt from, read once and kept.

`read_corpus` reads every set module in the order of their names; the order and the ids of the pieces are the
same every time. The cache is one file a set, named by a hash of the set's files, its module and the code all
sets share: whatever could change the pieces changes the name.
"""

import hashlib
import logging
import time
from functools import cache as remembered
from pathlib import Path

import engine.training.corpus
from engine.api.errors import BadFileError
from engine.training.chords.allow import AllowList
from engine.training.corpus.cachefile import read_cache, write_cache
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.sets import SetReader, readers
from engine.training.melody.corpus import folder_digest, installed_corpus

_LOG = logging.getLogger(__name__)
_SHARED_CODE = (
    "training/corpus",
    "training/readers",
    "training/chords",
    "training/melody",
    "music",
    "analysis/keys.py",
    "analysis/pitchgrid.py",
    "generation/language/grid.py",
    "generation/language/vocabulary.py",
)


def read_corpus(data: Path, cache: Path | None = None) -> list[CorpusPiece]:
    """All pieces of all sets listed in the data folder's `datasets.json`; `cache` is a folder.

    Raises BadFileError when a listed file is missing or altered, or two pieces share an id.
    """
    allow = AllowList(data)
    pieces: list[CorpusPiece] = []
    for reader in readers():
        if getattr(reader, "IS_OWN", False):
            pieces += reader.read(allow, data)
        elif allow.lists(reader.ID):
            pieces += _set(reader, allow, data, cache)
    return _unique(pieces)


def fingerprint(reader: SetReader, allow: AllowList, data: Path) -> str:
    """Twelve hexadecimal digits over everything the set's pieces depend on: its files, its module, the code
    all sets share."""
    digest = hashlib.sha256(repr(allow.dataset(reader.ID)).encode())
    exclude = data / reader.ID / "exclude.tsv"
    if exclude.is_file():
        digest.update(exclude.read_bytes() + folder_digest(installed_corpus()).encode())
    digest.update(Path(str(reader.__file__)).read_bytes() + _shared_code())
    return digest.hexdigest()[:12]


@remembered
def _shared_code() -> bytes:
    digest = hashlib.sha256()
    room = Path(engine.training.corpus.__file__).parents[2]
    for name in _SHARED_CODE:
        for file in sorted((room / name).rglob("*.py")) if (room / name).is_dir() else [room / name]:
            if file.parent.name != "sets":
                digest.update(file.relative_to(room).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.digest()


def _set(reader: SetReader, allow: AllowList, data: Path, folder: Path | None) -> list[CorpusPiece]:
    """The pieces of one set, from the cache where it is there."""
    stored = None
    if folder is not None:
        stored = folder / f"{_module_name(reader)}-{fingerprint(reader, allow, data)}.npz"
        if stored.is_file():
            return read_cache(stored)
    begun = time.perf_counter()
    pieces = _checked(reader, allow, data)
    _LOG.info("%s: %d pieces, %.1f s", reader.ID, len(pieces), time.perf_counter() - begun)
    if stored is not None:
        stored.parent.mkdir(parents=True, exist_ok=True)
        for older in stored.parent.glob(f"{_module_name(reader)}-*.npz"):
            older.unlink()
        write_cache(stored, pieces)
    return pieces


def _module_name(reader: SetReader) -> str:
    """What a set's cache is called: several modules may read parts of one set."""
    return Path(str(reader.__file__)).stem


def _checked(reader: SetReader, allow: AllowList, data: Path) -> list[CorpusPiece]:
    pieces = list(reader.read(allow, data))
    stranger = next((piece for piece in pieces if piece.source != reader.ID), None)
    if stranger is not None:
        raise BadFileError(f"“{stranger.id}” says it is from “{stranger.source}”, not from “{reader.ID}”.")
    return pieces


def _unique(pieces: list[CorpusPiece]) -> list[CorpusPiece]:
    seen: set[str] = set()
    for piece in pieces:
        if piece.id in seen:
            raise BadFileError(f"Two pieces of the corpus are named “{piece.id}”.")
        seen.add(piece.id)
    return pieces
