"""In which words is music told to the model, and in which order?

One flat vocabulary. A Sheet (grid.py) is told as one line of tokens, the right side of the hole first:

    BOS  header                     STYLE_x [TEMPO_x] MODE_x NUM_n DEN_n of the first bar of the hole
    RIGHT bars after the hole       only when there are any
    LEFT  bars before the hole      only when there are any
    SPAN  bars of the hole          only when some cell of them is visible; hidden cells are CELL HOLE
    FILL  bars with a hidden cell   controls, reference, locks, visible cells again, then the answer
    EOS

A bar is `BAR [NUM DEN [O length]] [SECTION] cells`. The metre is told again only where it (or the length)
differs from the bar told before; O is given when the bar is not as long as its metre (O0 is 192). In FILL the
header goes on: controls (all optional), `RELATION`, `REF cells ENDREF` for a reference that stands nowhere in
the context, `LOCK CELL (O value D)*` for what must stay. Cells come in the order of `Stream`; a cell is

    MELODY BASS COUNTER  CELL (P|R|H D)*          filling the bar exactly
    CHORDS               CELL (C [bass]|N|H D)*   filling the bar exactly
    COMPING PAD          CELL (O ([H] P D)+)* END by place, then by pitch
    DRUMS                CELL (O K+)* END         by place, then by drum

H: what sounded goes on (over a barline, or past D96). `H P D` names the pitch where the bar before it is not
told. Durations and places are grid ticks (24 to a quarter); pitches and roots are above tonic C. A chord
quality outside QUALITIES is told as the nearest inside: the only thing that is not exact on the way back.

>>> [NAMES[t] for t in (pitch_token(60), duration_token(24), chord_token(7, "7"), cell_token(Stream.BASS))]
['P60', 'D24', 'C7:7', 'CELL_bass']
"""

from enum import IntEnum
from functools import lru_cache

from engine.generation.chords.vocabulary import SEVENTH_NAMES, seventh_class
from engine.generation.language.grid import GRID, Stream
from engine.music import Mode
from engine.music.qualities import quality_intervals

QUALITIES = (
    *SEVENTH_NAMES,
    "sus2",
    "maj(9)",
    "min(9)",
    "9",
    "maj9",
    "min9",
    "7(b9)",
    "7(#9)",
    "13",
    "7(#11)",
    "maj6(9)",
    "sus4(b7,9)",
)
STYLES = (
    "",
    "song",
    "pop",
    "rock",
    "jazz",
    "blues",
    "funk",
    "soul",
    "latin",
    "hip-hop",
    "electronic",
    "folk",
    "dance",
    "hymn",
    "chorale",
    "lied",
    "classical",
    "game",
)
SECTIONS = ("intro", "verse", "pre-chorus", "chorus", "bridge", "solo", "outro", "other")
TEMPO_LIMITS = (60, 76, 92, 108, 124, 144, 176)
"""A tempo class ends below these quarters a minute; the eighth is open."""
LONGEST = 96
MOST_TICKS = 192
LOWEST_DRUM, HIGHEST_DRUM = 35, 81


class Relation(IntEnum):
    """How a bar is made from another one."""

    NEW = 0
    SAME = 1
    RHYTHM = 2
    VARY = 3
    SEQUENCE = 4


class Control(IntEnum):
    """What may be asked of a bar; each has classes from 0 (least) on."""

    DENSITY = 0
    REGISTER = 1
    CONTOUR = 2
    SYNCOPATION = 3
    CHORDRATE = 4
    SURPRISE = 5
    SIMILARITY = 6


CONTROL_CLASSES = {
    Control.DENSITY: 5,
    Control.REGISTER: 5,
    Control.CONTOUR: 4,
    Control.SYNCOPATION: 3,
    Control.CHORDRATE: 4,
    Control.SURPRISE: 4,
    Control.SIMILARITY: 6,
}

_SPECIAL = ("PAD", "BOS", "EOS", "RIGHT", "LEFT", "SPAN", "FILL", "BAR")
_MARKS = ("HOLE", "END", "REF", "ENDREF", "LOCK")
_DENOMINATORS = (2, 4, 8, 16)
_MOST_BEATS = 24
_MODES = tuple(Mode)

_names: list[str] = []


def _add(names: tuple[str, ...]) -> int:
    """Appends the names; the id of the first."""
    first = len(_names)
    _names.extend(names)
    return first


PAD, BOS, EOS, RIGHT, LEFT, SPAN, FILL, BAR = range(_add(_SPECIAL), len(_SPECIAL))
FIRST_CELL = _add(tuple(f"CELL_{stream.name.lower()}" for stream in Stream))
HOLE = _add(_MARKS)
END, REF, ENDREF, LOCK = range(HOLE + 1, HOLE + 5)
REST = _add(("R", "H", "N"))
HELD, NO_CHORD = REST + 1, REST + 2
FIRST_STYLE = _add(tuple(f"STYLE_{name or 'unknown'}" for name in STYLES))
FIRST_NUMERATOR = _add(tuple(f"NUM_{n}" for n in range(1, _MOST_BEATS + 1)))
FIRST_DENOMINATOR = _add(tuple(f"DEN_{n}" for n in _DENOMINATORS))
FIRST_MODE = _add(tuple(f"MODE_{mode.value}" for mode in _MODES))
FIRST_TEMPO = _add(tuple(f"TEMPO_{n}" for n in range(len(TEMPO_LIMITS) + 1)))
FIRST_CONTROL = {
    control: _add(tuple(f"{control.name}_{n}" for n in range(CONTROL_CLASSES[control])))
    for control in Control
}
FIRST_RELATION = _add(tuple(f"RELATION_{relation.name.lower()}" for relation in Relation))
FIRST_SECTION = _add(tuple(f"SECTION_{name}" for name in SECTIONS))
FIRST_PITCH = _add(tuple(f"P{pitch}" for pitch in range(128)))
FIRST_DURATION = _add(tuple(f"D{ticks}" for ticks in range(1, LONGEST + 1)))
FIRST_CHORD = _add(tuple(f"C{root}:{quality}" for root in range(12) for quality in QUALITIES))
FIRST_BASS = _add(tuple(f"/{bass}" for bass in range(12)))
FIRST_OFFSET = _add(tuple(f"O{ticks}" for ticks in range(MOST_TICKS)))
FIRST_DRUM = _add(tuple(f"K{drum}" for drum in range(LOWEST_DRUM, HIGHEST_DRUM + 1)))

NAMES = tuple(_names)
VOCABULARY_SIZE = len(NAMES)
IDS = {name: number for number, name in enumerate(NAMES)}
_QUALITY_IDS = {quality: number for number, quality in enumerate(QUALITIES)}


def cell_token(stream: Stream) -> int:
    return FIRST_CELL + stream


def pitch_token(pitch: int) -> int:
    return FIRST_PITCH + pitch


def duration_token(ticks: int) -> int:
    """1 to LONGEST ticks."""
    return FIRST_DURATION + ticks - 1


def duration_tokens(ticks: int) -> list[int]:
    """Any duration: D, or D96 H D for what lasts longer."""
    tokens = []
    while ticks > LONGEST:
        tokens += [duration_token(LONGEST), HELD]
        ticks -= LONGEST
    tokens.append(duration_token(ticks))
    return tokens


def chord_token(root: int, quality: str) -> int:
    """The chord, its quality reduced to QUALITIES; NO_CHORD for a root below 0."""
    if root < 0:
        return NO_CHORD
    return FIRST_CHORD + root % 12 * len(QUALITIES) + _QUALITY_IDS[told_quality(quality)]


def chord_of(token: int) -> tuple[int, str]:
    """Root and quality of a chord token; (-1, "N") for NO_CHORD."""
    if token == NO_CHORD:
        return -1, "N"
    root, quality = divmod(token - FIRST_CHORD, len(QUALITIES))
    return root, QUALITIES[quality]


def bass_token(pitch_class: int) -> int:
    return FIRST_BASS + pitch_class


def offset_token(ticks: int) -> int:
    return FIRST_OFFSET + ticks


def drum_token(drum: int) -> int:
    """A General MIDI drum; those outside the table as the nearest inside."""
    return FIRST_DRUM + min(max(drum, LOWEST_DRUM), HIGHEST_DRUM) - LOWEST_DRUM


def control_token(control: Control, value: int) -> int:
    if not 0 <= value < CONTROL_CLASSES[control]:
        raise ValueError(f"{control.name} has no class {value}")
    return FIRST_CONTROL[control] + value


def relation_token(relation: Relation) -> int:
    return FIRST_RELATION + relation


def style_token(style: str) -> int:
    """A style the vocabulary does not know is the unknown style."""
    return FIRST_STYLE + (STYLES.index(style) if style in STYLES else 0)


def mode_token(mode: Mode) -> int:
    return FIRST_MODE + _MODES.index(mode)


def tempo_token(bpm: float) -> int:
    """The class of a tempo in quarters a minute."""
    return FIRST_TEMPO + sum(bpm >= limit for limit in TEMPO_LIMITS)


def section_token(section: str) -> int:
    return FIRST_SECTION + SECTIONS.index(section if section in SECTIONS else "other")


def metre_tokens(metre: tuple[int, int], length: int) -> list[int]:
    """NUM DEN, then the length where it is not what they say."""
    numerator, denominator = metre
    while denominator not in _DENOMINATORS and denominator < _DENOMINATORS[0]:
        numerator, denominator = numerator * 2, denominator * 2
    denominator = min(denominator, _DENOMINATORS[-1])
    numerator = min(numerator, _MOST_BEATS)
    tokens = [FIRST_NUMERATOR + numerator - 1, FIRST_DENOMINATOR + _DENOMINATORS.index(denominator)]
    if numerator * 4 * GRID // denominator != length:
        tokens.append(FIRST_OFFSET + length % MOST_TICKS)
    return tokens


@lru_cache(maxsize=4_000)
def told_quality(quality: str) -> str:
    """The quality of QUALITIES that is nearest: of the same seventh class, sharing most tones.

    >>> told_quality("min11"), told_quality("7(b9)"), told_quality("13(#11)")
    ('min9', '7(b9)', '13')
    """
    if quality in _QUALITY_IDS:
        return quality
    tones = {tone % 12 for tone in quality_intervals(quality)}
    seventh = seventh_class(quality)
    same = [name for name in QUALITIES if seventh_class(name) is seventh]
    return min(same, key=lambda name: len(tones ^ {tone % 12 for tone in quality_intervals(name)}))
