"""The version of Qt for Python that is installed does not lose references (6.12.0 on Python 3.11 did)."""

import re
import sys

import PySide6
from PySide6.QtWidgets import QWidget

from tests.guards.house import ROOT

CALLS = 1_000


def test_calls_that_return_nothing_keep_the_references_to_none(qapp) -> None:
    widget = QWidget()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        widget.update()
    lost = before - sys.getrefcount(None)
    if sys.version_info >= (3, 12):
        assert before == sys.getrefcount(None) >= 2**30  # None lives for ever
    else:
        assert lost < CALLS // 10


def test_versions_that_lose_them_are_kept_out() -> None:
    cap = re.search(r'"PySide6-Essentials>=6\.10,<6\.12"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert cap is not None
    locked = re.search(
        r"^pyside6-essentials==6\.(\d+)\.", (ROOT / "packaging" / "run.lock").read_text(), re.M
    )
    assert locked is not None and 10 <= int(locked[1]) < 12
    assert (6, 10) <= PySide6.__version_info__[:2] < (6, 12)
