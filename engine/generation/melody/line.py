"""What has the melody done so far, and what stood at the same place some bars ago?

A Line is a growing melody relative to its tonic, its first full bar number 0 (a pickup is bar -1): events
(notes and rests) with bar, place in the bar and duration on a grid of 24 ticks to a quarter, and the chords
under them. It computes the contexts that the model's experts look at. "Echo" is what began at the same place
1, 2, 4 and 8 bars before (the largest gain in the prototype's ablations); the match is the longest repetition
of the last events anywhere earlier in the line (as in PAQ's match model).

>>> line = Line(96); line.begin_bar(96); line.append(Event(0, 0, 24, 4)); line.pitches
[4]
"""

from typing import NamedTuple

from engine.generation.melody.harmony import ChordTone

GRID = 24
"""Ticks of a quarter on the model's grid; a song tick is 1/20 of it."""
SONG_TICKS = 20
ECHO_LAGS = (1, 2, 4, 8)
_MATCH_MAX = 12


class Event(NamedTuple):
    """A note, or (pitch None) a rest. `pitch` in semitones above the tonic of the line, may be negative."""

    bar: int
    offset: int
    duration: int
    pitch: int | None


def home_tonic(tonic: int, mean_pitch: float) -> int:
    """The MIDI pitch of the tonic that a melody of this mean height is at home around: mean 2 below to 10
    above.

    >>> home_tonic(0, 67.0), home_tonic(7, 67.0)
    (60, 67)
    """
    return tonic + 12 * int((mean_pitch + 2 - tonic) // 12)


class Line:
    """A melody with its chords, growing at the end; `bar_length` is the full bar's, in grid ticks."""

    def __init__(self, bar_length: int, is_triple: bool = False, is_minor: bool = False) -> None:
        self.bar_length = bar_length
        self.metre_code = bar_length * 2 + is_triple
        self.is_minor = is_minor
        self.bars: list[int] = []
        self.events: list[Event] = []
        self.pitches: list[int] = []
        self._note_of_event: list[int] = []
        self._note_events: list[int] = []
        self._at: dict[tuple[int, int], int] = {}
        self._chords: dict[int, list[tuple[int, ChordTone | None]]] = {}
        self._last_chord: ChordTone | None = None
        self._rhythm_seen: dict[tuple[object, ...], int] = {}
        self._pitch_seen: dict[tuple[int, ...], int] = {}
        self._rhythm_match = -1
        self._rhythm_match_length = 0
        self._pitch_match = -1
        self._pitch_match_length = 0
        self._pitch_sum = 0

    # growing ----------------------------------------------------------------

    def begin_bar(self, length: int) -> None:
        """A new bar of so many ticks follows."""
        self.bars.append(length)

    def add_chord(self, bar: int, offset: int, chord: ChordTone | None) -> None:
        """The chord that sounds from there until the next one; in order."""
        self._chords.setdefault(bar, []).append((offset, chord))

    def append(self, event: Event) -> None:
        """The next note or rest."""
        index = len(self.events)
        self.events.append(event)
        self._at[event.bar, event.offset] = index
        self._note_of_event.append(len(self.pitches))
        self._follow_rhythm(index)
        if event.pitch is not None:
            self._note_events.append(index)
            self.pitches.append(event.pitch)
            self._pitch_sum += event.pitch
            self._follow_pitch()

    def emptied(self) -> "Line":
        """A line with the same metre, bars and chords, and no events yet."""
        other = Line(self.bar_length, bool(self.metre_code % 2), self.is_minor)
        other.bars, other._chords = list(self.bars), dict(self._chords)
        return other

    def copy(self) -> "Line":
        """The same line, to be continued another way."""
        other = Line.__new__(Line)
        for name, value in self.__dict__.items():
            setattr(other, name, value.copy() if isinstance(value, list | dict) else value)
        return other

    def _follow_rhythm(self, index: int) -> None:
        if self._rhythm_match >= 0 and self._same_rhythm(self._rhythm_match, index):
            self._rhythm_match += 1
            self._rhythm_match_length = min(_MATCH_MAX, self._rhythm_match_length + 1)
        else:
            self._rhythm_match, self._rhythm_match_length = -1, 0
        if index >= 2:
            one, two, three = self.events[-3:]
            key = (
                *(one.offset, one.duration, one.pitch is None),
                *(two.offset, two.duration, two.pitch is None),
                *(three.offset, three.duration, three.pitch is None),
            )
            if self._rhythm_match < 0 and key in self._rhythm_seen:
                self._rhythm_match, self._rhythm_match_length = self._rhythm_seen[key] + 1, 3
            self._rhythm_seen[key] = index

    def _same_rhythm(self, first: int, second: int) -> bool:
        a, b = self.events[first], self.events[second]
        return a.offset == b.offset and a.duration == b.duration and (a.pitch is None) == (b.pitch is None)

    def _follow_pitch(self) -> None:
        pitches, last = self.pitches, len(self.pitches) - 1
        match = self._pitch_match
        if match > 0 and pitches[match] - pitches[match - 1] == pitches[last] - pitches[last - 1]:
            self._pitch_match += 1
            self._pitch_match_length = min(_MATCH_MAX, self._pitch_match_length + 1)
        else:
            self._pitch_match, self._pitch_match_length = -1, 0
        if last >= 3:
            one, two, three, four = pitches[-4:]
            key = two - one, three - two, four - three
            if self._pitch_match < 0 and key in self._pitch_seen:
                self._pitch_match, self._pitch_match_length = self._pitch_seen[key] + 1, 3
            self._pitch_seen[key] = last

    # asking -----------------------------------------------------------------

    def chord_at(self, bar: int, offset: int) -> ChordTone | None:
        """The chord sounding at the place; looks back over bars."""
        for back in range(bar, bar - 17, -1):
            for start, chord in reversed(self._chords.get(back, ())):
                if back < bar or start <= offset:
                    return chord
        return None

    def chord_changes(self) -> list[tuple[int, int, ChordTone | None]]:
        """Every chord with its bar and offset, in order."""
        return [
            (bar, offset, chord) for bar, found in sorted(self._chords.items()) for offset, chord in found
        ]

    def chord_under(self, event: Event) -> ChordTone | None:
        """The chord a note belongs to: that of the beat it is tied into when it comes early."""
        into = event.offset % GRID
        if into == 0 or into + event.duration <= GRID:
            return self.chord_at(event.bar, event.offset)
        beat = event.offset - into + GRID
        if beat >= self.bar_length:
            return self.chord_at(event.bar + 1, beat - self.bar_length)
        return self.chord_at(event.bar, beat)

    def event_at(self, bar: int, offset: int) -> Event | None:
        """The event that begins exactly there, if any."""
        index = self._at.get((bar, offset))
        return None if index is None else self.events[index]

    def rhythm_contexts(self, bar: int, offset: int) -> tuple[int, ...]:
        """What the rhythm experts see before the event at that place: see RHYTHM_FIELDS."""
        events, count = self.events, len(self.events)
        durations = [rhythm_symbol(events[count - k]) if count >= k else 0 for k in (1, 2, 3, 4)]
        echoes = []
        for lag in ECHO_LAGS:
            there = self.event_at(bar - lag, offset)
            echoes.append(0 if there is None else rhythm_symbol(there))
            echoes.append(self._rhythm_agrees(bar, offset, lag))
        matched = self.events[self._rhythm_match] if 0 <= self._rhythm_match < count else None
        if matched is not None and matched.offset != offset:
            matched = None
        match = 0 if matched is None else rhythm_symbol(matched)
        length = 0 if matched is None else self._rhythm_match_length
        return (self.metre_code, offset, offset % GRID, bar % 4, bar % 8, *durations, *echoes, match, length)

    def _rhythm_agrees(self, bar: int, offset: int, lag: int) -> int:
        """How many of the last three events began where those `lag` bars before did, with the same length."""
        agreeing = 0
        for event in reversed(self.events[-3:]):
            there = self.event_at(event.bar - lag, event.offset)
            if there is None or there.duration != event.duration:
                break
            agreeing += 1
        return agreeing

    def pitch_contexts(self, bar: int, offset: int, duration: int) -> tuple[int, ...]:
        """What the pitch experts see before a note at that place: see PITCH_FIELDS."""
        pitches, count = self.pitches, len(self.pitches)
        last = pitches[-1] if pitches else 0
        recent = [pitches[count - k] + 64 if count >= k else 0 for k in (1, 2, 3, 4, 5)]
        steps = [pitches[count - k] - pitches[count - k - 1] + 64 if count > k else 0 for k in (1, 2, 3, 4)]
        previous = self.events[-1] if self.events else None
        after_rest = previous is not None and previous.pitch is None
        last_duration = self.events[self._note_events[-1]].duration if self._note_events else 0
        chord = self.chord_at(bar, offset)
        chord_code = 0 if chord is None else chord.code
        over_root = 0 if chord is None else 1 + (last - chord.root) % 12
        colour = 0 if chord is None else 1 + chord.colour
        echoes: list[int] = []
        for lag in ECHO_LAGS:
            echoes += self._pitch_echo(bar, offset, lag, last)
        match, length = 0, 0
        if 0 < self._pitch_match < count:
            match = pitches[self._pitch_match] - pitches[self._pitch_match - 1] + 64
            length = self._pitch_match_length
        mean = self._pitch_sum / count if count else 4
        height = max(-6, min(6, round((last - mean) / 3))) + 7
        return (
            self.metre_code * 2 + self.is_minor,
            offset,
            bar % 4,
            duration,
            last_duration * 2 + after_rest,
            *recent,
            *steps,
            chord_code,
            over_root,
            colour,
            height,
            *echoes,
            match,
            length,
        )

    def _pitch_echo(self, bar: int, offset: int, lag: int, last: int) -> tuple[int, int, int]:
        """Pitch there minus the last pitch here, the step into it there, and how well the lag has agreed."""
        index = self._at.get((bar - lag, offset))
        if index is None or self.events[index].pitch is None:
            return 0, 0, 0
        note = self._note_of_event[index]
        pitch = self.pitches[note]
        step = pitch - self.pitches[note - 1] + 64 if note else 0
        agreeing = 0
        for k in (1, 2, 3):
            if note < k or len(self.pitches) < k or self.pitches[note - k] != self.pitches[-k]:
                break
            agreeing += 1
        return pitch - last + 64, step, agreeing


def rhythm_symbol(event: Event) -> int:
    """One number for what begins: note or rest, and its duration (1 ...)."""
    return event.duration * 2 + (event.pitch is None)


_ECHO_RHYTHM = tuple(f"{name}{lag}" for lag in ECHO_LAGS for name in ("echo", "agree"))
_ECHO_PITCH = tuple(f"{name}{lag}" for lag in ECHO_LAGS for name in ("echo", "estep", "agree"))
RHYTHM_FIELDS = (
    *("metre", "offset", "phase", "bar4", "bar8", "d1", "d2", "d3", "d4"),
    *_ECHO_RHYTHM,
    *("match", "match_length"),
)
"""Names of `Line.rhythm_contexts`, in order."""
PITCH_FIELDS = (
    *("metre", "offset", "bar4", "duration", "last"),
    *("p1", "p2", "p3", "p4", "p5", "i1", "i2", "i3", "i4"),
    *("chord", "over_root", "colour", "height"),
    *_ECHO_PITCH,
    *("match", "match_length"),
)
"""Names of `Line.pitch_contexts`, in order."""
