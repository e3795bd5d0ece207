"""How does the chord lane sound? One more track of plain, close voicings, to hear chord ideas with.

Each chord is its bass note in the octave below tenor C and its other tones close around middle C, the voicing
whose tones move least from the chord before. Nothing of the artist's is changed: the result is for audition.

    player.audition(with_chord_guide(variant, instead_of={Role.CHORDS, Role.PAD}))
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache

from engine.music.chord import Chord
from engine.music.note import Note, Origin
from engine.music.song import Song
from engine.music.track import Role, Track

GUIDE_PROGRAM, GUIDE_LEVEL, GUIDE_VELOCITY = 4, 0.7, 72
LOWEST_BASS = 36
LOWEST_TONE, HIGHEST_TONE = 53, 76


def with_chord_guide(song: Song, instead_of: Collection[Role] = ()) -> Song:
    """The song with a track that plays its chord lane; tracks in the roles of `instead_of` are muted."""
    notes: list[Note] = []
    before: tuple[int, ...] = ()
    next_id = song.next_id + 1
    for span in song.chords:
        pitches = close_voicing(span.chord, before)
        before = pitches[1:] or before
        for pitch in pitches:
            notes.append(
                Note(next_id, span.start_ticks, span.duration_ticks, pitch, GUIDE_VELOCITY, Origin.RULE)
            )
            next_id += 1
    guide = Track(song.next_id, "Chords", Role.CHORDS, GUIDE_PROGRAM, tuple(notes), level=GUIDE_LEVEL)
    tracks = tuple(replace(t, muted=True) if t.role in instead_of else t for t in song.tracks)
    return replace(song, tracks=(*tracks, guide), next_id=next_id)


@lru_cache(maxsize=4_000)
def close_voicing(chord: Chord, before: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Bass first, then the tones upwards: the close position nearest to `before`; () for no chord."""
    if chord.is_no_chord:
        return ()
    bass = LOWEST_BASS + chord.bass_pitch_class % 12
    positions = _positions(sorted(chord.pitch_classes))
    target = before or (57, 60, 64)
    return (bass, *min(positions, key=lambda tones: _distance(tones, target)))


def _positions(classes: list[int]) -> list[tuple[int, ...]]:
    """Every close position of the pitch classes within the range of the guide."""
    found = []
    for lowest in range(LOWEST_TONE, HIGHEST_TONE - 11):
        if lowest % 12 in classes:
            found.append(tuple(sorted(lowest + (pc - lowest) % 12 for pc in classes)))
    return found


def _distance(tones: tuple[int, ...], target: tuple[int, ...]) -> float:
    """How far the outer voices and the middle of the chord move."""
    middle = abs(sum(tones) / len(tones) - sum(target) / len(target))
    return abs(tones[-1] - target[-1]) + abs(tones[0] - target[0]) + middle
