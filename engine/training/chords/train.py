"""From the data folder to `chords.safetensors` and its card, repeatably."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.generation.chords.model import ChordModel
from engine.generation.chords.store import models_from, save_model
from engine.training.chords.allow import AllowList
from engine.training.chords.corpus import READERS, Entry, gather
from engine.training.chords.habits import fit_table, place_table, rhythm_table
from engine.training.chords.harmonies import harmonise_scores
from engine.training.chords.mixing import gather_examples, train_mixer, valid_examples
from engine.training.chords.nextchord import best_cache_weight, five_gram, score
from engine.training.chords.piece import Piece
from engine.training.chords.split import Part
from engine.training.chords.statistics import Spelling, count_model, settled_key, with_mixer

SUMMARY = "Key-relative context trees and song memory, mixed by a small network; writes and continues chords."


@dataclass(frozen=True, slots=True)
class Config:
    seed: int = 1
    epochs: int = 10
    hidden: tuple[int, int] = (48, 24)
    sets: tuple[str, ...] = tuple(READERS)


def train(data_dir: Path, out: Path, config: Config) -> dict[str, float]:
    """Counts, mixes, measures on test, writes model and card into `out`; returns the scores."""
    entries = settled(gather(data_dir, config.sets))
    model, tables = fit(entries, config)
    scores = evaluate_model(model, entries)
    card = _card(AllowList(data_dir), entries, config, scores)
    save_model(model, tables, out, card)
    with models_from(out):
        scores |= harmonise_scores(_pieces(entries, Part.TEST))
    save_model(model, tables, out, card | {"scores": scores})
    return scores


def settled(entries: Sequence[Entry]) -> list[Entry]:
    """The entries with every key known (learnt from the training charts that give one)."""
    rough = count_model(_pieces(entries, Part.TRAIN))
    return [entry._replace(piece=settled_key(entry.piece, rough)) for entry in entries]


def fit(entries: Sequence[Entry], config: Config) -> tuple[ChordModel, dict[str, Any]]:
    """The model with its mixer, and the tables for the generators, from train and valid."""
    training = _pieces(entries, Part.TRAIN)
    counted = count_model(training)
    examples = gather_examples([e for e in entries if e.part is Part.TRAIN], config.seed)
    held_out = valid_examples(counted, [e for e in entries if e.part is Part.VALID], config.seed)
    mixer, _ = train_mixer(examples, held_out, config.epochs, config.seed, config.hidden)
    sheets = [piece for piece in training if piece.melody]
    tables = {"rhythm": rhythm_table(training), "fit": fit_table(sheets), "place": place_table(training)}
    return with_mixer(counted, mixer), tables


def evaluate_model(
    model: ChordModel, entries: Sequence[Entry], spelling: Spelling = Spelling.FULL
) -> dict[str, float]:
    """Top-1 and top-5 of model and baselines on the test songs."""
    plain = five_gram(_pieces(entries, Part.TRAIN), spelling)
    weight = best_cache_weight(plain, _pieces(entries, Part.VALID), spelling)
    table = score(model, plain, weight, _pieces(entries, Part.TEST), spelling)
    scores: dict[str, float] = {"cache_weight": weight}
    for (who, which), row in sorted(table.items()):
        name = f"{who} | {which}"
        scores[f"{name} | top1"] = round(row.top1 / row.asked, 4)
        scores[f"{name} | top5"] = round(row.top5 / row.asked, 4)
        if who == "model":
            scores[f"contexts | {which}"] = row.asked
    scores["songs"] = len({entry.song for entry in entries if entry.part is Part.TEST})
    return scores


def as_table(scores: dict[str, float]) -> str:
    """The next-chord scores as people read them: who, top-1 and top-5 in all and in new contexts."""
    heads = ("all: top-1", "top-5", "new: top-1", "top-5")
    lines = [" " * 22 + "".join(f"{head:>12}" for head in heads)]
    for who in ("5-gram", "5-gram + song cache", "model", "model, key given"):
        names = [f"{who} | {which} | {top}" for which in ("all", "new") for top in ("top1", "top5")]
        lines.append(f"{who:22}" + "".join(f"{scores.get(name, 0.0):12.1%}" for name in names))
    asked = (
        f"{scores.get('contexts | all', 0):.0f} contexts, {scores.get('contexts | new', 0):.0f} of them new"
    )
    return "\n".join([*lines, f"{scores.get('songs', 0):.0f} songs, {asked}"])


def _pieces(entries: Sequence[Entry], part: Part) -> list[Piece]:
    return [entry.piece for entry in entries if entry.part is part]


def _card(
    allowed: AllowList, entries: Sequence[Entry], config: Config, scores: dict[str, float]
) -> dict[str, Any]:
    used = [allowed.dataset(name) for name in config.sets]
    split = {
        part.value: {
            "songs": len({e.song for e in entries if e.part is part}),
            "charts": sum(1 for e in entries if e.part is part),
            "chords": sum(len(e.piece.merged()) for e in entries if e.part is part),
        }
        for part in Part
    }
    return {
        "kind": "chords",
        "summary": SUMMARY,
        "data": [asdict(dataset) for dataset in used],
        "charts": dict(Counter(entry.piece.source for entry in entries)),
        "attributions": [dataset.attribution for dataset in used],
        "licences": sorted({dataset.licence for dataset in used}),
        "share_alike": [dataset.id for dataset in used if dataset.share_alike],
        "split": {"by": "song across all sets (title and near-duplicate changes)", **split},
        "seed": config.seed,
        "config": asdict(config),
        "scores": scores,
    }
