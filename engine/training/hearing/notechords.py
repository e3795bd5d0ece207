"""Which pieces teach the network that hears chords in notes?

Songs with numerals by analysts (their score on one piano), and chord charts, loops and lead sheets played
out as parts in several ways: the tuning half of each, by name. The lead sheets of OpenEWLD are left out;
`engine.training.hearing.evaluate` asks them.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.analysis.chordear import NONE, family_of
from engine.analysis.chordinputs import chord_inputs
from engine.analysis.pitchgrid import pitch_grid
from engine.analysis.roles import read_roles
from engine.formats.patterns import progressions
from engine.generation.language.grid import SONG_TICKS
from engine.music import Chord, Key, Metre, Song
from engine.training.chords import charts
from engine.training.chords.allow import AllowList
from engine.training.chords.piece import Piece
from engine.training.corpus.numeralcheck import is_for_setting, judged_songs, played
from engine.training.hearing.chordlearning import Excerpt
from engine.training.hearing.keytruth import is_for_tuning, pattern_sheet, sheet_of
from engine.training.hearing.rendering import Sheet, Style, render

_ANALYSTS_WEIGHT = 6.0
_STYLES = tuple(style for style in Style if style is not Style.TUNE)
_POWER_SHARE = 0.1
_LONGEST_BARS = 100
_Spans = tuple[tuple[int, int, Chord], ...]
_SHARES: dict[Callable[[AllowList], Iterator[Piece]], int] = {
    charts.loops: 1,
    charts.early_songs: 1,
    charts.billboard: 5,
    charts.rolling_stone: 3,
    charts.jazz_standards: 6,
}
"""Every so many pieces of a set are taken, so that none drowns the others."""


def taught_excerpts(data: Path) -> Iterator[Excerpt]:
    """All of them, in a fixed order. Raises BadFileError for data that is not as listed."""
    allowed = AllowList(data)
    for judged in judged_songs(allowed):
        if is_for_setting(judged.name):
            chords = tuple(
                (each.start * SONG_TICKS, (each.start + each.duration) * SONG_TICKS, Chord(*each[2:4]))
                for each in judged.chords
            )
            yield excerpt(played(judged), chords, _ANALYSTS_WEIGHT)
    for name, sheet in _sheets(allowed):
        rng = random.Random(f"taught/{name}")
        is_bare = rng.random() < _POWER_SHARE
        made = render(_without_thirds(sheet) if is_bare else sheet, rng.choice(_STYLES), rng)
        roles = {each.track_id: each.role for each in read_roles(made.song) if each.confidence > 0}
        tracks = tuple(replace(track, role=roles.get(track.id, track.role)) for track in made.song.tracks)
        shift = made.key.tonic - sheet.key.tonic
        meant = tuple((start, end, _triad(chord).transposed(shift)) for start, end, chord in sheet.chords)
        yield excerpt(replace(made.song, tracks=tracks), meant if is_bare else made.chords)


def _without_thirds(sheet: Sheet) -> Sheet:
    """Power chords alone; what they stand for is to be told from around them."""
    bare = tuple((a, b, c if c.is_no_chord else Chord(c.root, "5")) for a, b, c in sheet.chords)
    return replace(sheet, chords=bare, notes=())


def _triad(chord: Chord) -> Chord:
    return chord if chord.is_no_chord else Chord(chord.root, "min" if chord.has_minor_third else "maj")


def _sheets(allowed: AllowList) -> Iterator[tuple[str, Sheet]]:
    for read, every in _SHARES.items():
        tuning = [piece for piece in read(allowed) if is_for_tuning(piece.id)]
        for piece in tuning[::every]:
            metre = Metre(*piece.metre)
            is_even = {bar.length_ticks for bar in piece.bars[1:-1]} <= {metre.bar_ticks}
            if is_even and piece.chords and 2 <= len(piece.bars) <= _LONGEST_BARS:
                yield piece.id, sheet_of(piece, metre, Key(0))
    for pattern in progressions():
        name = f"pattern/{pattern.style}/{pattern.line}"
        if is_for_tuning(name) and pattern.bars[0].length == pattern.bars[-1].length:
            yield name, pattern_sheet(pattern)


def excerpt(song: Song, chords: _Spans, weight: float = 1.0) -> Excerpt:
    """What the network hears of a song, and the word for the chord that sounds longest in each slot."""
    grid = pitch_grid(song)
    turned, whole = chord_inputs(song, grid)
    return Excerpt(turned, whole, grid.onbar, _words(grid.starts, chords), weight)


def _words(starts: np.ndarray, chords: _Spans) -> np.ndarray:
    words = np.full(len(starts) - 1, NONE)
    longest = np.zeros(len(words))
    for start, end, chord in chords:
        shared = np.minimum(end, starts[1:]) - np.maximum(start, starts[:-1])
        inside = shared > longest
        words[inside] = family_of(chord)
        longest[inside] = shared[inside]
    return words
