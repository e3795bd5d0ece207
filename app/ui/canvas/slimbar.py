"""A thin scroll bar that lies over the edge of a canvas and hides when everything is in view."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollBar, QWidget

from app.ui import theme

WIDTH = 9
_SHEET = """
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 9px; } QScrollBar:horizontal { height: 9px; }
QScrollBar::handle { background: %s; border-radius: 3px; margin: 1px 2px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: %s; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""


class SlimBar(QScrollBar):
    """Shows where in a long canvas the view is; `show_range` tells it, `valueChanged` answers."""

    def __init__(self, orientation: Qt.Orientation, over: QWidget, name: str) -> None:
        super().__init__(orientation, over)
        self._over = over
        self.setStyleSheet(_SHEET % (theme.LINE.name(), theme.TEXT_FAINT.name()))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)

    def show_range(self, value: float, page: float, whole: float) -> None:
        """Lay the bar over its canvas for a view of `page` at `value` of `whole`."""
        canvas = self._over
        self.blockSignals(True)
        self.setRange(0, max(0, round(whole - page)))
        self.setPageStep(max(1, round(page)))
        self.setSingleStep(max(1, round(page / 10)))
        self.setValue(round(value))
        self.blockSignals(False)
        if self.orientation() is Qt.Orientation.Vertical:
            self.setGeometry(canvas.width() - WIDTH, 0, WIDTH, canvas.height())
        else:
            self.setGeometry(0, canvas.height() - WIDTH, canvas.width(), WIDTH)
        self.setVisible(whole > page + 1)
