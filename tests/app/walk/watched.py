"""The real program with a pair of eyes: `python -m tests.app.walk.watched [FILE]`.

Questions come as JSON lines on stdin, `["scene"]` or `["bar_place", 5]`; answers go out on stdout. Nothing
is done through them: hands are the mouse and keys of the X server. Beside that a timer notes how long the
window was ever unable to take input, and how much of that it was at work itself.
"""

import json
import os
import sys
import time

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

from app import __main__ as program
from app.ui.mainwindow import MainWindow
from tests.app.walk import eyes

TICK_MS = 5


class Watch(QObject):
    """Answers questions about the window; `stalls` asks for the longest times without a tick, in seconds."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._unread = b""
        self._stalls: list[tuple[float, float]] = []
        self._last, self._last_work = time.perf_counter(), time.thread_time()
        self._notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self._ticker = QTimer(self, interval=TICK_MS)
        self._ticker.timeout.connect(self._tick)
        self._ticker.start()

    def _tick(self) -> None:
        now, work = time.perf_counter(), time.thread_time()
        if now - self._last > 0.05:
            self._stalls.append((round(now - self._last, 3), round(work - self._last_work, 3)))
        self._last, self._last_work = now, work

    def _read(self) -> None:
        arrived = os.read(sys.stdin.fileno(), 65_536)
        if not arrived:
            self._notifier.setEnabled(False)
        *lines, self._unread = (self._unread + arrived).split(b"\n")
        for line in lines:
            name, *details = json.loads(line)
            answer = self._take_stalls() if name == "stalls" else eyes.QUESTIONS[name](self._window, *details)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()

    def _take_stalls(self) -> list[tuple[float, float]]:
        """The longest since this was asked last: seconds, and how many of them were the window's own work."""
        taken, self._stalls = sorted(self._stalls, reverse=True)[:10], []
        return taken


def main() -> int:
    """Run the program as `python -m app` does."""
    make = program.make_window

    def make_watched() -> MainWindow:
        window = make()
        Watch(window)
        return window

    program.make_window = make_watched
    return program.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
