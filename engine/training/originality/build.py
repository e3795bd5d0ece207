"""From the corpus to `assets/originality`: two index files and the card that names their data.

Deterministic: the same data give the same bytes.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.ranking.originality.index import (
    CHORD_MARGIN,
    MOST_CLUSTERS,
    PITCH_MARGIN,
    RHYTHM_MARGIN,
    melody_index,
    progression_index,
)
from engine.ranking.originality.store import (
    CARD,
    FILES,
    FORMAT,
    melody_arrays,
    progression_arrays,
    write_arrays,
)
from engine.ranking.originality.surprise import melody_table, progression_table
from engine.ranking.originality.symbols import STRIDE
from engine.ranking.originality.takes import MOST_CHORDS, MOST_NOTES
from engine.training.chords.allow import AllowList
from engine.training.corpus.piece import CorpusPiece
from engine.training.originality.entries import Entries, entries_of

SUMMARY = "Every melody and progression the models learnt from; shows which run of a take is whose."


def build(
    pieces: Sequence[CorpusPiece],
    clusters: Sequence[str],
    allowed: AllowList,
    out: Path,
    scores: dict[str, float],
) -> dict[str, float]:
    """Writes the index of all pieces and its card; returns what it holds."""
    found = entries_of(pieces, clusters)
    melodies = melody_index(found.melodies, melody_table(text for _, _, text in found.melodies))
    progressions = progression_index(
        found.progressions, progression_table(text for _, _, text in found.progressions)
    )
    contents = [
        write_arrays(out / name, arrays)
        for name, arrays in zip(
            FILES, (melody_arrays(melodies), progression_arrays(progressions)), strict=True
        )
    ]
    holds = {
        "melodies": len(found.melodies),
        "notes": sum(len(text) // STRIDE + 1 for _, _, text in found.melodies),
        "progressions": len(found.progressions),
        "chords": sum(len(text) // STRIDE for _, _, text in found.progressions),
        "bytes": sum(map(len, contents)),
    }
    card = _card(pieces, found, allowed, scores) | {
        "files": [
            {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in zip(FILES, contents, strict=True)
        ],
        "holds": holds,
    }
    text = json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False)
    (out / CARD).write_text(text + "\n", "utf-8")
    return holds | scores


def _card(
    pieces: Sequence[CorpusPiece], found: Entries, allowed: AllowList, scores: dict[str, float]
) -> dict[str, Any]:
    counts = Counter(piece.source for piece in pieces if not piece.is_own)
    used = [allowed.dataset(source) for source in sorted(counts)]
    return {
        "name": "originality",
        "format": FORMAT,
        "kind": "index",
        "summary": SUMMARY,
        "data": [asdict(dataset) | {"pieces": counts[dataset.id]} for dataset in used],
        "attributions": [dataset.attribution for dataset in used],
        "licences": sorted({work.licence for work, _, _ in (*found.melodies, *found.progressions)}),
        "share_alike": [dataset.id for dataset in used if dataset.share_alike],
        "config": {
            "common_above_clusters": MOST_CLUSTERS,
            "margin_bits": {"rhythm": RHYTHM_MARGIN, "pitches": PITCH_MARGIN, "chords": CHORD_MARGIN},
            "withheld_from": {"notes": MOST_NOTES, "chords": MOST_CHORDS},
        },
        "scores": scores,
    }
