"""How does the infilling model write a melody into a hole, take by take?

A take has a character and a plan (`engine.generation.melody.plan`), as the instant generator's takes have;
the plan is told to the model and enforced, less of it than there, since the model has something to say where
the plan leaves room. Several hands write side by side, chunk by chunk; of each chunk the best line stands.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from engine.api.errors import ImpossibleError
from engine.api.messages import Partial
from engine.api.suggestion import Controls, SuggestionRequest, Take
from engine.generation.infill.sampling import Taste
from engine.generation.language.grid import Sheet
from engine.generation.melody.dice import Dice
from engine.generation.melody.line import Event
from engine.generation.melody.model import load_model
from engine.generation.melody.plan import BarPlan, Character, Ending, Way, has_same_shape
from engine.generation.melody.sketch import Sketch, read_sketch
from engine.generation.melody.takes import numbered
from engine.generation.melody.way import way_of
from engine.generation.melody.writing import Made, Task, new_notes, style_of, told_take
from engine.generation.search.asking import chunks_of, part_of
from engine.generation.search.chunk import written_chunk
from engine.generation.search.melody_guide import MelodyGuide
from engine.generation.search.melody_hole import melody_hole
from engine.generation.search.melody_jury import MelodyJury, likeness, line_with, soundings
from engine.generation.search.melody_likeness import KnownWorks, known_melodies
from engine.generation.search.melody_material import PlannedBar, planned_bars
from engine.generation.search.models import Checkpoint, Infiller, load_reranker
from engine.generation.search.together import Writer, Written
from engine.music import Note

HANDS = 8
_FIRST_DICE = 500_000
_USUAL_SURPRISE = 0.4
_FREED = {Way.RHYTHM: 0.9, Way.COPY: 0.6, Way.SEQUENCE: 0.7, Way.MIRROR: 0.5}
"""How often a bar that the instant generator derives is left to the model."""
_RUNS_ON = 0.4
"""How often a phrase runs on into the next one."""
_RETURNS, _VARIED, _FIRST_VARIED = 0.25, 0.45, 0.6
"""How often a bar of the artist whose rhythm would return comes back as it was, and how often of a new one
that would come back, or of the first, only the rhythm returns."""
_WAYWARD = 20.0
"""What going another way than was asked takes off."""
_GOES_ON = 0.15
"""How often a bar that is left to the model takes the rhythm of the bar before it."""


def melody_writer(
    request: SuggestionRequest, task_for: Callable[..., Task], checkpoint: Checkpoint
) -> Callable[[Infiller], Writer]:
    """The writer of a melody kind; its planner and titles are those of the instant generator."""

    def writer(infiller: Infiller) -> Writer:
        return _MelodyWriter(infiller, request, task_for, checkpoint)

    return writer


class _MelodyWriter:
    def __init__(
        self,
        infiller: Infiller,
        request: SuggestionRequest,
        task_for: Callable[..., Task],
        checkpoint: Checkpoint,
    ) -> None:
        self._infiller, self._request, self._checkpoint = infiller, request, checkpoint
        self._sketch = read_sketch(request)
        self._task = task_for(self._sketch)
        self._hole = melody_hole(request, self._sketch)
        self._model = load_model()
        self._style = style_of(self._model, self._sketch, request.controls.style)

    def __call__(self, index: int, given: Sequence[Take]) -> Written:
        character = list(self._task.titles)[index % len(self._task.titles)]
        title = self._task.titles[character]
        plan = self._planned(character, Dice(self._request.seed, _FIRST_DICE + index))
        written = self._hole.sheet
        for chunk in chunks_of(self._hole.hole):
            written = yield from self._chunk(chunk, written, plan, index, title, given)
        made = self._made(written, title)
        if not made.notes:
            raise ImpossibleError("What stands in these bars leaves no room for a new note.")
        seed, ref = self._request.seed, self._infiller.ref
        yield told_take(self._sketch, self._model, made, index, seed, self._style, ref)

    def _planned(self, character: Character, dice: Dice) -> dict[int, PlannedBar]:
        plans = self._task.planner(self._sketch, character, dice)
        freed = [_freed(plan, self._sketch, dice) for plan in plans]
        return planned_bars(self._hole, freed)

    def _chunk(
        self,
        chunk: range,
        written: Sheet,
        plan: dict[int, PlannedBar],
        index: int,
        title: str,
        given: Sequence[Take],
    ) -> Generator[Partial, None, Sheet]:
        """Writes the bars of the chunk; returns the whole sheet with them."""
        hole, infiller = self._hole, self._infiller
        told = {bar: plan[bar].reference for bar in chunk}
        part = part_of(replace(hole.question, references=told), written, chunk, infiller.context)
        leads_on = chunk.stop < hole.hole.stop or self._task.leads_on
        jury = MelodyJury(hole, chunk, written, leads_on, load_reranker())
        hands = [index * 1000 + hand for hand in range(min(HANDS, infiller.hands))]
        works = KnownWorks(known_melodies(), written, chunk.start, hands)
        seed = self._request.seed
        guide = MelodyGuide(hole, part, plan, jury, works, written, seed + index)
        taste = taste_of(self._request.controls)

        def growing(sheet: Sheet, end: int) -> Partial:
            return Partial(self._growing(sheet, end, index, title))

        found = yield from written_chunk(
            infiller, part, written, hands, seed, guide, taste, self._checkpoint, growing
        )
        return self._best(found, chunk, jury, guide, given)

    def _best(
        self,
        found: dict[int, Sheet],
        chunk: range,
        jury: MelodyJury,
        guide: MelodyGuide,
        given: Sequence[Take],
    ) -> Sheet:
        """The worthiest line of the chunk that is unlike the takes before."""
        places = self._hole.around.reading.places
        start, end = places[chunk.start].start, places[chunk.stop - 1].end
        others = [[n for n in take.notes if start <= n.start_ticks < end] for take in given]

        def worth(hand: int) -> float:
            notes = self._notes(self._hole.events(found[hand], chunk))
            wayward = _WAYWARD if chunk == self._hole.hole and self._is_wayward(notes) else 0.0
            return jury.final(found[hand]) - likeness(notes, others) - guide.doubt(hand) - wayward

        return found[max(sorted(found), key=worth)]

    def _is_wayward(self, notes: list[Note]) -> bool:
        """Does the melody go another way than was asked?"""
        asked = self._request.controls.contour
        return asked is not None and way_of(soundings(notes)) is not asked

    def _notes(self, events: list[Event]) -> list[Note]:
        return new_notes(self._sketch, events)

    def _made(self, written: Sheet, title: str) -> Made:
        events = self._hole.events(written, self._hole.hole)
        line = line_with(self._hole, events)
        return Made(title, events, line, self._notes(events), self._task.leads_on)

    def _growing(self, sheet: Sheet, end: int, index: int, title: str) -> Take:
        """The take as far as it has come, with what stays."""
        events = self._hole.events(sheet, range(self._hole.hole.start, end))
        return Take(
            index,
            title,
            notes=numbered([*self._notes(events), *self._sketch.fixed]),
            model=self._infiller.ref,
            seed=self._request.seed,
            kept_note_ids=tuple(sorted(note.id for note in self._sketch.fixed)),
        )


def _freed(plan: BarPlan, sketch: Sketch, dice: Dice) -> BarPlan:
    """Some bars of the plan are left to the model, some of the artist's return whole: so bars come again as
    often as people's do. The first bar shows the character, so it is never left."""
    is_left, other = dice.chance() < _FREED.get(plan.way, 0.0), dice.chance()
    if plan.bar == sketch.first_bar or plan.source is None:
        is_varied = plan.way is Way.COPY and plan.source is not None and other < _FIRST_VARIED
        return replace(plan, way=Way.RHYTHM) if is_varied else plan
    if plan.ending is Ending.OPEN and dice.chance() < _RUNS_ON:
        plan = replace(plan, ending=Ending.NONE)
    is_own = plan.source not in sketch.region_bars
    if is_own and plan.way is Way.RHYTHM and other < _RETURNS and plan.ending is Ending.NONE:
        return replace(plan, way=Way.COPY)
    if plan.way is Way.COPY and not is_own and other < _VARIED:
        return replace(plan, way=Way.RHYTHM)
    return _left(plan, sketch, dice) if is_left or plan.way is Way.NEW else plan


def _left(plan: BarPlan, sketch: Sketch, dice: Dice) -> BarPlan:
    """A bar that the model writes, now and then in the rhythm of the bar before it."""
    goes_on = plan.ending is Ending.NONE and dice.chance() < _GOES_ON
    if goes_on and has_same_shape(sketch, plan.bar - 1, plan.bar):
        return replace(plan, way=Way.RHYTHM, source=plan.bar - 1)
    return replace(plan, way=Way.NEW, source=None)


def taste_of(controls: Controls, calm: float = 0.0) -> Taste:
    """The more surprise is asked for, the less likely the notes may be. `calm` is taken off."""
    surprise = _USUAL_SURPRISE if controls.surprise is None else controls.surprise
    return Taste(temperature=0.67 + 0.7 * surprise - calm, top_p=0.95 + 0.05 * surprise - calm / 5)
