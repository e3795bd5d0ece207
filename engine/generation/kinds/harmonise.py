"""Chords for the melody of these bars.

The infilling model writes after the first take. Each idea before is a path through a lattice of what the
harmoniser (else counted habits) hears in the melody: the first has the likeliest roots, the others are drawn
with another leaning (two-fives, borrowed colour, fewer or more changes, a bass that walks).
"""

from collections.abc import Iterator
from enum import Enum

import numpy as np

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Kind, SuggestionRequest, Take
from engine.generation.chords.bassline import singing_bass
from engine.generation.chords.dice import dice
from engine.generation.chords.ideas import Idea, chosen, idea, take_of, wanted_bits
from engine.generation.chords.lattice import Lattice
from engine.generation.chords.lattice_ways import Grid
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.metre import MetreClass, metre_class, pulse_offsets
from engine.generation.chords.setting import Setting, setting_of
from engine.generation.chords.spans import assembled, locked_at
from engine.generation.chords.vocabulary import Seventh
from engine.generation.harmoniser.store import harmoniser_in_use
from engine.generation.registry import Answer, Checkpoint
from engine.generation.search.chord_kinds import harmonising_writer
from engine.generation.search.together import instant_then_model
from engine.music import Chord, Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.HARMONISE, None),)

_ROUNDS = 3
_DOMINANTS = (Seventh.DOMINANT, Seventh.AUGMENTED_DOMINANT)


class Leaning(Enum):
    """What a harmonisation leans towards."""

    PLAIN = "plain"
    RICH = "rich"
    BORROWED = "borrowed"
    BASS = "bass"
    SPARE = "spare"


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """The instant take, then the model's. Raises ImpossibleError without a melody in the bars."""
    instant = suggest_instantly(request, checkpoint)
    return instant_then_model(request, instant, harmonising_writer(request, checkpoint))


def suggest_instantly(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Take]:
    """Takes of the counting model, the surest first. Raises ImpossibleError without a melody in the bars."""
    setting = setting_of(request)
    if not setting.melody:
        raise ImpossibleError("There is no melody in these bars to harmonise.")
    if sum(span.duration_ticks for span in setting.locked) >= setting.end_ticks - setting.start_ticks:
        raise ImpossibleError("Every chord of these bars is locked; unlock one to get ideas.")
    fit = MelodyFit(setting.melody, setting.song.time_map, setting.model.tables["fit"])
    density = request.controls.density
    lattice = Lattice(setting, slot_edges(setting, density), fit)
    checkpoint()
    if request.takes < 1:
        return
    surest = _surest(setting, lattice, fit)
    takes = [lattice.signed(take_of(setting, surest, fit))]
    yield takes[0]
    shown, pool = [surest], []
    for attempt in range(_ROUNDS):
        if len(shown) >= request.takes:
            return
        pool += _drawn(setting, lattice, fit, attempt, checkpoint)
        for one in chosen(pool, request.takes - len(shown), wanted_bits(request), shown):
            pool.remove(one)
            shown.append(one)
            takes.append(lattice.signed(take_of(setting, one, fit, takes)))
            yield takes[-1]


def _surest(setting: Setting, lattice: Lattice, fit: MelodyFit) -> Idea:
    """The path expected to agree most with people (minimum Bayes risk); the best one only sits still."""
    return _idea(setting, lattice, fit, lattice.likeliest(), Leaning.PLAIN)


def slot_edges(setting: Setting, density: float | None) -> list[int]:
    """Where chords may begin: wherever the harmoniser wants them; counted habits are asked at half bars, at
    whole bars in triple time; every pulse when many are wanted."""
    words = setting.request.controls.style.lower()
    is_heard = harmoniser_in_use() is not None
    wants_every_pulse = (
        density > 0.7 if density is not None else is_heard or "hymn" in words or "chorale" in words
    )
    edges = []
    for bar in setting.bars:
        pulses = pulse_offsets(bar.metre) if bar.is_full else (0,)
        kind = metre_class(bar.metre)
        if wants_every_pulse:
            offsets = pulses
        elif kind is MetreClass.QUADRUPLE:
            offsets = pulses[::2] if density is None or density > 0.25 else pulses[:1]
        elif kind is MetreClass.TRIPLE or (density is not None and density <= 0.25):
            offsets = pulses[:1]
        else:
            offsets = pulses
        edges += [bar.start_ticks + offset for offset in offsets]
    return [*edges, setting.end_ticks]


def _drawn(
    setting: Setting, lattice: Lattice, fit: MelodyFit, attempt: int, checkpoint: Checkpoint
) -> list[Idea]:
    found = []
    for number, leaning in enumerate(Leaning):
        for again in range(2):
            checkpoint()
            random = dice(setting.request.seed, 1000 * attempt + 10 * number + again)
            warmth = 0.9 + 0.25 * attempt + 0.5 * (setting.request.controls.surprise or 0.0)
            bias = _bias(setting, lattice.slots, leaning)
            chords = lattice.drawn(random, warmth, 1, bias)[0]
            found.append(_idea(setting, lattice, fit, chords, leaning))
    return found


def _idea(setting: Setting, lattice: Lattice, fit: MelodyFit, chords: list[Chord], leaning: Leaning) -> Idea:
    edges = lattice.edges
    if leaning is Leaning.BASS:
        fixed = [locked_at(start, setting.locked) is not None for start in edges[:-1]]
        chords = singing_bass(chords, setting.chord_before, fixed)
    spans = assembled(zip(edges[:-1], edges[1:], chords, strict=True), setting.locked)
    return idea(setting, spans, fit)


def _bias(setting: Setting, slots: int, leaning: Leaning) -> Grid:
    """Weights added to every slot: slots x 12 roots x 16 seventh classes."""
    bias = np.zeros((12, 16))
    tonic = setting.key.tonic
    if leaning is Leaning.RICH:
        bias[:, list(_DOMINANTS)] += 0.8
        bias[:, [Seventh.MINOR_SEVENTH, Seventh.MAJOR_SEVENTH, Seventh.HALF_DIMINISHED]] += 0.6
        bias[:, Seventh.DIMINISHED_SEVENTH] += 0.4
    elif leaning is Leaning.BORROWED:
        borrowed = ((5, Seventh.MINOR), (10, Seventh.MAJOR), (8, Seventh.MAJOR), (5, Seventh.MINOR_SIXTH))
        major = ((5, Seventh.MAJOR), (5, Seventh.DOMINANT), (2, Seventh.MINOR), (1, Seventh.MAJOR))
        for degree, kind in major if setting.key.mode.is_minor else borrowed:
            bias[(tonic + degree) % 12, kind] += 1.8
    elif leaning is Leaning.SPARE:
        bias[tonic, :] += 0.3
        bias[(tonic + 5) % 12, :] += 0.4
        bias[(tonic + 7) % 12, :] += 0.4
    return np.repeat(bias[None], slots, axis=0)
