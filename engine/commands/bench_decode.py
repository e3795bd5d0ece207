"""How many tokens does the infilling model write in a second of one core, and how many do others?

A model of the shipped size with random weights reads 128 tokens and writes 128 more, alone and eight at
once, drawn from the whole vocabulary; Hugging Face's `generate` and the `midigpt` package (both with random
weights too) do the same in turn with it, so that a busy machine is as busy for all. Work is CPU time of
this process on one thread. `generate` reads the prompt once for each of the eight, ours once for all: so
they are used.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import numpy as np

from engine.generation.infill.decoding import BarClosed, Decoder, Finished, FreeGuide
from engine.generation.infill.kernels import Kernel
from engine.generation.infill.kernels_compiled import CompiledKernel, compiled_library
from engine.generation.infill.kernels_numpy import NumpyKernel
from engine.generation.infill.runtime import Runtime
from engine.generation.infill.sampling import AS_LEARNT, Chance, Taste, choose
from engine.generation.infill.weights import Sizes, Weights, random_weights
from engine.generation.language.grammar import Grammar
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.generation.language.question import Question
from engine.generation.language.rows import FEATURE_COUNT
from engine.generation.language.rules import Rules
from engine.generation.language.vocabulary import VOCABULARY_SIZE

COMPARES = ("torch", "transformers", "midigpt")
_SIZES = Sizes(256, 6, 4, 704, VOCABULARY_SIZE, FEATURE_COUNT, 768)
_PROMPT, _NEW = 128, 128
_FEATURES = 25
"""Rows of the table a token sums, as in a song with melody and chords."""
_ROUNDS = 5
_BATCHES = {"one stream": 1, "eight": 8}
_PARTICLES = 16
_MELODY = Rules(
    low=55, high=79, durations=frozenset({6, 12, 18, 24, 36, 48}), places=frozenset(range(0, 96, 6))
)

Writer = Callable[[int], None]
"""Reads the prompt and writes, for a batch of so many."""


def run() -> dict[str, float | str]:
    """Medians: tokens a CPU second of each; how many times Hugging Face's (mean of GPT-2 and Llama) ours
    is, and how many times midigpt's; CPU milliseconds to the first bar and to all bars of takes."""
    weights = random_weights(_SIZES, 1)
    absent = ", ".join(package for package in COMPARES if find_spec(package) is None)
    results: dict[str, float | str] = {"not installed here, so not compared with": absent} if absent else {}
    with _one_thread():
        writers = _ours(weights) | _huggingface() | _midigpt()
        for name, batch in _BATCHES.items():
            able = {who: writer for who, writer in writers.items() if batch == 1 or "midigpt" not in who}
            results |= {f"{name}: {what}": value for what, value in _compared(able, batch).items()}
        results |= _takes(weights)
    return results


def _compared(writers: dict[str, Writer], batch: int) -> dict[str, float]:
    for writer in writers.values():
        writer(batch)
    spent: dict[str, list[float]] = {who: [] for who in writers}
    for _ in range(_ROUNDS):
        for who, writer in writers.items():
            spent[who].append(_work_s(lambda writer=writer: writer(batch)))  # type: ignore[misc]
    results: dict[str, float] = {
        f"{who}, tokens a CPU s": round(batch * _NEW / statistics.median(seconds))
        for who, seconds in spent.items()
    }
    for peer in ("Hugging Face", "midigpt"):
        peers = [np.array(seconds) for who, seconds in spent.items() if who.endswith(peer)]
        for who in ("compiled", "numpy"):
            if peers and who in spent:
                speeds = np.mean([1 / seconds for seconds in peers], axis=0)
                ratio = statistics.median((1 / np.array(spent[who])) / speeds)
                results[f"{who} / {peer}"] = round(float(ratio), 1)
    return results


def _work_s(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


@contextmanager
def _one_thread() -> Iterator[None]:
    if find_spec("torch") is None:
        yield
        return
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


# ours --------------------------------------------------------------------------------------


def _ours(weights: Weights) -> dict[str, Writer]:
    """A writer for each way this machine has."""
    slots = max(_BATCHES.values())
    kernels: dict[str, Kernel] = {"numpy": NumpyKernel(weights, slots, _NEW)}
    library = compiled_library()
    if library is not None:
        kernels = {"compiled": CompiledKernel(weights, slots, _NEW, library)} | kernels
    return {name: _writer(Runtime(weights, slots, _NEW, kernel)) for name, kernel in kernels.items()}


def _writer(runtime: Runtime) -> Writer:
    generator = np.random.default_rng(1)
    prompt = generator.integers(0, FEATURE_COUNT, (_PROMPT, _FEATURES)).tolist()
    rows = generator.integers(0, FEATURE_COUNT, (_NEW, _FEATURES - 1)).tolist()
    every = np.arange(VOCABULARY_SIZE)

    def write(batch: int) -> None:
        runtime.read([])
        runtime.read(prompt[:-1])
        branches = runtime.fork(batch)
        chances = [Chance(1, take) for take in range(batch)]
        last = [prompt[-1]] * batch
        for step, row in enumerate(rows):
            logits = branches.step([(k, [last[k]]) for k in range(batch)])
            drawn = [choose(logits[k], every, AS_LEARNT, None, chances[k].at(step)) for k in range(batch)]
            last = [[token, *row] for token in drawn]

    return write


# others ------------------------------------------------------------------------------------


def _huggingface() -> dict[str, Writer]:
    if find_spec("torch") is None or find_spec("transformers") is None:
        return {}
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, logging

    logging.set_verbosity_error()
    sizes = _SIZES
    ends = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": 0}
    llama = LlamaConfig(
        vocab_size=sizes.vocabulary,
        hidden_size=sizes.d,
        intermediate_size=sizes.ff,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        tie_word_embeddings=True,
        **ends,
    )
    gpt2 = GPT2Config(
        vocab_size=sizes.vocabulary,
        n_positions=sizes.context,
        n_embd=sizes.d,
        n_layer=sizes.layers,
        n_head=sizes.heads,
        **ends,
    )
    models = {"GPT-2": GPT2LMHeadModel(gpt2), "Llama": LlamaForCausalLM(llama)}
    prompt = torch.randint(0, sizes.vocabulary, (1, _PROMPT))

    def writer(model: object) -> Writer:
        def write(batch: int) -> None:
            with torch.inference_mode():
                model.generate(  # type: ignore[attr-defined]
                    prompt,
                    attention_mask=torch.ones_like(prompt),
                    do_sample=True,
                    top_k=0,
                    min_new_tokens=_NEW,
                    max_new_tokens=_NEW,
                    num_return_sequences=batch,
                )

        return write

    return {f"{name}, Hugging Face": writer(model.eval()) for name, model in models.items()}


def _midigpt() -> dict[str, Writer]:
    """Its own decoder with its own cache, at its own size and at ours."""
    if find_spec("torch") is None or find_spec("midigpt") is None:
        return {}
    import torch
    from midigpt.inference.model.gpt2 import GPT2Config, GPT2LMHeadModel

    def writer(config: GPT2Config) -> Writer:
        model = GPT2LMHeadModel(config).eval()
        prompt = torch.randint(0, config.vocab_size, (1, _PROMPT))

        def write(batch: int) -> None:
            with torch.inference_mode():
                told, cache = prompt, model.make_empty_kv()
                for _ in range(_NEW):
                    logits, cache = model(told, cache)
                    told = torch.multinomial(logits[:, -1].softmax(-1), 1)

        return write

    same = GPT2Config(_SIZES.vocabulary, _SIZES.context, _SIZES.d, _SIZES.layers, _SIZES.heads)
    return {"midigpt": writer(same), "midigpt's own 20.6 M": writer(GPT2Config())}


# takes -------------------------------------------------------------------------------------


def _takes(weights: Weights) -> dict[str, float]:
    """CPU milliseconds to the first bar and to the end, the song not heard before."""
    decoder = Decoder(weights)
    asked = _question()
    grammar = Grammar(asked, {(bar, Stream.MELODY): _MELODY for bar in asked.fills})
    results: dict[str, float] = {}
    for count in (1, 4, _PARTICLES):
        times = np.array([_takes_s(decoder, asked, grammar, count, seed) for seed in range(_ROUNDS + 1)][1:])
        first, last, symbols = np.median(times, axis=0)
        name = f"{count} of eight bars"
        results |= {f"{name}, first bar ms": round(first * 1000, 1), f"{name}, ms": round(last * 1000, 1)}
        results[f"{name}, us a symbol"] = round(last / symbols * 1e6, 1)
    return results


def _takes_s(
    decoder: Decoder, asked: Question, grammar: Grammar, count: int, seed: int
) -> tuple[float, float, int]:
    decoder.runtime.read([])
    started = time.process_time()
    first, symbols = 0.0, 0
    for event in decoder.run(asked, range(count), seed, FreeGuide(grammar), Taste(1.0, 0.97)):
        if isinstance(event, BarClosed):
            first = first or time.process_time() - started
        elif isinstance(event, Finished):
            symbols += sum(cost.symbols for cost in event.costs.values())
    return first, time.process_time() - started, symbols


def _question() -> Question:
    """Eight bars of melody and chords, and eight more to write."""
    notes = tuple(NoteEvent(24 * beat, 24, 60 + 2 * beat) for beat in range(4))
    bars = [
        SheetBar((4, 4), 96, {Stream.CHORDS: (ChordEvent(0, 96, bar % 7, "maj"),), Stream.MELODY: notes})
        for bar in range(16)
    ]
    hidden = frozenset({Stream.CHORDS, Stream.MELODY})
    return Question(Sheet(tuple(bars), style="pop", bpm=120), (frozenset(),) * 8 + (hidden,) * 8)
