"""A screen of its own (Xvfb), the program on it as a process, a mouse and a keyboard (xdotool)."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[3]
PATIENCE_S = 40.0
R = TypeVar("R")


class WalkError(AssertionError):
    """Something did not come about."""


def wait_for(what: str, look: Callable[[], R | None], patience_s: float = PATIENCE_S) -> R:
    """What `look` returns as soon as it is something. Raises WalkError."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.03)
    raise WalkError(f"Did not come about in {patience_s:.0f} s: {what}")


class Screen:
    """An X server without a window manager, and hands."""

    def __init__(self, width: int = 1440, height: int = 900) -> None:
        read, write = os.pipe()
        command = [
            "Xvfb",
            "-displayfd",
            str(write),
            "-screen",
            "0",
            f"{width}x{height}x24",
            "-nolisten",
            "tcp",
        ]
        self._server = subprocess.Popen(
            command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise WalkError("The X server did not start.")
        self.display = f":{number}"

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(10)

    def do(self, *words: object) -> str:
        """One xdotool command."""
        command = ["xdotool", *[str(word) for word in words]]
        done = subprocess.run(
            command, env=os.environ | {"DISPLAY": self.display}, capture_output=True, text=True, timeout=30
        )
        return done.stdout.strip()

    @property
    def environment(self) -> dict[str, str]:
        """For another program on this screen."""
        return os.environ | {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def picture(self, path: Path) -> None:
        """What is to be seen now, as a PNG."""
        command = [sys.executable, "-m", "tests.app.walk.picture", self.display, str(path)]
        subprocess.run(command, cwd=ROOT, check=True, timeout=30)

    def click(self, place: tuple[int, ...], times: int = 1) -> None:
        """Press the middle of a place."""
        x, y = middle(place)
        self.do("mousemove", x, y)
        self.do("click", "--repeat", times, "--delay", 60, 1)

    def drag(
        self, start: tuple[int, int], end: tuple[int, int], is_held: bool = False, pause_s: float = 0.02
    ) -> None:
        """From one point to another in steps; `is_held` leaves the button down."""
        self.do("mousemove", *start)
        self.do("mousedown", 1)
        for step in range(1, 7):
            x, y = (round(a + (b - a) * step / 6) for a, b in zip(start, end, strict=True))
            self.do("mousemove", x, y)
            time.sleep(pause_s)  # the server joins moves that come faster
        if not is_held:
            self.do("mouseup", 1)

    def focus(self, name: str) -> None:
        """Give the window with this name the keyboard, as a window manager would."""
        self.do("search", "--onlyvisible", "--name", name, "windowfocus")

    def key(self, *keys: str) -> None:
        self.do("key", "--delay", 20, *keys)

    def type(self, text: str) -> None:
        self.do("type", "--delay", 4, text)


def middle(place: tuple[int, ...]) -> tuple[int, int]:
    left, top, width, height = place
    return left + width // 2, top + height // 2


class Program:
    """The program in a process of its own, on a screen, with its files under `home`."""

    def __init__(self, screen: Screen, home: Path, *arguments: object, scale: float = 1.0) -> None:
        self._errors = home / "stderr.txt"
        home.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "DISPLAY": screen.display,
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": str(scale),
            "UNDERSTUDY_HOME": str(home),
            "HOME": str(home),
        }
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.app.walk.watched", *[str(each) for each in arguments]],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        self._unread = b""

    @property
    def stderr(self) -> str:
        return self._errors.read_text("utf-8", "replace")

    def ask(self, *question: object) -> Any:
        """What the eyes see. Raises WalkError when the window does not answer."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(question).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError as problem:
            raise WalkError(f"The program has ended: {self.stderr[-2000:]}") from problem
        return json.loads(self._line())

    def _line(self) -> bytes:
        assert self.process.stdout is not None
        until = time.monotonic() + PATIENCE_S
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, until - time.monotonic()))
            arrived = os.read(self.process.stdout.fileno(), 65_536) if ready else b""
            if not arrived:
                raise WalkError(f"The window does not answer. {self.stderr[-2000:]}")
            self._unread += arrived
        line, self._unread = self._unread.split(b"\n", 1)
        return line

    @property
    def scene(self) -> dict[str, Any]:
        return self.ask("scene")

    def until(self, what: str, is_so: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The scene as soon as something is to be seen in it."""

        def look() -> dict[str, Any] | None:
            seen = self.scene
            return seen if is_so(seen) else None

        return wait_for(what, look)

    def place(self, *question: object) -> tuple[int, ...]:
        """Where something is, as soon as it is there."""
        return tuple(wait_for(f"a place for {question}", lambda: self.ask(*question)))

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def end(self) -> None:
        """Whatever state it is in."""
        if self.process.poll() is None:
            self.kill()
