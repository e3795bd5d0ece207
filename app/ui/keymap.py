"""Which key does what? assets/keymap.json names every command; the artist's settings outrank it.

>>> command_named("play.toggle").keys
('Space',)
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.ui.theme import ASSETS


@dataclass(frozen=True, slots=True)
class Command:
    """Something the artist can do: its name in the key map, its title for people, its keys in Qt's
    portable text.
    """

    name: str
    title: str
    group: str
    keys: tuple[str, ...] = ()


@cache
def shipped_commands() -> tuple[Command, ...]:
    """The key map as shipped, in palette order."""
    records = _shipped()["commands"]
    return tuple(Command(item["name"], item["title"], item["group"], tuple(item["keys"])) for item in records)


def canvas_keys(own_keys: Mapping[str, list[str]]) -> dict[str, str]:
    """Keys of canvas actions by id, where they are not the canvas' own: ours, then the artist's."""
    keys: dict[str, str] = dict(_shipped()["canvas"])
    return keys | {name: own[0] for name, own in own_keys.items() if own}


@cache
def _shipped() -> dict[str, Any]:
    record: dict[str, Any] = json.loads((ASSETS / "keymap.json").read_text("utf-8"))
    return record


def command_named(name: str) -> Command:
    return next(command for command in shipped_commands() if command.name == name)


def key_text(key: str) -> str:
    """A key as the window shows it: `⇧⏎`, `Ctrl K`, `⌫`."""
    signs = {"Return": "⏎", "Enter": "⏎", "Backspace": "⌫", "Shift": "⇧", "Up": "↑", "Down": "↓"}
    parts = [signs.get(part, part) for part in key.split("+")]
    joined = " ".join(parts)
    return joined.replace("⇧ ", "⇧") if parts[0] == "⇧" else joined


class Actions(QObject):
    """The commands as QActions of the window; `bind` says what each does.

    A command that is not possible just now is disabled, so that its key does nothing. One that is asked for
    before it is bound (`asked_early`) is done as soon as it is.
    """

    asked_early = Signal()

    def __init__(self, window: QWidget, own_keys: Mapping[str, list[str]]) -> None:
        super().__init__(window)
        self._actions: dict[str, QAction] = {}
        self._bound: set[str] = set()
        self._early: list[str] = []
        self.commands: list[Command] = []
        for command in shipped_commands():
            keys = tuple(own_keys.get(command.name, command.keys))
            self._add(window, replace(command, keys=keys))

    def _add(self, window: QWidget, command: Command) -> None:
        action = QAction(command.title, window)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(lambda _checked=False: self._triggered(command.name))
        window.addAction(action)
        self._actions[command.name] = action
        self.commands.append(command)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[tuple[Command, QAction]]:
        return iter([(command, self._actions[command.name]) for command in self.commands])

    def bind(self, name: str, slot: Callable[[], object]) -> None:
        """Let the command call `slot` (without Qt's checked flag)."""
        self._bound.add(name)
        self._actions[name].triggered.connect(lambda _checked=False: slot())

    def _triggered(self, name: str) -> None:
        if name not in self._bound:
            self._early.append(name)
            self.asked_early.emit()

    def run_early(self) -> None:
        """Do what was asked for before anything was bound."""
        early, self._early = self._early, []
        for name in early:
            self._actions[name].trigger()

    def enable(self, names: tuple[str, ...], is_possible: bool) -> None:
        for name in names:
            self._actions[name].setEnabled(is_possible)

    def key(self, name: str) -> str:
        """The first key of a command as the window shows it, empty when it has none."""
        command = next(command for command in self.commands if command.name == name)
        return key_text(command.keys[0]) if command.keys else ""
