"""A hand in the middle of somebody's tune is given up, unless the tune is the artist's here."""

import pytest

from engine.generation.language.grid import GRID, NoteEvent, Sheet, SheetBar, Stream
from engine.generation.search.melody_likeness import NEAR, KnownWorks
from engine.music import Role, Song, Track
from engine.ranking.originality.index import melody_index
from engine.ranking.originality.own import OwnMaterial
from tests.engine.originality.works import TABLE, TUNE, entry, melody, notes

_QUARTERS = (480,) * len(TUNE)
_BAR = 4
_OTHER = (48, 71, 50, 69)


def bars_of(pitches: tuple[int, ...]) -> tuple[SheetBar, ...]:
    """Quarters, four in a bar."""
    return tuple(
        SheetBar(
            (4, 4),
            _BAR * GRID,
            {
                Stream.MELODY: tuple(
                    NoteEvent(place * GRID, GRID, pitch)
                    for place, pitch in enumerate(pitches[at : at + _BAR])
                )
            },
        )
        for at in range(0, len(pitches), _BAR)
    )


@pytest.mark.parametrize(
    ("artist", "near"),
    [
        ((), [False, False, True, True]),
        (TUNE, [False] * 4),
        (TUNE[:8], [False] * 4),
        (TUNE[:4], [False, False, True, True]),
    ],
)
def test_what_takes_up_the_artists_own_bars_does_not_count(artist: tuple[int, ...], near: list[bool]) -> None:
    index = melody_index([entry(melody(TUNE, _QUARTERS))], TABLE)
    tracks = (Track(99, "", Role.MELODY, notes=notes(artist, _QUARTERS)),) if artist else ()
    sheet = Sheet((*bars_of(_OTHER), *bars_of(TUNE)))
    works = KnownWorks(index, sheet, 1, [7], OwnMaterial(Song(tracks=tracks)))
    assert [works.run(7, sheet, bar, is_own=False) for bar in range(1, 5)] == near


def test_hands_that_fall_are_followed_as_whom_they_go_on() -> None:
    index = melody_index([entry(melody(TUNE, _QUARTERS))], TABLE)
    sheet, other = Sheet(bars_of(TUNE)), Sheet(bars_of(_OTHER * 4))
    works = KnownWorks(index, sheet, 0, [1, 2], OwnMaterial(Song()))
    for bar in range(3):
        assert works.run(1, sheet, bar, is_own=False) is (bar == 2 and _BAR * 3 > NEAR)
        assert not works.run(2, other, bar, is_own=False)
    works.resample([1, 2], [1, 1])
    assert not works.run(1, other, 3, is_own=False)
