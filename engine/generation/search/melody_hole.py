"""Which bars of melody are to be written, and what must every note of them obey?

A MelodyHole is the artist's Sketch beside the Sheet the model reads. Bars and ticks are the sheet's, pitches
above its tonic C. The rules of a bar are the artist's: range, leaps, places and note values (widened by plain
ones), the scale as it is used here and the tones of the chord.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from statistics import median

from engine.api.suggestion import Contour as Shape
from engine.api.suggestion import SuggestionRequest
from engine.generation.language.controls import DENSITY_LIMITS, Contour, metrical_level
from engine.generation.language.grid import GRID, SONG_TICKS, NoteEvent, Sheet, Stream
from engine.generation.language.question import Question
from engine.generation.language.rules import Rules, bits_of
from engine.generation.language.songs import Source, question_of
from engine.generation.language.vocabulary import Control
from engine.generation.melody.compose import closing_degrees
from engine.generation.melody.harmony import ChordTone
from engine.generation.melody.line import Event
from engine.generation.melody.plan import PHRASE_BARS, Ending
from engine.generation.melody.sketch import Sketch, is_fixed
from engine.generation.search.asking import (
    SUNG,
    Surroundings,
    asked_controls,
    height_at,
    language_style,
    surroundings,
)
from engine.music import Note

MELODY = frozenset({Stream.MELODY})
_PLAIN = (12, 24, 36, 48, 72, 96, 144)
_EIGHTH, _SIXTEENTH = 12, 6
_KNOWN_NOTES = 8
"""With fewer notes the artist's note values are not known."""
_LEAST_TIE = 6
_FEWEST: dict[int, int] = {Contour.ARCH: 3, Contour.RISING: 2, Contour.FALLING: 2}
_MOST_NOTES = 16
_BEAT = -2
_REST_FROM = {Ending.CLOSED: 1 / 2, Ending.OPEN: 2 / 3}
"""A phrase comes to rest: no note begins later in its last bar, unless the artist's phrases run on longer."""
_KNOWN_ENDS = 2
_SUNG = 0.8
"""A melody that sounds in this share of its bars leaves none of them empty."""
_BUSY = 0.7
"""From this density on sixteenths may be written, whatever the artist writes."""


@dataclass(frozen=True)
class MelodyHole:
    """The question with nothing planned yet; `hole` are the bars to write."""

    request: SuggestionRequest
    sketch: Sketch
    around: Surroundings
    question: Question

    @property
    def sheet(self) -> Sheet:
        return self.question.sheet

    @property
    def hole(self) -> range:
        return self.around.hole

    @cached_property
    def _up(self) -> int:
        """From a pitch of the sheet to one above the sketch's tonic."""
        return self.sheet.shift - self.sketch.tonic

    def of_sketch(self, bar: int) -> int:
        """The bar of the sketch that a bar of the sheet is (a part of)."""
        return self.around.reading.places[bar].number - self.sketch.origin

    def of_sheet(self, bar: int, like: int) -> int | None:
        """The bar of the sheet that is this bar of the sketch (of a long bar's parts the one that `like` is
        of its own); None when it is not told."""
        numbers = [place.number for place in self.around.reading.places]
        part = like - numbers.index(numbers[like])
        number = bar + self.sketch.origin
        if number not in numbers:
            return None
        found = numbers.index(number) + part
        return found if found < len(numbers) and numbers[found] == number else None

    def base(self, bar: int) -> int:
        """Where the bar begins in the sketch's full bar, in grid ticks."""
        whole = self.sketch.bars[self.of_sketch(bar)]
        return whole.lead + round((self.around.reading.places[bar].start - whole.start) / SONG_TICKS)

    def chord(self, bar: int, tick: int) -> ChordTone | None:
        return self.sketch.before.chord_at(self.of_sketch(bar), self.base(bar) + tick)

    def chord_of(self, bar: int, note: NoteEvent) -> ChordTone | None:
        """The chord a note belongs to."""
        return self.sketch.before.chord_under(self.event(bar, note))

    def event(self, bar: int, note: NoteEvent) -> Event:
        """The note as the sketch counts it."""
        return Event(self.of_sketch(bar), self.base(bar) + note.offset, note.duration, note.pitch + self._up)

    def allowed(self, bar: int, tick: int) -> frozenset[int]:
        """Pitch classes a melody may sound there."""
        return self.sketch.allowed(self.of_sketch(bar), self.base(bar) + tick)

    # the compass, on the sheet

    @property
    def low(self) -> int:
        return max(0, self.sketch.low - self._up)

    @property
    def high(self) -> int:
        return min(127, self.sketch.high - self._up)

    def height(self, bar: int, tick: int) -> int | None:
        """Where the line of a contour that was asked for lies there; None without one, or in a single bar."""
        if self.request.controls.contour is None or len(self.hole) < 2:
            return None
        done = self.hole.index(bar) + tick / self.sheet.bars[bar].length
        height = height_at(self.request.controls, done / len(self.hole))
        return round(self.low + height * (self.high - self.low))

    def events(self, sheet: Sheet, bars: Sequence[int]) -> list[Event]:
        """The notes of these bars of the sheet as the sketch counts them, ties joined."""
        found: list[Event] = []
        for bar in bars:
            for note in sheet.bars[bar].cells.get(Stream.MELODY, ()):
                assert isinstance(note, NoteEvent)
                pitch = note.pitch + self._up
                if note.tied and (not found or found[-1].pitch != pitch):
                    continue
                if note.tied:
                    found[-1] = found[-1]._replace(duration=found[-1].duration + note.duration)
                else:
                    found.append(self.event(bar, note))
        return found

    # rules ----------------------------------------------------------------------------

    def rules(self, bar: int, ending: Ending = Ending.NONE) -> Rules:
        """What every note of the bar must obey."""
        length = self.sheet.bars[bar].length
        places = self._places(bar)
        if ending is not Ending.NONE and self.question.controls.get(bar, {}).get(Control.DENSITY, 0) < 3:
            places = frozenset(place for place in places if self._may_end(bar, place, ending))
        locked = [lock.pitch for lock in self.locks(bar)]
        return Rules(
            low=min([self.low, *locked]),
            high=max([self.high, *locked]),
            tones=tuple(self._tones(bar)),
            max_leap=max(self.sketch.max_leap, self._way_back(locked)),
            places=places,
            durations=self._durations | {length - place for place in places},
            onsets=self._onsets(bar) or (None if ending is Ending.NONE else (1, _MOST_NOTES)),
            final=self._final(bar, ending),
        )

    def _way_back(self, locked: Sequence[int]) -> int:
        """The leap that leads into the compass from what stays outside it; 0: all is inside."""
        outside = max((max(self.low - pitch, pitch - self.high) for pitch in locked), default=0)
        return outside + 12 if outside > 0 else 0

    def loosened(self, bar: int, ending: Ending) -> Iterator[Rules]:
        """The rules of the bar, then less and less of them: what stays may make them impossible."""
        yield self.rules(bar, ending)
        plain = self.rules(bar)
        yield replace(plain, final=self._final(bar, ending))
        yield plain
        yield replace(plain, max_leap=127)
        yield Rules(low=plain.low, high=plain.high, places=plain.places)

    def locks(self, bar: int) -> list[NoteEvent]:
        found = self.question.locks.get(bar, {}).get(Stream.MELODY, ())
        return [lock for lock in found if isinstance(lock, NoteEvent)]

    def _tones(self, bar: int) -> Iterator[tuple[int, int]]:
        chords = self.sheet.bars[bar].cells.get(Stream.CHORDS, ())
        for tick in sorted({0, *(chord.offset for chord in chords)}):
            yield tick, bits_of(self.allowed(bar, tick))

    def _places(self, bar: int) -> frozenset[int]:
        length, base = self.sheet.bars[bar].length, self.base(bar)
        own = {offset - base for offset in self.sketch.offsets}
        step = _SIXTEENTH if self._is_free else _EIGHTH
        plain = range(-base % step, length, step)
        return frozenset(place for place in own | {0, *plain} if 0 <= place < length)

    def _may_end(self, bar: int, place: int, ending: Ending) -> bool:
        """Whether a note may begin there in the last bar of a phrase: it comes to rest, and on a beat."""
        length = self.sheet.bars[bar].length
        if place * 3 < length:
            return True
        if not self.comes_to_rest(ending):
            return place <= length * (self._runs_on_until or 1.0)
        is_beat = metrical_level(self.sheet.bars[bar].metre, self.base(bar) + place) >= _BEAT
        return is_beat and place <= length * _REST_FROM[ending]

    def comes_to_rest(self, ending: Ending) -> bool:
        """Whether a phrase that ends so is held at its end: as long as the artist's own phrases do not run
        on."""
        runs_on = self._runs_on_until
        return ending is not Ending.NONE and (runs_on is None or runs_on <= _REST_FROM[ending])

    @cached_property
    def _runs_on_until(self) -> float | None:
        """Where in the last bar the artist's own phrases usually begin their last note, as a share of the
        bar; None where too few of them are known."""
        sketch = self.sketch
        last = [
            (max(placed.event.offset for placed in notes) - sketch.bars[bar].lead)
            / max(1, sketch.before.bar_length)
            for bar, notes in sketch.by_bar.items()
            if bar not in sketch.region_bars and (bar - sketch.first_bar) % PHRASE_BARS == PHRASE_BARS - 1
        ]
        return median(last) if len(last) >= _KNOWN_ENDS else None

    @cached_property
    def _durations(self) -> frozenset[int]:
        return self.sketch.durations | set(_PLAIN) | ({_SIXTEENTH, 18} if self._is_free else set())

    @cached_property
    def _is_free(self) -> bool:
        density = self.request.controls.density
        return len(self.sketch.placed) < _KNOWN_NOTES or (density is not None and density >= _BUSY)

    def _onsets(self, bar: int) -> tuple[int, int] | None:
        """Least and most notes of the density asked for; a contour needs some notes too."""
        asked = self.question.controls.get(bar, {})
        shape = _FEWEST.get(asked.get(Control.CONTOUR, -1), 0)
        quarters = self.sheet.bars[bar].length / GRID
        if Control.DENSITY not in asked:
            least = max(shape if quarters >= 2 else 0, self._fewest(quarters))
            return (least, _MOST_NOTES) if least else None
        limits = (0.0, *DENSITY_LIMITS, 4.0)
        least = max(ceil(limits[asked[Control.DENSITY]] * quarters), shape)
        return least, max(least + 1, ceil(limits[asked[Control.DENSITY] + 1] * quarters) - 1)

    def _fewest(self, quarters: float) -> int:
        """A new melody sings in every bar; one that goes on may rest as often as it has rested."""
        if len(self.sketch.placed) < _KNOWN_NOTES:
            return 2 if quarters >= 3 else 1
        return int(self._rests_seldom)

    @cached_property
    def _rests_seldom(self) -> bool:
        sung = sorted(self.sketch.by_bar)
        return len(sung) >= _SUNG * (sung[-1] - sung[0] + 1)

    def _final(self, bar: int, ending: Ending) -> int:
        if ending is Ending.NONE:
            return Rules().final
        last = self.chord(bar, self.sheet.bars[bar].length - 1)
        degrees = closing_degrees(ending, last)
        if self.request.controls.contour is Shape.RISING:  # rather hang in the air than fall home
            degrees |= closing_degrees(Ending.OPEN, last)
        return bits_of(degrees)


def melody_hole(
    request: SuggestionRequest, sketch: Sketch, fixed: frozenset[int] = frozenset()
) -> MelodyHole:
    """The request as a question without a plan; notes with the ids `fixed` stay beside those that must."""
    region = range(sketch.first_bar + sketch.origin, sketch.last_bar + sketch.origin + 1)
    tracks = {} if sketch.track is None else {Stream.MELODY: sketch.track}
    style = language_style(request.controls.style) or (SUNG if request.song.chords else "")
    around = surroundings(request.song, region, tracks, sketch.key, style)
    if not any(bar.cells.get(Stream.MELODY) for bar in around.sheet.bars):
        around = around.untold(range(len(around.sheet.bars)), MELODY)

    def stays(source: Source) -> bool:
        return isinstance(source, Note) and (source.id in fixed or is_fixed(source, request))

    question = question_of(around.reading, dict.fromkeys(around.hole, MELODY), stays)
    low, high = (
        sketch.low + sketch.tonic - question.sheet.shift,
        sketch.high + sketch.tonic - question.sheet.shift,
    )
    controls = asked_controls(request.controls, Stream.MELODY, low, high, len(around.hole))
    question = replace(
        question,
        controls={bar: told for bar, told in zip(around.hole, controls, strict=True) if told},
        locks=dict(_firm(question)),
    )
    return MelodyHole(request, sketch, around, replace(question, sheet=_emptied(question.sheet, around.hole)))


def _emptied(sheet: Sheet, hole: range) -> Sheet:
    """Nothing of what is to be replaced."""
    bars = [
        replace(bar, cells={**bar.cells, Stream.MELODY: ()}) if number in hole else bar
        for number, bar in enumerate(sheet.bars)
    ]
    return replace(sheet, bars=tuple(bars))


def _firm(question: Question) -> Iterator[tuple[int, dict[Stream, tuple[NoteEvent, ...]]]]:
    """What stays, without the last breath of a note from before: that is only how it was played."""
    for bar, locks in question.locks.items():
        notes = [lock for lock in locks.get(Stream.MELODY, ()) if isinstance(lock, NoteEvent)]
        kept = tuple(note for note in notes if not note.tied or note.duration >= _LEAST_TIE)
        if kept:
            yield bar, {Stream.MELODY: kept}
