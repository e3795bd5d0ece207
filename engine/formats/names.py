"""Which file name is safe for a name that came out of a stranger's file?

>>> safe_name("../../etc/passwd"), safe_name("CON"), safe_name("")
('etc passwd', '_CON', 'Untitled')
"""

import re
import unicodedata

_MAX_BYTES = 120
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def safe_name(name: str, fallback: str = "Untitled", most_bytes: int = _MAX_BYTES) -> str:
    """A part of a file name that every system takes: no separators, control or direction-changing
    characters, no reserved names, no dots or spaces at the ends, no dash at the beginning (it would be read
    as an option), at most `most_bytes` bytes."""
    text = unicodedata.normalize("NFC", name)
    text = "".join(" " if c in "\t\r\n" else c for c in text if c in "\t\r\n" or _is_shown(c))
    text = " ".join(_FORBIDDEN.sub(" ", text).split()).strip(" .").lstrip("- .")
    text = text.encode()[:most_bytes].decode(errors="ignore").strip(" .")
    if _RESERVED.fullmatch(text):
        text = "_" + text
    return text or fallback


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in _HIDDEN
