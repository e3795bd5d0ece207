"""Which key is it in, how sure is that, what is the next-best reading, and where does the music go?

The cues of `keycues.py` are weighed by a log-linear model; its weights were fitted on the tuning half of
chorales, loops, lead sheets and charts (engine/training/hearing/keytruth.py), those for a tune alone on the
sopranos and tunes of the same half, whole and cut off. In an excerpt of up to 64 bars a learnt network
(keyear.py) speaks with them. A written signature counts as a hint, a written mode
other than major as a strong one. Stretches in another key are found by dynamic programming over the key of
each bar, with a price for each change (as Temperley, Music and Probability, 2007, ch. 6); the shade of mode
(dorian, mixolydian ...) by the degrees that set it apart.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.analysis.chordear import heard_chords
from engine.analysis.chordtemplates import sounding_chords
from engine.analysis.keycues import Cue, Sounding, key_cues
from engine.analysis.keyear import heard_keys
from engine.analysis.keyinputs import key_inputs
from engine.analysis.keyregions import bar_keys, regions
from engine.analysis.pitchgrid import PitchGrid
from engine.music import ChordSpan, Key, Mode, Song
from engine.music.analysis import KeyReading

WEIGHTS = {
    Cue.PROFILE: 0.82,
    Cue.NATURAL_PROFILE: 0.65,
    Cue.DEGREES: 1.28,
    Cue.DISTINCT_DEGREES: 0.43,
    Cue.WORST_DEGREE: 0.20,
    Cue.LAST_BASS: 0.88,
    Cue.LAST_BASS_OF_LOOP: 0.66,
    Cue.FIRST_BASS: 0.93,
    Cue.LAST_MELODY: 0.66,
    Cue.LAST_THIRD: 0.28,
    Cue.FIFTH_FALLS: 0.45,
    Cue.BASS_TIME: 0.15,
    Cue.DOMINANT_RESOLVES: -0.41,
    Cue.SUBDOMINANT_RESOLVES: 1.62,
    Cue.SUBTONIC_RESOLVES: -0.71,
    Cue.ENDS_ON_DOMINANT: 1.26,
    Cue.FIRST_CHORD: 0.76,
    Cue.FIRST_CHORD_OF_LOOP: 0.60,
    Cue.LAST_CHORD: -0.02,
    Cue.TONIC_TIME: 2.26,
    Cue.NO_TONIC: -1.21,
    Cue.IS_MINOR: -0.79,
    Cue.CHANGES: 1.80,
}
TUNE_WEIGHTS = {
    Cue.PROFILE: 6.63,
    Cue.NATURAL_PROFILE: 2.04,
    Cue.LAST_BASS: 1.86,
    Cue.FIRST_BASS: 2.36,
    Cue.LAST_MELODY: 1.15,
    Cue.LAST_THIRD: 0.09,
    Cue.BASS_TIME: 4.89,
    Cue.IS_MINOR: -0.41,
}
"""Of a tune alone: without chords its own notes must tell more."""
_SIGNATURE, _PLAIN_SIGNATURE, _EXACT, _WRITTEN_MODE = 1.8, 0.3, 0.5, 3.5
_EXCERPT_BARS, _WEIGHED = 64, 0.3  # the share of the weighed cues beside the network
_SUREST = {0: 0.0, 1: 0.25, 2: 0.5}
"""By how many pitch classes are heard: one or two stand in so many keys that none is sure."""
_HEARD_SHARE = 0.01
_SHADE, _LEAST_SHADE, _BLUE = 0.9, 0.025, 0.02

ALL_KEYS = tuple(Key(tonic, mode) for mode in (Mode.MAJOR, Mode.MINOR) for tonic in range(12))


def read_key(
    song: Song,
    grid: PitchGrid,
    chords: Sequence[Sounding] | None = None,
    excerpt: Sequence[Sounding] = (),
) -> KeyReading:
    """The key of the whole song with its three next-best readings; confidence is its probability, less where
    hardly a pitch class is heard. `excerpt`: its `excerpt_chords`, where several voices sound together.
    Raises ModelError."""
    scores = key_scores(song, grid, sounding_chords(grid) if chords is None else chords, excerpt)
    order = np.argsort(-scores, kind="stable")
    weights = np.exp(scores - scores.max())
    confidence = min(float(weights[order[0]] / weights.sum()), _surest(grid))
    keys = tuple(shaded(ALL_KEYS[index], grid, song) for index in order[:4])
    return KeyReading(0, keys[0], confidence, keys[1:])


def _surest(grid: PitchGrid) -> float:
    sounding = grid.chroma.sum(axis=0)
    heard = int((sounding > _HEARD_SHARE * sounding.sum()).sum())
    return _SUREST.get(heard, 1.0)


def excerpt_chords(song: Song, grid: PitchGrid, fixed: Sequence[ChordSpan] = ()) -> list[Sounding]:
    """What the network of excerpts listens to; nothing where the song is longer. Raises ModelError."""
    bars = int((grid.onbar == 2).sum())
    return heard_chords(song, grid, fixed) if 0 < bars <= _EXCERPT_BARS else []


def read_keys(song: Song, grid: PitchGrid, chords: Sequence[Sounding]) -> tuple[KeyReading, ...]:
    """The key at the beginning, then every stretch that is in another one, by tick."""
    return in_stretches(read_key(song, grid, chords), grid, chords)


def in_stretches(home: KeyReading, grid: PitchGrid, chords: Sequence[Sounding]) -> tuple[KeyReading, ...]:
    """Where music whose key as a whole is `home` leaves it and comes back."""
    if home.confidence <= 0:
        return (home,)
    index = ALL_KEYS.index(Key(home.key.tonic, Mode.MINOR if home.key.mode.is_minor else Mode.MAJOR))
    found: list[KeyReading] = []
    for region in regions(bar_keys(grid, chords, index), grid):
        if region.key == index:
            reading = replace(home, tick=region.tick)
        else:
            reading = KeyReading(region.tick, ALL_KEYS[region.key], region.confidence, (home.key,))
        if not found or reading.key != found[-1].key:
            found.append(reading)
    return tuple(found) if len(found) > 1 else (home,)


def key_scores(
    song: Song, grid: PitchGrid, chords: Sequence[Sounding], excerpt: Sequence[Sounding] = ()
) -> np.ndarray:
    """(24,) log-linear scores: the twelve major keys, then the twelve minor ones."""
    has_chords = any(not each.chord.is_no_chord for each in chords)
    table = WEIGHTS if has_chords else TUNE_WEIGHTS
    cues = key_cues(song, grid, chords)
    scores = cues @ np.array([table.get(cue, 0.0) for cue in Cue])
    if has_chords and excerpt:
        scores = _WEIGHED * scores + (1 - _WEIGHED) * heard_keys(key_inputs(grid, excerpt), cues)
    return np.asarray(scores + _signature_hint(song))


def _signature_hint(song: Song) -> np.ndarray:
    """A written signature speaks for its two keys; one without sharps and flats is often only a default.
    Nobody writes a minor key or a mode by default."""
    scores = np.zeros(24)
    if song.time_map.keys:
        written = song.time_map.keys[0].key
        family = replace(written, mode=Mode.MINOR if written.mode.is_minor else Mode.MAJOR)
        weight = _SIGNATURE if family.fifths else _PLAIN_SIGNATURE
        for index, key in enumerate(ALL_KEYS):
            if key.fifths % 12 == family.fifths % 12:
                scores[index] += weight
            if key == family:
                scores[index] += _EXACT * weight + (_WRITTEN_MODE if written.mode is not Mode.MAJOR else 0.0)
    return scores


def shaded(key: Key, grid: PitchGrid, song: Song) -> Key:
    """The key in its shade of mode, told by the degrees that set it apart; a mode that is written wins."""
    written = song.time_map.keys[0].key if song.time_map.keys else key
    is_same = written.tonic == key.tonic and written.mode.is_minor == key.mode.is_minor
    if is_same and written.mode not in (Mode.MAJOR, Mode.MINOR):
        return written
    weight = np.minimum(grid.chroma, 1.0).sum(axis=0)
    share = np.roll(weight / max(1e-9, float(weight.sum())), -key.tonic)
    return replace(key, mode=_shade(share, key.mode.is_minor))


def _shade(share: np.ndarray, is_minor: bool) -> Mode:
    """The mode whose own degree stands in place of the usual one; blues thirds make no mode."""

    def instead(own: int, usual: int) -> bool:
        both = share[own] + share[usual]
        return bool(share[own] >= _LEAST_SHADE and share[own] >= _SHADE * both)

    if is_minor:
        if instead(9, 8) and share[10] >= share[11]:
            return Mode.DORIAN
        return Mode.PHRYGIAN if instead(1, 2) else Mode.MINOR
    if share[3] > _BLUE:
        return Mode.MAJOR
    if instead(10, 11):
        return Mode.MIXOLYDIAN
    return Mode.LYDIAN if instead(6, 5) else Mode.MAJOR
