"""How does a style sing: which melodic rhythms does it know by heart?

The rhythms of `assets/patterns/rhythms` (own work), as beats of bars that take nothing up from the artist.

>>> {sum(beat.duration for beat in bar) for bar in style_beats("rock", Metre(4, 4), 120, Dice(1, 1))}
{96}
"""

from collections.abc import Callable
from functools import lru_cache

from engine.formats.patterns import TICKS, Pattern, PatternBar, bar_ticks, rhythms, styles
from engine.formats.patterns import Kind as PatternKind
from engine.generation.melody.dice import Dice
from engine.generation.melody.rhythm import Beat
from engine.generation.melody.sketch import Sketch
from engine.music import Metre
from engine.music.styles import style_named

_FILES = {
    "jazz": ("jazz-swing", "jazz-ballad"),
    "latin": ("bossa-nova", "samba", "latin", "tango"),
    "reggae": ("reggae", "ska"),
    "hip-hop": ("hip-hop", "lo-fi"),
    "electronic": ("house", "techno", "synthwave", "drum-and-bass"),
    "cinematic": ("cinematic", "ambient"),
    "song": ("musical-theatre",),
    "": ("pop", "rock", "soul"),
}
"""The files of a style by its name, where they are called otherwise; without a name songs of today."""
_SHORTEST_S = 0.1


def sung_in_style(sketch: Sketch, style: str) -> Callable[[Dice], list[list[Beat]]]:
    """The rhythms of a style that is asked for, or of songs of today where the artist has sung nothing."""
    if sketch.placed and not style:
        return lambda _: []
    time_map = sketch.song.time_map
    metre, bpm = time_map.metre_at(sketch.start), time_map.tempo_at(sketch.start).bpm
    return lambda dice: style_beats(style, metre, bpm, dice)


def style_beats(words: str, metre: Metre, bpm: float, dice: Dice) -> list[list[Beat]]:
    """The bars of a rhythm of the style that the words mean; none where it knows no rhythm in this metre
    that can be sung at this tempo. `bpm`: quarters a minute."""
    found = _patterns(words, (metre.numerator, metre.denominator), bpm)
    if not found:
        return []
    pattern = dice.pick(found)
    return [_beats(bar, bar_ticks(pattern.metre)) for bar in pattern.bars]


@lru_cache(maxsize=64)
def _patterns(words: str, metre: tuple[int, int], bpm: float) -> tuple[Pattern, ...]:
    return tuple(each for name in _files(words) for each in rhythms(name, metre) if _can_be_sung(each, bpm))


def _files(words: str) -> tuple[str, ...]:
    """A file that is named in the words itself, else those of the style they mean."""
    text = words.strip().lower().replace(" ", "-")
    known = styles(PatternKind.RHYTHM)
    exact = tuple(name for name in known if text and name in text)
    style = style_named(words)
    name = style.name if style is not None else text
    return exact or _FILES.get(name, (name,))


def _can_be_sung(pattern: Pattern, bpm: float) -> bool:
    shortest = min((note.duration for bar in pattern.bars for note in bar.notes), default=TICKS)
    return not pattern.has_pickup and shortest / TICKS * 60 / bpm >= _SHORTEST_S


def _beats(bar: PatternBar, length: int) -> list[Beat]:
    """A first note that is tied begins no beat: the one before goes on."""
    beats, at = list[Beat](), 0
    for note in bar.notes:
        if note.offset > at:
            beats.append(Beat(at, note.offset - at, True))
        if not note.tied:
            beats.append(Beat(note.offset, note.duration))
        at = note.offset + note.duration
    return [*beats, Beat(at, length - at, True)] if at < length else beats
