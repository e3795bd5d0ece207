"""Where would the next chord go, and what stands before it?

>>> next_place(Song(), (), None, 0).chords
()
"""

from collections.abc import Collection
from dataclasses import dataclass

from engine.music import Chord, ChordSpan, Song

MOST_CHORDS = 32


@dataclass(frozen=True, slots=True)
class NextPlace:
    """The chords up to a tick (Harte labels, oldest first) and the stretch the next one would fill."""

    chords: tuple[str, ...]
    after: Chord | None
    start_ticks: int
    duration_ticks: int


def next_place(
    song: Song, selected_ids: Collection[int], region: tuple[int, int] | None, playhead_ticks: float
) -> NextPlace:
    """After the selected chord; else before the selected bars; else at the bar of the playhead."""
    selected = [span for span in song.chords if span.id in selected_ids]
    if selected:
        start = selected[-1].end_ticks
    elif region is not None:
        start = song.time_map.bar_start(region[0])
    else:
        start = song.time_map.bar_start(song.time_map.bar_of(int(playhead_ticks)))
    before = [span for span in song.chords if span.start_ticks < start]
    labels = tuple(span.chord.harte() for span in before[-MOST_CHORDS:])
    after = before[-1].chord if before else None
    return NextPlace(labels, after, start, _length(song.chords, song, start))


def _length(chords: tuple[ChordSpan, ...], song: Song, start: int) -> int:
    """To the end of the bar, or of the chord that begins right there."""
    standing = next((span for span in chords if span.start_ticks == start), None)
    if standing is not None:
        return standing.duration_ticks
    return song.time_map.bar_end(song.time_map.bar_of(start)) - start
