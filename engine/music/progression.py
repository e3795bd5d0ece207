"""Which chord sounds from when to when?

Chord spans of a song are sorted, do not overlap, and may leave gaps (nothing known there).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.music.chord import Chord
from engine.music.note import Origin


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """One chord for a stretch of time. `id`, `origin`, `source` and `locked` as for notes."""

    id: int
    start_ticks: int
    duration_ticks: int
    chord: Chord
    origin: Origin = Origin.DRAWN
    source: str = ""
    locked: bool = False
    confidence: float = 1.0

    @property
    def end_ticks(self) -> int:
        return self.start_ticks + self.duration_ticks


def chord_at(spans: Iterable[ChordSpan], tick: int) -> ChordSpan | None:
    """The span sounding at the tick, or None."""
    return next((span for span in spans if span.start_ticks <= tick < span.end_ticks), None)


def clip_spans(spans: Iterable[ChordSpan], start_ticks: int, end_ticks: int) -> tuple[ChordSpan, ...]:
    """The spans inside the half-open stretch, cut at its ends."""
    return tuple(
        replace(
            span,
            start_ticks=max(span.start_ticks, start_ticks),
            duration_ticks=min(span.end_ticks, end_ticks) - max(span.start_ticks, start_ticks),
        )
        for span in spans
        if span.start_ticks < end_ticks and span.end_ticks > start_ticks
    )


def merge_repeats(spans: Iterable[ChordSpan]) -> tuple[ChordSpan, ...]:
    """Neighbouring spans of the same chord joined into one."""
    merged: list[ChordSpan] = []
    for span in spans:
        last = merged[-1] if merged else None
        if last is not None and last.chord == span.chord and last.end_ticks == span.start_ticks:
            merged[-1] = replace(last, duration_ticks=last.duration_ticks + span.duration_ticks)
        else:
            merged.append(span)
    return tuple(merged)
