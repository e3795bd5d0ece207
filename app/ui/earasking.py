"""Listening to a recording for the open song: progress in the banner, a way to stop, then the answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.api.messages import Cancelled, Failed, HeardSoFar, ImportSketch, Progress, Reply, SketchImported

if TYPE_CHECKING:
    from app.ui.mainwindow import MainWindow


class EarAsking(QObject):
    """One question at a time; `on_heard` gets the answer, `on_failed` nothing: it was said."""

    def __init__(self, window: "MainWindow", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self._running = 0

    def ask(
        self,
        question: ImportSketch,
        on_heard: Callable[[SketchImported], object],
        on_failed: Callable[[], object] = lambda: None,
    ) -> None:
        banner = self._window.banner
        banner.show_work("Listening to the recording", -1.0, self.cancel)
        heard_notes = 0

        def answered(reply: Reply) -> None:
            nonlocal heard_notes
            match reply:
                case Progress(fraction, doing):
                    banner.show_work(f"{doing} · recording", fraction, self.cancel)
                case HeardSoFar(notes, until_s):
                    heard_notes += len(notes)
                    banner.show_work(f"{notes_so_far(heard_notes, until_s)} · recording", -1.0, self.cancel)
                    banner.show_heard(notes, until_s)
                case SketchImported():
                    banner.clear()
                    on_heard(reply)
                case Failed(sentence=sentence):
                    banner.say(sentence)
                    on_failed()
                case Cancelled():
                    banner.clear()
                    on_failed()

        self._running = self._window.link.send(question, answered)

    def cancel(self) -> None:
        self._window.link.cancel(self._running)


def notes_so_far(count: int, until_s: float) -> str:
    """`42 notes in 6 s`"""
    return f"{'1 note' if count == 1 else f'{count} notes'} in {until_s:.0f} s"
