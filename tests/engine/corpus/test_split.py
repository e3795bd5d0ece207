"""No setting of a held-out tune is trained on; variations are found where a phrase returns changed."""

from random import Random

import pytest

from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.training.corpus.clusters import clusters, title_key
from engine.training.corpus.earlier import is_covered, plain_id
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.split import Part, parts, split, variation_pairs
from engine.training.corpus.variations import variations_within

Line = list[int]


def tune(seed: int, bars: int = 8) -> Line:
    """Eighths in C, eight a bar."""
    random = Random(seed)
    pitches, at = [], 67
    for _ in range(8 * bars):
        at = min(84, max(55, at + random.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5))))
        pitches.append(at)
    return pitches


def piece(id: str, line: Line, title: str = "", maker: str = "", was_tested: bool = False) -> CorpusPiece:
    bars = []
    for start in range(0, len(line), 8):
        notes = tuple(NoteEvent(12 * i, 12, pitch) for i, pitch in enumerate(line[start : start + 8]))
        bars.append(SheetBar((4, 4), 96, {Stream.MELODY: notes}))
    sheet = Sheet(tuple(bars))
    return CorpusPiece(
        id, id.split("/")[0], "folk", title or id, maker, "CC0-1.0", sheet, was_tested=was_tested
    )


def chart(id: str, roots: list[int], title: str, up: int = 0) -> CorpusPiece:
    bars = tuple(
        SheetBar((4, 4), 96, {Stream.CHORDS: (ChordEvent(0, 96, (root + up) % 12, "maj"),)}) for root in roots
    )
    return CorpusPiece(id, id.split("/")[0], "pop", title, "", "CC0-1.0", Sheet(bars))


def with_a_wrong_note(line: Line, place: int) -> Line:
    return [*line[:place], line[place] + 1, *line[place + 1 :]]


def test_settings_of_one_tune_are_one_cluster() -> None:
    line = tune(1)
    settings = [
        piece("a/1", line),
        piece("b/1", [pitch + 5 for pitch in with_a_wrong_note(line, 30)]),
        piece("b/2", tune(2)),
        piece("c/1", tune(3)),
    ]
    assert clusters(settings) == [0, 0, 2, 3]


def test_charts_of_one_song_are_one_cluster() -> None:
    random = Random(4)
    roots = [0]
    while len(roots) < 32:
        roots.append((roots[-1] + random.choice((2, 5, 7, 9))) % 12)
    other = [(root * 7) % 12 for root in roots]
    assert clusters(
        [chart("a/1", roots, "One"), chart("b/1", roots, "Eins", 3), chart("b/2", other, "Two")]
    ) == [
        0,
        0,
        2,
    ]


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    (
        (("Body and Soul", "Green"), ("Body And Soul (Live)", "Lovano"), True),
        (("Waltz No. 2", "Chopin, Fryderyk"), ("Waltz No. 2", "Brahms, Johannes"), False),
        (("Waltz No. 2", "Chopin, Fryderyk"), ("Waltz no. 2", "Fryderyk Chopin"), True),
        (("Nobody's Jig", ""), ("Nobody’s Jig", ""), True),
        (("Jig", ""), ("Jig", ""), None),
    ),
)
def test_titles(one: tuple[str, str], other: tuple[str, str], are_one: bool | None) -> None:
    keys = title_key(*one), title_key(*other)
    assert (keys == (None, None)) if are_one is None else ((keys[0] == keys[1]) is are_one)


def test_the_split_goes_by_cluster_whatever_the_order() -> None:
    pieces = [piece(f"x/{n}", tune(n)) for n in range(60)]
    pieces += [piece(f"y/{n}", with_a_wrong_note(tune(n), 20)) for n in range(0, 60, 3)]
    found = {p.id: part for p, part in zip(pieces, parts(pieces), strict=True)}
    assert all(found[f"y/{n}"] is found[f"x/{n}"] for n in range(0, 60, 3))
    assert len(set(found.values())) == 3
    shuffled = pieces[:]
    Random(5).shuffle(shuffled)
    assert {p.id: part for p, part in zip(shuffled, parts(shuffled), strict=True)} == found
    assert sorted(p.id for own in split(pieces).values() for p in own) == sorted(found)


def test_what_an_earlier_model_was_tested_on_stays_in_the_test_part_with_its_settings() -> None:
    for n in range(12):
        pair = [piece(f"x/{n}", tune(n)), piece("y/z", with_a_wrong_note(tune(n), 9), was_tested=True)]
        assert parts(pair) == [Part.TEST, Part.TEST]


def test_sets_an_earlier_split_covers_get_no_other_test_pieces() -> None:
    covered = [piece(f"openewld-pd/{n}.mxl", tune(n)) for n in range(60)]
    assert set(parts(covered)) == {Part.TRAIN, Part.VALID}
    assert not is_covered("openscore-lieder/lc1.mxl")


def test_parts_of_one_score_are_one_cluster() -> None:
    pieces = [piece("game-midi/x.mid", tune(1), "One"), piece("game-midi/x.mid#3", tune(2), "Other")]
    assert clusters(pieces) == [0, 0]
    assert plain_id("music21-corpus/bach/bwv1.6.mxl#2") == "music21-corpus/bach/bwv1.6.mxl"


def test_a_returning_phrase_that_changed_is_a_variation_and_one_that_did_not_is_none() -> None:
    line = tune(6, 4)
    changed = with_a_wrong_note(with_a_wrong_note(line, 5), 22)
    found = [v for v in variations_within(piece("x/1", line + changed)) if v.other.first - v.one.first == 4]
    assert [(v.one[1:], v.other[1:], v.similarity) for v in found] == [((0, 4), (4, 8), 0.938)]
    assert not [v for v in variations_within(piece("x/2", line + line)) if v.other.first - v.one.first == 4]


def test_settings_that_differ_are_variation_pairs() -> None:
    line = tune(7)
    changed = line
    for place in (3, 20, 41, 59):
        changed = with_a_wrong_note(changed, place)
    pieces = [piece("x/1", line), piece("y/1", changed), piece("z/1", tune(8)), piece("w/1", line)]
    assert variation_pairs(pieces) == [("x/1", "y/1"), ("y/1", "w/1")]
