"""How does a message become one line, and come back?

>>> decode_request(encode_request(3, ListModels()))
(3, ListModels())
"""

import json
import re
from typing import Any, Literal

from engine.api import messages
from engine.api.messages import (
    AddFolder,
    Analyse,
    Cancel,
    FindSimilar,
    ForgetFolder,
    ImportSketch,
    ListFolders,
    ListModels,
    Ping,
    PredictNextChord,
    Reply,
    Request,
    SolveBeats,
    Suggest,
)
from engine.music.codec import DecodeError, from_json, to_json

_REQUESTS: dict[str, type[Any]] = {
    "import": ImportSketch,
    "analyse": Analyse,
    "solve-beats": SolveBeats,
    "suggest": Suggest,
    "next-chord": PredictNextChord,
    "models": ListModels,
    "add-folder": AddFolder,
    "forget-folder": ForgetFolder,
    "folders": ListFolders,
    "similar": FindSimilar,
    "cancel": Cancel,
    "ping": Ping,
}
_REPLIES: dict[str, type[Any]] = {
    re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower(): cls for cls in messages.Reply.__args__
}
_NAME_OF: dict[type[Any], str] = {cls: name for table in (_REQUESTS, _REPLIES) for name, cls in table.items()}


def encode_request(request_id: int, request: Request) -> str:
    return _encode(request_id, request)


def encode_reply(request_id: int, reply: Reply) -> str:
    return _encode(request_id, reply)


def decode_request(line: str) -> tuple[int, Request]:
    """Id and request of one line. Raises DecodeError."""
    return _decode(line, _REQUESTS)


def decode_reply(line: str) -> tuple[int, Reply]:
    """Id and reply of one line. Raises DecodeError."""
    return _decode(line, _REPLIES)


def type_name(message: Request | Reply) -> str:
    """The message's `type` on the wire."""
    return _NAME_OF[type(message)]


def message_type(name: str, direction: Literal["request", "reply"]) -> type[Any]:
    """The class of a `type` on the wire. Raises DecodeError for a name this version does not know."""
    known = _REQUESTS if direction == "request" else _REPLIES
    if name not in known:
        raise DecodeError("A line on the wire is not a message of this protocol.")
    return known[name]


def _encode(request_id: int, message: Any) -> str:
    record = {"id": request_id, "type": _NAME_OF[type(message)], "body": to_json(message)}
    return json.dumps(record, separators=(",", ":"))


def _decode(line: str, known: dict[str, type[Any]]) -> tuple[int, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise DecodeError("A line on the wire is not JSON.") from None
    if not isinstance(record, dict) or type(record.get("id")) is not int or record.get("type") not in known:
        raise DecodeError("A line on the wire is not a message of this protocol.")
    return record["id"], from_json(known[record["type"]], record.get("body"))
