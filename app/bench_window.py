"""How soon is the window there, and how long does it hold still while the artist works?

`run()` starts the window and a bare QMainWindow in turn, and performs every act of the window on songs of
300 and 20,000 notes (one track, chords, three sections), saying for each the longest time the GUI thread
could not answer: milliseconds by the clock, and of its own work (`_cpu`), which other programs do not blur.

    python -m app.bench_window
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path
from statistics import median
from typing import cast

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.bench_roll import many_notes
from app.enginelink.lifeline import Patience
from app.enginelink.link import EngineLink
from app.playback.qtplayer import QtPlayer
from app.settings.settings import Settings
from app.ui import theme
from app.ui.ideaspanel import Tab
from app.ui.mainwindow import MainWindow
from engine.api.messages import PROTOCOL_VERSION, Done, Hello, Partial, Reply, Suggest, TakeReady
from engine.api.suggestion import Kind, Scores, Take
from engine.api.wire import decode_reply, encode_reply
from engine.formats.songfile import SongFile
from engine.music import Chord, ChordSpan, Note, Role, Section, Song, Track, edits

NOTE_COUNTS = (300, 20_000)
TAKE_NOTES = 300
STARTS = 7
ROUNDS = 3
SETTLED_AFTER_MS = 900
BAR = 1920
BARE = (
    "import sys\n"
    "from PySide6.QtCore import QTimer\n"
    "from PySide6.QtWidgets import QApplication, QMainWindow\n"
    "app = QApplication(['x'])\n"
    "class Bare(QMainWindow):\n"
    "    def paintEvent(self, event):\n"
    "        super().paintEvent(event); QTimer.singleShot(0, app.quit)\n"
    "window = Bare(); window.resize(1440, 900); window.show(); sys.exit(app.exec())\n"
)
OURS = (
    "import sys\n"
    "from PySide6.QtCore import QTimer\n"
    "from PySide6.QtWidgets import QApplication\n"
    "from app import __main__ as start\n"
    "from app.ui.mainwindow import MainWindow\n"
    "def painted(self, event, paint=MainWindow.paintEvent):\n"
    "    self._has_painted = True; paint(self, event); QTimer.singleShot(0, QApplication.instance().quit)\n"
    "MainWindow.paintEvent = painted\n"
    "sys.exit(start.main([]))\n"
)
MUTE = "import sys; print(sys.argv[1], flush=True); sys.stdin.buffer.read()"  # an engine that never answers


def run(
    counts: tuple[int, ...] = NOTE_COUNTS, starts: int = STARTS, rounds: int = ROUNDS
) -> dict[str, float]:
    """Medians: `start_ratio` and `start_cpu_ratio` (ours / bare), `ACT_NOTES_ms` and `ACT_NOTES_cpu_ms`."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    result = measure_start(starts)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["UNDERSTUDY_HOME"] = str(Path(folder) / "home")
        app = cast(QApplication, QApplication.instance() or QApplication(["bench", "-style", "fusion"]))
        theme.apply(app)
        for notes in counts:
            walks = [dict(_Walk(Path(folder) / str(turn), notes).stalls()) for turn in range(rounds)]
            for act in walks[0]:
                result[f"{act}_{notes}_ms"] = median(walk[act].wall_ms for walk in walks)
                result[f"{act}_{notes}_cpu_ms"] = median(walk[act].cpu_ms for walk in walks)
    return result


# the start ----------------------------------------------------------------------


def measure_start(starts: int = STARTS) -> dict[str, float]:
    """From the beginning of the process to its first paint and out again; medians over alternating runs."""
    times: dict[str, list[tuple[float, float]]] = {BARE: [], OURS: []}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(starts + 1):
            for code, taken in times.items():
                taken.append(_timed_process(code, home))
    wall, cpu = ({code: median(t[i] for t in taken[1:]) for code, taken in times.items()} for i in (0, 1))
    return {
        "start_bare_ms": round(wall[BARE] * 1000),
        "start_ms": round(wall[OURS] * 1000),
        "start_ratio": round(wall[OURS] / wall[BARE], 2),
        "start_cpu_ratio": round(cpu[OURS] / cpu[BARE], 2),
    }


def _timed_process(code: str, home: str) -> tuple[float, float]:
    """Seconds by the clock and of CPU."""
    root = str(Path(__file__).resolve().parents[1])
    environment = os.environ | {"PYTHONPATH": root, "UNDERSTUDY_HOME": home}
    began, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, "-P", "-c", code], env=environment, check=True)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, cpu


# the acts -----------------------------------------------------------------------


@dataclass(frozen=True)
class Stall:
    """The longest time without an answer, by the clock and of the GUI thread's own work."""

    wall_ms: float
    cpu_ms: float


def longest_stall(act: Callable[[], object], is_there: Callable[[], bool] = lambda: True) -> Stall:
    """Performs the act in the running event loop, and waits until `is_there` and all that follows is done."""
    loop, beat = QEventLoop(), QTimer()
    beat.setTimerType(Qt.TimerType.PreciseTimer)
    beats: list[tuple[float, float]] = []
    beat.timeout.connect(lambda: beats.append((time.perf_counter(), time.thread_time())))
    beat.start(1)
    QTimer.singleShot(30, act)
    QTimer.singleShot(30, lambda: _when(is_there, lambda: QTimer.singleShot(SETTLED_AFTER_MS, loop.quit)))
    loop.exec()
    beat.stop()
    gaps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(beats)]
    return Stall(*(round(max(gap[i] for gap in gaps) * 1000, 1) for i in (0, 1)))


def _when(is_there: Callable[[], bool], then: Callable[[], object]) -> None:
    if is_there():
        then()
    else:
        QTimer.singleShot(10, lambda: _when(is_there, then))


def a_song(notes: int) -> Song:
    """One track over as many bars as it takes, a chord a bar, three sections."""
    played = many_notes(notes)
    bars = played[-1].end_ticks // BAR + 1
    ids = count(notes + 2)
    chords = tuple(ChordSpan(next(ids), bar * BAR, BAR, Chord(bar * 5 % 12)) for bar in range(bars))
    third = max(1, bars // 3)
    sections = tuple(Section(next(ids), name, i * third, third) for i, name in enumerate(("A", "B", "C")))
    track = Track(notes + 1, "Lead", Role.MELODY, notes=played)
    return Song("Bench", sections=sections, chords=chords, tracks=(track,), next_id=next(ids))


class _Walk:
    """The acts of one song, in the order an artist would do them."""

    def __init__(self, folder: Path, notes: int) -> None:
        folder.mkdir(exist_ok=True)
        self._path, self._copy = folder / f"{notes}.understudy", folder / f"{notes}-copy.understudy"
        song = a_song(notes)
        file = SongFile.create(self._path, song)
        file.commit("Lift", edits.transpose_notes(song, [note.id for note in song.notes()], 1))
        file.close()
        hello = encode_reply(0, Hello("bench", PROTOCOL_VERSION, "cpu"))
        patience = Patience(start_s=1e6, quiet_s=1e6)
        command = (sys.executable, "-c", MUTE, hello)
        self._link = EngineLink(command=command, patience=patience)
        self.window = MainWindow(lambda: self._link, QtPlayer, Settings())

    def stalls(self) -> Iterator[tuple[str, Stall]]:
        window = self.window
        window.show()
        longest_stall(window.wake)
        gc.collect()
        for name, act in self._acts().items():
            wants_page = name != "close"
            yield name, longest_stall(act, lambda wants=wants_page: (self.page is not None) is wants)  # type: ignore[misc]
        window.close()
        window.deleteLater()

    def _acts(self) -> dict[str, Callable[[], object]]:
        return {
            "open": lambda: self.window.open_file(self._path),
            "first_undo": lambda: self.page.undo(),
            "redo": lambda: self.page.redo(),
            "select_all": lambda: self.page.roll.commands.select_all(),
            "transpose_all": lambda: self.page.roll.commands.transpose(1),
            "undo_all": lambda: self.page.undo(),
            "edit": self._edit,
            "undo": lambda: self.page.undo(),
            "drag": self._drag,
            "quantise_all": self._quantise,
            "whole_song": lambda: self.page.roll.show_song(),
            "ask": self._ask,
            "takes": self._answer,
            "next_take": lambda: self.page.ideas.step(1),
            "accept": lambda: self.page.ideas.accept(),
            "undo_accept": lambda: self.page.undo(),
            "redo_accept": lambda: self.page.redo(),
            "play": lambda: self.window.player.play(),
            "stop": lambda: self.window.player.stop(),
            "save_as": lambda: self.page.document.save_as(self._copy),
            "close": lambda: self.window.show_start(),
        }

    @property
    def page(self):  # type: ignore[no-untyped-def]
        return self.window.page

    def _edit(self) -> None:
        self.page.state.select_notes({self.page.document.song.tracks[0].notes[40].id})
        self.page.roll.commands.transpose(1)

    def _drag(self) -> None:
        document, moved = self.page.document, self.page.document.song.tracks[0].notes[40].id
        document.begin_gesture("Drag")
        document.preview(edits.move_notes(document.song, [moved], 240))
        document.end_gesture()

    def _quantise(self) -> None:
        self.page.state.select_notes(())
        self.page.roll.commands.quantise()

    def _ask(self) -> None:
        self.page.state.set_region((4, 8))
        self.page.panel.melody.choose(Kind.VARY)
        self.page.panel.show_tab(Tab.MELODY)
        self.page.ideas.suggest()

    def _answer(self) -> None:
        """Four takes that grow bar by bar, each message as a line of the pipe, and the end of the answer."""
        wanted = next(i for i, a in self._link._asked.items() if isinstance(a.request, Suggest))
        replies: list[Reply] = []
        for index in range(4):
            replies += [Partial(_take(index, bars)) for bars in (1, 2, 3)] + [TakeReady(_take(index, 4))]
        for number, reply in enumerate([*replies, Done(0.2)]):
            line = encode_reply(wanted, reply)
            QTimer.singleShot(number * 40, lambda line=line: self._link._on_received(*decode_reply(line)))


def _take(index: int, bars: int) -> Take:
    """So many bars of a take of four."""
    length = 4 * BAR // TAKE_NOTES
    notes = tuple(
        Note(i + 1, 4 * BAR + i * length, length, 60 + (i * 5 + index) % 12)
        for i in range(TAKE_NOTES * bars // 4)
    )
    return Take(index, f"Idea {index}", ("lighter in bar 6",), notes, scores=Scores(fit=0.8, distance=0.4))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=STARTS)
    sys.stdout.write(json.dumps(run(starts=parser.parse_args().starts)) + "\n")
