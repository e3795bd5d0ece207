"""Where do the indexes lie, and are they what their card says?

The shipped index is two safetensors files beside a card (`originality.json`) with their SHA-256; what the
artist added is one file of the same form in the data folder (`UNDERSTUDY_HOME` moves it), read again when it
has changed. Nothing is read before the first question.

>>> Indexes(None, None).melodies is None
True
"""

import hashlib
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.api.errors import BadFileError, ModelError
from engine.ranking.originality.index import (
    MelodyIndex,
    Placed,
    ProgressionIndex,
    Work,
    melody_index_of,
    progression_index_of,
)
from engine.ranking.originality.surprise import MelodyTable, ProgressionTable
from engine.ranking.originality.symbols import CLASSES, INTERVALS, LENGTHS, MOTIONS, STRIDE

FORMAT = 1
SHIPPED = Path(__file__).parents[3] / "assets" / "originality"
_MOST_BYTES = 2**28
CARD, FILES = "originality.json", ("melodies.safetensors", "progressions.safetensors")
_MELODIES, _PROGRESSIONS = "melodies/", "progressions/"
UNUSABLE = (
    "The list of known works {what}; no idea can be compared with it until Understudy is installed again."
)

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Indexes:
    """The works to compare with; None where there are none."""

    melodies: MelodyIndex | None
    progressions: ProgressionIndex | None


def shipped() -> Indexes:
    """The works the models learnt from. Raises ModelError when a file is missing or not its card's."""
    return _shipped(SHIPPED)


@cache
def _shipped(folder: Path) -> Indexes:
    arrays: dict[str, np.ndarray] = {}
    for name, content in checked_files(folder).items():
        try:
            arrays |= load(content)
        except (SafetensorError, KeyError, ValueError) as error:
            raise ModelError(UNUSABLE.format(what=f"({name}) is damaged")) from error
    try:
        return Indexes(_melodies(arrays, None), _progressions(arrays, None))
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(UNUSABLE.format(what="is damaged")) from error


def checked_files(folder: Path) -> dict[str, bytes]:
    """The contents of the shipped files, each the one the card names."""
    try:
        card = json.loads((folder / CARD).read_text("utf-8"))
        contents = {name: (folder / name).read_bytes() for name in FILES}
        hashes = {file["name"]: file["sha256"] for file in card["files"]}
        is_ours = card["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(UNUSABLE.format(what="is missing")) from error
    if not is_ours or any(hashlib.sha256(data).hexdigest() != hashes.get(n) for n, data in contents.items()):
        raise ModelError(UNUSABLE.format(what="does not match its card"))
    return contents


def artists_file() -> Path:
    """What the artist added: one file in the data folder."""
    moved = os.environ.get("UNDERSTUDY_HOME")
    if moved:
        return Path(moved) / "data" / "originality" / "artist.safetensors"
    from platformdirs import user_data_path

    return user_data_path("understudy", appauthor=False) / "originality" / "artist.safetensors"


def artists(known: Indexes) -> Indexes:
    """The artist's own works and references; nothing where none were added.

    Raises BadFileError when the file is there and cannot be read. `known` lends its tables of bits.
    """
    path = artists_file()
    try:
        stat = path.stat()
    except OSError:
        return Indexes(None, None)
    return _artists(path, (stat.st_mtime_ns, stat.st_size), known)


_held: dict[tuple[Path, tuple[int, int]], Indexes] = {}


def _artists(path: Path, state: tuple[int, int], known: Indexes) -> Indexes:
    held = _held.get((path, state))
    if held is None:
        arrays = read_artists_file(path)
        try:
            held = Indexes(
                _melodies(arrays, known.melodies.table if known.melodies else None),
                _progressions(arrays, known.progressions.table if known.progressions else None),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise _damaged(path) from error
        _held.clear()
        _held[path, state] = held
    return held


def read_artists_file(path: Path) -> dict[str, np.ndarray]:
    """Its arrays. Raises BadFileError with one sentence."""
    try:
        return load(path.read_bytes())
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> BadFileError:
    return BadFileError(
        f"The index of your own folders, “{path}”, cannot be read; remove it and add them again."
    )


def melody_arrays(index: MelodyIndex) -> dict[str, np.ndarray]:
    """An index of melodies as arrays for a file."""
    return {
        _MELODIES + "text": _squeezed(index.rhythmic.suffixes.text),
        _MELODIES + "order": _packed(index.rhythmic.suffixes.order),
        _MELODIES + "pitch_order": _packed(index.pitches.suffixes.order),
        _MELODIES + "interval_bits": _letters(index.table.intervals),
        _MELODIES + "length_bits": _letters(index.table.lengths),
        **_placed_arrays(_MELODIES, index.rhythmic.placed),
    }


def progression_arrays(index: ProgressionIndex) -> dict[str, np.ndarray]:
    """An index of progressions as arrays for a file."""
    return {
        _PROGRESSIONS + "text": _squeezed(index.view.suffixes.text),
        _PROGRESSIONS + "order": _packed(index.view.suffixes.order),
        _PROGRESSIONS + "chord_bits": _letters(index.table.chords),
        **_placed_arrays(_PROGRESSIONS, index.view.placed),
    }


def write_arrays(path: Path, arrays: Arrays) -> bytes:
    """Write the file whole or not at all; returns its content."""
    content = save({name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())})
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_bytes(content)
    beside.replace(path)
    return content


def letters_json(value: Any) -> np.ndarray:
    """A JSON value as an array of bytes."""
    return _squeezed(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def json_of(letters: np.ndarray) -> Any:
    """The value again. Raises ValueError when it is none."""
    return json.loads(_plain(letters))


def _placed_arrays(prefix: str, placed: Placed) -> dict[str, np.ndarray]:
    return {
        prefix + "firsts": np.asarray(placed.firsts, np.uint32),
        prefix + "clusters": np.asarray(placed.clusters, np.uint32),
        prefix + "works": letters_json(_work_table(placed.works)),
    }


def _work_table(works: Sequence[Work]) -> dict[str, Any]:
    """Titles in order; makers and licences, of which there are few, by number."""
    makers = sorted({work.maker for work in works})
    licences = sorted({work.licence for work in works})
    return {
        "titles": [work.title for work in works],
        "makers": makers,
        "licences": licences,
        "maker": [makers.index(work.maker) for work in works],
        "licence": [licences.index(work.licence) for work in works],
    }


class _WorkTable(Sequence[Work]):
    """The works of a file, made when they are asked for: naming one must not wait for twenty thousand."""

    def __init__(self, table: Any) -> None:
        self._titles, self._makers, self._licences = table["titles"], table["makers"], table["licences"]
        self._maker, self._licence = table["maker"], table["licence"]
        if not len(self._titles) == len(self._maker) == len(self._licence):
            raise ValueError("titles without makers")

    def __len__(self) -> int:
        return len(self._titles)

    def __getitem__(self, index: Any) -> Any:
        maker, licence = self._makers[self._maker[index]], self._licences[self._licence[index]]
        return Work(str(self._titles[index]), str(maker), str(licence))


def _letters(content: bytes) -> np.ndarray:
    return np.frombuffer(content, np.uint8)


def _squeezed(content: bytes) -> np.ndarray:
    return _letters(zlib.compress(content, 9))


def _plain(squeezed: np.ndarray) -> bytes:
    """The bytes that were squeezed. Raises ValueError when they are damaged or unreasonably many."""
    opened = zlib.decompressobj()
    try:
        content = opened.decompress(squeezed.tobytes(), _MOST_BYTES)
    except zlib.error as error:
        raise ValueError("damaged bytes") from error
    if not opened.eof:
        raise ValueError("bytes are missing or too many")
    return content


def _melodies(arrays: Arrays, table: MelodyTable | None) -> MelodyIndex | None:
    if _MELODIES + "text" not in arrays:
        return None
    if table is None:
        table = MelodyTable(
            _sized(arrays[_MELODIES + "interval_bits"], INTERVALS**3).tobytes(),
            _sized(arrays[_MELODIES + "length_bits"], LENGTHS**2).tobytes(),
        )
    text, placed = _text_and_placed(arrays, _MELODIES)
    size = len(text) // STRIDE
    orders = [_places(arrays[_MELODIES + name], size) for name in ("order", "pitch_order")]
    return melody_index_of(text, placed, table, orders[0], orders[1])


def _progressions(arrays: Arrays, table: ProgressionTable | None) -> ProgressionIndex | None:
    if _PROGRESSIONS + "text" not in arrays:
        return None
    if table is None:
        bits = arrays[_PROGRESSIONS + "chord_bits"]
        table = ProgressionTable(_sized(bits, MOTIONS * CLASSES * CLASSES * MOTIONS * CLASSES).tobytes())
    text, placed = _text_and_placed(arrays, _PROGRESSIONS)
    order = _places(arrays[_PROGRESSIONS + "order"], len(text) // STRIDE)
    return progression_index_of(text, placed, table, order)


def _text_and_placed(arrays: Arrays, prefix: str) -> tuple[bytes, Placed]:
    works = _WorkTable(json_of(arrays[prefix + "works"]))
    placed = Placed(arrays[prefix + "firsts"].tolist(), arrays[prefix + "clusters"].tolist(), works)
    text = _plain(arrays[prefix + "text"])
    if len(text) % STRIDE:
        raise ValueError("the text has the wrong form")
    if not len(placed.firsts) == len(placed.clusters) == len(works) or placed.firsts[:1] not in ([], [0]):
        raise ValueError("the works do not fit the text")
    return text, placed


def _sized(array: np.ndarray, size: int) -> np.ndarray:
    if array.dtype != np.uint8 or array.shape != (size,):
        raise ValueError("a table of bits has the wrong form")
    return array


def _packed(order: memoryview) -> np.ndarray:
    """Places as three bytes each, low byte first."""
    places = np.asarray(order, "<u4")
    if len(places) and int(places.max()) >= 2**24:
        raise ValueError("too many notes for one index")
    return places.view(np.uint8).reshape(-1, 4)[:, :3].copy()


def _places(packed: np.ndarray, size: int) -> np.ndarray:
    if packed.dtype != np.uint8 or packed.ndim != 2 or packed.shape[1] != 3:
        raise ValueError("places have the wrong form")
    padded = np.append(packed.reshape(-1), np.uint8(0))
    places = np.ndarray((len(packed),), "<u4", padded.data, strides=(3,)) & np.uint32(2**24 - 1)
    if len(places) and int(places.max()) >= size:
        raise ValueError("places outside the text")
    return places
