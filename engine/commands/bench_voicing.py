"""How well and how fast are chords led in four parts, beside music21's figured bass and plain blocks?

The same diatonic progressions of our own library in one run. music21 realises them by its default rules from
a bass and figures; it does not rank its solutions, so eight of each are drawn by chance. The block chords are
root positions in one register. Counted are parallel fifths and octaves, semitones the three upper voices move
at a change, and CPU time with nothing remembered.
"""

import random
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from itertools import pairwise
from typing import Any

from engine.arrangement.styles import Colour
from engine.arrangement.voicing import Instrument, Step, player_for, voice
from engine.arrangement.voicing.frets import grips
from engine.arrangement.voicing.path import way_costs
from engine.arrangement.voicing.players import Manner
from engine.arrangement.voicing.reach import shapes
from engine.formats.patterns import progressions
from engine.music import Chord, Key

COMPARES = ("music21",)
_PROGRESSIONS = 24
_DRAWN = 8
_BARS = 64
_NAMES = ("C", "C#", "D", "E-", "E", "F", "F#", "G", "A-", "A", "B-", "B")
_SCALE = frozenset({0, 2, 4, 5, 7, 9, 11})
_QUALITIES = ("maj", "min", "7", "min7", "maj7", "dim", "hdim7")
_FIGURES = {(3, 0): "", (3, 1): "6", (3, 2): "6,4", (4, 0): "7", (4, 1): "6,5", (4, 2): "4,3", (4, 3): "4,2"}

Voices = list[tuple[int, ...]]
"""Pitches of each chord, lowest first."""


def run() -> dict[str, float | str]:
    """Medians over progressions, and milliseconds for 64 bars of each kind of hands."""
    tasks = _tasks()
    results: dict[str, float | str] = {}
    for name, answers in _answers(tasks).items():
        found = [answer for answer in answers if answer]
        results |= {f"{name}: {what}": value for what, value in _judged(found, len(answers)).items()}
    return results | _sixty_four_bars()


def _tasks() -> list[tuple[Chord, ...]]:
    """Eight to ten chords each, diatonic in C, with inversions where the library has them."""
    found = []
    for pattern in progressions():
        chords = tuple(span.chord for bar in pattern.bars for span in bar.chords)
        led = [chord for place, chord in enumerate(chords) if not place or chord != chords[place - 1]]
        if 8 <= len(led) <= 10 and all(_is_plain(chord) for chord in led):
            found.append(tuple(led))
    return list(dict.fromkeys(found))[:_PROGRESSIONS]


def _is_plain(chord: Chord) -> bool:
    tones = {(chord.root + step) % 12 for step in chord.intervals}
    return chord.quality in _QUALITIES and tones <= _SCALE and chord.bass_pitch_class in tones


def _answers(tasks: Sequence[tuple[Chord, ...]]) -> dict[str, list[tuple[Voices, float] | None]]:
    makers: dict[str, Callable[[tuple[Chord, ...]], Voices | None]] = {"ours": _ours, "blocks": _blocks}
    answers = {name: [_timed(maker, task) for task in tasks] for name, maker in makers.items()}
    if find_spec("music21") is not None:
        _music21(tasks[0])  # its imports and tables are not counted
        answers["music21"] = [answer for task in tasks for answer in _drawn(task)]
    return answers


def _timed(
    maker: Callable[[tuple[Chord, ...]], Voices | None], task: tuple[Chord, ...]
) -> tuple[Voices, float] | None:
    shapes.cache_clear()
    way_costs.cache_clear()
    started = time.process_time()
    led = maker(task)
    return (led, time.process_time() - started) if led else None


def _judged(found: Sequence[tuple[Voices, float]], asked: int) -> dict[str, float]:
    return {
        "solved, of all": round(len(found) / max(1, asked), 2),
        "parallels a progression, mean": round(statistics.fmean(parallels(led) for led, _ in found), 2),
        "semitones of the upper voices a change": round(
            statistics.median(movement(led) for led, _ in found), 2
        ),
        "ms a progression": round(1000 * statistics.median(seconds for _, seconds in found), 1),
    }


def parallels(led: Voices) -> int:
    """Pairs of voices in parallel fifths, octaves or unisons, voices counted from the lowest."""
    count = 0
    for first, second in pairwise(led):
        for upper in range(min(len(first), len(second))):
            for lower in range(upper):
                before, after = first[upper] - first[lower], second[upper] - second[lower]
                same = before % 12 == after % 12 and before % 12 in (0, 7)
                moves = (second[upper] - first[upper]) * (second[lower] - first[lower])
                count += same and moves > 0
    return count


def movement(led: Voices) -> float:
    """Semitones all voices but the lowest move at a change, in the mean."""
    steps = [
        sum(abs(a - b) for a, b in zip(first[1:], second[1:], strict=False))
        for first, second in pairwise(led)
    ]
    return statistics.fmean(steps)


# ours, and the plainest way -----------------------------------------------------------------


def _ours(task: tuple[Chord, ...]) -> Voices:
    player = player_for(Instrument.STRINGS, has_bass=False)
    led = voice([Step(chord) for chord in task], player, Key())
    return [voicing.pitches for voicing in led if voicing is not None]


def _blocks(task: tuple[Chord, ...]) -> Voices:
    """The root below, the chord in root position above it."""
    return [(36 + c.bass_pitch_class, *(60 + c.root + step for step in c.intervals[:3])) for c in task]


# music21 -----------------------------------------------------------------------------------


def _drawn(task: tuple[Chord, ...]) -> Iterator[tuple[Voices, float] | None]:
    started = time.process_time()
    realised = _music21(task)
    seconds = time.process_time() - started
    dice = random.Random(1)
    for _ in range(_DRAWN):
        led = _walk(realised, dice) if realised is not None else None
        yield (led, seconds) if led else None


def _music21(task: tuple[Chord, ...]) -> Any:
    """All ways its rules allow; None when there is no way through."""
    with warnings.catch_warnings(), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        from music21 import key, meter, note

        realizer: Any = import_module("music21.figuredBass.realizer")
        line = realizer.FiguredBassLine(key.Key("C"), meter.TimeSignature("4/4"))
        for pitch, figure in _figured(task):
            line.addElement(note.Note(pitch, quarterLength=4), figure or None)
        try:
            realised = line.realize()
            return realised if realised.getNumSolutions() else None
        except Exception as error:
            if type(error).__module__.startswith("music21"):
                return None
            raise


def _figured(task: tuple[Chord, ...]) -> Iterator[tuple[str, str]]:
    """Name of the bass in the octave nearest to the one before, and the figure over it."""
    before = 48
    for chord in task:
        steps = [step % 12 for step in chord.intervals]
        place = steps.index((chord.bass_pitch_class - chord.root) % 12)
        octaves = [chord.bass_pitch_class + 12 * octave for octave in (3, 4)]
        before = min(octaves, key=lambda pitch: abs(pitch - before))
        yield f"{_NAMES[before % 12]}{before // 12 - 1}", _FIGURES[(len(steps), place)]


def _walk(realised: Any, dice: random.Random) -> Voices | None:
    """One of its solutions, drawn step by step; its own draw does not run on today's Python."""
    segments = realised._segmentList
    now = dice.choice(sorted(segments[0].movements, key=str))
    led = [now]
    for segment in segments[:-1]:
        now = dice.choice(sorted(segment.movements[now], key=str))
        led.append(now)
    return [tuple(sorted(int(pitch.ps) for pitch in chord)) for chord in led]


# speed -------------------------------------------------------------------------------------


def _sixty_four_bars() -> dict[str, float]:
    """CPU milliseconds for 64 bars of 24 chords under a melody, nothing remembered and then again."""
    roots = [bar * 5 % 12 for bar in range(_BARS)]
    chords = [Chord(root, _QUALITIES[(root + bar // 32) % 5]) for bar, root in enumerate(roots)]
    steps = [Step(chord, ((76, 0.5), (79, 0.3))) for chord in chords]
    players = {
        "piano": player_for(Instrument.PIANO),
        "rootless": player_for(Instrument.EPIANO, Manner.ROOTLESS, Colour.EXTENDED),
        "steel guitar": player_for(Instrument.STEEL),
        "jazz guitar": player_for(Instrument.CLEAN, Manner.DROP2),
        "four strings": player_for(Instrument.STRINGS),
    }
    results = {}
    for name, player in players.items():
        voice(steps[:1], player, Key())
        for cache in (shapes, way_costs, grips):
            cache.cache_clear()
        times = []
        for _ in range(2):
            started = time.process_time()
            voice(steps, player, Key())
            times.append(time.process_time() - started)
        results[f"{_BARS} bars, {name}, ms"] = round(1000 * times[0], 1)
        results[f"{_BARS} bars, {name}, again, ms"] = round(1000 * times[1], 1)
    return results
