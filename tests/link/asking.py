"""Requests and a waiting helper for the tests of the link and the process."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.enginelink.link import EngineLink
from engine.api.messages import Cancelled, Done, Failed, Reply, Request, Suggest
from engine.api.suggestion import Controls, Kind, SuggestionRequest
from engine.music import Note, Region, Role, Song, Track

TROUBLE_ENGINE = (sys.executable, "-P", str(Path(__file__).with_name("trouble_engine.py")))
WAIT_MS = 20_000
_LAST = (Done, Failed, Cancelled)
SMALL_SONG = Song("Air", tracks=(Track(1, "Flute", Role.MELODY, notes=(Note(2, 0, 7680, 72),)),), next_id=3)


def ask(style: str = "steps", takes: int = 2, song: Song = SMALL_SONG) -> Suggest:
    """A request that the trouble engine answers in the way the style names."""
    controls = Controls(style=style)
    return Suggest(
        SuggestionRequest(Kind.RESTYLE, song, Region(0, 2), Role.OTHER, controls=controls, takes=takes)
    )


def names(replies: list[Reply]) -> list[str]:
    return [type(reply).__name__ for reply in replies]


class Asked:
    """A request on its way, with what came back and when."""

    def __init__(self, link: EngineLink, request: Request) -> None:
        self.replies: list[Reply] = []
        self.ended_s: float | None = None
        self.id = link.send(request, self._take)

    def _take(self, reply: Reply) -> None:
        self.replies.append(reply)
        if isinstance(reply, _LAST):
            self.ended_s = time.perf_counter()

    @property
    def last(self) -> Reply:
        return self.replies[-1]

    def has_ended(self) -> bool:
        return self.ended_s is not None

    def has(self, kind: type[Reply]) -> Callable[[], bool]:
        return lambda: any(isinstance(reply, kind) for reply in self.replies)


def end(qtbot: QtBot, *asked: Asked) -> None:
    qtbot.waitUntil(lambda: all(one.has_ended() for one in asked), timeout=WAIT_MS)


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True
