"""Which notes and chord symbols does an ABC tune hold?

Follows the ABC standard 2.1 (abcnotation.com) as far as melodies need: headers X T M L K V, accidentals that
last a bar, broken rhythm, tuplets, ties, chord symbols, repeats as barlines. Grace notes, decorations, words
and slurs are skipped; of notes sounding together the highest counts.

>>> parse_abc("X:1\\nM:2/4\\nL:1/8\\nK:G\\nG2 Bd|g4|")[0].bars[0].notes[1].pitch
71
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.training.readers.score import TICKS, ScoreBar, ScoreChord, ScoreNote, ScorePart

_TOKEN = re.compile(
    r'"(?P<text>[^"]*)"'
    r"|(?P<skip>![^!\n]*!|\+[A-Za-z]+\+|\{[^}]*\}|`)"
    r"|\[(?P<inline>[A-Za-z]):(?P<inline_value>[^\]]*)\]"
    r"|(?P<bar>\|[\]|:]*|:+\|*|\[\||\[(?=\d))"
    r"|\((?P<tuplet>\d)(?P<tuplet_rest>(?::\d*){0,2})"
    r"|(?P<accidental>\^\^|__|\^|_|=)?(?P<note>[A-Ga-gzxZ])(?P<octave>[,']*)(?P<num>\d*)(?P<slashes>/*)(?P<den>\d*)"
    r"|(?P<broken>>+|<+)|(?P<tie>-)|(?P<open>\[)"
    r"|(?P<close>\])(?P<stack_num>\d*)(?P<stack_slashes>/*)(?P<stack_den>\d*)"
)
_NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHARPS = "FCGDAEB"
_ACCIDENTAL = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}
_TUPLET_TIME = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_MODE_FIFTHS = {
    "": 0,
    "maj": 0,
    "ion": 0,
    "mix": -1,
    "dor": -2,
    "m": -3,
    "min": -3,
    "aeo": -3,
    "phr": -4,
    "lyd": 1,
}
_VOLTA = re.compile(r"\s*\[?(\d)")
_KEY = re.compile(r"\s*([A-G])([#b]?)\s*([A-Za-z]*)")
_LINE_OF_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}


def parse_abc(text: str) -> list[ScorePart]:
    """Every tune of the text, the first voice of each (see `parse_abc_voices` for all voices)."""
    return [voices[0] for voices in parse_abc_voices(text) if voices]


def parse_abc_voices(text: str) -> list[list[ScorePart]]:
    """Every tune with all its voices in the order of the file; tunes without key or notes are left out."""
    tunes = [_parse_tune(block) for block in re.split(r"(?m)^(?=X:)", text)]
    return [voices for voices in tunes if voices]


def _parse_tune(block: str) -> list[ScorePart]:
    headers: dict[str, str] = {}
    voices: dict[str, list[str]] = {}
    current = "1"
    for raw in block.splitlines():
        line = re.sub(r"(?<!\\)%.*", "", raw)
        header = re.match(r"([A-Za-z]):(.*)", line)
        if header and "K" not in headers:
            headers.setdefault(header[1], header[2].strip())
        elif header:
            if header[1] == "V":
                current = header[2].split()[0] if header[2].split() else current
            elif header[1] in "KX":
                break
        elif "K" in headers:
            tag = re.match(r"\s*\[V:\s*([^\]\s]+)[^\]]*\](.*)", line)
            current, line = (tag[1], tag[2]) if tag else (current, line)
            voices.setdefault(current, []).append(line.rstrip().rstrip("\\"))
    key = _parse_key(headers.get("K", ""))
    if key is None:
        return []
    metre = parse_metre(headers.get("M", "4/4"))
    unit = _parse_unit(headers.get("L"), metre)
    title, number = headers.get("T", ""), headers.get("X", "").strip()
    parts = []
    for lines in voices.values():
        bars = _Body(unit, key[0]).read(" ".join(lines))
        if any(note.pitch is not None for bar in bars for note in bar.notes):
            parts.append(ScorePart(title, metre, key[1], key[2], bars, number, key[3]))
    return parts


def parse_metre(text: str) -> tuple[int, int]:
    """Numerator and denominator; 4/4 for free or unreadable metres.

    >>> parse_metre("C|"), parse_metre("6/8")
    ((2, 2), (6, 8))
    """
    text = {"C": "4/4", "C|": "2/2"}.get(text.strip(), text.strip())
    match = re.match(r"(\d+)\s*/\s*(\d+)", text)
    return (int(match[1]), int(match[2])) if match and int(match[1]) and int(match[2]) else (4, 4)


def _parse_unit(text: str | None, metre: tuple[int, int]) -> int:
    """The length a bare note stands for."""
    match = re.match(r"(\d+)\s*/\s*(\d+)", text or "")
    if match and int(match[2]):
        return round(4 * TICKS * int(match[1]) / int(match[2]))
    return TICKS // 4 if metre[0] / metre[1] < 0.75 else TICKS // 2


def _parse_key(text: str) -> tuple[int, int, bool, str] | None:
    """Fifths of the signature, tonic pitch class, whether the mode has a minor third, the mode's word."""
    match = _KEY.match(text)
    if match is None:
        return None
    word = match[3].lower()[:3]
    word = word if word in _MODE_FIFTHS else ""
    shift = _MODE_FIFTHS[word]
    sharp = {"#": 1, "b": -1, "": 0}[match[2]]
    tonic = (_NATURAL[match[1]] + sharp) % 12
    return _LINE_OF_FIFTHS[match[1]] + 7 * sharp + shift, tonic, shift in (-2, -3, -4), word


class _Body:
    """Reads one voice's music; keeps what ABC makes depend on what came before."""

    def __init__(self, unit: int, fifths: int) -> None:
        self._unit = unit
        self._signature = _signature(fifths)
        self._bars: list[ScoreBar] = []
        self._bar = ScoreBar()
        self._accidentals: dict[tuple[str, str], int] = {}
        self._tuplet_left, self._tuplet_ratio = 0, 1.0
        self._next_ratio = 1.0
        self._tie = False
        self._stack: list[ScoreNote] | None = None

    def read(self, text: str) -> list[ScoreBar]:
        for match in _TOKEN.finditer(text):
            self._take(match)
        self._end_bar()
        return self._bars

    def _take(self, found: re.Match[str]) -> None:
        """`lastgroup` is the last group of a kind of token: `den` that of a note."""
        match found.lastgroup:
            case "den":
                self._note(*found.group("accidental", "note", "octave", "num", "slashes", "den"))
            case "bar":
                self._barline(found)
            case "text":
                if found["text"][:1].isalpha():
                    self._bar.chords.append(ScoreChord(self._bar.length, found["text"].strip()))
            case "inline_value":
                self._change(found["inline"], found["inline_value"])
            case "tuplet_rest":
                self._begin_tuplet(int(found["tuplet"]), found["tuplet_rest"])
            case "broken":
                self._broken(found["broken"])
            case "tie":
                self._tie = True
            case "open":
                self._stack = []
            case "stack_den" if self._stack is not None:
                self._close_stack(*found.group("stack_num", "stack_slashes", "stack_den"))

    def _barline(self, match: re.Match[str]) -> None:
        """Ends the bar; repeat signs and volta numbers stay with the bars they close and open."""
        sign = match["bar"]
        self._end_bar()
        if self._bars and sign.startswith(":") and sign != ":":
            self._bars[-1].ends_repeat = True
        self._bar.begins_repeat |= sign in (":", "::") or sign.endswith("|:")
        volta = _VOLTA.match(match.string, match.end())
        if volta:
            self._bar.ending = int(volta[1])

    def _end_bar(self) -> None:
        self._accidentals = {}
        if self._bar.length:
            self._bars.append(self._bar)
            self._bar = ScoreBar()

    def _change(self, field: str, value: str) -> None:
        if field == "K" and (key := _parse_key(value)):
            self._signature = _signature(key[0])
        elif field == "L":
            self._unit = _parse_unit(value, (4, 4))
        elif field == "M":
            self._bar.metre = parse_metre(value)

    def _begin_tuplet(self, count: int, rest: str) -> None:
        numbers = [int(part) if part else 0 for part in rest.split(":")[1:]]
        time = numbers[0] if numbers and numbers[0] else _TUPLET_TIME.get(count, 2)
        self._tuplet_left = numbers[1] if len(numbers) > 1 and numbers[1] else count
        self._tuplet_ratio = time / max(1, count)

    def _note(
        self, accidental: str | None, letter: str, octave: str, num: str, slashes: str, den: str
    ) -> None:
        duration = _lasting(self._unit, num, slashes, den)
        pitch = self._pitch(accidental, letter, octave)
        if self._stack is not None:
            self._stack.append(ScoreNote(self._bar.length, duration, pitch, self._tie))
            return
        self._append(duration, pitch)

    def _append(self, duration: int, pitch: int | None) -> None:
        if self._tuplet_left:
            duration = round(duration * self._tuplet_ratio)
            self._tuplet_left -= 1
        if self._next_ratio != 1.0:
            duration = round(duration * self._next_ratio)
            self._next_ratio = 1.0
        self._bar.notes.append(ScoreNote(self._bar.length, duration, pitch, self._tie and pitch is not None))
        self._bar.length += duration
        self._tie = False

    def _close_stack(self, num: str, slashes: str, den: str) -> None:
        stack, self._stack = self._stack or [], None
        if stack:
            top = max(stack, key=lambda note: note.pitch or 0)
            self._append(_lasting(stack[0].duration, num, slashes, den), top.pitch)

    def _pitch(self, accidental: str | None, letter: str, octave: str) -> int | None:
        if letter in "zxZ":
            return None
        if accidental:
            self._accidentals[letter, octave] = _ACCIDENTAL[accidental]
        shift = self._accidentals.get((letter, octave)) if self._accidentals else None
        return _natural(letter, octave) + (self._signature.get(letter.upper(), 0) if shift is None else shift)

    def _broken(self, signs: str) -> None:
        if not self._bar.notes:
            return
        small = 0.5 ** len(signs)
        before, self._next_ratio = (2 - small, small) if signs[0] == ">" else (small, 2 - small)
        last = self._bar.notes[-1]
        duration = round(last.duration * before)
        self._bar.notes[-1] = last._replace(duration=duration)
        self._bar.length += duration - last.duration


@lru_cache(maxsize=10_000)
def _lasting(unit: int, num: str, slashes: str, den: str) -> int:
    """The unit times what is written after a note: `3/2` is 3/2, `//` a quarter."""
    parts = (int(den or 0) or 2 ** len(slashes)) if slashes else 1
    return round(unit * int(num or 1) / parts)


@lru_cache(maxsize=1000)
def _natural(letter: str, octave: str) -> int:
    """The pitch of the letter without signs: `c'` an octave above `c`, that one above `C`."""
    octaves = letter.islower() + octave.count("'") - octave.count(",")
    return 60 + _NATURAL[letter.upper()] + 12 * octaves


def _signature(fifths: int) -> dict[str, int]:
    """Which letters the key signature alters: 2 sharps are F and C."""
    letters: Iterator[str] = iter(_SHARPS if fifths > 0 else reversed(_SHARPS))
    return {letter: (1 if fifths > 0 else -1) for letter, _ in zip(letters, range(abs(fifths)), strict=False)}
