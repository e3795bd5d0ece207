"""How does a message with half a million notes cross the wire without either side holding its breath?

A line holds at most INLINE notes, chords and the like. Tuples for which there is no room go ahead of their
message as lines of their own, BLOCK items each, so that encoding and decoding happen in short steps, between
which a window can paint and a cancel can be heard:

    {"id":7,"type":"block","body":["Note",[[1,0,480,60,...],...]]}
    {"id":7,"type":"block","body":["Note",[...]]}
    {"id":7,"type":"sketch-imported","body":{... "notes":{"blocks":2} ...}}

Short messages are one line, exactly as in engine.api.wire.

>>> from engine.api.messages import ListModels
>>> reader = LineReader("request")
>>> [reader.read(line) for line in request_lines(3, ListModels())]
[(3, ListModels())]
"""

import json
from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import repeat
from typing import Any, Literal, cast

from engine.api.messages import Cancelled, Done, Failed, Reply, Request
from engine.api.wire import message_type, type_name
from engine.music.analysis import ChordReading, KeyReading, Phrase
from engine.music.codec import DecodeError, Ready, from_json, to_json
from engine.music.note import Note
from engine.music.progression import ChordSpan
from engine.music.section import Section
from engine.music.song import Marker
from engine.music.timemap import KeyChange, MetreChange, Tempo
from engine.music.track import ControlEvent

INLINE = 500
BLOCK = 1_000
_BLOCK_CLASSES: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        Note,
        ChordSpan,
        ControlEvent,
        ChordReading,
        KeyReading,
        Phrase,
        Section,
        Marker,
        Tempo,
        MetreChange,
        KeyChange,
    )
}
_LAST_REPLIES = (Done, Failed, Cancelled)


def request_lines(request_id: int, request: Request) -> Iterator[str]:
    """The lines of a request, made one by one as they are asked for; no line ends in a newline."""
    return _lines(request_id, request)


def reply_lines(request_id: int, reply: Reply) -> Iterator[str]:
    """The lines of a reply, made one by one as they are asked for."""
    return _lines(request_id, reply)


class LineReader:
    """Reads lines of one direction; remembers the blocks that came ahead of their message."""

    def __init__(self, direction: Literal["request", "reply"]) -> None:
        self._direction = direction
        self._blocks: defaultdict[int, _Blocks] = defaultdict(_Blocks)

    def read(self, line: str | bytes) -> tuple[int, Any] | None:
        """Id and message when the line completes one, None for a block. Raises DecodeError."""
        request_id, name, body = _parse(line)
        if name == "block":
            self._blocks[request_id].add(body)
            return None
        cls = message_type(name, self._direction)
        blocks = self._blocks.get(request_id)
        if blocks is not None and not issubclass(cls, _LAST_REPLIES):
            body = _put_back(body, blocks)
        self._blocks.pop(request_id, None)
        return request_id, from_json(cls, body)

    def forget(self, request_id: int) -> None:
        """Drop the blocks of a message that will not come."""
        self._blocks.pop(request_id, None)


def claimed_id(line: str | bytes) -> int:
    """The id a broken line seems to carry, 0 when none can be made out."""
    try:
        return _parse(line)[0]
    except DecodeError:
        return 0


def _lines(request_id: int, message: Any) -> Iterator[str]:
    ahead: list[tuple[Any, ...]] = []
    room = INLINE

    def spill(values: tuple[Any, ...]) -> Any:
        nonlocal room
        if not values or type(values[0]).__name__ not in _BLOCK_CLASSES:
            return None
        if len(values) <= room:
            room -= len(values)
            return None
        ahead.append(values)
        return {"blocks": -(-len(values) // BLOCK)}

    body = to_json(message, spill)
    for values in ahead:
        name = type(values[0]).__name__
        for start in range(0, len(values), BLOCK):
            part = [name, to_json(values[start : start + BLOCK])]
            yield _line(request_id, "block", part)
    yield _line(request_id, type_name(message), body)


def _line(request_id: int, name: str, body: Any) -> str:
    return json.dumps({"id": request_id, "type": name, "body": body}, separators=(",", ":"))


def _parse(line: str | bytes) -> tuple[int, str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise DecodeError("A line on the wire is not JSON.") from None
    if (
        not isinstance(record, dict)
        or type(record.get("id")) is not int
        or type(record.get("type")) is not str
    ):
        raise DecodeError("A line on the wire is not a message of this protocol.")
    return record["id"], record["type"], record.get("body")


def _put_back(body: Any, blocks: "_Blocks") -> Any:
    """The body with every `{"blocks": n}` replaced by the n blocks that came first, in order."""
    if isinstance(body, list):
        return [_put_back(item, blocks) for item in body]
    if not isinstance(body, dict):
        return body
    if body.keys() == {"blocks"} and type(body["blocks"]) is int:
        return blocks.take(body["blocks"])
    return {name: _put_back(item, blocks) for name, item in body.items()}


class _Blocks:
    """The blocks of one message, in order: their classes and lengths, and all their values in one queue."""

    def __init__(self) -> None:
        self._heads: deque[tuple[type[Any], int]] = deque()
        self._values: deque[Any] = deque()

    def add(self, body: Any) -> None:
        is_block = isinstance(body, list) and len(body) == 2 and isinstance(body[0], str)
        if not is_block or body[0] not in _BLOCK_CLASSES:
            raise DecodeError("A block on the wire holds nothing this version knows.")
        cls = _BLOCK_CLASSES[body[0]]
        many = cast(type[tuple[Any, ...]], tuple[cls, ...])  # type: ignore[valid-type]
        values = from_json(many, body[1])
        self._heads.append((cls, len(values)))
        self._values.extend(values)

    def take(self, count: int) -> Ready:
        if not 0 < count <= len(self._heads):
            raise DecodeError("A message refers to blocks that did not come.")
        heads = [self._heads.popleft() for _ in range(count)]
        if len({cls for cls, _ in heads}) > 1:
            raise DecodeError("A message refers to blocks of something else.")
        total = sum(length for _, length in heads)
        # popleft hands each value over without touching it: half a million cold objects are 20 ms, not 60
        return Ready(heads[0][0], tuple(map(deque.popleft, repeat(self._values, total))))
