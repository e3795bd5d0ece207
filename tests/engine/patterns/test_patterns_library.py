"""The library of patterns: every entry is full, in range, its own, and worth learning from."""

from collections import Counter
from itertools import pairwise

import pytest

from engine.formats.patterns import (
    PATTERNS,
    SECTIONS,
    Kind,
    Pattern,
    bar_ticks,
    melodies,
    progressions,
    rhythms,
    styles,
)

ENTRIES = {Kind.PROGRESSION: progressions(), Kind.RHYTHM: rhythms(), Kind.MELODY: melodies()}
TUNES = ENTRIES[Kind.MELODY]


def place(entry: Pattern) -> str:
    return f"{entry.kind}/{entry.style}.txt:{entry.line}"


def sounding(entry: Pattern) -> list[list[int]]:
    """Onset, duration, pitch of every note, ties joined."""
    notes: list[list[int]] = []
    start = 0
    for bar in entry.bars:
        for note in bar.notes:
            if note.tied:
                notes[-1][1] += note.duration
            else:
                notes.append([start + note.offset, note.duration, note.pitch])
        start += bar.length
    return notes


def content(entry: Pattern) -> tuple:
    """What two entries must not share: for a tune its intervals and rhythm, wherever it stands."""
    if entry.kind is Kind.PROGRESSION:
        chords = tuple((bar.length, bar.chords) for bar in entry.bars)
        return (entry.metre, chords)
    notes = sounding(entry)
    return (entry.metre, tuple((start, length, pitch - notes[0][2]) for start, length, pitch in notes))


def disagreements(entry: Pattern) -> tuple[int, int]:
    """Long notes (a dotted eighth and more) over a chord, and those of them that are no chord tones."""
    long, foreign = 0, 0
    for bar in entry.bars:
        for span in bar.chords:
            for note in bar.notes:
                end = min(note.offset + note.duration, span.offset + span.duration)
                if end - max(note.offset, span.offset) >= 18 and not span.chord.is_no_chord:
                    long += 1
                    foreign += note.pitch % 12 not in span.chord.pitch_classes
    return long, foreign


@pytest.mark.parametrize(
    ("kind", "most_bars", "count"),
    [(Kind.PROGRESSION, 16, 350), (Kind.RHYTHM, 4, 250), (Kind.MELODY, 18, 120)],
)
def test_there_is_enough_and_nothing_twice(kind, most_bars, count):
    seen: dict[tuple, str] = {}
    twice = [
        (place(e), seen[content(e)])
        for e in ENTRIES[kind]
        if seen.setdefault(content(e), place(e)) != place(e)
    ]
    assert not twice
    assert len(ENTRIES[kind]) >= count
    assert all(1 <= len(entry.bars) - entry.has_pickup <= most_bars for entry in ENTRIES[kind])


@pytest.mark.parametrize("kind", Kind)
def test_every_style_has_its_share_and_every_file_is_read(kind):
    counts = Counter(entry.style for entry in ENTRIES[kind])
    least = {Kind.PROGRESSION: 14, Kind.RHYTHM: 10, Kind.MELODY: 3}[kind]
    assert set(counts) == set(styles(kind)) == set(styles(Kind.PROGRESSION))
    assert min(counts.values()) >= least, counts
    assert {path.suffix for path in (PATTERNS / kind).iterdir()} == {".txt"}


def test_sections_and_metres_are_varied():
    assert {entry.section for entry in ENTRIES[Kind.PROGRESSION]} == set(SECTIONS)
    assert {(4, 4), (3, 4), (6, 8), (5, 4), (7, 8)} <= {entry.metre for entry in ENTRIES[Kind.RHYTHM]}
    modes = Counter(entry.mode.value for entry in TUNES)
    assert len(modes) >= 6
    assert modes["minor"] >= len(TUNES) // 5


@pytest.mark.parametrize("entry", [e for found in ENTRIES.values() for e in found], ids=place)
def test_bars_fill_exactly(entry):
    for bar in entry.bars[entry.has_pickup :]:
        assert bar.length == bar_ticks(entry.metre)
    for bar in entry.bars:
        assert not bar.chords or sum(span.duration for span in bar.chords) == bar.length
        ends = [0, *(note.offset + note.duration for note in bar.notes)]
        starts = [*(note.offset for note in bar.notes), bar.length]
        assert all(end <= start for end, start in zip(ends, starts, strict=True))


@pytest.mark.parametrize("entry", TUNES, ids=place)
def test_tunes_can_be_sung(entry):
    notes = sounding(entry)
    pitches = [pitch for _, _, pitch in notes]
    leaps = [abs(b - a) for a, b in pairwise(pitches)]
    assert 53 <= min(pitches) <= max(pitches) <= 79
    assert max(pitches) - min(pitches) <= 21
    assert max(leaps) <= 12
    assert sum(leap <= 5 for leap in leaps) >= 0.6 * len(leaps)
    assert len({length for _, length, _ in notes}) >= 2


@pytest.mark.parametrize("entry", TUNES, ids=place)
def test_tunes_agree_with_their_chords(entry):
    long, foreign = disagreements(entry)
    assert foreign <= max(1, 0.3 * long)
