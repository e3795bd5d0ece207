"""The open song file: song, undo steps, sketches, ideas and ledger. A change is on disk when it returns.

    file = SongFile.create(path, song, SketchSource("riff.mid", data))
    file.commit("Move 3 notes", edits.move(file.song, ...))
    file.undo()

Ids of notes, chords, sections and tracks are never given out twice: `song.next_id` only grows, over undo too.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import engine.formats.songfile.connection as connections
from engine.api.suggestion import SuggestionRequest, Take
from engine.formats.songfile.copying import copy_to
from engine.formats.songfile.errors import DamagedSongError, SongNotWrittenError, in_words
from engine.formats.songfile.ideas import IdeaShelf
from engine.formats.songfile.lock import SongLock
from engine.formats.songfile.opening import begin_song, next_free_id, read_content, read_now, sketch_record
from engine.formats.songfile.parts import EMPTY, SongParts, changed_aspects, cut
from engine.formats.songfile.records import SketchSource, Step, StoredSuggestion, TakeRef, TakeState
from engine.formats.songfile.store import Place, SongStore
from engine.music.song import Song
from engine.provenance.difference import Difference
from engine.provenance.ledger import Act, Actor, Entry, LedgerRow
from engine.provenance.origins import settle_origins
from engine.provenance.record import act_of_edit, describe, span_of

_ENGINE_ACTS = frozenset({Act.OFFER, Act.HEAR})


class SongFile:
    """One song file, used by one thread at a time. Made by `create`, `open` or `open_reading`; ends with
    `close`.
    """

    def __init__(self, store: SongStore, parts: SongParts, step: int, lock: SongLock | None) -> None:
        self._store = store
        self._lock = lock
        self._ideas = IdeaShelf(store)
        self._steps = store.steps()
        self._step = step
        self._parts = parts
        store.go_to_end_of_ledger()

    # opening and closing -----------------------------------------------------------

    @classmethod
    def create(cls, path: Path, song: Song, sketch: SketchSource | None = None) -> "SongFile":
        """A new file at a free path, with the song as it begins. Raises SongFileError."""
        path = Path(path)
        lock = SongLock(path)
        lock.acquire()
        try:
            if path.exists():
                raise SongNotWrittenError(path, "a file of that name is already there")
            store = SongStore(connections.create(path), path)
            try:
                parts = begin_song(store, song, sketch)
                connections.begin_writing(store.connection, path)
                return cls(store, parts, 0, lock)
            except BaseException:
                store.connection.close()
                path.unlink(missing_ok=True)
                raise
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, path: Path, known: "SongFile | None" = None) -> "SongFile":
        """The file, for work. Raises SongFileError: not a song, newer, damaged, in use, not writable.

        Parts that the file has in common with the open one `known`, whose copy it is, are not read again.
        """
        path = Path(path)
        if not path.is_file():
            return cls.open_reading(path)  # says what is wrong
        lock = SongLock(path)
        lock.acquire()
        try:
            return cls._opened(connections.open_for_writing(path), path, lock, known)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open_reading(cls, path: Path) -> "SongFile":
        """The file as it is now, also while a window works on it; it cannot be changed through this."""
        return cls._opened(connections.open_for_reading(Path(path)), Path(path), None)

    @classmethod
    def _opened(
        cls,
        connection: sqlite3.Connection,
        path: Path,
        lock: SongLock | None,
        known: "SongFile | None" = None,
    ) -> "SongFile":
        store = SongStore(connection, path)
        if known is not None:
            store.reader.learn_from(known._store.reader)
        try:
            parts, place = read_now(store, EMPTY if known is None else known._parts)
            file = cls(store, parts, place.step, lock)
            if not file._stands_at_its_step():
                raise DamagedSongError(path, "its undo steps do not lead to the song")
            return file
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Settles everything into the one file and gives up the right to write. Harmless when closed."""
        with in_words(self.path):
            self._store.connection.close()
        if self._lock is not None:
            self._lock.release()

    def settle(self) -> None:
        """Flushes what was committed to the disk itself (against power cuts). From any thread."""
        connections.settle(self.path)

    def copy_to(self, target: Path) -> None:
        """Writes a whole copy to `target` in one step. Raises SongFileError; what stood there is intact."""
        copy_to(self._store.connection, Path(target))

    # the song ---------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        return self._store.path

    @property
    def song(self) -> Song:
        return self._parts.song

    @property
    def content_hash(self) -> str:
        """Names everything in the song but the next free id."""
        return self._parts.hash

    @property
    def saved_at(self) -> datetime | None:
        """When something was last written (UTC)."""
        return self._store.last_written_at()

    def commit(
        self,
        name: str,
        song: Song,
        act: Act = Act.EDIT,
        detail: Mapping[str, Any] | None = None,
        take: TakeRef | None = None,
        take_state: TakeState = TakeState.ACCEPTED,
    ) -> bool:
        """One undo step; on disk when it returns. False if the song is the same.

        `take` is the take the edit accepts; its state becomes `take_state`, undo brings the former one back.
        Raises SongFileError; song and file are then as before.
        """
        if song is self.song:
            return False
        settled, found = settle_origins(self.song, song, act)
        settled = replace(settled, next_id=next_free_id(self.song, settled, found))
        parts, new = cut(settled, self._parts, found.kept)
        if parts.hash == self._parts.hash:
            self._parts = parts  # the same music; ids given out meanwhile stay given out
            return False
        was = "" if take is None else self._ideas.state_of(take).value
        step = Step(name, self._parts.hash, parts.hash, take, was, "" if take is None else take_state.value)
        with self._store.change(self._edit_entry(step, parts, found, act, detail)):
            self._store.add_parts(new)
            self._store.add_step(self._step + 1, step)
            self._store.move_to(Place(parts.hash, self._step + 1, settled.next_id))
            if take is not None:
                self._ideas.write_state(take, take_state.value)
        self._steps[self._step :] = [step]
        self._arrive(parts, self._step + 1)
        return True

    def amend(self, song: Song, act: Act = Act.EDIT) -> bool:
        """The last step leads to this song instead: what follows from an edit by itself is no step of its
        own. The ledger has both. False if the song is the same. Raises SongFileError, and then nothing is
        different.
        """
        settled, found = settle_origins(self.song, song, act)
        settled = replace(settled, next_id=next_free_id(self.song, settled, found))
        parts, new = cut(settled, self._parts, found.kept)
        if parts.hash == self._parts.hash or not self.can_undo:
            return False
        last = self._steps[self._step - 1]
        more = replace(last, before=self._parts.hash, after=parts.hash)
        whole = replace(last, after=parts.hash)
        with self._store.change(self._edit_entry(more, parts, found, act, None)):
            self._store.add_parts(new)
            self._store.add_step(self._step, whole)
            self._store.move_to(Place(parts.hash, self._step, settled.next_id))
        self._steps[self._step - 1 :] = [whole]
        self._arrive(parts, self._step)
        return True

    def _edit_entry(
        self, step: Step, parts: SongParts, found: Difference, act: Act, detail: Mapping[str, Any] | None
    ) -> Entry:
        payload: dict[str, Any] = {"step": step.name, **describe(found)}
        aspects = changed_aspects(self._parts, parts)
        payload |= {"aspects": aspects} if aspects else {}
        payload |= {"take": str(step.take)} if step.take is not None else {}
        payload |= {"detail": dict(detail)} if detail else {}
        actor = Actor.IMPORT if act is Act.IMPORT else Actor.ARTIST
        return Entry(
            actor, act_of_edit(act, found), payload, span_of(found, parts.song), step.before, step.after
        )

    def _arrive(self, parts: SongParts, step: int) -> None:
        self._store.reader.remember(parts)
        self._parts = parts
        self._step = step

    # undo ----------------------------------------------------------------------------------

    @property
    def undo_name(self) -> str:
        """What undo would take back; empty when there is nothing."""
        return self._steps[self._step - 1].name if self._step else ""

    @property
    def redo_name(self) -> str:
        """What redo would bring again; empty when there is nothing."""
        return self._steps[self._step].name if self._step < len(self._steps) else ""

    @property
    def can_undo(self) -> bool:
        return self._step > 0

    @property
    def can_redo(self) -> bool:
        return self._step < len(self._steps)

    def history(self) -> list[tuple[str, bool]]:
        """The names of all steps, oldest first, and whether the step is the one the song stands at."""
        return [(step.name, number == self._step) for number, step in enumerate(self._steps, start=1)]

    def undo(self) -> bool:
        """Takes the last step back; False when there is none. Raises SongFileError."""
        if not self.can_undo:
            return False
        step = self._steps[self._step - 1]
        self._walk(step, step.before, step.state_before, Act.UNDO, self._step - 1)
        return True

    def redo(self) -> bool:
        """Brings the step that was undone last again; False when there is none. Raises SongFileError."""
        if not self.can_redo:
            return False
        step = self._steps[self._step]
        self._walk(step, step.after, step.state_after, Act.REDO, self._step + 1)
        return True

    def read_ahead(self) -> None:
        """Has what undo and redo would show at hand. Raises SongFileError."""
        steps = self._steps
        around = [steps[self._step - 1].before] if self.can_undo else []
        around += [steps[self._step].after] if self.can_redo else []
        for content in around:
            self._store.reader.remember(read_content(self._store, content, self.song.next_id, self._parts))

    def _walk(self, step: Step, content: str, take_state: str, act: Act, number: int) -> None:
        parts = read_content(self._store, content, self.song.next_id, self._parts)
        entry = Entry(Actor.ARTIST, act, {"name": step.name}, before=self._parts.hash, after=content)
        with self._store.change(entry):
            self._store.move_to(Place(content, number, self.song.next_id))
            if step.take is not None:
                self._ideas.write_state(step.take, take_state)
        self._arrive(parts, number)

    def _stands_at_its_step(self) -> bool:
        if not 0 <= self._step <= len(self._steps):
            return False
        before_ok = not self._step or self._steps[self._step - 1].after == self._parts.hash
        return before_ok and (not self.can_redo or self._steps[self._step].before == self._parts.hash)

    # sketches, ideas and the ledger ------------------------------------------------------------

    def sketches(self) -> tuple[SketchSource, ...]:
        """What the artist brought, byte for byte. Raises SongFileError."""
        return self._store.sketches()

    def add_sketch(self, sketch: SketchSource) -> None:
        """Keeps one more sketch with the song. Raises SongFileError."""
        with self._store.change(Entry(Actor.IMPORT, Act.IMPORT, {"sketch": sketch_record(sketch)})):
            self._store.add_sketch(sketch)

    def suggestions(self) -> tuple[StoredSuggestion, ...]:
        """Every suggestion, oldest first. Raises SongFileError."""
        return self._ideas.all(self._parts)

    def add_suggestion(self, request: SuggestionRequest) -> str:
        """Writes a question down; its id is the `source` of what is taken from it, with the take's index."""
        return self._ideas.add(request, self._parts)

    def add_take(self, suggestion_id: str, take: Take) -> None:
        """Writes an answer down as offered. Raises SongFileError."""
        self._ideas.add_take(suggestion_id, take)

    def set_withheld(self, suggestion_id: str, withheld: int) -> None:
        """How many takes were not shown for their likeness to a known work. Raises SongFileError."""
        self._ideas.set_withheld(suggestion_id, withheld)

    def set_take_state(self, ref: TakeRef, state: TakeState) -> None:
        """What the artist made of a take without changing the song. Raises SongFileError."""
        self._ideas.set_state(ref, state)

    def record(self, act: Act, detail: Mapping[str, Any]) -> None:
        """Writes into the ledger what changes nothing: an audition, an export. Raises SongFileError."""
        actor = Actor.ENGINE if act in _ENGINE_ACTS else Actor.ARTIST
        entry = Entry(actor, act, {"detail": dict(detail)}, before=self.content_hash, after=self.content_hash)
        with self._store.change(entry):
            pass

    def ledger(self) -> tuple[LedgerRow, ...]:
        """Every row from the first. Raises SongFileError."""
        return self._store.ledger()

    def details(self, act: Act) -> tuple[Mapping[str, Any], ...]:
        """What was written down by `record` of an act, oldest first. Raises SongFileError."""
        return self._store.details(act)

    def ledger_fault(self) -> int | None:
        """The number of the first ledger row that is not as it was written; None when all are."""
        return self._store.ledger_fault()

    def ledger_check(self) -> Iterator[int | None]:
        """`ledger_fault` a few rows at a time: 0 while it goes on, then the number or None."""
        return self._store.ledger_check()
