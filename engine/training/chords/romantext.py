"""Which chords does a RomanText analysis name? (Tymoczko, Gotham, Cuthbert & Ariza, The RomanText format,
ISMIR 2019.)

Only what harmony needs is read: measures, beats, keys, numerals, repeated measures; notes, forms and pedals
are left out.
"""

import re

from engine.music import NO_CHORD, TICKS_PER_QUARTER, Chord
from engine.music.key import parse_pitch_class
from engine.training.chords.numerals import numeral_chord
from engine.training.chords.piece import Bar, ChartChord, Piece

_KEY = re.compile(r"^([A-Ga-g][#b-]?):$")
_MEASURE = re.compile(r"^m(\d+)(?:-(\d+))?(?:[a-z]|var\d)?\s*(.*)$")
_COPY = re.compile(r"^=\s*m(\d+)(?:-(\d+))?")
_BEAT = re.compile(r"^b(\d+(?:\.\d+)?)$")

_Entry = tuple[float, Chord, int]  # beat (from 0), chord, tonic


def romantext_measures(text: str) -> dict[int, tuple[tuple[int, int], list[_Entry]]]:
    """By measure number: the metre and (beat from 0, chord, tonic) of what is named there."""
    reader = _Reader()
    for line in text.splitlines():
        reader.line(line.strip())
    return reader.measures


def parse_romantext(text: str, piece_id: str, title: str) -> Piece:
    """The chords of an analysis; measures that are not written hold what sounded."""
    reader = _Reader()
    for line in text.splitlines():
        reader.line(line.strip())
    metre, bars, chords = reader.lay_out()
    return Piece(piece_id, "when-in-rome-new", "classical", title, "", metre, bars, chords)


class _Reader:
    def __init__(self) -> None:
        self._metre = (4, 4)
        self._tonic, self._is_minor = 0, False
        self.measures: dict[int, tuple[tuple[int, int], list[_Entry]]] = {}

    def line(self, line: str) -> None:
        signature = re.match(r"^Time Signature:\s*(\d+)/(\d+)", line)
        if signature:
            self._metre = (int(signature[1]), int(signature[2]))
        measure = _MEASURE.match(line)
        if measure is None or "var" in line.split(" ")[0]:
            return
        first, last = int(measure[1]), int(measure[2] or measure[1])
        copy = _COPY.match(measure[3])
        if copy:
            for offset in range(last - first + 1):
                source = self.measures.get(int(copy[1]) + offset)
                if source is not None:
                    self.measures[first + offset] = source
        else:
            self.measures[first] = (self._metre, self._entries(measure[3]))

    def _entries(self, body: str) -> list[_Entry]:
        entries: list[_Entry] = []
        beat = 0.0
        for word in body.split():
            key, at = _KEY.match(word), _BEAT.match(word)
            if key:
                name = key[1].replace("-", "b")
                self._tonic = parse_pitch_class(name[0].upper() + name[1:]) or 0
                self._is_minor = name[0].islower()
            elif at:
                beat = float(at[1]) - 1
            else:
                chord = numeral_chord(word.rstrip(";"), self._tonic, self._is_minor, minor_degrees=True)
                if chord is not None:
                    entries.append((beat, chord, self._tonic))
        return entries

    def lay_out(self) -> tuple[tuple[int, int], tuple[Bar, ...], tuple[ChartChord, ...]]:
        bars: list[Bar] = []
        starts: list[tuple[int, Chord, int]] = []
        at = 0
        for number in sorted(self.measures):
            metre, entries = self.measures[number]
            beat_ticks = TICKS_PER_QUARTER * 4 // metre[1] * (3 if metre[1] == 8 and metre[0] % 3 == 0 else 1)
            length = metre[0] * 4 * TICKS_PER_QUARTER // metre[1]
            bars.append(Bar(at, length))
            starts += [
                (at + round(beat * beat_ticks), chord, tonic)
                for beat, chord, tonic in entries
                if 0 <= beat * beat_ticks < length
            ]
            at += length
        ends = [start for start, _, _ in starts[1:]] + [at]
        chords = tuple(
            ChartChord(start, end - start, chord, tonic)
            for (start, chord, tonic), end in zip(starts, ends, strict=True)
            if end > start and chord != NO_CHORD
        )
        return self._metre, tuple(bars), chords
