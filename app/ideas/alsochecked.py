"""Which folders of songs are ideas compared with, besides what the models learnt from?

A thin Qt binding: the engine keeps the list and reads the folders, one at a time, while ideas go on. The work
goes on when the box that shows it is closed; how it ended is then said in the window.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from engine.api.messages import (
    AddedFolder,
    AddFolder,
    Cancelled,
    Done,
    Failed,
    Folders,
    ForgetFolder,
    ListFolders,
    Progress,
    Reply,
    Request,
)

ONE_AT_A_TIME = "One folder is read at a time. Wait for it, or stop it."
STOPPED = "Stopped; nothing has changed."


class Link(Protocol):
    """What is needed of the engine link."""

    def send(self, request: Request, on_reply: Callable[[Reply], None] | None = None) -> int: ...
    def cancel(self, request_id: int) -> None: ...


class AlsoChecked(QObject):
    """`folders` as the engine told them last, None before; `reading` names the folder that is being read.

    changed: folders or what is being done. working(fraction, doing): how far the reading is.
    said(sentence): how it ended, or why it cannot be done.
    """

    changed = Signal()
    working = Signal(float, str)
    said = Signal(str)

    def __init__(self, link: Link, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self._request_id = 0
        self.folders: tuple[AddedFolder, ...] | None = None
        self.reading = ""

    def ask(self) -> None:
        """Which are there?"""
        self._send(ListFolders(), partial(self._replied, ""))

    def add(self, folder: Path, is_reference: bool) -> None:
        """Read a folder, as the artist's own songs or as songs to stay away from."""
        if self.reading:
            self.said.emit(ONE_AT_A_TIME)
            return
        self.reading = folder.name or str(folder)
        done = partial(self._added, self.reading)
        self._request_id = self._send(AddFolder(str(folder), is_reference), done)
        self.changed.emit()

    def remove(self, folder: AddedFolder) -> None:
        """No longer compare with it; the files in it stay as they are."""
        name = Path(folder.path).name
        gone = f"Ideas are no longer compared with “{name}”."
        self._send(ForgetFolder(folder.path), partial(self._replied, gone))

    def stop(self) -> None:
        """Stop reading; nothing has changed then."""
        if self.reading:
            self._link.cancel(self._request_id)

    def _send(self, request: Request, on_reply: Callable[[Reply], None]) -> int:
        """What comes when the window is gone is for nobody."""
        return self._link.send(request, lambda reply: on_reply(reply) if isValid(self) else None)

    def _added(self, name: str, reply: Reply) -> None:
        match reply:
            case Progress(fraction, doing):
                self.working.emit(fraction, doing)
            case Folders(folders, troubles):
                self.folders = folders
                self.said.emit(f"Ideas are now compared with “{name}” too.{_left_out(troubles)}")
            case Failed(sentence=sentence):
                self._ended(sentence)
            case Done():
                self._ended("")
            case Cancelled():
                self._ended(STOPPED)

    def _ended(self, sentence: str) -> None:
        self.reading = ""
        if sentence:
            self.said.emit(sentence)
        self.changed.emit()

    def _replied(self, when_done: str, reply: Reply) -> None:
        if isinstance(reply, Folders):
            self.folders = reply.folders
            if when_done:
                self.said.emit(when_done)
            self.changed.emit()
        elif isinstance(reply, Failed):
            self.said.emit(reply.sentence)
            self.changed.emit()


def folder_words(folder: AddedFolder) -> str:
    """`your own · 12 works` or `to stay away from · 1 work`."""
    whose = "to stay away from" if folder.is_reference else "your own"
    return f"{whose} · {folder.works} work{'' if folder.works == 1 else 's'}"


def _left_out(troubles: tuple[str, ...]) -> str:
    if not troubles:
        return ""
    files = "One file was" if len(troubles) == 1 else f"{len(troubles)} files were"
    return f" {files} left out: {troubles[0]}"
