"""Chords, keys and quantising on textures whose answer is known."""

from collections import Counter
from itertools import groupby, pairwise

import numpy as np
import pytest

from engine.generation.language.grid import Stream
from engine.music import Chord
from engine.training.corpus import chordpath
from engine.training.corpus.chordreading import Bar, read_chords, slots_of
from engine.training.corpus.keyreading import read_keys
from engine.training.corpus.numeralcheck import compared, is_for_setting, judged_song
from engine.training.corpus.played import quantised_onsets
from engine.training.corpus.textures import Credits, Lines, pieces_of
from engine.training.readers.parts import FullScore, Measure, PartNote, PartVoice
from engine.training.readers.score import TICKS

CREDITS = Credits("set/1", "set", "song", "Title", "Maker", "CC0-1.0")


def _bars(count: int, metre: tuple[int, int] = (4, 4)) -> list[Bar]:
    length = 96 * metre[0] // metre[1]
    return [Bar(index * length, length, metre) for index in range(count)]


def _block(labels: list[str], beats: int = 4) -> np.ndarray:
    """Each chord held for so many quarters over its bass."""
    rows = []
    for place, label in enumerate(labels):
        chord = Chord.parse(label)
        start, end = place * beats * 24, (place + 1) * beats * 24
        rows.append((start, end, 36 + chord.bass_pitch_class))
        rows += [(start, end, 60 + tone) for tone in sorted(chord.pitch_classes)]
    return np.array(rows)


@pytest.mark.parametrize("tonic", [0, 5, 10])
@pytest.mark.parametrize(
    "labels",
    [["C", "Am", "F", "G7"], ["C", "Dm7", "G7", "C"], ["C", "E7", "Am", "F#dim7"], ["C", "C/E", "F", "G"]],
)
def test_held_chords_are_read_in_any_key(labels: list[str], tonic: int) -> None:
    moved = [Chord.parse(label).transposed(tonic) for label in labels]
    notes = _block([chord.harte() for chord in moved])
    readings = read_chords(notes, _bars(4), [(tonic, False)] * 4)
    expected = [name for name, _ in groupby((chord.root, chord.quality) for chord in moved)]
    assert [(reading.root, reading.quality) for reading in readings] == expected


def test_readings_fill_the_piece() -> None:
    rng = np.random.default_rng(1)
    starts = np.sort(rng.integers(0, 380, 200))
    notes = np.stack([starts, starts + rng.integers(3, 60, 200), rng.integers(40, 80, 200)], axis=1)
    readings = read_chords(notes, _bars(4), [(0, True)] * 4)
    ends = [r.start + r.duration for r in readings]
    assert [r.start for r in readings] == [0, *ends[:-1]] and ends[-1] == 384
    assert all(a[2:4] != b[2:4] for a, b in pairwise(readings))


def test_an_inversion_names_its_bass() -> None:
    assert read_chords(_block(["C/E"]), _bars(1), [(0, False)])[0].bass == 4


def test_passing_notes_change_no_chord() -> None:
    scale = [(24 * i, 24 * i + 24, 72 + step) for i, step in enumerate((0, 2, 4, 5))]
    notes = np.concatenate([_block(["C"]), np.array(scale)])
    assert len(read_chords(notes, _bars(1), [(0, False)])) == 1


@pytest.mark.parametrize(
    ("metre", "length", "ranks"),
    [((4, 4), 96, [2, 0, 1, 0]), ((3, 4), 72, [2, 0, 0]), ((6, 8), 72, [2, 0]), ((4, 4), 24, [0])],
    ids=["4/4", "3/4", "6/8", "pickup"],
)
def test_beats_and_their_rank(metre: tuple[int, int], length: int, ranks: list[int]) -> None:
    assert slots_of([Bar(0, length, metre)]).rank.tolist() == ranks


def _modulating() -> np.ndarray:
    home = ["C", "F", "G7", "C", "Am", "Dm", "G7", "C"]
    away = [Chord.parse(label).transposed(4).harte() for label in home]
    return _block([*home, *away])


@pytest.mark.parametrize("spread", [2, 40], ids=["often equal", "seldom equal"])
def test_machine_code_goes_the_same_way(spread: int, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(spread)
    told = [generator.integers(0, spread, (200, 120)) / 4.0 for _ in range(2)]
    costs = generator.integers(1, 4, 200) / 2.0
    quick = chordpath.chord_path(*told, costs, 0.5)
    monkeypatch.setattr(chordpath, "_library", lambda: None)
    assert quick.tolist() == chordpath.chord_path(*told, costs, 0.5).tolist()
    assert len(set(quick.tolist())) > 5


def test_a_lasting_modulation_is_heard_and_a_passing_chord_is_not() -> None:
    keys = read_keys(_modulating(), _bars(16), [0] * 8 + [4] * 8)
    assert keys == [(0, False)] * 8 + [(4, False)] * 8
    passing = _block(["C", "F", "C", "D7", "G7", "C", "F", "C"])
    assert set(read_keys(passing, _bars(8), [0] * 8)) == {(0, False)}


def _score(notes: np.ndarray, bars: int, melody: list[PartNote]) -> FullScore:
    unit = TICKS // 24
    held = [PartNote(int(a) * unit, int(b - a) * unit, int(p)) for a, b, p in notes]
    measures = [Measure(i * 4 * TICKS, 4 * TICKS, (4, 4), 0 if i < 8 else 4) for i in range(bars)]
    return FullScore("", measures, [PartVoice(0, 0, "1", melody), PartVoice(1, 0, "1", held)])


def test_pieces_are_cut_where_the_key_changes() -> None:
    melody = [PartNote(i * TICKS, TICKS, 72 if i < 32 else 76) for i in range(64)]
    score = _score(_modulating(), 16, melody)
    home, away = pieces_of(score, Lines(melody, melody), CREDITS, Counter())
    assert (home.id, away.id) == ("set/1", "set/1#1")
    assert (home.sheet.shift, away.sheet.shift) == (0, 4)
    assert home.has_derived_chords
    for piece in (home, away):
        assert {note.pitch for bar in piece.sheet.bars for note in bar.cells[Stream.MELODY]} == {72}
        roots = [bar.cells[Stream.CHORDS][0].root for bar in piece.sheet.bars]
        assert roots == [0, 5, 7, 0, 9, 2, 7, 0]


def test_an_introduction_is_trimmed_and_a_long_rest_cuts() -> None:
    sung = [i for i in range(64) if 8 <= i < 28 or i >= 48]
    melody = [PartNote(i * TICKS, TICKS, 72) for i in sung]
    score = _score(_block(["C"] * 16), 16, melody)
    first, second = pieces_of(score, Lines(melody), CREDITS, Counter())
    assert (len(first.sheet.bars), len(second.sheet.bars)) == (5, 4)


def test_what_makes_no_piece_is_counted() -> None:
    skipped: Counter[str] = Counter()
    off = [PartNote(i * TICKS + TICKS // 37, TICKS // 2, 72) for i in range(32)]
    assert not list(pieces_of(_score(_block(["C"] * 8), 8, off), Lines(off), CREDITS, skipped))
    few = off[:3]
    assert not list(pieces_of(_score(_block(["C"] * 8), 8, few), Lines(few), CREDITS, skipped))
    assert not list(pieces_of(_score(_block(["C"] * 8), 8, []), Lines([]), CREDITS, skipped))
    assert skipped == {"off the grid": 1, "stretch too short": 1, "no melody": 1}


@pytest.mark.parametrize(
    ("played", "written"),
    [
        ([0.4, 6.3, 11.6, 18.2], [0, 6, 12, 18]),
        ([0.2, 7.8, 16.3, 24.1, 31.7, 40.2], [0, 8, 16, 24, 32, 40]),
        ([0, 3, 6, 9, 12, 15, 18, 21], [0, 3, 6, 9, 12, 15, 18, 21]),
    ],
    ids=["sixteenths", "triplets", "thirty-seconds"],
)
def test_onsets_go_to_the_subdivision_that_is_played(played: list[float], written: list[int]) -> None:
    assert quantised_onsets(np.array(played), np.zeros(len(played), dtype=int)).tolist() == written


ANALYSIS = "Time Signature: 4/4\n\nm1 C: I\nm2 IV b3 V7\nm4 I\n"


def test_an_analysis_is_compared_by_time() -> None:
    notes = _block(["C", "C", "F", "G7", "G7", "G7", "C", "C"], beats=2)
    unit = TICKS // 24
    score = FullScore(
        "",
        [Measure(i * 4 * TICKS, 4 * TICKS, (4, 4)) for i in range(4)],
        [PartVoice(0, 0, "1", [PartNote(int(a) * unit, int(b - a) * unit, int(p)) for a, b, p in notes])],
    )
    song = judged_song("x", ANALYSIS, score)
    assert song is not None
    exact = compared(song, song.chords, [0] * 4)
    assert exact == (384, 384, 384, 384, 384)
    triads = [chord._replace(quality="maj") for chord in song.chords]
    assert compared(song, triads, [7] * 4) == (384, 384, 384, 384 - 48 - 96, 0)
    readings = read_chords(song.notes, song.bars, [(0, False)] * 4)
    assert compared(song, readings, [0] * 4) == exact
    assert {is_for_setting(str(number)) for number in range(20)} == {True, False}
