"""From which excerpts does a network learn the chords of recordings, and who plays them?

Excerpts of the tuning half's lead sheets, from any bar on, and of charts of the corpus whose titles fall in
that half: by the bands that the hearing is measured on, or by others, in other rooms (as notes are learnt).
The same number gives the same take.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from engine.generation.language.grid import SONG_TICKS, ChordEvent, Stream
from engine.music import Chord, ChordSyntaxError, Key, Metre, MusicError
from engine.training.corpus.piece import CorpusPiece
from engine.training.hearing.band import Band
from engine.training.hearing.material import METRES, Item, Part, Source, by_metre, item_of, part_of
from engine.training.hearing.noteplaying import Kind, Playing, at_levels, is_aside, on_instruments, recorded
from engine.training.hearing.rendering import Sheet

_METRES_ASKED = (2, 3, 6, 2)
_LONGEST_S = 15.0
_FEWEST_BARS, _FEWEST_CHORDS, _FEWEST_STROKES = 8, 4, 20
_FROM_THE_BEGINNING, _ON_OTHERS, _MADE_UP = 0.2, 0.6, 0.2
_CHARTS = {"usual": 0.2, "other": 0.35}


class Players(StrEnum):
    USUAL = "usual"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ChordTake:
    """`playing`: by other players than what is measured on."""

    item: Item
    playing: Playing | None


@dataclass(frozen=True, slots=True)
class ChordSources:
    """Lead sheets by metre, and charts."""

    sheets: dict[str, list[Source]]
    charts: list[Source]

    @staticmethod
    def of(data: Path, charts: Iterable[CorpusPiece]) -> "ChordSources":
        """`charts`: pieces of the corpus' train part."""
        found = (chart_of(piece) for piece in charts if part_of(piece.title) is Part.TUNING)
        return ChordSources(by_metre(data, Part.TUNING), [source for source in found if source is not None])

    def kept(self, aside: bool) -> "ChordSources":
        """The fifth of the titles that is kept for choosing, or the others."""

        def some(sources: Sequence[Source]) -> list[Source]:
            return [source for source in sources if is_aside(source.sheet.title) == aside]

        return ChordSources({metre: some(found) for metre, found in self.sheets.items()}, some(self.charts))

    def take(self, number: int, players: Players, seed: str = "chords") -> ChordTake:
        """The take of a number."""
        name = f"{players.value}-{number}"
        rng = random.Random(f"{seed}/{name}")
        while True:
            source = self._source(rng, _CHARTS[players.value])
            band = rng.choice((Band.DRUMS, Band.NO_DRUMS))
            shown = replace(source, sheet=_from_a_bar(source.sheet, rng))
            try:
                item = item_of(name, shown, band, rng, _LONGEST_S)
            except MusicError:
                continue
            if len(item.strokes) > _FEWEST_STROKES:
                return ChordTake(item, _played_by_others(item, rng) if players is Players.OTHER else None)

    def _source(self, rng: random.Random, charts: float) -> Source:
        if self.charts and rng.random() < charts:
            return rng.choice(self.charts)
        metres = [metre for metre in METRES if self.sheets[metre]]
        asked = [_METRES_ASKED[METRES.index(metre)] for metre in metres]
        return rng.choice(self.sheets[rng.choices(metres, asked)[0]])


def chart_of(piece: CorpusPiece) -> Source | None:
    """The chords of a piece as a sheet without a melody; None when bands of ours do not play it."""
    bars = piece.sheet.bars
    if len(bars) < _FEWEST_BARS or len({(bar.metre, bar.length) for bar in bars}) > 1:
        return None
    metre, chords, at = Metre(*bars[0].metre), list[tuple[int, int, Chord]](), 0
    for bar in bars:
        for event in bar.cells.get(Stream.CHORDS, ()):
            if isinstance(event, ChordEvent) and event.root >= 0:
                _add(chords, at + event.offset, event)
        at += bar.length
    if metre.name not in METRES or len(chords) < _FEWEST_CHORDS:
        return None
    return Source(Sheet(piece.title, metre, 0, Key(0, piece.sheet.mode), (), tuple(chords)), True)


def _add(chords: list[tuple[int, int, Chord]], at: int, event: ChordEvent) -> None:
    """One more chord; the same again goes on."""
    try:
        chord = Chord(event.root, event.quality, None if event.bass in (-1, event.root) else event.bass)
    except (ChordSyntaxError, MusicError):
        return
    start, end = at * SONG_TICKS, (at + event.duration) * SONG_TICKS
    if chords and chords[-1][1:] == (start, chord):
        start = chords.pop()[0]
    chords.append((start, end, chord))


def _from_a_bar(sheet: Sheet, rng: random.Random) -> Sheet:
    """The sheet from a bar on that leaves eight, or from the beginning."""
    bar = sheet.metre.bar_ticks
    last = max(0, (sheet.chords[-1][1] - sheet.pickup_ticks) // bar - _FEWEST_BARS)
    first = 0 if rng.random() < _FROM_THE_BEGINNING else rng.randint(0, last)
    if first == 0:
        return sheet
    at = sheet.pickup_ticks + first * bar
    notes = tuple((start - at, length, pitch) for start, length, pitch in sheet.notes if start >= at)
    chords = tuple((max(start, at) - at, end - at, chord) for start, end, chord in sheet.chords if end > at)
    return replace(sheet, notes=notes, chords=chords, pickup_ticks=0)


def _played_by_others(item: Item, rng: random.Random) -> Playing:
    kind = Kind.DRUMS if item.truth.band is Band.DRUMS else Kind.PLAIN
    strokes = list(item.strokes)
    if rng.random() < _ON_OTHERS:
        strokes = on_instruments(kind, strokes, rng, is_new=False)
    programs = sorted({stroke.program for stroke in strokes if stroke.program >= 0})
    made = frozenset(program for program in programs if rng.random() < _MADE_UP)
    return Playing(item.truth.title, kind, tuple(sorted(at_levels(strokes, rng))), made, recorded(rng))
