"""Takes fill every hole, as the model would have them, and none depends on its neighbours."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engine.api.errors import ImpossibleError, ModelError
from engine.generation.infill.decoding import (
    Asked,
    BarClosed,
    Decoder,
    Event,
    Finished,
    FreeGuide,
    Replaced,
)
from engine.generation.infill.runtime import Runtime
from engine.generation.infill.sampling import Taste
from engine.generation.language.grammar import Grammar, Rules
from engine.generation.language.grid import NoteEvent, Sheet, Stream
from engine.generation.language.question import (
    Fill,
    Question,
    Reference,
    answer_tokens,
    encode,
    script,
    with_cell,
)
from engine.generation.language.vocabulary import Relation
from tests.engine.infill.small import has_kernel, kernel_of, weights_of
from tests.engine.infill.test_runtime import oracle
from tests.engine.infill.writing import (
    TOY,
    C,
    M,
    Meeting,
    OnePitch,
    PlainGrammar,
    PlainGuide,
    question,
    sheet,
    toy_weights,
)

HOLES = {
    "continuation": ((6, C), (6, M), (7, C), (7, M)),
    "infill": ((3, M), (4, M)),
    "harmonise": tuple((bar, C) for bar in range(8)),
    "from nothing": tuple((bar, stream) for bar in range(8) for stream in (C, M)),
    "scattered": ((1, M), (4, C), (4, M), (6, C)),
}


def decoder(kernel: str = "", slots: int = 16, threads: int = 1) -> Decoder:
    weights = toy_weights()
    name = kernel or ("compiled" if has_kernel("compiled") else "numpy")
    return Decoder(weights, Runtime(weights, slots, 512, kernel_of(name, weights, slots, 512, threads)))


def sheets(events: Iterator[Event]) -> dict[int, Sheet]:
    return {event.take: event.sheet for event in events if isinstance(event, Finished)}


def takes_of(of: Decoder, asked: Question, takes: Sequence[int], seed: int = 5) -> dict[int, Sheet]:
    return sheets(of.run(asked, takes, seed, PlainGuide(), Taste(1.0, 0.95)))


@pytest.mark.parametrize("hidden", HOLES.values(), ids=HOLES.keys())
def test_every_hole_is_filled_and_nothing_else_is_touched(hidden: tuple) -> None:
    of = sheet(8)
    asked = question(of, *hidden)
    events = list(decoder().run(asked, range(4), 1, PlainGuide()))
    for take, written in sheets(iter(events)).items():
        for bar, (before, after) in enumerate(zip(of.bars, written.bars, strict=True)):
            for stream in (C, M):
                if (bar, stream) not in hidden:
                    assert after.cells[stream] == before.cells[stream]
            if C in asked.holes[bar]:
                assert sum(chord.duration for chord in after.cells[C]) == 96
        closed = [event for event in events if isinstance(event, BarClosed) and event.take == take]
        assert [event.bar for event in closed] == sorted({bar for bar, _ in hidden})
        for event in closed:
            assert event.cells == {
                stream: written.bars[event.bar].cells[stream] for stream in asked.holes[event.bar]
            }
    assert len({repr(written) for written in sheets(iter(events)).values()}) == 4


@pytest.mark.parametrize("kernel", ["compiled", "numpy"])
def test_a_take_is_the_same_whoever_is_written_beside_it(kernel: str) -> None:
    if not has_kernel(kernel):
        pytest.skip("there is no C compiler here")
    asked = question(sheet(4), (2, M), (3, C), (3, M))
    writer = decoder(kernel)
    every = takes_of(writer, asked, range(16))
    for takes in ([0], [11], [0, 1, 2], range(8), [15, 3, 9]):
        assert takes_of(writer, asked, takes) == {take: every[take] for take in takes}
    assert takes_of(decoder(kernel, threads=2), asked, range(16)) == every
    assert takes_of(writer, asked, range(16), seed=6) != every


@pytest.mark.parametrize("kernel", ["compiled", "numpy"])
def test_a_take_is_the_same_when_other_questions_are_asked_with_its_own(kernel: str) -> None:
    if not has_kernel(kernel):
        pytest.skip("there is no C compiler here")
    plain = question(sheet(4), (2, M), (3, C), (3, M))
    told = replace(plain, references={2: Reference(Relation.VARY, 0), 3: Reference(Relation.NEW)})
    writer = decoder(kernel)
    asked = [
        Asked(plain, range(4), 5, PlainGuide(), Taste(1.0, 0.95)),
        Asked(told, range(4, 7), 6, Meeting(1)),
        Asked(plain, [9], 5, OnePitch()),
    ]
    alone = [list(writer.run(a.question, a.takes, a.seed, a.guide, a.taste)) for a in asked]
    asked[1] = replace(asked[1], guide=Meeting(1))
    found = list(writer.run_together(asked))
    assert [[event for number, event in found if number == n] for n in range(3)] == alone
    numbers = [number for number, _ in found]
    assert numbers != sorted(numbers)


def test_questions_about_other_bars_are_not_asked_together() -> None:
    asked = [Asked(question(sheet(4, seed), (3, M)), [0], 1, PlainGuide()) for seed in (1, 2)]
    with pytest.raises(ValueError, match="same bars"):
        list(decoder().run_together(asked))


def test_a_take_is_the_same_after_other_questions() -> None:
    of = sheet(8)
    asked = question(of, *HOLES["continuation"])
    fresh = takes_of(decoder(), asked, [0, 1])
    writer = decoder()
    other = with_cell(of, 5, M, sheet(8, seed=9).bars[5].cells[M])
    takes_of(writer, question(other, *HOLES["continuation"]), [0])
    half = writer.run(question(of, *HOLES["harmonise"]), [3], 1, PlainGuide())
    next(half)
    assert takes_of(writer, asked, [0, 1]) == fresh


@pytest.mark.parametrize("hidden", HOLES.values(), ids=HOLES.keys())
def test_costs_are_the_trained_networks(hidden: tuple) -> None:
    """The whole example, read by the network as in training, is as surprising as the decoder said."""
    asked = question(sheet(8), *hidden)
    (finished,) = (
        event
        for event in decoder().run(asked, [2], 1, PlainGuide(), Taste(0.8, 0.9))
        if isinstance(event, Finished)
    )
    encoded = encode(asked, finished.sheet)
    ids, offsets = encoded.feature_ids.tolist(), encoded.feature_offsets.tolist()
    rows = [ids[start:end] for start, end in pairwise(offsets)]
    logits = oracle(toy_weights(), rows).astype(np.float64)
    surprises = np.log(np.exp(logits).sum(-1))[:-1] - logits[np.arange(len(rows) - 1), encoded.tokens[1:]]
    told = np.zeros(len(rows), bool)
    place = 0
    for step in script(asked):
        if isinstance(step, Fill):
            grammar = PlainGrammar(step)
            for token in answer_tokens(asked, finished.sheet, step):
                told[place] = grammar.allowed_bits().bit_count() > 1
                grammar.push(token)
                place += 1
        else:
            place += len(step.tokens)
    for stream, cost in finished.costs.items():
        of_stream = told[1:] & (encoded.loss[1:] == 1 + stream)
        assert cost.symbols == of_stream.sum() > 0
        assert cost.nats == pytest.approx(surprises[of_stream].sum(), rel=1e-4)


def test_the_longest_beginning_is_not_read_again() -> None:
    of = sheet(8)
    writer = decoder()
    takes_of(writer, question(of, (7, M)), [0])
    changed = with_cell(of, 6, M, sheet(8, seed=4).bars[6].cells[M])
    rows: list[int] = []
    true = writer.runtime.read
    writer.runtime.read = lambda told: rows.append(true(told)) or rows[-1]  # type: ignore[method-assign]
    again = takes_of(writer, question(changed, (7, M)), [0])
    assert again == takes_of(decoder(), question(changed, (7, M)), [0])
    if writer.runtime.kernel.grain == 1:
        assert 0 < rows[0] < 40


def test_bias_and_taste_are_obeyed() -> None:
    asked = question(sheet(4), (2, M), (3, M))
    for written in sheets(decoder().run(asked, range(3), 1, OnePitch())).values():
        assert {note.pitch for bar in (2, 3) for note in written.bars[bar].cells[M]} == {55}
    surest = sheets(decoder().run(asked, range(3), 1, PlainGuide(), Taste(0.001)))
    assert len({repr(written) for written in surest.values()}) == 1


@pytest.mark.parametrize("leader", [0, 2])
def test_takes_that_meet_go_on_from_the_leader(leader: int) -> None:
    asked = question(sheet(6), (3, M), (4, C), (4, M), (5, M))
    guide = Meeting(leader)
    events = list(decoder().run(asked, range(10, 14), 1, guide))
    assert guide.bars == [3, 4, 5]
    replaced = [event for event in events if isinstance(event, Replaced)]
    assert replaced == [Replaced(10 + k, 10 + leader) for k in range(4) if k != leader]
    first = {e.take: e.cells for e in events if isinstance(e, BarClosed) and e.bar == 3}
    done = sheets(iter(events))
    assert {repr(written.bars[3].cells[M]) for written in done.values()} == {repr(first[10 + leader][M])}
    assert len({repr(written.bars[4]) for written in done.values()}) == 4
    alone = sheets(decoder().run(asked, range(10, 14), 1, PlainGuide()))
    assert done[10 + leader] == alone[10 + leader]
    assert sheets(decoder().run(asked, range(10, 14), 1, Meeting(leader))) == done


class Stop(BaseException):
    pass


@pytest.mark.parametrize("after", [0, 1, 7])
def test_a_run_ends_at_the_symbol_where_it_is_cancelled(after: int) -> None:
    calls = []

    def checkpoint() -> None:
        calls.append(1)
        if len(calls) > after:
            raise Stop

    writer = decoder()
    with pytest.raises(Stop):
        list(writer.run(question(sheet(4), (3, M)), [0, 1], 1, PlainGuide(), checkpoint=checkpoint))
    assert len(calls) == after + 1
    assert takes_of(writer, question(sheet(4), (3, M)), [0]) == takes_of(
        decoder(), question(sheet(4), (3, M)), [0]
    )


def test_what_cannot_be_asked_is_refused() -> None:
    asked = question(sheet(2), (1, M))
    for takes in ([], range(17)):
        with pytest.raises(ValueError, match="between one and 16"):
            list(decoder().run(asked, takes, 1, PlainGuide()))
    long = sheet(64)
    with pytest.raises(ImpossibleError, match="fewer bars"):
        list(decoder().run(question(long, (63, M)), [0], 1, PlainGuide()))
    with pytest.raises(ModelError, match="another version"):
        Decoder(weights_of(replace(TOY, vocabulary=TOY.vocabulary - 1)))


EVERYTHING = tuple((bar, stream) for bar in (1, 2) for stream in Stream)


@pytest.mark.parametrize("seed", range(3))
def test_any_part_is_written_under_the_languages_own_rules(seed: int) -> None:
    asked = question(sheet(4), *EVERYTHING)
    rules = {(bar, M): Rules(low=60, high=72, max_leap=5, durations=frozenset({12, 24})) for bar in (1, 2)}
    guide = FreeGuide(Grammar(asked, rules))
    for written in sheets(decoder().run(asked, range(4), seed, guide)).values():
        for bar in (1, 2):
            cells = written.bars[bar].cells
            assert set(cells) == set(Stream)
            assert sum(chord.duration for chord in cells[C]) == 96
            for note in cells[M]:
                assert 60 <= note.pitch <= 72 and note.offset + note.duration <= 96
            for before, after in pairwise(cells[M]):
                assert abs(before.pitch - after.pitch) <= 5


def test_what_leaves_no_choice_is_written_without_drawing() -> None:
    asked = question(sheet(4), (2, M))
    rhythm = tuple(NoteEvent(24 * beat, 24, 0) for beat in range(4))
    guide = FreeGuide(Grammar(asked, {(2, M): Rules(rhythm=rhythm, pitches=(60, 62, 64, 65))}))
    calls: list[int] = []
    (_, finished) = decoder().run(asked, [0], 1, guide, checkpoint=lambda: calls.append(1))
    assert isinstance(finished, Finished)
    assert [note.pitch for note in finished.sheet.bars[2].cells[M]] == [60, 62, 64, 65]
    assert finished.costs == {} and len(calls) == 1
