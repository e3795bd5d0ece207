"""Which takes may be shown? Those that are not too close to a work somebody made.

Every take of every kind passes here: it is given what it shares with known works, or withheld and counted.
For those withheld the generator is asked again with other dice, so that the artist still gets as many as
were asked for. The same request gives the same takes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from engine.api.errors import EngineError
from engine.api.messages import Partial
from engine.api.suggestion import SuggestionRequest, Take
from engine.generation.registry import Answer, Checkpoint, Remark
from engine.music import ChordSpan, Note
from engine.ranking.originality.takes import TakeCheck

NOT_CHECKED = "These ideas were not compared with known works. "
_ROUNDS = 3
_OTHER_DICE = 7_919

Suggest = Callable[[SuggestionRequest, Checkpoint], Iterator[Answer]]


def unlike_known_works(
    suggest: Suggest, request: SuggestionRequest, checkpoint: Checkpoint
) -> Iterator[Answer]:
    """What the generator answers, its takes judged. Without an index they pass, and a remark says so."""
    try:
        check = TakeCheck(request)
    except EngineError as error:
        yield from suggest(request, checkpoint)
        yield Remark(notice=NOT_CHECKED + str(error))
        return
    yield from _Judging(check).rounds(suggest, request, checkpoint)


class _Judging:
    """The rounds of one request: which numbers are still free, and what was judged before."""

    def __init__(self, check: TakeCheck) -> None:
        self._check = check
        self._free: list[int] = []
        self._judged: set[tuple[object, ...]] = set()

    def rounds(
        self, suggest: Suggest, request: SuggestionRequest, checkpoint: Checkpoint
    ) -> Iterator[Answer]:
        yield from map(self._answer, suggest(request, checkpoint))
        for number in range(1, _ROUNDS):
            if not self._free:
                return
            numbers, self._free = set(self._free), []
            again = replace(request, seed=request.seed + number * _OTHER_DICE)
            try:
                yield from self._again(suggest(again, checkpoint), numbers)
            except EngineError:  # no others can be had; what was shown stands
                return

    def _answer(self, answer: Answer) -> Answer:
        if not isinstance(answer, Take):
            return answer
        self._judged.add(_content(answer))
        judged = self._check.judged(answer)
        if judged is None:
            self._free.append(answer.index)
            return Remark(withheld=1)
        return judged

    def _again(self, answers: Iterator[Answer], numbers: set[int]) -> Iterator[Answer]:
        """Of a later round only the takes that replace a withheld one: what stands under a number is of its
        sort (the instant generator's, the model's) again."""
        waiting = set(numbers)
        for answer in answers:
            match answer:
                case Take(index=index) if index not in waiting:
                    pass
                case Take(index=index) if _content(answer) in self._judged:
                    waiting.discard(index)
                    self._free.append(index)
                case Take(index=index):
                    waiting.discard(index)
                    yield self._answer(answer)
                case Partial(take):
                    if take.index in waiting:
                        yield answer
                case _:
                    yield answer
            if not waiting:
                return


def _content(take: Take) -> tuple[object, ...]:
    """What is heard of a take."""
    if take.song is not None:
        return tuple(_sounds(track.notes) for track in take.song.tracks), _changes(take.song.chords)
    return _sounds(take.notes), _changes(take.chords)


def _sounds(notes: Iterable[Note]) -> tuple[object, ...]:
    return tuple((note.start_ticks, note.duration_ticks, note.pitch) for note in notes)


def _changes(spans: Iterable[ChordSpan]) -> tuple[object, ...]:
    return tuple((span.start_ticks, span.chord) for span in spans)
