"""What was the engine trained on? Each model, its licences and the attribution lines they ask for."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.enginelink.link import EngineLink
from app.ui.widgets import button, keep_keys, label, row
from engine.api.messages import Failed, ListModels, Models, Reply
from engine.api.suggestion import ModelInfo


class MusicBox(QFrame):
    """Lies over the window; Escape closes it."""

    def __init__(self, window: QWidget, link: EngineLink) -> None:
        super().__init__(window)
        self.setObjectName("chooser")
        self.setAccessibleName("What the engine was trained on")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._link = link
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        inner = QWidget()
        inner.setLayout(self._list)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setAccessibleName("Models and the music behind them")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(10)
        close = button("Close", self.close_box, small=True)
        layout.addLayout(row(label("What the engine was trained on", "title"), None, close))
        promise = (
            "Only music in the public domain or under open licences. Nothing you make is ever learned from."
        )
        layout.addWidget(label(promise, "dim", wraps=True))
        layout.addWidget(area, 1)

    def event(self, event: QEvent) -> bool:
        return keep_keys(event) or super().event(event)

    def open_box(self) -> None:
        window = self.window()
        width, height = min(680, window.width() - 80), min(560, window.height() - 120)
        self.setGeometry((window.width() - width) // 2, 70, width, height)
        self._list.addWidget(label("Asking the engine", "faint"))
        self.show()
        self.raise_()
        self.setFocus()
        self._link.send(ListModels(), self._came)

    def close_box(self) -> None:
        self.hide()
        self.deleteLater()

    def _came(self, reply: Reply) -> None:
        if not isValid(self):  # put away before the answer came
            return
        if isinstance(reply, Models):
            self._show(reply.models)
        elif isinstance(reply, Failed):
            self._say(reply.sentence)

    def _say(self, sentence: str) -> None:
        while self._list.count():
            item = self._list.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.deleteLater()
        self._list.addWidget(label(sentence, "faint", wraps=True))

    def _show(self, models: tuple[ModelInfo, ...]) -> None:
        self._say(f"{len(models)} models" if models else "No models are installed.")
        for model in models:
            self._list.addWidget(label(model.name, "strong"))
            about = " · ".join(part for part in (model.summary, f"{model.bytes / 1e6:.1f} MB") if part)
            self._list.addWidget(label(about, "dim", wraps=True))
            if model.licences:
                self._list.addWidget(label("Licences: " + ", ".join(model.licences), "faint", wraps=True))
            for line in model.attributions:
                self._list.addWidget(label(line, "faint", wraps=True))
        self._list.addStretch(1)

    def texts(self) -> str:
        """Everything shown, for tests."""
        inner = self.findChildren(QLabel)
        return "\n".join(shown.text() for shown in inner)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_box()
        event.accept()
