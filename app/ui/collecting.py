"""When does Python look for forgotten cycles? Only between the events of the GUI thread.

Left to itself it does so in whatever thread makes objects at the moment, the player's or the one that reads a
song; a forgotten widget would then be destroyed there, which Qt does not survive. And it may come in the
middle of a gesture. Young objects are looked at often, old ones seldom, as Python would.
"""

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 1_000


class Collecting(QObject):
    """Takes Python's collector over for as long as it lives; `stop` gives it back."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._was_collecting = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collects the oldest generation that is due."""
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [age for age, (count, most) in enumerate(counts) if count > most]
        if due:
            gc.collect(due[-1])

    def stop(self) -> None:
        self._timer.stop()
        if self._was_collecting:
            gc.enable()
