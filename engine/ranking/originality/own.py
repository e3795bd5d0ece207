"""Which notes of a take are the artist's already?

What stands in the song at the same time and pitch (kept, locked), and what the song has elsewhere: a run of
at least FEWEST_NOTES notes with its rhythm, or FEWEST_PITCHES in another rhythm, in any key. The same for
chords. So an echo of the song's own bars never counts against a take.

>>> from engine.music import Note, Role, Track
>>> tune = tuple(Note(i, i * 480, 480, pitch) for i, pitch in enumerate([60, 62, 64, 60, 67, 69], 1))
>>> own = OwnMaterial(Song(tracks=(Track(9, "", Role.MELODY, notes=tune),)))
>>> higher = [Note(i, 9600 + i * 240, 240, pitch) for i, pitch in enumerate([62, 64, 66, 62, 69, 70], 1)]
>>> own.notes(higher)
[True, True, True, True, True, False]
"""

from collections.abc import Sequence
from functools import cached_property

from engine.music import Chord, ChordSpan, Note, Role, Song
from engine.ranking.originality.suffixes import run_bytes
from engine.ranking.originality.symbols import PART, STRIDE, melody_text, merged, progression_text

FEWEST_NOTES, FEWEST_PITCHES, FEWEST_CHORDS = 5, 8, 4
_TOGETHER_TICKS = 50


class OwnMaterial:
    """The song as far as ideas for it may take it up; worked out when first asked for."""

    def __init__(self, song: Song) -> None:
        self._song = song

    def notes(self, line: Sequence[Note]) -> list[bool]:
        """For each note of a single line whether it is the artist's."""
        echoed = self.echoed([note.start_ticks for note in line], [note.pitch for note in line])
        is_there = [(note.start_ticks, note.pitch) in self._places for note in line]
        return [one or other for one, other in zip(echoed, is_there, strict=True)]

    def echoed(self, starts: Sequence[int], pitches: Sequence[int]) -> list[bool]:
        """For each note (ticks from anywhere) whether it takes up what the song has, at any place."""
        text = melody_text(starts, pitches)
        owned = [False] * len(starts)
        _mark(owned, text, self._melodies, STRIDE, FEWEST_NOTES - 1, 1)
        _mark(owned, text[::STRIDE], self._pitches, 1, FEWEST_PITCHES - 1, 1)
        return owned

    def chords(self, spans: Sequence[ChordSpan]) -> list[bool]:
        """For each chord that `progression_text` writes whether it is the artist's."""
        chords = [span.chord for span in spans]
        owned = [
            spans[place].locked or (spans[place].start_ticks, spans[place].chord) in self._changes
            for place in merged(chords)
        ]
        _mark(owned, progression_text(chords), self._progression, STRIDE, FEWEST_CHORDS, 0)
        return owned

    @cached_property
    def _places(self) -> frozenset[tuple[int, int]]:
        return frozenset((note.start_ticks, note.pitch) for note in self._song.notes())

    @cached_property
    def _changes(self) -> frozenset[tuple[int, Chord]]:
        return frozenset((span.start_ticks, span.chord) for span in self._song.chords)

    @cached_property
    def _melodies(self) -> bytes:
        lines = [line_of(track.notes) for track in self._song.tracks if track.role is not Role.DRUMS]
        return b"".join(
            melody_text([note.start_ticks for note in line], [note.pitch for note in line]) + PART
            for line in lines
        )

    @cached_property
    def _pitches(self) -> bytes:
        return self._melodies[::STRIDE]

    @cached_property
    def _progression(self) -> bytes:
        return progression_text([span.chord for span in self._song.chords])


def _mark(owned: list[bool], text: bytes, known: bytes, stride: int, fewest: int, extra: int) -> None:
    """Marks the notes of every run of at least `fewest` symbols that the known text has."""
    symbols = len(text) // stride
    end = 0
    for first in range(symbols - fewest + 1):
        end = max(end, first + fewest)
        if text[first * stride : first * stride + run_bytes(end - first, stride)] not in known:
            end -= 1
            continue
        while end < symbols:
            longer = text[first * stride : first * stride + run_bytes(end + 1 - first, stride)]
            if longer not in known:
                break
            end += 1
        for note in range(first, end + extra):
            owned[note] = True


def line_of(notes: Sequence[Note]) -> list[Note]:
    """The line one hears on top: of notes struck together the highest, none under one that goes on sounding.

    >>> [note.pitch for note in line_of([Note(1, 0, 960, 67), Note(2, 0, 480, 60), Note(3, 480, 480, 64)])]
    [67]
    """
    line: list[Note] = []
    for note in sorted(notes, key=lambda one: (one.start_ticks, -one.pitch)):
        last = line[-1] if line else None
        if last is None or note.start_ticks >= last.end_ticks:
            line.append(note)
        elif note.start_ticks - last.start_ticks < min(_TOGETHER_TICKS, last.duration_ticks):
            if note.pitch > last.pitch:
                line[-1] = note
        elif note.pitch > last.pitch or last.end_ticks - note.start_ticks < note.duration_ticks / 2:
            line.append(note)
    return line
