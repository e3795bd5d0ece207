"""What the keys do in the timeline."""

from functools import partial
from typing import TYPE_CHECKING

from app.ui.canvas.actions import CanvasAction, Scope

if TYPE_CHECKING:
    from app.ui.canvas.timeline import TimelineView


def timeline_actions(view: "TimelineView") -> list[CanvasAction]:
    """Every action of the timeline."""
    chords, at = view.chord_commands, Scope.TIMELINE
    return [
        CanvasAction("bars.earlier", "Playhead a bar back", "Left", partial(view.move_playhead, -1), at),
        CanvasAction("bars.later", "Playhead a bar on", "Right", partial(view.move_playhead, 1), at),
        CanvasAction("bars.extend", "Select a bar more", "Shift+Right", partial(view.extend_region, 1), at),
        CanvasAction("bars.shrink", "Select a bar less", "Shift+Left", partial(view.extend_region, -1), at),
        CanvasAction("bars.section", "Select this section's bars", "Shift+Z", view.select_section, at),
        CanvasAction("bars.none", "Select no bars", "", partial(view.state.set_region, None), at),
        CanvasAction("tracks.next", "Next track", "Down", partial(view.select_track, 1), at),
        CanvasAction("tracks.previous", "Previous track", "Up", partial(view.select_track, -1), at),
        CanvasAction("tracks.new", "New track", "Ctrl+Shift+T", view.headers.add_track, at),
        CanvasAction("tracks.mute", "Mute the track", "Alt+M", view.toggle_mute, at),
        CanvasAction("tracks.solo", "Solo the track", "Alt+S", view.toggle_solo, at),
        CanvasAction("chords.type", "Type a chord", "C", view.type_chord, at),
        CanvasAction("chords.next", "Next chord", "Alt+Right", partial(chords.select_next, 1), at),
        CanvasAction("chords.previous", "Previous chord", "Alt+Left", partial(chords.select_next, -1), at),
        CanvasAction("chords.delete", "Delete chords", "Del", chords.delete, at),
        CanvasAction("chords.split", "Split chords", "X", chords.split, at),
        CanvasAction("chords.lock", "Lock or unlock chords", "Ctrl+L", chords.toggle_lock, at),
        CanvasAction("sections.rename", "Rename the section", "Shift+F2", view.rename_section, at),
        CanvasAction("sections.new", "New section from here", "Shift+N", view.new_section, at),
        CanvasAction("timeline.zoom_in", "Zoom in", "Ctrl+=", partial(view.zoom_by, 1.25), at),
        CanvasAction("timeline.zoom_out", "Zoom out", "Ctrl+-", partial(view.zoom_by, 0.8), at),
        CanvasAction("timeline.fit", "Show the whole song", "Z", view.fit_song, at),
    ]
