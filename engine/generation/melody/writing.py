"""How do CONTINUE, ANSWER and FILL answer a request?

For each of several characters some candidates are drafted and judged; of each character the best that differs
from the takes before it is given. The same request gives the same takes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.api.errors import ImpossibleError
from engine.api.suggestion import ModelRef, Scores, SuggestionRequest, Take
from engine.generation.melody.compose import Composer, Draft
from engine.generation.melody.dice import Dice
from engine.generation.melody.distance import distance, soundings
from engine.generation.melody.judge import Verdict, agreement, judge, mean_bits
from engine.generation.melody.line import Event, Line
from engine.generation.melody.model import MelodyModel, load_model
from engine.generation.melody.naming import named
from engine.generation.melody.pitch import Manner
from engine.generation.melody.plan import BarPlan, Character, Way
from engine.generation.melody.rhythm import RhythmWish
from engine.generation.melody.sketch import Sketch, read_sketch
from engine.generation.melody.structure import motifs
from engine.generation.melody.stylerhythms import sung_in_style
from engine.generation.melody.takes import numbered, song_notes
from engine.generation.melody.words import (
    chord_reason,
    echo_words,
    ending_reason,
    kinship_reasons,
    kinships,
    shape_reason,
)
from engine.music import Note

Checkpoint = Callable[[], None]
Planner = Callable[[Sketch, Character, Dice], list[BarPlan]]
FIRST_POOL, POOL = 2, 4
TOO_ALIKE = 0.3
MAX_TAKES = 16
FOLK, SONG = 0, 1
_REACH = 14.0  # semitones between the lowest register that is asked for and the highest
_FOLK_WORDS = ("folk", "jig", "reel", "hornpipe", "polka", "celtic", "irish", "country")


@dataclass(frozen=True, slots=True)
class Task:
    """What one kind asks: a plan for each character, titles, and whether music follows that it must lead
    into. `is_free`: a model that hears the artist's bars needs no plan.
    """

    planner: Planner
    titles: dict[Character, str]
    leads_on: bool = False
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    character: Character
    draft: Draft
    events: list[Event]
    notes: list[Note]
    verdict: Verdict


def write(
    request: SuggestionRequest, checkpoint: Checkpoint, task_for: Callable[[Sketch], Task]
) -> Iterator[Take]:
    """Takes for a request that asks for new bars. Raises ImpossibleError with one sentence."""
    if request.takes < 1:
        return
    sketch = read_sketch(request)
    if sketch.busy_until >= sketch.end:
        raise ImpossibleError("A note from before sounds through all of these bars; shorten it first.")
    task = task_for(sketch)
    model = load_model()
    checkpoint()
    style = style_of(model, sketch, request.controls.style)
    composer = _composer(model, sketch, request, style, checkpoint)
    characters = list(task.titles)
    given: list[_Candidate] = []
    takes: list[Take] = []
    for index in range(min(request.takes, MAX_TAKES)):
        character = characters[index % len(characters)]
        pool = FIRST_POOL if index == 0 else POOL
        best = _best(sketch, composer, task, character, request.seed, index, pool, given, checkpoint)
        given.append(best)
        takes.append(_take(sketch, model, task, best, takes, request.seed, style))
        yield takes[-1]


def _composer(
    model: MelodyModel, sketch: Sketch, request: SuggestionRequest, style: int, checkpoint: Checkpoint
) -> Composer:
    controls = request.controls
    density = 0.0 if controls.density is None else 2 * controls.density - 1
    surprise = 0.4 if controls.surprise is None else controls.surprise
    rests = sketch.rests if len(sketch.placed) >= 8 or not sketch.placed else None
    wish = RhythmWish(sketch.durations, sketch.offsets, rests, density, 0.9, style=style)
    lift = 0.0 if controls.register is None else _REACH * (controls.register - 0.5)
    manner = Manner(0.4 + 1.25 * surprise, style, lift=lift)
    return Composer(model, sketch, wish, manner, checkpoint, sung_in_style(sketch, controls.style))


def style_of(model: MelodyModel, sketch: Sketch, named: str) -> int:
    """Folk or song: as named, else whichever of the two the model finds the artist's own bars likelier in."""
    if named:
        return FOLK if any(word in named.lower() for word in _FOLK_WORDS) else SONG
    recent = [event for event in sketch.before.events if event.pitch is not None][-16:]
    if len(recent) < 8:
        return SONG
    bits = mean_bits(model, sketch.before, recent)
    return FOLK if bits[FOLK] < bits[SONG] else SONG


def _best(
    sketch: Sketch,
    composer: Composer,
    task: Task,
    character: Character,
    seed: int,
    index: int,
    pool: int,
    given: list[_Candidate],
    checkpoint: Checkpoint,
) -> _Candidate:
    """The best candidate of a pool that is not too much like a take already given.

    When following the plan leaves no note at all (the material is too short here), all is drawn new.
    """
    best: tuple[float, _Candidate] | None = None
    for number in range(pool + 1):
        if number == pool and best is not None:
            break
        checkpoint()
        dice = Dice(seed, index * 1000 + number)
        plans = task.planner(sketch, character, dice)
        if number == pool:
            plans = [replace(plan, way=Way.NEW, source=None) for plan in plans]
        draft = composer.draft(plans, dice)
        candidate = _candidate(sketch, draft, character, task.leads_on)
        if not candidate.notes:
            continue
        nearest = min((_apart(candidate, other) for other in given), default=1.0)
        worth = candidate.verdict.quality - max(0.0, TOO_ALIKE - nearest)
        if best is None or worth > best[0]:
            best = (worth, candidate)
    if best is None:
        raise ImpossibleError("What stands in these bars leaves no room for a new note.")
    return best[1]


def _candidate(sketch: Sketch, draft: Draft, character: Character, leads_on: bool) -> _Candidate:
    verdict = judge(sketch, draft.line, draft.notes, leads_on)
    return _Candidate(character, draft, draft.notes, new_notes(sketch, draft.notes), verdict)


def new_notes(sketch: Sketch, events: list[Event]) -> list[Note]:
    """The events as notes of the song, without those that stay."""
    kept = sketch.fixed_places
    return song_notes(sketch, [event for event in events if (event.bar, event.offset) not in kept])


def _apart(a: _Candidate, b: _Candidate) -> float:
    return distance(soundings(a.notes), soundings(b.notes))


def _take(
    sketch: Sketch,
    model: MelodyModel,
    task: Task,
    best: _Candidate,
    given: Sequence[Take],
    seed: int,
    style: int,
) -> Take:
    title = task.titles[best.character]
    if task.is_free:
        title = named(sketch, task.titles, best.events, best.notes, given)
    made = Made(title, best.events, best.draft.line, best.notes, task.leads_on)
    return told_take(sketch, model, made, len(given), seed, style)


@dataclass(frozen=True, slots=True)
class Made:
    """A melody that was made for the region: `notes` are the new ones, `events` all on the grid, `line` holds
    everything up to their end."""

    title: str
    events: list[Event]
    line: Line
    notes: list[Note]
    leads_on: bool


def told_take(
    sketch: Sketch,
    model: MelodyModel,
    made: Made,
    index: int,
    seed: int,
    style: int,
    ref: ModelRef | None = None,
) -> Take:
    """The take with its reasons and scores; `ref` is who wrote it, if not the counting model."""
    kin = kinships(sketch, made.events)
    line, fit = made.line, agreement(made.line, made.events)
    reasons = [*kinship_reasons(sketch, kin)[:2], shape_reason(sketch, made.events)]
    reasons += [chord_reason(line, made.events), ending_reason(sketch, line, made.events, made.leads_on)]
    stood = [placed.note for placed in sketch.inside()]
    notes = numbered([*made.notes, *sketch.fixed])
    return Take(
        index,
        title=made.title,
        reasons=tuple(reason for reason in reasons if reason),
        notes=notes,
        scores=Scores(
            fit=None if fit is None else _rounded(fit),
            distance=_rounded(distance(soundings(stood), soundings(list(notes)))) if stood else None,
            surprise=round(mean_bits(model, line, made.events)[style], 2),
            novelty=_rounded(novelty(sketch, line)),
        ),
        model=ref or model.ref,
        seed=seed,
        echoes=echo_words(sketch, kin),
        kept_note_ids=tuple(sorted(note.id for note in sketch.fixed)),
    )


def _rounded(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 3)


def novelty(sketch: Sketch, line: Line) -> float:
    """Share of the take's three-note motifs that the artist has not used before."""
    earlier = set(motifs(line, -1, sketch.first_bar - 1))
    found = motifs(line, sketch.first_bar, sketch.last_bar)
    return sum(motif not in earlier for motif in found) / len(found) if found else 0.0
