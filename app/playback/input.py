"""Where does a recording come from? The default microphone or line input.

As with the output, PortAudio's blocking stream is read by a thread of ours: its real-time callback and ring
buffer are in C, and a busy window loses nothing. One block is float32 (frames, channels).
"""

from __future__ import annotations

import os
import time
from typing import Any, Protocol

import numpy as np

from app.playback.errors import NoSound
from app.playback.synth import Block

BUFFER_S = 0.1  # how long a busy machine may keep the thread away
LOOK_AGAIN_S = 0.004
LOST_AFTER_S = 2.0
NO_INPUT = "No microphone or line input was found. Plug one in and press Record again."
NO_LIBRARY = "Nothing can be recorded: the PortAudio library is not installed."
INPUT_LOST = "The recording stopped: the microphone is gone. What was recorded so far is kept."


class Input(Protocol):
    """Gives what comes in, at `rate` Hz; `latency_s` is how long ago it sounded."""

    rate: int
    latency_s: float

    def read(self) -> Block:
        """What has come in since the last time, waiting for something. Raises NoSound when it is gone."""

    def close(self) -> None: ...


class Microphone:
    """The default input device through PortAudio; one or two channels."""

    def __init__(self, sounddevice: Any, stream: Any) -> None:
        self._sounddevice, self._stream = sounddevice, stream
        self.rate, self.latency_s = round(stream.samplerate), float(stream.latency)
        self._channels = stream.channels

    @staticmethod
    def open() -> Microphone:
        """Raises NoSound with one sentence when there is no PortAudio or no input."""
        os.environ.setdefault("JACK_NO_START_SERVER", "1")
        try:
            import sounddevice
        except (ImportError, OSError):
            raise NoSound(NO_LIBRARY) from None
        try:
            device = sounddevice.query_devices(kind="input")
            channels = max(1, min(2, int(device["max_input_channels"])))
            stream = sounddevice.RawInputStream(
                samplerate=device["default_samplerate"], channels=channels, dtype="float32", latency=BUFFER_S
            )
            stream.start()
        except (sounddevice.PortAudioError, ValueError):
            raise NoSound(NO_INPUT) from None
        return Microphone(sounddevice, stream)

    def read(self) -> Block:
        waiting_since_s = time.perf_counter()
        try:
            while not (frames := self._stream.read_available):
                if time.perf_counter() - waiting_since_s > LOST_AFTER_S:
                    raise NoSound(INPUT_LOST)
                time.sleep(LOOK_AGAIN_S)
            data, _overflowed = self._stream.read(frames)
        except self._sounddevice.PortAudioError:
            raise NoSound(INPUT_LOST) from None
        return np.frombuffer(bytes(data), np.float32).reshape(-1, self._channels)

    def close(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)
