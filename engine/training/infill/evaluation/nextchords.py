"""How often is the next chord among the first guesses? One protocol for everybody.

The chords of a test piece in the language's words; basses, repeats and no-chords are left out. Every
chord but the first is asked for, given all before it. A context is *new* when its last two chords have not
followed each other earlier in this piece (as in engine.training.chords.nextchord). Guesses are ranked lists
of (root, quality) above the tonic; both must agree.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.listener import Listener
from engine.generation.chords.model import ChordModel
from engine.generation.chords.predict import likely_keys, weigh
from engine.generation.language.grid import ChordEvent, Sheet, Stream
from engine.generation.language.vocabulary import told_quality
from engine.generation.search.chord_next import MOST_BARS, Heard, load_next_chord
from engine.generation.search.models import models_from
from engine.music import Chord
from engine.ranking.features_passage import Harmony, Passage
from engine.training.chords.baselines import FiveGram, with_song_cache
from engine.training.chords.nextchord import new_contexts
from engine.training.chords.statistics import Token

CACHE_WEIGHTS = (0.3, 0.5, 0.7, 0.8, 0.9)
Guess = tuple[int, str]
Guesser = Callable[[Sheet], Sequence[Sequence[Guess]]]
"""For each chord of `asked_chords` after the first, the best guesses first."""
Chances = Callable[[Sheet], Sequence[dict[Guess, float]]]
"""For each of them how likely each chord is."""


def asked_chords(sheet: Sheet) -> list[Harmony]:
    """The chords that are asked for, where each begins; equal neighbours are one."""
    found: list[Harmony] = []
    for harmony in Passage.of_sheet(sheet).harmonies:
        if harmony.root < 0:
            continue
        name = harmony.root, told_quality(harmony.quality)
        if not found or found[-1].name != name:
            found.append(harmony._replace(quality=name[1]))
    return found


def next_chords(sheets: Iterable[Sheet], guesser: Guesser) -> dict[str, float]:
    """Top-1 and top-5 over all contexts and over new ones, and how many there were."""
    right: Counter[str] = Counter()
    for sheet in sheets:
        chords = asked_chords(sheet)
        is_new = list(new_contexts(tokens_of(sheet)))
        for place, ranked in enumerate(guesser(sheet), 1):
            for which in ("all", "new") if is_new[place] else ("all",):
                right[f"{which}_asked"] += 1
                right[f"{which}_top1"] += list(ranked[:1]) == [chords[place].name]
                right[f"{which}_top5"] += chords[place].name in ranked[:5]
    return {
        f"{which}_{top}": right[f"{which}_{top}"] / max(1, right[f"{which}_asked"])
        for which in ("all", "new")
        for top in ("top1", "top5")
    } | {"all_asked": float(right["all_asked"]), "new_asked": float(right["new_asked"])}


def tokens_of(sheet: Sheet) -> list[Token]:
    """The chords for the counting models, tonic C."""
    return [Token(Chord(*chord.name), 0) for chord in asked_chords(sheet)]


@dataclass(frozen=True)
class CountedGuesses:
    """The 5-gram of the train part, alone (`weight` 0) or with a cache of this song."""

    plain: FiveGram
    weight: float

    @staticmethod
    def of(learn: Iterable[Sheet]) -> FiveGram:
        plain = FiveGram()
        for sheet in learn:
            plain.add(tokens_of(sheet))
        return plain

    @staticmethod
    def best_weight(plain: FiveGram, valid: Sequence[Sheet]) -> float:
        """The weight of the cache that guesses most often right on other pieces."""
        return best_weight(lambda weight: CountedGuesses(plain, weight), valid)

    def __call__(self, sheet: Sheet) -> list[list[Guess]]:
        return list(self._guesses(sheet))

    def _guesses(self, sheet: Sheet) -> Iterator[list[Guess]]:
        heard = tokens_of(sheet)
        for place in range(1, len(heard)):
            found = self.plain.ranked(heard[:place])
            if self.weight:
                found = with_song_cache(found, heard[:place], self.weight)
            yield best_of(found)


@dataclass(frozen=True)
class Remembering:
    """A model's chances mixed with what followed the longest match earlier in the song."""

    chances: Chances
    weight: float

    def __call__(self, sheet: Sheet) -> list[list[Guess]]:
        heard = tokens_of(sheet)
        return [
            best_of(with_song_cache(chances, heard[:place], self.weight))
            for place, chances in enumerate(self.chances(sheet), 1)
        ]


def best_weight(guesser: Callable[[float], Guesser], valid: Sequence[Sheet]) -> float:
    """The weight that guesses most often right."""
    scored = {weight: next_chords(valid, guesser(weight))["all_top1"] for weight in CACHE_WEIGHTS}
    return max(scored, key=lambda weight: scored[weight])


def best_of(chances: dict[Guess, float]) -> list[Guess]:
    """The five likeliest."""
    return sorted(chances, key=lambda guess: (-chances[guess], guess))[:5]


def listening(model: ChordModel, models: Path | None = None) -> Guesser:
    """The instant chord model, which has to find the key itself; mixed with the learnt model of a folder as
    the product does, which hears the rhythm."""

    def guess(sheet: Sheet) -> list[list[Guess]]:
        listener = Listener.of(model, None)
        learnt = _mixed(models)
        found: list[list[Guess]] = []
        for token, harmony in zip(tokens_of(sheet), asked_chords(sheet), strict=True):
            if len(listener):
                told = weigh(listener, learnt(listener, sheet, harmony.start)).chords
                found.append([(c.root, told_quality(c.quality)) for c in told[:5]])
            listener = listener.knowing(token.chord.quality)
            listener.hear(token.chord)
        return found

    return guess


def _mixed(models: Path | None) -> Callable[[Listener, Sheet, int], NDArray[np.float64] | None]:
    """What the learnt model of the folder expects at a tick of a sheet."""
    if models is None:
        return lambda listener, sheet, tick: None
    with models_from(models):
        model = load_next_chord()
    assert model is not None
    return lambda listener, sheet, tick: model.expected_in(heard_before(sheet, tick), likely_keys(listener))


def heard_before(sheet: Sheet, tick: int) -> Heard:
    """The chords of a sheet before a tick."""
    starts = [0, *accumulate(bar.length for bar in sheet.bars)]
    place = bisect_right(starts, tick) - 1
    cells = [bar.cells.get(Stream.CHORDS, ()) for bar in sheet.bars]
    told = [replace(b, cells={Stream.CHORDS: cell}) for b, cell in zip(sheet.bars, cells, strict=True)]
    chords = [event for event in cells[place] if isinstance(event, ChordEvent)]
    begun = [event for event in chords if starts[place] + event.offset < tick]
    return Heard(tuple(told[max(0, place - MOST_BARS) : place]), tuple(begun))
