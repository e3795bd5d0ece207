"""Songs that have no name and place of their own yet.

A draft is a song file in the app's data folder: every edit is on disk at once, so after a crash it is simply
there again. It goes when the song is saved elsewhere, when the artist throws it away, or when nothing was
ever in it.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from app.settings.paths import drafts_folder
from engine.formats.songfile import SUFFIX, SongFileError, is_in_use, peek, remove_song


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft nobody has open. `title` is empty when the song has none; `saved_at` is UTC."""

    path: Path
    title: str
    saved_at: datetime | None


def new_draft_path() -> Path:
    """A free place for a new draft."""
    return drafts_folder() / f"draft-{datetime.now():%Y%m%d-%H%M%S}-{uuid4().hex[:6]}{SUFFIX}"


def is_draft(path: Path) -> bool:
    """Whether the file lies where drafts are kept."""
    return Path(path).absolute().parent == drafts_folder().absolute()


def recent_drafts(most: int = 12) -> list[Draft]:
    """Drafts that are not open anywhere, the latest first; among them what a crash left behind."""
    drafts = [draft for path in drafts_folder().glob(f"*{SUFFIX}") if (draft := _look_at(path)) is not None]
    drafts.sort(key=lambda draft: (draft.saved_at is not None, draft.saved_at, draft.path.name), reverse=True)
    return drafts[:most]


def discard_draft(path: Path) -> None:
    """Throws a draft away for good. Raises SongFileError: it is open in a window, or is no draft."""
    if not is_draft(path):
        raise SongFileError(f"“{path.name}” is not a draft.")
    remove_song(path)


def _look_at(path: Path) -> Draft | None:
    try:
        return None if is_in_use(path) else Draft(path, *peek(path))
    except SongFileError:
        return None  # not ours, or no longer whole: opening it by hand says so in words
