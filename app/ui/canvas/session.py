"""How a drag becomes one undo step: begin, preview while it runs, end or cancel."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.ui.canvas.gestures import Drag, Pointer
from app.ui.editorstate import EditorState
from engine.music import MusicError, Song

if TYPE_CHECKING:
    from app.document.document import SongDocument


class DragSession:
    """One running drag over the document; the selection follows and comes back when it is cancelled."""

    def __init__(self, document: "SongDocument", state: EditorState, drag: Drag) -> None:
        self.drag = drag
        self._document = document
        self._state = state
        self._selected_before = state.selected_note_ids
        document.begin_gesture(drag.name)

    def move(self, to: Pointer) -> None:
        """Show the song as it would be; what cannot be is said and not shown.

        Nothing happens when the gesture is over already: an undo in the middle of a drag ends it.
        """
        if not self._document.is_in_gesture:
            return
        try:
            song = self.drag.dragged(to)
        except MusicError as error:
            self._state.say(str(error))
            return
        self._document.preview(song)
        if self.drag.note_ids is not None:
            self._state.select_notes(self.drag.note_ids)

    def finish(self) -> None:
        """Make it one undo step."""
        self._document.end_gesture()

    def cancel(self) -> None:
        """Leave the song and the selection as they were."""
        self._document.cancel_gesture()
        self._state.select_notes(self._selected_before)


def commit_edit(
    document: "SongDocument", state: EditorState, name: str, edit: Callable[[Song], Song]
) -> bool:
    """Commit `edit(song)` as one step; says why not when it cannot be. True when it is done."""
    try:
        song = edit(document.song)
    except MusicError as error:
        state.say(str(error))
        return False
    if song == document.song:
        return False
    return document.commit(name, song)
