"""The engine as a process: requests come in on one pipe, replies go out on the other, until the pipe closes.

    $ python -m engine serve

The main thread only listens, so that a cancel or a ping is answered in mid-job. The process ends at once when
its input ends, also in mid-job: a window that is gone has no use for ideas.
"""

import faulthandler
import os
import signal
import threading
from collections.abc import Callable

from engine import __version__
from engine.api.errors import Reason
from engine.api.lines import LineReader, claimed_id
from engine.api.messages import (
    PROTOCOL_VERSION,
    AddFolder,
    Cancel,
    Failed,
    FindSimilar,
    ForgetFolder,
    Hello,
    ListFolders,
    ListModels,
    Ping,
    Pong,
    PredictNextChord,
    Request,
)
from engine.music.errors import MusicError
from engine.service.engine import Engine
from engine.service.jobs import Lane, Outlet, leave
from engine.service.logs import log_line
from engine.service.stdio import Wire

_QUICK = (PredictNextChord, ListModels, ListFolders)
_SLOW = (AddFolder, ForgetFolder, FindSimilar)


class Desk:
    """Takes the lines that come in and passes each to where it belongs."""

    def __init__(self, engine: Engine, outlet: Outlet) -> None:
        self._outlet = outlet
        self._reader = LineReader("request")
        self._work = Lane(engine, outlet)
        self._quick = Lane(engine, outlet)
        self._slow = Lane(engine, outlet)  # reading a folder of songs takes minutes; ideas do not wait

    def take(self, line: bytes) -> None:
        """Act on one line; a broken one is answered with a sentence."""
        try:
            message = self._reader.read(line)
        except MusicError as error:
            log_line(f"A line of {len(line)} bytes was refused: {error}")
            self._outlet.say(claimed_id(line), Failed(Reason.BAD_REQUEST, str(error)))
            return
        if message is not None:
            self._pass_on(*message)

    def _pass_on(self, request_id: int, request: Request) -> None:
        lanes = (self._work, self._quick, self._slow)
        if isinstance(request, Cancel):
            self._reader.forget(request.request_id)
            for lane in lanes:
                lane.cancel(request.request_id)
        elif isinstance(request, Ping):
            silent_s = max(lane.silent_s() for lane in lanes)
            self._outlet.say(request_id, Pong(silent_s, sum(lane.strays() for lane in lanes)))
        else:
            self._lane_of(request).add(request_id, request)

    def _lane_of(self, request: Request) -> Lane:
        if isinstance(request, _QUICK):
            return self._quick
        return self._slow if isinstance(request, _SLOW) else self._work


def serve(wire: Wire, engine: Engine | None = None) -> None:
    """Say hello, then answer until the input ends; does not return."""
    engine = engine or Engine()
    faulthandler.enable()  # a crash in native code leaves its trace where the window finds it
    signal.signal(signal.SIGTERM, lambda *_: leave())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which then closes our input
    outlet = Outlet(wire.outgoing)
    desk = Desk(engine, outlet)
    outlet.say(0, Hello(__version__, PROTOCOL_VERSION, engine.device))
    _in_the_background(engine.warm_up)
    with os.fdopen(wire.incoming, "rb") as lines:
        for line in lines:
            desk.take(line)
    leave()


def _in_the_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="warm up", daemon=True).start()
