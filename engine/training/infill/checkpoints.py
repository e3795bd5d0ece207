"""Where did the run stop, and how does it go on from there?

A checkpoint is `<stem>.safetensors` (weights, their running mean, both moments of the optimiser) and
`<stem>.json` (steps, tokens, place in the data, configuration, hash), written last: a checkpoint without its
matching JSON is none. Nothing random is kept because nothing random has a state: every draw is a function of
the seed and of where the run is.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from engine.api.errors import BadFileError
from engine.training.infill.learner import Learner

KEPT = 3


def save_checkpoint(folder: Path, learner: Learner, progress: dict[str, Any]) -> Path:
    """Writes a checkpoint of this moment and lets all but the newest few go; returns its JSON."""
    from safetensors.torch import save

    stem = f"step-{learner.steps:08d}"
    folder.mkdir(parents=True, exist_ok=True)
    content = save({name: value.contiguous() for name, value in _tensors(learner).items()})
    _write(folder / f"{stem}.safetensors", content)
    card = progress | {"steps": learner.steps, "sha256": hashlib.sha256(content).hexdigest()}
    _write(folder / f"{stem}.json", json.dumps(card, indent=1).encode())
    for old in sorted(folder.glob("step-*.json"))[:-KEPT]:
        old.unlink()
        old.with_suffix(".safetensors").unlink(missing_ok=True)
    return folder / f"{stem}.json"


def keep_checkpoint(checkpoint: Path, name: str) -> None:
    """Keeps a checkpoint under a name that is never cleared away."""
    for suffix in (".safetensors", ".json"):
        target = checkpoint.with_name(name).with_suffix(suffix)
        target.unlink(missing_ok=True)
        os.link(checkpoint.with_suffix(suffix), target)


def averaged_checkpoint(checkpoint: Path, other: Path, share: float) -> Path:
    """The JSON of a checkpoint beside the first whose weights and mean lie between two of one run's: `share`
    of the other's. Falls of one run end in one basin, and between them what is held out costs less than at
    either (Wortsman et al. 2022). Raises BadFileError as read_checkpoint, or when the networks differ."""
    card, tensors = read_checkpoint(checkpoint)
    second, others = read_checkpoint(other)
    if card["run"]["sizes"] != second["run"]["sizes"]:
        raise BadFileError(f"“{other.name}” is a checkpoint of another network.")
    from safetensors.torch import save

    mixed = {name: value.lerp(others[name], share) for name, value in tensors.items()}
    content = save(mixed)
    told = {"other_tokens": second["tokens"], "other_sha256": second["sha256"], "share": share}
    card = card | {"averaged": told, "sha256": hashlib.sha256(content).hexdigest()}
    target = checkpoint.with_name("averaged.json")
    _write(target.with_suffix(".safetensors"), content)
    _write(target, json.dumps(card, indent=1).encode())
    return target


def newest_checkpoint(folder: Path) -> Path | None:
    """The JSON of the last complete checkpoint in the folder."""
    for found in sorted(folder.glob("step-*.json"), reverse=True):
        try:
            read_checkpoint(found)
        except BadFileError:
            continue
        return found
    return None


def read_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Its JSON and its tensors by name. Raises BadFileError when one is missing or not the other's."""
    from safetensors.torch import load

    path = path.with_suffix(".json")
    try:
        card = json.loads(path.read_text("utf-8"))
        content = path.with_suffix(".safetensors").read_bytes()
    except (OSError, ValueError) as error:
        raise BadFileError(f"“{path.name}” is no checkpoint that can be read.") from error
    if card.get("sha256") != hashlib.sha256(content).hexdigest():
        raise BadFileError(f"The tensors beside “{path.name}” are not its own.")
    return card, load(content)


def restore(learner: Learner, path: Path) -> dict[str, Any]:
    """Puts the learner where the checkpoint was; returns its JSON. Raises BadFileError as read_checkpoint."""
    import torch

    card, tensors = read_checkpoint(path)
    if {name: tuple(value.shape) for name, value in tensors.items()} != {
        name: tuple(value.shape) for name, value in _tensors(learner).items()
    }:
        raise BadFileError(f"“{path.name}” is a checkpoint of another network.")
    learner.steps = card["steps"]
    with torch.no_grad():
        for name, value in learner.weights.items():
            value.copy_(tensors[f"weights.{name}"])
            learner.mean[name].copy_(tensors[f"mean.{name}"])
            if f"first.{name}" in tensors:
                learner.optimiser.state[value] = {
                    "step": torch.tensor(float(card["steps"])),
                    "exp_avg": tensors[f"first.{name}"].to(value.device),
                    "exp_avg_sq": tensors[f"second.{name}"].to(value.device),
                }
    return card


def _tensors(learner: Learner) -> dict[str, Any]:
    import torch

    tensors = {}
    for name, value in learner.weights.items():
        moments = learner.optimiser.state.get(value, {})
        tensors[f"weights.{name}"] = value.detach()
        tensors[f"mean.{name}"] = learner.mean[name]
        tensors[f"first.{name}"] = moments.get("exp_avg", torch.zeros_like(value.detach()))
        tensors[f"second.{name}"] = moments.get("exp_avg_sq", torch.zeros_like(value.detach()))
    return tensors


def _write(path: Path, content: bytes) -> None:
    part = path.with_suffix(path.suffix + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
