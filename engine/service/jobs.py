"""How do several requests share one engine, and how is one stopped at once?

Work runs in a lane, one job after the other, each in a thread of its own. A cancelled job is answered
at once and the next one begins; the old thread ends at its next checkpoint (every 20 ms in generators) and
whatever it still says is dropped at the outlet. Quick questions have a lane of their own and so overtake.
"""

import os
import threading
import time
from collections import deque
from typing import NoReturn

from engine.api.lines import reply_lines
from engine.api.messages import Cancelled, Done, Failed, Queued, Reply, Request
from engine.service.engine import Engine, Interrupted

_LAST = (Done, Failed, Cancelled)


class Outlet:
    """The way out to the app: whole lines, and nothing about a request that is over."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._open: set[int] = set()

    def open(self, request_id: int) -> bool:
        """Begin to answer a request; false when it is already being answered."""
        with self._lock:
            if request_id in self._open:
                return False
            self._open.add(request_id)
            return True

    def send(self, request_id: int, reply: Reply) -> None:
        """Send a reply of an open request; the last one closes it. Late replies are dropped."""
        is_last = isinstance(reply, _LAST)
        for line in reply_lines(request_id, reply):
            with self._lock:
                if request_id not in self._open:
                    return
                if is_last:
                    self._open.remove(request_id)
                self._write(line)

    def say(self, request_id: int, reply: Reply) -> None:
        """Send a single reply that belongs to no job."""
        for line in reply_lines(request_id, reply):
            with self._lock:
                self._write(line)

    def _write(self, line: str) -> None:
        rest = memoryview(line.encode() + b"\n")
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            leave()  # nobody listens any more


def leave() -> NoReturn:
    """End this process now, whatever its threads are doing."""
    os._exit(0)


class Job:
    """One request being answered."""

    def __init__(self, request_id: int, request: Request) -> None:
        self.request_id = request_id
        self.request = request
        self.is_cancelled = False
        self.last_sign = time.monotonic()

    def checkpoint(self) -> None:
        """A sign of life. Raises Interrupted when the job was cancelled."""
        self.last_sign = time.monotonic()
        if self.is_cancelled:
            raise Interrupted


class Lane:
    """Jobs of one sort, in the order they came, one at a time."""

    def __init__(self, engine: Engine, outlet: Outlet) -> None:
        self._engine = engine
        self._outlet = outlet
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._strays: set[Job] = set()

    def add(self, request_id: int, request: Request) -> None:
        """Queue a request. An id that is still being answered is not taken twice."""
        if not self._outlet.open(request_id):
            return
        self._outlet.send(request_id, Queued())
        with self._lock:
            self._waiting.append(Job(request_id, request))
            self._start_next()

    def cancel(self, request_id: int) -> None:
        """Answer `cancelled` now if the request is in this lane and not answered yet."""
        with self._lock:
            for job in list(self._waiting):
                if job.request_id == request_id:
                    self._waiting.remove(job)
                    self._outlet.send(request_id, Cancelled())
            job_running = self._running
            if job_running is not None and job_running.request_id == request_id:
                job_running.is_cancelled = True
                self._outlet.send(request_id, Cancelled())
                self._strays.add(job_running)
                self._running = None
                self._start_next()

    def silent_s(self) -> float:
        """How long the running job has shown no sign of life."""
        job = self._running
        return 0.0 if job is None else time.monotonic() - job.last_sign

    def strays(self) -> int:
        """How many cancelled jobs have not come to an end yet."""
        return len(self._strays)

    def _start_next(self) -> None:
        if self._running is None and self._waiting:
            job = self._waiting.popleft()
            job.last_sign = time.monotonic()
            self._running = job
            threading.Thread(
                target=self._work, args=(job,), name=f"job {job.request_id}", daemon=True
            ).start()

    def _work(self, job: Job) -> None:
        def emit(reply: Reply) -> None:
            job.last_sign = time.monotonic()
            self._outlet.send(job.request_id, reply)

        self._engine.handle(job.request, emit, job.checkpoint)
        with self._lock:
            self._strays.discard(job)
            if self._running is job:
                self._running = None
            self._start_next()
