"""Weights and their card agree."""

import hashlib
import json
from pathlib import Path

import numpy as np

from engine.training.hearing.keeping import keep


def test_a_card_says_what_was_kept(tmp_path: Path) -> None:
    card = tmp_path / "ear.json"
    card.write_text('{"name": "ear", "bytes": 1}', "utf-8")
    keep("ear", {"a": np.zeros((2, 3), np.float32).T}, tmp_path, excerpts=7)
    data = (tmp_path / "ear.safetensors").read_bytes()
    told = {"name": "ear", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "excerpts": 7}
    assert json.loads(card.read_text("utf-8")) == told
