"""The program ends without a crash, also with notes on the clipboard."""

import subprocess
import sys

SCRIPT = """
import sys
from PySide6.QtCore import QMimeData, QTimer
from PySide6.QtWidgets import QApplication
import app.__main__ as program

make_window = program.make_window

def copy_and_leave(window):
    data = QMimeData()
    data.setData("application/x-understudy-notes", b"[]")
    QApplication.clipboard().setMimeData(data)
    window.close()

def with_a_copy():
    window = make_window()
    QTimer.singleShot(800, lambda: copy_and_leave(window))
    return window

program.make_window = with_a_copy
sys.exit(program.main([]))
"""


def test_leaving_with_notes_on_the_clipboard(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
