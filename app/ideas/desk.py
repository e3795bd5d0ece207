"""Who asks, who listens, who decides? The desk of the open song: it sends questions to the engine, puts the
takes on the board as they arrive, and carries out what the artist decides.

A thin Qt binding: what a decision does to the song is in `board`, what is asked in `asking`. Hearing an idea
changes nothing; accepting one is one undo step and one line in the ledger.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.ideas.asking import Question, next_seed, request_for
from app.ideas.board import (
    OPEN,
    Board,
    Entry,
    Progress,
    StaleError,
    digest_of,
    song_with_take,
    stored_entry,
)
from app.ideas.players import taken_parts, taken_sections
from app.ideas.sounding import follow_chords
from engine.api.messages import (
    Cancelled,
    Done,
    Failed,
    NextChords,
    Partial,
    PredictNextChord,
    Reply,
    Request,
    Suggest,
    TakeReady,
)
from engine.api.messages import Progress as Working
from engine.api.suggestion import SuggestionRequest, Take
from engine.formats.songfile import Act, StoredSuggestion, TakeRef, TakeState
from engine.music import MusicError, Song

NOTHING_CAME = "Nothing came that fits. Fewer things to keep, or other bars, may help."
STILL_WRITTEN = "This idea is still being written."


class Link(Protocol):
    """What the desk needs of the engine link."""

    def send(self, request: Request, on_reply: Callable[[Reply], None] | None = None) -> int: ...
    def cancel(self, request_id: int) -> None: ...


class Store(Protocol):
    """What the desk needs of the open document."""

    @property
    def song(self) -> Song: ...
    @property
    def suggestions(self) -> tuple[StoredSuggestion, ...]: ...
    def commit(
        self, name: str, song: Song, *, act: Act, take: TakeRef | None, take_state: TakeState
    ) -> bool: ...
    def add_suggestion(self, request: SuggestionRequest) -> str: ...
    def add_take(self, suggestion_id: str, take: Take) -> None: ...
    def set_withheld(self, suggestion_id: str, withheld: int) -> None: ...
    def set_take_state(self, ref: TakeRef, state: TakeState) -> None: ...


class IdeasDesk(QObject):
    """The board of the open song, and the selected take.

    entry_changed(id): takes, progress or decisions of an entry. selection_changed: another take, or none.
    working(fraction, doing): how far the running question is. said(sentence): what could not be done.
    """

    entry_changed = Signal(str)
    board_changed = Signal()
    selection_changed = Signal()
    working = Signal(float, str)
    next_chords_changed = Signal(object)
    said = Signal(str)

    def __init__(self, link: Link, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self._store: Store | None = None
        self.board = Board()
        self._selected: tuple[str, int] | None = None
        self._running: tuple[int, str] | None = None
        self._looks_first_at = ""  # the entry whose first card is looked at when it comes
        self._asked_next = 0
        self._made: tuple[Song, tuple[object, ...], Song] | None = None  # the song with a take, made last

    # the open song ------------------------------------------------------------

    def open(self, store: Store) -> None:
        """Take up the ideas of a song that has been opened."""
        self.close()
        self._store = store
        self.reload()

    def close(self) -> None:
        """No song any more; what the engine still says is not for us."""
        self.cancel()
        self._store, self._running, self._selected, self._made = None, None, None, None
        self.board = Board()
        self.board_changed.emit()

    def reload(self) -> None:
        """Read the decisions again, as after undo and redo."""
        if self._store is None:
            return
        running = self._entry_running()
        self.board = Board(stored_entry(stored) for stored in self._store.suggestions)
        if running is not None:
            self.board.put(running)
        self.board_changed.emit()
        self.selection_changed.emit()

    # asking -------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        return self._running is not None

    def ask(
        self, question: Question, bars: tuple[int, int], track_id: int = 0, chosen_notes: Iterable[int] = ()
    ) -> str:
        """Ask the engine; the entry's id, or nothing when it makes no sense (and `said` says why)."""
        if self._store is None:
            return ""
        seed = next_seed(entry.request.seed for entry in self.board)
        try:
            request = request_for(question, self._store.song, bars, track_id, seed, chosen_notes)
        except MusicError as problem:
            self.said.emit(str(problem))
            return ""
        return self._send(request)

    def ask_again(self, entry_id: str) -> str:
        """The same question about the bars as they are now."""
        entry = self.board.get(entry_id)
        return self._send(self._renewed(entry.request)) if entry else ""

    def more_like(self, entry_id: str, index: int) -> str:
        """The same question with other seeds, as far from the original as this take turned out."""
        entry = self.board.get(entry_id)
        take = entry.take(index) if entry else None
        if entry is None or take is None:
            return ""
        request = self._renewed(entry.request)
        if take.scores.distance is not None and request.controls.distance is not None:
            near = min(1.0, max(0.0, take.scores.distance))
            request = replace(request, controls=replace(request.controls, distance=near))
        return self._send(request)

    def _renewed(self, request: SuggestionRequest) -> SuggestionRequest:
        assert self._store is not None
        seed = next_seed(entry.request.seed for entry in self.board)
        return replace(request, song=self._store.song, seed=seed)

    def _send(self, request: SuggestionRequest) -> str:
        if self._store is None:
            return ""
        self.cancel()
        entry_id = self._store.add_suggestion(request)
        if not entry_id:
            return ""
        self.board.put(Entry(entry_id, request, digest_of(request.song, request)))
        request_id = self._link.send(Suggest(request), partial(self._replied, self._store, entry_id))
        self._running = (request_id, entry_id)
        self._looks_first_at = entry_id
        self.working.emit(-1.0, "Looking for ideas")
        self.entry_changed.emit(entry_id)
        return entry_id

    def cancel(self) -> bool:
        """Stop the running question; true when there was one. Takes that came stay."""
        running, self._running = self._running, None
        if running is None:
            return False
        self._link.cancel(running[0])
        entry = self.board.get(running[1])
        if entry is not None and entry.progress is Progress.ASKED:
            self._put(replace(entry.without_growing(), progress=Progress.CANCELLED))
            self._look_elsewhere()
        return True

    def _entry_running(self) -> Entry | None:
        return self.board.get(self._running[1]) if self._running else None

    def _replied(self, store: Store, entry_id: str, reply: Reply) -> None:
        entry = self.board.get(entry_id)
        if store is not self._store or entry is None:
            return
        match reply:
            case Partial(take) if entry.progress is Progress.ASKED:
                self._put(entry.with_growing(take))
                self._look_first_at(entry_id, take.index)
            case TakeReady(take):
                self._take_came(store, entry, take)
            case Working(fraction, doing):
                self.working.emit(fraction, doing)
            case Done(withheld=withheld, notice=notice):
                nothing = "" if entry.without_growing().takes or withheld else NOTHING_CAME
                self._ended(entry, Progress.DONE, notice or nothing, withheld)
            case Failed(sentence=sentence):
                self._ended(entry, Progress.FAILED, sentence)
            case Cancelled():
                self._ended(entry, Progress.CANCELLED)

    def _take_came(self, store: Store, entry: Entry, take: Take) -> None:
        store.add_take(entry.id, take)
        self._put(entry.with_take(take))
        self._look_first_at(entry.id, take.index)

    def _ended(self, entry: Entry, progress: Progress, sentence: str = "", withheld: int = 0) -> None:
        if self._running is not None and self._running[1] == entry.id:
            self._running = None
        if withheld and self._store is not None:
            self._store.set_withheld(entry.id, withheld)
        finished = entry.without_growing()
        self._put(replace(finished, progress=progress, sentence=sentence, withheld=withheld))
        self._look_elsewhere()
        self.working.emit(1.0, "")

    def _look_first_at(self, entry_id: str, index: int) -> None:
        """The first card of an answer is looked at, unless the artist has turned to another since asking."""
        if self._looks_first_at == entry_id:
            self.select(entry_id, index)

    def _look_elsewhere(self) -> None:
        """When what was looked at is not there any more: at the first of the same answer, if there is one."""
        if self._selected is None or self.selected is not None:
            return
        entry = self.board.get(self._selected[0])
        left = entry.shown() if entry else ()
        if entry is not None and left:
            self.select(entry.id, left[0].index)
        else:
            self.select_none()

    def _put(self, entry: Entry) -> None:
        self.board.put(entry)
        self.entry_changed.emit(entry.id)

    # next chord ---------------------------------------------------------------

    def ask_next(self, chords: tuple[str, ...]) -> None:
        """What may follow these chords? Answered through next_chords_changed, the newest question only."""
        if self._store is None:
            return
        song = self._store.song
        key = song.key if song.time_map.keys else None
        self._asked_next += 1
        self._link.send(
            PredictNextChord(chords, key, song=replace(song, tracks=())),
            partial(self._next_came, self._asked_next),
        )

    def _next_came(self, number: int, reply: Reply) -> None:
        if self._store is not None and number == self._asked_next and isinstance(reply, NextChords):
            self.next_chords_changed.emit(reply.next)

    # looking ------------------------------------------------------------------

    @property
    def selected(self) -> tuple[Entry, Take] | None:
        """The take that is being looked at."""
        if self._selected is None:
            return None
        entry = self.board.get(self._selected[0])
        take = entry.take(self._selected[1]) if entry else None
        return (entry, take) if entry and take else None

    @property
    def selected_name(self) -> tuple[str, int] | None:
        return self._selected if self.selected else None

    @property
    def is_growing(self) -> bool:
        """Whether the take that is being looked at is still being written."""
        selected = self.selected
        return selected is not None and selected[1].index in selected[0].growing

    def select(self, entry_id: str, index: int) -> None:
        self._looks_first_at = ""
        if (entry_id, index) != self._selected:
            self._selected = (entry_id, index)
            self.selection_changed.emit()

    def select_none(self) -> None:
        self._looks_first_at = ""
        if self._selected is not None:
            self._selected = None
            self.selection_changed.emit()

    def heard_song(self, bars: Iterable[int] = (), parts: Collection[int] = ()) -> Song | None:
        """The song as it would be with the selected take, or only some of its parts; None when there is none
        (yet) or it no longer fits.
        """
        if self._store is None or self.selected is None or self.is_growing:
            return None
        entry, take = self.selected
        song = self._store.song
        try:
            return self._with_take(song, entry, take, frozenset(bars), frozenset(parts))
        except MusicError as problem:
            self.said.emit(str(problem))
            return None

    def _with_take(
        self,
        song: Song,
        entry: Entry,
        take: Take,
        bars: frozenset[int],
        parts: frozenset[int],
        sections: frozenset[int] = frozenset(),
    ) -> Song:
        """What is heard is what is accepted: made once. Raises MusicError."""
        key = (entry.id, take, bars, parts, sections)
        if self._made is None or self._made[0] is not song or self._made[1] != key:
            made = song_with_take(song, entry, take, bars, parts=parts, sections=sections)
            self._made = (song, key, _with_followers(song, made, entry, take))
        return self._made[2]

    # deciding -----------------------------------------------------------------

    def accept(
        self,
        bars: Iterable[int] = (),
        state: TakeState = TakeState.ACCEPTED,
        parts: Collection[int] = (),
        sections: Collection[int] = (),
    ) -> Song | None:
        """Put the selected take (or some of its bars, parts or sections) into the song: one step. The new
        song, None if refused. A take of which parts or sections are left stays an offer.
        """
        chosen = frozenset(bars)
        if self._store is None or self.selected is None or self._is_too_early():
            return None
        entry, take = self.selected
        if entry.state(take.index) not in OPEN:
            return None
        before = self._store.song
        try:
            if entry.is_stale(before):
                raise StaleError
            after = self._with_take(before, entry, take, chosen, frozenset(parts), frozenset(sections))
            name = _step_name(take, parts, sections)
        except MusicError as problem:
            self.said.emit(str(problem))
            return None
        if (parts or sections) and _has_more(entry, take, after):
            state = entry.state(take.index)
        if not self._store.commit(name, after, act=Act.ACCEPT, take=entry.ref(take), take_state=state):
            return None
        self._put(entry.with_state(take.index, state))
        self.selection_changed.emit()
        return self._store.song

    def reject(self) -> None:
        """Put the selected take away for good and look at the next one."""
        if self.selected is None or self._is_too_early():
            return
        entry, take = self.selected
        if self._set_state(entry, take, TakeState.REJECTED):
            left = [other.index for other in entry.shown() if other.index != take.index]
            after = [index for index in left if index > take.index] or left[-1:]
            if after:
                self.select(entry.id, after[0])
            else:
                self.select_none()

    def toggle_kept(self) -> None:
        """Into the tray, or out of it."""
        if self.selected is None or self._is_too_early():
            return
        entry, take = self.selected
        is_kept = entry.state(take.index) is TakeState.KEPT
        self._set_state(entry, take, TakeState.OFFERED if is_kept else TakeState.KEPT)

    def _is_too_early(self) -> bool:
        """Nothing can be decided about a take that is still being written; it is said."""
        if self.is_growing:
            self.said.emit(STILL_WRITTEN)
        return self.is_growing

    def _set_state(self, entry: Entry, take: Take, state: TakeState) -> bool:
        if self._store is None or entry.state(take.index) not in OPEN:
            return False
        self._store.set_take_state(entry.ref(take), state)
        self._put(entry.with_state(take.index, state))
        return True


def _step_name(take: Take, parts: Collection[int], sections: Collection[int]) -> str:
    """`Accept “Slow lift”`, or `Accept Bass of “Slow lift”`."""
    names = [take.parts[place].name for place in sorted(parts)]
    names += [take.plan[place].name for place in sorted(sections)]
    title = f"“{take.title}”" if take.title else "an idea"
    return f"Accept {' and '.join(names)} of {title}" if names else f"Accept {title}"


def _has_more(entry: Entry, take: Take, song: Song) -> bool:
    """Whether something of the take is not in the song yet."""
    if take.plan:
        return len(taken_sections(entry, take, song)) < len(take.plan)
    return len(taken_parts(entry, take, song)) < len(take.parts)


def _with_followers(before: Song, after: Song, entry: Entry, take: Take) -> Song:
    """For new chords, the parts that play them go along."""
    if not entry.writes_chords:
        return after
    start, end = entry.request.region.span_ticks(before)
    return follow_chords(before, after, start, end, str(entry.ref(take)))
