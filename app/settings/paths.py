"""Where does the desktop keep what is not the artist's own file?

`UNDERSTUDY_HOME` moves everything into one folder (tests, portable installs).

>>> drafts_folder().name
'drafts'
"""

import os
from pathlib import Path

from platformdirs import user_config_path, user_data_path

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def settings_file() -> Path:
    return _home("config") / "settings.json"


def drafts_folder() -> Path:
    """Songs that were never saved by hand; they survive a crash and wait here."""
    return _made(_home("data") / "drafts")


def drag_folder() -> Path:
    """Finished MIDI files dragged into other programs; kept, since those programs may only link to them."""
    return _made(_home("data") / "dragged")


def recordings_folder() -> Path:
    """Recordings on their way to the engine; a song keeps its own copy, so they may be thrown away."""
    return _made(_home("data") / "recordings")


def takes_folder() -> Path:
    """Takes that were recorded and not used yet."""
    return _made(_home("data") / "takes")


def demos() -> tuple[Path, ...]:
    """The demo sketches, in the order the start page shows them."""
    return tuple(sorted((ASSETS / "demos").glob("*.mid")))


def _home(part: str) -> Path:
    moved = os.environ.get("UNDERSTUDY_HOME")
    if moved:
        return Path(moved) / part
    make = user_config_path if part == "config" else user_data_path
    return make("understudy", appauthor=False)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
