"""How long does the piano roll take for a frame with 20,000 notes?

`run()` scrolls, zooms and plays over a real RollView and times synchronous repaints; one number for a row.

>>> run(200, frames=3)["notes"]
200
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import cast

import numpy as np
from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtWidgets import QApplication

from app.ui import theme
from app.ui.canvas.roll import RollView
from app.ui.editorstate import EditorState
from engine.music import Note, Role, Song, Track
from engine.music.note import note_order


class _BenchDocument(QObject):
    """A song to look at; nothing is ever saved."""

    song_changed = Signal()

    def __init__(self, song: Song) -> None:
        super().__init__()
        self.song = song
        self.recordings_heard: tuple[object, ...] = ()


def many_notes(count: int, seed: int = 7) -> tuple[Note, ...]:
    """Notes of mixed lengths over five octaves, about ten sounding a beat; the same for the same seed."""
    chance = np.random.default_rng(seed)
    starts = np.sort(chance.integers(0, max(1, count * 48), count))
    pitches = chance.integers(36, 96, count)
    lengths = chance.choice([60, 120, 240, 480, 960], count)
    rows = zip(starts.tolist(), lengths.tolist(), pitches.tolist(), strict=True)
    notes = (Note(number, start, length, pitch) for number, (start, length, pitch) in enumerate(rows, 1))
    return tuple(sorted(notes, key=note_order))


def run(notes: int = 20_000, frames: int = 150) -> dict[str, float | int]:
    """Milliseconds a frame (p50 and p95) while scrolling, zooming, playing and showing the whole song."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = cast(QApplication, QApplication.instance() or QApplication([]))
    theme.load_fonts()
    track = Track(1, "Bench", Role.MELODY, notes=many_notes(notes))
    state = EditorState()
    view = RollView(_BenchDocument(Song(tracks=(track,), next_id=notes + 1)), state)  # type: ignore[arg-type]
    view.resize(1400, 800)
    view.show()
    app.processEvents()
    view.show_bars(0, 8)
    at = QPointF(700, 300)
    result: dict[str, float | int] = {"notes": notes}
    moves: dict[str, Callable[[int], object]] = {
        "scroll": lambda frame: view.grid.set_axis(view.grid.axis.scrolled(37)),
        "zoom": lambda frame: view.grid.zoom(1.1 if frame % 40 < 20 else 1 / 1.1, at),
        "play": lambda frame: state.set_playhead(view.grid.axis.tick(frame * 4)),
        "whole": lambda frame: view.grid.update(),
    }
    for name, move in moves.items():
        if name == "whole":
            view.show_song()
        times = [_frame(app, move, frame) for frame in range(frames)]
        result[f"{name}_p50_ms"], result[f"{name}_p95_ms"] = (
            round(float(np.percentile(times, share)), 2) for share in (50, 95)
        )
    view.close()
    return result


def _frame(app: QApplication, move: Callable[[int], object], frame: int) -> float:
    started = time.perf_counter()
    move(frame)
    app.processEvents()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run()) + "\n")
