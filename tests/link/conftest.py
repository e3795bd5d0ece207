"""No display is needed to talk to the engine. One engine is shared by tests that leave it alive."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.enginelink.lifeline import Restarts
from app.enginelink.link import EngineLink, EngineState
from tests.link.asking import TROUBLE_ENGINE, WAIT_MS


@pytest.fixture
def make_link(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., EngineLink]]:
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    links: list[EngineLink] = []

    def make(command: tuple[str, ...] | None = TROUBLE_ENGINE, **options: object) -> EngineLink:
        options.setdefault("restarts", Restarts((0.0, 0.0, 0.0)))
        link = EngineLink(command=command, **options)  # type: ignore[arg-type]
        links.append(link)
        link.start()
        return link

    yield make
    for link in links:
        link.stop()


@pytest.fixture
def fresh_link(make_link: Callable[..., EngineLink], qtbot: QtBot) -> EngineLink:
    link = make_link()
    qtbot.waitUntil(lambda: link.state is EngineState.READY, timeout=WAIT_MS)
    return link


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shared engine keeps its log."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def link(qapp: QApplication, shared_home: Path) -> Iterator[EngineLink]:
    """A ready link to an engine that the tests of one module share; they leave it alive."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNDERSTUDY_HOME", str(shared_home))
        link = EngineLink(command=TROUBLE_ENGINE)
        link.start()
        end_s = time.monotonic() + WAIT_MS / 1000
        while link.state is not EngineState.READY and time.monotonic() < end_s:
            qapp.processEvents()
        yield link
        link.stop()
