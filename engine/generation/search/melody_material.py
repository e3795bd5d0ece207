"""How does a planned bar take over what another bar has?

Structure by machinery: a bar that returns is written note for note, fitted to the chords that stand here; a
figure that moves on keeps its rhythm, its pitches go where the figure would (or a step beside); a rhythm that
returns is kept and the model finds the notes. The source may be a bar of the artist or one just written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from engine.generation.language.controls import density
from engine.generation.language.grid import GRID, NoteEvent, Sheet, Stream
from engine.generation.language.question import Reference
from engine.generation.language.rules import Rules, bits_of
from engine.generation.language.vocabulary import Control, Relation
from engine.generation.melody.compose import closing_degrees
from engine.generation.melody.harmony import ChordTone
from engine.generation.melody.plan import BarPlan, Ending, Way
from engine.generation.melody.rhythm import Beat, comes_to_rest, rested
from engine.generation.melody.scales import at_place, clashes, nearest, scale_place, step_in
from engine.generation.melody.structure import is_heavy
from engine.generation.search.melody_hole import MelodyHole

Notes = tuple[NoteEvent, ...]
_RELATIONS = {
    Way.NEW: Relation.NEW,
    Way.COPY: Relation.SAME,
    Way.SEQUENCE: Relation.SEQUENCE,
    Way.MIRROR: Relation.RHYTHM,
    Way.RHYTHM: Relation.RHYTHM,
}
_FARTHEST = 7


@dataclass(frozen=True, slots=True)
class PlannedBar:
    """What is planned for a bar of the sheet: `source` is a bar of the sheet too; `is_unlike`: the model is
    told that a new bar is like no other. Where it is told nothing it may well be like one. `sung`: the rhythm
    of a new bar, if it is to have one of a style."""

    way: Way = Way.NEW
    source: int | None = None
    steps: int = 0
    ending: Ending = Ending.NONE
    is_unlike: bool = False
    sung: tuple[Beat, ...] = ()

    @property
    def is_told(self) -> bool:
        return self.is_unlike or self.way is not Way.NEW

    @property
    def reference(self) -> Reference:
        """As it is told to the model."""
        if self.source is None or self.way is Way.NEW:
            return Reference(Relation.NEW)
        return Reference(_RELATIONS[self.way], self.source)


@dataclass(frozen=True, slots=True)
class Led:
    """What the material makes of a bar: rules that are kept where they can be, and by tick the pitch that a
    note is led to, or away from."""

    rules: Rules
    pitches: dict[int, int] = field(default_factory=dict)
    avoided: dict[int, int] = field(default_factory=dict)


def planned_bars(hole: MelodyHole, plans: Sequence[BarPlan]) -> dict[int, PlannedBar]:
    """The plan in bars of the sheet. The parts of a bar too long for the language are planned alike."""
    by_bar = {plan.bar: plan for plan in plans}
    found = {}
    for bar in hole.hole:
        plan = by_bar[hole.of_sketch(bar)]
        source = None if plan.source is None else hole.of_sheet(plan.source, bar)
        is_alike = source is not None and hole.sheet.bars[source].length == hole.sheet.bars[bar].length
        is_last = bar + 1 not in hole.hole or hole.of_sketch(bar + 1) != hole.of_sketch(bar)
        found[bar] = PlannedBar(
            plan.way if is_alike else Way.NEW,
            source if is_alike else None,
            plan.steps,
            plan.ending if is_last else Ending.NONE,
        )
    return found


def led(hole: MelodyHole, bar: int, plan: PlannedBar, written: Sheet, rules: Rules) -> Led | None:
    """What the plan makes of the bar; None where the model is free."""
    if plan.way is Way.NEW:
        return _sung(hole, bar, plan, rules)
    notes = () if plan.source is None else _notes(written, plan.source)
    if not notes or not _is_as_dense(hole, bar, notes):
        return None
    notes = (notes[0]._replace(tied=False), *notes[1:])
    asked = hole.question.controls.get(bar, {})
    if plan.way is not Way.RHYTHM and (Control.CONTOUR in asked or Control.REGISTER in asked):
        return Led(replace(rules, rhythm=notes, onsets=None))
    if plan.way is Way.COPY:
        fitted = tuple(_fitted(hole, bar, notes, plan.ending))
        pitches = tuple(note.pitch for note in fitted)
        if all(rules.low <= pitch <= rules.high for pitch in pitches):
            return Led(Rules(rules.low, rules.high, rhythm=fitted, pitches=pitches, final=rules.final))
    length = hole.sheet.bars[bar].length
    rhythm = brought_to_rest(notes, length) if hole.comes_to_rest(plan.ending) else notes
    if plan.way in (Way.SEQUENCE, Way.MIRROR):
        return _moved(hole, bar, plan, rhythm, _last_pitch(written, bar), rules)
    return Led(replace(rules, rhythm=rhythm, onsets=None), {}, {note.offset: note.pitch for note in notes})


def _sung(hole: MelodyHole, bar: int, plan: PlannedBar, rules: Rules) -> Led | None:
    """A rhythm of a style, on any pitches."""
    length = hole.sheet.bars[bar].length
    notes = tuple(NoteEvent(beat.offset, beat.duration, 0) for beat in plan.sung if not beat.is_rest)
    if not notes or notes[-1].offset + notes[-1].duration > length or not _is_as_dense(hole, bar, notes):
        return None
    rhythm = brought_to_rest(notes, length) if hole.comes_to_rest(plan.ending) else notes
    return Led(replace(rules, rhythm=rhythm, onsets=None))


def _is_as_dense(hole: MelodyHole, bar: int, notes: Notes) -> bool:
    """Whether the rhythm has as many notes as is asked for, if that is."""
    asked = hole.question.controls.get(bar, {})
    wanted = asked.get(Control.DENSITY)
    return wanted is None or density(notes, hole.sheet.bars[bar].length) == wanted


def brought_to_rest(notes: Notes, length: int) -> Notes:
    """The rhythm with a long last note, as a phrase ends."""
    beats = [Beat(note.offset, note.duration) for note in notes]
    end = notes[-1].offset + notes[-1].duration
    told = [*beats, Beat(end, length - end, True)] if end < length else beats
    if comes_to_rest(told):
        return notes
    pitches = {note.offset: note.pitch for note in notes}
    return tuple(
        NoteEvent(beat.offset, beat.duration, pitches.get(beat.offset, notes[-1].pitch))
        for beat in rested(beats, 0, length)
        if not beat.is_rest
    )


def _notes(sheet: Sheet, bar: int) -> Notes:
    found = sheet.bars[bar].cells.get(Stream.MELODY, ())
    return tuple(note for note in found if isinstance(note, NoteEvent))


def _last_pitch(written: Sheet, bar: int) -> int | None:
    for earlier in range(bar - 1, max(-1, bar - 5), -1):
        if notes := _notes(written, earlier):
            return notes[-1].pitch
    return None


# what returns ----------------------------------------------------------------------------


def _fitted(hole: MelodyHole, bar: int, notes: Notes, ending: Ending) -> list[NoteEvent]:
    """The notes over the chords that stand here: what clashes moves to the nearest tone."""
    fitted: list[NoteEvent] = []
    for note in notes:
        chord = hole.chord_of(bar, note)
        is_last = note is notes[-1]
        wanted = closing_degrees(ending, chord) if is_last and ending is not Ending.NONE else None
        fitted.append(note._replace(pitch=_fitted_pitch(hole, bar, note, chord, wanted)))
    return fitted


def _fitted_pitch(
    hole: MelodyHole, bar: int, note: NoteEvent, chord: ChordTone | None, wanted: frozenset[int] | None
) -> int:
    degree = note.pitch % 12
    if wanted is None:
        is_weighty = is_heavy_note(hole, bar, note)
        if chord is not None and is_weighty and degree not in chord.tones:
            is_harsh = clashes(degree, chord) or note.duration >= 2 * GRID
            wanted = chord.tones if is_harsh else None
        if wanted is None and degree not in hole.allowed(bar, note.offset):
            wanted = hole.allowed(bar, note.offset)
    if wanted is None or degree in wanted:
        return note.pitch
    found = nearest(note.pitch, wanted, hole.low, hole.high)
    return note.pitch if found is None else found


def is_heavy_note(hole: MelodyHole, bar: int, note: NoteEvent) -> bool:
    """Whether the note carries the harmony."""
    return is_heavy(hole.event(bar, note), hole.sketch.before.bar_length)


# what moves on ---------------------------------------------------------------------------


def _moved(hole: MelodyHole, bar: int, plan: PlannedBar, notes: Notes, last: int | None, rules: Rules) -> Led:
    """The figure elsewhere: each note goes where the figure would, or a step beside."""
    pitches = [note.pitch for note in notes]
    moved = (
        _mirrored(hole, bar, notes, last) if plan.way is Way.MIRROR else _stepped(hole, pitches, plan.steps)
    )
    tones = [
        (note.offset, bits_of(_near(hole, bar, note._replace(pitch=pitch), note is notes[-1])))
        for note, pitch in zip(notes, moved, strict=True)
    ]
    leap = max([rules.max_leap, *(abs(b - a) + 2 for a, b in pairwise(moved))])
    kept = replace(rules, rhythm=notes, tones=tuple(tones), onsets=None, max_leap=min(leap, 14))
    return Led(kept, {note.offset: pitch for note, pitch in zip(notes, moved, strict=True)})


def _near(hole: MelodyHole, bar: int, note: NoteEvent, is_last: bool) -> frozenset[int]:
    """The pitch class of the figure; a step beside it at the end, and where it would not fit."""
    allowed = hole.allowed(bar, note.offset)
    degree, chord = note.pitch % 12, hole.chord_of(bar, note)
    is_harsh = chord is not None and clashes(degree, chord) and is_heavy_note(hole, bar, note)
    if degree in allowed and not is_harsh and not is_last:
        return frozenset({degree})
    beside = {degree, step_in(allowed, note.pitch, 1) % 12, step_in(allowed, note.pitch, -1) % 12}
    return frozenset(beside & allowed) or allowed


def _stepped(hole: MelodyHole, pitches: Sequence[int], steps: int) -> list[int]:
    """Moved by the scale steps, or by as near as the compass allows."""
    scale = hole.sketch.scale

    def outside(by: int) -> int:
        moved = [step_in(scale, pitch, by) for pitch in pitches]
        return max(0, hole.low - min(moved)) + max(0, max(moved) - hole.high)

    best = min(range(-_FARTHEST, _FARTHEST + 1), key=lambda by: (outside(by), abs(by - steps), -by))
    return [step_in(scale, pitch, best) for pitch in pitches]


def _foreign(hole: MelodyHole, bar: int, notes: Notes, pitches: Sequence[int]) -> int:
    """How many weighty notes would not be chord tones."""
    return sum(
        (chord := hole.chord_of(bar, note)) is not None
        and pitch % 12 not in chord.tones
        and is_heavy_note(hole, bar, note)
        for note, pitch in zip(notes, pitches, strict=True)
    )


def _mirrored(hole: MelodyHole, bar: int, notes: Notes, last: int | None) -> list[int]:
    """Upside down, where it lies in the compass, fits the chords and follows well from the last note."""
    scale = hole.sketch.scale
    places = [scale_place(note.pitch, scale) for note in notes]
    figure = [2 * places[0] - place for place in places]

    def cost(shift: int) -> float:
        moved = [at_place(place + shift, scale) for place in figure]
        outside = max(0, hole.low - min(moved)) + max(0, max(moved) - hole.high)
        seam = 0 if last is None else abs(moved[0] - last)
        return 10 * outside + max(0, seam - 4) + 0.5 * abs(shift) + 1.5 * _foreign(hole, bar, notes, moved)

    best = min(range(-9, 10), key=cost)
    return [at_place(place + best, scale) for place in figure]
