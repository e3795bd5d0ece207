"""Is this text over the notes a chord symbol, and which chord does it mean?

Only text that begins with a root (or says N.C.) is a symbol; annotations begin with a sign of their place.
Alternatives in brackets or after a semicolon are passed over: the first reading counts.

>>> read_symbol("Am(C)").harte(), read_symbol("C-7").harte(), read_symbol("Fine") is None
('A:min', 'C:min7', True)
"""

import re

from engine.music import NO_CHORD, Chord, ChordSyntaxError

_NO_CHORD = re.compile(r"n\.?\s?c\.?$", re.IGNORECASE)
_ALTERNATIVE = re.compile(r"\s*(?:\((?=[A-G])[^)]*\)|[;|].*|\s/\s.*)$")


def read_symbol(text: str) -> Chord | None:
    """The chord, or None where the text is no symbol."""
    text = text.strip()
    if _NO_CHORD.match(text):
        return NO_CHORD
    if not text or text[0] not in "ABCDEFG" or len(text) > 40:
        return None
    for candidate in (text, _ALTERNATIVE.sub("", text), text.split()[0], text.split("/")[0]):
        try:
            return Chord.parse(candidate)
        except ChordSyntaxError:
            continue
    return _triad(text)


def _triad(text: str) -> Chord | None:
    """At least root and third of a symbol whose rest is not understood; words are no symbols."""
    match = re.match(r"([A-G](?:#|b)?)(m(?!aj))?(?=[\d(+#/\-]|$|maj|dim|sus|add)", text)
    return Chord.parse(match[0]) if match else None
