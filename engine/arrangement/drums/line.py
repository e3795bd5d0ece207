"""From a brief to a drum part: grooves, the song's accents, endings, hands, touch."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from engine.api.suggestion import ModelRef
from engine.arrangement.brief import Brief
from engine.arrangement.drums.accents import accents_of
from engine.arrangement.drums.choosing import Manner, Plan, planned
from engine.arrangement.drums.endings import (
    Ending,
    endings_of,
    with_crashes,
    with_endings,
    with_last_bar,
)
from engine.arrangement.drums.following import grooving
from engine.arrangement.drums.grooves import Groove
from engine.arrangement.drums.hands import around_fixed, playable
from engine.arrangement.drums.stroke import Stroke
from engine.arrangement.drums.touch import touched
from engine.arrangement.styles import Kit
from engine.music import Note


@dataclass(frozen=True, slots=True)
class DrumLine:
    """A part and how it came to be; `notes` hold the locked ones too. `crashes`: numbers of bars."""

    plan: Plan
    strokes: tuple[Stroke, ...]
    notes: tuple[Note, ...]
    accents: dict[int, float]
    endings: tuple[Ending, ...]
    crashes: tuple[int, ...]
    ends_on_one: bool
    left_out: int
    loose_ms: float
    model: ModelRef
    is_model_missing: bool


def drum_line(
    brief: Brief,
    manner: Manner,
    candidate: int,
    avoid: Collection[Groove] = (),
    checkpoint: Callable[[], None] = lambda: None,
) -> DrumLine:
    """One part in a manner; the same for the same request and candidate."""
    dice = brief.dice(candidate)
    accents = accents_of(brief)
    plan = planned(brief, manner, accents, dice, avoid)
    strokes = grooving(brief, plan, accents)
    endings = endings_of(brief, plan, dice) if _may_end(plan, brief) else []
    strokes = with_endings(strokes, endings, brief, plan.pace)
    strokes, crashes = with_crashes(strokes, endings, brief, manner)
    strokes, ends = with_last_bar(strokes, brief) if manner is not Manner.OWN else (strokes, False)
    strokes = playable(strokes, brief.bpm, brief.style.kit is Kit.ELECTRONIC)
    strokes, left_out = around_fixed(strokes, brief.fixed)
    checkpoint()
    feels = [plan.by_bar[brief.bar_at(stroke.tick).number].pattern.feel for stroke in strokes]
    played = touched(strokes, feels, brief, dice, checkpoint)
    return DrumLine(
        plan,
        tuple(strokes),
        _with_fixed(played.notes, brief),
        accents,
        tuple(endings),
        tuple(crashes),
        ends,
        left_out,
        played.loose_ms,
        played.model,
        played.is_missing,
    )


def _may_end(plan: Plan, brief: Brief) -> bool:
    """Bars that go on as played take a fill only in longer stretches, of one bar alone some takes do."""
    if plan.manner is Manner.OWN:
        return len(brief.bars) > 2
    return len(brief.bars) > 1 or plan.manner in (Manner.FILL, Manner.STYLE)


def _with_fixed(notes: tuple[Note, ...], brief: Brief) -> tuple[Note, ...]:
    """The locked notes among the new ones; new ids begin after theirs."""
    if not brief.fixed:
        return notes
    top = max(note.id for note in brief.fixed)
    fresh = [replace(note, id=top + number) for number, note in enumerate(notes, 1)]
    return tuple(sorted([*brief.fixed, *fresh], key=lambda note: (note.start_ticks, note.pitch, note.id)))
