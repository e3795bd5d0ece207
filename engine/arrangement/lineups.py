"""Who plays in a style? Read from `assets/patterns/lineups.txt`.

>>> [role.value for role in lineup("tango", 0.3)]
['chords', 'bass']
"""

from functools import lru_cache

from engine.api.errors import BadFileError
from engine.formats.patterns import PATTERNS
from engine.music import Role

_FILE = PATTERNS / "lineups.txt"
_FULL = 0.6
_USUAL = ((Role.DRUMS, Role.BASS, Role.CHORDS), (Role.PAD, Role.COUNTER))


def lineup(style: str, level: float = 1.0) -> tuple[Role, ...]:
    """Everyone who plays at a level of fullness, 0-1."""
    always, fuller = _lineups().get(style, _USUAL)
    return (*always, *fuller) if level >= _FULL else always


@lru_cache(maxsize=1)
def _lineups() -> dict[str, tuple[tuple[Role, ...], tuple[Role, ...]]]:
    try:
        lines = _FILE.read_text(encoding="utf-8").splitlines()
        return dict(_line(line) for line in lines if line.strip() and not line.startswith("#"))
    except (OSError, ValueError) as error:
        raise BadFileError("The list of who plays in which style cannot be read.") from error


def _line(text: str) -> tuple[str, tuple[tuple[Role, ...], tuple[Role, ...]]]:
    name, _, players = text.partition(":")
    always, _, fuller = players.partition("|")
    return name.strip(), (tuple(map(Role, always.split())), tuple(map(Role, fuller.split())))
