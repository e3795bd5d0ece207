"""How are names and words stored in a MIDI file, and how are they made safe to show?

The standard says ASCII; real files hold Latin-1, Windows-1252 or UTF-8. What reads as UTF-8 is UTF-8.
Control and direction-changing characters are taken out, since names reach menus and file names.

>>> clean_text(decode_text(b"Caf\\xe9")), decode_text("Café".encode())
('Café', 'Café')
"""

import unicodedata
from enum import StrEnum

MAX_TEXT = 500
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class TextEncoding(StrEnum):
    """How text is written. LATIN_1 still uses UTF-8 for what Latin-1 cannot hold."""

    LATIN_1 = "latin-1"
    UTF_8 = "utf-8"


def decode_text(raw: bytes) -> str:
    """Text of a meta event; never fails."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def encode_text(text: str, encoding: TextEncoding = TextEncoding.LATIN_1) -> bytes:
    """Bytes that `decode_text` reads back the same; Latin-1 where that is possible and asked for."""
    if encoding is TextEncoding.LATIN_1:
        raw = text.encode("latin-1", errors="replace")
        if decode_text(raw) == text:
            return raw
    return text.encode("utf-8", errors="replace")


def clean_text(text: str) -> str:
    """One line without control or direction-changing characters, at most 500 characters."""
    shown = "".join(" " if c in "\t\r\n" else c for c in text[: MAX_TEXT * 4])
    shown = "".join(c for c in shown if unicodedata.category(c) not in _HIDDEN)
    return shown.strip()[:MAX_TEXT].strip()
