"""Named actions of the canvases with their keys, for the key map, the menus and the command palette.

A view binds the keys of its own actions; they work while it has the focus. `run` may be called from anywhere.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QKeyCombination, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


class Scope(StrEnum):
    """Where a key works."""

    ROLL = "roll"
    TIMELINE = "timeline"


@dataclass(frozen=True, slots=True)
class CanvasAction:
    """Something the artist can do: stable id, text for people, default key, and the doing."""

    id: str
    text: str
    key: str
    run: Callable[[], object]
    scope: Scope = Scope.ROLL
    in_menu: bool = False


class KeyTable:
    """The keys of a view. They outrank the window's keys while the view or something in it has the focus.

    A view offers its key events: `claims` on ShortcutOverride (so that no window shortcut takes the key) and
    `press` on KeyPress.
    """

    def __init__(self, actions: Iterable[CanvasAction]) -> None:
        self._actions = {action.id: action for action in actions}
        self._keys = {action.id: action.key for action in self._actions.values()}
        self._runs = self._table()

    def rebind(self, keys: Mapping[str, str]) -> None:
        """Give actions the keys of an artist's own key map; ids that are not in this view are ignored."""
        self._keys |= {action_id: key for action_id, key in keys.items() if action_id in self._actions}
        self._runs = self._table()

    def claims(self, event: QKeyEvent) -> bool:
        """Whether the key means something here."""
        return _key_of(event) in self._runs

    def press(self, event: QKeyEvent) -> bool:
        """Do what the key means; False when it means nothing here."""
        run = self._runs.get(_key_of(event))
        if run is None:
            return False
        run()
        return True

    def _table(self) -> dict[str, Callable[[], object]]:
        return {QKeySequence(key).toString(): self._actions[i].run for i, key in self._keys.items() if key}


def _key_of(event: QKeyEvent) -> str:
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeySequence(QKeyCombination(modifiers, Qt.Key(event.key()))).toString()


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
