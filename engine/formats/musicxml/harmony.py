"""Which chord does a <harmony> element mean, and how is it written on the page?

The 33 kinds of MusicXML 4.0 (w3.org) with added, altered and left-out degrees. The page shows the kind's own
text where the file gives one.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from engine.formats.musicxml.numbers import text_of, whole
from engine.formats.score.written import WrittenChord
from engine.music import NO_CHORD, Chord, ChordSyntaxError

_KINDS = {
    "major": "",
    "minor": "m",
    "augmented": "aug",
    "diminished": "dim",
    "dominant": "7",
    "major-seventh": "maj7",
    "minor-seventh": "m7",
    "diminished-seventh": "dim7",
    "augmented-seventh": "7#5",
    "half-diminished": "m7b5",
    "major-minor": "m(maj7)",
    "major-sixth": "6",
    "minor-sixth": "m6",
    "dominant-ninth": "9",
    "major-ninth": "maj9",
    "minor-ninth": "m9",
    "dominant-11th": "11",
    "major-11th": "maj11",
    "minor-11th": "m11",
    "dominant-13th": "13",
    "major-13th": "maj13",
    "minor-13th": "m13",
    "suspended-second": "sus2",
    "suspended-fourth": "sus4",
    "power": "5",
    "pedal": "5",
    "Neapolitan": "",
    "Italian": "7",
    "French": "7b5",
    "German": "7",
    "Tristan": "m7b5",
    "other": "",
}
_ALTER = {-2: "bb", -1: "b", 0: "", 1: "#", 2: "##"}


def read_harmony(element: Element, start: int, chromatic: int) -> WrittenChord | None:
    """The chord of the element; None where it names none. `chromatic`: of a transposing instrument."""
    kind_element = element.find("kind")
    kind = text_of(element, "kind")
    shown = (kind_element.get("text") or "").strip() if kind_element is not None else ""
    root = _name(element, "root/root-step", "root/root-alter")
    if kind == "none":
        return WrittenChord(start, shown or "N.C.", NO_CHORD)
    if not root:
        return None
    bass = _name(element, "bass/bass-step", "bass/bass-alter")
    degrees = list(_degrees(element))
    slash = f"/{bass}" if bass else ""
    return WrittenChord(
        start,
        root + _shown_suffix(kind, shown, degrees) + slash,
        _chord(root + _KINDS.get(kind, ""), degrees, slash, chromatic),
    )


def _chord(base: str, degrees: list[str], slash: str, chromatic: int) -> Chord | None:
    """The most that can be read: with all degrees, with none, without the bass."""
    for text in (base + "".join(degrees) + slash, base + slash, base):
        try:
            return Chord.parse(text).transposed(chromatic % 12)
        except ChordSyntaxError:
            continue
    return None


def _shown_suffix(kind: str, shown: str, degrees: list[str]) -> str:
    suffix = shown or _KINDS.get(kind, "")
    missing = [degree for degree in degrees if degree.removeprefix("add") not in suffix]
    if not missing:
        return suffix
    listed = ",".join(missing)
    return suffix + (listed if listed.startswith(("add", "no")) and len(missing) == 1 else f"({listed})")


def _degrees(element: Element) -> Iterator[str]:
    """Degrees as a lead sheet writes them: `b9`, `add9`, `no3`."""
    for degree in element.findall("degree"):
        value, alter = whole(degree.findtext("degree-value"), 0), whole(degree.findtext("degree-alter"), 0)
        sign = _ALTER.get(alter, "")
        if not 1 <= value <= 13:
            continue
        kind = text_of(degree, "degree-type")
        if kind == "subtract":
            yield f"no{value}"
        else:
            yield f"{sign}{value}" if sign else f"add{value}"


def _name(element: Element, step_path: str, alter_path: str) -> str:
    step = text_of(element, step_path).upper()
    return step + _ALTER.get(whole(element.findtext(alter_path), 0), "") if step in tuple("ABCDEFG") else ""
