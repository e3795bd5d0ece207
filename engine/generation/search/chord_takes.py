"""How does the infilling model write chords into a hole, take by take?

Every take has a plan (form, close, leaning); what returns is enforced, the rest is written by several hands
side by side, chunk by chunk. Of each chunk the progression stands that the jury likes best and that is unlike
the takes before.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from engine.api.errors import ImpossibleError
from engine.api.messages import Partial
from engine.api.suggestion import SuggestionRequest, Take
from engine.generation.chords.ideas import Idea, take_of, wanted_bits
from engine.generation.infill.decoding import Finished
from engine.generation.infill.sampling import Taste
from engine.generation.language.grid import Cell, Sheet, Stream
from engine.generation.language.question import Reference
from engine.generation.language.vocabulary import Control, Relation
from engine.generation.search.asking import Part, class_of, part_of
from engine.generation.search.chord_counted import Counted
from engine.generation.search.chord_guide import Changes, ChordGuide
from engine.generation.search.chord_hole import ChordHole
from engine.generation.search.chord_jury import Candidate, ChordJury
from engine.generation.search.chord_plan import ChordPlan, Way
from engine.generation.search.chord_rhythm import rhythm_of
from engine.generation.search.models import Checkpoint, Infiller, load_reranker
from engine.generation.search.together import Written
from engine.music import ChordSpan

CHUNK_BARS = (16, 8, 4, 2, 1)
ATTEMPTS = 3
_USUAL_SURPRISE = 0.4
SURE_WARMTH = 1.3
"""Of the usual temperature, for a take that is to be sure: the harmoniser speaks louder there."""
_RELATIONS = {Way.COPY: Relation.SAME, Way.COLOUR: Relation.VARY, Way.BASS: Relation.VARY}


@dataclass(frozen=True)
class Wish:
    """What a kind wants of one take: its plan, what must change, how many hands write, whether agreement
    among them counts; `near` is added to a progression's worth; `counted` is asked beside the model."""

    plan: ChordPlan
    changes: Changes | None = None
    hands: int = 8
    is_sure: bool = False
    near: Callable[[Sequence[ChordSpan]], float] = lambda spans: 0.0
    counted: Counted | None = None


class ChordWriter:
    """Writes takes of chords into one hole; `wish_of` says for each index and attempt what is wanted."""

    def __init__(
        self,
        infiller: Infiller,
        hole: ChordHole,
        wish_of: Callable[[int, int], Wish],
        checkpoint: Checkpoint,
        bits: float | None = None,
    ) -> None:
        """`bits`: the surprise wanted; None: as the request asks."""
        self._infiller, self._hole, self._wish_of = infiller, hole, wish_of
        self._checkpoint = checkpoint
        self._bits = wanted_bits(self._request) if bits is None else bits
        self._rhythm = rhythm_of(hole)

    @property
    def _request(self) -> SuggestionRequest:
        return self._hole.setting.request

    def __call__(self, index: int, given: Sequence[Take]) -> Written:
        for attempt in range(ATTEMPTS):
            best = yield from self._whole(self._wish_of(index, attempt), index, given)
            if best is not None:
                yield self._take(best.idea, index, given)
                return

    def _whole(
        self, wish: Wish, index: int, given: Sequence[Take]
    ) -> Generator[Partial, None, Candidate | None]:
        """All bars after one plan; None when they came out like a take before."""
        written, best = self._hole.sheet, None
        for chunk in self._chunks():
            best = yield from self._chunk(chunk, written, wish, index, given)
            if best is None:
                return None
            written = best.sheet
        return best

    def _take(self, made: Idea, index: int, given: Sequence[Take]) -> Take:
        take = take_of(self._hole.setting, made, self._hole.fit, given)
        return replace(take, index=index, model=self._infiller.ref)

    def _chunks(self) -> list[range]:
        """The bars of the hole in chunks, as long as the model can hear them."""
        hole = self._hole.hole
        for bars in CHUNK_BARS:
            chunks = [hole[at : at + bars] for at in range(0, len(hole), bars)]
            try:
                for chunk in chunks:
                    part_of(self._hole.question, self._hole.sheet, chunk, self._infiller.context)
            except ImpossibleError:
                continue
            return chunks
        raise ImpossibleError("There is too much in these bars to be heard at once; ask for fewer bars.")

    def _chunk(
        self, chunk: range, written: Sheet, wish: Wish, index: int, given: Sequence[Take]
    ) -> Generator[Partial, None, Candidate | None]:
        """Writes the bars of the chunk; returns the best of what the hands wrote."""
        infiller, request = self._infiller, self._request
        part = self._part(chunk, written, wish)
        met: list[int] = []
        guide = ChordGuide(
            self._hole, part, wish.plan, self._rhythm, written, wish.changes, wish.counted, met.append
        )
        hands = [index * 1000 + hand for hand in range(min(wish.hands, infiller.hands))]
        found: dict[int, Sheet] = {}
        for event in infiller.run(
            part.question, hands, request.seed, guide, self._taste(wish.is_sure), self._checkpoint
        ):
            if isinstance(event, Finished):
                found[event.take] = part.put_back(written, event.sheet)
            elif met:
                yield Partial(self._growing(guide, met.pop(), hands, wish.plan, index))
        jury = self._jury(chunk, written, wish)
        return jury.best_unlike(found, given, wish.is_sure)

    def _part(self, chunk: range, written: Sheet, wish: Wish) -> Part:
        """The question about the chunk, with the plan and the sliders told."""
        plan, surprise = wish.plan, self._request.controls.surprise
        references, controls = {}, {}
        for bar in chunk:
            planned = plan.bar(bar)
            if planned.way is not Way.NEW:
                references[bar] = Reference(_RELATIONS[planned.way], planned.source)
            told = self._rhythm.controls(bar)
            if surprise is not None and planned.way is Way.NEW:
                told[Control.SURPRISE] = class_of(surprise, Control.SURPRISE)
            if told:
                controls[bar] = told
        question = replace(self._hole.question, references=references, controls=controls)
        return part_of(question, written, chunk, self._infiller.context)

    def _jury(self, chunk: range, written: Sheet, wish: Wish) -> ChordJury:
        return ChordJury(
            self._hole, chunk, written, wish.plan, self._bits, load_reranker(), self._spans, wish.near
        )

    def _taste(self, is_sure: bool) -> Taste:
        """The more surprise is asked for, the less likely the chords may be."""
        surprise = self._request.controls.surprise
        surprise = _USUAL_SURPRISE if surprise is None else surprise
        warmth = (0.75 + 0.5 * surprise) * (SURE_WARMTH if is_sure else 1.0)
        return Taste(temperature=warmth, top_p=0.9 + 0.08 * surprise)

    def _spans(self, sheet: Sheet, end: int) -> tuple[ChordSpan, ...]:
        """The spans up to a bar."""
        hole = self._hole
        slots = hole.slots(sheet, range(hole.hole.start, end))
        return hole.spans(slots)

    def _growing(
        self, guide: ChordGuide, bar: int, hands: Sequence[int], plan: ChordPlan, index: int
    ) -> Take:
        """The take as far as it has come: what the hand has written under which the melody sits best."""
        fit = self._hole.fit
        alike: dict[tuple[Cell, ...], Sheet] = {}
        for hand in hands if fit else hands[:1]:
            sheet = guide.whole(hand)
            alike.setdefault(_cells(sheet, self._hole.hole, bar + 1), sheet)
        lines = [self._spans(sheet, bar + 1) for sheet in alike.values()]
        spans = max(lines, key=lambda one: fit.share(one) or 0.0) if fit else lines[0]
        title = plan.name or "Taking shape"
        return Take(index, title, chords=spans, model=self._infiller.ref, seed=self._request.seed)


def _cells(sheet: Sheet, hole: range, end: int) -> tuple[Cell, ...]:
    """What is written in the hole up to a bar."""
    return tuple(sheet.bars[bar].cells.get(Stream.CHORDS, ()) for bar in range(hole.start, end))
