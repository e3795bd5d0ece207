"""How does a variation become a take, with its reasons and scores?

The same for whoever varied it: what stayed, what changed, how it lies and fits, how far it went.
"""

from dataclasses import dataclass

from engine.api.suggestion import ModelRef, Scores, Take
from engine.generation.melody.judge import agreement, mean_bits
from engine.generation.melody.line import Line
from engine.generation.melody.model import MelodyModel
from engine.generation.melody.structure import motifs
from engine.generation.melody.takes import numbered
from engine.generation.melody.tune import Passage, Tune
from engine.generation.melody.words import chord_reason, shape_reason
from engine.music import Note


@dataclass(frozen=True, slots=True)
class Varied:
    """A variation: its `reasons` say by which figures; `line` holds everything up to its end."""

    title: str
    reasons: tuple[str, ...]
    tune: Tune
    notes: list[Note]
    line: Line
    distance: float


def varied_take(
    passage: Passage, varied: Varied, model: MelodyModel, style: int, index: int, seed: int, ref: ModelRef
) -> Take:
    """The take; `ref` is who varied."""
    sketch = passage.sketch
    below = lower_voices(passage, varied.notes)
    kept = [note for note in (*varied.notes, *below) if note.id]
    sung = [passage.event(note) for note in varied.tune]
    reasons = list(varied.reasons)
    if [n.pitch for n in varied.tune] == [n.pitch for n in passage.original]:
        reasons.insert(0, "Same pitches in another rhythm")
    reasons.append(_kept_reason(passage, varied.notes))
    reasons += [shape_reason(sketch, sung), chord_reason(varied.line, sung)]
    fit = agreement(varied.line, sung)
    inside = [e for e in varied.line.events if e.bar >= sketch.first_bar and e.pitch is not None]
    return Take(
        index,
        title=varied.title,
        reasons=tuple(reason for reason in reasons if reason),
        notes=numbered([*varied.notes, *below]),
        scores=Scores(
            fit=None if fit is None else round(fit, 3),
            distance=round(varied.distance, 3),
            surprise=round(mean_bits(model, varied.line, inside)[style], 2),
            novelty=round(_novelty(passage, varied.line), 3),
        ),
        model=ref,
        seed=seed,
        kept_note_ids=tuple(sorted(note.id for note in kept)),
    )


def lower_voices(passage: Passage, notes: list[Note]) -> list[Note]:
    """What sounds under the top line in the region: it stays, unless a new note strikes the same key."""
    sketch = passage.sketch
    if sketch.track is None:
        return []
    top = {placed.note.id for placed in sketch.inside()}
    below = []
    for note in sketch.track.notes_in(sketch.start, sketch.end):
        doubled = any(
            new.pitch == note.pitch and new.sounds_in(note.start_ticks, note.end_ticks) for new in notes
        )
        if note.id not in top and not (doubled and not note.locked):
            below.append(note)
    return below


def _novelty(passage: Passage, line: Line) -> float:
    """Share of the motifs that neither the bars before nor the passage itself had."""
    sketch = passage.sketch
    earlier = set(motifs(sketch.before, -1, sketch.first_bar)) | _own_motifs(passage)
    found = motifs(line, sketch.first_bar, sketch.last_bar)
    return sum(motif not in earlier for motif in found) / len(found) if found else 0.0


def _own_motifs(passage: Passage) -> set[tuple[tuple[int, int], ...]]:
    pairs = [
        (after.pitch - before.pitch, before.duration)
        for before, after in zip(passage.original, passage.original[1:], strict=False)
    ]
    return {tuple(pairs[at : at + 3]) for at in range(len(pairs) - 2)}


def _kept_reason(passage: Passage, notes: list[Note]) -> str:
    stayed = sum(1 for note in notes if note.id)
    return f"{stayed} of your {len(passage.original)} notes stay exactly" if stayed else ""
