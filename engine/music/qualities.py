"""What is in a chord quality, and which names mean the same?

The table gives, for each quality, its canonical Harte text, its intervals in semitones above the root
and its lead-sheet suffix. Anything outside the table is composed: a shorthand and added, altered or
omitted (`*`) degrees.

>>> canonical_quality("maj(7)"), quality_from_lead_sheet("7b9")
('maj7', '7(b9)')
"""

import re
from functools import lru_cache

NO_CHORD_QUALITY = "N"

# canonical Harte text: (intervals, lead-sheet suffix, other lead-sheet spellings after normalising)
_TABLE: dict[str, tuple[tuple[int, ...], str, tuple[str, ...]]] = {
    "maj": ((0, 4, 7), "", ("maj", "major")),
    "min": ((0, 3, 7), "m", ("minor",)),
    "dim": ((0, 3, 6), "°", ("dim", "mb5", "o", "d")),
    "aug": ((0, 4, 8), "+", ("aug", "#5")),
    "sus2": ((0, 2, 7), "sus2", ("2",)),
    "sus4": ((0, 5, 7), "sus4", ("sus", "4")),
    "sus4(2)": ((0, 2, 5, 7), "sus2sus4", ("sus24", "sus4sus2", "sus42")),
    "5": ((0, 7), "5", ()),
    "1": ((0,), "1", ()),
    "maj(b5)": ((0, 4, 6), "(♭5)", ("b5",)),
    "maj6": ((0, 4, 7, 9), "6", ("maj6", "add6", "add13")),
    "min6": ((0, 3, 7, 9), "m6", ("madd6",)),
    "maj6(9)": ((0, 4, 7, 9, 14), "6/9", ("69", "6add9", "maj69")),
    "min6(9)": ((0, 3, 7, 9, 14), "m6/9", ("m69",)),
    "maj(9)": ((0, 4, 7, 14), "add9", ("add2", "majadd9")),
    "min(9)": ((0, 3, 7, 14), "m(add9)", ("madd9", "madd2")),
    "maj(11)": ((0, 4, 7, 17), "add11", ("add4",)),
    "min(11)": ((0, 3, 7, 17), "m(add11)", ("madd11", "madd4")),
    "7": ((0, 4, 7, 10), "7", ("dom7", "dom")),
    "maj7": ((0, 4, 7, 11), "maj7", ("j7", "ma7", "j")),
    "min7": ((0, 3, 7, 10), "m7", ()),
    "minmaj7": ((0, 3, 7, 11), "m(maj7)", ("mmaj7", "mj7")),
    "hdim7": ((0, 3, 6, 10), "m7♭5", ("m7b5", "h7", "h", "hdim", "hdim7", "dimb7")),
    "dim7": ((0, 3, 6, 9), "°7", ("dim7", "o7", "d7")),
    "dim(7)": ((0, 3, 6, 11), "°(maj7)", ("dimmaj7", "omaj7")),
    "aug(b7)": ((0, 4, 8, 10), "7♯5", ("7#5", "aug7", "+7", "7+", "7aug")),
    "aug(7)": ((0, 4, 8, 11), "maj7♯5", ("maj7#5", "augmaj7", "+maj7", "maj7+")),
    "7(b5)": ((0, 4, 6, 10), "7♭5", ("7b5",)),
    "maj7(b5)": ((0, 4, 6, 11), "maj7♭5", ("maj7b5",)),
    "sus4(b7)": ((0, 5, 7, 10), "7sus4", ("7sus", "sus7", "sus47")),
    "sus2(b7)": ((0, 2, 7, 10), "7sus2", ()),
    "sus4(7)": ((0, 5, 7, 11), "maj7sus4", ("maj7sus",)),
    "sus4(b7,9)": ((0, 5, 7, 10, 14), "9sus4", ("9sus", "sus9", "11sus", "7sus9")),
    "sus4(b7,b9)": ((0, 5, 7, 10, 13), "7sus4(♭9)", ("7sus4b9", "7susb9", "7b9sus4", "7b9sus")),
    "sus4(b7,9,13)": ((0, 5, 7, 10, 14, 21), "13sus4", ("13sus",)),
    "9": ((0, 4, 7, 10, 14), "9", ("79", "7add9")),
    "maj9": ((0, 4, 7, 11, 14), "maj9", ("maj79", "j9", "ma9")),
    "min9": ((0, 3, 7, 10, 14), "m9", ("m79", "m7add9")),
    "minmaj7(9)": ((0, 3, 7, 11, 14), "m(maj9)", ("mmaj9", "mmaj79")),
    "hdim7(9)": ((0, 3, 6, 10, 14), "m9♭5", ("m9b5", "h9")),
    "11": ((0, 4, 7, 10, 14, 17), "11", ("7911",)),
    "min11": ((0, 3, 7, 10, 14, 17), "m11", ()),
    "min7(11)": ((0, 3, 7, 10, 17), "m7(11)", ("m711", "m7add11", "m7add4")),
    "hdim7(11)": ((0, 3, 6, 10, 17), "m7♭5(11)", ("m7b511", "m11b5", "h11")),
    "maj11": ((0, 4, 7, 11, 14, 17), "maj11", ()),
    "13": ((0, 4, 7, 10, 14, 21), "13", ("7913",)),
    "7(13)": ((0, 4, 7, 10, 21), "7(13)", ("713", "7add13", "7add6", "67")),
    "min13": ((0, 3, 7, 10, 14, 21), "m13", ()),
    "min7(13)": ((0, 3, 7, 10, 21), "m7(13)", ("m713",)),
    "maj13": ((0, 4, 7, 11, 14, 21), "maj13", ()),
    "maj7(13)": ((0, 4, 7, 11, 21), "maj7(13)", ("maj713", "maj7add13")),
    "7(b9)": ((0, 4, 7, 10, 13), "7(♭9)", ("7b9",)),
    "7(#9)": ((0, 4, 7, 10, 15), "7(♯9)", ("7#9",)),
    "7(#11)": ((0, 4, 7, 10, 18), "7(♯11)", ("7#11",)),
    "7(b13)": ((0, 4, 7, 10, 20), "7(♭13)", ("7b13",)),
    "9(#11)": ((0, 4, 7, 10, 14, 18), "9(♯11)", ("9#11", "79#11")),
    "9(b13)": ((0, 4, 7, 10, 14, 20), "9(♭13)", ("9b13",)),
    "aug(b7,9)": ((0, 4, 8, 10, 14), "9♯5", ("9#5", "aug9", "+9", "9+")),
    "7(b5,9)": ((0, 4, 6, 10, 14), "9♭5", ("9b5",)),
    "13(#11)": ((0, 4, 7, 10, 14, 18, 21), "13(♯11)", ("13#11",)),
    "7(b9,13)": ((0, 4, 7, 10, 13, 21), "13(♭9)", ("13b9", "7b913")),
    "7(#9,13)": ((0, 4, 7, 10, 15, 21), "13(♯9)", ("13#9", "7#913")),
    "7(b9,#11)": ((0, 4, 7, 10, 13, 18), "7(♭9♯11)", ("7b9#11",)),
    "7(b9,b13)": ((0, 4, 7, 10, 13, 20), "7(♭9♭13)", ("7b9b13",)),
    "7(#9,b13)": ((0, 4, 7, 10, 15, 20), "7(♯9♭13)", ("7#9b13",)),
    "7(#9,#11)": ((0, 4, 7, 10, 15, 18), "7(♯9♯11)", ("7#9#11",)),
    "aug(b7,b9)": ((0, 4, 8, 10, 13), "7♯5(♭9)", ("7#5b9", "7b9#5", "aug7b9")),
    "aug(b7,#9)": ((0, 4, 8, 10, 15), "7♯5(♯9)", ("7#5#9", "7#9#5", "7alt", "alt", "aug7#9")),
    "7(b5,b9)": ((0, 4, 6, 10, 13), "7♭5(♭9)", ("7b5b9", "7b9b5")),
    "7(b5,#9)": ((0, 4, 6, 10, 15), "7♭5(♯9)", ("7b5#9", "7#9b5")),
    "maj7(#11)": ((0, 4, 7, 11, 18), "maj7(♯11)", ("maj7#11", "maj7#4", "maj7add#11")),
    "maj9(#11)": ((0, 4, 7, 11, 14, 18), "maj9(♯11)", ("maj9#11",)),
    "maj13(#11)": ((0, 4, 7, 11, 14, 18, 21), "maj13(♯11)", ("maj13#11",)),
    "maj(#11)": ((0, 4, 7, 18), "add♯11", ("add#11", "add#4")),
    "min7(b9)": ((0, 3, 7, 10, 13), "m7(♭9)", ("m7b9",)),
    "min(b13)": ((0, 3, 7, 20), "m(♭6)", ("mb6", "mb13", "m#5", "mb6")),
    "aug(9)": ((0, 4, 8, 14), "+(add9)", ("augadd9", "+add9")),
    "min7(#5)": ((0, 3, 8, 10), "m7♯5", ("m7#5", "m7+")),
}
LEAD_SHEET_SUFFIX = {quality: row[1] for quality, row in _TABLE.items()}
_BY_INTERVALS = {row[0]: quality for quality, row in reversed(_TABLE.items())}

_SHORTHAND = {
    "": (0,),
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "1": (0,),
    "5": (0, 7),
    "6": (0, 4, 7, 9),
    "maj6": (0, 4, 7, 9),
    "min6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "minmaj7": (0, 3, 7, 11),
    "hdim7": (0, 3, 6, 10),
    "hdim": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "aug7": (0, 4, 8, 10),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "min9": (0, 3, 7, 10, 14),
    "minmaj9": (0, 3, 7, 11, 14),
    "11": (0, 4, 7, 10, 14, 17),
    "maj11": (0, 4, 7, 11, 14, 17),
    "min11": (0, 3, 7, 10, 14, 17),
    "13": (0, 4, 7, 10, 14, 21),
    "maj13": (0, 4, 7, 11, 14, 21),
    "min13": (0, 3, 7, 10, 14, 21),
}
_DEGREE = {1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 11, 8: 12, 9: 14, 10: 16, 11: 17, 12: 19, 13: 21}
_DEGREE_TEXT = re.compile(r"^(\*?)([#b]*)(\d+)$")
_ALTERATION = re.compile(r"(add|no|omit|sus|alt)?([#b]*)(\d+)?")


@lru_cache(maxsize=4_000)
def quality_intervals(quality: str) -> tuple[int, ...]:
    """Semitones above the root of a Harte quality text; () for no chord or text that cannot be read."""
    row = _TABLE.get(quality)
    if row is not None:
        return row[0]
    return _compose(quality) or ()


@lru_cache(maxsize=4_000)
def canonical_quality(quality: str) -> str | None:
    """The one Harte text used for all qualities with the same intervals; None if it cannot be read."""
    if quality in _TABLE:
        return quality
    intervals = _compose(quality)
    if intervals is None:
        return None
    return _BY_INTERVALS.get(intervals) or _describe(intervals)


def _compose(quality: str) -> tuple[int, ...] | None:
    shorthand, _, rest = quality.partition("(")
    if shorthand not in _SHORTHAND:
        return None
    tones = set(_SHORTHAND[shorthand])
    for degree in filter(None, (text.strip() for text in rest.rstrip(")").split(","))):
        match = _DEGREE_TEXT.match(degree)
        if match is None or int(match[3]) not in _DEGREE:
            return None
        semitones = _DEGREE[int(match[3])] + match[2].count("#") - match[2].count("b")
        if match[1]:
            tones.discard(semitones)
        elif match[2] and int(match[3]) == 5 and 7 in tones:
            tones = (tones - {7}) | {semitones}
        else:
            tones.add(semitones)
    return tuple(sorted(tones)) if tones else None


def _describe(intervals: tuple[int, ...]) -> str:
    """Harte text of intervals that no table row has: the nearest shorthand inside, then the rest."""
    inside = [
        (len(tones), name) for name, tones in _SHORTHAND.items() if name and set(tones) <= set(intervals)
    ]
    base = max(inside)[1] if inside else ""
    names = {
        0: "1",
        1: "b2",
        2: "2",
        3: "b3",
        4: "3",
        5: "4",
        6: "b5",
        7: "5",
        8: "#5",
        9: "6",
        10: "b7",
        11: "7",
    }
    upper = {
        13: "b9",
        14: "9",
        15: "#9",
        16: "10",
        17: "11",
        18: "#11",
        19: "12",
        20: "b13",
        21: "13",
        22: "#13",
    }
    rest = [tone for tone in intervals if tone not in _SHORTHAND[base]]
    degrees = ",".join({**names, **upper}.get(tone, names[tone % 12]) for tone in rest)
    return f"{base}({degrees})" if degrees else base


def lead_sheet_suffix(quality: str) -> str:
    """What is written after the root: `m7`, `7(♭9)`; composed qualities show their degrees in brackets."""
    if quality in LEAD_SHEET_SUFFIX:
        return LEAD_SHEET_SUFFIX[quality]
    shorthand, _, degrees = quality.partition("(")
    base = LEAD_SHEET_SUFFIX.get(shorthand, shorthand)
    pretty = degrees.rstrip(")").replace("#", "♯").replace("b", "♭")
    return f"{base}({pretty})" if pretty else base


def _normalise(suffix: str) -> str:
    text = suffix.strip().replace("♯", "#").replace("♭", "b").replace("–", "-").replace("−", "-")
    text = text.replace("Δ7", "maj7").replace("Δ9", "maj9").replace("Δ", "maj7").replace("∆", "maj7")
    text = text.replace("ø7", "m7b5").replace("ø", "m7b5").replace("°", "dim").replace("º", "dim")
    text = re.sub(r"[()\[\],\s]|(?<=\d)/(?=\d)", "", text)
    text = re.sub(r"^(min|mi|-)", "m", text) if not text.startswith("minor") else text
    text = re.sub(r"^(Maj|MAJ|MA|Ma|M)(?=$|[#b0-9s+j])", "maj", text)
    text = re.sub(r"^m(Maj|MAJ|Ma|MA|M)(?=\d)", "mmaj", text)
    text = re.sub(r"^ma(?=\d)", "maj", text)
    return text.replace("-5", "b5").replace("-9", "b9").replace("+9", "#9").replace("+11", "#11")


_ALIASES: dict[str, str] = {}
for _quality, (_intervals, _suffix, _others) in _TABLE.items():
    for _text in (_suffix, *_others):
        _ALIASES.setdefault(_normalise(_text), _quality)


@lru_cache(maxsize=4_000)
def quality_from_lead_sheet(suffix: str) -> str | None:
    """Canonical quality of what stands after the root in a lead sheet; None if it cannot be read."""
    text = _normalise(suffix)
    if text in _ALIASES:
        return _ALIASES[text]
    for end in range(len(text) - 1, -1, -1):
        base = _ALIASES.get(text[:end])
        if base is not None:
            return _altered(base, text[end:])
    return None


def _altered(base: str, tail: str) -> str | None:
    """A known quality with a tail of alterations such as `b9#11`, `add9`, `no3`, `sus4`."""
    tones = set(quality_intervals(base))
    position = 0
    while position < len(tail):
        match = _ALTERATION.match(tail, position)
        if match is None or match.end() == position or (match[3] is None and match[1] != "sus"):
            return None
        changed = _alter(tones, match[1] or "", match[2], int(match[3] or 4))
        if changed is None:
            return None
        tones, position = changed, match.end()
    intervals = tuple(sorted(tones))
    return _BY_INTERVALS.get(intervals) or _describe(intervals)


def _alter(tones: set[int], word: str, signs: str, number: int) -> set[int] | None:
    if number not in _DEGREE:
        return None
    semitones = _DEGREE[number] + signs.count("#") - signs.count("b")
    if word in ("no", "omit"):
        return {
            tone
            for tone in tones
            if tone % 12 not in {semitones % 12, (semitones - 1) % 12 if number == 3 else -1}
        }
    if word == "sus":
        return (tones - {3, 4}) | {semitones}
    if number == 5 and signs:
        return (tones - {6, 7, 8}) | {semitones}
    return tones | {semitones}
