"""The real engine process, with one more kind that misbehaves on purpose: the style of a request says how.

Run as a script, it serves on its pipes like `python -m engine serve`. It also ends itself with NETWORK_EXIT
when anything in it so much as makes a socket.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from engine.service.stdio import claim_wire

wire = claim_wire() if __name__ == "__main__" else None

from engine.api.errors import ImpossibleError  # noqa: E402
from engine.api.messages import Partial, Progress  # noqa: E402
from engine.api.suggestion import Kind, SuggestionRequest, Take  # noqa: E402
from engine.generation import registry  # noqa: E402
from engine.music import Note, Role  # noqa: E402
from engine.service import rooms  # noqa: E402
from engine.service.engine import Engine  # noqa: E402

SERVES = ((Kind.RESTYLE, Role.OTHER),)
NETWORK_EXIT = 99
STEP_S = 0.005


def suggest(
    request: SuggestionRequest, checkpoint: registry.Checkpoint
) -> Iterator[Take | Partial | Progress]:
    """Takes of one note each, after the trouble that the style names."""
    if request.controls.style == "echo":
        yield Take(0, "The same", notes=request.song.tracks[0].notes)
        return
    _TROUBLE[request.controls.style](request)
    for index in range(request.takes):
        yield Progress(index / request.takes, "Trying")
        yield Partial(_take(index))
        for _ in range(10):
            time.sleep(STEP_S)
            checkpoint()
        yield _take(index)


def install() -> None:
    """Serve this kind in this process, and no other: to import the real ones takes its time."""
    kinds = {SERVES[0]: sys.modules[__name__]}
    registry._generators = lambda: kinds  # type: ignore[assignment]
    rooms._ROOMS.clear()


def _take(index: int) -> Take:
    return Take(index, f"Take {index}", notes=(Note(1, 0, 480, 60 + index),))


def _nothing(_: SuggestionRequest) -> None:
    pass


def _deaf(_: SuggestionRequest) -> None:
    time.sleep(0.6)


def _stuck(_: SuggestionRequest) -> None:
    while True:
        time.sleep(0.02)


def _frozen(_: SuggestionRequest) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _killed(_: SuggestionRequest) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _aborts(_: SuggestionRequest) -> None:
    os.abort()


def _prints(_: SuggestionRequest) -> None:
    print('{"id":1,"type":"done","body":{"elapsed_s":0.0}}', flush=True)  # noqa: T201
    sys.__stdout__.write("stray\n")
    sys.__stdout__.flush()
    os.write(1, b"more stray\n")
    subprocess.run([sys.executable, "-S", "-c", "print('child')"], check=True)


def _raises(error: BaseException):
    def trouble(_: SuggestionRequest) -> None:
        raise error

    return trouble


_TROUBLE = {
    "steps": _nothing,
    "deaf": _deaf,
    "stuck": _stuck,
    "frozen": _frozen,
    "killed": _killed,
    "aborts": _aborts,
    "prints": _prints,
    "broken": _raises(ZeroDivisionError("division by zero")),
    "memory": _raises(MemoryError()),
    "leaves": _raises(SystemExit(3)),
    "impossible": _raises(ImpossibleError("No pitch is left between the locks.")),
}


class ColdEngine(Engine):
    """Does not warm up: the trouble needs no models, and the tests start many engines."""

    def warm_up(self) -> None:
        pass


def _forbid_network(event: str, _arguments: tuple[object, ...]) -> None:
    if event.startswith("socket."):
        os._exit(NETWORK_EXIT)


if __name__ == "__main__":
    from engine.service.serve import serve

    install()
    sys.addaudithook(_forbid_network)
    serve(wire, ColdEngine())
