"""Where do the parts of the form begin, and which of them return?

Where a melody tells, bars are cut into sections by dynamic programming over their self-similarity: a
section earns by repeating another stretch of the same length, by beginning where the texture changes, and by
having a usual length (8, 4, 16 bars); each cut has a price (after Paulus & Klapuri, 2009, simplified to
bars). Where there are only chords, learnt cues tell (sectioncues.py, sectionlengths.py). Sections that are
alike get the same letter.
"""

import re
from itertools import pairwise

import numpy as np

from engine.analysis.pitchgrid import PitchGrid
from engine.analysis.sectioncues import section_cues
from engine.analysis.sectionlengths import likely_edges
from engine.analysis.similarity import bar_edges, harmony_similarity, rhythm_similarity
from engine.music import Role, Section, Song
from engine.music.section import SectionKind, guess_kind

_LENGTH_PRIOR = {4: 0.35, 8: 1.0, 16: 0.8, 12: 0.55, 6: 0.0, 2: -0.6, 10: -0.1, 24: 0.2, 32: 0.2}
_LONGEST = 32
_CUT_COST, _REPEAT_GAIN, _NOVELTY_GAIN = 1.0, 2.2, 1.6
_SAME = 0.72
_USUAL, _PARTIAL, _WHOLE_SONG_BARS = (8, 16), (4, 12), 24
_FEWEST_BARS = 16  # of what the cues without a melody were learnt from: songs, not phrases


def read_sections(song: Song, similarity: np.ndarray, grid: PitchGrid) -> tuple[Section, ...]:
    """Sections over all bars, ids 0. Section names among the song's markers outrank what is heard."""
    marked = _marked_sections(song)
    if marked:
        return marked
    bars = song.bars
    if bars < 4:
        return (Section(0, "A", 0, bars, confidence=0.5),)
    first = 1 if song.time_map.pickup_ticks else 0
    if _has_melody(song) or bars < _FEWEST_BARS:
        edges = _cut(bars, similarity, _texture_change(song), first)
    else:
        edges = [*_edges_of_chords(song, grid, first), bars]
    frames = [_frame_kind(song, edges, index) for index in range(len(edges) - 1)]
    letters = _from_a(_letters(edges, similarity), frames)
    return tuple(_named(edges, letters, frames, index, similarity) for index in range(len(edges) - 1))


def _has_melody(song: Song) -> bool:
    return any(track.role is Role.MELODY and track.notes for track in song.tracks)


def _edges_of_chords(song: Song, grid: PitchGrid, first: int) -> list[int]:
    harmony, rhythm = harmony_similarity(song, grid), rhythm_similarity(song)
    return likely_edges(section_cues(harmony, rhythm, grid, bar_edges(song), first), first)


def _marked_sections(song: Song) -> tuple[Section, ...]:
    names = [marker for marker in song.markers if _is_section_name(marker.text)]
    if len(names) < 2:
        return ()
    bars = [song.time_map.bar_of(marker.tick) for marker in names] + [song.bars]
    return tuple(
        Section(0, marker.text[:40], first, last - first, guess_kind(marker.text))
        for marker, (first, last) in zip(names, pairwise(bars), strict=True)
        if last > first
    )


def _is_section_name(text: str) -> bool:
    """`Verse 2`, or a rehearsal letter such as `A`, `B2`, `C'`."""
    is_letter = re.fullmatch(r"[A-Z][0-9]?['′]?", text.strip()) is not None
    return is_letter or guess_kind(text) is not SectionKind.OTHER


def _texture_change(song: Song) -> np.ndarray:
    """(bars + 1,) how much of the set of sounding parts changes at the beginning of each bar, 0-1."""
    bars = song.bars
    playing = np.zeros((max(1, len(song.tracks)), bars))
    edges = np.array([song.time_map.bar_start(bar) for bar in range(bars + 1)], dtype=np.int64)
    for row, track in enumerate(song.tracks):
        starts = np.array([note.start_ticks for note in track.notes], dtype=np.int64)
        bar = np.searchsorted(edges, starts, side="right") - 1
        playing[row] = np.bincount(bar[bar < bars], minlength=bars)[:bars]
    before = np.array([playing[:, max(0, bar - 2) : bar].sum(axis=1) > 0 for bar in range(bars + 1)])
    after = np.array([playing[:, bar : bar + 2].sum(axis=1) > 0 for bar in range(bars + 1)])
    change: np.ndarray = (before != after).sum(axis=1) / max(1, len(song.tracks))
    change[0] = change[-1] = 0.0
    return change


def _cut(bars: int, similarity: np.ndarray, novelty: np.ndarray, first: int) -> list[int]:
    """Section edges, 0 and `bars` included. A pickup bar joins the first section (`first` = 1)."""
    repeats = _repeat_scores(bars, similarity)
    best = np.full(bars + 1, -np.inf)
    came_from = np.zeros(bars + 1, dtype=np.int64)
    best[0] = 0.0
    for end in range(1, bars + 1):
        for start in range(max(0, end - _LONGEST - first), end):
            length = end - start - (first if start == 0 else 0)
            if length < 1 or not np.isfinite(best[start]):
                continue
            gain = _LENGTH_PRIOR.get(length, -0.8 if length % 2 else -0.3)
            gain += (
                _REPEAT_GAIN * repeats[start, end] * length / 8 + _NOVELTY_GAIN * novelty[start] - _CUT_COST
            )
            if best[start] + gain > best[end]:
                best[end], came_from[end] = best[start] + gain, start
    edges = [bars]
    while edges[-1] > 0:
        edges.append(int(came_from[edges[-1]]))
    return edges[::-1]


def _repeat_scores(bars: int, similarity: np.ndarray) -> np.ndarray:
    """[start, end]: how well the stretch repeats at its best other place, 0-1, from _SAME / 2 up."""
    scores = np.zeros((bars + 1, bars + 1))
    lags, bar = np.arange(1 - bars, bars)[:, None], np.arange(bars)
    other = bar + lags
    is_inside = (other >= 0) & (other < bars)
    likeness = np.where(is_inside, similarity[bar, np.clip(other, 0, bars - 1)], 0.0)
    run = np.pad(np.cumsum(likeness, axis=1), ((0, 0), (1, 0)))
    for length in (length for length in _LENGTH_PRIOR if length <= bars // 2):
        mean = np.maximum(0.0, (run[:, length:] - run[:, :-length]) / length - _SAME / 2) / (1 - _SAME / 2)
        is_apart = (abs(lags) >= length) & is_inside[:, : 1 - length] & is_inside[:, length - 1 :]
        starts = np.arange(bars - length + 1)
        scores[starts, starts + length] = np.where(is_apart, mean, 0.0).max(axis=0)
    return scores


def _alike(similarity: np.ndarray, one: tuple[int, int], other: tuple[int, int]) -> float:
    """Mean likeness of two stretches, bar by bar; 0 if their lengths differ by more than two bars."""
    length = min(one[1] - one[0], other[1] - other[0])
    if length < 1 or abs((one[1] - one[0]) - (other[1] - other[0])) > 2:
        return 0.0
    return float(np.mean([similarity[one[0] + bar, other[0] + bar] for bar in range(length)]))


def _letters(edges: list[int], similarity: np.ndarray) -> list[int]:
    """The group of each section: 0 for A, 1 for B ...; alike sections share one."""
    stretches = list(pairwise(edges))
    letters: list[int] = []
    for index, stretch in enumerate(stretches):
        likeness = [_alike(similarity, stretch, earlier) for earlier in stretches[:index]]
        if likeness and max(likeness) >= _SAME:
            letters.append(letters[int(np.argmax(likeness))])
        else:
            letters.append(max(letters, default=-1) + 1)
    return letters


def _from_a(letters: list[int], frames: list[SectionKind]) -> list[int]:
    """The letters counted from the first section that has one: an intro takes none away."""
    order = dict.fromkeys(
        letter for letter, kind in zip(letters, frames, strict=True) if kind is SectionKind.OTHER
    )
    places = {letter: place for place, letter in enumerate(dict.fromkeys([*order, *letters]))}
    return [places[letter] for letter in letters]


def _named(
    edges: list[int], letters: list[int], frames: list[SectionKind], index: int, similarity: np.ndarray
) -> Section:
    start, end, kind = edges[index], edges[index + 1], frames[index]
    is_framed = kind is not SectionKind.OTHER
    name = kind.value.title() if is_framed else _letter_name(letters, index, edges, similarity)
    before = start - edges[index - 1] if index else end - start
    sure = _sure(end - start, before) if edges[-1] >= _WHOLE_SONG_BARS else 0.5
    return Section(0, name, start, end - start, kind, confidence=sure)


def _sure(bars: int, before: int) -> float:
    """How often, in whole songs, a section of this length after one of that begins within a bar of where one
    was written: on the tuning halves of forms, charts and lead sheets."""
    if bars in _USUAL:
        return 0.83 if before in _USUAL else 0.6
    if bars in _PARTIAL:
        return 0.25 if before in _PARTIAL else 0.5
    return 0.57


def _frame_kind(song: Song, edges: list[int], index: int) -> SectionKind:
    """An opening or closing stretch in which the melody is silent is an intro or outro."""
    melody = song.track_in_role(Role.MELODY)
    if melody is None or not melody.notes or len(edges) < 3 or index not in (0, len(edges) - 2):
        return SectionKind.OTHER
    start, end = song.time_map.bar_start(edges[index]), song.time_map.bar_start(edges[index + 1])
    if any(note.start_ticks < end - 960 and note.end_ticks > start for note in melody.notes):
        return SectionKind.OTHER
    return {0: SectionKind.INTRO, len(edges) - 2: SectionKind.OUTRO}.get(index, SectionKind.OTHER)


def _letter_name(letters: list[int], index: int, edges: list[int], similarity: np.ndarray) -> str:
    """A, B ...; a return with differences carries a prime."""
    letter = chr(ord("A") + letters[index] % 26)
    first = letters.index(letters[index])
    if first == index:
        return letter
    likeness = _alike(similarity, (edges[index], edges[index + 1]), (edges[first], edges[first + 1]))
    return letter if likeness > 0.95 else letter + "′"
