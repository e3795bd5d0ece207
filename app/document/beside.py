"""Work that takes longer than a frame, done in a thread while the window goes on answering.

No Qt is touched in the thread; a timer of the GUI thread looks whether it is done and hands over the result.

    Beside(lambda: decoded(data, 48000), on_done, parent)
"""

import gc
from collections.abc import Callable
from threading import Thread
from typing import Any

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 8


class Beside(QObject):
    """One piece of work. `on_done` gets what it returned, or the exception of the `expected` kinds."""

    def __init__(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], object],
        parent: QObject,
        expected: tuple[type[Exception], ...] = (),
    ) -> None:
        super().__init__(parent)
        self._work, self._on_done, self._expected = work, on_done, expected
        self._result: Any = None
        self._thread = Thread(target=self._run, name="beside", daemon=True)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        _hold_collecting(1)
        self._thread.start()
        self._timer.start()

    def _run(self) -> None:
        try:
            self._result = self._work()
        except self._expected as problem:
            self._result = problem

    def _look(self) -> None:
        if not self._thread.is_alive():
            self._end()
            self._on_done(self._result)

    def _end(self) -> None:
        self._timer.stop()
        _hold_collecting(-1)
        self.deleteLater()

    def abandon(self) -> Any:
        """The result is not wanted any more; waits for it, and gives it to be put away."""
        if not self._timer.isActive():
            return None
        self._thread.join()
        self._end()
        return self._result


_held = [0, 0]  # how many pieces of work run; whether it collected before the first


def _hold_collecting(step: int) -> None:
    """While anything runs nothing is collected: a thread would destroy what only the GUI thread may."""
    if _held[0] == 0:
        _held[1] = gc.isenabled()
        gc.disable()
    _held[0] += step
    if _held[0] == 0 and _held[1]:
        gc.enable()
