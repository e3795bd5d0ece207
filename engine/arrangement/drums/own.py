"""What do the drums that are there play around the region, said as a groove?

Bars of the part before (else after) the region are put on the grid; when one of them comes again and again it
is the groove, so that a fill in the last bar is not taken for it.
"""

from collections import Counter
from collections.abc import Sequence

from engine.arrangement.brief import Brief
from engine.arrangement.drums.grooves import Groove, Hit, pulses_of
from engine.formats.partpatterns import Entry, Loudness, Part, PartPattern
from engine.music import Metre, Note
from engine.music.drumkit import VOICE_OF_KEY, DrumVoice

_OTHER_KEYS = {
    35: DrumVoice.KICK,
    40: DrumVoice.SNARE,
    41: DrumVoice.TOM3,
    47: DrumVoice.TOM2,
    50: DrumVoice.TOM1,
    59: DrumVoice.RIDE,
    22: DrumVoice.HAT,
    26: DrumVoice.OPEN,
    82: DrumVoice.SHAKER,
}
_FAR_BARS = 8
_Bar = frozenset[tuple[int, DrumVoice]]


def voice_of(key: int) -> DrumVoice | None:
    """The drum of a MIDI key, second kicks and snares with the first."""
    return _OTHER_KEYS.get(key) or VOICE_OF_KEY.get(key)


def own_groove(brief: Brief) -> Groove | None:
    """The part's bars nearest to the region as a groove; None when nothing is played nearby."""
    metre, first = brief.bars[0].metre, brief.bars[0].number
    played = _bars(brief, brief.before, metre, range(max(0, first - _FAR_BARS), first))
    if not played:
        last = brief.bars[-1].number + 1
        played = _bars(brief, brief.after, metre, range(last, last + _FAR_BARS))
    if not played:
        return None
    pattern = PartPattern(Part.DRUMS, "", Entry.GROOVE, frozenset(), metre, 2, (), pulses_of(metre), 0)
    return _OwnGroove(pattern, metre, _turning(played), pulses_of(metre))


class _OwnGroove(Groove):
    @property
    def key(self) -> str:
        return "own"

    @property
    def title(self) -> str:
        return "Goes on as you played"


def _turning(played: Sequence[tuple[int, tuple[Hit, ...]]]) -> tuple[tuple[Hit, ...], ...]:
    """The bars to go round, in the order of their numbers: two that alternate, or the most usual one."""
    outlines = {number: _outline(hits) for number, hits in played}
    counts = Counter(outlines.values())
    usual, times = counts.most_common(1)[0]
    by_number = dict(played)
    even = Counter(outlines[n] for n in outlines if n % 2 == 0).most_common(1)
    odd = Counter(outlines[n] for n in outlines if n % 2 == 1).most_common(1)
    if even and odd and even[0][1] + odd[0][1] > max(times, 1):
        found = [_with(outline[0][0], outlines, by_number) for outline in (even, odd)]
        return tuple(found)
    return (_with(usual, outlines, by_number),)


def _with(outline: _Bar, outlines: dict[int, _Bar], by_number: dict[int, tuple[Hit, ...]]) -> tuple[Hit, ...]:
    return next(by_number[number] for number in outlines if outlines[number] == outline)


def _outline(hits: Sequence[Hit]) -> _Bar:
    return frozenset((hit.into, hit.voice) for hit in hits)


def _bars(
    brief: Brief, notes: Sequence[Note], metre: Metre, numbers: range
) -> list[tuple[int, tuple[Hit, ...]]]:
    """Numbers and strokes of the bars in which the drums play."""
    time_map = brief.song.time_map
    found = []
    for number in numbers:
        start = time_map.bar_start(number)
        if time_map.metre_at(start) != metre or time_map.bar_ticks(number) != metre.bar_ticks:
            continue
        hits = _hits(notes, start - 30, start + metre.bar_ticks - 30, start, brief)
        if hits:
            found.append((number, hits))
    return found


def _hits(notes: Sequence[Note], since: int, until: int, start: int, brief: Brief) -> tuple[Hit, ...]:
    """The strokes of one bar on the grid; of two on one place the louder."""
    best: dict[tuple[int, DrumVoice], int] = {}
    for note in notes:
        voice = voice_of(note.pitch)
        if since <= note.start_ticks < until and voice is not None:
            place = (_on_grid(max(0, note.start_ticks - start), brief), voice)
            best[place] = max(best.get(place, 0), note.velocity)
    return tuple(Hit(into, voice, _loudness(velocity)) for (into, voice), velocity in sorted(best.items()))


def _on_grid(into: int, brief: Brief) -> int:
    swung = {}
    for step in (120, 80):
        place = round(into / step) * step
        swung[place] = abs(into - place) + (12 if step == 80 else 0)
    place = min(swung, key=lambda p: swung[p])
    return place - place % 240 if brief.swing > 0.54 and place % 480 in (320,) else place


def _loudness(velocity: int) -> Loudness:
    if velocity < 58:
        return Loudness.SOFT
    return Loudness.ACCENT if velocity >= 108 else Loudness.PLAIN
