"""Does a take of the product do what its sliders ask? Each wish with its own measure, beside nothing asked.

Wishes are drawn by the hole alone. A slider is read in the classes of the language, and obeyed within one
class of what was asked; a contour is obeyed or not; a range is kept by every note or not.

* density: onsets a quarter (melodies, bar by bar), changes a bar of the hole (chords, of five classes)
* register: mean height in the range that was given, of five classes
* contour: mean heights of the thirds of the region, a direction is a whole tone; by bars: each bar's shape
  as the language names it
* range: an octave around the song's mean
* keep, style: `keeping`; what is kept is kept in variations and reharmonisations
* surprise: bits a symbol to the same listener for everybody; `ordered` is how often more surprise asked in
  the same hole gave more bits
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from engine.api.errors import EngineError
from engine.api.suggestion import Contour, Controls, Kind
from engine.generation.language.controls import bar_controls
from engine.generation.language.grid import Sheet, Stream
from engine.generation.language.vocabulary import Control
from engine.generation.melody.distance import Sounding
from engine.generation.melody.way import way_of
from engine.generation.search.asking import asked_controls, class_of
from engine.generation.search.models import instant_alone, models_from
from engine.ranking.features_passage import Passage, Tone
from engine.training.infill.evaluation.holes import Hole, number_of
from engine.training.infill.evaluation.instant import Accepts, ask, filled_with, is_instant, is_modelled
from engine.training.infill.evaluation.keeping import HYMN, JAZZ, KEPT, sounds_like
from engine.training.infill.evaluation.surprisal import Bits, bits_an_event

Asked = Callable[[Hole, Controls, int], Sheet]
"""(hole, controls, seed) -> the window filled; may refuse with an EngineError."""
SLIDER = (0.1, 0.3, 0.5, 0.7, 0.9)
CLASSES = 5
_SPARE, _HALF_RANGE = 4, 6
_LEAST_RATE, _RATES = 0.5, 2.0
"""Chord changes a bar from the least dense to the densest."""


def instant_asked(hole: Hole, controls: Controls, seed: int) -> Sheet:
    """The instant generators through the product's door."""
    with instant_alone():
        return _asked(hole, controls, seed, is_instant)


def product_asked(folder: Path, name: str) -> Asked:
    """The model through the product's door."""

    def asked(hole: Hole, controls: Controls, seed: int) -> Sheet:
        with models_from(folder, name):
            return _asked(hole, controls, seed, is_modelled)

    return asked


def _asked(hole: Hole, controls: Controls, seed: int, accepts: Accepts) -> Sheet:
    kind = None
    if controls.keep:
        kind = Kind.REHARMONISE if hole.streams == (Stream.CHORDS,) else Kind.VARY
    return filled_with(hole, ask(hole, seed, controls, kind, accepts))


@dataclass(frozen=True)
class Wish:
    """What is asked, and what it makes of a window: for each thing measured whether it obeys."""

    controls: Controls
    obeyed: Callable[[Sheet], list[bool]]


def wish_of(name: str, hole: Hole, place: int) -> Wish:
    """The wish of this name for the hole, drawn by hash."""
    number = number_of("wish", name, hole.piece, place)
    value = SLIDER[number % len(SLIDER)]
    if name == "density":
        measure = _changes_within if hole.streams == (Stream.CHORDS,) else _density_within
        return Wish(Controls(density=value), lambda sheet: measure(hole, sheet, value))
    if name == "register":
        limits = range_of(hole)
        controls = Controls(register=value, range=limits)
        return Wish(controls, lambda sheet: _height_within(hole, sheet, value, limits))
    if name == "contour":
        shape = list(Contour)[number % len(Contour)]
        return Wish(Controls(contour=shape), lambda sheet: [_way(hole, sheet) is shape])
    if name == "contour by bars":
        shape = list(Contour)[number % len(Contour)]
        return Wish(Controls(contour=shape), lambda sheet: _bars_shaped(hole, sheet, shape))
    if name in KEPT:
        controls, is_kept = KEPT[name]
        return Wish(controls, lambda sheet: [is_kept(hole, sheet)])
    if name == "style":
        style = (JAZZ, HYMN)[number % 2]
        return Wish(Controls(style=style), lambda sheet: [sounds_like(style, hole, sheet)])
    assert name == "range"
    middle = round(fmean(tone.pitch for tone in Passage.of_sheet(hole.sheet).melody))
    low, high = middle - _HALF_RANGE, middle + _HALF_RANGE
    return Wish(
        Controls(range=(low, high)), lambda sheet: [all(low <= t.pitch <= high for t in _tones(hole, sheet))]
    )


def wishes_of(hole: Hole) -> tuple[str, ...]:
    """What can be asked of the hole's stream, but for surprise."""
    return _OF_CHORDS if hole.streams == (Stream.CHORDS,) else _OF_MELODIES


_KEPT_OF_MELODIES = ("keep rhythm", "keep strong beats", "keep contour")
_OF_MELODIES = ("density", "register", "contour", "contour by bars", "range", *_KEPT_OF_MELODIES)
_OF_CHORDS = ("density", "style", "keep cadence", "keep bass line")


def granted(
    holes: Sequence[Hole], name: str, asked: Asked, free: Sequence[Sheet | None], seed: int = 1
) -> dict[str, float]:
    """Shares of what was measured that obey: asked, and by the same writer unasked."""
    obeyed: list[bool] = []
    unasked: list[bool] = []
    refused = 0
    for place, (hole, plain) in enumerate(zip(holes, free, strict=True)):
        wish = wish_of(name, hole, place)
        try:
            obeyed += wish.obeyed(asked(hole, wish.controls, hole.luck(seed)))
        except EngineError:
            refused += 1
            continue
        unasked += wish.obeyed(plain) if plain is not None else []
    found = {"obeyed": obeyed, "free": unasked}
    return {key: fmean(claims) for key, claims in found.items() if claims} | {"refused": float(refused)}


def surprised(holes: Sequence[Hole], asked: Asked, bits: Bits, seed: int = 1) -> dict[str, float]:
    """Bits an event at little, middling and much surprise; how often they rise in the same hole."""
    sliders = SLIDER[0], SLIDER[2], SLIDER[-1]
    rows = list(_costs(holes, asked, bits, sliders, seed))
    if not rows:
        return {}
    means = {f"bits_at_{slider}": fmean(row[k] for row in rows) for k, slider in enumerate(sliders)}
    return means | {"ordered": fmean(row[0] < row[-1] for row in rows), "holes": float(len(rows))}


def _costs(
    holes: Sequence[Hole], asked: Asked, bits: Bits, sliders: Sequence[float], seed: int
) -> Iterator[list[float]]:
    for hole in holes:
        stream = hole.streams[0]
        try:
            luck = hole.luck(seed)
            sheets = [asked(hole, Controls(surprise=slider), luck) for slider in sliders]
        except EngineError:
            continue
        filled = [Hole(hole.piece, hole.stratum, s, hole.first, hole.end, hole.streams) for s in sheets]
        yield [bits_an_event([one], bits)[stream] for one in filled]


def range_of(hole: Hole) -> tuple[int, int]:
    """The compass of the window's melody and a little more."""
    pitches = [tone.pitch for tone in Passage.of_sheet(hole.sheet).melody]
    return min(pitches) - _SPARE, max(pitches) + _SPARE


def _way(hole: Hole, sheet: Sheet) -> Contour | None:
    return way_of([Sounding(tone.start, tone.end, tone.pitch) for tone in _tones(hole, sheet)])


def _tones(hole: Hole, sheet: Sheet) -> Sequence[Tone]:
    return Passage.of_sheet(sheet).tones_in(hole.first, hole.end)


def _density_within(hole: Hole, sheet: Sheet, value: float) -> list[bool]:
    wanted = class_of(value, Control.DENSITY)
    told = (bar_controls(sheet, bar, hole.streams) for bar in range(hole.first, hole.end))
    return [abs(found[Control.DENSITY] - wanted) <= 1 for found in told if Control.DENSITY in found]


def _bars_shaped(hole: Hole, sheet: Sheet, shape: Contour) -> list[bool]:
    bars = range(hole.first, hole.end)
    wanted = asked_controls(Controls(contour=shape), Stream.MELODY, 0, 127, len(bars))
    told = [bar_controls(sheet, bar, hole.streams).get(Control.CONTOUR) for bar in bars]
    return [own == want[Control.CONTOUR] for own, want in zip(told, wanted, strict=True) if own is not None]


def _changes_within(hole: Hole, sheet: Sheet, value: float) -> list[bool]:
    chords = Passage.of_sheet(sheet).harmonies_in(hole.first, hole.end)
    before = Passage.of_sheet(sheet).harmonies_in(0, hole.first)[-1:]
    heard = [*before, *chords]
    changes = sum(a.name != b.name for a, b in pairwise(heard))
    rate = changes / (hole.end - hole.first)
    return [_is_near((rate - _LEAST_RATE) / _RATES, value)]


def _height_within(hole: Hole, sheet: Sheet, value: float, limits: tuple[int, int]) -> list[bool]:
    """The slider runs over the middle seven tenths of the range, as a melody's mean height does."""
    tones = _tones(hole, sheet)
    if not tones:
        return [False]
    low, high = limits
    height = sum(t.pitch * t.duration for t in tones) / sum(t.duration for t in tones)
    return [_is_near(((height - low) / (high - low) - 0.15) / 0.7, value)]


def _is_near(measured: float, asked: float) -> bool:
    """Within one of five classes."""
    own = min(CLASSES - 1, max(0, int(measured * CLASSES)))
    return abs(own - min(CLASSES - 1, int(asked * CLASSES))) <= 1
