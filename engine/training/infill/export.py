"""From a checkpoint to a model that can be shipped: the running mean of its weights, and a card.

The card says what the model is made of: every data set that gave a piece to the train part, with licence and
attribution, the split, the seed, the sizes, the run, and what was measured on the valid part.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.generation.infill.weights import FORMAT, Sizes
from engine.generation.language.grid import NoteEvent, SheetBar, Stream
from engine.training.chords.allow import AllowList
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.sets import own
from engine.training.corpus.split import Part
from engine.training.infill.checkpoints import read_checkpoint
from engine.training.melody.corpus import folder_digest, installed_corpus

KIND = "bar-infilling decoder"


def export_model(
    checkpoint: Path,
    out: Path,
    name: str,
    described: Mapping[str, Any],
) -> dict[str, Any]:
    """Writes `<name>.safetensors` (bfloat16) and `<name>.json` into `out`; returns the card.

    Raises BadFileError for a damaged checkpoint.
    """
    import torch
    from safetensors.torch import save

    progress, tensors = read_checkpoint(checkpoint)
    mean = {
        key.removeprefix("mean."): value.to(torch.bfloat16).contiguous()
        for key, value in tensors.items()
        if key.startswith("mean.")
    }
    content = save(mean)
    run = progress["run"]
    card = {
        "name": name,
        "format": FORMAT,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "kind": KIND,
        **described,
        "seed": run["seed"],
        "config": run["sizes"],
        "training": {
            **{key: value for key, value in run.items() if key not in ("sizes", "seed")},
            "steps": progress["steps"],
            "tokens_read": progress["tokens"],
            "schedule": progress["schedule"],
            **({"averaged": progress["averaged"]} if "averaged" in progress else {}),
        },
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.safetensors").write_bytes(content)
    (out / f"{name}.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return card


def described_data(
    data: Path, parts: Mapping[Part, Sequence[CorpusPiece]], scores: Mapping[str, float]
) -> dict[str, Any]:
    """What a card says about data, split and scores."""
    return described_sources(data, parts[Part.TRAIN]) | {
        "split": {
            "by": "cluster of near-duplicate pieces",
            **{part.value: _counted(found) for part, found in parts.items()},
        },
        "scores": dict(scores),
    }


def described_sources(data: Path, learnt: Sequence[CorpusPiece]) -> dict[str, Any]:
    """What a card says about the sets of the pieces that were learnt from."""
    allow = AllowList(data)
    pieces = Counter(piece.source for piece in learnt)
    sources = [_source(allow, name, count) for name, count in sorted(pieces.items())]
    return {
        "data": sources,
        "attributions": [source["attribution"] for source in sources],
        "licences": sorted({piece.licence for piece in learnt}),
    }


def _source(allow: AllowList, name: str, count: int) -> dict[str, Any]:
    """Raises BadFileError for a set that is neither listed nor our own."""
    if name == own.ID:
        return own.described() | {"pieces": count}
    dataset = asdict(allow.dataset(name))
    files = dataset.pop("files")
    if not files:
        dataset["sha256"] = folder_digest(installed_corpus())
    else:
        dataset["sha256"] = hashlib.sha256(
            "".join(digest for _, digest in sorted(files)).encode()
        ).hexdigest()
    return dataset | {"pieces": count}


def _counted(pieces: Sequence[CorpusPiece]) -> dict[str, int]:
    bars = [bar for piece in pieces for bar in piece.sheet.bars]
    return {
        "pieces": len(pieces),
        "bars": len(bars),
        "notes": sum(map(_notes, bars)),
        "chords": sum(map(_chords, bars)),
    }


def _notes(bar: SheetBar) -> int:
    """Notes that begin in the bar, of all parts."""
    return sum(
        isinstance(event, NoteEvent) and not event.tied for cell in bar.cells.values() for event in cell
    )


def _chords(bar: SheetBar) -> int:
    return len(bar.cells.get(Stream.CHORDS, ()))


def sizes_of_checkpoint(checkpoint: Path) -> Sizes:
    """The sizes of the network in a checkpoint. Raises BadFileError as read_checkpoint."""
    return Sizes(**read_checkpoint(checkpoint)[0]["run"]["sizes"])
