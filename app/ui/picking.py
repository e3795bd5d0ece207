"""Asking for a file or folder, without stopping the window: the answer comes to a callback."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

OnPath = Callable[[Path], object]


class FilePicker:
    """The system's file dialogs."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def open_file(self, title: str, folder: str, suffixes: tuple[str, ...], on_path: OnPath) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in suffixes)
        dialog = QFileDialog(self._window, title, folder, f"Sketches and songs ({patterns})")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._show(dialog, on_path)

    def save_file(self, title: str, proposed: Path, suffix: str, on_path: OnPath) -> None:
        dialog = QFileDialog(self._window, title, str(proposed.parent), f"*{suffix}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.selectFile(proposed.name)
        self._show(dialog, on_path)

    def choose_folder(self, title: str, folder: str, on_path: OnPath) -> None:
        dialog = QFileDialog(self._window, title, folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._show(dialog, on_path)

    def _show(self, dialog: QFileDialog, on_path: OnPath) -> None:
        dialog.fileSelected.connect(lambda path: on_path(Path(path)))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()
