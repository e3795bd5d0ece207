"""How is a voice or an instrument recorded? A thread that listens, a level to see, a FLAC file in the end.

The recorder listens from `open` on, so that the level can be set; it keeps what comes in between `start` and
`stop`. What sounded before the moment of `start` is not kept: the input's latency is taken off.

    recorder = Recorder(); recorder.open(); recorder.start(); ...; sound = recorder.stop(); recorder.close()
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.playback.errors import NoSound
from app.playback.input import Input, Microphone
from app.playback.synth import Block

LONGEST_S = 600.0  # as much as is listened to; it ends there
FALL_DB_A_S = 24.0  # how fast the shown peak falls
SILENT_DB = -60.0
CLIPPED = 0.999
CLOSE_WAIT_S = 3.0


@dataclass(frozen=True, eq=False)
class Sound:
    """What was recorded: float32 (frames, channels) at `rate` Hz. `known_peak` below 0: not measured yet."""

    rate: int
    samples: Block
    known_peak: float = -1.0

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate

    @cached_property
    def peak(self) -> float:
        """The loudest sample, 0-1."""
        if self.known_peak >= 0 or not len(self.samples):
            return max(0.0, self.known_peak)
        return max(float(self.samples.max()), -float(self.samples.min()))

    @property
    def is_clipped(self) -> bool:
        return self.peak >= CLIPPED

    @property
    def is_silent(self) -> bool:
        return self.peak < 10 ** (SILENT_DB / 20)

    def flac(self, comment: str = "") -> bytes:
        """The sound as a FLAC file, 24 bits, with a comment in it if there is something to say."""
        import soundfile

        buffer = io.BytesIO()
        channels = self.samples.shape[1]
        with soundfile.SoundFile(buffer, "w", self.rate, channels, "PCM_24", format="FLAC") as file:
            if comment:
                file.comment = comment
            file.write(self.samples)
        return buffer.getvalue()


class Recorder:
    """One input. Methods may be called from any thread and return at once; `problem` says what went wrong."""

    def __init__(self, open_input: Callable[[], Input] | None = None) -> None:
        self._open_input = open_input
        self._thread: threading.Thread | None = None
        self._is_closing = threading.Event()
        self._lock = threading.Lock()
        self._is_recording = False
        self._kept: Block | None = None  # room for the longest take; memory is taken as it fills
        self._frames = 0
        self._loudest = 0.0
        self._skip = 0
        self._rate = 0
        self._latency_s = 0.0
        self._peak = 0.0
        self._peak_at_s = 0.0
        self.problem = ""
        self.is_listening = False

    def open(self) -> None:
        """Begin to listen; nothing is kept yet."""
        if self._thread is None:
            self._is_closing.clear()
            self.problem = ""
            self._thread = threading.Thread(target=self._listen, name="record", daemon=True)
            self._thread.start()

    def start(self) -> None:
        """Keep what sounds from now on."""
        with self._lock:
            self._kept, self._frames, self._loudest = None, 0, 0.0
            self._skip = round(self._latency_s * self._rate)
            self._is_recording = True

    def stop(self) -> Sound | None:
        """What was kept since `start`; None when nothing was."""
        with self._lock:
            kept, self._kept = self._kept, None
            self._is_recording = False
        if kept is None or not self._frames or not self._rate:
            return None
        return Sound(self._rate, kept[: self._frames], self._loudest)

    def kept_since(self, frame: int) -> Block | None:
        """What was kept so far, from a frame on; None when nothing is being recorded."""
        with self._lock:
            return None if self._kept is None else self._kept[frame : self._frames].copy()

    @property
    def rate(self) -> int:
        """Samples a second of what is kept; 0 before it listens."""
        return self._rate

    @property
    def is_recording(self) -> bool:
        return self._is_recording

    @property
    def seconds(self) -> float:
        """How much has been kept so far."""
        return self._frames / self._rate if self._rate and self.is_recording else 0.0

    @property
    def left_s(self) -> float:
        """How much more can be kept; nothing more is, once it is 0."""
        return max(0.0, LONGEST_S - self.seconds)

    @property
    def level_db(self) -> float:
        """The peak that is shown: it falls slowly after a loud moment. 0 is full, SILENT_DB nothing."""
        if not self._peak:
            return SILENT_DB
        fallen = FALL_DB_A_S * (time.perf_counter() - self._peak_at_s)
        return max(SILENT_DB, 20 * float(np.log10(self._peak)) - fallen)

    def close(self) -> None:
        """Give the input back."""
        self._is_closing.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(CLOSE_WAIT_S)

    # the thread -------------------------------------------------------------------

    def _listen(self) -> None:
        try:
            source = (self._open_input or Microphone.open)()
        except NoSound as problem:
            self.problem = str(problem)
            return
        self._rate, self._latency_s, self.is_listening = source.rate, source.latency_s, True
        try:
            while not self._is_closing.is_set():
                self._take(source.read())
        except NoSound as problem:
            self.problem = str(problem)
        finally:
            self.is_listening = False
            source.close()

    def _take(self, block: Block) -> None:
        block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        peak = float(np.abs(block).max(initial=0.0))
        if peak >= 10 ** (self.level_db / 20):
            self._peak, self._peak_at_s = peak, time.perf_counter()
        with self._lock:
            if self._is_recording:
                self._keep(block)

    def _keep(self, block: Block) -> None:
        skipped = min(self._skip, len(block))
        self._skip -= skipped
        block = block[skipped:]
        if self._kept is None:
            self._kept = np.empty((round(LONGEST_S * self._rate), block.shape[1]), np.float32)
        block = block[: len(self._kept) - self._frames]
        if len(block):
            self._kept[self._frames : self._frames + len(block)] = block
            self._frames += len(block)
            self._loudest = max(self._loudest, float(np.abs(block).max()))
