"""Requests and a waiting helper for the tests of the link and the process."""

import sys
from pathlib import Path

from engine.api.messages import Reply, Suggest
from engine.api.suggestion import Controls, Kind, SuggestionRequest
from engine.music import Note, Region, Role, Song, Track

TROUBLE_ENGINE = (sys.executable, "-P", str(Path(__file__).with_name("trouble_engine.py")))
SMALL_SONG = Song("Air", tracks=(Track(1, "Flute", Role.MELODY, notes=(Note(2, 0, 7680, 72),)),), next_id=3)


def ask(style: str = "steps", takes: int = 2, song: Song = SMALL_SONG) -> Suggest:
    """A request that the trouble engine answers in the way the style names."""
    controls = Controls(style=style)
    return Suggest(
        SuggestionRequest(Kind.RESTYLE, song, Region(0, 2), Role.OTHER, controls=controls, takes=takes)
    )


def names(replies: list[Reply]) -> list[str]:
    return [type(reply).__name__ for reply in replies]
