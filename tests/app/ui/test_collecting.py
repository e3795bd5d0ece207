"""Python's collector belongs to the GUI thread while the window is there."""

import gc
from threading import Thread

import pytest
from PySide6.QtWidgets import QApplication

from app.ui.collecting import Collecting


class Forgotten:
    """Only a collection finds it."""

    def __init__(self) -> None:
        self.itself = self


def make_many() -> None:
    for _ in range(100_000):
        Forgotten()


@pytest.fixture(params=[True, False])
def was_collecting(request):
    """Python collects by itself, or (as in these tests) does not."""
    if request.param:
        gc.enable()
    yield request.param
    gc.disable()


def test_threads_do_not_collect_and_the_window_does(qapp: QApplication, was_collecting: bool) -> None:
    gc.collect()
    runs: list[str] = []
    collecting = Collecting(qapp)
    gc.callbacks.append(lambda phase, _info: runs.append(phase))
    try:
        thread = Thread(target=make_many)
        thread.start()
        thread.join()
        assert not runs
        collecting.look()
        assert runs
    finally:
        gc.callbacks.pop()
        collecting.stop()
    assert gc.isenabled() == was_collecting
