"""What if everything stops in the middle of a recording? It is written down as it comes in, each second.

A spill is a line of JSON (rate, channels and what is known of the take) and then plain float32 samples. It
goes when the take itself is on disk; one that is found later is the take of a program that stopped.
"""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import numpy as np

from app.playback.recorder import Sound
from app.playback.synth import Block
from app.settings.paths import takes_folder
from app.ui.recording import RecordedTake
from engine.api.audio import PlayedTo
from engine.formats.songfile import SongFileError, is_in_use
from engine.formats.songfile.lock import SongLock, lock_path
from engine.music import MusicError
from engine.music.codec import from_json, to_json

SUFFIX = ".spill"


class Spill:
    """One running recording on disk. A disk that is full is no reason to stop: it is spilled no further."""

    def __init__(self, number: int, tick: int, played_to: PlayedTo | None, rate: int) -> None:
        name = f"now-{datetime.now():%Y%m%d-%H%M%S}-{uuid4().hex[:6]}{SUFFIX}"
        self.path = takes_folder() / name
        self._lock = SongLock(self.path)  # another window leaves alone what is being recorded here
        self._facts: dict[str, Any] = {"number": number, "tick": tick, "rate": rate}
        self._facts["played_to"] = None if played_to is None else to_json(played_to)
        self._file: BinaryIO | None = None
        self._is_over = False
        self.frames = 0  # written so far

    def add(self, samples: Block | None) -> None:
        """Write what came in since: (frames, channels)."""
        if samples is None or not len(samples) or self._is_over:
            return
        self.frames += len(samples)
        try:
            if self._file is None:
                self._lock.acquire()
                self._file = self.path.open("wb")
                facts = self._facts | {"channels": samples.shape[1]}
                self._file.write(json.dumps(facts, separators=(",", ":")).encode() + b"\n")
            self._file.write(samples.astype("<f4").tobytes())
            self._file.flush()
        except (OSError, SongFileError):
            self._is_over = True

    def end(self) -> None:
        """It is not needed any more."""
        self._is_over = True
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
            forget_spill(self.path)
        self._lock.release()


def left_over() -> list[Path]:
    """Spills of programs that are no longer running."""
    return [path for path in sorted(takes_folder().glob(f"*{SUFFIX}")) if not is_in_use(path)]


def forget_spill(path: Path) -> None:
    """The file and its lock go."""
    path.unlink(missing_ok=True)
    lock_path(path).unlink(missing_ok=True)


def read_spill(path: Path) -> RecordedTake | None:
    """The take as far as it came; None when there is nothing of it."""
    try:
        head, _, rest = path.read_bytes().partition(b"\n")
        facts = json.loads(head)
        channels = int(facts["channels"])
        samples = np.frombuffer(rest[: len(rest) // (4 * channels) * 4 * channels], "<f4").reshape(
            -1, channels
        )
        beat = facts["played_to"]
        played_to = None if beat is None else from_json(PlayedTo, beat)
        sound = Sound(int(facts["rate"]), samples.astype(np.float32))
        return (
            RecordedTake(int(facts["number"]), sound, int(facts["tick"]), played_to) if len(samples) else None
        )
    except (OSError, MusicError, ValueError, TypeError, KeyError, ZeroDivisionError):
        return None
