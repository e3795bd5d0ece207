"""How is a chord shown: its symbol spelled for the key, its numeral, and the colour of its function?

>>> chord_look(Chord.parse("Bb7"), Key(3)).roman
'V'
"""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor

from app.ui import theme
from engine.music import Chord, Key
from engine.music.roman import Function, function, roman

_COLOURS = {
    Function.TONIC: theme.TONIC,
    Function.SUBDOMINANT: theme.SUBDOMINANT,
    Function.DOMINANT: theme.DOMINANT,
    Function.OTHER: theme.OTHER_FUNCTION,
}


@dataclass(frozen=True, slots=True)
class ChordLook:
    label: str
    roman: str
    colour: QColor


@lru_cache(maxsize=4_000)
def chord_look(chord: Chord, key: Key, following: Chord | None = None) -> ChordLook:
    """Symbol, numeral and colour of a chord in its key."""
    return ChordLook(chord.lead_sheet(key), roman(chord, key, following), _COLOURS[function(chord, key)])


@lru_cache(maxsize=4_000)
def lead_sheet(chord: Chord, key: Key) -> str:
    """The chord's symbol, spelled for the key."""
    return chord.lead_sheet(key)
