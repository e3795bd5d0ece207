"""A document without a file, with the same edits and signals as the real one."""

from PySide6.QtCore import QObject, Signal

from engine.music import Song


class PlainDocument(QObject):
    song_changed = Signal()
    history_changed = Signal()

    def __init__(self, song: Song) -> None:
        super().__init__()
        self.song = song
        self.steps: list[tuple[str, Song]] = []
        self._gesture: tuple[str, Song] | None = None

    def commit(self, name: str, song: Song) -> None:
        self.steps.append((name, self.song))
        self.song = song
        self.song_changed.emit()

    def begin_gesture(self, name: str) -> None:
        self._gesture = (name, self.song)

    def preview(self, song: Song) -> None:
        self.song = song
        self.song_changed.emit()

    def end_gesture(self) -> None:
        if self._gesture and self._gesture[1] != self.song:
            self.steps.append(self._gesture)
        self._gesture = None

    @property
    def is_in_gesture(self) -> bool:
        return self._gesture is not None

    def cancel_gesture(self) -> None:
        if self._gesture:
            self.song = self._gesture[1]
        self._gesture = None
        self.song_changed.emit()

    def undo(self) -> None:
        self.song = self.steps.pop()[1]
        self.song_changed.emit()
