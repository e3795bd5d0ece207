"""The suggestions of a song, kept with it: each question, its takes, and what the artist made of them.

Asking is no undo step; what is written here is in the ledger too (ask, offer, keep, reject).
"""

from dataclasses import replace
from datetime import UTC, datetime

from engine.api.suggestion import SuggestionRequest, Take
from engine.formats.songfile.errors import DamagedSongError, SongFileError, in_words
from engine.formats.songfile.parts import SongParts, cut, part_body, part_hash
from engine.formats.songfile.records import StoredSuggestion, StoredTake, TakeRef, TakeState
from engine.formats.songfile.store import SongStore
from engine.music.codec import from_json, to_json
from engine.music.errors import MusicError
from engine.music.region import region_digest
from engine.music.song import Song
from engine.provenance.ledger import Act, Actor, Entry

_ACT_OF_STATE = {TakeState.KEPT: Act.KEEP, TakeState.REJECTED: Act.REJECT, TakeState.ACCEPTED: Act.ACCEPT}


class NoSuchTakeError(SongFileError):
    def __init__(self) -> None:
        super().__init__("That idea is not in this song.")


class IdeaShelf:
    """Reads and writes the suggestions of one open song file."""

    def __init__(self, store: SongStore) -> None:
        self._store = store
        self._asked: dict[tuple[str, str], SuggestionRequest] = {}  # by the parts they are made of
        self._takes: dict[str, Take] = {}  # by their parts

    def all(self, near: SongParts) -> tuple[StoredSuggestion, ...]:
        """Every suggestion, oldest first. Raises DamagedSongError."""
        columns = "number, asked_utc, request, content, digest, withheld"
        with in_words(self._store.path):
            rows = self._store.connection.execute(
                f"SELECT {columns} FROM suggestion ORDER BY number"
            ).fetchall()
        try:
            return tuple(self._read(row, near) for row in rows)
        except (MusicError, ValueError) as error:
            raise DamagedSongError(self._store.path, "an idea in it cannot be read") from error

    def add(self, request: SuggestionRequest, near: SongParts) -> str:
        """Writes a question down and gives it its id: `s1`, `s2` ..."""
        asked, new = cut(request.song, near)
        number = self._count() + 1
        small = replace(request, song=Song(next_id=request.song.next_id))
        body = to_json(small)
        name = part_hash(part_body(body))
        digest = region_digest(request.song, request.region)
        with self._store.change(_ask(number, body, asked.hash)):
            new[name] = part_body(body)
            self._store.add_parts(new)
            self._store.connection.execute(
                "INSERT INTO suggestion VALUES (?, ?, ?, ?, ?, 0)",
                (number, _utc_now(), name, asked.hash, digest),
            )
        self._asked[name, asked.hash] = request
        return f"s{number}"

    def add_take(self, suggestion_id: str, take: Take) -> None:
        """Writes an answer down as offered; the same index again (a fuller take) replaces it."""
        body = part_body(to_json(take))
        name = part_hash(body)
        number = self._number(suggestion_id)
        with self._store.change(_offer(suggestion_id, take, name)):
            self._store.add_parts({name: body})
            self._store.connection.execute(
                "INSERT OR REPLACE INTO take VALUES (?, ?, ?, ?)",
                (number, take.index, TakeState.OFFERED.value, name),
            )
        self._takes[name] = take

    def set_withheld(self, suggestion_id: str, withheld: int) -> None:
        """How many takes were not shown for their likeness to a known work."""
        number = self._number(suggestion_id)
        detail = {"suggestion": suggestion_id, "withheld": withheld}
        with self._store.change(Entry(Actor.ENGINE, Act.OFFER, detail)):
            self._store.connection.execute(
                "UPDATE suggestion SET withheld = ? WHERE number = ?", (withheld, number)
            )

    def set_state(self, ref: TakeRef, state: TakeState) -> None:
        """What the artist made of a take, without a change of the song. Raises NoSuchTakeError."""
        was = self.state_of(ref)
        detail = {"take": str(ref), "state": state.value, "was": was.value}
        with self._store.change(Entry(Actor.ARTIST, _ACT_OF_STATE.get(state, Act.OFFER), detail)):
            self.write_state(ref, state.value)

    def write_state(self, ref: TakeRef, state: str) -> None:
        """Inside a transaction of the caller's."""
        self._store.connection.execute(
            "UPDATE take SET state = ? WHERE suggestion = ? AND number = ?",
            (state, self._number(ref.suggestion_id), ref.index),
        )

    def state_of(self, ref: TakeRef) -> TakeState:
        """Raises NoSuchTakeError."""
        with in_words(self._store.path):
            row = self._store.connection.execute(
                "SELECT state FROM take WHERE suggestion = ? AND number = ?",
                (self._number(ref.suggestion_id), ref.index),
            ).fetchone()
        if row is None:
            raise NoSuchTakeError
        return TakeState(row[0])

    def _read(self, row: tuple[int, str, str, str, str, int], near: SongParts) -> StoredSuggestion:
        number, asked_utc, request_name, content, digest, withheld = row
        request = self._request(request_name, content, near)
        rows = self._store.connection.execute(
            "SELECT state, body FROM take WHERE suggestion = ? ORDER BY number", (number,)
        ).fetchall()
        takes = tuple(StoredTake(self._take(body), TakeState(state)) for state, body in rows)
        asked_at = datetime.fromisoformat(asked_utc)
        return StoredSuggestion(f"s{number}", asked_at, request, takes, withheld, digest)

    def _request(self, name: str, content: str, near: SongParts) -> SuggestionRequest:
        """The question that its part and the song's content make; read once, since parts never change."""
        if (name, content) not in self._asked:
            reader = self._store.reader
            small = from_json(SuggestionRequest, reader.read_value(name))
            song = reader.read_song(content, small.song.next_id, near).song
            self._asked[name, content] = replace(small, song=song)
        return self._asked[name, content]

    def _take(self, name: str) -> Take:
        if name not in self._takes:
            self._takes[name] = from_json(Take, self._store.reader.read_value(name))
        return self._takes[name]

    def _count(self) -> int:
        with in_words(self._store.path):
            row = self._store.connection.execute("SELECT coalesce(max(number), 0) FROM suggestion").fetchone()
        return int(row[0])

    def _number(self, suggestion_id: str) -> int:
        number = suggestion_id.removeprefix("s")
        if not number.isascii() or not number.isdecimal() or not 1 <= int(number) <= self._count():
            raise NoSuchTakeError
        return int(number)


def _ask(number: int, request: dict[str, object], content: str) -> Entry:
    asked = {name: value for name, value in request.items() if name != "song"}
    return Entry(Actor.ARTIST, Act.ASK, {"suggestion": f"s{number}", "request": asked}, before=content)


def _offer(suggestion_id: str, take: Take, name: str) -> Entry:
    offered = {
        "take": str(TakeRef(suggestion_id, take.index)),
        "sha256": name,
        "scores": to_json(take.scores),
        "originality": to_json(take.originality),
        "model": to_json(take.model),
        "seed": take.seed,
    }
    return Entry(Actor.ENGINE, Act.OFFER, offered)


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
