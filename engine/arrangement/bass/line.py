"""From a brief to a bass line: figures, places, pitches, then touch and swing."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from engine.arrangement.bass.choosing import Manner, Plan, planned
from engine.arrangement.bass.figures import Figure
from engine.arrangement.bass.pedal import over_pedal, pedal_tone
from engine.arrangement.bass.pitching import Compass, Taste, compass_of, pitched
from engine.arrangement.bass.placing import Event, placed
from engine.arrangement.brief import Brief
from engine.formats.partpatterns import Loudness
from engine.music import Note, Origin

_CHROMATIC_STYLES = {
    "jazz-swing",
    "jazz-ballad",
    "jazz-waltz",
    "blues",
    "funk",
    "soul",
    "gospel",
    "latin",
    "tango",
    "bossa-nova",
}
_SYNTHS = (38, 39)
_SHORTEST_TICKS = 40
_BREATH_TICKS = 14  # the finger leaves the string before the next note
_TOUCH = {Loudness.SOFT: -26, Loudness.PLAIN: 0, Loudness.ACCENT: 12}


@dataclass(frozen=True, slots=True)
class BassLine:
    """A line and how it came to be: `events` and `notes` go in pairs. `pedal`: the pitch class held."""

    plan: Plan
    events: tuple[Event, ...]
    notes: tuple[Note, ...]
    compass: Compass
    pedal: int | None = None


def bass_line(brief: Brief, manner: Manner, candidate: int, avoid: Collection[Figure] = ()) -> BassLine:
    """One line in a manner. Raises ImpossibleError for a range that holds no octave."""
    dice = brief.dice(candidate)
    tone = pedal_tone(brief) if manner is Manner.PEDAL else None
    if tone is not None:
        brief = over_pedal(brief, tone)
    compass = compass_of(brief)
    plan = planned(brief, manner, dice, avoid)
    events = placed(brief, plan.figure_of)
    taste = Taste(0.1 if brief.style.name in _CHROMATIC_STYLES else 0.9)
    pitches = pitched(events, brief, compass, taste, dice)
    notes = tuple(
        _note(number, event, pitch, brief)
        for number, (event, pitch) in enumerate(zip(events, pitches, strict=True), 1)
    )
    return BassLine(plan, tuple(events), _without_overlap(notes, brief), compass, tone)


def _note(number: int, event: Event, pitch: int, brief: Brief) -> Note:
    if event.fixed is not None:
        return event.fixed
    start, end = _played_at(event.start_ticks, brief), _played_at(event.end_ticks, brief)
    length = min(end - start, 60) if event.is_dead else end - start
    return Note(number, start, max(_SHORTEST_TICKS, length), pitch, _velocity(event, brief), Origin.TAKEN)


def _played_at(tick: int, brief: Brief) -> int:
    """Swung, unless the place belongs to a triplet."""
    bar = brief.bar_at(tick)
    return brief.swung(tick, is_triplet=(tick - bar.start_ticks + bar.lead_ticks) % 120 != 0)


def _without_overlap(notes: tuple[Note, ...], brief: Brief) -> tuple[Note, ...]:
    """One string at a time: a finger lifts before the next note, a synthesiser does not."""
    breath = 0 if brief.style.bass_program in _SYNTHS else _BREATH_TICKS
    fixed = {note.id for note in brief.fixed}
    found = []
    ends = [note.start_ticks for note in notes[1:]] + [brief.end_ticks]
    for note, end in zip(notes, ends, strict=True):
        is_fixed = note.id in fixed and note in brief.fixed
        room = end - note.start_ticks - (breath if note.end_ticks >= end else 0)
        if is_fixed or note.duration_ticks <= room:
            found.append(note)
        else:
            found.append(replace(note, duration_ticks=max(_SHORTEST_TICKS, room)))
    return tuple(found)


def _velocity(event: Event, brief: Brief) -> int:
    """The artist's loudness, the section's level, the beat, and what the figure says."""
    if event.is_dead:
        return 46
    bar = brief.bar_at(event.start_ticks)
    base = min(96, max(70, brief.feel.loudness)) * (0.9 + 0.2 * bar.level)
    weight = 5 if event.start_ticks in bar.strong_ticks else 0
    off = -4 if (event.start_ticks - bar.start_ticks) % bar.metre.pulse_ticks else 0
    lead = -5 if event.symbol == "a" else 0
    return round(min(120, max(30, base + weight + off + lead + _TOUCH[event.loudness])))
