"""Which candidate would a musician keep?

Readable features, each 0-1 and named as the question it asks, weighed by hand; never likelihood alone (it
picks monotony). Bands come from how people write (`human` of the model card) and from the artist's own bars.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import log

from engine.generation.melody.line import GRID, Event, Line
from engine.generation.melody.model import MelodyModel
from engine.generation.melody.sketch import Sketch
from engine.generation.melody.structure import is_heavy, motifs
from engine.generation.melody.tables import PITCH_HIGH, PITCH_LOW, mix_pitch_styles

_HUMAN_RECALL = 0.4
HUMAN_AGREEMENT = 0.85
_SURPRISE_NOTES = 96


@dataclass(frozen=True, slots=True)
class Verdict:
    """Features of a candidate by name, and their weighted mean `quality`."""

    features: dict[str, float]
    quality: float


WEIGHTS = {
    "fits_chords": 2.0,
    "recalls_motif": 1.5,
    "joins": 1.5,
    "has_shape": 1.0,
    "moves_well": 1.5,
    "rhythm_is_the_songs": 1.0,
    "density_is_the_songs": 0.8,
    "closes": 1.0,
    "is_not_literal": 1.2,
    "has_profile": 0.8,
}


def judge(sketch: Sketch, line: Line, notes: list[Event], leads_on: bool) -> Verdict:
    """How good the notes of a region are; `line` holds everything up to its end."""
    features = features_of(WEIGHTS, sketch, line, notes, leads_on)
    return Verdict(features, weighed(features))


def weighed(features: Mapping[str, float]) -> float:
    """The mean of all features by their weights."""
    return sum(WEIGHTS[name] * value for name, value in features.items()) / sum(WEIGHTS.values())


def features_of(
    names: Iterable[str], sketch: Sketch, line: Line, notes: list[Event], leads_on: bool
) -> dict[str, float]:
    """These features alone, as for `judge`."""
    tell: dict[str, Callable[[], float]] = {
        "fits_chords": lambda: fits_chords(line, notes),
        "recalls_motif": lambda: recalls_motif(sketch, line, notes),
        "joins": lambda: joins(sketch, notes),
        "has_shape": lambda: has_shape(notes),
        "moves_well": lambda: moves_well(notes),
        "rhythm_is_the_songs": lambda: rhythm_is_the_songs(sketch, notes),
        "density_is_the_songs": lambda: density_is_the_songs(sketch, notes),
        "closes": lambda: 1.0 if leads_on else closes(line, notes),
        "is_not_literal": lambda: is_not_literal(line, sketch),
        "has_profile": lambda: has_profile(notes),
    }
    return {name: tell[name]() for name in names}


def fits_chords(line: Line, notes: list[Event]) -> float:
    """1 once as much agrees with the chords as in people's melodies, less below it; see `agreement`."""
    found = agreement(line, notes)
    return 1.0 if found is None else min(1.0, found / HUMAN_AGREEMENT)


def agreement(line: Line, notes: list[Event]) -> float | None:
    """Share of weighty time on chord tones; a dissonance resolved by step counts half. None where no chord
    is under them."""
    good = total = 0.0
    for place, note in enumerate(notes):
        chord = line.chord_under(note)
        if chord is None or note.pitch is None or not is_heavy(note, line.bar_length):
            continue
        weight = min(note.duration, 2 * GRID)
        total += weight
        if note.pitch % 12 in chord.tones:
            good += weight
        elif place + 1 < len(notes) and 0 < abs((notes[place + 1].pitch or 0) - note.pitch) <= 2:
            good += 0.5 * weight
    return good / total if total else None


def recalls_motif(sketch: Sketch, line: Line, notes: list[Event]) -> float:
    """1 inside the human band of returning three-note motifs, less outside it."""
    if not notes:
        return 0.0
    earlier = set(motifs(line, -1, sketch.first_bar - 1))
    found = motifs(line, sketch.first_bar, sketch.last_bar)
    if not found:
        return 0.5
    if not earlier:
        repeats = 1 - len(set(found)) / len(found)
        return 1 - min(1.0, abs(repeats - 0.3) / 0.7)
    share = sum(motif in earlier for motif in found) / len(found)
    return 1 - min(1.0, max(0.0, abs(share - _HUMAN_RECALL) - 0.15) / 0.5)


def joins(sketch: Sketch, notes: list[Event]) -> float:
    """Small intervals at the seams."""
    if not notes:
        return 0.0
    sizes = []
    if last := sketch.last_before():
        sizes.append(abs((notes[0].pitch or 0) - (last.event.pitch or 0)))
    following = sketch.next_after()
    if following is not None and following.event.bar <= sketch.last_bar + 1:
        sizes.append(abs((following.event.pitch or 0) - (notes[-1].pitch or 0)))
    return min((1.0 if size <= 5 else max(0.0, 1 - (size - 5) / 7) for size in sizes), default=1.0)


def has_shape(notes: list[Event]) -> float:
    """One high point, placed late, and a range worth the name."""
    pitches = [note.pitch or 0 for note in notes]
    if len(pitches) < 4:
        return 0.5
    top = max(pitches)
    peaks = sum(a < top == b for a, b in zip([None, *pitches], pitches, strict=False) if a is not None)
    place = pitches.index(top) / (len(pitches) - 1)
    single = 1.0 if peaks <= 1 else 0.7 if peaks == 2 else 0.4
    late = 1.0 if 0.35 <= place <= 0.9 else 0.5
    wide = min(1.0, (top - min(pitches)) / 7)
    return single * late * wide


def moves_well(notes: list[Event]) -> float:
    """Mostly steps, few leaps, few repetitions; leaps answered the other way."""
    pitches = [note.pitch or 0 for note in notes]
    moves = [after - before for before, after in itertools.pairwise(pitches)]
    if not moves:
        return 0.5
    leaps = sum(abs(move) > 5 for move in moves) / len(moves)
    repeats = sum(move == 0 for move in moves) / len(moves)
    unanswered = sum(
        abs(move) > 5 and move * after > 0 and abs(after) > 2 for move, after in itertools.pairwise(moves)
    )
    return max(0.0, 1 - 2.5 * max(0.0, leaps - 0.12) - 1.5 * max(0.0, repeats - 0.3) - 0.25 * unanswered)


def rhythm_is_the_songs(sketch: Sketch, notes: list[Event]) -> float:
    """Share of notes whose place in the bar and duration the artist uses."""
    if not sketch.durations or not notes:
        return 1.0
    known = sum(note.duration in sketch.durations for note in notes)
    placed = sum(note.offset in sketch.offsets for note in notes)
    return (known + placed) / (2 * len(notes))


def density_is_the_songs(sketch: Sketch, notes: list[Event]) -> float:
    """Notes a bar against the artist's."""
    bars = len({placed.event.bar for placed in sketch.placed})
    if not bars:
        return 1.0
    theirs = len(sketch.placed) / bars
    ours = len(notes) / max(1, sketch.last_bar - sketch.first_bar + 1)
    ratio = min(ours, theirs) / max(ours, theirs, 0.1)
    return min(1.0, ratio / 0.75)


def closes(line: Line, notes: list[Event]) -> float:
    """Ends on a note of some length that agrees with its chord."""
    if not notes:
        return 0.0
    last = notes[-1]
    chord = line.chord_under(last)
    agrees = chord is None or (last.pitch or 0) % 12 in chord.tones
    by_step = len(notes) < 2 or abs((last.pitch or 0) - (notes[-2].pitch or 0)) <= 4
    return (0.4 if last.duration >= GRID else 0.0) + (0.4 if agrees else 0.0) + (0.2 if by_step else 0.0)


def is_not_literal(line: Line, sketch: Sketch) -> float:
    """Falls when more than half of the bars equal an earlier bar."""
    bars: dict[int, list[tuple[int, int, int | None]]] = {}
    for event in line.events:
        bars.setdefault(event.bar, []).append((event.offset, event.duration, event.pitch))
    seen: Counter[tuple[tuple[int, int, int | None], ...]] = Counter()
    equal = judged = 0
    for bar, content in sorted(bars.items()):
        shape = tuple(content)
        if bar >= sketch.first_bar:
            judged += 1
            equal += shape in seen
        seen[shape] += 1
    return 1 - max(0.0, equal / judged - 0.4) / 0.6 if judged else 1.0


def has_profile(notes: list[Event]) -> float:
    """More than one duration, and not the same note all the time."""
    if len(notes) < 3:
        return 0.7
    durations = Counter(note.duration for note in notes)
    pitches = Counter(note.pitch for note in notes)
    commonest = max(pitches.values()) / len(notes)
    return (0.5 if len(durations) > 1 else 0.2) + 0.5 * (1 - max(0.0, commonest - 0.35) / 0.65)


def mean_bits(model: MelodyModel, line: Line, notes: list[Event]) -> list[float]:
    """How surprising the (first 96) pitches are to the model, in bits a note, by the weights of
    each style.
    """
    wanted = {(note.bar, note.offset) for note in notes[:_SURPRISE_NOTES]}
    grown = line.emptied()
    heard: list[tuple[int, int, tuple[int, ...]]] = []
    for event in line.events:
        is_wanted = (event.bar, event.offset) in wanted
        if is_wanted and event.pitch is not None and PITCH_LOW <= event.pitch <= PITCH_HIGH:
            last = grown.pitches[-1] if grown.pitches else 0
            contexts = grown.pitch_contexts(event.bar, event.offset, event.duration)
            heard.append((event.pitch, last, contexts))
        grown.append(event)
    model.pitch.look_up([contexts for _, _, contexts in heard])
    totals = [0.0, 0.0]
    for pitch, last, contexts in heard:
        for style, scores in enumerate(mix_pitch_styles(model.pitch, contexts, last)):
            totals[style] -= float(scores[pitch - PITCH_LOW]) / log(2)
    return [total / max(1, len(heard)) for total in totals]
