"""Whose hands are they, how far do they reach, and where do they like to play?

Pitches are MIDI numbers; spans and ranges are in semitones. A player is a value: other registers and tasks
are made from the table here with `player_for`.

>>> player_for(Instrument.PIANO).name
'piano'
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from engine.arrangement.styles import Colour


class Instrument(StrEnum):
    PIANO = "piano"
    EPIANO = "epiano"
    ORGAN = "organ"
    NYLON = "nylon"
    STEEL = "steel"
    CLEAN = "clean"
    STRINGS = "strings"
    PAD = "pad"


class Build(StrEnum):
    """What bounds a voicing: two hands, six strings, or voices of their own."""

    HANDS = "hands"
    FRETS = "frets"
    VOICES = "voices"


class Manner(StrEnum):
    """How chords are laid: what the part's patterns need under the fingers."""

    FULL = "full"  # the usual way of the instrument
    ROOTLESS = "rootless"  # guide tones below, colours above
    DROP2 = "drop2"  # close position with the second voice from above an octave down
    OPEN = "open"  # all six strings, the bass string too: strums and picking
    FINGERS = "fingers"  # a bass string and three above it: thumb and fingers
    UPPER = "upper"  # three or four inner strings: chops, stabs, jazz comping
    POWER = "power"  # root, fifth, octave


@dataclass(frozen=True, slots=True)
class Hand:
    """How many tones one hand takes, where it may be, and how far it spans."""

    sizes: tuple[int, ...]
    low: int
    high: int
    span: int = 12


@dataclass(frozen=True, slots=True)
class Player:
    """`left` and `right` for keys, `right` alone for voices; `top` is where the highest tone likes to be."""

    name: str
    instrument: Instrument
    build: Build
    manner: Manner
    right: Hand
    left: Hand = Hand((0,), 0, 0)
    top: int = 72
    colour: Colour = Colour.SEVENTHS
    has_bass: bool = True
    parallels: float = 2.0  # cost of each parallel fifth or octave
    doubling: float = 1.0  # how much doubled tones matter: grips double, four voices hardly


FRET_SPAN = 3
"""Fingers cover four frets: from the lowest fretted to the highest are three."""
STANDARD_TUNING = (40, 45, 50, 55, 59, 64)
LAST_FRET = 14

_PIANO = Player(
    "piano",
    Instrument.PIANO,
    Build.HANDS,
    Manner.FULL,
    Hand((3, 4), 55, 81),
    Hand((1,), 41, 60),
    parallels=1.0,
)
_GUITAR = Player(
    "guitar",
    Instrument.STEEL,
    Build.FRETS,
    Manner.OPEN,
    Hand((4, 5, 6), 40, 78),
    top=67,
    parallels=0.0,
    doubling=0.25,
)
_STRINGS = Player(
    "strings",
    Instrument.STRINGS,
    Build.VOICES,
    Manner.FULL,
    Hand((4,), 48, 81),
    top=72,
    parallels=6.0,
)
_KEYS = {
    Instrument.PIANO: _PIANO,
    Instrument.EPIANO: replace(
        _PIANO, name="electric piano", instrument=Instrument.EPIANO, right=Hand((3, 4), 54, 79), top=72
    ),
    Instrument.ORGAN: replace(
        _PIANO,
        name="organ",
        instrument=Instrument.ORGAN,
        right=Hand((3,), 55, 79),
        left=Hand((1,), 43, 60),
        top=71,
    ),
}


def player_for(
    instrument: Instrument,
    manner: Manner = Manner.FULL,
    colour: Colour = Colour.SEVENTHS,
    has_bass: bool = True,
    register: float | None = None,
    voices: int = 4,
) -> Player:
    """The player for a part. `register` is 0-1 (None: the usual); `voices` counts for strings and pads."""
    lift = 0 if register is None else round((register - 0.5) * 14)
    if instrument in _KEYS:
        player = _keys(_KEYS[instrument], manner, lift, has_bass)
    elif instrument in (Instrument.STRINGS, Instrument.PAD):
        player = _section(instrument, voices, lift, has_bass)
    else:
        player = _guitar(instrument, manner, lift)
    return replace(player, colour=Colour.POWER if manner is Manner.POWER else colour, has_bass=has_bass)


def _keys(player: Player, manner: Manner, lift: int, has_bass: bool) -> Player:
    right, left = player.right, player.left
    if manner is Manner.ROOTLESS:
        right, left = Hand((2, 3), 57, 79), Hand((2,), 48, 63)
    elif manner is Manner.DROP2:
        right, left = Hand((4,), 52, 79, 16), Hand((0,), 0, 0)
    elif manner is Manner.POWER:
        right, left = Hand((2, 3), 50, 72), Hand((1,), 36, 50)
    elif not has_bass:
        left = Hand((1,), 33, 55)
    raised = Hand(right.sizes, right.low + lift, right.high + lift, right.span)
    lower = Hand(left.sizes, left.low + min(lift, 0), left.high + lift, left.span)
    return replace(player, manner=manner, right=raised, left=lower, top=player.top + lift)


def _section(instrument: Instrument, voices: int, lift: int, has_bass: bool) -> Player:
    low = 48 - (3 if voices > 4 else 0) - (0 if has_bass else 8) + lift
    hand = Hand((voices,), low, 79 + lift, 36)
    return replace(_STRINGS, name=str(instrument), instrument=instrument, right=hand, top=71 + lift)


def _guitar(instrument: Instrument, manner: Manner, lift: int) -> Player:
    manner = Manner.OPEN if manner in (Manner.FULL, Manner.ROOTLESS) else manner
    sizes, low, high, top = {
        Manner.OPEN: ((4, 5, 6), 40, 76, 65),
        Manner.FINGERS: ((4,), 40, 76, 65),
        Manner.UPPER: ((3, 4), 48, 79, 69),
        Manner.DROP2: ((4,), 45, 77, 67),
        Manner.POWER: ((2, 3), 40, 64, 51),
    }[manner]
    return replace(
        _GUITAR,
        name=f"{instrument} guitar",
        instrument=instrument,
        manner=manner,
        right=Hand(sizes, low, high + lift, 48),
        top=top + lift,
        doubling=0.25 if manner in (Manner.OPEN, Manner.POWER) else 1.0,
    )
