"""Another program that takes dropped files: `python -m tests.app.walk.droptarget X Y`.

Prints `ready`, then one JSON line for each drop: formats, paths and sizes.
"""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget


class Target(QWidget):
    """Takes everything, like a track of a DAW."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls()]
        sizes = [[path, Path(path).stat().st_size] for path in paths]
        event.acceptProposedAction()
        tell(json.dumps({"formats": event.mimeData().formats(), "files": sizes}))


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    application = QApplication(sys.argv)
    target = Target()
    target.setGeometry(int(sys.argv[1]), int(sys.argv[2]), 150, 70)
    target.show()
    QTimer.singleShot(300, lambda: tell("ready"))
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
