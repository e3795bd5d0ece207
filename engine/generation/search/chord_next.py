"""Which chord does the chord model expect next?

It is asked as it was taught: the bars so far, the next bar hidden, for every tonic the song may have. Where
the rhythm is not known every chord stands for a bar. Answers are probabilities of the next change, an array
of 12 roots (C first) by the language's qualities.

>>> [len(bar.cells[Stream.CHORDS]) for bar in heard([Chord(0), Chord(5)]).bars]
[1, 1]
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np

from engine.api.errors import ModelError
from engine.generation.chords.features import Candidates
from engine.generation.infill.runtime import Runtime
from engine.generation.infill.weights import check_features, read_weights
from engine.generation.language.cells import cell_tokens
from engine.generation.language.features import Reader
from engine.generation.language.grid import SONG_TICKS, ChordEvent, Sheet, SheetBar, Stream, full_length
from engine.generation.language.question import Forced, Question, script
from engine.generation.language.rows import FEATURE_COUNT
from engine.generation.language.songs import read_song
from engine.generation.language.vocabulary import (
    FIRST_BASS,
    FIRST_CHORD,
    QUALITIES,
    VOCABULARY_SIZE,
    chord_token,
    told_quality,
)
from engine.generation.search.chord_leanings import Floats
from engine.generation.search.models import PROGRESSIONS, models_folder
from engine.music import Chord, Key, Song

MOST_BARS = 23
_METRE = (4, 4)
_OWN_PLACES = 64


class Heard(NamedTuple):
    """Bars of chords, the latest last, and the chords that have begun in the bar after them; roots are pitch
    classes."""

    bars: tuple[SheetBar, ...]
    begun: tuple[ChordEvent, ...] = ()


class NextChord:
    """The chord model, asked for one chord at a time; a runtime of its own, so that nobody waits for it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self._lock = runtime, Lock()

    def expected(self, heard: Heard, key: Key, style: str = "") -> Floats:
        """Probabilities of the chords that may follow in this key."""
        bars = [_moved_bar(bar, key.tonic) for bar in heard.bars[-MOST_BARS:]]
        begun = tuple(_moved(event, key.tonic) for event in heard.begun)
        last = bars[-1] if bars else SheetBar(_METRE, full_length(_METRE))
        sheet = Sheet((*bars, SheetBar(last.metre, last.length)), key.mode, 0, style)
        question = Question(sheet, (*(frozenset[Stream]() for _ in bars), frozenset({Stream.CHORDS})))
        tokens = [token for step in _before_the_hole(question) for token in step.tokens]
        if begun:
            tokens += cell_tokens(Stream.CHORDS, begun, sum(event.duration for event in begun))
        reader = Reader(question)
        rows = [reader.push(token) for token in tokens]
        with self._lock:
            self._runtime.read(rows[:-1])
            logits = self._runtime.fork(1).step([(0, [rows[-1]])])[0].astype(np.float64)
        return np.roll(_of_change(logits, _last_chord(bars, begun)), key.tonic, axis=0)

    def expected_in(self, heard: Heard, keys: Sequence[tuple[Key, float]], style: str = "") -> Floats:
        """The same when the song may be in any of these keys, as likely as told."""
        total = sum(chance for _, chance in keys)
        return np.asarray(sum(c / total * self.expected(heard, key, style) for key, c in keys))


def load_next_chord() -> NextChord | None:
    """The chord model in use; None where there is none."""
    folder = models_folder()
    try:
        return None if folder is None else _loaded(folder)
    except ModelError:
        return None


@cache
def _loaded(folder: Path) -> NextChord:
    weights = read_weights(folder, PROGRESSIONS)
    check_features(weights.sizes, VOCABULARY_SIZE, FEATURE_COUNT)
    return NextChord(Runtime(weights, slots=1, own_places=_OWN_PLACES))


def shared(found: Candidates, names: Sequence[str], chance: Floats, learnt: Floats) -> Floats:
    """The learnt probabilities of the counting model's candidates; those that the language tells alike share
    theirs as the counting model (`chance`) does."""
    told = np.array([QUALITIES.index(told_quality(names[place])) for place in found.places])
    kinds = found.roots * len(QUALITIES) + told
    own = learnt.ravel()[kinds] * chance / np.bincount(kinds, chance)[kinds]
    return np.asarray(own / own.sum())


def heard(chords: Sequence[Chord]) -> Heard:
    """A bar for every chord."""
    length = full_length(_METRE)
    events = [_event(chord, length) for chord in chords[-MOST_BARS:]]
    return Heard(tuple(SheetBar(_METRE, length, {Stream.CHORDS: (event,)}) for event in events))


def heard_in(song: Song, end_tick: int) -> Heard:
    """The song's chords before a tick, in their rhythm."""
    bar = song.time_map.bar_of(end_tick)
    first = max(0, bar - MOST_BARS)
    sheet = read_song(replace(song, tracks=()), first, bar + 1, {}, Key(0)).sheet
    into = round((end_tick - song.time_map.bar_start(bar)) / SONG_TICKS)
    cell = [e for e in sheet.bars[-1].cells.get(Stream.CHORDS, ()) if isinstance(e, ChordEvent)]
    begun = [e._replace(duration=min(e.duration, into - e.offset)) for e in cell if e.offset < into]
    told = sheet.bars[:-1]
    return Heard(tuple(bar for bar in told if bar.cells), tuple(begun))


def _event(chord: Chord, length: int) -> ChordEvent:
    bass = -1 if chord.bass is None else chord.bass
    return ChordEvent(0, length, chord.root, told_quality(chord.quality), bass)


def _moved(event: ChordEvent, tonic: int) -> ChordEvent:
    """Above the tonic."""
    if event.root < 0:
        return event
    bass = event.bass if event.bass < 0 else (event.bass - tonic) % 12
    return event._replace(root=(event.root - tonic) % 12, bass=bass)


def _moved_bar(bar: SheetBar, tonic: int) -> SheetBar:
    cell = bar.cells.get(Stream.CHORDS, ())
    return replace(
        bar, cells={Stream.CHORDS: tuple(_moved(e, tonic) for e in cell if isinstance(e, ChordEvent))}
    )


def _before_the_hole(question: Question) -> list[Forced]:
    """Everything that is told before the first hidden chord."""
    told: list[Forced] = []
    for step in script(question):
        if not isinstance(step, Forced):
            return told
        told.append(step)
    return told


def _last_chord(bars: Sequence[SheetBar], begun: Sequence[ChordEvent]) -> ChordEvent | None:
    if begun:
        return begun[-1]
    cell = bars[-1].cells.get(Stream.CHORDS, ()) if bars else ()
    last = cell[-1] if cell else None
    return last if isinstance(last, ChordEvent) else None


def _of_change(logits: Floats, last: ChordEvent | None) -> Floats:
    """Probabilities over the chords, the one that sounds left out."""
    if last is not None and last.root >= 0:
        logits[chord_token(last.root, last.quality)] = -np.inf
    scores = logits[FIRST_CHORD:FIRST_BASS]
    chances = np.exp(scores - scores.max())
    return np.asarray(chances / chances.sum()).reshape(12, -1)
