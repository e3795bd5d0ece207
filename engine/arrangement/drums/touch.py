"""How loud, and how exactly on time, is each stroke played?

Drummers play as the model of real drummers (engine.arrangement.drummer) would; the section's level, marks and
feel are theirs to follow. Machines are exact. Nobody plays a bar's first stroke early, so that every bar can
be taken out and put in again alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from engine.api.errors import ModelError
from engine.api.suggestion import ModelRef
from engine.arrangement.brief import Brief
from engine.arrangement.drummer.model import load_drummer
from engine.arrangement.drummer.playing import perform
from engine.arrangement.drummer.strokes import Group, Manner, Strokes, group_of
from engine.arrangement.drums.stroke import Stroke, stroke_order
from engine.arrangement.styles import Kit
from engine.formats.partpatterns import Loudness
from engine.generation.melody.dice import Dice
from engine.music import Note, Origin
from engine.music.drumkit import DrumVoice, Limb

_STYLES = {
    "pop": "pop",
    "rock": "rock",
    "soul": "soul",
    "funk": "funk",
    "gospel": "gospel",
    "blues": "blues",
    "jazz-swing": "jazz",
    "jazz-ballad": "jazz",
    "jazz-waltz": "jazz",
    "bossa-nova": "latin",
    "samba": "latin",
    "latin": "afrocuban",
    "reggae": "reggae",
    "ska": "reggae",
    "hip-hop": "hiphop",
    "lo-fi": "hiphop",
    "house": "dance",
    "techno": "dance",
    "synthwave": "dance",
    "country": "country",
    "folk": "country",
    "march": "neworleans",
}
_MARKED = {Loudness.SOFT: 52, Loudness.PLAIN: 86, Loudness.ACCENT: 112}
_QUIETER = {DrumVoice.HAT: 0.82, DrumVoice.SHAKER: 0.7, DrumVoice.RIDE: 0.85, DrumVoice.TAMBOURINE: 0.75}
"""What keeps time in a machine lies under kick and snare."""
_LOUDER = {Group.KICK: 27, Group.RIM: 12, Group.TOM1: 6, Group.RIDE: 3, Group.HAT: -5}
"""MIDI steps between the pads of the drummers' kit, which answer feet softly, and General MIDI kits."""
_LATE_MS = {"laid-back": 11.0, "pushed": -6.0}
_MOST_LATE_TICKS = 30
_AROUND = 24
_LENGTH_TICKS = 110
_RINGING = frozenset(
    {DrumVoice.CRASH, DrumVoice.CRASH2, DrumVoice.OPEN, DrumVoice.RIDE, DrumVoice.GUIRO_LONG}
)
_RING_TICKS = 460


@dataclass(frozen=True, slots=True)
class Played:
    """The notes, and how they were touched: mean distance from the grid in ms, and by which model.

    `is_missing`: a drummer should have played, but the model is not there.
    """

    notes: tuple[Note, ...]
    loose_ms: float
    model: ModelRef = ModelRef("", "")
    is_missing: bool = False


def touched(
    strokes: Sequence[Stroke], feels: Sequence[str], brief: Brief, dice: Dice, checkpoint: Callable[[], None]
) -> Played:
    """Notes for the strokes; `feels` is the feel word of each stroke's groove."""
    order = sorted(range(len(strokes)), key=lambda i: stroke_order(strokes[i]))
    strokes, feels = [strokes[i] for i in order], [feels[i] for i in order]
    swung = [_swung(stroke, brief) for stroke in strokes]
    if brief.style.kit is Kit.ELECTRONIC or not strokes:
        velocities = [_machine_velocity(stroke, brief) for stroke in strokes]
        return Played(_notes(strokes, swung, swung, velocities, brief), 0.0)
    try:
        model = load_drummer()
    except ModelError:
        velocities = [_machine_velocity(stroke, brief) for stroke in strokes]
        return Played(_notes(strokes, swung, swung, velocities, brief), 0.0, is_missing=True)
    manner = Manner(_STYLES.get(brief.style.name, ""), brief.bpm)
    touches = perform(model, _columns(strokes, swung, brief), manner, dice, checkpoint=checkpoint)
    ms_a_tick = 60_000 / (brief.bpm * 480)
    lag = _lag([touch.late_ms for touch in touches])
    late = [t.late_ms - by + _LATE_MS.get(feel, 0.0) for t, by, feel in zip(touches, lag, feels, strict=True)]
    shifts = [round(min(_MOST_LATE_TICKS, max(-_MOST_LATE_TICKS, ms / ms_a_tick))) for ms in late]
    starts = [tick + shift for tick, shift in zip(swung, shifts, strict=True)]
    velocities = [_levelled(t.velocity, s, brief) for t, s in zip(touches, strokes, strict=True)]
    notes = _notes(strokes, swung, starts, velocities, brief)
    return Played(notes, fmean(abs(shift) * ms_a_tick for shift in shifts), model.ref)


def _lag(late: Sequence[float]) -> list[float]:
    """How far the drummer as a whole is behind the click around each stroke: the band would be there too."""
    sums = np.concatenate([[0.0], np.cumsum(late)])
    places = np.arange(len(late))
    since, until = np.maximum(0, places - _AROUND), np.minimum(len(late), places + _AROUND + 1)
    found: list[float] = ((sums[until] - sums[since]) / (until - since)).tolist()
    return found


def _swung(stroke: Stroke, brief: Brief) -> int:
    return brief.swung(stroke.tick, is_triplet=stroke.is_even)


def _machine_velocity(stroke: Stroke, brief: Brief) -> int:
    level = brief.bar_at(stroke.tick).level
    return _within(_MARKED[stroke.loudness] * _QUIETER.get(stroke.voice, 1.0) * (0.88 + 0.2 * level))


def _levelled(velocity: int, stroke: Stroke, brief: Brief) -> int:
    """What the drummer played, at the section's level; a ghost stays one, an accent too."""
    level = brief.bar_at(stroke.tick).level
    beside = 0.85 if stroke.voice.limb is Limb.BESIDE and stroke.voice is not DrumVoice.CLAP else 1.0
    velocity += _LOUDER.get(group_of(stroke.voice), 0)
    least = {Loudness.SOFT: 14, Loudness.PLAIN: 38, Loudness.ACCENT: 72}[stroke.loudness]
    return _within(max(least, velocity * beside * (0.76 + 0.34 * level)))


def _within(velocity: float) -> int:
    return min(127, max(8, round(velocity)))


def _columns(strokes: Sequence[Stroke], swung: Sequence[int], brief: Brief) -> Strokes:
    """The strokes as the model reads them, bars counted from the region's first."""
    bars = [brief.bar_at(stroke.tick) for stroke in strokes]
    first = brief.bars[0]
    into = [_snapped(tick - bar.start_ticks + bar.lead_ticks) for tick, bar in zip(swung, bars, strict=True)]
    origin = [bar.start_ticks - bar.lead_ticks - first.start_ticks for bar in bars]
    columns = [
        [int(group_of(s.voice)) for s in strokes],
        [a + b for a, b in zip(origin, into, strict=True)],
        into,
        [bar.number - first.number for bar in bars],
        [bar.metre.bar_ticks for bar in bars],
        [bar.metre.pulse_ticks for bar in bars],
        [int(s.loudness) for s in strokes],
        [int(s.ending) for s in strokes],
    ]
    return Strokes(*(np.array(column, np.int64) for column in columns))


def _snapped(into: int) -> int:
    """A swung place as drummers' data has it: on the nearest sixteenth or triplet."""
    return min((round(into / step) * step for step in (120, 80)), key=lambda place: abs(place - into))


def _notes(
    strokes: Sequence[Stroke],
    swung: Sequence[int],
    starts: Sequence[int],
    velocities: Sequence[int],
    brief: Brief,
) -> tuple[Note, ...]:
    found = []
    for stroke, written, start, velocity in zip(strokes, swung, starts, velocities, strict=True):
        bar = brief.bar_at(stroke.tick)
        earliest = (
            bar.start_ticks if written - bar.start_ticks < _MOST_LATE_TICKS else written - _MOST_LATE_TICKS
        )
        tick = min(max(start, earliest), bar.end_ticks - 1)
        length = _RING_TICKS if stroke.voice in _RINGING else _LENGTH_TICKS
        found.append((tick, stroke.voice.key, min(length, brief.end_ticks - tick), velocity))
    found.sort()
    return tuple(
        Note(number, tick, max(1, length), key, velocity, Origin.TAKEN)
        for number, (tick, key, length, velocity) in enumerate(found, 1)
    )
