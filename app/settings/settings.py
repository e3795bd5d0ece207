"""What does the desktop remember between two starts?

One small JSON file, written whole and moved into place. A file that cannot be read counts as none: settings
are never worth refusing to start.

>>> Settings().with_recent(Recent("/songs/a.understudy", "A")).recent[0].title
'A'
"""

import json
import time
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from app.settings.paths import settings_file

MAX_RECENT = 12


@dataclass(frozen=True, slots=True)
class Recent:
    """A song as the start page lists it: `facts` are "E♭ major · 92 bpm", `opened_s` seconds since 1970."""

    path: str
    title: str
    facts: str = ""
    opened_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything remembered. `keys` maps action names to key sequences and outranks assets/keymap.json."""

    recent: tuple[Recent, ...] = ()
    window_geometry: str = ""
    panel_width: int = 370
    timeline_height: int = 300
    last_folder: str = ""
    last_song: str = ""
    metronome: bool = False
    count_in: bool = False
    tour_seen: bool = False
    keys: dict[str, list[str]] = field(default_factory=dict)

    def with_recent(self, song: Recent) -> "Settings":
        """The song first in the list, once."""
        stamped = song if song.opened_s else replace(song, opened_s=time.time())
        rest = [other for other in self.recent if other.path != song.path]
        return replace(self, recent=(stamped, *rest)[:MAX_RECENT])

    def without_recent(self, path: str) -> "Settings":
        return replace(self, recent=tuple(song for song in self.recent if song.path != path))


def load(path: Path | None = None) -> Settings:
    """The settings on disk, or the defaults for whatever is missing or unreadable."""
    file = path or settings_file()
    try:
        record = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as problem:
        _note(f"The settings could not be read and start afresh: {problem}")
        return Settings()
    return _from_record(record) if isinstance(record, dict) else Settings()


def save(settings: Settings, path: Path | None = None) -> bool:
    """Write them whole; false (and a line in the log) when the disk refuses."""
    file = path or settings_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(file.name + ".new")
        part.write_text(json.dumps(asdict(settings), ensure_ascii=False, indent=1), "utf-8")
        part.replace(file)
    except OSError as problem:
        _note(f"The settings could not be written: {problem}")
        return False
    return True


def _from_record(record: dict[str, Any]) -> Settings:
    defaults = Settings()
    known: dict[str, Any] = {}
    for item in fields(Settings):
        value = record.get(item.name)
        if item.name == "recent":
            known["recent"] = _recent_from(value)
        elif item.name == "keys":
            known["keys"] = _keys_from(value)
        elif type(value) is type(getattr(defaults, item.name)):
            known[item.name] = value
    return replace(defaults, **known)


def _recent_from(value: Any) -> tuple[Recent, ...]:
    songs = [song for song in value if isinstance(song, dict)] if isinstance(value, list) else []
    return tuple(
        Recent(
            str(song["path"]), str(song["title"]), str(song.get("facts", "")), _number(song.get("opened_s"))
        )
        for song in songs
        if song.get("path") and song.get("title")
    )


def _keys_from(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        return {}
    return {str(name): [str(key) for key in keys] for name, keys in value.items() if isinstance(keys, list)}


def _note(sentence: str) -> None:
    """Into the log; imported here, since the first paint waits for this module."""
    import logging

    logging.getLogger(__name__).warning(sentence)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
