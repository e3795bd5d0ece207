"""How does the infilling model write a melody into a hole, take by take?

Beside what the artist has played the model is free: which bars return, and how, it knows better than any plan
(held against people's melodies, planned returns gave takes away). Only where the kind asks for a form, as an
answer does, or where there is nothing to go on from, a take has a character and a plan
(`engine.generation.melody.plan`) that is told to the model and enforced. Several hands write side by side,
chunk by chunk; of each chunk the best line stands. Lines of the takes after it are written beside a take's
own where they will be wanted: what the takes become does not depend on that.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from engine.api.errors import ImpossibleError
from engine.api.messages import Partial
from engine.api.suggestion import Controls, SuggestionRequest, Take
from engine.generation.infill.sampling import Taste
from engine.generation.language.grid import Sheet
from engine.generation.melody.dice import Dice
from engine.generation.melody.distance import distance, soundings
from engine.generation.melody.line import Event
from engine.generation.melody.model import load_model
from engine.generation.melody.naming import named
from engine.generation.melody.plan import BarPlan, Character, Ending, Way
from engine.generation.melody.sketch import Sketch, read_sketch
from engine.generation.melody.stylerhythms import sung_in_style
from engine.generation.melody.takes import numbered
from engine.generation.melody.way import way_of
from engine.generation.melody.writing import Made, Task, new_notes, style_of, told_take
from engine.generation.search.asking import chunks_of, part_of
from engine.generation.search.chunk import ChunkTask, written_together
from engine.generation.search.melody_guide import MelodyGuide
from engine.generation.search.melody_hole import melody_hole
from engine.generation.search.melody_jury import TOO_ALIKE, MelodyJury, likeness, line_with
from engine.generation.search.melody_likeness import KnownWorks, known_melodies
from engine.generation.search.melody_material import PlannedBar, planned_bars
from engine.generation.search.models import Checkpoint, Infiller, load_reranker
from engine.generation.search.together import MOST_TAKES, Writer, Written
from engine.music import Note
from engine.ranking.originality.own import OwnMaterial

HANDS = 8
_FIRST_DICE = 500_000
_USUAL_SURPRISE = 0.4
_FREED = {Way.RHYTHM: 0.9, Way.COPY: 0.6, Way.SEQUENCE: 0.7, Way.MIRROR: 0.5}
"""How often a bar that the instant generator derives is left to the model."""
_RUNS_ON, _STAYS_OPEN = 0.4, 0.6
"""How often a phrase runs on into the next one, and how often a free line need not close where it ends."""
_SAME = 0.1
"""Distance from something heard before, below which a line is nothing new."""
_TRIED_AGAIN = ((TOO_ALIKE, 0.5), (_SAME, 1.0))
"""Below which distance a free line is written again, and how many bars are then told to be like no others."""
BEGUN_ALIKE, _WAYWARD = 1.5, 20.0
"""What beginning just as an earlier take of the set, and going another way than was asked, take off."""


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
        self._sketch, self._own = read_sketch(request), OwnMaterial(request.song)
        self._task = task_for(self._sketch)
        self._hole = melody_hole(request, self._sketch)
        self._model = load_model()
        self._style = style_of(self._model, self._sketch, request.controls.style)
        self._chunks = chunks_of(self._hole.hole)
        first = self._hole.around.reading.places[self._hole.hole.start]
        self._opening = first.start, first.end
        self._ahead: dict[tuple[int, int], _Lines] = {}

    def __call__(self, index: int, given: Sequence[Take]) -> Written:
        written = yield from self._line(index, given)
        if written is None:
            return
        made = self._made(written, index, given)
        if not made.notes:
            raise ImpossibleError("What stands in these bars leaves no room for a new note.")
        seed, ref = self._request.seed, self._infiller.ref
        yield told_take(self._sketch, self._model, made, index, seed, self._style, ref)

    def _line(self, index: int, given: Sequence[Take]) -> Generator[Partial, None, Sheet | None]:
        """The sheet with the hole written, tried again while it is nothing new; None when it stays so."""
        written = yield from self._whole(self._try(index, given))
        if not self._task.is_free:
            return written
        for number, (least, _) in enumerate(_TRIED_AGAIN, 1):
            if self._newness(written, given) < least:
                written = yield from self._whole(self._try(index, given, number))
        return written if self._newness(written, given) >= _SAME else None

    def _try(self, index: int, given: Sequence[Take], number: int = 0) -> "_Try":
        dice = Dice(self._request.seed, _FIRST_DICE + index)
        plan = self._sung(self._planned(self._character(index), dice), index, dice)
        if number:
            plan = _unlike(plan, _TRIED_AGAIN[number - 1][1])
        return _Try(index, plan, given, number)

    def _whole(self, attempt: "_Try") -> Generator[Partial, None, Sheet]:
        """The sheet with all bars of the hole written."""
        written = self._hole.sheet
        for chunk in self._chunks:
            lines = self._ahead.pop((attempt.index, attempt.number), None)
            if lines is None:
                lines = yield from self._lines(self._ready(chunk, written, attempt), attempt)
            written = self._best(lines, attempt.given)
        return written

    def _newness(self, written: Sheet, given: Sequence[Take]) -> float:
        """Distance from what stands in the bars and from the takes before, whichever is nearest."""
        notes = soundings(self._notes(self._hole.events(written, self._hole.hole)))
        others = self._heard(given, self._hole.hole)
        return min((distance(notes, soundings(other)) for other in others if other), default=1.0)

    def _heard(self, given: Sequence[Take], bars: range) -> list[list[Note]]:
        """What stands in these bars of the sheet, and the takes before there."""
        places = self._hole.around.reading.places
        start, end = places[bars.start].start, places[bars.stop - 1].end
        lines = [[placed.note for placed in self._sketch.inside()], *(take.notes for take in given)]
        return [[note for note in line if start <= note.start_ticks < end] for line in lines]

    def _planned(self, character: Character, dice: Dice) -> dict[int, PlannedBar]:
        plans = self._task.planner(self._sketch, character, dice)
        freed = [_freed(plan, self._sketch, self._task.is_free, dice) for plan in plans]
        return planned_bars(self._hole, freed)

    def _sung(self, plan: dict[int, PlannedBar], index: int, dice: Dice) -> dict[int, PlannedBar]:
        """Every second take in a rhythm of the style that is named, or of songs of today where nothing is
        the artist's; the others as the model likes."""
        beats = sung_in_style(self._sketch, self._request.controls.style)(dice) if index % 2 else []
        if not beats:
            return plan
        first = self._hole.hole.start
        return {bar: replace(p, sung=tuple(beats[(bar - first) % len(beats)])) for bar, p in plan.items()}

    def _ready(self, chunk: range, written: Sheet, attempt: "_Try") -> "_Ready":
        """All that hands need to write the chunk. Raises ImpossibleError."""
        hole, infiller, plan = self._hole, self._infiller, attempt.plan
        told = {bar: plan[bar].reference for bar in chunk if plan[bar].is_told}
        part = part_of(replace(hole.question, references=told), written, chunk, infiller.context)
        leads_on = chunk.stop < hole.hole.stop or plan[chunk[-1]].ending is not Ending.CLOSED
        jury = MelodyJury(hole, chunk, written, leads_on, load_reranker(), self._task.is_free)
        hands = [attempt.first_hand + hand for hand in range(min(HANDS, infiller.hands))]
        works = KnownWorks(known_melodies(), written, chunk.start, hands, self._own)
        seed = self._request.seed
        guide = MelodyGuide(hole, part, plan, jury, works, written, seed + attempt.index)
        taste = taste_of(self._request.controls)
        return _Ready(chunk, jury, guide, ChunkTask(part, written, hands, seed, guide, taste))

    def _lines(self, first: "_Ready", attempt: "_Try") -> Generator[Partial, None, "_Lines"]:
        """What the hands write; where the hole is one chunk, that of later tries that will be wanted too."""

        def growing(sheet: Sheet, end: int) -> Partial:
            return Partial(self._growing(sheet, end, attempt.index, attempt.given))

        others = self._others(first, attempt) if len(self._chunks) == 1 else {}
        ready = [first, *others.values()]
        tasks = [one.task for one in ready]
        try:
            found = yield from written_together(self._infiller, tasks, self._checkpoint, growing)
        except ImpossibleError:
            if not others:
                raise
            others, alone = {}, self._ready(first.chunk, first.task.written, attempt)
            found = yield from written_together(self._infiller, [alone.task], self._checkpoint, growing)
            ready = [alone]
        lines = [_Lines(one, sheets) for one, sheets in zip(ready, found, strict=True)]
        self._ahead |= zip(others, lines[1:], strict=True)
        return lines[0]

    def _others(self, first: "_Ready", attempt: "_Try") -> dict[tuple[int, int], "_Ready"]:
        """The same try of the takes after this one, as far as there are hands and as it looks needed."""
        number, found = attempt.number, dict[tuple[int, int], _Ready]()
        for index in range(attempt.index + 1, min(self._request.takes, MOST_TAKES)):
            is_room = (len(found) + 2) * len(first.task.hands) <= self._infiller.hands
            if not is_room or (index, number) in self._ahead or not self._looks_needed(index, attempt):
                continue
            try:
                ready = self._ready(first.chunk, first.task.written, self._try(index, attempt.given, number))
            except ImpossibleError:
                continue
            if ready.task.goes_with(first.task):
                found[index, number] = ready
        return found

    def _looks_needed(self, index: int, attempt: "_Try") -> bool:
        """Is the line that the take has so far too like what is there already?"""
        if not attempt.number:
            return True
        lines = self._ahead.get((index, attempt.number - 1))
        if lines is None:
            return False
        least, _ = _TRIED_AGAIN[attempt.number - 1]
        return self._newness(self._best(lines, attempt.given), attempt.given) < least

    def _best(self, lines: "_Lines", given: Sequence[Take]) -> Sheet:
        """The worthiest line of the chunk that is unlike the takes before, and unlike what stands there."""
        chunk, jury, guide = lines.ready.chunk, lines.ready.jury, lines.ready.guide
        others = self._heard(given, chunk)

        def worth(hand: int) -> float:
            notes = self._notes(self._hole.events(lines.found[hand], chunk))
            wayward = _WAYWARD if chunk == self._hole.hole and self._is_wayward(notes) else 0.0
            alike = likeness(notes, others) + self._begun_alike(notes, given)
            return jury.final(lines.found[hand]) - alike - guide.doubt(hand) - wayward

        return lines.found[max(sorted(lines.found), key=worth)]

    def _begun_alike(self, notes: list[Note], given: Sequence[Take]) -> float:
        """What is taken off for beginning as takes before do: whoever compares them hears beginnings."""
        start, end = self._opening
        begun = {(note.start_ticks, note.pitch) for note in notes if start <= note.start_ticks < end}
        others = [
            {(note.start_ticks, note.pitch) for note in take.notes if start <= note.start_ticks < end}
            for take in given
        ]
        return BEGUN_ALIKE * sum(begun == other for other in others) if begun else 0.0

    def _is_wayward(self, notes: list[Note]) -> bool:
        """Does the melody go another way than was asked?"""
        asked = self._request.controls.contour
        return asked is not None and way_of(soundings(notes)) is not asked

    def _notes(self, events: list[Event]) -> list[Note]:
        return new_notes(self._sketch, events)

    def _made(self, written: Sheet, index: int, given: Sequence[Take]) -> Made:
        events = self._hole.events(written, self._hole.hole)
        title, line = self._title(events, index, given), line_with(self._hole, events)
        return Made(title, events, line, self._notes(events), self._task.leads_on)

    def _title(self, events: list[Event], index: int, given: Sequence[Take]) -> str:
        """The plan's; without one it says what the line does."""
        titles = self._task.titles
        if not self._task.is_free:
            return titles[self._character(index)]
        return named(self._sketch, titles, events, self._notes(events), given)

    def _character(self, index: int) -> Character:
        return list(self._task.titles)[index % len(self._task.titles)]

    def _growing(self, sheet: Sheet, end: int, index: int, given: Sequence[Take]) -> Take:
        """The take as far as it has come, with what stays."""
        events = self._hole.events(sheet, range(self._hole.hole.start, end))
        return Take(
            index,
            self._title(events, index, given),
            notes=numbered([*self._notes(events), *self._sketch.fixed]),
            model=self._infiller.ref,
            seed=self._request.seed,
            kept_note_ids=tuple(sorted(note.id for note in self._sketch.fixed)),
        )


@dataclass(frozen=True, slots=True)
class _Try:
    """Of take `index`: the plan, the takes before, and how many times it was tried."""

    index: int
    plan: Mapping[int, PlannedBar]
    given: Sequence[Take]
    number: int = 0

    @property
    def first_hand(self) -> int:
        return self.index * 1000 + self.number * 300


@dataclass(frozen=True, slots=True)
class _Ready:
    """A chunk that hands can begin to write."""

    chunk: range
    jury: MelodyJury
    guide: MelodyGuide
    task: ChunkTask


@dataclass(frozen=True, slots=True)
class _Lines:
    """What the hands have written, by hand."""

    ready: _Ready
    found: Mapping[int, Sheet]


def _unlike(plan: Mapping[int, PlannedBar], share: float) -> dict[int, PlannedBar]:
    """The model is told of the first bars, this share of them, that they are like no others."""
    told = sorted(plan)[: ceil(share * len(plan))]
    return {bar: replace(planned, is_unlike=bar in told) for bar, planned in plan.items()}


def _freed(plan: BarPlan, sketch: Sketch, is_free: bool, dice: Dice) -> BarPlan:
    """The bar as it is left to the model; where there is a plan, the first bar shows the character."""
    is_first = plan.bar == sketch.first_bar
    runs_on = {Ending.OPEN: 0.0 if is_first else _RUNS_ON, Ending.CLOSED: _STAYS_OPEN if is_free else 0.0}
    if dice.chance() < runs_on.get(plan.ending, 0.0):
        plan = replace(plan, ending=Ending.NONE)
    is_left = is_free or (not is_first and dice.chance() < _FREED.get(plan.way, 0.0))
    return replace(plan, way=Way.NEW, source=None) if is_left else plan


def taste_of(controls: Controls, calm: float = 0.0) -> Taste:
    """The more surprise is asked for, the less likely the notes may be. `calm` is taken off."""
    surprise = _USUAL_SURPRISE if controls.surprise is None else controls.surprise
    return Taste(temperature=0.67 + 0.7 * surprise - calm, top_p=0.95 + 0.05 * surprise - calm / 5)
