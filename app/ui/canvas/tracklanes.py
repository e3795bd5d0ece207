"""The lanes of the tracks: the whole song in small notes, region and playhead over it."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.canvas.barselect import BarRuler
from app.ui.canvas.ghostlanes import Lane, Lanes
from app.ui.canvas.lanepaint import ONE_BY_ONE, lane_heights, note_boxes, paint_boxes, paint_crowd
from app.ui.canvas.lines import paint_bar_lines
from app.ui.canvas.noteindex import index_of
from app.ui.canvas.rollnotes import GhostNotes, shows_notes
from app.ui.canvas.trackheader import LANE_HEIGHT
from app.ui.editorstate import EditorState, Ghost
from engine.music import Role, Track

if TYPE_CHECKING:
    from app.document.document import SongDocument

MUTED = 0.35
REPLACED = 0.4


class TrackLanes(BarRuler):
    """Click selects a track, a drag selects bars, a double-click shows the place in the roll."""

    has_bars_over_it = True

    lanes_scrolled = Signal()

    def __init__(self, document: "SongDocument", state: EditorState, parent: QWidget | None = None) -> None:
        super().__init__(document, state, "Tracks", parent)
        self.top_px = 0.0
        self._lanes = Lanes()
        self._pictures: dict[int, tuple[tuple[object, ...], QPixmap]] = {}
        self.setAccessibleDescription("Click a lane to select its track, drag to select bars.")
        state.track_selected.connect(self._repaint)

    def track_at(self, y: float) -> Track | None:
        """The track whose lane is at y."""
        place = int((y + self.top_px) // LANE_HEIGHT)
        lanes = self.lanes
        wanted = lanes[place].track.id if 0 <= place < len(lanes) else None
        return next((track for track in self.document.song.tracks if track.id == wanted), None)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """What is shown, from top to bottom: the song's tracks, and those an idea would add."""
        return self._lanes.of(self.document.song, self.state.ghost, self.state.selected_track_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        self.paint_region(painter)
        time_map = self.shown_song.time_map
        paint_bar_lines(painter, time_map, self.axis, self.width(), self.height())
        for place, lane in enumerate(self.lanes):
            y = place * LANE_HEIGHT - self.top_px
            painter.fillRect(QRectF(0, y + LANE_HEIGHT - 2, self.width(), 1.5), theme.LINE_SOFT)
            if -LANE_HEIGHT < y < self.height():
                painter.drawPixmap(QPointF(0, y), self._picture(lane))
        self.paint_playhead(painter)

    def _picture(self, lane: Lane) -> QPixmap:
        """The lane's notes, painted once for each state of track, view and idea."""
        track = lane.track
        audible = self._is_audible(track)
        ratio = self.devicePixelRatioF()
        key = (track.notes, track.role, self.axis, self.width(), ratio, lane.ghost, audible)
        held = self._pictures.get(track.id)
        if held is not None and _same(held[0], key):
            return held[1]
        picture = QPixmap(round(self.width() * ratio), round(LANE_HEIGHT * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setOpacity(1.0 if audible else MUTED)
        self._paint_track(painter, track, lane.ghost)
        painter.end()
        self._pictures[track.id] = (key, picture)
        return picture

    def ghost_over(self, track: Track) -> Ghost | None:
        """The idea, if its notes are shown over this track."""
        ghost = self.state.ghost
        selected = self.state.selected_track_id
        return ghost if ghost is not None and shows_notes(ghost, track.id, selected) else None

    def _is_audible(self, track: Track) -> bool:
        soloed = any(other.soloed for other in self.document.song.tracks)
        return not track.muted and (track.soloed or not soloed)

    def _paint_track(self, painter: QPainter, track: Track, ghost: GhostNotes | None) -> None:
        index, axis = index_of(track), self.axis
        drums = track.role is Role.DRUMS
        pitches = index.pitches
        if ghost is not None:
            pitches = np.concatenate([pitches, ghost.index.pitches])
        tops = lane_heights(pitches, LANE_HEIGHT, drums=drums)
        colour = theme.ROLE_COLOURS[track.role]
        rows = index.between(axis.left_ticks, axis.right_ticks(self.width()))
        if len(rows) > ONE_BY_ONE:
            paint_crowd(painter, index, tops, axis, QRectF(0, 0, self.width(), LANE_HEIGHT), colour)
            return
        boxes = note_boxes(index, rows, tops, axis, drums=drums)
        if ghost is None:
            paint_boxes(painter, boxes, colour)
            return
        dim = ghost.replaces(index, rows).tolist()
        paint_boxes(painter, [b for b, d in zip(boxes, dim, strict=True) if not d], colour)
        faded = theme.with_alpha(colour, REPLACED)
        paint_boxes(painter, [b for b, d in zip(boxes, dim, strict=True) if d], faded)
        shown = ghost.index.between(axis.left_ticks, axis.right_ticks(self.width()))
        ghosts = note_boxes(ghost.index, shown, tops, axis, drums=drums)
        inside = ghost.covers(ghost.index.starts[shown]).tolist()
        paint_boxes(painter, [b for b, i in zip(ghosts, inside, strict=True) if i], theme.ACCENT)
        left_out = theme.with_alpha(theme.ACCENT, REPLACED)
        paint_boxes(painter, [b for b, i in zip(ghosts, inside, strict=True) if not i], left_out)

    # mouse ------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        track = self.track_at(event.position().y())
        if track is not None:
            self.state.select_track(track.id)
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_selecting:
            super().mouseReleaseEvent(event)
        self._auto_scroll.stop()
        self._anchor_bar = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        bar = self.bar_at(event.position().x())
        region = self.state.region
        first = bar - bar % 4
        self.state.show_bars(*(region if region and region[0] <= bar < region[1] else (first, first + 4)))

    def region_chosen(self) -> None:
        super().region_chosen()
        if self.state.region is not None:
            self.state.show_bars(*self.state.region)

    def scroll_rows(self, pixels: float) -> bool:
        limit = max(0.0, len(self.lanes) * LANE_HEIGHT - self.height())
        if limit == 0:
            return False
        self.lanes_scrolled_to(min(limit, max(0.0, self.top_px + pixels)))
        return True

    def lanes_scrolled_to(self, top_px: float) -> None:
        """Show the lanes from there on; the view moves the headers along."""
        self.top_px = top_px
        self.lanes_scrolled.emit()
        self.update()


def _same(held: tuple[object, ...], key: tuple[object, ...]) -> bool:
    """Equal keys; the notes are compared by identity, which is enough for values that never change."""
    return held[0] is key[0] and held[5] is key[5] and held[1:5] == key[1:5] and held[6] == key[6]
