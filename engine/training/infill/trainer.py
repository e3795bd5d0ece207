"""From first weights to a model that can be released, stopped and taken up again anywhere in between.

A run is a folder: checkpoints every few minutes, `stable.*` (where the rate began to fall), and `log.jsonl`,
one line of measurements at a time. The rate falls by tokens; when the time given runs short the fall begins
earlier, sized to what can still be read. Several processes under torchrun learn as one: each takes its share
of the pools, gradients are summed, and the first process keeps the folder.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine.api.errors import BadRequestError
from engine.generation.infill.weights import Sizes
from engine.generation.language.grid import Stream
from engine.training.infill.checkpoints import keep_checkpoint, newest_checkpoint, restore, save_checkpoint
from engine.training.infill.feeding import Course, Feed, Place
from engine.training.infill.learner import GROUPS, Learner, Learning, StepReport, is_shared
from engine.training.infill.schedule import Schedule, schedule_of
from engine.training.pace import progress_line

GROUP_NAMES = ("context", *(stream.name.lower() for stream in Stream))
LEAST_SECONDS = 20.0
"""No speed is believed before."""
Measure = Callable[[Learner], dict[str, float]]
_LONGEST_MEASURE = timedelta(hours=2)
"""For so long the others wait while the first process reads the corpus or measures."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is trained and for how long; `budget_minutes` 0: as long as the tokens take.

    `fall_dropout`: the share of numbers forgotten while the rate falls; None: as many as before.
    """

    sizes: Sizes
    learning: Learning = field(default_factory=Learning)
    peak: float = 2e-3
    batch_tokens: int = 4096
    warmup_steps: int = 200
    tokens: int = 45_000_000
    fall_share: float = 0.3
    fall_dropout: float | None = None
    budget_minutes: float = 0.0
    checkpoint_minutes: float = 3.0
    measure_tokens: int = 2_000_000
    log_steps: int = 25
    shards: int = 1
    seed: int = 1

    def schedule(self) -> Schedule:
        warmup = self.warmup_steps * self.batch_tokens * self.shards
        return schedule_of(self.peak, warmup, self.tokens, self.fall_share)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Progress:
    """How far a run is."""

    schedule: Schedule
    tokens: int = 0
    seconds: float = 0.0
    saved_at: float = 0.0
    measured_at: int = 0


class Trainer:
    """One run in one process (or this process's part of it)."""

    def __init__(
        self, run: Run, folder: Path, feed: Feed, measure: Measure | None = None, start: Path | None = None
    ) -> None:
        """`start` is a checkpoint to fall from; without it the folder's newest is taken up again.

        Raises BadFileError when the checkpoint is another network's or damaged.
        """
        self.run, self.folder, self._measure = run, folder, measure
        self.rank, self.processes = _rank()
        self.learner = Learner(run.sizes, run.learning, run.seed)
        self.progress = Progress(run.schedule())
        places = [Place() for _ in range(run.shards)]
        newest = newest_checkpoint(folder)
        if newest or start:
            places = self._take_up(newest or start, is_new_fall=newest is None)
        own = range(self.rank, run.shards, self.processes)
        self._courses = [Course(feed, places[shard], shard, run.shards) for shard in own]
        self._window = StepReport.of(())
        self._window_seconds = 0.0
        self._is_stopped = False

    def _take_up(self, path: Path | None, is_new_fall: bool) -> list[Place]:
        assert path is not None
        card = restore(self.learner, path)
        schedule, tokens = Schedule(**card["schedule"]), card["tokens"]
        if is_new_fall:
            share = self.run.fall_share
            schedule = schedule.falling_now(tokens, round(tokens * share / (1 - share)))
        self.progress = Progress(schedule, tokens, card["seconds"], card["seconds"], tokens)
        return [Place(**place) for place in card["places"]]

    def learn(self, most_steps: int = 0) -> Path:
        """Goes on to the end (or for so many steps, or until told to end by a signal); returns the last
        checkpoint."""
        previous = signal.signal(signal.SIGTERM, self._stop)
        done = 0
        try:
            while not self._is_over(done, most_steps):
                self._step()
                done += 1
        finally:
            signal.signal(signal.SIGTERM, previous)
        self._report()
        return self._save()

    def _stop(self, *_: object) -> None:
        self._is_stopped = True

    def _is_over(self, done: int, most_steps: int) -> bool:
        progress = self.progress
        is_over = self._is_stopped or (most_steps and done >= most_steps)
        return _agreed(bool(is_over)) or progress.schedule.is_done(progress.tokens)

    def _step(self) -> None:
        begun = time.perf_counter()
        progress = self.progress
        batches = [course.next(self._is_falling()) for course in self._courses]
        report = self.learner.step(batches, self._rate(), self.rank, self._dropout())
        progress.tokens += report.tokens
        spent = time.perf_counter() - begun
        progress.seconds += spent
        self._window_seconds += spent
        self._window.sums += report.sums
        self._window.steepness = report.steepness
        if self.learner.steps % self.run.log_steps == 0:
            self._report()
        self._watch()

    def _rate(self) -> float:
        """Never quite 0: the first step learns too."""
        tokens = self.progress.tokens + self.run.batch_tokens * self.run.shards
        return self.progress.schedule.rate(min(tokens, self.progress.schedule.fall_to - 1))

    def _dropout(self) -> float:
        in_fall = self.run.fall_dropout
        return self.run.learning.dropout if in_fall is None or not self._is_falling() else in_fall

    def _is_falling(self) -> bool:
        return self.progress.schedule.is_falling(self.progress.tokens)

    def _watch(self) -> None:
        """Begins the fall, measures and saves when it is time."""
        progress, run = self.progress, self.run
        if not self._is_falling() and _agreed(self._is_late()):
            left = max(60.0, 60 * run.budget_minutes - progress.seconds)
            speed = progress.tokens / progress.seconds
            progress.schedule = _shared_schedule(
                progress.schedule.falling_now(progress.tokens, round(left * speed))
            )
        if self._is_falling() and not (self.folder / "stable.json").exists() and self._just_began():
            checkpoint = self._save()
            if self.rank == 0:
                keep_checkpoint(checkpoint, "stable")
        if progress.tokens - progress.measured_at >= run.measure_tokens:
            self._note(self._measured())
        if _agreed(progress.seconds - progress.saved_at >= 60 * run.checkpoint_minutes):
            self._save()

    def _just_began(self) -> bool:
        most = 2 * self.run.batch_tokens * self.run.shards
        return self.progress.tokens - self.progress.schedule.fall_from <= most

    def _is_late(self) -> bool:
        """Would the fall, begun now, use up what is left of the time?"""
        budget, seconds = 60 * self.run.budget_minutes, self.progress.seconds
        return budget > 0 and seconds > LEAST_SECONDS and seconds >= budget * (1 - self.run.fall_share)

    def _measured(self) -> dict[str, Any]:
        self.progress.measured_at = self.progress.tokens
        if self._measure is None or self.rank > 0:
            return {}
        return {"heldout": self._measure(self.learner)}

    def _report(self) -> None:
        """One line about the steps since the last."""
        window, progress = self._window, self.progress
        if not window.tokens:
            return
        speed = window.tokens / max(self._window_seconds, 1e-9)
        losses = {
            GROUP_NAMES[group]: round(float(window.losses[group] / window.counts[group]), 4)
            for group in range(GROUPS)
            if window.counts[group]
        }
        left = max(0, progress.schedule.fall_to - progress.tokens) / speed / 60
        if self.run.budget_minutes:
            left = min(left, max(0.0, self.run.budget_minutes - progress.seconds / 60))
        self._note(
            {
                "loss": losses,
                "steepness": round(window.steepness, 3),
                "rate": round(self._rate(), 6),
                "tokens_per_s": round(speed),
                "minutes_left": round(left, 1),
            }
        )
        self._window, self._window_seconds = StepReport.of(()), 0.0

    def _note(self, what: dict[str, Any]) -> None:
        """A line of the log."""
        if self.rank > 0 or not what:
            return
        progress = self.progress
        line = {"step": self.learner.steps, "tokens": progress.tokens, "seconds": round(progress.seconds, 1)}
        line |= what
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        logging.getLogger(__name__).info("%s", progress_line(line, progress.schedule.fall_to))

    def _save(self) -> Path:
        progress = self.progress
        progress.saved_at = progress.seconds
        card = {
            "run": self.run.as_dict(),
            "schedule": asdict(progress.schedule),
            "tokens": progress.tokens,
            "seconds": round(progress.seconds, 3),
            "places": self._places(),
        }
        if self.rank > 0:
            return self.folder / f"step-{self.learner.steps:08d}.json"
        return save_checkpoint(self.folder, self.learner, card)

    def _places(self) -> list[dict[str, int]]:
        """Of all shards, in order."""
        own = [course.place.as_dict() for course in self._courses]
        if not is_shared():
            return own
        import torch
        from torch import distributed

        found = torch.zeros(self.run.shards, 3, dtype=torch.int64)
        for number, place in enumerate(own):
            found[self.rank + number * self.processes] = torch.tensor(list(place.values()))
        distributed.all_reduce(found)
        names = list(Place().as_dict())
        return [dict(zip(names, row, strict=True)) for row in found.tolist()]


def _rank() -> tuple[int, int]:
    from torch import distributed

    return (distributed.get_rank(), distributed.get_world_size()) if is_shared() else (0, 1)


def _agreed(claim: bool) -> bool:
    """What the first process says counts for all."""
    if not is_shared():
        return claim
    import torch
    from torch import distributed

    said = torch.tensor([int(claim)])
    distributed.broadcast(said, 0)
    return bool(said.item())


def _shared_schedule(schedule: Schedule) -> Schedule:
    """The first process's."""
    if not is_shared():
        return schedule
    import torch
    from torch import distributed

    said = torch.tensor([schedule.fall_from, schedule.fall_to])
    distributed.broadcast(said, 0)
    return replace(schedule, fall_from=int(said[0]), fall_to=int(said[1]))


def is_first() -> bool:
    """Is this the process that keeps the folder and speaks? True where there is one."""
    return _rank()[0] == 0


def wait_for_first() -> None:
    """Until the first process has come here too."""
    from torch import distributed

    if is_shared():
        distributed.barrier()


def device_here() -> str:
    """The graphics card of this process, as torchrun numbers them on each machine; without one the CPU.

    Raises BadRequestError when there are more processes than cards.
    """
    import torch

    if not torch.cuda.is_available():
        return "cpu"
    number, cards = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if number >= cards:
        raise BadRequestError(f"There are {cards} graphics cards; start no more processes than that.")
    return f"cuda:{number}"


@contextmanager
def together() -> Iterator[int]:
    """`with together() as processes`: joins the processes of torchrun, if it started us. They part together:
    one that left early would cut off another's last step."""
    import torch
    from torch import distributed

    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if processes > 1:
        has_cards = torch.cuda.is_available()
        if has_cards:
            torch.cuda.set_device(device_here())
        backend = "cpu:gloo,cuda:nccl" if has_cards else "gloo"
        distributed.init_process_group(backend, timeout=_LONGEST_MEASURE)
    try:
        yield processes
        wait_for_first()
    finally:
        if is_shared():
            distributed.destroy_process_group()
