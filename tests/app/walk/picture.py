"""What is on a screen, as a PNG: `python -m tests.app.walk.picture :5 FILE.png`."""

import os
import sys

from PySide6.QtGui import QGuiApplication


def main() -> int:
    os.environ |= {"DISPLAY": sys.argv[1], "QT_QPA_PLATFORM": "xcb"}
    application = QGuiApplication(sys.argv[:1])
    taken = application.primaryScreen().grabWindow(0)
    return 0 if taken.save(sys.argv[2]) else 1


if __name__ == "__main__":
    sys.exit(main())
