"""Only what can be completed is allowed, all of it, and what cannot be written is said beforehand."""

import itertools
from dataclasses import replace
from random import Random

import pytest

from engine.api.errors import ImpossibleError
from engine.generation.language.cells import cell_tokens, read_cell, sounding_pitch
from engine.generation.language.grammar import Grammar
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.generation.language.question import Fill, Question, encode, script, with_cell
from engine.generation.language.rules import Rules, numbers_of, token_mask
from engine.generation.language.vocabulary import (
    FIRST_OFFSET,
    FIRST_PITCH,
    HELD,
    NAMES,
    VOCABULARY_SIZE,
    chord_token,
    duration_token,
    pitch_token,
)
from engine.training.infill.evaluation.fuzzing import (
    answer,
    count,
    line_violations,
    random_rules,
    random_tokens,
)
from engine.training.infill.evaluation.randomsheets import random_question, random_sheet

MELODY, CHORDS, COMPING, DRUMS = Stream.MELODY, Stream.CHORDS, Stream.COMPING, Stream.DRUMS


def test_random_answers_under_random_rules_are_what_was_asked():
    found = count(range(100))
    assert not found.wrong, found.wrong[0]
    assert found.answers > 400 and found.impossible < 50


@pytest.mark.parametrize("seed", range(40))
def test_every_song_can_be_said(seed):
    """Without rules the grammar allows every token of every song: it forbids nothing that is music."""
    rng = Random(seed)
    sheet = random_sheet(rng, 6)
    question = replace(random_question(rng, sheet), locks={})
    grammar = Grammar(question)
    encoded = encode(question, sheet)
    tokens, loss = encoded.tokens.tolist(), encoded.loss.tolist()
    at = 0
    for step in script(question):
        if not isinstance(step, Fill):
            at += len(step.tokens)
            continue
        cell = grammar.begin(step.bar, step.stream, sheet)
        while at < len(tokens) and loss[at] == 1 + step.stream:
            if tokens[at] == HELD and cell.tick in (-1, 0) and not cell.allowed_bits() >> HELD & 1:
                break  # a note of a visible bar is not made longer
            if tokens[at] == HELD and step.stream > Stream.COUNTER:
                break  # long voices are told in pieces only where they must stay
            assert cell.allowed_bits() >> tokens[at] & 1, NAMES[tokens[at]]
            cell.push(tokens[at])
            at += 1
        else:
            assert cell.is_done
        while at < len(tokens) and loss[at] == 1 + step.stream:
            at += 1


LENGTH = 4
PITCHES = range(60, 64)


def every_line(tick=0, after_rest=False):
    """All lines of LENGTH ticks over PITCHES."""
    if tick == LENGTH:
        yield ()
        return
    for ticks in range(1, LENGTH - tick + 1):
        if not after_rest:
            yield from every_line(tick + ticks, True)
        for pitch in PITCHES:
            for rest in every_line(tick + ticks):
                yield (NoteEvent(tick, ticks, pitch), *rest)


LINES = sorted(set(every_line()))


def small_question(rng: Random) -> Question:
    before = SheetBar((1, 16), 6, {MELODY: (NoteEvent(0, 6, 61),)})
    sheet = Sheet((before, SheetBar((1, 16), LENGTH), SheetBar((1, 16), LENGTH)))
    locks = {}
    if rng.random() < 0.4:
        offset = rng.randrange(LENGTH)
        lock = NoteEvent(offset, rng.randint(1, LENGTH - offset), rng.choice(PITCHES))
        locks = {1: {MELODY: (lock,)}}
    return Question(sheet, (frozenset(), frozenset({MELODY}), frozenset({MELODY})), locks=locks)


def small_rules(rng: Random) -> Rules:
    rules = random_rules(rng, MELODY, LENGTH)
    places = rng.choice((None, None, frozenset({0, 2}), frozenset({0, 1, 3})))
    onsets = rng.choice((None, None, (1, 2), (2, 3), (0, 1)))
    pitches = rng.choice((None, None, None, (60, 62), (61,)))
    return replace(
        rules,
        low=60,
        high=63,
        places=places,
        onsets=onsets,
        pitches=pitches,
        holds=rng.choice((None, None, None, 60, 62)),
        durations=rng.choice((None, None, frozenset({1, 2}))),
        shortest=rng.choice((1, 1, 2)),
        max_leap=rng.choice((127, 1, 2)),
        ties=False,
    )


def fits(question, rules, written, bar, cell):
    step = Fill(bar, MELODY, LENGTH, question.locks.get(bar, {}).get(MELODY, ()))
    return not line_violations(rules, with_cell(written, bar, MELODY, cell), step, cell)


@pytest.mark.parametrize("seed", range(60))
def test_small_bars_allow_exactly_what_can_be_completed(seed):
    """Against all lines there are: the second bar must be possible after the first."""
    rng = Random(seed)
    question = small_question(rng)
    rules = {1: small_rules(rng), 2: replace(small_rules(rng), pitches=None)}
    free = question.sheet
    second = {
        last: any(
            fits(question, rules[2], with_cell(free, 1, MELODY, (NoteEvent(0, 4, last),)), 2, cell)
            for cell in LINES
        )
        for last in PITCHES
    }
    possible = [
        cell
        for cell in LINES
        if fits(question, rules[1], free, 1, cell) and second[cell[-1].pitch if cell else 61]
    ]
    told = {tuple(cell_tokens(MELODY, cell, LENGTH)) for cell in possible}
    try:
        grammar = Grammar(question, {(bar, MELODY): found for bar, found in rules.items()})
    except ImpossibleError:
        assert not told
        return
    assert told
    prefixes = {tokens[:size] for tokens in told for size in range(len(tokens))}
    for prefix in prefixes:
        cell = grammar.begin(1, MELODY, free)
        for token in prefix:
            cell.push(token)
        expected = {tokens[len(prefix)] for tokens in told if tokens[: len(prefix)] == prefix}
        assert set(numbers_of(cell.allowed_bits())) == expected


def asked(stream, rules=None, locks=(), bars=1, before=()):
    """A grammar over hidden 4/4 bars of one stream, after a visible bar when one is given."""
    shown = [SheetBar((4, 4), 96, {stream: before})] if before else []
    sheet = Sheet((*shown, *[SheetBar((4, 4), 96)] * bars))
    holes = (*[frozenset()] * len(shown), *[frozenset({stream})] * bars)
    first = len(shown)
    question = Question(sheet, holes, locks={first: {stream: tuple(locks)}} if locks else {})
    return Grammar(question, {(bar, stream): rules or Rules() for bar in range(first, first + bars)})


@pytest.mark.parametrize(
    ("stream", "rules", "locks", "words"),
    [
        (MELODY, Rules(low=60, high=72), [NoteEvent(0, 24, 40)], "outside the range"),
        (MELODY, Rules(), [NoteEvent(0, 48, 60), NoteEvent(24, 24, 62)], "overlap"),
        (MELODY, Rules(max_leap=5), [NoteEvent(0, 48, 60), NoteEvent(48, 48, 72)], "exclude each other"),
        (MELODY, Rules(rests=False, places=frozenset({0}), shortest=97), [], "exclude each other"),
        (MELODY, Rules(onsets=(3, 3)), [NoteEvent(0, 96, 60)], "exclude each other"),
        (MELODY, Rules(final=1 << 2), [NoteEvent(48, 48, 60)], "exclude each other"),
        (MELODY, Rules(rhythm=(NoteEvent(0, 96, 0),)), [NoteEvent(48, 48, 60)], "rhythm"),
        (MELODY, Rules(), [NoteEvent(96, 24, 60)], "outside the bar"),
        (CHORDS, Rules(), [ChordEvent(0, 96, 0, "maj"), ChordEvent(48, 48, 7, "7")], "overlap"),
        (CHORDS, Rules(chords=((0, frozenset()),)), [], "exclude each other"),
        (COMPING, Rules(most_voices=1), [NoteEvent(0, 24, 60), NoteEvent(0, 24, 64)], "voices"),
        (DRUMS, Rules(places=frozenset({0}), onsets=(2, 4)), [], "exclude each other"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(stream, rules, locks, words):
    with pytest.raises(ImpossibleError, match=words) as error:
        asked(stream, rules, locks)
    assert str(error.value).startswith("Bar 1 ")


def test_the_bar_that_cannot_be_written_is_named():
    sheet = Sheet(tuple(SheetBar((4, 4), 96) for _ in range(3)))
    rules = {(2, MELODY): Rules(rests=False, shortest=200)}
    with pytest.raises(ImpossibleError, match="Bar B3 "):
        Grammar(Question(sheet, (frozenset({MELODY}),) * 3), rules, label=lambda bar: f"B{bar + 1}")


def test_a_leap_into_a_later_lock_is_prepared():
    """From 60 to a locked 72 two bars on, by seconds: the first notes must already climb."""
    steps = Rules(max_leap=2, places=frozenset({0, 48}), rests=False, ties=False)
    before = (NoteEvent(0, 96, 60),)
    sheet = Sheet((SheetBar((4, 4), 96, {MELODY: before}), *[SheetBar((4, 4), 96)] * 3))
    locks = {3: {MELODY: (NoteEvent(48, 48, 72),)}}
    question = Question(sheet, (frozenset(), *[frozenset({MELODY})] * 3), locks=locks)
    grammar = Grammar(question, {(bar, MELODY): steps for bar in (1, 2, 3)})
    cell = grammar.begin(1, MELODY, sheet)
    assert [NAMES[token] for token in numbers_of(cell.allowed_bits())] == ["P62"]


def test_narrower_rules_are_kept_where_they_can_be():
    grammar = asked(MELODY, Rules(low=60, high=72), [NoteEvent(48, 48, 61)])
    chord = replace(grammar.rules_of(0, MELODY), tones=((0, 1 << 0 | 1 << 4 | 1 << 7),))
    cell = grammar.begin(0, MELODY, grammar.question.sheet, chord)
    pitches = [
        t - FIRST_PITCH for t in numbers_of(cell.allowed_bits()) if FIRST_PITCH <= t < FIRST_PITCH + 128
    ]
    assert pitches == [60, 64, 67, 72]
    hopeless = replace(chord, final=1 << 2)
    cell = grammar.begin(0, MELODY, grammar.question.sheet, hopeless)
    assert cell.allowed_bits() >> pitch_token(61) & 1


def test_a_visible_note_is_not_made_longer_but_a_hidden_one_may_be():
    grammar = asked(MELODY, bars=2, before=(NoteEvent(0, 96, 60),))
    assert not grammar.begin(1, MELODY, grammar.question.sheet).allowed_bits() >> HELD & 1
    written = with_cell(grammar.question.sheet, 1, MELODY, (NoteEvent(0, 96, 62),))
    assert grammar.begin(2, MELODY, written).allowed_bits() >> HELD & 1


def test_a_locked_note_over_the_barline_goes_on():
    grammar = asked(MELODY, locks=[NoteEvent(0, 48, 60, True)], before=(NoteEvent(0, 96, 60),))
    cell = grammar.begin(1, MELODY, grammar.question.sheet)
    assert list(numbers_of(cell.allowed_bits())) == [HELD]


def test_long_notes_are_told_in_two():
    sheet = Sheet((SheetBar((6, 4), 144),))
    rules = Rules(rhythm=(NoteEvent(0, 120, 0), NoteEvent(120, 24, 0)), low=60, high=60)
    grammar = Grammar(Question(sheet, (frozenset({MELODY}),)), {(0, MELODY): rules})
    cell = grammar.begin(0, MELODY, sheet)
    told = []
    while not cell.is_done:
        (token,) = numbers_of(cell.allowed_bits())
        told.append(NAMES[token])
        cell.push(token)
    assert told == ["P60", "D96", "H", "D24", "P60", "D24"]


def test_chords_come_from_the_set_and_the_lock_stands():
    rules = Rules(
        chords=((0, frozenset({(0, "maj"), (7, "7")})),), slash_chords=False, places=frozenset({0, 48})
    )
    grammar = asked(CHORDS, rules, [ChordEvent(48, 48, 5, "maj", 9)])
    for seed in range(30):
        tokens = random_tokens(Random(seed), grammar.begin(0, CHORDS, grammar.question.sheet))
        cell = read_cell(CHORDS, tokens, 96)
        assert cell[-1] == ChordEvent(48, 48, 5, "maj", 9)
        assert {chord[2:4] for chord in cell[:-1]} <= {(0, "maj"), (7, "7")}


def test_the_same_chord_does_not_follow_itself_where_there_is_another():
    grammar = asked(CHORDS, Rules(slash_chords=False))
    cell = grammar.begin(0, CHORDS, grammar.question.sheet)
    for token in (chord_token(0, "maj"), duration_token(48)):
        cell.push(token)
    assert not cell.allowed_bits() >> chord_token(0, "maj") & 1
    assert cell.allowed_bits() >> chord_token(0, "min") & 1


def test_the_same_chord_may_follow_itself_over_another_bass():
    grammar = asked(CHORDS)
    cell = grammar.begin(0, CHORDS, grammar.question.sheet)
    for token in (chord_token(0, "maj"), duration_token(48), chord_token(0, "maj")):
        cell.push(token)
    allowed = {NAMES[token] for token in numbers_of(cell.allowed_bits())}
    assert allowed == {f"/{bass}" for bass in range(1, 12)}


def test_drums_go_from_low_to_high_and_forward():
    grammar = asked(DRUMS, Rules(drums=frozenset({36, 42})))
    cell = grammar.begin(0, DRUMS, grammar.question.sheet)
    for name in ("O24", "K42"):
        cell.push(NAMES.index(name))
    allowed = {NAMES[token] for token in numbers_of(cell.allowed_bits())}
    assert "END" in allowed and "K36" not in allowed and "O24" not in allowed and "O25" in allowed


@pytest.mark.parametrize("stream", [MELODY, CHORDS, COMPING, DRUMS])
def test_a_copy_goes_on_alone(stream):
    grammar = asked(stream)
    rng = Random(3)
    cell = grammar.begin(0, stream, grammar.question.sheet)
    tokens = random_tokens(rng, cell.copy())
    middle = len(tokens) // 2
    for token in tokens[:middle]:
        cell.push(token)
    before = cell.allowed_bits()
    other = cell.copy()
    for token in tokens[middle:]:
        other.push(token)
    assert other.is_done and not cell.is_done and cell.allowed_bits() == before


def test_a_mask_has_the_bits():
    bits = 1 << 3 | 1 << (VOCABULARY_SIZE - 1) | 1 << FIRST_OFFSET
    assert token_mask(bits).nonzero()[0].tolist() == [3, FIRST_OFFSET, VOCABULARY_SIZE - 1]


def test_an_answer_is_written_into_the_sheet():
    rng = Random(5)
    sheet = random_sheet(rng)
    question = random_question(rng, sheet)
    written = answer(rng, question, {})
    for bar, (hole, told, found) in enumerate(zip(question.holes, sheet.bars, written.bars, strict=True)):
        for stream in itertools.chain(told.cells.keys(), hole):
            assert (stream in hole) or found.cells[stream] == told.cells[stream], bar
            assert stream in found.cells
    assert sounding_pitch((), 96) is None
