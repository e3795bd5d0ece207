"""Which data may be read? Only what `datasets.json` lists, and only with the hash written there."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.api.errors import BadFileError


@dataclass(frozen=True, slots=True)
class Dataset:
    """One entry of the allow-list, as the model card repeats it."""

    id: str
    title: str
    licence: str
    attribution: str
    url: str
    share_alike: bool
    files: tuple[tuple[str, str], ...]  # path, sha256


class AllowList:
    """The data folder seen through its allow-list. Raises BadFileError for anything else."""

    def __init__(self, data_dir: Path) -> None:
        self._dir = data_dir
        listing = data_dir / "datasets.json"
        try:
            entries = json.loads(listing.read_text(encoding="utf-8"))["datasets"]
            self._datasets = {entry["id"]: _dataset(entry) for entry in entries}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadFileError(f"{listing} is not a list of allowed data ({error}).") from error

    def dataset(self, dataset_id: str) -> Dataset:
        if dataset_id not in self._datasets:
            raise BadFileError(f"“{dataset_id}” is not on the list of allowed data; nothing else is read.")
        return self._datasets[dataset_id]

    def lists(self, dataset_id: str) -> bool:
        """Is the set on the list?"""
        return dataset_id in self._datasets

    def read(self, dataset_id: str, name: str) -> bytes:
        """The verified bytes of one file of a set; `name` is its path as listed, or its last part."""
        for path, sha256 in self.dataset(dataset_id).files:
            if path == name or path.endswith("/" + name):
                return _verified(self._dir / path, sha256)
        raise BadFileError(f"“{name}” is not listed for the data set “{dataset_id}”.")


def _dataset(entry: dict[str, Any]) -> Dataset:
    return Dataset(
        entry["id"],
        entry["title"],
        entry["licence"],
        entry["attribution"],
        entry["url"],
        bool(entry["share_alike"]),
        tuple((file["path"], file["sha256"]) for file in entry["files"]),
    )


def _verified(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadFileError(f"{path} cannot be read ({error.strerror}).") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadFileError(f"{path} is not the file the list of allowed data describes.")
    return content
