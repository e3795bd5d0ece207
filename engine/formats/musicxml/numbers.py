"""What do the numbers of a stranger's XML say, when they say anything?

>>> whole("3", 0), whole("three", 4), number("1e999", 2.0)
(3, 4, 2.0)
"""

from math import isfinite
from xml.etree.ElementTree import Element

_MOST = 10**9


def number(text: str | None, default: float) -> float:
    """The finite number the text names, else the default."""
    try:
        value = float(text or "")
    except ValueError:
        return default
    return value if isfinite(value) and abs(value) <= _MOST else default


def whole(text: str | None, default: int) -> int:
    """The whole number nearest to the one the text names, else the default."""
    return round(number(text, default))


def text_of(element: Element, path: str) -> str:
    """The text at the path without spaces around it, "" where there is none."""
    return (element.findtext(path) or "").strip()
