"""The window of the guards is the real one, as in the tests of the window."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.app.ui.conftest import engine, home, make_window, song_window, window  # noqa: F401
