"""Teaches the network that follows the pulse, those that tell bars, then how to choose among chains of beats.

    python packaging/train_pulse.py DATA CACHE WORK [--only pulse|bars|choice] [--bank FILE.sf2 ...]
        [--recordings 300] [--notes 5000] [--steps 5000] [--plain 151] [--bar-notes 14000] [--bar-steps 3500]
        [--choices 240] [--choice-notes 1200]

CACHE is where `understudy train corpus` keeps what it read. WORK keeps what was measured of each recording,
so that a second run goes on. The networks learn from four fifths of the titles, the choice from the fifth
they never met. Writes pulse.safetensors, bars.safetensors and rhythm.json, and sets hashes and counts in
their cards.
"""

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from pulse_takes import (
    PLAIN,
    RATE_HZ,
    Measured,
    Samples,
    bars_of_notes,
    bars_of_recordings,
    notes_alone,
    recordings,
)

from app.playback.synth import Bank, default_bank_path
from engine.analysis.audio.barnetwork import BAR_MEMBERS
from engine.analysis.audio.beatchoice import BARS_TELL, CHOICE
from engine.analysis.audio.beatdecoding import METRES
from engine.analysis.audio.beatevidence import RHYTHM
from engine.analysis.audio.pulseevidence import evidence_of, follow_both
from engine.analysis.audio.pulsenetwork import MEMBERS, follow_pulse
from engine.training.corpus.cachefile import read_cache
from engine.training.corpus.piece import CorpusPiece
from engine.training.hearing.barlearning import BarExample, learn_bars, saved_bars
from engine.training.hearing.keeping import keep, set_card
from engine.training.hearing.pulsechoice import Choice, choice_of, fit, told_apart
from engine.training.hearing.pulselearning import Example, learn, saved
from engine.training.hearing.pulsetunes import SETS, Tunes, kept_aside, more_tunes, tunes_by_metre

_SHRINK = 0.01
_BARS_COUNT = (1.5, 1.5, 1.0)  # fitted beside all the others together, and rounded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--recordings", type=int, default=300)
    parser.add_argument("--notes", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--plain", type=int, default=151)
    parser.add_argument("--bar-notes", type=int, default=14000)
    parser.add_argument("--bar-steps", type=int, default=3500)
    parser.add_argument("--choices", type=int, default=240)
    parser.add_argument("--choice-notes", type=int, default=1200)
    parser.add_argument("--only", choices=("pulse", "bars", "choice"))
    parser.add_argument("--bank", type=Path, action="append", default=[])
    args = parser.parse_args()
    banks = [Samples(Bank.load(path, RATE_HZ)) for path in (default_bank_path(), *args.bank)]
    tunes = _tunes(args.data, args.cache)
    learnt, aside = kept_aside(tunes, is_aside=False), kept_aside(tunes, is_aside=True)
    if args.only in (None, "pulse"):
        sounding = recordings("rec", learnt, args.recordings, banks, args.work)
        _teach([*sounding, *notes_alone("rec", learnt, args.notes)], args.steps)
    if args.only in (None, "bars"):
        plain = recordings("plain", learnt, args.plain, banks, args.work, PLAIN)
        more = more_tunes(args.data, _corpus(args.cache, ("*",)), tunes)
        _teach_bars(
            [*bars_of_notes("train", more, args.bar_notes), *bars_of_recordings(plain)], args.bar_steps
        )
    if args.only in (None, "choice"):
        sounding = recordings("aside", aside, args.choices, banks, args.work)
        _choose([*sounding, *notes_alone("aside", aside, args.choice_notes)])


def _tunes(data: Path, cache: Path) -> Tunes:
    return tunes_by_metre(data, _corpus(cache, SETS))


def _corpus(cache: Path, sets: Iterable[str]) -> list[CorpusPiece]:
    paths = [path for name in sets for path in sorted(cache.glob(f"{name}-*.npz"))]
    return [piece for path in paths for piece in read_cache(path)]


def _teach(measured: Iterable[Measured], steps: int) -> None:
    names = [metre.name for metre in METRES]
    examples = [
        Example(
            each.truth.title,
            each.features.astype(np.float32),
            each.truth.beats_s,
            each.truth.firsts_s,
            names.index(each.truth.metre),
            each.has_sound,
        )
        for each in measured
    ]
    keep("pulse", saved([learn(examples, steps, seed) for seed in range(1, MEMBERS + 1)]))


def _teach_bars(examples: list[BarExample], steps: int) -> None:
    keep("bars", saved_bars([learn_bars(examples, steps, seed) for seed in range(1, BAR_MEMBERS + 1)]))


def _choose(measured: Iterable[Measured]) -> None:
    """Fits all but what the bars tell."""
    choices = [choice for each in measured if (choice := _choice(each)) is not None]
    fitted = [replace(each, described=each.described[:, : -len(BARS_TELL)]) for each in choices]
    for kind, right in told_apart(fitted, _SHRINK).items():
        print(f"{kind}, but for bars: beats, tempo, first beats, metre", *np.round(right, 3))
    weights = np.round([*fit(fitted, _SHRINK), *_BARS_COUNT], 4).tolist()
    set_card(RHYTHM, {"weights": {"choice": dict(zip(CHOICE, weights, strict=True))}})


def _choice(measured: Measured) -> Choice | None:
    pulse = (follow_both if measured.has_sound else follow_pulse)(measured.features)
    evidence = evidence_of(pulse, measured.onset)
    return choice_of(measured.truth, evidence, measured.first, measured.notes, measured.has_sound)


if __name__ == "__main__":
    main()
