"""How does a request become a question to the infilling model?

The bars around the region are read once (`surroundings`); a long region is asked in chunks, each seeing the
one before (`chunks_of`). A question tells as many bars as the model can hear, the nearest (`part_of`). What
the artist asked for becomes control classes of every bar to be written (`asked_controls`); what was not
asked is not told.

>>> [language_style(text) for text in ("Bossa nova", "reggae", "church hymn", "")]
['latin', 'pop', 'hymn', '']
>>> [len(chunk) for chunk in chunks_of(range(16, 33))]
[8, 9]
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Contour as Shape
from engine.api.suggestion import Controls
from engine.generation.language.controls import REGISTER_LIMITS, Contour
from engine.generation.language.grid import Sheet, SheetBar, Stream
from engine.generation.language.question import Fill, Forced, Question, Reference, script
from engine.generation.language.songs import Reading, read_song
from engine.generation.language.vocabulary import CONTROL_CLASSES, STYLES, Control
from engine.music import Key, Song, Tempo, Track
from engine.music.styles import style_named

BARS_BEFORE, BARS_AFTER = 16, 8
SUNG = "song"
"""The style told of melody and chords together, where nobody says and nothing is sure."""
CHUNK_BARS = 8
_PHRASE_BARS = 4
_TOKENS_A_BAR = 24
"""Room kept for the answer of one cell; a bar of melody takes about 15 tokens."""
_NEAREST_STYLES = {
    "gospel": "soul",
    "reggae": "pop",
    "country": "folk",
    "cinematic": "game",
}
_SLOPE = 0.8
"""Of the compass, from the first bar of a rising melody to its last."""
_SHAPES = {
    Shape.RISING: Contour.RISING,
    Shape.FALLING: Contour.FALLING,
    Shape.LEVEL: Contour.LEVEL,
}


def language_style(text: str) -> str:
    """The style of the language's vocabulary that the words of a request mean; "" for none."""
    found = style_named(text)
    if found is None:
        return ""
    name = _NEAREST_STYLES.get(found.name, found.name)
    return name if name in STYLES else ""


@dataclass(frozen=True)
class Surroundings:
    """Bars of the song around a region: `hole` are the region's bars of the sheet."""

    reading: Reading
    hole: range

    @property
    def sheet(self) -> Sheet:
        return self.reading.sheet

    def untold(self, bars: range, streams: Set[Stream]) -> "Surroundings":
        """The same, but nothing is said of these parts in these bars: told as rests, they would go on."""
        told = list(self.sheet.bars)
        for bar in bars:
            cells = {stream: cell for stream, cell in told[bar].cells.items() if stream not in streams}
            told[bar] = replace(told[bar], cells=cells)
        sheet = replace(self.sheet, bars=tuple(told))
        return replace(self, reading=replace(self.reading, sheet=sheet))


def surroundings(
    song: Song, region: range, tracks: Mapping[Stream, Track], key: Key, style: str = ""
) -> Surroundings:
    """The region (bars of the song) with up to BARS_BEFORE and BARS_AFTER bars around it.

    Bars past the song's end are read only where they belong to the region. A tempo that nobody set is not
    told, nor that a sketch ends with its bars: its piece will go on.
    """
    first = max(0, region.start - BARS_BEFORE)
    end = max(region.stop, min(song.bars, region.stop + BARS_AFTER))
    reading = read_song(song, first, end, tracks, key, style)
    if song.time_map.tempos == (Tempo(0),):
        reading = replace(reading, sheet=replace(reading.sheet, bpm=0.0))
    reading = replace(reading, bars_left=reading.bars_left or -1)
    return Surroundings(reading, reading.bars_of(region.start, region.stop))


def chunks_of(hole: range) -> list[range]:
    """The bars of a hole in chunks that are written one after the other, whole phrases each."""
    chunks = [hole[at : at + CHUNK_BARS] for at in range(0, len(hole), CHUNK_BARS)]
    if len(chunks) > 1 and len(chunks[-1]) < _PHRASE_BARS // 2:
        last = chunks.pop()
        chunks[-1] = range(chunks[-1].start, last.stop)
    return chunks


@dataclass(frozen=True)
class Part:
    """A question about some of the bars: bar n of it is bar n + `first` of the whole."""

    question: Question
    first: int

    def cut(self, whole: Sheet) -> Sheet:
        """The bars of the part."""
        return replace(whole, bars=whole.bars[self.first : self.first + len(self.question.sheet.bars)])

    def put_back(self, whole: Sheet, written: Sheet) -> Sheet:
        """The whole sheet with the bars of the part as written."""
        bars = whole.bars
        end = self.first + len(written.bars)
        return replace(whole, bars=(*bars[: self.first], *written.bars, *bars[end:]))


def part_of(question: Question, written: Sheet, chunk: range, tokens: int) -> Part:
    """The question about the chunk alone, at most so many tokens long with its answer.

    `written` holds the bars written before it; hidden bars after it are not told. Raises ImpossibleError when
    not even the chunk alone fits.
    """
    end = next((bar for bar in range(chunk.stop, len(question.holes)) if question.holes[bar]), None)
    told = range(len(question.holes) if end is None else chunk.stop)
    while True:
        part = _cut(question, written, told, chunk)
        if needed_tokens(part.question) <= tokens:
            return part
        told = _narrower(told, chunk)


def needed_tokens(question: Question) -> int:
    """Tokens of the question and about as many as its answer may take."""
    steps = script(question)
    told = sum(len(step.tokens) for step in steps if isinstance(step, Forced))
    return told + _TOKENS_A_BAR * sum(isinstance(step, Fill) for step in steps)


def _narrower(told: range, chunk: range) -> range:
    """Without the bars farthest from the chunk, a few at a time."""
    before, after = chunk.start - told.start, told.stop - chunk.stop
    if not before and not after:
        raise ImpossibleError("There is too much in these bars to be heard at once; ask for fewer bars.")
    if before >= 2 * after:
        return range(told.start + min(2, before), told.stop)
    return range(told.start, told.stop - min(2, after))


def _cut(question: Question, written: Sheet, told: range, chunk: range) -> Part:
    """Only these bars; only the chunk is hidden. A reference to a bar left out is told with its cells."""
    sheet, first = written, told.start
    holes = [question.holes[bar] if bar in chunk else frozenset() for bar in told]
    cut = Question(
        replace(sheet, bars=sheet.bars[first : told.stop], first_full=sheet.first_full - first),
        tuple(holes),
        {bar - first: found for bar, found in question.controls.items() if bar in chunk},
        {bar - first: found for bar, found in question.locks.items() if bar in chunk},
        {
            bar - first: _moved(reference, sheet.bars, told, question.holes[bar])
            for bar, reference in question.references.items()
            if bar in chunk
        },
        question.bars_left if told.stop == len(question.holes) else -1,
    )
    return Part(cut, first)


def _moved(
    reference: Reference, bars: Sequence[SheetBar], told: range, hidden: frozenset[Stream]
) -> Reference:
    if reference.bar < 0 or reference.bar in told:
        return replace(reference, bar=reference.bar - told.start if reference.bar >= 0 else -1)
    cells = bars[reference.bar].cells
    return Reference(reference.relation, -1, {stream: cells[stream] for stream in hidden if stream in cells})


def asked_controls(
    controls: Controls, stream: Stream, low: int, high: int, bars: int
) -> list[dict[Control, int]]:
    """What was asked, as classes for each bar to be written. `low` and `high`: the compass, on the sheet.

    >>> asked_controls(Controls(density=1.0), Stream.MELODY, 60, 72, 2)[0][Control.DENSITY]
    4
    >>> rising = asked_controls(Controls(contour=Shape.RISING), Stream.MELODY, 60, 80, 4)
    >>> [bar[Control.REGISTER] for bar in rising]
    [0, 1, 2, 3]
    """
    found: dict[Control, int] = {}
    if controls.density is not None:
        found[Control.DENSITY] = class_of(controls.density, Control.DENSITY)
    if controls.contour in _SHAPES:
        found[Control.CONTOUR] = _SHAPES[controls.contour]
    told = [dict(found) for _ in range(bars)]
    if controls.contour is Shape.ARCH:
        for bar, one in enumerate(told):
            one[Control.CONTOUR] = _arch(bar, bars)
    if stream in REGISTER_LIMITS:
        for one, height in zip(told, _heights(controls, bars), strict=False):
            middle = low + (0.15 + 0.7 * height) * (high - low)
            one[Control.REGISTER] = bisect_right(REGISTER_LIMITS[stream], middle)
    return told


def _heights(controls: Controls, bars: int) -> list[float]:
    """Where in the compass each bar lies, from 0 to 1; none when neither register nor contour is asked for.

    A contour is the way over all bars, so that it also moves the bars, not only the notes in each.
    """
    if controls.contour is None or bars == 1:
        return [] if controls.register is None else [controls.register] * bars
    return [height_at(controls, bar / (bars - 1)) for bar in range(bars)]


def height_at(controls: Controls, way: float) -> float:
    """Where in the compass a line lies, from 0 to 1, at this share of its way (0 its beginning, 1 its end).

    >>> [round(height_at(Controls(contour=Shape.ARCH), way), 2) for way in (0.0, 0.5, 1.0)]
    [0.1, 0.9, 0.1]
    """
    middle = 0.5 if controls.register is None else controls.register
    lift = {
        Shape.RISING: way,
        Shape.FALLING: 1 - way,
        Shape.ARCH: 1 - abs(2 * way - 1),
        Shape.LEVEL: 0.5,
        None: 0.5,
    }[controls.contour]
    return min(1.0, max(0.0, middle + _SLOPE * (lift - 0.5)))


def _arch(bar: int, bars: int) -> Contour:
    """Up, over the top, down."""
    if bars == 1:
        return Contour.ARCH
    top = bars // 2
    return Contour.ARCH if bar == top and bars % 2 else Contour.RISING if bar < top else Contour.FALLING


def class_of(value: float, control: Control) -> int:
    """The class of a slider from 0 to 1."""
    classes = CONTROL_CLASSES[control]
    return min(classes - 1, int(value * classes))
