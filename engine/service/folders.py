"""Which folders of songs are ideas compared with, besides what the models learnt from?

Adding and forgetting are answered with the list as it is then. Reading a big folder takes a while: it tells
how far it is, and when it is cancelled nothing has changed.
"""

import time
from collections.abc import Callable
from pathlib import Path

from engine.api.errors import BadRequestError
from engine.api.messages import AddedFolder, AddFolder, Folders, ForgetFolder, ListFolders, Progress
from engine.ranking.originality.folders import Heed, Whose, add_folder, added_folders, forget_folder

_READING, _SORTING = "Reading your folder", "Sorting what was read"
_LONGEST_PATH = 4_096
_TOLD_EVERY_S = 0.1
_SHARE_OF_READING = 0.95


def folders_after(
    request: AddFolder | ForgetFolder | ListFolders,
    emit: Callable[[Progress], None],
    checkpoint: Callable[[], None],
) -> Folders:
    """Does what is asked; the folders from then on. Raises BadFileError, BadRequestError."""
    troubles: tuple[str, ...] = ()
    match request:
        case AddFolder(path, is_reference):
            whose = Whose.REFERENCE if is_reference else Whose.YOURS
            troubles = add_folder(_folder(path), whose, _heeding(emit, checkpoint)).troubles
        case ForgetFolder(path):
            forget_folder(_folder(path))
    listed = added_folders().items()
    return Folders(
        tuple(AddedFolder(path, whose is Whose.REFERENCE, works) for path, (whose, works) in listed), troubles
    )


def _folder(path: str) -> Path:
    if not 0 < len(path) <= _LONGEST_PATH or "\x00" in path or not Path(path).is_absolute():
        raise BadRequestError("A folder is named by its whole path.")
    return Path(path)


def _heeding(emit: Callable[[Progress], None], checkpoint: Callable[[], None]) -> Heed:
    """Tells now and then how far the reading is."""
    told_s = 0.0

    def heed(number: int, count: int) -> None:
        nonlocal told_s
        checkpoint()
        is_last = count > 0 and number == count
        if is_last or time.monotonic() - told_s >= _TOLD_EVERY_S:
            told_s = time.monotonic()
            share = _SHARE_OF_READING * number / count if count else -1.0
            emit(Progress(share, _SORTING if is_last else _READING))

    return heed
