"""Who may write? One window at a time; readers need no lock.

The lock is the operating system's, on a hidden file beside the song, so it is gone the moment its holder is,
however it ended. A lock file left behind by a crash means nothing and is taken over.
"""

from contextlib import suppress
from pathlib import Path

from engine.formats.songfile.errors import SongInUseError, SongNotWrittenError


def lock_path(path: Path) -> Path:
    """The hidden file beside the song that stands for the right to write."""
    return path.with_name(f".{path.name}.lock")


class SongLock:
    """The right to write one song file, from `acquire` to `release`."""

    def __init__(self, path: Path) -> None:
        from filelock import FileLock  # late: 30-80 ms that the start of the window need not pay

        self._path = path
        # acquired in the thread that opens the song, released in the window's
        self._lock = FileLock(lock_path(path), timeout=0, is_singleton=False, thread_local=False)

    def acquire(self) -> None:
        """Raises SongInUseError when another window has it, SongNotWrittenError without a place for it."""
        from filelock import Timeout

        if not self._path.parent.is_dir():
            raise SongNotWrittenError(self._path, "its folder is missing or read-only")
        try:
            self._lock.acquire()
        except Timeout:
            raise SongInUseError(self._path) from None
        except OSError:
            raise SongNotWrittenError(self._path, "its folder is missing or read-only") from None

    def release(self) -> None:
        """Gives the right back and tidies up; harmless when it is not held."""
        if self._lock.is_locked:
            with suppress(OSError):
                lock_path(self._path).unlink()  # while held: who waits on the old file sees that it is gone
            self._lock.release()


def is_in_use(path: Path) -> bool:
    """Whether a window has the song open for writing."""
    if not lock_path(path).exists():
        return False
    lock = SongLock(path)
    try:
        lock.acquire()
    except (SongInUseError, SongNotWrittenError):
        return True
    lock.release()
    return False
