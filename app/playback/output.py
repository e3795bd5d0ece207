"""Where does the sound go? The default audio device, or a clock that keeps time in silence.

Blocks are handed to PortAudio's blocking stream, whose real-time callback and ring buffer are in C: with two
busy Python threads beside the player it ran dry 0 times in 10 s, a Python callback that only copied 68 times.
The device's buffer (LATENCY_S) is how far the player renders ahead.
"""

from __future__ import annotations

import os
import time
from typing import Any, Protocol

from app.playback.errors import NoSound
from app.playback.synth import Block

LATENCY_S = 0.08
LOOK_AGAIN_S = 0.002
LOST_AFTER_S = 1.5  # a device that takes nothing for so long is gone
SILENT_RATE = 48000
NO_DEVICE = "No sound: no audio device was found. Everything else works."
DEVICE_LOST = "The sound stopped: the audio device is gone. Everything else works."


class Output(Protocol):
    """Takes float32 (frames, 2) blocks at `rate` Hz and plays them `latency_s` later.

    After NoSound it is left alone: to stop or close a device that is gone may wait for ever.
    """

    rate: int
    latency_s: float

    def write(self, block: Block) -> bool:
        """Waits until there is room; True if the device had run dry. Raises NoSound when it is gone."""

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def close(self) -> None: ...


class Device:
    """The default output device through PortAudio."""

    def __init__(self, sounddevice: Any, stream: Any) -> None:
        self._sounddevice, self._stream = sounddevice, stream
        self.rate, self.latency_s = round(stream.samplerate), float(stream.latency)

    @staticmethod
    def open() -> Device:
        """Raises NoSound when there is no PortAudio or no device."""
        os.environ.setdefault("JACK_NO_START_SERVER", "1")  # to look for a device must not start one
        try:
            import sounddevice
        except (ImportError, OSError):
            raise NoSound(
                "No sound: the PortAudio library is not installed. Everything else works."
            ) from None
        try:
            rate = sounddevice.query_devices(kind="output")["default_samplerate"]
            stream = sounddevice.RawOutputStream(
                samplerate=rate, channels=2, dtype="float32", latency=LATENCY_S
            )
            stream.start()
        except (sounddevice.PortAudioError, ValueError):
            raise NoSound(NO_DEVICE) from None
        return Device(sounddevice, stream)

    def write(self, block: Block) -> bool:
        """Never waits inside PortAudio: a write to a server that has died would not come back."""
        had_run_dry, done = False, 0
        waiting_since_s = time.perf_counter()
        try:
            while done < len(block):
                room = min(self._stream.write_available, len(block) - done)
                if room > 0:
                    had_run_dry |= bool(self._stream.write(block[done : done + room].data))
                    done, waiting_since_s = done + room, time.perf_counter()
                elif time.perf_counter() - waiting_since_s > LOST_AFTER_S:
                    raise NoSound(DEVICE_LOST)
                else:
                    time.sleep(LOOK_AGAIN_S)
        except self._sounddevice.PortAudioError:
            raise NoSound(DEVICE_LOST) from None
        return had_run_dry

    def pause(self) -> None:
        self._try(self._stream.stop)

    def resume(self) -> None:
        self._try(self._stream.start)

    def close(self) -> None:
        """What has been written is still played."""
        try:
            self._stream.stop()
        except self._sounddevice.PortAudioError:
            self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)

    def _try(self, action: Any) -> None:
        try:
            action()
        except self._sounddevice.PortAudioError:
            raise NoSound(DEVICE_LOST) from None


class SilentClock:
    """Takes blocks at the pace of a device and drops them."""

    def __init__(self, rate: int = SILENT_RATE) -> None:
        self.rate, self.latency_s = rate, LATENCY_S
        self._due_s = time.perf_counter()

    def write(self, block: Block) -> bool:
        self._due_s += len(block) / self.rate
        time.sleep(max(0.0, self._due_s - self.latency_s - time.perf_counter()))
        return False

    def pause(self) -> None:
        pass

    def resume(self) -> None:
        self._due_s = time.perf_counter()

    def close(self) -> None:
        pass
