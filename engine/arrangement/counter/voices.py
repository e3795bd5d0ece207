"""Who sings the second voice, how high and low, and on which side of the melody?

Ranges are the comfortable ones of orchestration books (Adler, The Study of Orchestration), in MIDI numbers.
"""

from dataclasses import dataclass
from enum import Enum

from engine.api.errors import ImpossibleError
from engine.arrangement.brief import Brief

# word in requests and styles: program, lowest, highest
_VOICES = {
    "flute": (73, 60, 91),
    "clarinet": (71, 50, 84),
    "sax": (65, 49, 80),
    "trumpet": (56, 54, 81),
    "brass": (61, 46, 77),
    "strings": (48, 48, 84),
    "violin": (48, 55, 88),
    "viola": (48, 48, 79),
    "cello": (48, 36, 69),
    "choir": (52, 48, 79),
    "voice": (52, 48, 79),
    "vibraphone": (11, 53, 89),
    "piano": (0, 43, 86),
    "guitar": (27, 45, 79),
    "steel": (25, 45, 79),
    "clean": (27, 45, 79),
    "overdriven": (29, 45, 76),
    "square": (80, 48, 84),
    "saw": (81, 48, 84),
    "lead": (81, 48, 84),
}
_BY_PROGRAM = {program: (low, high) for program, low, high in reversed(_VOICES.values())}
_LEAST_ROOM = 7


class Side(Enum):
    """Where the voice lies, so that it never crosses the melody."""

    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Voice:
    """A player, the pitches it may use, and where it is at home."""

    program: int
    low: int
    high: int
    side: Side

    @property
    def middle(self) -> int:
        return (self.low + self.high) // 2


def voice_for(brief: Brief, turn: int = 0) -> Voice:
    """The asked instrument, else the style's. Raises ImpossibleError where it has no room."""
    program, low, high = _player(brief, turn)
    asked = brief.request.controls.range
    if asked is not None:
        low, high = max(0, asked[0]), min(127, asked[1])
    if high - low < _LEAST_ROOM:
        raise ImpossibleError("The range is too narrow for a second voice; allow at least a fifth.")
    if asked is not None:
        side = Side.BELOW if low < brief.feel.middle else Side.ABOVE
        return Voice(program, low, high, side)
    return _beside_melody(program, low, high, brief)


def _player(brief: Brief, turn: int) -> tuple[int, int, int]:
    words = brief.request.controls.instrument.lower()
    for word, player in _VOICES.items():
        if word in words:
            return player
    for track in brief.song.tracks:
        if track.id == brief.request.track_id and track.notes:
            return (track.program, *_BY_PROGRAM.get(track.program, (48, 84)))
    own = brief.style.counter[turn % len(brief.style.counter)]
    return _VOICES.get(own.word, (own.program, 48, 84))


def _beside_melody(program: int, low: int, high: int, brief: Brief) -> Voice:
    """Below the melody where there is room for an octave, else above it."""
    if not brief.melody:
        middle = (low + high) // 2
        return Voice(program, max(low, middle - 10), min(high, middle + 10), Side.BELOW)
    top, floor = brief.feel.high, max(low, 48)
    register = brief.request.controls.register
    below = register is None or register < 0.66
    if below and brief.feel.middle - 3 - floor >= _LEAST_ROOM:
        return Voice(program, max(floor, brief.feel.low - 14), min(high, top), Side.BELOW)
    if high - (brief.feel.middle + 3) >= _LEAST_ROOM:
        return Voice(program, max(low, brief.feel.low), min(high, top + 12), Side.ABOVE)
    return Voice(program, low, high, Side.BELOW)
