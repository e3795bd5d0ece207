"""How do questions reach the trainer in time, and in the same order after a restart?

Questions come in pools. A pool is a function of its number (and of whether the run is in its fall, which
weighs the sources differently), made in one process of its own beside the training. A run's place in the data
is then a pool and a batch in it: nothing else has to be kept. Learners that share a run take every n-th pool.
"""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from engine.api.errors import EngineError
from engine.training.infill.batches import Batch

AHEAD = 2
"""Pools that are asked for before they are needed."""
Pools = Callable[[int, bool], list[Batch]]
"""The batches of a pool, given its number and whether the run is falling."""


class PoolMaker(Protocol):
    """Something a new process can be given, to make pools there."""

    def open(self) -> Pools: ...


class Feed(Protocol):
    """Pools asked for now and taken later, in any order."""

    def ask(self, number: int, is_falling: bool) -> None: ...

    def take(self, number: int) -> list[Batch]: ...

    def close(self) -> None: ...


class DirectFeed:
    """Makes every pool when it is taken, in this process."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._asked: dict[int, bool] = {}

    def ask(self, number: int, is_falling: bool) -> None:
        self._asked[number] = is_falling

    def take(self, number: int) -> list[Batch]:
        return self._pools(number, self._asked.pop(number))

    def close(self) -> None:
        self._asked.clear()


class BackgroundFeed:
    """Makes pools in one other process, which ends with this one."""

    def __init__(self, maker: PoolMaker) -> None:
        context = multiprocessing.get_context("spawn")
        self._asked: Any = context.Queue()
        self._made: Any = context.Queue()
        self._ready: dict[int, list[Batch]] = {}
        self._process: BaseProcess = context.Process(
            target=_make_pools, args=(maker, self._asked, self._made), daemon=True
        )
        self._process.start()

    def ask(self, number: int, is_falling: bool) -> None:
        self._asked.put((number, is_falling))

    def take(self, number: int) -> list[Batch]:
        """Waits for the pool. Raises EngineError when it cannot be made."""
        while number not in self._ready:
            made, batches, complaint = self._next()
            if complaint:
                raise EngineError(f"The questions to learn from could not be made: {complaint.rstrip('.')}.")
            self._ready[made] = batches
        return self._ready.pop(number)

    def _next(self) -> tuple[int, list[Batch], str]:
        from queue import Empty

        while True:
            try:
                found: tuple[int, list[Batch], str] = self._made.get(timeout=5)
                return found
            except Empty:
                if not self._process.is_alive():
                    return -1, [], "the process that makes them ended."

    def close(self) -> None:
        self._process.terminate()
        self._process.join()


def _make_pools(maker: PoolMaker, asked: Any, made: Any) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pools = maker.open()
        while True:
            number, is_falling = asked.get()
            made.put((number, pools(number, is_falling), ""))
    except Exception:
        made.put((-1, [], traceback.format_exc()))


@dataclass
class Place:
    """Where a learner is in its pools: the pool, the next batch, and the first pool weighed for the fall."""

    pool: int = 0
    batch: int = 0
    fall_pool: int = -1

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


class Course:
    """One learner's batches in order, from a place on."""

    def __init__(self, feed: Feed, place: Place, shard: int = 0, shards: int = 1) -> None:
        self.place = place
        self._feed, self._shard, self._shards = feed, shard, shards
        self._batches: list[Batch] = []
        self._asked = place.pool
        self._ask()

    def next(self, is_falling: bool) -> Batch:
        """The next batch. From the first call with `is_falling` on, pools not yet asked for follow."""
        place = self.place
        if not self._batches:
            self._batches = self._feed.take(self._number(place.pool))
        if is_falling and place.fall_pool < 0:
            place.fall_pool = place.pool + AHEAD + 1
        batch = self._batches[place.batch]
        place.batch += 1
        if place.batch == len(self._batches):
            place.pool, place.batch, self._batches = place.pool + 1, 0, []
            self._ask()
        return batch

    def _ask(self) -> None:
        while self._asked <= self.place.pool + AHEAD:
            is_falling = 0 <= self.place.fall_pool <= self._asked
            self._feed.ask(self._number(self._asked), is_falling)
            self._asked += 1

    def _number(self, pool: int) -> int:
        return pool * self._shards + self._shard
