"""How does the infilling model vary what the artist wrote, as far as asked and no farther?

Near ones are told to the model as references to vary; the hands lean on the artist's notes just as much as
the distance wants (`melody_leaning`). A line that misses it gets bars of the others, or the artist's own,
until it meets it; what misses it still is not shown.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from itertools import pairwise

from engine.api.errors import ImpossibleError
from engine.api.messages import Partial
from engine.api.suggestion import SuggestionRequest, Take
from engine.generation.language.controls import similarity_class
from engine.generation.language.grid import Cell, NoteEvent, Sheet, Stream
from engine.generation.language.question import Question, Reference
from engine.generation.language.vocabulary import Control, Relation
from engine.generation.melody.model import load_model
from engine.generation.melody.takes import numbered
from engine.generation.melody.tune import Passage, Tune
from engine.generation.melody.variation import target_of
from engine.generation.melody.varied_notes import varied_notes
from engine.generation.melody.varied_takes import Varied, lower_voices, varied_take
from engine.generation.melody.writing import style_of
from engine.generation.search.asking import Part, chunks_of, part_of
from engine.generation.search.chunk import ChunkTask, written_together
from engine.generation.search.melody_hole import melody_hole
from engine.generation.search.melody_jury import MelodyJury, likeness, line_with
from engine.generation.search.melody_leaning import Leaning, LeaningGuide, VariationJury
from engine.generation.search.melody_original import Original
from engine.generation.search.melody_takes import taste_of
from engine.generation.search.models import Checkpoint, Infiller, load_reranker
from engine.generation.search.recital import recited
from engine.generation.search.together import MOST_TAKES, Writer, Written
from engine.music import Note

HANDS, ATTEMPTS = 8, 2
CALM, CALMER = 0.3, 0.2
STRANGE, TOO_DEAR, BEARABLE, DULL = 6.0, 40.0, 1.05, 20.0
"""`CALM`: how much less surprising a variation is than a new melody; what it varies surprises already; how
much `CALMER` a second attempt is. `STRANGE`: what costing the model as much as the artist's own notes takes
off; `TOO_DEAR`: what costing more than `BEARABLE` times as much takes off beside; `DULL`: what standing on a
pitch all the time takes off, where the artist's notes move: a model finds that likely."""
TOLERANCE = 0.08
"""How far from the distance asked a variation may be."""
_FIRST_HAND = 100_000
_DISTANT = 0.2
_RHYTHM_GOES_TO = 0.36
"""The farthest a variation goes that keeps the rhythm: half of the distance is rhythm."""
_TITLES = {
    Leaning.SKELETON: "Your main notes, new turns",
    Leaning.RHYTHM: "Your rhythm, other notes",
    Leaning.OPENING: "Begins alike, goes elsewhere",
    Leaning.ALL: "Your line, told again",
}


def variation_writer(
    request: SuggestionRequest,
    passage: Passage,
    fixed: frozenset[int],
    asked: float,
    checkpoint: Checkpoint,
) -> Callable[[Infiller], Writer]:
    """The model's writer for VARY; `fixed`: ids of the notes that stay, `asked`: the slider (0 to 1)."""

    def writer(infiller: Infiller) -> Writer:
        return _VariationWriter(infiller, request, passage, fixed, target_of(asked), checkpoint)

    return writer


def leanings_for(passage: Passage, target: float) -> tuple[Leaning, ...]:
    """What the takes lean on, in turn."""
    if passage.keep_rhythm or passage.keep_contour:
        return (Leaning.SKELETON, Leaning.ALL, Leaning.OPENING)
    if target <= _RHYTHM_GOES_TO:
        return (Leaning.SKELETON, Leaning.RHYTHM, Leaning.OPENING, Leaning.ALL)
    return (Leaning.SKELETON, Leaning.OPENING, Leaning.ALL)


class _VariationWriter:
    def __init__(
        self,
        infiller: Infiller,
        request: SuggestionRequest,
        passage: Passage,
        fixed: frozenset[int],
        target: float,
        checkpoint: Checkpoint,
    ) -> None:
        self._infiller, self._request, self._passage = infiller, request, passage
        self._target, self._checkpoint = target, checkpoint
        self._hole = melody_hole(request, passage.sketch, fixed)
        self._original = Original(self._hole, passage)
        self._model = load_model()
        self._style = style_of(self._model, passage.sketch, request.controls.style)
        self._ahead: dict[int, list[Sheet]] = {}
        self._own_cost: tuple[Question, float] | None = None

    def __call__(self, index: int, given: Sequence[Take]) -> Written:
        leaning = self._leaning(index)
        written = self._hole.sheet
        for chunk in chunks_of(self._hole.hole):
            written = yield from self._chunk(chunk, written, index, given)
        tune = self._original.tune_of(written)
        gone = self._passage.distance(tune)
        is_there = abs(gone - self._target) <= TOLERANCE
        if tune == self._passage.original or not is_there or not self._passage.is_valid(tune):
            return
        events = [self._passage.event(note) for note in tune]
        varied = Varied(
            _TITLES[leaning],
            tuple(changed_words(self._passage, tune)),
            tune,
            varied_notes(self._passage, tune),
            line_with(self._hole, events),
            gone,
        )
        seed, ref = self._request.seed, self._infiller.ref
        yield varied_take(self._passage, varied, self._model, self._style, index, seed, ref)

    def _leaning(self, index: int) -> Leaning:
        leanings = leanings_for(self._passage, self._target)
        return leanings[(index - 1) % len(leanings)]

    def _chunk(
        self, chunk: range, written: Sheet, index: int, given: Sequence[Take]
    ) -> Generator[Partial, None, Sheet]:
        hole, infiller = self._hole, self._infiller
        part = part_of(self._question(chunk), written, chunk, infiller.context)
        leads_on = chunk.stop < hole.hole.stop or hole.sketch.next_after() is not None
        jury = VariationJury(
            MelodyJury(hole, chunk, written, leads_on, load_reranker()), self._original, chunk, self._target
        )
        found: list[Sheet] = []
        lines: list[tuple[Sheet, float]] = []
        for attempt in range(ATTEMPTS):
            sheets = yield from self._attempt(attempt, part, chunk, written, jury, index)
            found += sheets
            nearer = [self._nearer(sheet, [*found, self._original.sheet], chunk) for sheet in sheets]
            nearer = _distinct(nearer, chunk)
            lines += zip(nearer, self._dearness(nearer, written, chunk), strict=True)
            if any(self._is_good(sheet, dear, chunk) for sheet, dear in lines):
                break
        return self._best(lines, chunk, jury, given)

    def _attempt(
        self, attempt: int, part: Part, chunk: range, written: Sheet, jury: VariationJury, index: int
    ) -> Generator[Partial, None, list[Sheet]]:
        """What all hands write; later attempts with other dice and more calmly. Where the hole is one chunk
        the first attempts of all takes are written together."""
        if not attempt and index in self._ahead:
            return self._ahead.pop(index)
        later = self._later(index) if not attempt and chunk == self._hole.hole else range(0)

        def growing(sheet: Sheet, end: int) -> Partial:
            return Partial(self._growing(sheet, end, index))

        def sheets_of(takes: Sequence[int]) -> Generator[Partial, None, list[list[Sheet]]]:
            tasks = [self._task(attempt, part, chunk, written, jury, take) for take in takes]
            found = yield from written_together(self._infiller, tasks, self._checkpoint, growing)
            return [[sheets[hand] for hand in sorted(sheets)] for sheets in found]

        try:
            found = yield from sheets_of([index, *later])
        except ImpossibleError:
            if not later:
                raise
            found = yield from sheets_of([index])
        self._ahead |= zip(later, found[1:], strict=False)
        return found[0]

    def _later(self, index: int) -> range:
        """The takes after this one, as many as there are hands for."""
        last = index + self._infiller.hands // min(HANDS, self._infiller.hands)
        return range(index + 1, min(last, self._request.takes, MOST_TAKES))

    def _task(
        self, attempt: int, part: Part, chunk: range, written: Sheet, jury: VariationJury, index: int
    ) -> ChunkTask:
        infiller, seed, leaning = self._infiller, self._request.seed, self._leaning(index)
        first = _FIRST_HAND * (1 + attempt) + index * 1000
        hands = [first + hand for hand in range(min(HANDS, infiller.hands))]
        guide = LeaningGuide(self._original, part, chunk, jury, written, seed + index, leaning, hands)
        taste = taste_of(self._request.controls, CALM + attempt * CALMER)
        return ChunkTask(part, written, hands, seed, guide, taste)

    def _is_good(self, sheet: Sheet, dear: float, chunk: range) -> bool:
        return dear <= BEARABLE and self._missed(sheet, chunk) <= TOLERANCE

    def _dearness(self, sheets: Sequence[Sheet], written: Sheet, chunk: range) -> list[float]:
        """What a note of each costs a model that does not know what is varied, the artist's notes being 1."""
        part = part_of(self._hole.question, written, chunk, self._infiller.context)
        known = self._own_cost if self._own_cost and self._own_cost[0] == part.question else None
        told = [*sheets] if known else [*sheets, self._original.sheet]
        step, nats = self._infiller.hands, list[float]()
        for at in range(0, len(told), step):
            cut = [part.cut(sheet) for sheet in told[at : at + step]]
            nats += recited(self._infiller, part.question, cut, self._checkpoint)
        costs = [cost / max(1, self._count(sheet, chunk)) for cost, sheet in zip(nats, told, strict=True)]
        _, own = self._own_cost = known or (part.question, costs.pop())
        return [cost / max(own, 1e-6) for cost in costs]

    def _count(self, sheet: Sheet, chunk: range) -> int:
        """How many notes begin in the chunk."""
        cells = [sheet.bars[bar].cells.get(Stream.MELODY, ()) for bar in chunk]
        return sum(isinstance(note, NoteEvent) and not note.tied for cell in cells for note in cell)

    def _question(self, chunk: range) -> Question:
        """The bars are made from themselves, as alike as asked. For a distant variation that is not told: the
        model would stay near, and being held off makes it write what nobody would."""
        if self._target >= _DISTANT:
            return self._hole.question
        told = {Control.SIMILARITY: similarity_class(1 - self._target)}
        question = self._hole.question
        return replace(
            question,
            controls={bar: dict(question.controls.get(bar, {})) | told for bar in chunk},
            references={
                bar: Reference(Relation.VARY, -1, {Stream.MELODY: self._original.cell(bar)}) for bar in chunk
            },
        )

    def _best(
        self,
        lines: Sequence[tuple[Sheet, float]],
        chunk: range,
        jury: VariationJury,
        given: Sequence[Take],
    ) -> Sheet:
        """The worthiest, unlike the takes before; what costs the model more counts less."""
        others = [list(take.notes) for take in given]
        unlike = min(1.0, self._target / 0.3)

        def worth(sheet: Sheet, dear: float) -> float:
            strange = STRANGE * dear + TOO_DEAR * max(0.0, dear - BEARABLE)
            dull = DULL * max(0.0, self._repeats(sheet, chunk) - self._repeats(self._original.sheet, chunk))
            return jury.final(sheet) - strange - dull - unlike * likeness(self._notes(sheet), others)

        return max(lines, key=lambda line: worth(*line))[0]

    def _repeats(self, sheet: Sheet, chunk: range) -> float:
        """The share of steps of the line that stay on their pitch."""
        cells = [sheet.bars[bar].cells.get(Stream.MELODY, ()) for bar in chunk]
        notes = [note for cell in cells for note in cell if isinstance(note, NoteEvent) and not note.tied]
        return sum(a.pitch == b.pitch for a, b in pairwise(notes)) / max(1, len(notes) - 1)

    def _nearer(self, sheet: Sheet, sources: Sequence[Sheet], chunk: range) -> Sheet:
        """The sheet with bars of other hands or of the artist where it misses the distance asked."""
        for _ in chunk:
            missed = self._missed(sheet, chunk)
            if missed <= TOLERANCE / 2:
                return sheet
            options = [_with_bar(sheet, other, bar) for bar in chunk for other in sources]
            nearest = min(options, key=lambda option: self._missed(option, chunk))
            if self._missed(nearest, chunk) >= missed:
                return sheet
            sheet = nearest
        return sheet

    def _missed(self, sheet: Sheet, chunk: range) -> float:
        return abs(self._original.gone(sheet, chunk) - self._target)

    def _notes(self, sheet: Sheet) -> list[Note]:
        return varied_notes(self._passage, self._original.tune_of(sheet))

    def _growing(self, sheet: Sheet, end: int, index: int) -> Take:
        """The take as far as it has come; after that the artist's notes."""
        places = self._hole.around.reading.places
        until = places[end - 1].end
        notes = [note for note in self._notes(sheet) if note.start_ticks < until or note.id]
        all_notes = [*notes, *lower_voices(self._passage, notes)]
        return Take(
            index,
            _TITLES[self._leaning(index)],
            notes=numbered(all_notes),
            model=self._infiller.ref,
            seed=self._request.seed,
            kept_note_ids=tuple(sorted(note.id for note in all_notes if note.id)),
        )


def _with_bar(sheet: Sheet, other: Sheet, bar: int) -> Sheet:
    return replace(sheet, bars=(*sheet.bars[:bar], other.bars[bar], *sheet.bars[bar + 1 :]))


def _distinct(sheets: Sequence[Sheet], chunk: range) -> list[Sheet]:
    """One of each melody of the chunk."""
    found: dict[tuple[Cell, ...], Sheet] = {}
    for sheet in sheets:
        found.setdefault(tuple(sheet.bars[bar].cells.get(Stream.MELODY, ()) for bar in chunk), sheet)
    return list(found.values())


def changed_words(passage: Passage, tune: Tune) -> list[str]:
    """Which bars changed, and how."""
    new, lost, other = set(), set(), set()
    kept = {note.parent for note in tune}
    for note in tune:
        if note.parent < 0:
            new.add(passage.bar_of(note))
        elif note.pitch != passage.original[note.parent].pitch:
            other.add(passage.bar_of(note))
    for note in passage.original:
        if note.parent not in kept:
            lost.add(passage.bar_of(note))
    found = [("Another rhythm", new | lost), ("Other pitches", other - new - lost)]
    words = [f"{what} in {_bars(passage, bars)}" for what, bars in found if bars]
    return ["Your rhythm throughout", *words] if not new | lost else words


def _bars(passage: Passage, bars: set[int]) -> str:
    labels = [passage.sketch.label(bar) for bar in sorted(bars)]
    if len(labels) == 1:
        return f"bar {labels[0]}"
    if len(labels) == len(passage.sketch.region_bars):
        return "every bar"
    return f"bars {', '.join(labels[:-1])} and {labels[-1]}"
