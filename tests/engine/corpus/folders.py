"""Tiny data folders: a few hand-written tunes and charts in the formats of the sets."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

TUNES = {
    "one.abc": "X:1\nT:Up and Down\nM:4/4\nL:1/4\nK:G\n"
    'D|:"G"G2 B d|"C"e d c B|"D7"A B c A|[1"G"G2 B D:|[2"G"G3 D|"Em"E F G A|"D7"B c A F|"G"G3|]\n',
    "two.abc": "X:1\nT:The Rest\nM:3/4\nL:1/8\nK:Ador\n"
    '"Am"A2 B2 c2|"G"B2 A2 G2|"Am"A2 c2 e2|"Em"e6|"G"d2 B2 G2|"Am"A2 e2 c2|"G"B2 G2 B2|"Am"A6|]\n',
}
SONG = {
    "id": "7",
    "title": "Slow Song",
    "artist": "Somebody",
    "metre": "4/4",
    "sections": [
        {"name": "intro", "metre": "4/4", "tonic": "C", "bars": [["C:maj"]] * 12},
        {
            "name": "verse",
            "metre": "4/4",
            "tonic": "C",
            "bars": [["A:min7"], ["F:maj", "G:7"], ["C:maj/3"], ["F:maj", ".", "G:7", "."]],
        },
        {
            "name": "pre-chorus",
            "metre": "4/4",
            "tonic": "D",
            "bars": [["D:maj"], ["G:maj", "A:7"], ["D:maj"], ["G:maj"], ["A:7"]],
        },
    ],
}


def data_folder(place: Path) -> Path:
    """A data folder with session tunes and one pop song."""
    files = {
        "session-abc/tunes.tar.gz": _archive(TUNES),
        "session-abc/index.csv": b"file,title\none.abc,Up and Down\ntwo.abc,The Rest\n",
        "mcgill-billboard/chords.jsonl.gz": gzip.compress(json.dumps(SONG).encode() + b"\n", mtime=0),
    }
    entries: dict[str, list[dict[str, str]]] = {}
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        entries.setdefault(name.split("/")[0], []).append({"path": name, "sha256": digest})
    listing = {"datasets": [_entry(name, listed) for name, listed in entries.items()]}
    (place / "datasets.json").write_text(json.dumps(listing), encoding="utf-8")
    return place


def _entry(name: str, files: list[dict[str, str]]) -> dict[str, object]:
    words = {
        "id": name,
        "title": name,
        "licence": "CC0-1.0",
        "attribution": "A",
        "url": "https://example.org",
    }
    return {**words, "share_alike": False, "files": files}


def _archive(texts: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in texts.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return packed.getvalue()
