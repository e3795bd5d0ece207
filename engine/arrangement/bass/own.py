"""What does the artist's own bass do, said as a figure that can be played on other chords?

Bars of the part around the region become steps of chord degrees; half a beat of looseness is put on the grid.
"""

from collections.abc import Sequence
from statistics import median

from engine.arrangement.bass.figures import Bar, Figure
from engine.arrangement.brief import Brief
from engine.arrangement.harmony import harmony_of
from engine.formats.partpatterns import Loudness, Step
from engine.music import Chord, Metre, Note, Origin

_SYMBOLS = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")
_FAR_BARS = 8  # so many bars away the part still tells how to go on
_LONGEST = 4


def own_figure(brief: Brief) -> Figure | None:
    """The part's bars nearest to the region in its metre as a figure; None when there are none nearby."""
    metre = brief.bars[0].metre
    first = brief.bars[0].number
    bars_before = _played_bars(brief, brief.before, metre, range(max(0, first - _FAR_BARS), first))
    last = brief.bars[-1].number + 1
    bars_after = _played_bars(brief, brief.after, metre, range(last, last + _FAR_BARS))
    played = bars_before[-_LONGEST:] or bars_after[:_LONGEST]
    if not played:
        return None
    length = 4 if len(played) >= 4 else 2 if len(played) >= 2 else 1
    chosen = played[-length:]
    by_place = {number % length: bar for number, bar in chosen}
    turned = [by_place.get(place, chosen[-1][1]) for place in range(length)]
    if not any(turned):
        return None
    return Figure("own", _title(brief), tuple(turned), metre)


def _title(brief: Brief) -> str:
    """Whose bars are taken up: the artist's own, or those of an idea that was accepted."""
    nearest = (*brief.before[-1:], *brief.after[:1])
    is_artists = any(note.origin is not Origin.TAKEN for note in nearest)
    return "Goes on as you played" if is_artists else "Goes on as before"


def _played_bars(brief: Brief, notes: Sequence[Note], metre: Metre, numbers: range) -> list[tuple[int, Bar]]:
    """Numbers and steps of the bars in which the part plays."""
    time_map = brief.song.time_map
    found = []
    for number in numbers:
        start = time_map.bar_start(number)
        if time_map.metre_at(start) != metre or time_map.bar_ticks(number) != metre.bar_ticks:
            continue
        inside = [note for note in notes if start <= note.start_ticks < start + metre.bar_ticks]
        if inside:
            found.append((number, _steps(brief, inside, start)))
    return found


def _steps(brief: Brief, notes: Sequence[Note], start: int) -> Bar:
    """One bar as degrees of the chords under it."""
    end = brief.song.time_map.bar_end(brief.song.time_map.bar_of(start))
    chords = harmony_of(brief.song, start, end, has_melody=False)
    steps: list[Step] = []
    middle = median(note.velocity for note in notes)
    for note in notes:
        chord = next(span.chord for span in reversed(chords) if span.start_ticks <= note.start_ticks)
        place = _on_grid(note.start_ticks - start)
        if chord.is_no_chord or place >= end - start or (steps and steps[-1].start_ticks >= place):
            continue
        symbol, octave = _degree(note, chord, notes)
        length = max(60, _on_grid(note.duration_ticks))
        steps.append(Step(place, length, symbol, octave, _loudness(note, middle)))
    return tuple(steps)


def _degree(note: Note, chord: Chord, notes: Sequence[Note]) -> tuple[str, int]:
    """Symbol and octave above the lowest root that lies near the bar's notes."""
    bass = chord.bass_pitch_class
    lowest = min(other.pitch for other in notes)
    root = lowest + (bass - lowest) % 12
    if root - lowest > 7:
        root -= 12
    octave, steps = divmod(note.pitch - root, 12)
    symbol = _SYMBOLS[steps]
    above = {(tone - bass) % 12 for tone in chord.pitch_classes}
    if steps in (3, 4) and steps in above:
        symbol = "3"
    if steps in (10, 11) and steps in above:
        symbol = "7"
    return ("8", octave - 1) if symbol == "1" and octave > 0 else (symbol, octave)


def _on_grid(ticks: int) -> int:
    straight, triplet = round(ticks / 120) * 120, round(ticks / 160) * 160
    return triplet if abs(ticks - triplet) + 12 < abs(ticks - straight) else straight


def _loudness(note: Note, middle: float) -> Loudness:
    if note.velocity <= middle - 20:
        return Loudness.SOFT
    return Loudness.ACCENT if note.velocity >= middle + 14 else Loudness.PLAIN
