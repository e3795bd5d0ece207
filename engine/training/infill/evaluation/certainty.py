"""Is every answer of the grammar what was asked, and every take the same however it is computed?

Neither question needs the corpus: the contexts are random, the takes are asked for a few of our own patterns.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from engine.generation.infill.decoding import Decoder, Finished
from engine.generation.infill.kernels_compiled import CompiledKernel, compiled_library
from engine.generation.infill.kernels_numpy import NumpyKernel
from engine.generation.infill.runtime import OWN_PLACES, SLOTS, Runtime
from engine.generation.infill.weights import Weights, read_weights
from engine.generation.language.grid import Sheet, Stream
from engine.generation.language.question import Question
from engine.generation.search.models import INFILL
from engine.training.corpus.sets import own
from engine.training.infill.evaluation.fuzzing import counted_until
from engine.training.infill.evaluation.sampled import TASTE, Unguided

CONTEXTS = 2_000
"""Cells that are written unless more are asked for."""
_TAKES, _TOGETHER, _THREADS, _QUESTIONS = range(6), (1, 2, 4), (1, 2), 4
_MOST_BARS, _MOST_SHOWN = 8, 20

Say = Callable[[str], None]


def certainty(models: Path, say: Say, seed: int = 1, contexts: int = CONTEXTS) -> dict[str, float]:
    """The figures of both questions; the second only where there is an infilling model in the folder."""
    found = contexts_kept(say, seed, contexts)
    if (models / f"{INFILL}.safetensors").is_file():
        found |= takes_repeated(read_weights(models, INFILL), say, seed)
    return found


def contexts_kept(say: Say, seed: int, cells: int) -> dict[str, float]:
    """Random questions under random rules and locks, answered by random tokens."""
    count = counted_until(cells, seed * 10**9)
    wrong, written = len(count.wrong), count.answers + len(count.wrong)
    say(
        f"{'validity':<14}{'random contexts':<27}{'grammar':<25}invalid {wrong}  of {written} cells, "
        f"{count.impossible} questions refused"
    )
    for problem in count.wrong[:_MOST_SHOWN]:
        say(f"  {problem}")
    place = "validity | random contexts | grammar | "
    return {f"{place}valid": 1 - wrong / written, f"{place}given": float(written)}


def takes_repeated(weights: Weights, say: Say, seed: int) -> dict[str, float]:
    """The same takes one by one, several at once, and with one or more threads: how many are the same?"""
    asked = own_questions()
    wanted = [_takes(Decoder(weights, _runtime(weights, 1)), question, seed, 1) for question in asked]
    same = differing = 0
    for threads in _THREADS:
        decoder = Decoder(weights, _runtime(weights, threads))
        for together in _TOGETHER:
            for question, first in zip(asked, wanted, strict=True):
                found = _takes(decoder, question, seed, together)
                agreed = sum(found[take] == first[take] for take in _TAKES)
                same, differing = same + agreed, differing + len(_TAKES) - agreed
    say(
        f"{'validity':<14}{'other ways to compute':<27}{INFILL:<25}other "
        f"{differing}  of {same + differing} takes, {_told(_TOGETHER)} at once and {_told(_THREADS)} threads"
    )
    return {f"validity | other ways to compute | {INFILL} | same": same / (same + differing)}


def own_questions() -> list[Question]:
    """The second half of a few melodies with their chords, hidden."""
    found = []
    for piece in own.read():
        bars = piece.sheet.bars
        if piece.sheet.has(Stream.MELODY) and 4 <= len(bars) <= _MOST_BARS:
            hidden = frozenset({Stream.CHORDS, Stream.MELODY})
            holes = [hidden if bar >= len(bars) // 2 else frozenset[Stream]() for bar in range(len(bars))]
            found.append(Question(piece.sheet, tuple(holes)))
        if len(found) == _QUESTIONS:
            break
    return found


def _takes(decoder: Decoder, question: Question, seed: int, together: int) -> dict[int, Sheet]:
    """The takes, so many of them asked for at once."""
    found = {}
    for first in range(0, len(_TAKES), together):
        asked = _TAKES[first : first + together]
        for event in decoder.run(question, asked, seed, Unguided(question), TASTE):
            if isinstance(event, Finished):
                found[event.take] = event.sheet
    return found


def _runtime(weights: Weights, threads: int) -> Runtime:
    library = compiled_library()
    if library is None:
        return Runtime(weights, kernel=NumpyKernel(weights, SLOTS, OWN_PLACES))
    return Runtime(weights, kernel=CompiledKernel(weights, SLOTS, OWN_PLACES, library, threads))


def _told(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:-1])) + f" or {numbers[-1]}"
