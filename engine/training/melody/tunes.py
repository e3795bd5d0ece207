"""How does a written part become a melody the model can learn from?

Bars cut in two by repeat signs are joined, a short first bar becomes a pickup (bar -1), ties are merged,
everything is moved to tonic C and laid on the model's grid of 24 ticks to a quarter
(`engine.generation.melody.line`).
"""

from dataclasses import dataclass
from typing import NamedTuple

from engine.generation.melody.harmony import ChordTone, chord_tone
from engine.generation.melody.line import GRID, Event, Line, home_tonic
from engine.music import Chord, ChordSyntaxError
from engine.training.readers.score import TICKS, ScoreBar, ScoreNote, ScorePart

MIN_NOTES = 16
MAX_ODD_BARS = 0.1
_UNIT = TICKS // GRID
"""Score ticks of a tick of the grid."""


@dataclass(frozen=True, slots=True)
class Tune:
    """A monophonic melody, tonic C. `style` is folk, song or hymn; `line` holds its bars, events
    and chords.
    """

    id: str
    title: str
    dataset: str
    style: str
    line: Line


def tune_from_part(part: ScorePart, id: str, dataset: str, style: str) -> Tune | None:
    """The tune, or None when it is too short or its bars do not follow its metre."""
    full = 4 * TICKS * part.metre[0] // part.metre[1]
    bars = join_split_bars(part.bars, full)
    sounding = [note.pitch for bar in bars for note in bar.notes if note.pitch is not None]
    odd = sum(bar.length != full for bar in bars[1:-1])
    if len(sounding) < MIN_NOTES or len(bars) < 4 or odd > MAX_ODD_BARS * len(bars):
        return None
    tonic = home_tonic(part.tonic, sum(sounding) / len(sounding))
    gathered = _Gathered([], [], [])
    pickup = bars[0].length < full
    for index, bar in enumerate(bars):
        offset = (full - bar.length) // _UNIT if index == 0 and pickup else 0
        if not _gather_bar(gathered, bar, index - pickup, offset, tonic):
            return None
    line = _line(gathered, full // _UNIT, part.metre[0] % 3 == 0, part.is_minor)
    return Tune(id, part.title, dataset, style, line)


class _Gathered(NamedTuple):
    bars: list[int]
    events: list[Event]
    chords: list[tuple[int, int, ChordTone | None]]


def _line(gathered: _Gathered, bar_length: int, is_triple: bool, is_minor: bool) -> Line:
    line = Line(bar_length, is_triple, is_minor)
    for length in gathered.bars:
        line.begin_bar(length)
    for chord in gathered.chords:
        line.add_chord(*chord)
    for event in gathered.events:
        line.append(event)
    return line


def join_split_bars(bars: list[ScoreBar], full: int) -> list[ScoreBar]:
    """Bars with the halves that a repeat sign or a pickup cut apart put together again.

    >>> halves = [ScoreBar(TICKS)] * 3
    >>> [bar.length // TICKS for bar in join_split_bars(halves, 2 * TICKS)]
    [1, 2]
    """
    joined: list[ScoreBar] = []
    for index, bar in enumerate(bars):
        last = joined[-1] if joined else None
        is_after_pickup = len(joined) == 1 and last is not None and last.length < full
        if last is not None and not is_after_pickup and last.length + bar.length <= full and index:
            joined[-1] = _concatenated(last, bar)
        else:
            joined.append(bar)
    return joined


def _concatenated(first: ScoreBar, second: ScoreBar) -> ScoreBar:
    shift = first.length
    notes = [note._replace(start=note.start + shift) for note in second.notes]
    chords = [chord._replace(start=chord.start + shift) for chord in second.chords]
    return ScoreBar(
        shift + second.length,
        first.notes + notes,
        first.chords + chords,
        first.metre or second.metre,
        first.begins_repeat,
        first.ends_repeat or second.ends_repeat,
        first.ending or second.ending,
    )


def _gather_bar(gathered: _Gathered, bar: ScoreBar, index: int, offset: int, tonic: int) -> bool:
    """Adds the bar's events, ties and neighbouring rests merged; False when a note does not lie on
    the grid.
    """
    if bar.length % _UNIT or bar.length > 8 * TICKS:
        return False
    gathered.bars.append(bar.length // _UNIT + offset)
    for chord in bar.chords:
        gathered.chords.append((index, offset + chord.start // _UNIT, _relative_chord(chord.label, tonic)))
    filled = 0
    for written in bar.notes:
        note, filled = _without_overlap(written, filled)
        if note.duration <= 0:
            continue
        if note.start % _UNIT or note.duration % _UNIT:
            return False
        start, duration = note.start // _UNIT, note.duration // _UNIT
        pitch = None if note.pitch is None else note.pitch - tonic
        last = gathered.events[-1] if gathered.events else None
        if last is not None and (note.tied or (pitch is None and last.pitch is None and start > 0)):
            gathered.events[-1] = last._replace(duration=last.duration + duration)
        else:
            gathered.events.append(Event(index, offset + start, duration, pitch))
    return True


def _without_overlap(note: ScoreNote, filled: int) -> tuple[ScoreNote, int]:
    end = note.start + note.duration
    if note.start < filled:
        note = note._replace(start=filled, duration=end - filled)
    return note, max(end, filled)


def _relative_chord(label: str, tonic: int) -> ChordTone | None:
    try:
        return chord_tone(Chord.parse(label.split("/")[0].strip(" ()")), tonic)
    except ChordSyntaxError:
        return None
