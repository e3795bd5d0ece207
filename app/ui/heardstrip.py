"""Notes as they are heard, while a recording is still being listened to: a small roll beside the sentence.

From the beginning to the second that was reached, lowest pitch below; a less sure note is paler.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.widgets import painter_on_ground

if TYPE_CHECKING:  # the first paint does without the engine's messages
    from engine.api.audio import HeardNote

WIDTH, HEIGHT, NOTE_PX, MARGIN = 300, 24, 2.0, 3.0
FEWEST_PITCHES = 12
PALEST = 0.35


class HeardStrip(QWidget):
    """`add` draws more; `forget` begins anew."""

    def __init__(self) -> None:
        super().__init__()
        self._notes: list[HeardNote] = []
        self._until_s = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, HEIGHT)

    def add(self, notes: Sequence[HeardNote], until_s: float) -> None:
        """Notes that were heard since, up to a second of the recording."""
        self._notes.extend(notes)
        self._until_s = max(self._until_s, until_s)
        self.setAccessibleName(f"{len(self._notes)} notes heard so far")
        self.setVisible(bool(self._notes))
        self.update()

    def forget(self) -> None:
        self._notes.clear()
        self._until_s = 0.0
        self.setVisible(False)

    def bars(self) -> list[tuple[QRectF, float]]:
        """Where each note is drawn, and how opaque."""
        if not self._notes or self._until_s <= 0:
            return []
        pitches = [note.pitch for note in self._notes]
        lowest, highest = min(pitches), max(pitches)
        spread = max(FEWEST_PITCHES, highest - lowest)
        low = (lowest + highest - spread) / 2
        per_s = (self.width() - 2 * MARGIN) / self._until_s
        per_pitch = (self.height() - 2 * MARGIN - NOTE_PX) / spread
        return [
            (
                QRectF(
                    MARGIN + note.start_s * per_s,
                    self.height() - MARGIN - NOTE_PX - (note.pitch - low) * per_pitch,
                    max(1.5, (min(note.end_s, self._until_s) - note.start_s) * per_s - 0.5),
                    NOTE_PX,
                ),
                PALEST + (1 - PALEST) * note.certainty,
            )
            for note in self._notes
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_on_ground(self, 5)
        for where, opacity in self.bars():
            painter.setBrush(theme.with_alpha(theme.OWN_NOTE, opacity))
            painter.drawRoundedRect(where, 1, 1)
