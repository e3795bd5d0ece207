"""The track that carries the tune is found, in one voice or over its own chords; accompaniment is none."""

import pytest

from engine.music import Note, Role, Song, Track
from engine.music.tunes import top_line, tune_track

BAR, QUARTER = 1920, 480
TUNE = (64, 67, 69, 67, 72, 71, 69, 64, 65, 69, 72, 69, 71, 67, 65, 62)
CHORDS = ((48, 52, 55), (45, 48, 52), (41, 45, 48), (43, 47, 50))


def track(number: int, role: Role, *struck: tuple[int, int, tuple[int, ...]]) -> Track:
    """(start, duration, pitches) each."""
    notes = sorted((start, pitch, length) for start, length, pitches in struck for pitch in pitches)
    made = (Note(100 * number + n, start, length, pitch) for n, (start, pitch, length) in enumerate(notes))
    return Track(number, role.value, role, notes=tuple(made))


def line(number: int, role: Role, transposed: int = 0) -> Track:
    return track(number, role, *((i * QUARTER, 460, (p + transposed,)) for i, p in enumerate(TUNE)))


BLOCKS = tuple((bar * BAR, 1900, pitches) for bar, pitches in enumerate(CHORDS))
OVER_BLOCKS = (*((i * QUARTER, 460, (p,)) for i, p in enumerate(TUNE)), *BLOCKS)
IN_THIRDS = tuple((i * QUARTER, 460, (p, p - 4)) for i, p in enumerate(TUNE))
BROKEN = tuple((i * 240, 480, (CHORDS[i // 8][(0, 1, 2, 1)[i % 4]],)) for i in range(32))
STRUMMED = tuple((i * QUARTER, 460, CHORDS[i // 4]) for i in range(16))


@pytest.mark.parametrize(
    ("tracks", "found"),
    [
        ((), 0),
        ((line(1, Role.OTHER), line(2, Role.MELODY, -12)), 2),
        ((line(1, Role.COUNTER, -12), line(2, Role.OTHER)), 2),
        ((track(1, Role.CHORDS, *OVER_BLOCKS),), 1),
        ((track(1, Role.CHORDS, *IN_THIRDS),), 1),
        ((track(1, Role.CHORDS, *BLOCKS),), 0),
        ((track(1, Role.CHORDS, *STRUMMED),), 0),
        ((track(1, Role.CHORDS, *BROKEN),), 0),
        ((line(1, Role.BASS, -24), line(2, Role.DRUMS)), 0),
    ],
)
def test_the_track_that_carries_the_tune(tracks: tuple[Track, ...], found: int) -> None:
    tune = tune_track(Song(tracks=tracks))
    assert (tune.id if tune else 0) == found
    assert found == 0 or tune_track(Song(tracks=tracks), apart_from=found) != tune


@pytest.mark.parametrize("struck", [OVER_BLOCKS, IN_THIRDS])
def test_the_top_line_is_the_tune(struck: tuple[tuple[int, int, tuple[int, ...]], ...]) -> None:
    assert tuple(note.pitch for note in top_line(track(1, Role.CHORDS, *struck).notes)) == TUNE
