"""Where are takes that nobody has used yet? In files of the app's data folder, until used or thrown away.

A take is written beside the window as soon as it ends; what is known of it stands in the file's comment. What
is still being recorded is spilled as it comes in. So a crash, or closing, loses nothing: takes are read again
when the recorder is opened the next time.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from app.document.beside import Beside
from app.playback.recorder import Sound
from app.settings.paths import takes_folder
from app.ui.recording import RecordedTake, RecordSession
from app.ui.spill import Spill, forget_spill, left_over, read_spill
from engine.api.audio import PlayedTo
from engine.music import MusicError
from engine.music.codec import from_json, to_json

SUFFIX, HALF, UNREADABLE = ".flac", ".part", ".unreadable"
SPILLED_S = 1.0


class TakeStore(QObject):
    """`failed`: one sentence, when a take could not be written; it is there until the window is closed."""

    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files: dict[RecordedTake, Path] = {}
        self._writing: dict[RecordedTake, Beside] = {}
        self._reading: Beside | None = None
        self._has_read = False
        self._spill: Spill | None = None
        self._spilled: dict[RecordedTake, Spill] = {}

    def count(self) -> int:
        """How many takes wait on disk."""
        return len(_kept_files())

    def follow(self, session: RecordSession) -> None:
        """Keep what is recorded there, also while it is being recorded."""
        Beside(partial(import_module, "filelock"), lambda _: None, self)  # longer than a frame, needed soon
        session.looked.connect(partial(self._look, session))
        session.take_made.connect(self.keep)
        session.take_dropped.connect(self.forget)

    def _look(self, session: RecordSession) -> None:
        """A second more of what is being recorded."""
        recorder = session.recorder
        if self._spill is None and session.is_recording:
            self._spill = Spill(session.next_number, session.start_tick, session.beat, recorder.rate)
        elif self._spill is not None and not session.is_recording:
            self._end_spill()  # nothing came of it
        elif self._spill is not None and recorder.seconds - self._spill.frames / recorder.rate >= SPILLED_S:
            self._spill.add(recorder.kept_since(self._spill.frames))

    def _end_spill(self) -> None:
        spill, self._spill = self._spill, None
        if spill is not None:
            spill.end()

    def keep(self, take: RecordedTake) -> None:
        """Have a take written down."""
        if self._spill is not None:
            self._spilled[take], self._spill = self._spill, None
        name = f"take-{datetime.now():%Y%m%d-%H%M%S-%f}-{uuid4().hex[:6]}{SUFFIX}"
        path = takes_folder() / name
        self._writing[take] = Beside(
            partial(write_take, take, path), partial(self._written, take), self, (OSError, RuntimeError)
        )

    def _written(self, take: RecordedTake, result: Any) -> None:
        is_wanted = self._writing.pop(take, None) is not None
        spill = self._spilled.pop(take, None)
        if spill is not None and isinstance(result, Path):
            spill.end()
        if not isinstance(result, Path):
            self.failed.emit(f"{take.name} could not be kept on disk: use it before you close Understudy.")
        elif is_wanted:
            self._files[take] = result
        else:
            result.unlink(missing_ok=True)

    def forget(self, take: RecordedTake) -> None:
        """It was used or thrown away: its file goes, also one that is being written still."""
        self._writing.pop(take, None)
        path = self._files.pop(take, None)
        if path is not None:
            with suppress(OSError):
                forget_spill(path)

    def read(self, on_read: Callable[[list[RecordedTake]], object]) -> None:
        """Takes of an earlier day, once; read beside the window."""
        kept = [] if self._has_read else [path for path in _kept_files() if path not in self._files.values()]
        self._has_read = True
        if not kept:
            return

        def done(found: dict[RecordedTake, Path]) -> None:
            self._reading = None
            self._files.update(found)
            if len(found) < len(kept):
                self.failed.emit(f"{len(kept) - len(found)} of the takes in {takes_folder()} cannot be read.")
            on_read(list(found))

        self._reading = Beside(partial(_read_all, kept), done, self)

    def close(self) -> None:
        """Wait until everything is on disk."""
        for take, running in tuple(self._writing.items()):
            self._written(take, running.abandon())
        self._end_spill()
        if self._reading is not None:
            self._reading.abandon()


def write_take(take: RecordedTake, path: Path) -> Path:
    """The whole file or none. Raises OSError, RuntimeError."""
    import soundfile

    half = path.with_suffix(HALF)
    try:
        half.write_bytes(take.sound.flac(_facts(take)))
        half.replace(path)
    except (OSError, soundfile.SoundFileError):
        half.unlink(missing_ok=True)
        raise
    return path


def read_take(path: Path) -> RecordedTake | None:
    """The take of a file; None when it cannot be read."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            facts = json.loads(file.comment or "{}")
            sound = Sound(file.samplerate, file.read(dtype="float32", always_2d=True))
        beat = facts.get("played_to")
        played_to = None if beat is None else from_json(PlayedTo, beat)
        return RecordedTake(int(facts.get("number", 1)), sound, int(facts.get("tick", 0)), played_to)
    except (OSError, soundfile.SoundFileError, MusicError, ValueError, TypeError, AttributeError):
        return None


def _facts(take: RecordedTake) -> str:
    beat = None if take.played_to is None else to_json(take.played_to)
    return json.dumps({"number": take.number, "tick": take.tick, "played_to": beat}, separators=(",", ":"))


def _read_all(paths: list[Path]) -> dict[RecordedTake, Path]:
    """Those that can be read; another is put aside under another name, not thrown away."""
    found: dict[RecordedTake, Path] = {}
    for path in paths:
        take = read_take(path) if path.suffix == SUFFIX else read_spill(path)
        if take is not None:
            found[take] = path
        else:
            with suppress(OSError):
                path.rename(path.with_suffix(UNREADABLE))
    return found


def _kept_files() -> list[Path]:
    return [*sorted(takes_folder().glob(f"*{SUFFIX}")), *left_over()]
