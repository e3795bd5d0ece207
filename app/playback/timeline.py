"""What is heard now? The device plays a while after blocks are written; this remembers what was in them."""

from __future__ import annotations

import threading
import time
from collections import deque

from app.playback.transport import Stretch

KEPT_S = 4.0


class Timeline:
    """Stretches of output in the order written; written by the player thread, read from any."""

    def __init__(self, rate: int, latency_s: float) -> None:
        self._rate, self._latency = rate, round(latency_s * rate)
        self._lock = threading.Lock()
        self._spans: deque[tuple[int, Stretch]] = deque()
        self._written = self._heard = 0
        self._written_at_s = time.perf_counter()

    def add(self, stretches: list[Stretch]) -> None:
        """Before the block is written: what it holds."""
        with self._lock:
            start = self._written
            for stretch in stretches:
                self._spans.append((start, stretch))
                start += stretch.frames
            while len(self._spans) > 1 and self._spans[1][0] < self._written - KEPT_S * self._rate:
                self._spans.popleft()

    def wrote(self, frames: int) -> None:
        """After the device took the block."""
        with self._lock:
            self._written += frames
            self._written_at_s = time.perf_counter()

    def heard_ticks(self) -> float | None:
        """The tick that is coming out of the loudspeaker; None before anything was written."""
        with self._lock:
            since = int((time.perf_counter() - self._written_at_s) * self._rate)
            heard = min(self._written, self._written - self._latency + since)
            heard = self._heard = max(self._heard, heard)  # a block that comes late does not turn time back
            found = None
            for start, stretch in reversed(self._spans):
                found = stretch.tick_after(max(0, min(heard - start, stretch.frames)))
                if start <= heard:
                    break
            return found
