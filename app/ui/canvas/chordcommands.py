"""What can be done to chords? Typing, deleting, splitting, locking; each is one named undo step."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.ui.canvas.gestures import plural
from app.ui.canvas.session import commit_edit
from app.ui.editorstate import EditorState
from engine.music import Chord, ChordSpan, ChordSyntaxError, Song, edits

if TYPE_CHECKING:
    from app.document.document import SongDocument


class ChordCommands:
    """The chord commands of one editor."""

    def __init__(self, document: "SongDocument", state: EditorState) -> None:
        self._document = document
        self._state = state

    @property
    def selected(self) -> tuple[ChordSpan, ...]:
        chosen = self._state.selected_chord_ids
        return tuple(span for span in self._document.song.chords if span.id in chosen)

    def typed(self, start_ticks: int, duration_ticks: int, text: str) -> str:
        """Take what was typed for a stretch; nothing typed deletes. Returns why not, or an empty string."""
        wanted = read_chord(text)
        if isinstance(wanted, str):
            return wanted
        standing = next((s for s in self._document.song.chords if s.start_ticks == start_ticks), None)
        if wanted is None:
            if standing is not None:
                self._commit("Delete chord", lambda song: edits.delete_chords(song, [standing.id]))
        elif standing is not None:
            self._commit("Change chord", lambda song: edits.change_chord(song, standing.id, wanted))
        else:
            self._commit("New chord", lambda song: edits.set_chord(song, start_ticks, duration_ticks, wanted))
        return ""

    def delete(self) -> None:
        ids = [span.id for span in self.selected]
        if not ids:
            self._state.say("Select a chord first.")
            return
        self._commit(plural("Delete chord", len(ids)), lambda song: edits.delete_chords(song, ids))
        self._state.forget_missing(self._document.song)

    def split(self) -> None:
        """Each selected chord becomes two halves, the second free to be changed."""
        spans = [span for span in self.selected if span.duration_ticks > 1]

        def halved(song: Song) -> Song:
            for span in spans:
                half = span.duration_ticks // 2
                start, length = span.start_ticks + half, span.duration_ticks - half
                song = edits.set_chord(song, start, length, span.chord, span.origin, span.source)
            return song

        self._commit(plural("Split chord", max(1, len(spans))), halved)

    def toggle_lock(self) -> None:
        """Lock the selected chords against ideas; unlock when all are locked."""
        spans = self.selected
        lock = not all(span.locked for span in spans)
        name = plural("Lock chord" if lock else "Unlock chord", max(1, len(spans)))
        self._commit(name, lambda song: edits.lock_chords(song, [span.id for span in spans], lock))

    def select_next(self, step: int) -> None:
        """The chord after (or before) the selected one; the one at the playhead when none is."""
        spans = self._document.song.chords
        if not spans:
            self._state.say("There are no chords yet.")
            return
        chosen = [i for i, span in enumerate(spans) if span.id in self._state.selected_chord_ids]
        if chosen:
            place = (chosen[-1] if step > 0 else chosen[0]) + step
        else:
            at = self._state.playhead_ticks
            place = next((i for i, span in enumerate(spans) if span.end_ticks > at), len(spans) - 1)
        self._state.select_chords({spans[max(0, min(len(spans) - 1, place))].id})

    def _commit(self, name: str, edit: Callable[[Song], Song]) -> None:
        commit_edit(self._document, self._state, name, edit)


def read_chord(text: str) -> Chord | str | None:
    """The chord that was typed, None for nothing, or a sentence that says why it is none.

    Small letters at the beginning are forgiven: `ebm7` is E♭m7.
    """
    text = text.strip()
    if not text:
        return None
    try:
        return Chord.parse(text)
    except ChordSyntaxError as first:
        try:
            return Chord.parse(text[0].upper() + text[1:])
        except ChordSyntaxError:
            return f"{first} Try Cm7, F♯ or Bb/D."


def gap_at(song: Song, tick: int) -> tuple[int, int]:
    """The stretch a chord typed at an empty place fills: what is free of its bar."""
    bar = song.time_map.bar_of(tick)
    before = max((span.end_ticks for span in song.chords if span.end_ticks <= tick), default=0)
    after = min((span.start_ticks for span in song.chords if span.start_ticks > tick), default=None)
    start, end = max(song.time_map.bar_start(bar), before), song.time_map.bar_end(bar)
    return start, end if after is None else min(end, after)
