"""How does a plan become a melody?

Rhythm first, bar by bar (taken over or drawn), then what stays is set into it, then the pitches. Everything
happens on the grid of 24 to a quarter; `takes` gives it back in song ticks.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.generation.melody.dice import Dice
from engine.generation.melody.harmony import ChordTone
from engine.generation.melody.line import SONG_TICKS, Event, Line
from engine.generation.melody.model import MelodyModel
from engine.generation.melody.pitch import Manner, Singer, Slot
from engine.generation.melody.plan import BarPlan, Ending, Way
from engine.generation.melody.rhythm import Beat, RhythmWish, as_dense, comes_to_rest, draw_bar, rested
from engine.generation.melody.scales import at_place, scale_place, step_in
from engine.generation.melody.sketch import Sketch

_SHORTEST, _SIXTEENTH = 3, 6
_TONIC = frozenset({0})
_RESTING = frozenset({0, 3, 4, 7})
_OPEN_DEGREES = frozenset({2, 4, 7, 11})


@dataclass(frozen=True, slots=True)
class Draft:
    """A finished candidate: its plan and its events over the region (rests included; pitches above the
    tonic).
    """

    plans: tuple[BarPlan, ...]
    events: tuple[Event, ...]
    line: Line

    @property
    def notes(self) -> list[Event]:
        return [event for event in self.events if event.pitch is not None]


class Composer:
    """Makes drafts for one sketch; `wish` and `manner` say how, `checkpoint` is called at every bar.

    `sung`: draws the rhythm of bars that take nothing up, bar by bar; none: the model draws it.
    """

    def __init__(
        self,
        model: MelodyModel,
        sketch: Sketch,
        wish: RhythmWish,
        manner: Manner,
        checkpoint: Callable[[], None],
        sung: Callable[[Dice], list[list[Beat]]] = lambda _: [],
    ) -> None:
        self._sung = sung
        self._model, self._sketch, self._wish, self._manner = model, sketch, wish, manner
        self._checkpoint = checkpoint
        self._base = _absolute_starts(sketch)
        self._own = {placed.note.id: placed for placed in sketch.placed}

    def draft(self, plans: list[BarPlan], dice: Dice) -> Draft:
        """One candidate that follows the plan."""
        slots = self._slots(plans, dice)
        slots = self._set_in_what_stays(slots)
        line = self._sketch.before.copy()
        singer = Singer(self._model, self._sketch, self._manner, dice, line)
        following = self._sketch.next_after()
        near = following is not None and following.event.bar <= self._sketch.last_bar + 1
        after = following.event.pitch if following is not None and near else None
        done: list[Event] = []
        for plan in plans:
            self._checkpoint()
            bar = [slot for slot in slots if slot.bar == plan.bar]
            led = self._led(plan, bar, done)
            rest = [slot for slot in slots if slot.bar > plan.bar]
            singer.sung = []
            upcoming = next((slot.forced for slot in rest if slot.forced is not None), None)
            done += singer.sing(led, upcoming if upcoming is not None else after if not rest else None)
        return Draft(tuple(plans), tuple(done), line)

    # rhythm -------------------------------------------------------------------

    def _slots(self, plans: list[BarPlan], dice: Dice) -> list[Slot]:
        """The rhythm of the whole region."""
        growing = self._sketch.before.copy()
        slots: list[Slot] = []
        by_bar: dict[int, list[Beat]] = {}
        sung = self._sung(dice)
        for plan in plans:
            self._checkpoint()
            where = self._sketch.bars[plan.bar]
            beats = self._beats(plan, by_bar, growing, sung, dice)
            by_bar[plan.bar] = beats
            if beats and beats[0].offset > where.lead and slots and not slots[-1].is_rest:
                tied = beats[0].offset - where.lead
                slots[-1] = replace(slots[-1], duration=slots[-1].duration + tied)
            for beat in beats:
                slots.append(Slot(plan.bar, beat.offset, beat.duration, beat.is_rest))
                growing.append(Event(plan.bar, beat.offset, beat.duration, None if beat.is_rest else 0))
        return self._shaped(plans, slots, dice)

    def _beats(
        self,
        plan: BarPlan,
        by_bar: dict[int, list[Beat]],
        growing: Line,
        sung: list[list[Beat]],
        dice: Dice,
    ) -> list[Beat]:
        where = self._sketch.bars[plan.bar]
        ends = plan.ending is not Ending.NONE
        if plan.source is not None and plan.way is not Way.NEW:
            beats = by_bar.get(plan.source) or self._artist_beats(plan.source)
            if any(not beat.is_rest for beat in beats):
                beats = beats if plan.source in by_bar else self._dense(beats, dice)
                return (
                    rested(beats, where.lead, where.grid_end) if ends and not comes_to_rest(beats) else beats
                )
        beats = sung[(plan.bar - self._sketch.first_bar) % len(sung)] if sung else []
        if beats and not where.lead and sum(beat.duration for beat in beats) == where.grid_end:
            beats = self._dense(beats, dice)
            return rested(beats, 0, where.grid_end) if ends and not comes_to_rest(beats) else beats
        wish = replace(self._wish, ends_phrase=ends)
        return draw_bar(self._model, growing, plan.bar, where.lead, where.grid_end, wish, dice)

    def _dense(self, beats: list[Beat], dice: Dice) -> list[Beat]:
        """Fuller or sparser where that is asked for."""
        if not self._wish.density:
            return beats
        finest = min([d for d in self._wish.durations if d % 6 == 0], default=12)
        return as_dense(beats, self._wish.density, finest, dice)

    def _artist_beats(self, bar: int) -> list[Beat]:
        """The artist's rhythm of a bar; starts later than the bar when a note from before is tied into it."""
        where = self._sketch.bars[bar]
        beats: list[Beat] = []
        at = self._tied_until(bar)
        for placed in self._sketch.by_bar.get(bar, ()):
            event = placed.event
            if event.offset < at:
                continue
            if event.offset > at:
                beats.append(Beat(at, event.offset - at, True))
            duration = min(event.duration, where.grid_end - event.offset)
            beats.append(Beat(event.offset, duration))
            at = event.offset + duration
        if at < where.grid_end:
            beats.append(Beat(at, where.grid_end - at, True))
        return beats

    def _tied_until(self, bar: int) -> int:
        where = self._sketch.bars[bar]
        start = self._base[bar]
        ends = [
            self.absolute(placed.event) + placed.event.duration
            for earlier in (bar - 2, bar - 1)
            for placed in self._sketch.by_bar.get(earlier, ())
        ]
        return where.lead + max(0, min(max(ends, default=start), start + where.grid_end - where.lead) - start)

    def absolute(self, event: Event | Slot) -> int:
        """Grid ticks of the event from the first bar of the song."""
        return self._base[event.bar] + event.offset - self._sketch.bars[event.bar].lead

    # what stays -----------------------------------------------------------------

    def _set_in_what_stays(self, slots: list[Slot]) -> list[Slot]:
        """The slots cut around the notes that stay, which become forced slots of their own."""
        sketch = self._sketch
        start = self._base[sketch.first_bar]
        busy = [(start, start + -(-(sketch.busy_until - sketch.start) // SONG_TICKS))]
        forced: list[Slot] = []
        for note in sketch.fixed:
            placed = self._own.get(note.id)
            low = start + (note.start_ticks - sketch.start) // SONG_TICKS
            high = start + -(-(note.end_ticks - sketch.start) // SONG_TICKS)
            if placed is not None:
                event = placed.event
                low = min(low, self.absolute(event))
                forced.append(Slot(event.bar, event.offset, event.duration, forced=event.pitch))
            busy.append((low, high))
        free = [piece for slot in slots for piece in self._outside(slot, busy)]
        return sorted(free + forced, key=lambda slot: (slot.bar, slot.offset))

    def _outside(self, slot: Slot, busy: list[tuple[int, int]]) -> list[Slot]:
        """What is left of the slot between busy stretches: it may begin late, on a sixteenth, and
        end early.
        """
        at = self.absolute(slot)
        start = at
        for low, high in sorted(busy):
            if low <= start < high:
                start = high
        offset = slot.offset + start - at
        if start > at:
            offset = -(-offset // _SIXTEENTH) * _SIXTEENTH
            start = at + offset - slot.offset
        end = min([low for low, high in busy if low > start] + [at + slot.duration])
        shortest = _SHORTEST if start == at else 2 * _SIXTEENTH
        if end - start < shortest or offset >= self._sketch.bars[slot.bar].grid_end:
            return []
        return [replace(slot, offset=offset, duration=end - start)]

    # shape ------------------------------------------------------------------------

    def _shaped(self, plans: list[BarPlan], slots: list[Slot], dice: Dice) -> list[Slot]:
        """Slots with the height their phrase wants, and the close at its end."""
        by_bar = {plan.bar: plan for plan in plans}
        heights = [placed.event.pitch or 0 for placed in self._sketch.placed]
        middle = sum(heights) / len(heights) if heights else (self._sketch.low + self._sketch.high) / 2
        middle = min(max(middle + self._manner.lift, self._sketch.low + 2), self._sketch.high - 2)
        reach = 3.0 + 4.0 * dice.chance()
        top_place = 0.45 + 0.3 * dice.chance()
        shaped = []
        for slot in slots:
            plan = by_bar[slot.bar]
            bars_in_phrase = max(1, sum(other.phrase == plan.phrase for other in plans))
            index = sum(other.phrase == plan.phrase and other.bar < plan.bar for other in plans)
            where = self._sketch.bars[slot.bar]
            within = (slot.offset - where.lead) / max(1, where.grid_end - where.lead)
            place = (index + within) / bars_in_phrase
            rise = place / top_place if place < top_place else (1 - place) / (1 - top_place)
            top = min(middle + reach + plan.phrase % 2, self._sketch.high - 2)
            shaped.append(replace(slot, curve=middle - 2 + (top - middle + 2) * max(0.0, rise)))
        return self._with_closes(plans, shaped)

    def _with_closes(self, plans: list[BarPlan], slots: list[Slot]) -> list[Slot]:
        for plan in plans:
            sounding = [
                place for place, slot in enumerate(slots) if slot.bar == plan.bar and not slot.is_rest
            ]
            if plan.ending is Ending.NONE or not sounding:
                continue
            last = slots[sounding[-1]]
            chord = self._sketch.before.chord_at(last.bar, last.offset)
            slots[sounding[-1]] = replace(last, aim=closing_degrees(plan.ending, chord), led=None)
        return slots

    # pitch sources ------------------------------------------------------------------

    def _led(self, plan: BarPlan, slots: list[Slot], done: list[Event]) -> list[Slot]:
        """The bar's slots with the pitches their source bar leads them to, or should lead them away from."""
        if plan.source is None:
            return slots
        material = {event.offset: event.pitch for event in done if event.bar == plan.source}
        if not material:
            own = [placed.event for placed in self._sketch.by_bar.get(plan.source, ())]
            material = {event.offset: event.pitch for event in own}
        sung = [event.pitch for event in done if event.pitch is not None]
        before = self._sketch.last_before()
        last = sung[-1] if sung else before.event.pitch if before else None
        moved = self._moved(plan, {at: pitch for at, pitch in material.items() if pitch is not None}, last)
        led = []
        for slot in slots:
            pitch = moved.get(slot.offset)
            if pitch is not None and plan.way in (Way.NEW, Way.RHYTHM):
                slot = replace(slot, avoid=pitch)
            elif pitch is not None and slot.forced is None and not slot.aim:
                in_range = self._sketch.low <= pitch <= self._sketch.high
                loyal = plan.way is Way.COPY and in_range and self._same_harmony(plan, slot)
                slot = replace(slot, forced=pitch) if loyal else replace(slot, led=pitch)
            led.append(slot)
        return led

    def _same_harmony(self, plan: BarPlan, slot: Slot) -> bool:
        """Whether the same chord sounds here as under the source: then the bar returns exactly as it was."""
        line, source = self._sketch.before, slot.event._replace(bar=plan.source or 0)
        return line.chord_under(slot.event) == line.chord_under(source)

    def _moved(self, plan: BarPlan, material: dict[int, int], last: int | None) -> dict[int, int]:
        """The source bar's pitches as the plan wants them; a mirrored figure is shifted back into
        the range.
        """
        scale = self._sketch.scale
        places = {at: scale_place(pitch, scale) for at, pitch in material.items()}
        if not places or plan.way not in (Way.SEQUENCE, Way.MIRROR):
            return material
        if plan.way is Way.SEQUENCE:
            return self._stepped(material, plan.steps)
        return self._mirrored(places, last)

    def _stepped(self, material: dict[int, int], steps: int) -> dict[int, int]:
        """The figure moved by the scale steps, or by as near as the range allows."""
        sketch = self._sketch

        def moved(by: int) -> dict[int, int]:
            return {at: step_in(sketch.scale, pitch, by) for at, pitch in material.items()}

        def outside(by: int) -> int:
            pitches = moved(by).values()
            return max(0, sketch.low - min(pitches)) + max(0, max(pitches) - sketch.high)

        return moved(min(range(-7, 8), key=lambda by: (outside(by), abs(by - steps), -by)))

    def _mirrored(self, places: dict[int, int], last: int | None) -> dict[int, int]:
        """The figure upside down, shifted to lie in the range and to follow well from the last note."""
        scale, sketch = self._sketch.scale, self._sketch
        first = places[min(places)]
        figure = {at: 2 * first - place for at, place in places.items()}

        def cost(shift: int) -> float:
            pitches = [at_place(place + shift, scale) for place in figure.values()]
            outside = max(0, sketch.low - min(pitches)) + max(0, max(pitches) - sketch.high)
            seam = 0 if last is None else abs(at_place(first + shift, scale) - last)
            return 10 * outside + max(0, seam - 4) + 0.5 * abs(shift)

        best = min(range(-9, 10), key=cost)
        return {at: at_place(place + best, scale) for at, place in figure.items()}


def closing_degrees(ending: Ending, chord: ChordTone | None) -> frozenset[int]:
    """Degrees a phrase may end on: the tonic over the tonic chord for a full close, else what hangs in the
    air.
    """
    tones = frozenset(range(12)) if chord is None else chord.tones
    is_home = chord is None or chord.root == 0
    if ending is Ending.CLOSED and is_home:
        return _TONIC
    if ending is Ending.CLOSED and 0 in tones:
        return tones & _RESTING
    if ending is Ending.CLOSED:
        return tones & frozenset({2, 7, 11}) or tones
    return tones & _OPEN_DEGREES or tones - _TONIC or tones


def _absolute_starts(sketch: Sketch) -> dict[int, int]:
    """Grid ticks at which each bar begins, from the first bar of the song."""
    starts, at = {}, 0
    for bar in sorted(sketch.bars):
        starts[bar] = at
        at += sketch.bars[bar].grid_end - sketch.bars[bar].lead
    return starts
