"""The picture of the README: “Harbour lights” with ideas for its bars 9-12, from the real window and engine.

python -m tests.app.walk.portrait assets/screenshot.png
"""

import sys
import tempfile
from pathlib import Path

from engine.formats.songfile import SongFile
from tests.app.demo import harbour_lights
from tests.app.walk.stage import Program, Screen, middle

BARS = (9, 12)


def take(path: Path) -> None:
    """Open the song, ask for variations of the melody, look at the first."""
    with tempfile.TemporaryDirectory() as folder:
        song = Path(folder) / "Harbour lights.understudy"
        SongFile.create(song, harbour_lights()).close()
        screen = Screen()
        window = Program(screen, Path(folder) / "home", song)
        try:
            _pose(screen, window)
            screen.picture(path)
        finally:
            window.end()
            screen.close()


def _pose(screen: Screen, window: Program) -> None:
    window.until("the song is open", lambda seen: seen["has_song"])
    screen.focus("Understudy")
    first, last = (middle(window.place("bar_place", bar)) for bar in BARS)
    screen.do("mousemove", first[0] - 28, first[1], "click", 1)
    screen.drag(first, last)
    screen.click(window.place("named_place", "Melody"))
    for _ in range(2):  # the first question of a start waits for the models to be read
        screen.key("shift+Return")
        window.until("it is asked", lambda seen: seen["is_asking"])
        window.until("the ideas are there", lambda seen: seen["cards"] and not seen["is_asking"])
    screen.key("1")
    screen.do("mousemove", 1200, 880)
    window.until("nothing more is said", lambda seen: not seen["sentence"])


if __name__ == "__main__":
    take(Path(sys.argv[1]))
