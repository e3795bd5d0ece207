"""Everything that is shipped is named with its licence, and every model is the one its card describes."""

import hashlib
import json
import re
import struct
from fnmatch import fnmatch

import pytest

from tests.guards.house import ASSETS, ROOT

LICENCES = (ASSETS / "LICENSES.md").read_text("utf-8")
LOCKS = ("run.lock", "no-deps.lock")
MODELS = sorted((ASSETS / "models").rglob("*.safetensors"))


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    part = LICENCES.split(f"## {heading}")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_shipped_file_is_named_with_a_licence() -> None:
    patterns = [
        pattern
        for cells in rows("Files in assets/")
        for pattern in re.findall("`([^`]+)`", " ".join(cells))
        if cells[2]
    ]
    files = [path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file()]
    unnamed = [name for name in files if not any(fnmatch(name, pattern) for pattern in patterns)]
    assert unnamed == ["LICENSES.md"]
    assert [
        pattern for pattern in patterns if "*" in pattern and not any(fnmatch(n, pattern) for n in files)
    ] == []


def test_every_library_that_is_installed_is_named_with_a_licence() -> None:
    named = {
        word.lower()
        for cells in rows("Libraries installed")
        for word in re.findall(r"[\w-]+", cells[0])
        if cells[2]
    }
    locked = {
        match[1].lower()
        for lock in LOCKS
        for match in re.finditer(r"^([\w.-]+)==", (ROOT / "packaging" / lock).read_text(), re.MULTILINE)
    }
    assert len(locked) >= 10
    assert locked - named == set()


def test_nothing_is_installed_that_was_not_locked_with_its_hash() -> None:
    for lock in (*LOCKS, "test.lock", "build.lock"):
        path = ROOT / "packaging" / lock
        if lock in LOCKS or path.exists():
            text = path.read_text()
            pins = len(re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE))
            hashed = len(
                re.findall(r"^[\w.\[\]-]+==[^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
            )
            assert 0 < pins == hashed, lock


def test_licences_that_would_bind_the_artist_are_not_shipped() -> None:
    barred = re.compile(r"(?<!L)\bA?GPL\b")
    assert [
        cells for cells in rows("Libraries installed") + rows("Files in assets/") if barred.search(cells[2])
    ] == []


@pytest.mark.parametrize(
    "path", [*MODELS, *sorted((ASSETS / "models").rglob("*.onnx"))], ids=lambda path: path.stem
)
def test_a_model_is_the_one_its_card_describes(path) -> None:
    card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    content = path.read_bytes()
    assert card["sha256"] == hashlib.sha256(content).hexdigest()
    assert card["bytes"] == len(content)
    assert card["licences"] and card["attributions"]
    assert all(isinstance(line, str) and line.strip() for line in card["attributions"])


def test_there_are_models_and_all_that_write_are_safetensors() -> None:
    assert {"chords", "melody", "progressions"} <= {path.stem for path in MODELS}
    files = [path for path in (ASSETS / "models").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".safetensors", ".json", ".onnx"}
    assert {path.parent.name for path in files if path.suffix == ".onnx"} == {"listening"}
    for path in MODELS:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        assert all("data_offsets" in tensor for name, tensor in header.items() if name != "__metadata__")
