"""When are the chords struck, which chord is it then, and how long does it sound?

Figures are laid on the bars and bent to the song: a stroke just before a change that is not struck again
belongs to the new chord (a push); what is held over a change is struck again with the new chord; what the
artist keeps stays free; where the melody is busy, soft strokes between the beats are left out.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.arrangement.brief import BarBrief, Brief
from engine.arrangement.comping.figures import Figure, Line
from engine.formats.partpatterns import Loudness, Step
from engine.music import Note

FigureOf = Callable[[BarBrief], tuple[Figure, int]]
"""The figure of a bar, and which of its bars."""

SHORTEST_TICKS = 60
_NEAR_TICKS = 30
_BUSY = 1.9  # onsets a felt beat from which on a melody bar is busy
TONES = frozenset("123456")
_SHARP = frozenset("SCcHDU")


@dataclass(frozen=True, slots=True)
class Stroke:
    """One hand's stroke: the README's `symbol`, sounding the chord at `chord_ticks`. `line` tells the hand.

    `is_push`: it brings a chord early; `again`: it goes on with what the stroke before it held;
    `is_over_bass`: another hand has the low notes.
    """

    start_ticks: int
    end_ticks: int
    symbol: str
    loudness: Loudness
    line: int
    chord_ticks: int
    is_push: bool = False
    again: bool = False
    is_answer: bool = False
    is_over_bass: bool = False


def laid(brief: Brief, figure_of: FigureOf) -> list[Stroke]:
    """The strokes of the whole region in order, each on its chord."""
    plain = _laid_out(brief, figure_of)
    strokes = [piece for stroke in plain for piece in _on_chords(stroke, plain, brief)]
    strokes = [s for s in strokes if not brief.chord_at(s.chord_ticks).is_no_chord]
    return sorted(around_fixed(strokes, brief), key=lambda s: (s.start_ticks, s.line))


def _laid_out(brief: Brief, figure_of: FigureOf) -> list[Stroke]:
    """Figures on bars; a line is one hand, so its next stroke ends the one before."""
    by_line: dict[int, list[Stroke]] = {}
    last: Figure | None = None
    for bar in brief.bars:
        if not bar.is_full and bar.lead_ticks and len(brief.bars) > 1:
            continue  # in a pickup the tune is alone
        figure, place = figure_of(bar)
        for number, line in enumerate(figure.lines):
            over_bass = figure.has_low_line_beside(number)
            for stroke in _of_bar(bar, line, place, number, figure is not last):
                stroke = replace(stroke, is_over_bass=over_bass)
                _append(by_line.setdefault(number, []), stroke, brief.end_ticks)
        last = figure
    return sorted((s for found in by_line.values() for s in found), key=lambda s: (s.start_ticks, s.line))


def _of_bar(bar: BarBrief, line: Line, place: int, number: int, is_first: bool) -> Iterator[Stroke]:
    origin = bar.start_ticks - bar.lead_ticks
    steps = line.bars[place % len(line.bars)]
    if is_first and line.held_in_ticks and place % len(line.bars) == 0:
        held = next(bar[-1] for bar in reversed(line.bars) if bar)
        steps = (replace(held, start_ticks=0, duration_ticks=line.held_in_ticks), *steps)
    for step in steps:
        start = origin + step.start_ticks
        if bar.start_ticks <= start < bar.end_ticks:
            yield _stroke(step, start, number)


def _stroke(step: Step, start: int, line: int) -> Stroke:
    return Stroke(start, start + step.duration_ticks, step.symbol, step.loudness, line, start)


def _append(found: list[Stroke], stroke: Stroke, end: int) -> None:
    if found and found[-1].end_ticks > stroke.start_ticks:
        found[-1] = replace(found[-1], end_ticks=stroke.start_ticks)
    found.append(replace(stroke, end_ticks=min(stroke.end_ticks, end)))


def _on_chords(stroke: Stroke, strokes: Sequence[Stroke], brief: Brief) -> Iterator[Stroke]:
    """The stroke on its chord, cut where chords change under it."""
    change = brief.harmony_at(stroke.start_ticks).end_ticks
    if _pushes(stroke, change, strokes, brief):
        yield from _held(replace(stroke, chord_ticks=change, is_push=True), brief)
    else:
        yield from _held(stroke, brief)


def _pushes(stroke: Stroke, change: int, strokes: Sequence[Stroke], brief: Brief) -> bool:
    """An off-beat just before a change, held over it or not struck again at it."""
    ahead = change - stroke.start_ticks
    pulse = brief.bar_at(stroke.start_ticks).metre.pulse_ticks
    if not 0 < ahead <= min(240, pulse // 2) or change > brief.end_ticks:
        return False
    if change == brief.end_ticks and brief.harmony_after is None:
        return False
    if brief.chord_at(change).is_no_chord:
        return False
    if stroke.end_ticks > change:
        return True
    if stroke.symbol not in _SHARP or _is_struck(strokes, change, change, stroke.line):
        return False
    # one of a row of off-beats, or the end of a pair, stays on its chord
    start, near = stroke.start_ticks, _NEAR_TICKS + 1
    row = (start - pulse, start - 2 * pulse)
    in_a_row = all(_is_struck(strokes, tick, tick, stroke.line) for tick in row)
    return not in_a_row and not _is_struck(strokes, start - pulse // 2, start - 2 * near, stroke.line)


def _is_struck(strokes: Sequence[Stroke], first_tick: int, last_tick: int, line: int) -> bool:
    """Whether the line has a stroke from about one tick to about another."""
    first = bisect_left(strokes, first_tick - _NEAR_TICKS, key=lambda s: s.start_ticks)
    for other in strokes[first:]:
        if other.start_ticks > last_tick + _NEAR_TICKS:
            return False
        if other.line == line:
            return True
    return False


def _held(stroke: Stroke, brief: Brief) -> Iterator[Stroke]:
    """The stroke as long as its chord lasts, then struck again softly on each chord that follows."""
    now = stroke
    while True:
        change = brief.harmony_at(max(now.chord_ticks, now.start_ticks)).end_ticks
        if change >= now.end_ticks or change >= brief.end_ticks:
            yield now
            return
        yield replace(now, end_ticks=change)
        if now.end_ticks - change < 2 * SHORTEST_TICKS:
            return
        now = replace(now, start_ticks=change, chord_ticks=change, is_push=False, again=True)


def around_fixed(strokes: Sequence[Stroke], brief: Brief) -> list[Stroke]:
    """Where two or more kept notes sound the artist has the chord: strokes end before it and wait."""
    spans = _kept_chords(brief.fixed)
    found = []
    for stroke in strokes:
        if any(start - _NEAR_TICKS <= stroke.start_ticks < end for start, end in spans):
            continue
        nearest = min((s for s, _ in spans if s > stroke.start_ticks), default=stroke.end_ticks)
        if nearest < stroke.end_ticks:
            stroke = replace(stroke, end_ticks=nearest)
        if stroke.end_ticks - stroke.start_ticks >= SHORTEST_TICKS // 2:
            found.append(stroke)
    return found


def _kept_chords(fixed: Sequence[Note]) -> list[tuple[int, int]]:
    """Spans in which at least two kept notes begin together."""
    spans = []
    for note in fixed:
        beside = [o for o in fixed if o is not note and abs(o.start_ticks - note.start_ticks) <= _NEAR_TICKS]
        if beside:
            spans.append((note.start_ticks, max(o.end_ticks for o in (note, *beside))))
    return spans


def with_room(strokes: Sequence[Stroke], brief: Brief) -> list[Stroke]:
    """In busy bars of the melody soft strokes and those that double its off-beats are left out."""
    busy = busy_bars(brief)
    onsets = {note.start_ticks for note in brief.melody}
    return [
        s
        for s in strokes
        if not (brief.bar_at(s.start_ticks).number in busy and _gives_way(s, onsets, brief))
    ]


def busy_bars(brief: Brief) -> frozenset[int]:
    """Numbers of the bars in which the melody moves so much that little room is left."""
    counts = Counter(brief.bar_at(note.start_ticks).number for note in brief.melody)
    return frozenset(
        bar.number
        for bar in brief.bars
        if counts[bar.number] >= _BUSY * (bar.end_ticks - bar.start_ticks) / bar.metre.pulse_ticks
    )


def _gives_way(stroke: Stroke, onsets: set[int], brief: Brief) -> bool:
    if stroke.symbol not in "SCcHm" or stroke.is_push or stroke.again:
        return False
    bar = brief.bar_at(stroke.start_ticks)
    if (stroke.start_ticks - bar.start_ticks + bar.lead_ticks) % bar.metre.pulse_ticks == 0:
        return False
    covered = any(abs(stroke.start_ticks - onset) <= _NEAR_TICKS for onset in onsets)
    return stroke.loudness is Loudness.SOFT or (covered and stroke.loudness is not Loudness.ACCENT)


def with_answers(strokes: Sequence[Stroke], brief: Brief) -> list[Stroke]:
    """Where the melody rests and the hands are still, two upper chords answer: off the beat, then on it."""
    found = list(strokes)
    for start, end in brief.melody_gaps(brief.bars[0].metre.pulse_ticks * 3 // 2):
        answer = _answer(start, end, strokes, brief) if brief.melody else []
        if answer:
            cut = answer[0].start_ticks
            found = [
                replace(s, end_ticks=min(s.end_ticks, max(cut, s.start_ticks + SHORTEST_TICKS)))
                if s.start_ticks < cut and s.line == 0
                else s
                for s in found
            ]
            found += answer
    return sorted(around_fixed(found, brief), key=lambda s: (s.start_ticks, s.line))


def _answer(start: int, end: int, strokes: Sequence[Stroke], brief: Brief) -> list[Stroke]:
    bar = brief.bar_at(start)
    pulse = bar.metre.pulse_ticks
    origin = bar.start_ticks - bar.lead_ticks
    beat = origin + -(-(start + _NEAR_TICKS - origin) // pulse) * pulse
    early, late = beat + pulse // 2, beat + pulse
    if late + pulse // 2 > min(end + _NEAR_TICKS, brief.end_ticks):
        return []
    inside = [s for s in strokes if beat < s.start_ticks < late + pulse]
    same = brief.harmony_at(early) == brief.harmony_at(min(late + pulse, end) - 1)
    if inside or not same or brief.chord_at(early).is_no_chord:
        return []
    stop = min(late + pulse, end)
    return [
        Stroke(early, early + pulse // 2, "H", Loudness.PLAIN, 0, early, is_answer=True),
        Stroke(late, stop, "H", Loudness.SOFT, 0, late, is_answer=True),
    ]
