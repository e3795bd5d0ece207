"""How does music leave the window: a file that is chosen, or one that is dragged onto a track of a DAW?

A dragged file is finished before the drag begins and is kept: the other program may only link to it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from app.ideas.board import Entry
from app.settings.paths import drag_folder
from app.ui import theme
from engine.api.suggestion import Take
from engine.formats.midi import export_name, save_midi
from engine.music import EditError, Song, edits
from engine.music.edits.common import with_track

if TYPE_CHECKING:
    from app.ui.songpage import SongPage


class Handed(Enum):
    """What is taken out."""

    SONG = "song"
    TRACK = "track"
    IDEA = "idea"


def song_alone(song: Song) -> tuple[Song, str]:
    """The whole song and the name of the part for the file."""
    return song, "Song"


def track_alone(song: Song, track_id: int) -> tuple[Song, str]:
    """Only one track, with the chords and sections of the song."""
    track = song.track(track_id)
    return replace(song, tracks=(track,)), track.name


def idea_alone(heard: Song, entry: Entry, take: Take) -> tuple[Song, str]:
    """Only the bars of a take, moved to the beginning: its notes, or its chords; a whole song as it is."""
    if take.song is not None:
        return heard, f"Idea {take.title or take.index + 1}"
    region = entry.request.region
    song = heard
    if region.end_bar < song.bars:
        song = edits.delete_bars(song, region.end_bar, song.bars)
    if region.start_bar > 0:
        song = edits.delete_bars(song, 0, region.start_bar)
    if entry.writes_chords:
        song = replace(song, tracks=())
    else:
        source = str(entry.ref(take))
        own = next((t for t in song.tracks if t.id == entry.request.track_id), None)
        track = own or next(t for t in song.tracks if any(note.source == source for note in t.notes))
        song = replace(with_track(song, track), tracks=(track,))
    return song, f"Idea {take.title or take.index + 1}"


def finished_file(song: Song, part: str, folder: Path | None = None) -> Path:
    """Write the MIDI file that is to be dragged. Raises BadFileError."""
    return save_midi(song, (folder or drag_folder()) / export_name(song, part))


def start_drag(widget: QWidget, path: Path) -> bool:
    """Let the file hang on the mouse; true when another program took it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drag = QDrag(widget)
    drag.setMimeData(data)
    drag.setPixmap(_picture(path.stem, widget))
    return drag.exec(Qt.DropAction.CopyAction, Qt.DropAction.CopyAction) == Qt.DropAction.CopyAction


def _picture(name: str, widget: QWidget) -> QPixmap:
    font = theme.ui_font(12)
    width = min(320, widget.fontMetrics().horizontalAdvance(name) + 24)
    ratio = widget.devicePixelRatioF()
    picture = QPixmap(round(width * ratio), round(28 * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(theme.ACCENT)
    painter = QPainter(picture)
    painter.setFont(font)
    painter.setPen(theme.ON_ACCENT)
    painter.drawText(12, 19, name)
    painter.end()
    return picture


def what_is_handed(page: "SongPage", what: Handed) -> tuple[Song, str]:
    """The song to write and the name of its part. Raises EditError when it is not there."""
    song = replace(page.document.song, title=page.document.title)
    if what is Handed.TRACK:
        return track_alone(song, page.state.selected_track_id)
    if what is Handed.IDEA:
        selected, heard = page.desk.selected, page.desk.heard_song(page.ideas.chosen_bars)
        if selected is None or heard is None:
            raise EditError("Select an idea first; then Alt and drag takes it along.")
        return idea_alone(replace(heard, title=song.title), *selected)
    return song_alone(song)


def ledger_detail(written: Sequence[Path]) -> dict[str, object]:
    """What the ledger says about exported files: name and hash of each."""
    files = [{"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for path in written]
    return {"format": "midi", "files": files}
