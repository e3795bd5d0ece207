"""All tests run without a screen unless one is asked for by QT_QPA_PLATFORM.

As in the program (app.ui.collecting), forgotten cycles are looked for by the main thread alone: a widget
destroyed by another thread can stop or end the whole run.
"""

import gc
import os

from hypothesis import settings

# no test is late on a busy machine: what a property says is not how fast it is said
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
gc.disable()

_FULL_LOOK_EVERY = 40
_tests_run = 0


def pytest_runtest_teardown() -> None:
    """Look through the young cycles after each test, through all of them now and then."""
    global _tests_run
    _tests_run += 1
    gc.collect(2 if _tests_run % _FULL_LOOK_EVERY == 0 else 1)


def pytest_sessionfinish() -> None:
    """What was copied is let go: Qt would drop it after Python has gone, which no Python object survives."""
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is not None:
        QApplication.clipboard().clear()
