"""VARY: the melody of these bars, changed as far as asked, and still itself."""

from collections.abc import Iterator

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Keep, Kind, Scores, SuggestionRequest, Take
from engine.generation.melody.dice import Dice
from engine.generation.melody.distance import Sounding, distance
from engine.generation.melody.judge import agreement, mean_bits
from engine.generation.melody.model import load_model
from engine.generation.melody.sketch import Sketch, is_fixed, read_sketch
from engine.generation.melody.structure import motifs
from engine.generation.melody.takes import numbered
from engine.generation.melody.tune import Passage, passage_of
from engine.generation.melody.variation import (
    Idea,
    Variation,
    best_variation,
    figure_reasons,
    ideas_for,
    target_of,
)
from engine.generation.melody.varied_notes import varied_notes
from engine.generation.melody.words import chord_reason, shape_reason
from engine.generation.melody.writing import MAX_TAKES, TOO_ALIKE, Checkpoint, style_of
from engine.music import Note

SERVES = ((Kind.VARY, None),)
_FIRST_POOL, _POOL = 3, 5
_DEFAULT_DISTANCE = 0.4

_TITLES = {
    Idea.ORNAMENT: "Ornamented",
    Idea.PUSH: "Pushed off the beat",
    Idea.RESHAPE: "Same skeleton, new turns",
    Idea.SIMPLIFY: "Simpler",
    Idea.INNER: "Other ways between",
    Idea.SEQUENCE: "Figures moved",
    Idea.LIFT: "Lifted",
    Idea.ENDING: "A new ending",
}


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Take]:
    """Variations of the region's melody. Raises ImpossibleError when there is none or all of it must stay."""
    sketch = read_sketch(request)
    fixed = _fixed_ids(sketch, request)
    first, last = sketch.label(sketch.first_bar), sketch.label(sketch.last_bar)
    where = f"bar {first}" if first == last else f"bars {first}–{last}"
    inside = sketch.inside()
    if not inside:
        raise ImpossibleError(f"There is no melody in {where} to vary.")
    if all(placed.note.id in fixed for placed in inside):
        raise ImpossibleError(f"Every note in {where} is locked or kept; free some to vary them.")
    keep = request.controls.keep
    passage = passage_of(sketch, fixed, Keep.RHYTHM in keep, Keep.CONTOUR in keep)
    yield from _takes(request, sketch, passage, checkpoint)


def _fixed_ids(sketch: Sketch, request: SuggestionRequest) -> frozenset[int]:
    """Locked and kept notes, those on strong beats if asked, the last one if the cadence is to be kept."""
    keep = request.controls.keep
    inside = sketch.inside()
    fixed = {placed.note.id for placed in inside if is_fixed(placed.note, request)}
    if Keep.STRONG_BEATS in keep:
        fixed |= {
            placed.note.id for placed in inside if _is_strong(sketch, placed.event.bar, placed.event.offset)
        }
    if Keep.CADENCE in keep and inside:
        fixed.add(inside[-1].note.id)
    return frozenset(fixed)


def _is_strong(sketch: Sketch, bar: int, offset: int) -> bool:
    metre = sketch.song.time_map.metre_at(sketch.bars[bar].start)
    return offset * 20 in metre.strong_offsets


def _takes(
    request: SuggestionRequest, sketch: Sketch, passage: Passage, checkpoint: Checkpoint
) -> Iterator[Take]:
    asked = _DEFAULT_DISTANCE if request.controls.distance is None else request.controls.distance
    model = load_model()
    style = style_of(model, sketch, request.controls.style)
    given: list[list[Note]] = []
    untried = list(ideas_for(passage))
    for index in range(min(request.takes, MAX_TAKES)):
        variation = None
        for idea in untried[index % len(untried) :] + untried[: index % len(untried)]:
            pool = _POOL if index else _FIRST_POOL
            dice = [Dice(request.seed, 1_000_000 + index * 1000 + number) for number in range(pool)]

            def unlike(candidate: Variation) -> float:
                notes = varied_notes(passage, candidate.tune)
                nearest = min((_apart(notes, other) for other in given), default=1.0)
                return -3.0 * max(0.0, min(TOO_ALIKE, target_of(asked)) - nearest)

            variation = best_variation(passage, idea, target_of(asked), dice, unlike, checkpoint)
            if variation is not None:
                break
        if variation is None:
            raise ImpossibleError("What must be kept leaves nothing to vary in these bars.")
        notes = varied_notes(passage, variation.tune)
        given.append(notes)
        events = [event for event in variation.line.events if event.bar >= sketch.first_bar]
        sung = [event for event in events if event.pitch is not None]
        bits = mean_bits(model, variation.line, sung)[style]
        yield _take(request, sketch, passage, variation, notes, index, bits)


def _apart(first: list[Note], second: list[Note]) -> float:
    return distance(_soundings(first), _soundings(second))


def _soundings(notes: list[Note]) -> list[Sounding]:
    return [Sounding(note.start_ticks, note.end_ticks, note.pitch) for note in notes]


def _take(
    request: SuggestionRequest,
    sketch: Sketch,
    passage: Passage,
    variation: Variation,
    notes: list[Note],
    index: int,
    bits: float,
) -> Take:
    below = lower_voices(sketch, notes)
    kept = [note for note in (*notes, *below) if note.id]
    sung = [passage.event(note) for note in variation.tune]
    reasons = figure_reasons(variation, sketch.label)
    if [n.pitch for n in variation.tune] == [n.pitch for n in passage.original]:
        reasons.insert(0, "Same pitches in another rhythm")
    reasons.append(_kept_reason(passage, notes))
    reasons += [shape_reason(sketch, sung), chord_reason(variation.line, sung)]
    earlier = set(motifs(sketch.before, -1, sketch.first_bar)) | _own_motifs(passage)
    found = motifs(variation.line, sketch.first_bar, sketch.last_bar)
    novelty = sum(motif not in earlier for motif in found) / len(found) if found else 0.0
    return Take(
        index,
        title=_TITLES[variation.idea],
        reasons=tuple(reason for reason in reasons if reason),
        notes=numbered([*notes, *below]),
        scores=Scores(
            fit=round(agreement(variation.line, sung), 3) if sketch.song.chords else None,
            distance=round(variation.distance, 3),
            surprise=round(bits, 2),
            novelty=round(novelty, 3),
        ),
        model=load_model().ref,
        seed=request.seed,
        kept_note_ids=tuple(sorted(note.id for note in kept)),
    )


def lower_voices(sketch: Sketch, notes: list[Note]) -> list[Note]:
    """What sounds under the top line in the region: it stays, unless a new note strikes the same key."""
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


def _own_motifs(passage: Passage) -> set[tuple[tuple[int, int], ...]]:
    pairs = [
        (after.pitch - before.pitch, before.duration)
        for before, after in zip(passage.original, passage.original[1:], strict=False)
    ]
    return {tuple(pairs[at : at + 3]) for at in range(len(pairs) - 2)}


def _kept_reason(passage: Passage, notes: list[Note]) -> str:
    stayed = sum(1 for note in notes if note.id)
    return f"{stayed} of your {len(passage.original)} notes stay exactly" if stayed else ""
