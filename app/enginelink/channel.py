"""The engine process as a pipe of messages, on the GUI thread, never for longer than a slice at a time.

Encoding and decoding happen here in slices of a few milliseconds, between which Qt paints and takes input: a
worker thread would fight the window for the interpreter instead. The wire's long tuples come in blocks
(engine.api.lines), so that no single step is long, whatever the song.
"""

import gc
import os
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

import engine
from engine.api.lines import LineReader, request_lines
from engine.api.messages import Request
from engine.music.errors import MusicError

SLICE_S = 0.008
_MOST_UNSENT_BYTES = 1_000_000
_BLOCK_LINE_BYTES = 20_000
_ERROR_LINES_KEPT = 30


def engine_command() -> tuple[str, ...]:
    """This Python running the engine that belongs to this app (-P: never one from the current folder)."""
    return (sys.executable, "-P", "-m", "engine", "serve")


class EngineChannel(QObject):
    """One engine process. `received` for every reply, `closed` once when it is gone or never came."""

    received = Signal(int, object)
    closed = Signal()

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.last_errors: deque[str] = deque(maxlen=_ERROR_LINES_KEPT)
        self._command = tuple(command)
        self._reader = LineReader("reply")
        self._arrived = bytearray()
        self._urgent: deque[Iterator[str]] = deque()
        self._outbox: deque[tuple[int, Iterator[str]]] = deque()
        self._begun: set[int] = set()
        self._is_closed = False
        self._slice = QTimer(self)
        self._slice.setSingleShot(True)
        self._slice.timeout.connect(self._work_a_slice)
        self._process = self._make_process()

    def start(self) -> None:
        self._process.start(self._command[0], list(self._command[1:]))

    @property
    def process_id(self) -> int:
        """The engine's process id, 0 when it does not run."""
        return self._process.processId()

    def post(self, request_id: int, request: Request) -> None:
        """Send a request, encoded bit by bit as the pipe takes it."""
        self._outbox.append((request_id, request_lines(request_id, request)))
        self._slice.start(0)

    def post_urgent(self, request_id: int, request: Request) -> None:
        """Send a short request ahead of everything that still waits."""
        self._urgent.append(request_lines(request_id, request))
        self._write_some(time.perf_counter())

    def withdraw(self, request_id: int) -> bool:
        """Take back a request of which nothing was sent yet; false when it is too late for that."""
        if request_id in self._begun or all(waiting != request_id for waiting, _ in self._outbox):
            return False
        self._outbox = deque(item for item in self._outbox if item[0] != request_id)
        return True

    def stop(self, patience_ms: int = 800) -> None:
        """Close the engine's input, which ends it; kill it when it does not listen."""
        self._is_closed = True
        self._slice.stop()
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.closeWriteChannel()
            if not self._process.waitForFinished(patience_ms):
                self.kill()
                self._process.waitForFinished(patience_ms)

    def kill(self) -> None:
        self._process.kill()

    # slices ---------------------------------------------------------------------

    def _work_a_slice(self) -> None:
        started = time.perf_counter()
        more_to_read = self._read_some(started)
        more_to_write = self._write_some(started)
        if (more_to_read or more_to_write) and not self._is_closed:
            self._slice.start(0)

    def _read_some(self, started: float) -> bool:
        """Read lines until the slice is over; whether whole lines are left."""
        while not self._is_closed and (end := self._arrived.find(b"\n")) >= 0:
            line = bytes(self._arrived[:end])
            del self._arrived[: end + 1]
            self._take(line)
            if time.perf_counter() - started > SLICE_S:
                return b"\n" in self._arrived
        return False

    def _write_some(self, started: float) -> bool:
        """Write lines until the slice is over or the pipe is full; whether there is more to write now."""
        while self._urgent:
            for line in self._urgent.popleft():
                self._write(line)
        while self._outbox and self._process.bytesToWrite() < _MOST_UNSENT_BYTES:
            request_id, lines = self._outbox[0]
            self._begun.add(request_id)
            line = next(lines, "")
            if line:
                self._write(line)
            else:
                self._outbox.popleft()
                self._begun.discard(request_id)
            if time.perf_counter() - started > SLICE_S:
                return bool(self._outbox)
        return False

    def _write(self, line: str) -> None:
        self._process.write(line.encode() + b"\n")

    def _take(self, line: bytes) -> None:
        is_long = len(line) > _BLOCK_LINE_BYTES
        was_collecting = gc.isenabled()
        if is_long:
            gc.disable()
        try:
            message = self._reader.read(line)
        except MusicError as error:
            self.last_errors.append(f"{error} {line[:200]!r}")
            return
        finally:
            if is_long:
                # A full collection over half a million notes is a pause of 300 ms. They form no cycles:
                # they are taken out of its sight for good and freed by their counts alone.
                gc.freeze()
                if was_collecting:
                    gc.enable()
        if message is not None:
            self.received.emit(*message)

    # process --------------------------------------------------------------------

    def _make_process(self) -> QProcess:
        process = QProcess(self)
        process.setProcessEnvironment(_environment())
        process.readyReadStandardOutput.connect(self._on_output)
        process.readyReadStandardError.connect(self._on_errors)
        process.bytesWritten.connect(self._on_written)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        return process

    def _on_output(self) -> None:
        self._arrived += self._process.readAllStandardOutput().data()
        if not self._slice.isActive():
            self._slice.start(0)

    def _on_errors(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        self.last_errors.extend(text.splitlines())

    def _on_written(self) -> None:
        if self._outbox and not self._slice.isActive():
            self._slice.start(0)

    def _on_finished(self) -> None:
        self._close()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.last_errors.append(self._process.errorString())
            self._close()

    def _close(self) -> None:
        if self._is_closed:
            return
        while self._read_some(time.perf_counter()):  # what it said before it went still counts
            continue
        self._is_closed = True
        self._slice.stop()
        self.closed.emit()


def _environment() -> QProcessEnvironment:
    environment = QProcessEnvironment.systemEnvironment()
    home = str(Path(engine.__file__).resolve().parents[1])
    others = environment.value("PYTHONPATH")
    environment.insert("PYTHONPATH", home + os.pathsep + others if others else home)
    environment.insert("PYTHONUNBUFFERED", "1")
    return environment
