"""The small parts: classes of chords, memory, context trees, numerals, metre, split."""

import itertools

import numpy as np
import pytest

from engine.generation.chords.bassline import singing_bass
from engine.generation.chords.jobs import job
from engine.generation.chords.melodyfit import is_clash
from engine.generation.chords.memory import SuffixMemory
from engine.generation.chords.metre import change_pattern, pattern_offsets, pulse_offsets
from engine.generation.chords.ngram import ContextTree
from engine.generation.chords.spans import assembled
from engine.generation.chords.vocabulary import Seventh, reduced_to_sevenths, reduced_to_triads, seventh_class
from engine.music import Chord, ChordSpan, Key, Metre
from engine.music.chord import common_qualities
from engine.training.chords.counting import TreeCounter
from engine.training.chords.nextchord import new_contexts
from engine.training.chords.numerals import numeral_chord
from engine.training.chords.piece import Bar, ChartChord, Piece
from engine.training.chords.romantext import parse_romantext
from engine.training.chords.split import Part, clusters, normal_title, parts
from engine.training.chords.statistics import Spelling, Token, tokens


def chords(text: str) -> list[Chord]:
    return [Chord.parse(word) for word in text.split()]


def chart(name: str, text: str, title: str = "") -> Piece:
    events = tuple(ChartChord(i * 1920, 1920, chord, 0) for i, chord in enumerate(chords(text)))
    bars = tuple(Bar(event.start_ticks, 1920) for event in events)
    return Piece(name, "mcgill-billboard", "pop", title or name, "", (4, 4), bars, events)


@pytest.mark.parametrize(
    ("quality", "seventh", "plain", "triad"),
    [
        ("maj", Seventh.MAJOR, "maj", "maj"),
        ("maj9", Seventh.MAJOR_SEVENTH, "maj7", "maj"),
        ("13(#11)", Seventh.DOMINANT, "7", "maj"),
        ("7(#9)", Seventh.DOMINANT, "7", "maj"),
        ("min11", Seventh.MINOR_SEVENTH, "min7", "min"),
        ("hdim7", Seventh.HALF_DIMINISHED, "hdim7", "dim"),
        ("sus4(b7,9)", Seventh.DOMINANT_SUSPENDED, "sus4(b7)", "sus4"),
        ("aug(b7)", Seventh.AUGMENTED_DOMINANT, "aug(b7)", "aug"),
        ("5", Seventh.FIFTH, "5", "5"),
    ],
)
def test_classes_of_chords(quality: str, seventh: Seventh, plain: str, triad: str) -> None:
    assert seventh_class(quality) is seventh
    assert reduced_to_sevenths(quality) == plain
    assert reduced_to_triads(quality) == triad


def test_every_common_quality_has_a_class_that_stays() -> None:
    for quality in common_qualities():
        assert seventh_class(reduced_to_sevenths(quality)) is seventh_class(quality)


def test_memory_finds_the_longest_earlier_match() -> None:
    memory = SuffixMemory()
    heard = [1, 2, 3, 1, 2, 4, 1, 2]
    for place, symbol in enumerate(heard):
        memory.push(symbol)
        lengths = [_match(heard[: place + 1], j) for j in range(place + 1)]
        assert memory.usable[: place + 1].tolist() == lengths
    assert (memory.longest, heard[memory.place]) == (2, 4)


def _match(heard: list[int], place: int) -> int:
    length = 0
    while length < place and heard[place - 1 - length] == heard[-1 - length]:
        length += 1
    return length


def test_tree_prefers_what_followed_and_sums_to_one() -> None:
    counter = TreeCounter(192, 3, 2)
    for _ in range(3):
        for context, follower in (((5, 6), 7), ((5, 8), 9), ((4, 6), 1)):
            counter.add(context, follower, 0)
    tree = counter.tree()
    weights = np.array([1.0, 0.1])
    longest = tree.distributions((5, 6), weights)
    assert all(abs(table.sum() - 1.0) < 1e-9 for table in longest)
    assert longest[2].argmax() == 7
    assert longest[1][7] < longest[2][7]
    back = ContextTree.from_arrays("t", 192, tree.arrays("t"))
    assert np.array_equal(back.distributions((5, 6), weights)[2], longest[2])


@pytest.mark.parametrize(
    ("numeral", "is_minor", "minor_degrees", "label"),
    [
        ("V65/ii", False, False, "A7/C#"),
        ("bVIId7", False, False, "Bb7"),
        ("I7", False, False, "Cmaj7"),
        ("V7", False, False, "G7"),
        ("viix7/V", False, False, "F#dim7"),
        ("iih43/V", False, False, "Am7b5/Eb"),
        ("VI", True, True, "Ab"),
        ("iiø65", True, True, "Dm7b5/F"),
        ("Ger65", True, True, "Ab7"),
        ("Cad64", False, True, "C/G"),
        ("viio7", True, True, "Bdim7"),
        ("bVIM", False, False, "Ab"),
    ],
)
def test_numerals_of_the_corpora(numeral: str, is_minor: bool, minor_degrees: bool, label: str) -> None:
    assert numeral_chord(numeral, 0, is_minor, minor_degrees) == Chord.parse(label)


def test_unreadable_numeral_is_nothing() -> None:
    assert numeral_chord("x!", 0, False) is None


def test_romantext_measures_keys_and_copies() -> None:
    text = "Time Signature: 3/4\n\nm1 G: I b3 V\nm2 D: V7\nm3-4 = m1-2\n"
    piece = parse_romantext(text, "art/x", "x")
    assert [(e.chord.lead_sheet(), e.start_ticks, e.tonic) for e in piece.chords] == [
        ("G", 0, 7),
        ("D", 960, 7),
        ("A7", 1440, 2),
        ("G", 2880, 7),
        ("D", 3840, 7),
        ("A7", 4320, 2),
    ]


@pytest.mark.parametrize("metre", [(4, 4), (3, 4), (2, 4), (6, 8), (12, 8), (5, 4), (7, 8), (2, 2), (1, 4)])
def test_patterns_come_back(metre: tuple[int, int]) -> None:
    found = pulse_offsets(Metre(*metre))
    assert found[0] == 0 and found[-1] < Metre(*metre).bar_ticks
    for pattern in range(1, 2 ** len(found)):
        assert change_pattern(pattern_offsets(pattern, Metre(*metre)), Metre(*metre)) == pattern


def test_locked_spans_stand_and_bars_are_full() -> None:
    lock = ChordSpan(7, 960, 480, Chord(2, "min"), locked=True)
    spans = assembled([(0, 1920, Chord(0)), (1920, 3840, Chord(0))], (lock,))
    assert [(s.start_ticks, s.end_ticks, s.chord.root) for s in spans] == [
        (0, 960, 0),
        (960, 1440, 2),
        (1440, 3840, 0),
    ]
    assert spans[1].locked and [s.id for s in spans] == [1, 2, 3]


def test_bass_walks_down_to_the_root() -> None:
    found = singing_bass(chords("C G Am F C"), None, [False] * 5)
    basses = [chord.bass_pitch_class for chord in found]
    assert basses[-1] == 0
    leaps = [min((a - b) % 12, (b - a) % 12) for a, b in itertools.pairwise(basses)]
    assert sum(leap > 2 for leap in leaps) <= 1


@pytest.mark.parametrize(
    ("pitch", "label", "clashes"),
    [
        (65, "C", True),
        (64, "Cm", True),
        (61, "C7", False),
        (69, "C", False),
        (67, "Cm", False),
        (65, "Dm7", False),
    ],
)
def test_clashes(pitch: int, label: str, clashes: bool) -> None:
    assert is_clash(pitch, Chord.parse(label)) is clashes


@pytest.mark.parametrize(
    ("before", "label", "word"),
    [
        ("G7", "C", "home"),
        ("G7", "Am", "deceptive"),
        ("C", "F", "away"),
        ("F", "G7", "tension"),
        ("C", "C/E", "stay"),
        ("F", "C/E", "soft home"),
        ("C", "A7", "pull"),
        ("Dm7", "Db7", "slide"),
        ("F", "Fm", "shade"),
        ("Em", "Ebdim7", "passing"),
        ("F", "F#m", "surprise"),
    ],
)
def test_jobs(before: str, label: str, word: str) -> None:
    assert job(Chord.parse(label), Key(0), Chord.parse(before)) == word


def test_titles_and_changes_make_one_song() -> None:
    line = "Cmaj7 A7 Dm7 G7 Em7 A7 D7 G7 Cmaj7 C7 Fmaj7 Fm6 Em7 Ebdim7 Dm7 G7 C6 Am7 D9 G13 Cmaj7 E7 Am7 D7"
    moved = " ".join(chord.transposed(3).lead_sheet() for chord in chords(line))
    other = "Am F C G Am F C E Am Dm E Am F G C Am"
    pieces = [chart("a", line, "The Song"), chart("b", moved, "Another Name"), chart("c", other, "Song, The")]
    pieces.append(chart("d", other, "Third"))
    assert clusters(pieces)[:3] == [0, 0, 0]
    assert len(set(parts(pieces, clusters(pieces))[:3])) == 1
    assert normal_title("The Song (Live)") == normal_title("Song, The")


def test_parts_are_the_same_every_time() -> None:
    pieces = [chart(f"song{n}", "C F G C", f"title {n}") for n in range(200)]
    found = parts(pieces, clusters(pieces))
    assert found == parts(pieces, clusters(pieces))
    assert 0.7 < found.count(Part.TRAIN) / 200 < 0.9


def test_merging_and_spelling() -> None:
    piece = chart("a", "Cmaj7 C/E C Dm9 G13 N G7")
    assert [t.chord.quality for t in tokens(piece)] == ["maj7", "maj", "min9", "13", "7"]
    assert [t.chord.quality for t in tokens(piece, Spelling.TRIADS)] == ["maj", "min", "maj"]


def test_new_contexts() -> None:
    heard = [Token(chord, 0) for chord in chords("C G Am F C G Am F")]
    assert list(new_contexts(heard)) == [True, True, True, True, True, True, False, False]
