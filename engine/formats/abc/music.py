"""Which bars does one voice of an ABC tune hold?

Accidentals last a bar, broken rhythm, tuplets, ties, chords of notes, overlays (&), repeat signs and voltas,
chord symbols. Grace notes, decorations and slurs are skipped; what is no music is passed over.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from engine.formats.abc.fields import ACCIDENTAL, Signature, read_key, read_metre, read_tempo, read_unit
from engine.formats.abc.symbols import read_symbol
from engine.formats.score.written import TICKS, Frame, Jump, WrittenChord, WrittenNote
from engine.music import Metre

_TOKEN = re.compile(
    r'"(?P<text>[^"\n]*)"'
    r"|!(?P<mark>[^!\n]{1,40})!|(?P<skip>\+[A-Za-z]+\+|\{[^}]*\}|`|y\d*|\$|\\)"
    r"|\[(?P<inline>[A-Za-z]):(?P<inline_value>[^\]\n]*)\]"
    r"|(?P<bar>:*\|[\]|:]*|:{2,}|\[\||\|\])(?P<volta>\s*\[?\d[\d,.\-]*)?"
    r"|\[(?P<ending>\d[\d,.\-]*)"
    r"|\((?P<tuplet>[2-9])(?P<tuplet_rest>(?::\d{0,2}){0,2})"
    r"|(?P<accidental>\^\^|__|\^|_|=)?(?P<note>[A-Ga-gzxZX])(?P<octave>[,']*)"
    r"(?P<num>\d{0,4})(?P<slashes>/*)(?P<den>\d{0,4})"
    r"|(?P<broken>>+|<+)|(?P<tie>-)|(?P<overlay>&)|(?P<open>\[)"
    r"|(?P<close>\])(?P<stack_num>\d{0,4})(?P<stack_slashes>/*)(?P<stack_den>\d{0,4})"
)
_NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_TUPLET_TIME = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_JUMPS = {"D.C.": Jump.DA_CAPO, "D.S.": Jump.DAL_SEGNO, "dacapo": Jump.DA_CAPO, "dalsegno": Jump.DAL_SEGNO}
_LONGEST = 1_000
_MOST_RESTS = 400


@dataclass(slots=True)
class VoiceBar:
    frame: Frame
    notes: list[WrittenNote] = field(default_factory=list)
    chords: list[WrittenChord] = field(default_factory=list)


@dataclass(slots=True)
class VoiceReader:
    """Reads one voice; keeps what ABC makes depend on what came before."""

    unit: Fraction
    signature: Signature
    metre: Metre | None
    octaves: int = 0
    bars: list[VoiceBar] = field(default_factory=list)
    _bar: VoiceBar = field(default_factory=lambda: VoiceBar(Frame()))
    _at: Fraction = Fraction(0)
    _reach: Fraction = Fraction(0)
    _accidentals: dict[str, int] = field(default_factory=dict)
    _tuplet_left: int = 0
    _tuplet_ratio: Fraction = Fraction(1)
    _next_ratio: Fraction = Fraction(1)
    _last: list[int] = field(default_factory=list)
    _last_length: Fraction = Fraction(0)
    _ties: set[int] = field(default_factory=set)
    _open_ties: set[int] = field(default_factory=set)
    _stack: list[tuple[int, Fraction]] | None = None
    _layer: int = 0
    _ending: frozenset[int] = frozenset()

    def read(self, text: str) -> list[VoiceBar]:
        for match in _TOKEN.finditer(text):
            self._take(match)
        self._end_bar()
        return self.bars

    def _take(self, match: re.Match[str]) -> None:
        if match["text"] is not None:
            self._text(match["text"])
        elif match["bar"]:
            self._barline(match["bar"], match["volta"] or "")
        elif match["ending"]:
            self._end_bar()
            self._begin_ending(match["ending"])
        elif match["inline"]:
            self.change(match["inline"], match["inline_value"])
        elif match["tuplet"]:
            self._begin_tuplet(int(match["tuplet"]), match["tuplet_rest"])
        elif match["note"]:
            self._note(match)
        elif match["broken"]:
            self._broken(match["broken"])
        elif match["tie"]:
            self._ties = set(self._last)
        elif match["overlay"]:
            self._at, self._layer = Fraction(0), self._layer + 1
        elif match["open"]:
            self._stack = []
        elif match["close"] and self._stack is not None:
            self._close_stack(_length(match, "stack_"))
        elif match["mark"]:
            self._mark(match["mark"])

    # bars ---------------------------------------------------------------------------------------------------

    def _barline(self, sign: str, volta: str) -> None:
        """Ends the bar; repeat signs and volta numbers stay with the bars they close and open."""
        self._end_bar()
        closes = sign.startswith(":")
        if self.bars and closes:
            colons = len(sign) - len(sign.lstrip(":"))
            self.bars[-1].frame.plays = 1 + colons if "|" in sign else 2
        if closes or "||" in sign or "]" in sign or sign == "[|":
            self._ending = frozenset()
        self._bar.frame.begins_repeat |= sign.endswith(":") and (len(sign) > 1)
        if volta:
            self._begin_ending(volta)

    def _begin_ending(self, text: str) -> None:
        numbers: set[int] = set()
        for first, last in re.findall(r"(\d{1,2})(?:-(\d{1,2}))?", text):
            numbers |= set(range(int(first), int(last or first) + 1))
        self._ending = frozenset(n for n in numbers if 1 <= n <= 32)

    def _end_bar(self) -> None:
        self._accidentals, self._layer = {}, 0
        if self._reach > 0:
            self._bar.frame.length = round(self._reach * TICKS)
            self._bar.frame.endings = self._ending
            self.bars.append(self._bar)
            self._bar = VoiceBar(Frame())
        self._at = self._reach = Fraction(0)

    def _rest_bars(self, count: int) -> None:
        length = Fraction(4 * self.metre.numerator, self.metre.denominator) if self.metre else Fraction(4)
        for _ in range(min(count, _MOST_RESTS)):
            self._move(length)
            self._end_bar()

    def change(self, name: str, value: str) -> None:
        """A field in the middle of the tune."""
        frame = self._bar.frame
        if name == "K":
            signature = read_key(value)
            if signature is not None:
                self.signature = signature
                frame.key = signature.key
        elif name == "L":
            self.unit = read_unit(value) or self.unit
        elif name == "M":
            self.metre = frame.metre = read_metre(value)
            frame.is_free = self.metre is None
        elif name == "Q" and (bpm := read_tempo(value)):
            frame.tempos.append((round(self._at * TICKS), bpm))
        elif name == "P":
            frame.marker = value.strip()[:40]

    def _mark(self, mark: str) -> None:
        frame = self._bar.frame
        frame.jump = _JUMPS.get(mark, frame.jump)
        frame.is_segno |= mark == "segno"
        frame.is_coda |= mark == "coda"
        frame.is_fine |= mark == "fine"
        frame.to_coda |= mark == "dacoda"

    def _text(self, text: str) -> None:
        chord = read_symbol(text) if text[:1] not in "^_<>@" else None
        if chord is not None:
            self._bar.chords.append(WrittenChord(round(self._at * TICKS), text.strip(), chord))

    # notes --------------------------------------------------------------------------------------------------

    def _note(self, match: re.Match[str]) -> None:
        letter = match["note"]
        if letter in "ZX":
            self._rest_bars(int(match["num"] or 1))
            return
        duration, pitch = self.unit * _length(match), self._pitch(match)
        if self._stack is None:
            self._add([] if pitch is None else [pitch], duration)
        elif pitch is not None and len(self._stack) < 32:
            self._stack.append((pitch, duration))

    def _close_stack(self, times: Fraction) -> None:
        stack, self._stack = self._stack or [], None
        if stack:
            self._add([pitch for pitch, _ in stack], stack[0][1] * times)

    def _add(self, pitches: list[int], duration: Fraction) -> None:
        if self._tuplet_left:
            duration *= self._tuplet_ratio
            self._tuplet_left -= 1
        duration *= self._next_ratio
        self._next_ratio = Fraction(1)
        start, ticks = round(self._at * TICKS), max(1, round(duration * TICKS))
        voice = (0, str(self._layer))
        self._bar.notes += [
            WrittenNote(start, ticks, pitch, pitch in self._ties, voice)
            for pitch in pitches
            if 0 <= pitch <= 127
        ]
        self._last, self._last_length, self._ties = pitches, duration, set()
        self._move(duration)

    def _move(self, duration: Fraction) -> None:
        self._at = min(Fraction(_LONGEST), self._at + duration)
        self._reach = max(self._reach, self._at)

    def _pitch(self, match: re.Match[str]) -> int | None:
        letter, octave = match["note"], match["octave"]
        if letter in "zx":
            return None
        upper = letter.upper()
        if match["accidental"]:
            self._accidentals[upper] = ACCIDENTAL[match["accidental"]]
        shift = self._accidentals.get(upper, self.signature.alters.get(upper, 0))
        octaves = self.octaves + letter.islower() + octave.count("'") - octave.count(",")
        return 60 + _NATURAL[upper] + shift + 12 * octaves

    def _begin_tuplet(self, count: int, rest: str) -> None:
        numbers = [int(part) if part else 0 for part in rest.split(":")[1:]]
        is_compound = self.metre is not None and self.metre.is_compound
        usual = _TUPLET_TIME.get(count, 3 if is_compound else 2)
        time = numbers[0] if numbers and numbers[0] else usual
        self._tuplet_left = numbers[1] if len(numbers) > 1 and numbers[1] else count
        self._tuplet_ratio = Fraction(time, count)

    def _broken(self, signs: str) -> None:
        """Dots the note before and shortens the next, or the other way round."""
        small = Fraction(1, 2 ** min(3, len(signs)))
        before, self._next_ratio = (2 - small, small) if signs[0] == ">" else (small, 2 - small)
        notes = self._bar.notes
        changed = round(self._last_length * before * TICKS)
        for index in range(len(notes) - len(self._last), len(notes)):
            if index >= 0:
                notes[index] = notes[index]._replace(duration=max(1, changed))
        difference = self._last_length * (before - 1)
        is_at_reach = self._at == self._reach
        self._at = max(Fraction(0), self._at + difference)
        self._reach = self._at if is_at_reach else max(self._reach, self._at)
        self._last_length = Fraction(0)


def _length(match: re.Match[str], prefix: str = "") -> Fraction:
    """The factor written after a note: `3/2` is 3/2, `//` a quarter."""
    slashes, den = match[prefix + "slashes"], int(match[prefix + "den"] or 0)
    below = (den or 2 ** min(8, len(slashes))) if slashes else 1
    return Fraction(min(_LONGEST, int(match[prefix + "num"] or 1)), below)
