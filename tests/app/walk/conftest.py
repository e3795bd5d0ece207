"""The real window of the tests of the window."""

from tests.app.ui.conftest import engine, home, make_window, song_window, window

__all__ = ["engine", "home", "make_window", "song_window", "window"]
