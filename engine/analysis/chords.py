"""Which chord sounds on each beat?

A learnt network tells what the notes of each beat speak for, a chain over the beats how far each chord is
believed (chordear.py); chords of the key that holds there come a little more easily. What colours it has
beyond the seventh, the tones themselves say (chordtemplates.py). Chords the artist wrote or corrected are
certain and steer their neighbours.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from engine.analysis.chordear import NONE, at_home, decided, family_of, heard, word_of
from engine.analysis.chordfixing import QUIET, as_corrected, fix
from engine.analysis.chordinputs import chord_inputs
from engine.analysis.chordtemplates import emissions, runs, vocabulary
from engine.analysis.pitchgrid import PitchGrid
from engine.music import Chord, ChordSpan, Key, Origin, Song
from engine.music.analysis import ChordReading
from engine.music.roman import function, roman

_ALTERNATIVES = 3
_SPLINTER_TICKS = 240
_THIRD = 0.04  # of all that sounds; less is a passing note


def read_chords(song: Song, grid: PitchGrid, key: Key) -> tuple[ChordReading, ...]:
    """The chords of the song, sorted, without repeats; fixed spans of the song are part of them. `key`: where
    the song has none. Raises ModelError."""
    fixed = fixed_spans(song)
    if not grid.slots:
        return tuple(ChordReading(span) for span in fixed)
    regions = _key_regions(song, grid)
    keys = [change.key for change in song.time_map.keys] or [key]
    emission = heard(*chord_inputs(song, grid)) + np.array([at_home(local) for local in keys])[regions]
    echoes = fix(emission, grid, family_of, fixed)
    hearing = decided(emission, grid.onbar)
    path = hearing.path
    colours = _colours(grid, keys, regions)
    readings: list[ChordReading] = []
    for first, last in runs(path, grid.chroma.sum(axis=1) > QUIET):
        if path[first] != NONE:
            sounding = grid.chroma[first:last].sum(axis=0)
            chord = _coloured(int(path[first]), colours[first:last], sounding, keys[regions[first]])
            chord = _of_its_bass(chord, grid, path, first, last)
            reading = _reading(chord, grid, hearing.belief, first, last, int(path[first]))
            reading = as_corrected(reading, echoes, first, int(path[first]))
            readings += [replace(reading, span=piece) for piece in free_pieces(reading.span, fixed)]
    readings += [ChordReading(span) for span in fixed]
    return tuple(sorted(readings, key=lambda reading: reading.span.start_ticks))


def _key_regions(song: Song, grid: PitchGrid) -> np.ndarray:
    """(slots,) the number of the key that holds in each."""
    edges = [change.tick for change in song.time_map.keys[1:]]
    return np.searchsorted(edges, grid.starts[:-1], side="right")


def _colours(grid: PitchGrid, keys: Sequence[Key], regions: np.ndarray) -> np.ndarray:
    """(slots, template words) how well each chord fits what sounds, in the key that holds there."""
    evidence = np.zeros((grid.slots, len(vocabulary(None).chords)))
    for number, key in enumerate(keys):
        inside = regions == number
        evidence[inside] = emissions(grid, vocabulary(key))[inside]
    return evidence


@cache
def _family(word: int) -> np.ndarray:
    """The template words that a word stands for; a chord without a third may be major or minor."""
    chord = word_of(word)
    words = vocabulary(None).chords
    own = [index for index, each in enumerate(words) if family_of(each) == word]
    if chord.quality == "min":
        own.append(words.index(Chord(chord.root, "5")))
    return np.array(own)


def _coloured(word: int, colours: np.ndarray, sounding: np.ndarray, key: Key) -> Chord:
    """The chord of the word's family that fits what sounds best, with its ninths and the like; one without
    a third only where no third sounds, be it in the tune alone."""
    words = vocabulary(key)
    own = _family(word)
    evidence = colours.sum(axis=0) + words.prior
    ranked = [words.chords[int(index)] for index in own[np.argsort(-evidence[own], kind="stable")]]
    return next(
        (chord for chord in ranked if chord.quality != "5" or not _has_third(chord, sounding)), ranked[0]
    )


def _has_third(chord: Chord, sounding: np.ndarray) -> bool:
    thirds = sounding[(chord.root + 3) % 12] + sounding[(chord.root + 4) % 12]
    return bool(thirds > _THIRD * sounding.sum())


def _of_its_bass(chord: Chord, grid: PitchGrid, path: np.ndarray, first: int, last: int) -> Chord:
    """A diminished seventh that does not lead a semitone up is named by its bass: any of its tones may be
    its root."""
    leads = last < len(path) and path[last] != NONE and (word_of(int(path[last])).root - chord.root) % 12 == 1
    if chord.quality != "dim7" or leads:
        return chord
    bass = _with_bass(chord, grid, first, last).bass
    return chord if bass is None else Chord(bass, "dim7")


def _reading(
    chord: Chord, grid: PitchGrid, belief: np.ndarray, first: int, last: int, word: int
) -> ChordReading:
    mean = belief[first:last].mean(axis=0)
    likeliest = np.argsort(-mean, kind="stable")[: _ALTERNATIVES + 2].tolist()
    others = [other for other in likeliest if other not in (word, NONE)]
    start, end = int(grid.starts[first]), int(grid.starts[last])
    confidence = round(float(mean[word]), 3)
    chord = _with_bass(chord, grid, first, last)
    span = ChordSpan(0, start, end - start, chord, Origin.HEARD, confidence=confidence)
    return ChordReading(span, tuple(word_of(other).harte() for other in others[:_ALTERNATIVES]))


def fixed_spans(song: Song) -> list[ChordSpan]:
    """The chords the artist wrote, took or corrected."""
    return [span for span in song.chords if span.origin is not Origin.HEARD]


def _with_bass(chord: Chord, grid: PitchGrid, first: int, last: int) -> Chord:
    """The chord over the bass that holds it: a chord tone that carries most of the span and its beginning."""
    bass = grid.bass[first:last].sum(axis=0)
    if bass.sum() <= 0:
        return chord
    lowest = int(bass.argmax())
    is_held = bass[lowest] / bass.sum() >= 0.6 and grid.bass[first].argmax() == lowest
    if lowest == chord.root or not is_held or lowest not in chord.pitch_classes:
        return chord
    return Chord(chord.root, chord.quality, lowest)


def with_numerals(song: Song, readings: Sequence[ChordReading]) -> tuple[ChordReading, ...]:
    """The readings with each chord's numeral and job in the key that holds there."""
    told = []
    for index, reading in enumerate(readings):
        chord, key = reading.span.chord, song.key_at(reading.span.start_ticks)
        later = (other.span.chord for other in readings[index + 1 : index + 3])
        following = next((other for other in later if other != chord), None)
        told.append(replace(reading, numeral=roman(chord, key, following), function=function(chord, key)))
    return tuple(told)


def free_pieces(span: ChordSpan, fixed: list[ChordSpan]) -> list[ChordSpan]:
    """What is left of a heard span where the artist has not said what stands there, splinters left out."""
    pieces = [(span.start_ticks, span.end_ticks)]
    for wall in fixed:
        pieces = [
            (start, end)
            for left, right in pieces
            for start, end in ((left, min(right, wall.start_ticks)), (max(left, wall.end_ticks), right))
            if end - start >= min(_SPLINTER_TICKS, span.duration_ticks)
        ]
    return [replace(span, start_ticks=start, duration_ticks=end - start) for start, end in pieces]
