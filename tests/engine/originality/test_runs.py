"""Which runs are found, and which of them point to a work."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ranking.originality.index import MOST_CLUSTERS, melody_index, progression_index
from engine.ranking.originality.live import OriginalityCheck
from engine.ranking.originality.suffixes import DEPTH, Suffixes, ordered, run_bytes
from engine.ranking.originality.surprise import melody_bits, melody_table
from engine.ranking.originality.symbols import melody_text, progression_text
from tests.engine.originality.works import (
    CHORD_TABLE,
    RHYTHM,
    TABLE,
    TUNE,
    chords,
    entry,
    melody,
    starts_of,
    wandering,
)

INDEX = melody_index([entry(melody()), entry(melody_text(*wandering(1)), "Other")], TABLE)


def named(pitches=TUNE, lengths=RHYTHM, own=None) -> tuple[int, str, bool]:
    """Length, title and whether the rhythm is shared as well."""
    found = INDEX.likeness(melody(pitches, lengths), own).named
    return (found.length, found.works[0].title, found.has_rhythm) if found else (0, "", False)


letters = st.binary(min_size=1, max_size=60).map(lambda text: bytes(1 + letter % 3 for letter in text))


@settings(max_examples=200, deadline=None)
@given(letters, letters, st.sampled_from([1, 2]))
def test_the_longest_run_is_the_one_that_looking_everywhere_finds(text, pattern, stride) -> None:
    text = text[: len(text) // stride * stride] or b"\1" * stride
    suffixes = Suffixes.of(text, ordered(text, stride), stride)
    places = range(0, len(text), stride)
    longest = max(
        (
            symbols
            for symbols in range(1, len(pattern) // stride + 1)
            if any(
                text[at : at + run_bytes(symbols, stride)] == pattern[: run_bytes(symbols, stride)]
                for at in places
            )
        ),
        default=0,
    )
    whole = pattern[: len(pattern) // stride * stride]
    assert suffixes.longest(whole) == min(longest, DEPTH)
    run = whole[: run_bytes(longest, stride)] if longest else b""
    low, high = suffixes.span(run)
    assert sorted(suffixes.order[i] * stride for i in range(low, high)) == [
        at for at in places if text[at:].startswith(run)
    ]
    assert suffixes.has(run)


@pytest.mark.parametrize("shift", [-11, 0, 7])
@pytest.mark.parametrize("slower", [0.5, 1, 4])
def test_key_and_tempo_make_no_difference(shift: int, slower: float) -> None:
    pitches = [pitch + shift for pitch in TUNE]
    assert named(pitches, [int(length * slower) for length in RHYTHM]) == (16, "Air", True)


def test_only_what_is_shared_is_counted() -> None:
    mixed = [48, 59, *TUNE[3:12], 90, 41]
    assert named(mixed, [240, 720, *RHYTHM[3:12], 120, 240]) == (9, "Air", True)


def test_the_same_pitches_in_another_rhythm_are_found() -> None:
    assert named(lengths=[360, 120] * 8) == (16, "Air", False)


def test_a_short_run_is_chance_and_no_work_is_named() -> None:
    found = INDEX.likeness(melody(TUNE[:5], RHYTHM[:5]))
    assert (found.named, found.longest) == (None, 5)


def test_the_artists_notes_are_not_counted() -> None:
    assert named(own=[True] * 6 + [False] * 10)[0] == 10
    assert named(own=[True] * 12 + [False] * 4)[0] == 0  # four notes alone are chance
    assert INDEX.likeness(melody(), [True] * 16).length == 0


def test_what_many_unrelated_works_have_is_nobodys() -> None:
    def likeness(clusters: list[str]):
        rows = [entry(melody(), title=f"Air {i}", cluster=name) for i, name in enumerate(clusters)]
        return melody_index(rows, TABLE).likeness(melody())

    some = [f"tune {i}" for i in range(MOST_CLUSTERS)]
    found = likeness(some).named
    assert [work.title for work in found.works] == ["Air 0", "Air 1", "Air 2"]
    assert likeness([*some, "one more"]).length == 0
    assert likeness([*some, some[0], some[0]]).length == 16  # settings of one tune are one


def test_scales_and_repeated_figures_carry_little_however_long() -> None:
    works = [melody_text(*wandering(seed)) for seed in range(60)]
    scale = melody([60 + 2 * (i % 5) for i in range(15)], [240] * 15)
    table = melody_table([*works, *[scale] * 20])
    bits = [sum(map(sum, melody_bits(table, text))) for text in (scale, works[0][: len(scale)])]
    assert bits[0] < 0.3 * bits[1]
    index = melody_index([entry(text, f"{i}") for i, text in enumerate([*works, scale])], table)
    assert index.likeness(scale).named is None
    assert index.likeness(works[7]).named is not None


@pytest.mark.parametrize("seed", range(12))
def test_the_live_check_sees_what_the_finished_line_shares(seed: int) -> None:
    dice = random.Random(seed)
    starts, pitches = wandering(100 + seed, 14)
    first, length = dice.randrange(6), dice.randrange(4, 11)
    at = starts[-1] + 480
    starts += [at + start for start in starts_of(RHYTHM[first : first + length])]
    pitches += [pitch + 3 for pitch in TUNE[first : first + length]]
    owned = [dice.random() < 0.1 for _ in pitches]
    check = OriginalityCheck(INDEX)
    runs = []
    for note in zip(starts, pitches, owned, strict=True):
        runs.append(check.push(*note))
        check = check.copy()
    found = INDEX.likeness(melody_text(starts, pitches), owned)
    assert max(runs) == found.length or max(*runs, found.length) < _TOO_SHORT


def test_a_copy_of_a_live_check_goes_its_own_way() -> None:
    check = OriginalityCheck(INDEX)
    starts = starts_of(RHYTHM)
    for start, pitch in zip(starts[:10], TUNE, strict=False):
        check.push(start, pitch)
    other = check.copy()
    assert (other.push(starts[10], 31), check.push(starts[10], TUNE[10])) == (0, 11)


def test_very_long_runs_are_told_as_far_as_is_looked() -> None:
    starts, pitches = wandering(5, 120)
    index = melody_index([entry(melody_text(starts, pitches))], TABLE)
    assert index.likeness(melody_text(starts, pitches)).length == DEPTH + 1


def test_nothing_and_single_notes_share_nothing() -> None:
    empty = melody_index([], TABLE)
    for index, text in ((INDEX, b""), (INDEX, melody([60], [480])), (empty, melody())):
        assert index.likeness(text).length == 0


_TOO_SHORT = 5

CHANGES = chords("C Ab Em F#dim B Dm Eb Caug Db Gm")
PROGRESSIONS = progression_index([entry(progression_text(CHANGES), "Changes")], CHORD_TABLE)


@pytest.mark.parametrize("shift", range(12))
def test_a_progression_is_found_in_every_key_with_other_colours_and_repeats(shift: int) -> None:
    moved = [chord.transposed(shift) for chord in CHANGES for _ in range(2)]
    text = progression_text([c if c.quality != "min" else type(c)(c.root, "min9") for c in moved])
    found = PROGRESSIONS.likeness(text).named
    assert (found.length, found.first, found.works[0].title) == (10, 0, "Changes")


def test_a_loop_counts_once_however_often_it_is_played() -> None:
    loop = progression_text(chords("C Ab Em B") * 6)
    index = progression_index([entry(loop, "Loop")], CHORD_TABLE)
    assert index.likeness(loop).length < 8


def test_the_order_of_places_fits_in_the_text() -> None:
    text = melody()
    order = ordered(text, 2, np.zeros(len(text) // 2, np.int64))
    assert sorted(order.tolist()) == list(range(len(text) // 2))
