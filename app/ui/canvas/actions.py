"""Named actions of the canvases with their keys, for the key map, the menus and the command palette.

Actions of scope ROLL and TIMELINE are bound by their view and work while it has the focus; those of scope
WINDOW are for the main window to bind. `run` may be called from anywhere.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget


class Scope(StrEnum):
    """Where a key works."""

    ROLL = "roll"
    TIMELINE = "timeline"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class CanvasAction:
    """Something the artist can do: stable id, text for people, default key, and the doing."""

    id: str
    text: str
    key: str
    run: Callable[[], object]
    scope: Scope = Scope.ROLL
    in_menu: bool = False


def bind_keys(view: QWidget, actions: Iterable[CanvasAction]) -> dict[str, QShortcut]:
    """Shortcuts by action id that work while the view or something in it has the focus."""
    bound: dict[str, QShortcut] = {}
    for action in actions:
        if action.key and action.scope is not Scope.WINDOW:
            shortcut = QShortcut(QKeySequence(action.key), view)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda run=action.run: run())
            bound[action.id] = shortcut
    return bound


def rebind(bound: dict[str, QShortcut], keys: dict[str, str]) -> None:
    """Give actions the keys of an artist's own key map; ids that are not bound here are ignored."""
    for action_id, key in keys.items():
        if action_id in bound:
            bound[action_id].setKey(QKeySequence(key))


def menu_of(actions: Iterable[CanvasAction], parent: QWidget) -> QMenu:
    """A context menu of the actions meant for one."""
    menu = QMenu(parent)
    for action in actions:
        if action.in_menu:
            add_entry(menu, action.text, action.run, action.key)
    return menu


def add_entry(menu: QMenu, text: str, run: Callable[[], object], key: str = "") -> None:
    """One line of a menu; the key is shown, not bound."""
    label = f"{text}\t{QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)}" if key else text
    menu.addAction(label).triggered.connect(lambda _checked=False: run())


def show_menu(menu: QMenu, at: QPoint) -> None:
    """Show a menu without waiting for it; it is gone when it is closed."""
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(at)
