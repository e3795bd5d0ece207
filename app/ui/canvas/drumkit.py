"""Which drum is it? Rows of the drum roll by General MIDI percussion numbers (GM 1, key map).

>>> drum_name(36), drum_name(100)
('Kick', 'Drum 100')
"""

from collections.abc import Iterable

_NAMES = {
    35: "Kick 2",
    36: "Kick",
    37: "Side stick",
    38: "Snare",
    39: "Clap",
    40: "Snare 2",
    41: "Floor tom 2",
    42: "Closed hat",
    43: "Floor tom",
    44: "Pedal hat",
    45: "Low tom",
    46: "Open hat",
    47: "Mid tom 2",
    48: "Mid tom",
    49: "Crash",
    50: "High tom",
    51: "Ride",
    52: "China",
    53: "Ride bell",
    54: "Tambourine",
    55: "Splash",
    56: "Cowbell",
    57: "Crash 2",
    58: "Vibraslap",
    59: "Ride 2",
    60: "High bongo",
    61: "Low bongo",
    62: "Mute conga",
    63: "Open conga",
    64: "Low conga",
    65: "High timbale",
    66: "Low timbale",
    67: "High agogo",
    68: "Low agogo",
    69: "Cabasa",
    70: "Maracas",
    71: "Short whistle",
    72: "Long whistle",
    73: "Short guiro",
    74: "Long guiro",
    75: "Claves",
    76: "High block",
    77: "Low block",
    78: "Mute cuica",
    79: "Open cuica",
    80: "Mute triangle",
    81: "Triangle",
}
# a drum set from cymbals down to the kick, as drummers' maps are read
_SET = (49, 57, 55, 52, 51, 59, 53, 46, 42, 44, 50, 48, 47, 45, 43, 41, 38, 40, 37, 39, 54, 56, 36, 35)


def drum_name(pitch: int) -> str:
    """What the drum is called."""
    return _NAMES.get(pitch, f"Drum {pitch}")


def drum_rows(used: Iterable[int]) -> tuple[int, ...]:
    """Rows from top to bottom: percussion that is used beyond the set first, then the set."""
    beyond = sorted(set(used) - set(_SET), reverse=True)
    return (*beyond, *_SET)
