"""How do people place chords: on which beats, and under which notes?

Three tables for the generators. `rhythm[style, metre class, place in the phrase, pattern]` counts bars by
the beats on which a
chord begins (bit 0: the downbeat). `fit[weight class, seventh class, interval]` is log p(melody interval
above the root | chord) minus
log p(pitch class | key) for notes that weigh strong, middle or weak, learnt from lead sheets by duration.
`place[style, place, triad symbol]` is log p(chord | place in the four-bar phrase) minus log p(chord): where
people put home and tension.
"""

from collections.abc import Sequence

import numpy as np

from engine.generation.chords.metre import MetreClass, change_pattern, metre_class, note_weight_class
from engine.generation.chords.model import PLAIN, STYLES
from engine.generation.chords.vocabulary import seventh_class, triad_class
from engine.music import Metre
from engine.training.chords.piece import Piece

_PHRASE = 4
PLACES = 8
_SMOOTH = 30.0


def rhythm_table(pieces: Sequence[Piece]) -> np.ndarray:
    """styles x metre classes x 4 places in the phrase x 16 patterns, counts."""
    table = np.zeros((len(STYLES), len(MetreClass), _PHRASE, 16), dtype=np.float32)
    for piece in pieces:
        metre = Metre(*piece.metre) if piece.metre[1] in (1, 2, 4, 8, 16) else Metre()
        kind = metre_class(metre)
        starts = [event.start_ticks for event in piece.merged()]
        full = [bar for bar in piece.bars if bar.length_ticks == metre.bar_ticks]
        for number, bar in enumerate(full):
            inside = [s - bar.start_ticks for s in starts if 0 <= s - bar.start_ticks < bar.length_ticks]
            pattern = change_pattern(inside, metre)
            table[STYLES.index(piece.style), kind, number % _PHRASE, pattern] += 1
    table[STYLES.index(PLAIN)] = 0.2 * table.sum(axis=0)
    return table


def place_table(pieces: Sequence[Piece]) -> np.ndarray:
    """styles x 8 half bars of a four-bar phrase x 96 triad symbols (tonic-relative): log odds of a chord
    sounding there."""
    counts = np.zeros((len(STYLES), PLACES, 96))
    for piece in pieces:
        metre = Metre(*piece.metre) if piece.metre[1] in (1, 2, 4, 8, 16) else Metre()
        origin = _phrase_origin(piece, metre)
        half = metre.bar_ticks // 2
        section = None
        for event in piece.chords:
            if event.section != section:
                section, origin = event.section, (event.start_ticks if event.section else origin)
            if event.chord.is_no_chord or event.tonic is None:
                continue
            symbol = (event.chord.root - event.tonic) % 12 * 8 + int(triad_class(event.chord.quality))
            for tick in range(event.start_ticks, event.end_ticks, half):
                place = (tick - origin) // half % PLACES
                counts[STYLES.index(piece.style), place, symbol] += 1
    counts += 0.15 * counts.sum(axis=0)
    everywhere = counts.sum(axis=1, keepdims=True)
    smooth = 20.0 * everywhere / np.maximum(everywhere.sum(axis=2, keepdims=True), 1e-9)
    by_place = (counts + smooth) / (counts.sum(axis=2, keepdims=True) + 20.0)
    overall = (everywhere + 1e-6) / everywhere.sum(axis=2, keepdims=True)
    return np.asarray(np.log(np.clip(by_place / overall, 0.2, 5.0)).astype(np.float32))


def _phrase_origin(piece: Piece, metre: Metre) -> int:
    return next((bar.start_ticks for bar in piece.bars if bar.length_ticks == metre.bar_ticks), 0)


def fit_table(pieces: Sequence[Piece]) -> np.ndarray:
    """3 weights x 16 seventh classes x 12 intervals: log odds of a melody note over the chord against the
    key alone."""
    sounding = np.zeros((3, 16, 12))
    plain = np.zeros((3, 12))
    expected = np.zeros((3, 16, 12))
    notes = [(w, c, i, d, t) for piece in pieces for w, c, i, d, t in _notes_over_chords(piece)]
    for weight, _, interval, ticks, to_tonic in notes:
        plain[weight, (interval + to_tonic) % 12] += ticks
    plain /= plain.sum(axis=1, keepdims=True)
    for weight, kind, interval, ticks, to_tonic in notes:
        sounding[weight, kind, interval] += ticks
        expected[weight, kind] += ticks * np.roll(plain[weight], -to_tonic)
    scale = 480.0
    sounding, expected = sounding / scale, expected / scale
    general = sounding.sum(axis=1, keepdims=True) / np.maximum(expected.sum(axis=1, keepdims=True), 1e-9)
    ratio = (sounding + _SMOOTH * general / 12) / (expected + _SMOOTH / 12)
    return np.asarray(np.log(np.clip(ratio, 0.02, 8.0)).astype(np.float32))


def _notes_over_chords(piece: Piece) -> list[tuple[int, int, int, int, int]]:
    """(weight class, seventh class, interval above the root, ticks, root above the tonic) of every note
    under a chord."""
    metre = Metre(*piece.metre) if piece.metre[1] in (1, 2, 4, 8, 16) else Metre()
    offset = _phrase_origin(piece, metre)
    found = []
    for event in piece.chords:
        if event.chord.is_no_chord or event.tonic is None:
            continue
        kind = int(seventh_class(event.chord.quality))
        for note in piece.melody:
            begin, end = (
                max(note.start_ticks, event.start_ticks),
                min(note.end_ticks, event.end_ticks),
            )
            if end > begin:
                weight = note_weight_class((begin - offset) % metre.bar_ticks, end - begin, metre)
                interval = (note.pitch - event.chord.root) % 12
                found.append((weight, kind, interval, end - begin, (event.chord.root - event.tonic) % 12))
    return found
