"""How do the instant generator and the infilling model answer one request together?

The instant generator's best take comes first, as fast as ever; the model writes the others. Where the model
cannot (it is missing, or what is asked leaves it no way), the instant generator's next take stands in, so
that the artist always gets as many as can be had.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from engine.api.errors import ImpossibleError, ModelError
from engine.api.messages import Partial
from engine.api.suggestion import SuggestionRequest, Take
from engine.generation.registry import Answer, Remark
from engine.generation.search.models import Infiller, load_infiller, what_is_missing

MOST_TAKES = 16

Written = Iterator[Partial | Take]
Writer = Callable[[int, Sequence[Take]], Written]
"""(index of the take, the takes before it) -> the take growing, at last whole; nothing when none is good
enough. May raise ImpossibleError."""


def instant_then_model(
    request: SuggestionRequest, instant: Iterator[Take], writer_for: Callable[[Infiller], Writer]
) -> Iterator[Answer]:
    """The instant take, then the model's. Raises EngineError when not even an instant take can be had.

    Where something is asked that only the model is measured to obey, the instant take is kept back.
    """
    first = next(instant, None)
    if first is None:
        return
    given: list[Take] = []
    if _is_beyond_instant(request):
        instant = chain((first,), instant)
    else:
        given.append(first)
        yield first
    if request.takes <= len(given):
        return
    try:
        writer = writer_for(load_infiller())
    except ModelError as error:
        yield from instant
        yield Remark(notice=f"Quick ideas only: {error}")
        return
    for index in range(len(given), min(request.takes, MOST_TAKES)):
        written = yield from _written(writer, index, given)
        if written is None:
            written = _stand_in(instant, index)
            if written is None:
                break
            yield written
        given.append(written)
    if missing := what_is_missing(request.region.chords):
        yield Remark(notice=missing)


def _is_beyond_instant(request: SuggestionRequest) -> bool:
    """Density, register and shape: the model's search enforces them, the instant generators lean to them."""
    controls = request.controls
    return any(asked is not None for asked in (controls.density, controls.register, controls.contour))


def _written(writer: Writer, index: int, given: Sequence[Take]) -> Generator[Answer, None, Take | None]:
    """Passes on what the model writes; returns its take."""
    take = None
    try:
        for answer in writer(index, given):
            take = answer if isinstance(answer, Take) else take
            yield answer
    except ImpossibleError:
        return None
    return take


def _stand_in(instant: Iterator[Take], index: int) -> Take | None:
    try:
        take = next(instant, None)
    except ImpossibleError:
        return None
    return None if take is None else replace(take, index=index)
