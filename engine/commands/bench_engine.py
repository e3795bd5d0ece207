"""How long until the engine process says hello, answers a small question, and lets go of a job?"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from engine.api.lines import LineReader, request_lines
from engine.api.messages import Cancelled, Done, Failed, ListModels, Ping, Reply, Request

_STARTS = 5
_QUESTIONS = 50
_LAST = (Done, Failed, Cancelled)


class _Process:
    def __init__(self) -> None:
        home = str(Path(__file__).resolve().parents[2])
        self._process = subprocess.Popen(
            (sys.executable, "-P", "-m", "engine", "serve"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": home},
        )
        self._reader = LineReader("reply")

    def read(self) -> Reply:
        assert self._process.stdout is not None
        while True:
            message = self._reader.read(self._process.stdout.readline())
            if message is not None:
                reply: Reply = message[1]
                return reply

    def ask(self, request_id: int, request: Request) -> None:
        assert self._process.stdin is not None
        for line in request_lines(request_id, request):
            self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def end_s(self) -> float:
        assert self._process.stdin is not None
        started = time.perf_counter()
        self._process.stdin.close()
        self._process.wait()
        return time.perf_counter() - started


def run() -> dict[str, float]:
    """Medians in milliseconds; `worst` is the slowest of all."""
    starts, ends = [], []
    for _ in range(_STARTS):
        started = time.perf_counter()
        process = _Process()
        process.read()
        starts.append(time.perf_counter() - started)
        ends.append(process.end_s())
    process = _Process()
    process.read()
    time.sleep(2.0)  # let it warm up
    pings = [_round_trip(process, 1000 + index, Ping()) for index in range(_QUESTIONS)]
    models = [_round_trip(process, 2000 + index, ListModels()) for index in range(_QUESTIONS)]
    process.end_s()
    return {
        "hello_ms": _ms(statistics.median(starts)),
        "hello_worst_ms": _ms(max(starts)),
        "end_ms": _ms(statistics.median(ends)),
        "ping_ms": _ms(statistics.median(pings)),
        "ping_worst_ms": _ms(max(pings)),
        "models_ms": _ms(statistics.median(models)),
    }


def _round_trip(process: _Process, request_id: int, request: Request) -> float:
    started = time.perf_counter()
    process.ask(request_id, request)
    while not isinstance(process.read(), _LAST) and not isinstance(request, Ping):
        continue
    return time.perf_counter() - started


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
