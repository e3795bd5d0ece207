"""Which voicing lies under the hands at every moment of the region?

The region is cut at chords and bars; each piece knows the melody notes over it; one dynamic programme voices
all of them, joined to what the part plays before and after.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from engine.arrangement.brief import Brief
from engine.arrangement.voicing import Player, Step, Voicing, voice
from engine.music import Chord, Note

_NEAR_TICKS = 60
_MOST_MELODY = 5
_LIFTS = {1: -2, 2: 0, 3: 6}
"""Semitones the top voice is lifted by intensity: a chorus lies higher than its verse."""


@dataclass(frozen=True, slots=True)
class Laid:
    """One player's voicings by the tick they begin at; None where no chord sounds."""

    player: Player
    starts: tuple[int, ...]
    chords: tuple[Chord, ...]
    voicings: tuple[Voicing | None, ...]

    def at(self, tick: int) -> Voicing | None:
        return self.voicings[max(0, bisect_right(self.starts, tick) - 1)]


def lay(brief: Brief, player: Player) -> Laid:
    """Voicings for the whole region, and for the chord it leads into."""
    starts = _cuts(brief)
    ends = (*starts[1:], starts[-1] + brief.bars[-1].metre.bar_ticks)
    steps = [_step(brief, start, end) for start, end in zip(starts, ends, strict=True)]
    voicings = voice(steps, player, brief.key_at(brief.start_ticks), _last_chord(brief), _first_chord(brief))
    return Laid(player, starts, tuple(step.chord for step in steps), voicings)


def _cuts(brief: Brief) -> tuple[int, ...]:
    cuts = {span.start_ticks for span in brief.harmony} | {bar.start_ticks for bar in brief.bars}
    if brief.harmony_after is not None:
        cuts.add(max(brief.end_ticks, brief.harmony_after.start_ticks))
    return tuple(sorted(cuts))


def _step(brief: Brief, start: int, end: int) -> Step:
    chord = brief.chord_at(start)
    melody = _melody_over(brief, start, end)
    kept = tuple(sorted({n.pitch for n in brief.fixed if abs(n.start_ticks - start) <= _NEAR_TICKS}))
    lift = _LIFTS[brief.bar_at(start).intensity]
    return Step(chord, melody, kept if len(kept) > 1 else (), brief.key_at(start), lift)


def _melody_over(brief: Brief, start: int, end: int) -> tuple[tuple[int, float], ...]:
    """Pitches with how much of the stretch they take; those on strong beats count double, at most 1."""
    first = brief.bar_at(start)
    strong = [tick for tick in first.strong_ticks if start <= tick < end]
    weights: dict[int, float] = {}
    for note in _sounding(brief.melody, start, end):
        overlap = min(note.end_ticks, end) - max(note.start_ticks, start)
        held = any(note.start_ticks - _NEAR_TICKS <= tick < note.end_ticks for tick in strong)
        share = overlap / max(1, end - start) * (2.0 if held else 1.0)
        weights[note.pitch] = min(1.0, weights.get(note.pitch, 0.0) + share)
    heaviest = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:_MOST_MELODY]
    return tuple((pitch, round(weight, 2)) for pitch, weight in sorted(heaviest))


def _sounding(notes: Sequence[Note], start: int, end: int) -> list[Note]:
    first = bisect_right(notes, start, key=lambda note: note.start_ticks)
    found = [note for note in notes[max(0, first - 4) : first] if note.end_ticks > start]
    for note in notes[first:]:
        if note.start_ticks >= end:
            break
        found.append(note)
    return found


def _last_chord(brief: Brief) -> tuple[int, ...]:
    """What the part sounds last before the region, if it is in the bar before."""
    bar = brief.bars[0].metre.bar_ticks
    near = [note for note in brief.before if note.start_ticks >= brief.start_ticks - bar]
    if not near:
        return ()
    last = max(note.start_ticks for note in near)
    return tuple(sorted({n.pitch for n in near if n.end_ticks > last or n.start_ticks >= last - _NEAR_TICKS}))


def _first_chord(brief: Brief) -> tuple[int, ...]:
    """What the part plays first after the region, if it is in the bar after."""
    bar = brief.bars[-1].metre.bar_ticks
    near = [note for note in brief.after if note.start_ticks < brief.end_ticks + bar]
    if not near:
        return ()
    first = min(note.start_ticks for note in near)
    return tuple(sorted({note.pitch for note in near if note.start_ticks <= first + _NEAR_TICKS}))
