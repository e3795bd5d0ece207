"""Nothing leaves the machine: the commands, the engine process and the window work with sockets barred.

Every Python process started here dies at its first Internet socket or look-up (a hook that no `except` can
swallow), and the window looks at the sockets its whole process holds, Qt's and C libraries' too.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.formats.midi import save_midi
from engine.music import Chord, ChordSpan, Note, Role, Song, Track
from tests.guards.house import ROOT, child

TRIED_EXIT = 97
HOOK = f"""
import os, sys

def _bar(event, arguments):
    inward = event == "socket.__new__" and int(arguments[1]) not in (2, 10)
    if event.startswith("socket.") and event != "socket.gethostname" and not inward:
        os.write(2, f"network: {{event}} {{arguments[1:]}}\\n".encode())
        os._exit({TRIED_EXIT})

sys.addaudithook(_bar)
os.environ["HOOKED"] = "yes"
"""
WINDOW = """
import os, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.__main__ import make_window
from app.ui import theme
from tests.guards.test_network import internet_sockets

application = QApplication(["understudy", "-style", "fusion"])
theme.apply(application)
window = make_window()
window.show()

def wait(is_so):
    import time
    end = time.monotonic() + 40
    while not is_so():
        application.processEvents()
        assert time.monotonic() < end, is_so
wait(lambda: window._workshop is not None)
window.open_file(Path(sys.argv[1]))
wait(lambda: window.page is not None)
window.page.state.set_region((0, 4))
window.actions_map["ideas.suggest"].trigger()
wait(lambda: any(cards.cards() for cards in window.page.panel.lists.values()))
window.player.play()
wait(lambda: window.page.state.playhead_ticks > 100 or not window.player.is_playing)
assert internet_sockets() == set(), internet_sockets()
window.close()
assert os.environ["HOOKED"] == "yes"
print("closed")
"""
TUNE = Song(
    "Air",
    chords=tuple(ChordSpan(90 + i, i * 1920, (i + 1) * 1920, Chord(i * 5 % 12)) for i in range(8)),
    tracks=(
        Track(1, "Flute", Role.MELODY, notes=tuple(Note(i + 2, i * 480, 480, 60 + i % 8) for i in range(32))),
    ),
    next_id=100,
)


def internet_sockets() -> set[str]:
    """Inodes of the Internet sockets this process holds; none where the system does not show them."""
    folder = Path("/proc/self")
    held = {_target(link) for link in (folder / "fd").glob("*")} if folder.exists() else set()
    tables = [folder / "net" / name for name in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6")]
    lines = [
        line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]
    ]
    return {words[9] for words in lines if f"socket:[{words[9]}]" in held}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


@pytest.fixture
def barred(tmp_path: Path):
    """Runs Python with the network barred; gives what it printed."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(HOOK)
    save_midi(TUNE, tmp_path / "air.mid")

    def run(*words: str, told: bytes = b"", code: int = 0) -> str:
        python, environment = child(tmp_path / "home", hooks, ROOT)
        done = subprocess.run(
            [*python, *words], input=told, capture_output=True, env=environment, cwd=tmp_path, timeout=100
        )
        assert done.returncode == code, done.stderr.decode()[-2000:]
        assert b"network:" not in done.stderr
        return done.stdout.decode()

    return run


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "import socket\ntry: socket.getaddrinfo('example.org', 80)\nexcept BaseException: pass",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
    ],
)
def test_the_bar_holds(barred, attempt: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="network: socket"):
        barred("-c", attempt)
    assert barred("-c", "import os, socket; socket.socketpair(); print(os.environ['HOOKED'])") == "yes\n"


def test_an_internet_socket_would_be_seen() -> None:
    import socket

    before = internet_sockets()
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen()
        assert len(internet_sockets() - before) == (1 if sys.platform == "linux" else 0)


def test_every_command_works_without_a_network(barred, tmp_path: Path) -> None:
    engine = ("-m", "engine")
    assert json.loads(barred(*engine, "inspect", "air.mid", "--json"))["notes"] == 32
    assert json.loads(barred(*engine, "suggest", "air.mid", "--kind", "vary", "--bars", "1-2", "--json"))[
        "takes"
    ]
    assert json.loads(barred(*engine, "next-chord", "C | Am", "--json"))["next"]
    assert "chords" in barred(*engine, "models")
    assert barred(*engine, "export", "air.mid", "--format", "parts", "--out", "parts").count(".mid") == 2
    assert "understudy" in barred(*engine, "--version")


def test_the_engine_process_works_without_a_network(barred, tmp_path: Path) -> None:
    from engine.api.lines import request_lines
    from engine.api.messages import ImportSketch, PredictNextChord

    lines = [
        *request_lines(1, ImportSketch(str(tmp_path / "air.mid"))),
        *request_lines(2, PredictNextChord(("C",))),
    ]
    # the input stays open until both are answered: the engine ends with it, also in mid-job
    script = (
        "import subprocess, sys\n"
        "engine = subprocess.Popen([sys.executable, '-P', '-m', 'engine', 'serve'], stdin=-1, stdout=-1)\n"
        "engine.stdin.write(sys.stdin.buffer.read()); engine.stdin.flush()\n"
        "done = 0\n"
        "while done < 2:\n"
        "    line = engine.stdout.readline()\n"
        "    assert line, engine.wait()\n"
        '    done += b\'"type":"done"\' in line\n'
        "engine.stdin.close()\n"
        "print(engine.wait(), done)\n"
    )
    assert barred("-c", script, told="".join(f"{line}\n" for line in lines).encode()) == "0 2\n"


def test_the_window_works_without_a_network(barred, tmp_path: Path) -> None:
    assert barred("-c", WINDOW, str(tmp_path / "air.mid")).endswith("closed\n")
