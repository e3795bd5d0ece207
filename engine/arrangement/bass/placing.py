"""When does the bass play, and which degree of which chord?

Figures are laid on the bars, then bent to the song: a new chord is heard through its root at once, a chord
that comes early is taken early, kicks are met, locked notes stand, and the last beat before a new section
leads on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.arrangement.bass.figures import Figure
from engine.arrangement.bass.kicks import even_place
from engine.arrangement.brief import BarBrief, Brief
from engine.arrangement.styles import Swung
from engine.formats.partpatterns import Loudness
from engine.music import Chord, Note
from engine.music.section import SectionKind

FigureOf = Callable[[BarBrief], tuple[Figure, int]]
"""The figure of a bar, and which of its bars."""

_NEAR_TICKS = 30
_SPECK_TICKS = 110  # less than a sixteenth


@dataclass(frozen=True, slots=True)
class Event:
    """One note to be: `symbol` as in the pattern files, on `chord`. `fixed`: a note that stands already.

    `opens` says that the chord is first heard here, `is_early` that it is heard before its time. `walks`:
    degrees may lie in any octave.
    """

    start_ticks: int
    end_ticks: int
    symbol: str
    chord: Chord
    octave: int = 0
    loudness: Loudness = Loudness.PLAIN
    opens: bool = False
    is_early: bool = False
    walks: bool = False
    fixed: Note | None = None

    @property
    def floats(self) -> bool:
        """Whether the root may be taken in the nearer octave: it comes early, or on top of a new chord."""
        return self.is_early or (self.opens and self.symbol == "8")

    @property
    def is_dead(self) -> bool:
        return self.symbol == "x"


def placed(brief: Brief, figure_of: FigureOf) -> list[Event]:
    """The events of the whole region in order, one at a time, without rests where the chord needs a root."""
    events = _laid_out(brief, figure_of)
    events = _meeting_kicks(events, brief)
    events = _ending(events, brief)
    events = _leading_on(events, brief, figure_of)
    events = _one_at_a_time(events, brief)
    events = _hearing_changes(events, brief)
    return _around_fixed(_without_specks(events), brief)


def _laid_out(brief: Brief, figure_of: FigureOf) -> list[Event]:
    events = []
    for bar in brief.bars:
        figure, place = figure_of(bar)
        if not bar.is_full and bar.lead_ticks and len(brief.bars) > 1:
            continue  # in a pickup the tune is alone
        origin = bar.start_ticks - bar.lead_ticks
        for step in figure.bars[place % len(figure.bars)]:
            start = origin + step.start_ticks
            if not bar.start_ticks <= start < bar.end_ticks:
                continue
            end = min(start + step.duration_ticks, brief.end_ticks)
            chord = brief.chord_at(start)
            events.append(
                Event(start, end, step.symbol, chord, step.octave, step.loudness, walks=figure.walks)
            )
    return events


def _meeting_kicks(events: list[Event], brief: Brief) -> list[Event]:
    """A syncopated note one sixteenth beside a kick is played with the kick."""
    struck = {even_place(kick, brief) for kick in brief.kicks}
    taken = {event.start_ticks for event in events}
    is_fine = brief.style.swung is Swung.SIXTEENTHS
    moved = []
    for event in events:
        pulse = brief.bar_at(event.start_ticks).metre.pulse_ticks
        beside = [event.start_ticks + step for step in (-120, 120)]
        can = (
            bool(struck)
            and event.start_ticks not in struck
            and event.start_ticks % 120 == 0
            and event.start_ticks % (pulse if is_fine else pulse // 2) != 0
        )
        meeting = [tick for tick in beside if tick in struck and tick not in taken]
        if can and meeting and not event.walks:
            by = meeting[0] - event.start_ticks
            chord = brief.chord_at(meeting[0])
            moved.append(replace(event, start_ticks=meeting[0], end_ticks=event.end_ticks + by, chord=chord))
            taken.add(meeting[0])
        else:
            moved.append(event)
    return moved


def _leading_on(events: list[Event], brief: Brief, figure_of: FigureOf) -> list[Event]:
    """The last beat of a section walks into the next one; two notes where the next is fuller."""
    for bar, following in pairwise(brief.bars):
        lifts = following.intensity > bar.intensity
        figure, _ = figure_of(bar)
        is_end = bar.ends_section or (bar.section_bars == 0 and bar.section_bar % 4 == 3)
        if not is_end or not figure.leads or bar.intensity + lifts < 2:
            continue
        beat = bar.metre.pulse_ticks
        begin = bar.end_ticks - beat
        inside = [event for event in events if begin <= event.start_ticks < bar.end_ticks]
        if any(event.symbol in ("a", "w") for event in inside):
            continue
        half = beat // 2 if not bar.metre.is_compound else beat * 2 // 3
        starts = (begin, begin + half) if lifts else (begin + half,)
        keep = [event for event in events if not starts[0] <= event.start_ticks < bar.end_ticks]
        chord = brief.chord_at(begin)
        new = [Event(a, b, "a", chord) for a, b in zip(starts, (*starts[1:], bar.end_ticks), strict=True)]
        events = sorted([*keep, *new], key=lambda event: event.start_ticks)
    return events


def _ending(events: list[Event], brief: Brief) -> list[Event]:
    """A song that is over ends on a root that rings; a loop leads back to where it began."""
    last = brief.bars[-1]
    if brief.harmony_after is not None or brief.after or last.end_ticks < brief.song.end_ticks:
        return events
    if len(brief.bars) >= 16 or last.kind is SectionKind.OUTRO:
        root = Event(last.start_ticks, last.end_ticks, "1", brief.chord_at(last.start_ticks))
        return [event for event in events if event.start_ticks < last.start_ticks] + [root]
    if brief.harmony[0].chord.bass_pitch_class != brief.harmony[-1].chord.bass_pitch_class:
        return events
    return [
        replace(event, symbol="5") if event.symbol == "a" and event.start_ticks >= last.start_ticks else event
        for event in events
    ]


def _one_at_a_time(events: Sequence[Event], brief: Brief) -> list[Event]:
    """Each note ends by the next one; the first bar has its root when the figure leans on a bar before."""
    ordered = sorted(events, key=lambda event: event.start_ticks)
    if ordered and _leans_back(ordered, brief):
        first = ordered[0]
        root = Event(brief.start_ticks, first.start_ticks, "1", brief.chord_at(brief.start_ticks))
        ordered.insert(0, replace(root, walks=first.walks))
    ends = [*(event.start_ticks for event in ordered[1:]), brief.end_ticks][: len(ordered)]
    return [
        replace(event, end_ticks=min(event.end_ticks, end))
        for event, end in zip(ordered, ends, strict=True)
        if end > event.start_ticks
    ]


def _leans_back(ordered: Sequence[Event], brief: Brief) -> bool:
    """Whether a note that would have begun before the region should sound at its beginning."""
    bar = brief.bars[0]
    later = [e.start_ticks - bar.start_ticks for e in ordered if e.start_ticks < bar.end_ticks]
    sounding = any(note.end_ticks > bar.start_ticks + 60 for note in brief.before[-2:])
    return (
        bool(later) and later[0] > bar.metre.pulse_ticks // 2 and not sounding and _is_held_in(ordered, bar)
    )


def _is_held_in(ordered: Sequence[Event], bar: BarBrief) -> bool:
    """Whether the figure ties its last note over the bar line."""
    return any(event.start_ticks < bar.end_ticks < event.end_ticks for event in ordered)


def _hearing_changes(events: list[Event], brief: Brief) -> list[Event]:
    """Every stretch of harmony begins with its root."""
    for span in brief.harmony:
        if span.chord.is_no_chord:
            events = _silenced(events, span.start_ticks, span.end_ticks)
        else:
            events = _opened(events, span.start_ticks, span.end_ticks, span.chord, brief)
    return events


def _without_specks(events: Sequence[Event]) -> list[Event]:
    """Where a change falls just before a note of the figure, the root takes that note's place."""
    found: list[Event] = []
    for event in events:
        last = found[-1] if found else None
        if last is not None and event.start_ticks - last.start_ticks < _SPECK_TICKS:
            found[-1] = replace(last if last.opens else event, end_ticks=event.end_ticks)
            found[-1] = replace(found[-1], start_ticks=last.start_ticks)
        else:
            found.append(event)
    return found


def _silenced(events: list[Event], start: int, end: int) -> list[Event]:
    """Nothing is played where the artist wrote that no chord sounds."""
    cut = [replace(e, end_ticks=start) if e.start_ticks < start < e.end_ticks else e for e in events]
    return [event for event in cut if not start <= event.start_ticks < end]


def _opened(events: list[Event], start: int, end: int, chord: Chord, brief: Brief) -> list[Event]:
    """The events with the chord's root at the first note of its stretch, or struck anew at its beginning."""
    index = next((i for i, event in enumerate(events) if event.end_ticks > start), len(events))
    event = events[index] if index < len(events) else None
    if event is not None and event.start_ticks < start:
        return _taken_over(events, index, start, chord, brief)
    if event is None or event.start_ticks >= end:
        gap = event.start_ticks if event is not None else brief.end_ticks
        if start > brief.start_ticks and start == brief.bar_at(start).start_ticks and end - start > 960:
            return events  # the figure rests here on purpose and the chord goes on
        beat = brief.bar_at(start).metre.pulse_ticks
        root = Event(start, min(start + beat, end, gap), "1", chord, opens=True)
        return [*events[:index], root, *events[index:]]
    return [*events[:index], _as_root(event, chord), *events[index + 1 :]]


def _taken_over(events: list[Event], index: int, start: int, chord: Chord, brief: Brief) -> list[Event]:
    """A note that sounds when the chord changes: it was early, or it is struck again on the new root."""
    event = events[index]
    if _is_early(events, index, start, brief):
        early = replace(_as_root(event, chord), is_early=True)
        return [*events[:index], early, *events[index + 1 :]]
    cut = replace(event, end_ticks=start)
    following = events[index + 1] if index + 1 < len(events) else None
    new = replace(event, start_ticks=start, symbol="1", octave=0, chord=chord, opens=True)
    if following is not None and _is_pushed_over(start, following, brief):
        new = replace(new, end_ticks=following.end_ticks)
        return [*events[:index], cut, new, *events[index + 2 :]]
    return [*events[:index], cut, new, *events[index + 1 :]]


def _is_early(events: Sequence[Event], index: int, start: int, brief: Brief) -> bool:
    """Whether a note off the strong beats anticipates the chord it is held into; its own was heard before."""
    event = events[index]
    before, after = start - event.start_ticks, event.end_ticks - start
    beat = brief.bar_at(start).metre.pulse_ticks
    is_weak = brief.song.time_map.metrical_offset(event.start_ticks) % (2 * beat) != 0
    is_heard = index > 0 and events[index - 1].start_ticks >= brief.harmony_at(event.start_ticks).start_ticks
    return is_weak and is_heard and before <= beat and after >= min(before, beat // 2)


def _is_pushed_over(start: int, following: Event, brief: Brief) -> bool:
    """Whether the root of an early chord sounds on through the beat it came before."""
    soon = following.start_ticks - start <= brief.bar_at(start).metre.beat_ticks // 2
    return brief.is_pushed(start) and soon and following.symbol in ("1", "8")


def _as_root(event: Event, chord: Chord) -> Event:
    if event.symbol in ("1", "8"):
        return replace(event, chord=chord, opens=True)
    return replace(event, chord=chord, symbol="1", octave=min(0, event.octave), opens=True)


def _around_fixed(events: list[Event], brief: Brief) -> list[Event]:
    """The notes that stand, and the others in the room they leave."""
    standing = [
        Event(n.start_ticks, n.end_ticks, "1", brief.chord_at(n.start_ticks), fixed=n) for n in brief.fixed
    ]
    free = []
    for event in events:
        for note in brief.fixed:
            if note.start_ticks - _NEAR_TICKS <= event.start_ticks < note.end_ticks - _NEAR_TICKS:
                break
            if event.start_ticks < note.start_ticks < event.end_ticks:
                event = replace(event, end_ticks=note.start_ticks)
        else:
            free.append(event)
    return sorted([*free, *standing], key=lambda event: event.start_ticks)
