"""In which key is this really? What the file says is one witness among others.

Index files and signatures confuse a key with its relative: the written key (or its signature) is weighed
against what sounds and where it rests, with the scores of `keyscores`; the shade of mode
(dorian, mixolydian, ...) is told by the degrees that set it apart.
"""

from collections.abc import Sequence
from enum import Enum

import numpy as np

from engine.analysis.keys import ALL_KEYS
from engine.analysis.pitchgrid import pitch_grid
from engine.generation.language.grid import Stream
from engine.music import (
    Key,
    Metre,
    MetreChange,
    Mode,
    Note,
    Role,
    Song,
    TimeMap,
    Track,
)
from engine.training.chords.piece import ChartChord
from engine.training.corpus.draft import Draft
from engine.training.corpus.keyscores import key_scores

_BASS_BELOW, _CHORD_FROM = 36, 60
_SHADE = 0.8
_LEAST_SHADE = 0.02


class Trust(Enum):
    """How far a written key is believed: bonus of its key, bonus of its relative."""

    SIGNATURE = (2.0, 1.6)
    WORD = (4.0, 0.8)


def home_key(draft: Draft, written: Key | None, trust: Trust = Trust.WORD) -> Key:
    """The key of the draft with its shade of mode. A key written in words gives way only to a relative
    the piece rests on."""
    song = _song(draft)
    scores = key_scores(song, pitch_grid(song))
    if written is not None:
        own, relative = trust.value
        for index, key in enumerate(ALL_KEYS):
            if key.tonic == written.tonic and key.mode.is_minor == written.mode.is_minor:
                scores[index] += own
            elif key.fifths % 12 == written.fifths % 12:
                scores[index] += relative
    best = ALL_KEYS[int(np.argmax(scores))]
    heard = Key(best.tonic, shade(_weights(draft, best.tonic), best.mode.is_minor))
    if written is None or trust is Trust.SIGNATURE:
        return heard
    is_relative = heard.fifths % 12 == written.fifths % 12 and heard.mode is not Mode.LYDIAN
    return heard if is_relative and _rests_on(draft) == heard.tonic else written


def _rests_on(draft: Draft) -> int | None:
    """The pitch class the piece ends on: its last bass, else its last melody note."""
    last = next((e.chord for e in reversed(draft.chords or ()) if not e.chord.is_no_chord), None)
    if last is not None:
        return last.bass_pitch_class
    line = draft.notes.get(Stream.MELODY, ())
    return line[-1].pitch % 12 if line else None


def chart_key(draft: Draft, tonic: int) -> Key:
    """The key of chords whose tonic is known: the tonic chord's third, then the shade."""
    thirds = [0, 0]
    for event in draft.chords or ():
        if not event.chord.is_no_chord and event.chord.root == tonic:
            thirds[0] += event.duration_ticks * event.chord.has_major_third
            thirds[1] += event.duration_ticks * event.chord.has_minor_third
    weights = _weights(draft, tonic)
    is_minor = thirds[1] > thirds[0] if any(thirds) else bool(weights[3] > weights[4])
    return Key(tonic, shade(weights, is_minor))


def shade(weights: np.ndarray, is_minor: bool) -> Mode:
    """The mode of a major or minor key by its characteristic degrees. `weights`: (12,) shares of time.

    >>> shade(np.array([4, 0, 2, 0, 3, 1, 0, 3, 0, 1, 2, 0]), is_minor=False)
    <Mode.MIXOLYDIAN: 'mixolydian'>
    """

    def speaks(for_degree: int, against: int) -> bool:
        both = weights[for_degree] + weights[against]
        return bool(both > _LEAST_SHADE * weights.sum() and weights[for_degree] > _SHADE * both)

    if is_minor:
        if speaks(1, 2):
            return Mode.PHRYGIAN
        return Mode.DORIAN if speaks(9, 8) and speaks(10, 11) else Mode.MINOR
    if speaks(10, 11):
        return Mode.MIXOLYDIAN
    return Mode.LYDIAN if speaks(6, 5) else Mode.MAJOR


def _weights(draft: Draft, tonic: int) -> np.ndarray:
    """(12,) time of each degree above the tonic, in notes and chord tones."""
    weights = np.zeros(12)
    for stream, line in draft.notes.items():
        if stream is not Stream.DRUMS:
            for note in line:
                weights[(note.pitch - tonic) % 12] += note.duration_ticks
    for event in draft.chords or ():
        for tone in event.chord.pitch_classes if not event.chord.is_no_chord else ():
            weights[(tone - tonic) % 12] += event.duration_ticks
    return weights


def _song(draft: Draft) -> Song:
    """What the analysis listens to: the lines, and the chords as a bass and close chords."""
    first = draft.bars[0]
    metre = Metre(*first.metre)
    pickup = first.length_ticks if first.length_ticks < metre.bar_ticks else 0
    time_map = TimeMap(metres=(MetreChange(0, metre),), pickup_ticks=pickup)
    tracks, next_id = [], 1
    for stream, rows in (*_sounding(draft), *_chord_rows(draft.chords or ())):
        notes = tuple(Note(next_id + i, *row) for i, row in enumerate(sorted(rows)))
        next_id += len(notes) + 1
        role = {Stream.MELODY: Role.MELODY, Stream.BASS: Role.BASS}.get(stream, Role.CHORDS)
        tracks.append(Track(next_id - 1, stream.name, role, notes=notes))
    return Song("", time_map, tracks=tuple(tracks), next_id=next_id)


def _sounding(draft: Draft) -> list[tuple[Stream, list[tuple[int, int, int]]]]:
    return [
        (stream, [(n.start_ticks, n.duration_ticks, n.pitch) for n in line if n.duration_ticks > 0])
        for stream, line in draft.notes.items()
        if stream is not Stream.DRUMS and line
    ]


def _chord_rows(chords: Sequence[ChartChord]) -> list[tuple[Stream, list[tuple[int, int, int]]]]:
    events = [event for event in chords if not event.chord.is_no_chord and event.duration_ticks > 0]
    if not events:
        return []
    bass = [(e.start_ticks, e.duration_ticks, _BASS_BELOW + e.chord.bass_pitch_class) for e in events]
    tones = [
        (e.start_ticks, e.duration_ticks, _CHORD_FROM + tone)
        for e in events
        for tone in sorted(e.chord.pitch_classes)
    ]
    return [(Stream.BASS, bass), (Stream.COMPING, tones)]
