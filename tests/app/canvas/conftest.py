"""Canvases over the demo song, shown offscreen, and hands to work them with."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from app.document.document import SongDocument
from app.ui import theme
from app.ui.canvas.roll import RollView
from app.ui.canvas.timeline import TimelineView
from app.ui.editorstate import EditorState
from tests.app.demo import BAR, harbour_lights

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


class Hands:
    """A mouse that goes by music: places are ticks and pitches of a canvas."""

    def __init__(self, canvas) -> None:
        self.canvas = canvas

    def at(self, tick: float, pitch: int | None = None, dx: float = 0.0) -> QPoint:
        """The middle of a pitch's row at a tick; the middle of the canvas without a pitch."""
        y = self.canvas.height() / 2
        if pitch is not None:
            rows = self.canvas.state.rows
            y = rows.y(pitch) + rows.row_px / 2
        return QPointF(self.canvas.axis.x(tick) + dx, y).toPoint()

    def click(self, where: QPoint, modifiers=NONE) -> None:
        QTest.mouseClick(self.canvas, LEFT, modifiers, where)

    def double_click(self, where: QPoint) -> None:
        QTest.mouseClick(self.canvas, LEFT, NONE, where)
        QTest.mouseDClick(self.canvas, LEFT, NONE, where)
        QTest.mouseRelease(self.canvas, LEFT, NONE, where)

    def drag(self, start: QPoint, *way: QPoint, modifiers=NONE, release: bool = True) -> None:
        QTest.mousePress(self.canvas, LEFT, modifiers, start)
        for place in (start + QPoint(4, 0), *way):
            self.move(place, modifiers)
        if release:
            QTest.mouseRelease(self.canvas, LEFT, modifiers, way[-1])

    def move(self, place: QPoint, modifiers=NONE) -> None:
        from PySide6.QtCore import QEvent
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        position = QPointF(place)
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            position,
            QPointF(self.canvas.mapToGlobal(place)),
            LEFT,
            LEFT,
            modifiers,
        )
        QApplication.sendEvent(self.canvas, event)


def steps(document) -> list[str]:
    """The names of the undo steps, oldest first."""
    return [name for name, _ in document.history()]


@pytest.fixture
def document(qapp, tmp_path):
    """The demo song in a file of its own."""
    theme.apply(qapp)
    opened = SongDocument.create(tmp_path / "demo", harbour_lights())
    yield opened
    opened.close()


@pytest.fixture
def state():
    return EditorState()


@pytest.fixture
def roll(qtbot, document, state):
    """The roll of the melody, showing bars 5 to 8."""
    view = RollView(document, state)
    qtbot.addWidget(view)
    view.resize(1057, 520)
    view.show()
    view.show_bars(4, 8)
    view.setFocus()
    return view


@pytest.fixture
def timeline(qtbot, document, state):
    view = TimelineView(document, state)
    qtbot.addWidget(view)
    view.resize(1085, 300)
    view.show()
    view.setFocus()
    return view


@pytest.fixture
def melody(document):
    """The notes of the melody as they are now."""
    return lambda: document.song.tracks[0].notes


@pytest.fixture
def bar5():
    return 4 * BAR
