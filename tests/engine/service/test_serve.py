"""The engine process seen from its pipes: what it says, what it refuses, and how it ends."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import __version__
from engine.api.lines import LineReader, request_lines
from engine.api.messages import (
    PROTOCOL_VERSION,
    Analyse,
    Cancel,
    Cancelled,
    Done,
    Hello,
    ImportSketch,
    ListModels,
    Ping,
    Pong,
    PredictNextChord,
    Reply,
    Request,
    SketchImported,
    TakeReady,
)
from engine.formats.midi import save_midi
from engine.music import Note, Role, Song, Track
from tests.link.asking import SMALL_SONG, TROUBLE_ENGINE, ask, names

WAIT_S = 20.0
ROOT = Path(__file__).resolve().parents[3]


class Pipes:
    """An engine process, spoken to line by line."""

    def __init__(self, command: tuple[str, ...], home: Path) -> None:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "UNDERSTUDY_HOME": str(home)}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
        self._reader = LineReader("reply")
        self._rest = b""
        self.hello = self.read()

    def write(self, line: str | bytes) -> None:
        data = line.encode() if isinstance(line, str) else line
        self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def send(self, request_id: int, request: Request) -> None:
        for line in request_lines(request_id, request):
            self.write(line)

    def read(self) -> tuple[int, Reply]:
        """The next message; fails when none comes."""
        while True:
            line, newline, self._rest = self._rest.partition(b"\n")
            if newline:
                message = self._reader.read(line)
                if message is not None:
                    return message
                continue
            self._rest = line
            ready, _, _ = select.select([self.process.stdout], [], [], WAIT_S)
            data = os.read(self.process.stdout.fileno(), 1 << 16) if ready else b""
            assert data, self.process.stderr.read().decode() if ready else "the engine says nothing"
            self._rest += data

    def read_all(self, request_id: int) -> list[Reply]:
        """Replies up to the last of a request; others are passed over."""
        replies: list[Reply] = []
        while not replies or names(replies)[-1] not in ("Done", "Failed", "Cancelled"):
            found_id, reply = self.read()
            if found_id == request_id:
                replies.append(reply)
        return replies

    def end(self) -> int:
        self.process.stdin.close()
        return self.process.wait(WAIT_S)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Pipes]:
    yield from _alive(Pipes(TROUBLE_ENGINE, tmp_path))


@pytest.fixture(scope="module")
def shared_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipes]:
    """For tests that leave it alive and idle; each uses ids of its own."""
    yield from _alive(Pipes(TROUBLE_ENGINE, tmp_path_factory.mktemp("home")))


def _alive(pipes: Pipes) -> Iterator[Pipes]:
    yield pipes
    pipes.process.kill()
    pipes.process.wait()


def test_the_module_says_hello_and_ends_with_its_input(tmp_path: Path) -> None:
    pipes = Pipes((sys.executable, "-P", "-m", "engine", "serve"), tmp_path)
    assert pipes.hello == (0, Hello(__version__, PROTOCOL_VERSION, "CPU"))
    assert pipes.end() == 0
    assert pipes.process.stdout.read() == b""


@pytest.mark.parametrize("style", ["steps", "deaf", "stuck"])
def test_it_ends_promptly_in_mid_job_when_its_input_ends(engine: Pipes, style: str) -> None:
    engine.send(1, ask(style, takes=16))
    while not isinstance(engine.read()[1], TakeReady if style == "steps" else object):
        continue
    started = time.perf_counter()
    assert engine.end() == 0
    assert time.perf_counter() - started < 2.0  # the job alone would take longer


def test_sigterm_ends_it_in_mid_job(engine: Pipes) -> None:
    engine.send(1, ask(takes=16))
    engine.read()
    engine.process.terminate()
    assert engine.process.wait(WAIT_S) == 0


def test_ctrl_c_in_the_terminal_is_left_to_the_window(engine: Pipes) -> None:
    engine.process.send_signal(signal.SIGINT)
    engine.send(1, ListModels())
    assert names(engine.read_all(1)) == ["Queued", "Models", "Done"]


def test_it_ends_when_nobody_reads_any_more(engine: Pipes) -> None:
    engine.process.stdout.close()
    engine.send(1, ask(takes=16))
    assert engine.process.wait(WAIT_S) == 0


@pytest.mark.parametrize(
    ("line", "request_id"),
    [
        (b"", 0),
        (b"not json", 0),
        (b"\xff\xfe\x00", 0),
        (b"[" * 50_000, 0),
        (b'{"id":9,"type":"sing","body":{}}', 9),
        (b'{"id":9,"type":"suggest","body":{"request":{"kind":"vary"}}}', 9),
        (b'{"id":9,"type":"analyse","body":{"song":{"time_map":{"tempos":[]}}}}', 9),
    ],
)
def test_a_malformed_line_is_answered_and_the_next_one_works(
    shared_engine: Pipes, line: bytes, request_id: int
) -> None:
    shared_engine.write(line)
    found_id, reply = shared_engine.read()
    assert (found_id, names([reply])) == (request_id, ["Failed"])
    assert 10 < len(reply.sentence) < 200
    shared_engine.send(10, ListModels())
    assert names(shared_engine.read_all(10)) == ["Queued", "Models", "Done"]


def test_pings_are_answered_in_mid_job(engine: Pipes) -> None:
    engine.send(1, ask("deaf"))
    assert names([engine.read()[1]]) == ["Queued"]
    time.sleep(0.15)
    engine.send(2, Ping())
    request_id, pong = engine.read()
    assert request_id == 2
    assert isinstance(pong, Pong)
    assert 0.1 < pong.silent_s < WAIT_S
    engine.send(3, Cancel(1))
    assert engine.read() == (1, Cancelled())
    engine.send(4, Ping())
    assert engine.read() == (4, Pong(0.0, strays=1))


def test_an_id_that_is_being_answered_is_not_taken_twice(engine: Pipes) -> None:
    engine.send(1, ask(takes=2))
    engine.send(1, ask(takes=2))
    engine.send(2, ask(takes=1))
    replies = []
    while not (replies and replies[-1][0] == 2 and isinstance(replies[-1][1], Done)):
        replies.append(engine.read())
    assert [id_ for id_, reply in replies if isinstance(reply, Done)] == [1, 2]


def test_cancel_of_nothing_is_no_answer(shared_engine: Pipes) -> None:
    shared_engine.send(5, Cancel(77))
    shared_engine.send(6, Ping())
    assert shared_engine.read() == (6, Pong())


def test_a_song_of_many_thousand_notes_comes_back_as_it_went(shared_engine: Pipes, tmp_path: Path) -> None:
    notes = tuple(Note(i + 1, i * 60, 50, 48 + i * 7 % 36) for i in range(4_000))
    path = tmp_path / "long.mid"
    save_midi(Song("Long", tracks=(Track(1, "Keys", Role.OTHER, notes=notes),)), path)
    shared_engine.send(1, ImportSketch(str(path)))
    replies = shared_engine.read_all(1)
    assert names(replies) == ["Queued", "Progress", "Progress", "SketchImported", "Done"]
    imported = replies[-2]
    assert isinstance(imported, SketchImported)
    assert [(n.start_ticks, n.duration_ticks, n.pitch) for n in imported.song.notes()] == [
        (n.start_ticks, n.duration_ticks, n.pitch) for n in notes
    ]


def test_real_work_makes_no_socket(engine: Pipes, tmp_path: Path) -> None:
    path = tmp_path / "air.mid"
    save_midi(SMALL_SONG, path)
    work: list[Any] = [
        ImportSketch(str(path)),
        Analyse(SMALL_SONG),
        PredictNextChord(("C", "Am")),
        ListModels(),
    ]
    for request_id, request in enumerate(work, 1):
        engine.send(request_id, request)
        assert names(engine.read_all(request_id))[-1] == "Done"
    assert engine.end() == 0  # NETWORK_EXIT otherwise


def test_the_wire_is_ascii_json_lines(tmp_path: Path) -> None:
    command = (sys.executable, "-P", "-m", "engine", "serve")
    request = "\n".join(request_lines(1, PredictNextChord(("H♭",)))) + "\n"
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "UNDERSTUDY_HOME": str(tmp_path),
        "PYTHONIOENCODING": "ascii",
    }
    done = subprocess.run(command, input=request.encode(), capture_output=True, env=environment, check=True)
    records = [json.loads(line) for line in done.stdout.decode("ascii").splitlines()]
    assert records[0]["type"] == "hello"
    assert all(record.keys() == {"id", "type", "body"} for record in records)
