"""Everything that may be learnt from, read once and kept.

`read_corpus` reads every set module in the order of their names; the order and the ids of the pieces are the
same every time. The cache is one file a set module, named by a hash of the set's files and of all code that
reads them: whatever could change the pieces changes the name.
"""

import hashlib
import json
import logging
import time
from dataclasses import replace
from pathlib import Path

from engine.api.errors import BadFileError
from engine.training.chords.allow import AllowList
from engine.training.corpus import earlier
from engine.training.corpus.beside import read_beside
from engine.training.corpus.cachefile import FORMAT, collector_paused, read_cache, write_cache
from engine.training.corpus.earlier import earlier_tests, plain_id
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.sets import SetReader, readers
from engine.training.corpus.sources import code_digest
from engine.training.melody.corpus import folder_digest, installed_corpus

_LOG = logging.getLogger(__name__)
_PACKAGE_BYTES = 5_000_000
"""About what a set of the installed package reads."""


def read_corpus(data: Path, cache: Path | None = None) -> list[CorpusPiece]:
    """All pieces of all sets listed in the data folder's `datasets.json`; `cache` is a folder.

    Raises BadFileError when a listed file is missing or altered, or two pieces share an id.
    """
    allow = AllowList(data)
    pieces: list[CorpusPiece] = []
    if cache is not None:
        _fill(allow, data, cache)
    with collector_paused():
        for reader in readers():
            if getattr(reader, "IS_OWN", False):
                pieces += reader.read(allow, data)
            elif allow.lists(reader.ID):
                pieces += kept_set(reader, allow, data, cache)
    tested = kept_tests(data, cache)
    return _unique([replace(p, was_tested=True) if plain_id(p.id) in tested else p for p in pieces])


def fingerprint(reader: SetReader, allow: AllowList, data: Path) -> str:
    """Twelve hexadecimal digits over everything the set's pieces depend on: its files, the code that reads
    them."""
    digest = hashlib.sha256(repr(allow.dataset(reader.ID)).encode())
    exclude = data / reader.ID / "exclude.tsv"
    if exclude.is_file():
        digest.update(exclude.read_bytes() + folder_digest(installed_corpus()).encode())
    digest.update(code_digest(reader.__name__) + FORMAT)
    return digest.hexdigest()[:12]


def kept_tests(data: Path, folder: Path | None) -> frozenset[str]:
    """What earlier models were tested on, from the cache where it is there; else it is put there."""
    if folder is None:
        return earlier_tests(data)
    stored = _stored_tests(data, folder)
    if stored.is_file():
        return frozenset(json.loads(stored.read_text(encoding="utf-8")))
    with collector_paused():
        tested = earlier_tests(data)
    folder.mkdir(parents=True, exist_ok=True)
    beside = stored.with_suffix(".part")
    beside.write_text(json.dumps(sorted(tested)), encoding="utf-8")
    beside.replace(stored)
    return tested


def _stored_tests(data: Path, cache: Path) -> Path:
    digest = hashlib.sha256((data / "datasets.json").read_bytes() + code_digest(earlier.__name__))
    return cache / f"tested-{digest.hexdigest()[:12]}.json"


def _fill(allow: AllowList, data: Path, cache: Path) -> None:
    """Reads what is not in the cache yet, on all cores."""
    listed = [
        reader for reader in readers() if not getattr(reader, "IS_OWN", False) and allow.lists(reader.ID)
    ]
    missing = [reader for reader in listed if not _stored(reader, allow, data, cache).is_file()]
    jobs = [(_bytes_of(reader.ID, data), reader.__name__) for reader in missing]
    if not _stored_tests(data, cache).is_file():
        jobs.append((sum(_bytes_of(name, data) for name in earlier.READ_SETS), earlier.__name__))
    read_beside(jobs, data, cache)


def _bytes_of(name: str, data: Path) -> int:
    """About how much there is to read of a set."""
    if name == "music21-corpus" and (data / name).is_dir():
        return _PACKAGE_BYTES
    return sum(path.stat().st_size for path in (data / name).rglob("*") if path.is_file())


def _stored(reader: SetReader, allow: AllowList, data: Path, cache: Path) -> Path:
    return cache / f"{_module_name(reader)}-{fingerprint(reader, allow, data)}.npz"


def kept_set(reader: SetReader, allow: AllowList, data: Path, folder: Path | None) -> list[CorpusPiece]:
    """The pieces of one set, from the cache where it is there; else they are put into it."""
    stored = None
    if folder is not None:
        stored = _stored(reader, allow, data, folder)
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
    with collector_paused():
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
