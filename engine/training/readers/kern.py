"""What sounds in a Humdrum **kern score, all staves and voices?

Spines are followed through splits, joins, exchanges and ends; staves are numbered as the file says (`*staff1`
on top), else from the last column to the first. Grace notes and cue notes are left out, repeats are not
played. Values outside powers of two and tuplets (`232%5`) are rounded and every bar begins where all spines
have arrived. Source: Huron, Humdrum User's Guide, 1999; the Verovio Humdrum Viewer's notes on **kern.

>>> score = parse_kern("**kern\\n*M3/4\\n*k[f#]\\n=1\\n4g\\n[2b\\n=2\\n2.b]\\n==\\n*-")
>>> [(note.pitch, note.duration / TICKS) for note in score.voices[0].notes], score.measures[0].fifths
([(67, 1.0), (71, 5.0)], 1)
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from engine.training.readers.parts import FullScore, Measure, PartVoice, with_ties_merged
from engine.training.readers.score import TICKS, UnreadableScoreError

_VALUE = re.compile(r"(\d+)(?:%(\d+))?(\.*)")
_PITCH = re.compile(r"(([a-gA-G])\2*)(#+|-+|n)?")
_NATURAL = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_METRE = re.compile(r"^\*M(\d+)/(\d+)$")
_KEY = re.compile(r"^\*([A-Ga-g][#-]?):")
_TEMPO = re.compile(r"^\*MM(\d+(?:\.\d+)?)$")
_ROUNDING = 48
"""Ticks by which a bar may miss its metre only because its values were rounded."""


@dataclass(slots=True)
class _Staff:
    """What one **kern column is; `written` by voice: start, duration, pitch, tied."""

    column: int
    number: int = 0
    part: int = 0
    name: str = ""
    has_words: bool = False
    written: dict[int, list[tuple[int, int, int, bool]]] = field(default_factory=dict)


@dataclass(slots=True)
class _Spine:
    """One column at this line: its staff (None: no notes), its voice, how far it has got."""

    staff: _Staff | None
    voice: int = 0
    until: int = 0
    is_cue: bool = False


def parse_kern(text: str) -> FullScore:
    """The score of a Humdrum file. Raises UnreadableScoreError."""
    reader = _Reader()
    for line in text.splitlines():
        reader.line(line)
    return reader.score()


class _Reader:
    def __init__(self) -> None:
        self._spines: list[_Spine] = []
        self._staves: list[_Staff] = []
        self._measures: list[Measure] = []
        self._metre, self._fifths, self._mode = (4, 4), 0, ""
        self._begin = 0
        self._bpm, self._title = 0.0, ""

    def line(self, line: str) -> None:
        if line.startswith("!!!OTL") and not self._title:
            self._title = line.partition(":")[2].strip()
        if not line or line[0] == "!":
            return
        tokens = line.split("\t")
        if line.startswith("**"):
            self._begin_spines(tokens)
        elif len(tokens) != len(self._spines):
            raise UnreadableScoreError("A line of the score has more or fewer columns than the score.")
        elif line[0] == "*":
            self._interpretations(tokens)
        elif line[0] == "=":
            self._barline()
        else:
            self._data(tokens)

    def _begin_spines(self, tokens: list[str]) -> None:
        for column, token in enumerate(tokens):
            staff = _Staff(column) if token == "**kern" else None
            self._spines.append(_Spine(staff))
            if staff is not None:
                self._staves.append(staff)
            elif token in ("**text", "**silbe", "**lyrics") and self._staves:
                self._staves[-1].has_words = True
        for number, staff in enumerate(reversed(self._staves)):
            staff.number, staff.part = number, number

    def _interpretations(self, tokens: list[str]) -> None:
        for spine, token in zip(self._spines, tokens, strict=True):
            if spine.staff is not None and len(token) > 1:
                self._interpretation(spine, spine.staff, token)
        if any(token in ("*^", "*v", "*x", "*+", "*-") for token in tokens):
            self._rearrange(tokens)

    def _interpretation(self, spine: _Spine, staff: _Staff, token: str) -> None:
        if match := _METRE.match(token):
            if int(match[1]) and int(match[2]):
                self._metre = (int(match[1]), int(match[2]))
        elif token.startswith("*k["):
            self._fifths = token.count("#") - token.count("-")
        elif match := _KEY.match(token):
            self._mode = "minor" if match[1][0].islower() else "major"
        elif match := _TEMPO.match(token):
            self._bpm = self._bpm or float(match[1])
        elif token.startswith("*staff") and token[6:].isdigit():
            staff.number = int(token[6:]) - 1
        elif token.startswith("*part") and token[5:].isdigit():
            staff.part = int(token[5:]) - 1
        elif token.startswith('*I"'):
            staff.name = token[3:]
        elif token in ("*cue", "*Xcue"):
            spine.is_cue = token == "*cue"

    def _rearrange(self, tokens: list[str]) -> None:
        """The spines after a line of splits, joins, exchanges and ends."""
        spines: list[_Spine] = []
        joining: _Spine | None = None
        exchanged: _Spine | None = None
        for spine, token in zip(self._spines, tokens, strict=True):
            if token == "*v" and joining is not None and joining.staff is spine.staff:
                joining.until = max(joining.until, spine.until)
                joining.voice = min(joining.voice, spine.voice)
                continue
            joining = spine if token == "*v" else None
            if token == "*-":
                continue
            spines.append(spine)
            if token == "*^":
                taken = {other.voice for other in self._spines if other.staff is spine.staff}
                taken |= {other.voice for other in spines if other.staff is spine.staff}
                voice = next(number for number in range(len(taken) + 1) if number not in taken)
                spines.append(_Spine(spine.staff, voice, spine.until, spine.is_cue))
            elif token == "*+":
                spines.append(_Spine(None))
            elif token == "*x":
                if exchanged is None:
                    exchanged = spine
                else:
                    spines[-2:] = [spine, exchanged]
                    exchanged = None
        self._spines = spines

    def _barline(self) -> None:
        """Ends the measure where the last spine has arrived."""
        arrived = max((spine.until for spine in self._spines if spine.staff is not None), default=0)
        full = 4 * TICKS * self._metre[0] // self._metre[1]
        if abs(arrived - self._begin - full) <= _ROUNDING:
            arrived = self._begin + full
        if arrived > self._begin:
            length = arrived - self._begin
            self._measures.append(Measure(self._begin, length, self._metre, self._fifths, self._mode))
            self._begin = arrived
        for spine in self._spines:
            spine.until = self._begin

    def _data(self, tokens: list[str]) -> None:
        sounding = [
            (spine, token)
            for spine, token in zip(self._spines, tokens, strict=True)
            if spine.staff is not None and token[:1] not in (".", "!", "") and "q" not in token
        ]
        if not sounding:
            return
        now = max(spine.until for spine, _ in sounding)
        for spine, token in sounding:
            self._token(spine, token, now)

    def _token(self, spine: _Spine, token: str, now: int) -> None:
        notes, longest = _struck(token)
        if notes and spine.staff is not None and not spine.is_cue:
            written = spine.staff.written.setdefault(spine.voice, [])
            written += [(now, duration, pitch, tied) for duration, pitch, tied in notes]
        spine.until = now + longest

    def score(self) -> FullScore:
        self._barline()
        voices = [
            PartVoice(staff.part, staff.number, str(voice), with_ties_merged(written), staff.has_words)
            for staff in self._staves
            for voice, written in sorted(staff.written.items())
        ]
        if not self._measures or not voices:
            raise UnreadableScoreError("The score holds no notes.")
        voices.sort(key=lambda voice: (voice.part, voice.staff, voice.voice))
        names = {staff.part: staff.name for staff in self._staves}
        listed = [names.get(part, "") for part in range(max(names) + 1)]
        return FullScore(self._title, self._measures, voices, listed, self._bpm)


@lru_cache(maxsize=50_000)
def _struck(token: str) -> tuple[tuple[tuple[int, int, bool], ...], int]:
    """Duration, pitch and tie of all notes that are struck together, and how long the longest is."""
    notes, longest = [], 0
    for part in token.split(" "):
        duration, pitch, tied = _note(part)
        duration = duration or longest
        longest = max(longest, duration)
        if pitch is not None and duration:
            notes.append((duration, pitch, tied))
    return tuple(notes), longest


@lru_cache(maxsize=50_000)
def _note(token: str) -> tuple[int, int | None, bool]:
    """Duration, pitch (None: a rest), whether a tie leads into it.

    >>> _note("8.ccc#_"), _note("4r")
    ((7560, 85, True), (10080, None, False))
    """
    value = _VALUE.search(token)
    duration = _duration(value) if value else 0
    pitch = None if "r" in token else _PITCH.search(token)
    if pitch is None:
        return duration, None, False
    letters, sign = pitch[1], pitch[3] or ""
    octave = len(letters) if letters[0].islower() else 1 - len(letters)
    shift = sign.count("#") - sign.count("-")
    number = 48 + 12 * octave + _NATURAL[letters[0].lower()] + shift
    return duration, number, "_" in token or "]" in token


def _duration(value: re.Match[str]) -> int:
    recip = int(value[1])
    whole = TICKS * 4
    base = whole * 2 ** len(value[1]) if not recip else whole * int(value[2] or 1) / recip
    return round(base * (2 - 0.5 ** len(value[3])))
