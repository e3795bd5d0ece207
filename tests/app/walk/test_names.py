"""Everything that can be reached by key or pressed has a name that a screen reader can say."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QLineEdit, QWidget

from app.ui.ideaspanel import Tab


def named(widget: QWidget) -> str:
    seen = QAccessible.queryAccessibleInterface(widget)
    return seen.text(QAccessible.Text.Name) if seen is not None else ""


def workable(root: QWidget) -> list[QWidget]:
    """What takes keys or presses and is to be seen."""
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.isVisible()
        and not _is_part_of_another(widget)
        and (
            widget.focusPolicy() != Qt.FocusPolicy.NoFocus
            or isinstance(widget, QAbstractButton | QAbstractSlider | QLineEdit)
        )
    ]


def _is_part_of_another(widget: QWidget) -> bool:
    """Qt's own inner parts: the line of a number box, the bar of a scrolled area."""
    return any(each.objectName().startswith("qt_") for each in (widget, widget.parent()))


def nameless(root: QWidget) -> list[str]:
    return [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}"
        for widget in workable(root)
        if not named(widget).strip()
    ]


def reached_by_tab(window: QWidget, qtbot, presses: int) -> list[QWidget | None]:
    reached = []
    for _ in range(presses):
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    return reached


def test_the_start_page_has_names(window):
    assert workable(window) and not nameless(window)


@pytest.mark.parametrize("tab", list(Tab))
def test_the_song_page_has_names(song_window, qtbot, tab):
    song_window.page.panel.show_tab(tab)
    if tab is not Tab.KEPT:
        qtbot.keyClick(song_window, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        qtbot.waitUntil(lambda: not song_window.page.desk.is_busy, timeout=30_000)
        assert song_window.page.panel.lists[tab].cards()
    assert not nameless(song_window)


@pytest.mark.parametrize(
    "command",
    ["help.palette", "help.tour", "help.music", "song.key", "song.metre", "song.tempo", "record.open"],
)
def test_boxes_have_names(song_window, qtbot, command):
    song_window.actions_map[command].trigger()
    qtbot.wait(50)
    assert not nameless(song_window)


def test_tab_goes_round_the_window_and_is_never_caught(song_window, qtbot):
    song_window.page.panel.show_tab(Tab.MELODY)
    qtbot.keyClick(song_window, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: not song_window.page.desk.is_busy, timeout=30_000)
    reached = reached_by_tab(song_window, qtbot, 120)
    assert all(reached), "the focus went nowhere"
    wanted = {
        widget
        for widget in workable(song_window)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
    }
    assert not wanted - set(reached), [
        f"{type(each).__name__} {named(each)}" for each in wanted - set(reached)
    ]
    first = reached[0]
    assert reached.count(first) >= 2, "Tab does not come round"
