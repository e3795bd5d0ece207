"""Which bars and parts of a piece does a question show?

A window of 6 to 24 bars of the piece as written or, sometimes, as played; of its parts the chords and the
tune, and now and then the others: most questions must live without them.

>>> bar = SheetBar((4, 4), 96, {Stream.MELODY: ()})
>>> window = cut(Sheet((bar,) * 8, first_full=1), range(2, 5))
>>> len(window.bars), window.first_full
(3, -1)
"""

from collections.abc import Set
from dataclasses import replace
from random import Random

from engine.generation.language.grid import Sheet, SheetBar, Stream
from engine.training.corpus.piece import CorpusPiece

FEWEST_BARS, MOST_BARS = 6, 24
PLAYED_SHARE = 0.4
EXTRAS = frozenset(Stream) - {Stream.CHORDS, Stream.MELODY}
EXTRAS_SHARE = 0.3
"""Of the windows that have other parts, how many show them."""
ALONE_SHARE = 0.12
"""Of the windows with chords and tune, how many lose the chords or the tune."""


def drawn_window(piece: CorpusPiece, random: Random, most: int = MOST_BARS) -> tuple[Sheet, int]:
    """Some bars of the piece with some of its parts, and how many bars follow them."""
    sheet = piece.played() if piece.form and random.random() < PLAYED_SHARE else piece.sheet
    bars = len(sheet.bars)
    length = min(bars, random.randint(min(FEWEST_BARS, most), most))
    begin = random.randint(0, bars - length)
    if random.random() < 0.5:
        begin = _at_phrase(sheet, begin, length)
    window = cut(sheet, range(begin, begin + length))
    return with_parts(window, _parts(window, piece.has_derived_chords, random)), bars - begin - length


def _at_phrase(sheet: Sheet, begin: int, length: int) -> int:
    """The begin of the group of four bars this bar is in, if the window still fits."""
    start = begin - (begin - sheet.first_full) % 4
    return start if 0 <= start <= len(sheet.bars) - length else begin


def cut(sheet: Sheet, bars: range) -> Sheet:
    return replace(sheet, bars=sheet.bars[bars.start : bars.stop], first_full=sheet.first_full - bars.start)


def parts_of(sheet: Sheet) -> set[Stream]:
    """Parts that are anywhere more than a rest."""
    return {stream for bar in sheet.bars for stream, cell in bar.cells.items() if cell}


def _parts(window: Sheet, has_derived_chords: bool, random: Random) -> set[Stream]:
    there = parts_of(window)
    parts = there - EXTRAS
    extras = sorted(there & EXTRAS)
    if extras and random.random() < EXTRAS_SHARE:
        parts |= set(extras if random.random() < 0.5 else random.sample(extras, 1))
    elif len(parts) == 2 and random.random() < ALONE_SHARE * (2 if has_derived_chords else 1):
        parts = {Stream.MELODY if random.random() < 0.7 else Stream.CHORDS}
    return parts or there


def with_parts(sheet: Sheet, parts: Set[Stream]) -> Sheet:
    """The sheet without its other parts."""
    return replace(sheet, bars=tuple(_bar_with(bar, parts) for bar in sheet.bars))


def _bar_with(bar: SheetBar, parts: Set[Stream]) -> SheetBar:
    return replace(bar, cells={stream: cell for stream, cell in bar.cells.items() if stream in parts})
