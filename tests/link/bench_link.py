"""How long is the window held up while half a million notes come in, and how soon is a cancel answered?

    $ python -m tests.link.bench_link

Prints milliseconds. A 1 ms timer beats in the window's loop; its longest gap is what an artist feels. `cpu`
gaps are this process's own work alone, whatever else the machine is doing.
"""

import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QTimer

from app.enginelink.link import EngineLink, EngineState
from engine.api.messages import Cancelled, Done, Failed, ListModels, Reply, Request, TakeReady
from engine.music import Note, Origin, Role, Song, Track
from tests.link.asking import TROUBLE_ENGINE, ask

_LAST = (Done, Failed, Cancelled)


def main() -> int:
    application = QCoreApplication([])
    results: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as home:
        os.environ["UNDERSTUDY_HOME"] = home
        started = time.perf_counter()
        link = EngineLink(command=TROUBLE_ENGINE)
        link.start()
        _until(application, lambda: link.state is EngineState.READY)
        results["start_to_ready"] = _ms(time.perf_counter() - started)
        _until_s(application, 2.0)
        results["models_round_trip"] = _ms(min(_ask(application, link, ListModels())[1] for _ in range(20)))
        results["cancel_steps"] = _cancel(application, link, "steps")
        results["cancel_deaf"] = _cancel(application, link, "deaf")
        results |= _big(application, link, 500_000)
        link.stop()
    sys.stdout.write(json.dumps(results, indent=1) + "\n")
    return 0


def _big(application: QCoreApplication, link: EngineLink, count: int) -> dict[str, float]:
    """Send a song of so many notes and take its notes back, with a heart beating meanwhile."""
    notes = tuple(Note(i + 1, i * 8, 8, 36 + i % 60, 80, Origin.IMPORTED, "s") for i in range(count))
    song = Song(tracks=(Track(1, "All", Role.OTHER, notes=notes),))
    gc.collect()
    gc.freeze()  # as the link does with what it reads
    beats, work = [time.perf_counter()], [time.process_time()]
    heart = QTimer()
    heart.timeout.connect(lambda: (beats.append(time.perf_counter()), work.append(time.process_time())))
    heart.start(1)
    replies, passed = _ask(application, link, ask("echo", song=song))
    heart.stop()
    gaps, cpu = (sorted(_ms(after - before) for before, after in pairwise(times)) for times in (beats, work))
    same = any(isinstance(reply, TakeReady) and reply.take.notes == notes for reply in replies)
    return {
        "big_notes": count,
        "big_is_the_same": same,
        "big_round_trip": _ms(passed),
        "big_longest_gap": gaps[-1],
        "big_second_longest_gap": gaps[-2],
        "big_p99_gap": gaps[int(len(gaps) * 0.99)],
        "big_longest_cpu_gap": cpu[-1],
        "big_p99_cpu_gap": cpu[int(len(cpu) * 0.99)],
    }


def _cancel(application: QCoreApplication, link: EngineLink, style: str) -> float:
    """Worst of several cancels, from the call to the reply."""
    worst = 0.0
    for _ in range(8):
        ended: list[float] = []
        request_id = link.send(
            ask(style, 16), lambda r, e=ended: e.append(time.perf_counter()) if isinstance(r, _LAST) else None
        )
        _until_s(application, 0.1)
        started = time.perf_counter()
        link.cancel(request_id)
        _until(application, lambda e=ended: bool(e))
        worst = max(worst, ended[0] - started)
    return _ms(worst)


def _ask(application: QCoreApplication, link: EngineLink, request: Request) -> tuple[list[Reply], float]:
    replies: list[Reply] = []
    started = time.perf_counter()
    link.send(request, replies.append)
    _until(application, lambda: bool(replies) and isinstance(replies[-1], _LAST))
    return replies, time.perf_counter() - started


def _until(application: QCoreApplication, is_so: Callable[[], bool]) -> None:
    while not is_so():
        application.processEvents()
        time.sleep(0.0005)


def _until_s(application: QCoreApplication, seconds: float) -> None:
    end = time.perf_counter() + seconds
    _until(application, lambda: time.perf_counter() > end)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


if __name__ == "__main__":
    sys.exit(main())
