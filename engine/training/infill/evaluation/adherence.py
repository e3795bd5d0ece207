"""Is a control obeyed? What was asked of each bar of a hole against what is measured in it.

Classes are asked by hash, all alike, whatever people wrote; a bar obeys when its class is at most one away
from the one asked (a contour: exactly it). `free` is how often the same writer, asked for nothing, would have
obeyed.
"""

from collections.abc import Callable, Sequence
from statistics import fmean

from engine.api.errors import EngineError
from engine.generation.language.controls import bar_controls
from engine.generation.language.grid import Sheet, Stream
from engine.generation.language.vocabulary import CONTROL_CLASSES, Control
from engine.training.infill.evaluation.holes import Hole, number_of

MEASURED = (
    Control.DENSITY,
    Control.REGISTER,
    Control.CONTOUR,
    Control.SYNCOPATION,
    Control.CHORDRATE,
)
Steered = Callable[[Hole, Control, int, int], Sheet]
"""(hole, control, class asked in every bar, seed) -> the window filled; may refuse with an EngineError."""


def asked_class(hole: Hole, control: Control, place: int) -> int:
    """Drawn by the hole alone."""
    return number_of("control", control.name, hole.piece, place) % CONTROL_CLASSES[control]


def adherence(
    holes: Sequence[Hole],
    control: Control,
    steered: Steered,
    free: Sequence[Sheet | None],
    seed: int = 1,
) -> dict[str, float]:
    """Shares of bars that obey, asked and free, within one class and exactly."""
    found: dict[str, list[bool]] = {"obeyed": [], "exactly": [], "free": []}
    for place, (hole, unasked) in enumerate(zip(holes, free, strict=True)):
        asked = asked_class(hole, control, place)
        try:
            written = steered(hole, control, asked, hole.luck(seed))
        except EngineError:
            continue
        own = classes(hole, written, control)
        found["obeyed"] += [is_obeyed(control, asked, value) for value in own]
        found["exactly"] += [asked == value for value in own]
        if unasked is not None:
            found["free"] += [is_obeyed(control, asked, value) for value in classes(hole, unasked, control)]
    return {name: fmean(claims) for name, claims in found.items() if claims}


def is_obeyed(control: Control, asked: int, measured: int) -> bool:
    """Within one class; contours have no order.

    >>> is_obeyed(Control.DENSITY, 2, 3), is_obeyed(Control.CONTOUR, 2, 3)
    (True, False)
    """
    return measured == asked if control is Control.CONTOUR else abs(measured - asked) <= 1


def classes(hole: Hole, sheet: Sheet, control: Control) -> list[int]:
    """The class of every bar of the hole where it can be measured."""
    bars = range(hole.first, hole.end)
    measured = [bar_controls(sheet, bar, hole.streams).get(control) for bar in bars]
    return [value for value in measured if value is not None]


def stream_of(control: Control) -> Stream:
    return Stream.CHORDS if control is Control.CHORDRATE else Stream.MELODY
