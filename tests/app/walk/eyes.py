"""What can be seen in the window, and where: the only thing the walk knows of its inside.

Places are rectangles in pixels of the screen: (left, top, width, height).
"""

from typing import Any

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.card import IdeaCard
from app.ui.mainwindow import MainWindow
from app.ui.songpage import SongPage
from engine.music import Role

Place = tuple[int, int, int, int]


def scene(window: MainWindow) -> dict[str, Any]:
    """Everything that is to be read in the window."""
    seen: dict[str, Any] = {
        "is_active": QApplication.activeWindow() is not None,
        "has_dialog": QApplication.activeModalWidget() is not None,
        "title": window.windowTitle(),
        "engine": window.bar.engine.words,
        "engine_pid": window.link.process_id,
        "banner": window.banner.sentence if window.banner.isVisible() else "",
        "sentence": window.status.sentence,
        "is_playing": window.player.is_playing,
        "is_auditioning": window.player.is_auditioning,
        "has_song": window.page is not None,
    }
    return seen | (_page_scene(window.page) if window.page is not None else {})


def _page_scene(page: SongPage) -> dict[str, Any]:
    document, desk, state = page.document, page.desk, page.state
    ghost = state.ghost
    return {
        "path": str(document.path),
        "key": document.song.key.name,
        "chords": [span.chord.lead_sheet(document.song.key) for span in document.song.chords],
        "tracks": [[track.name, track.role.value, len(track.notes)] for track in document.song.tracks],
        "region": list(state.region or ()),
        "playhead": state.playhead_ticks,
        "undo": document.undo_name,
        "redo": document.redo_name,
        "steps": [name for name, _ in document.history()],
        "in_gesture": document.is_in_gesture,
        "is_asking": desk.is_busy,
        "tab": page.panel.tab.value,
        "foot": page.panel.lists[page.panel.tab].said.text(),
        "cards": [_card_scene(card) for card in _cards(page)],
        "ghost": len(ghost.take.notes) or len(ghost.take.chords) if ghost else 0,
    }


def _cards(page: SongPage) -> list[IdeaCard]:
    return page.panel.lists[page.panel.tab].cards()


def _card_scene(card: IdeaCard) -> dict[str, Any]:
    view = card.view
    return {
        "entry": view.entry_id,
        "index": view.index,
        "number": view.number,
        "title": view.title,
        "reasons": view.reasons,
        "state": view.state.value,
        "is_stale": view.is_stale,
        "is_selected": bool(card.property("selected")),
    }


def notes(window: MainWindow, track: str) -> list[dict[str, Any]]:
    """The notes of a part in the song as it is shown, with where those in view stand in the roll."""
    page = window.page
    assert page is not None
    part = next(each for each in page.document.song.tracks if each.name == track)
    axis, rows, grid = page.state.roll_axis, page.state.rows, page.roll.grid
    found = []
    for note in part.notes:
        row = rows.row(note.pitch)
        left, right = axis.x(note.start_ticks), axis.x(note.end_ticks)
        top = (row or 0) * rows.row_px - rows.top_px
        is_seen = page.state.selected_track_id == part.id and row is not None and 0 <= left < grid.width()
        is_seen = is_seen and 0 <= top < grid.height() - rows.row_px
        place = _on_screen(grid, QRectF(left, top, right - left, rows.row_px).toRect()) if is_seen else None
        found.append(
            {
                "id": note.id,
                "start": note.start_ticks,
                "length": note.duration_ticks,
                "pitch": note.pitch,
                "origin": note.origin.value,
                "source": note.source,
                "place": place,
            }
        )
    return found


def bar_place(window: MainWindow, bar: int) -> Place:
    """A 1-based bar in the ruler of the timeline."""
    page = window.page
    assert page is not None
    ruler, time_map = page.timeline.ruler, page.document.song.time_map
    left, right = (ruler.axis.x(time_map.bar_start(each)) for each in (bar - 1, bar))
    return _on_screen(ruler, QRectF(left, 0, right - left, ruler.height()).toRect())


def card_place(window: MainWindow, number: int, name: str = "") -> Place | None:
    """The card with this number, or its button whose accessible name begins so; None when not there."""
    page = window.page
    assert page is not None
    card = next((card for card in _cards(page) if card.view.number == number), None)
    found = card if card is None or not name else card.action(name)
    return _on_screen(found, found.rect()) if found is not None and found.isVisible() else None


def named_place(window: MainWindow, name: str) -> Place | None:
    """Whatever in front can be pressed and has this accessible name (or says this); None when not there."""
    front = QApplication.activePopupWidget() or QApplication.activeModalWidget() or window
    for child in front.findChildren(QWidget):
        says = getattr(child, "text", lambda: "")
        if child.isVisible() and child.isEnabled() and name in (child.accessibleName(), says()):
            return _on_screen(child, child.rect())
    return None


def melody_name(window: MainWindow) -> str:
    page = window.page
    assert page is not None
    track = page.document.song.track_in_role(Role.MELODY)
    return track.name if track else ""


def _on_screen(widget: QWidget, rect: QRect) -> Place:
    ratio = widget.devicePixelRatioF()
    at = (
        widget.mapToGlobal(rect.topLeft()) if rect.topLeft() != QPoint() else widget.mapToGlobal(QPoint(0, 0))
    )
    values = (at.x(), at.y(), rect.width(), rect.height())
    return tuple(round(value * ratio) for value in values)  # type: ignore[return-value]


QUESTIONS = {
    "scene": scene,
    "notes": notes,
    "bar_place": bar_place,
    "card_place": card_place,
    "named_place": named_place,
    "melody_name": melody_name,
}
