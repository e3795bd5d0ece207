"""What the engine answers when it cannot do what was asked.

EngineError              one sentence for people; `reason` says which kind it is
├── BadRequestError      the request itself makes no sense (bars outside the song, unknown kind ...)
├── ImpossibleError      the request is clear but nothing can satisfy it (locks against range ...)
├── BadFileError         a file that cannot be read; the sentence names the file
└── ModelError           a model is missing, broken or does not match its card
"""

import unicodedata
from enum import StrEnum


class Reason(StrEnum):
    BAD_REQUEST = "bad-request"
    IMPOSSIBLE = "impossible"
    BAD_FILE = "bad-file"
    MODEL = "model"
    INTERNAL = "internal"


_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in _HIDDEN


class EngineError(Exception):
    """Base of everything the engine refuses; `str(error)` is one clear sentence.

    It may name a stranger's file: control, direction-changing and half characters of the name are left out.
    """

    reason = Reason.INTERNAL

    def __init__(self, sentence: str = "") -> None:
        super().__init__("".join(filter(_is_shown, " ".join(sentence.split()))))


class BadRequestError(EngineError):
    reason = Reason.BAD_REQUEST


class ImpossibleError(EngineError):
    reason = Reason.IMPOSSIBLE


class BadFileError(EngineError):
    reason = Reason.BAD_FILE


class ModelError(EngineError):
    reason = Reason.MODEL
