"""How does a chord chart become Sheets?

A lasting change of key cuts the chart into parts, each in its own key. What a song repeats is kept in
moderation: a vamp of a few bars goes round four times, the same section is written twice.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum
from itertools import groupby, pairwise

from engine.generation.language.grid import Sheet, SheetBar, Stream
from engine.training.chords.piece import Piece
from engine.training.corpus.draft import Draft, DraftBar, full_ticks, sheet_of
from engine.training.corpus.homekey import chart_key, home_key
from engine.training.corpus.piece import CorpusPiece

LEAST_KEY_BARS = 4
LEAST_BARS, LEAST_CHANGES = 4, 3
ROUNDS = {1: 4, 2: 4, 4: 4, 8: 2, 12: 2, 16: 2}
"""How often a stretch of so many bars is kept in a row."""
SECTION_ROUNDS = 2
_SECTIONS = (
    ("pre-chorus", r"pre[- ]?chorus"),
    ("intro", r"intro|fade ?in"),
    ("chorus", r"chorus|refrain"),
    ("verse", r"verse"),
    ("bridge", r"bridge"),
    ("solo", r"solo|instrumental"),
    ("outro", r"outro|coda|ending|fade"),
    ("other", r"inter|trans|theme|vocal|spoken|key change|^pre|silence"),
)


class KeyPlan(Enum):
    """Whose key a chart stands in: of each part, its most frequent local one, or the one that is heard."""

    BY_SECTION = "by section"
    HOME = "home"
    HEARD = "heard"


def pieces_of_chart(chart: Piece, licence: str, plan: KeyPlan) -> Iterator[CorpusPiece]:
    """The chart, or its parts in one key each, as pieces named after the chart's id; too short ones left
    out."""
    draft = draft_of_chart(chart)
    name = chart.id.partition("/")[2]
    parts = list(key_parts(chart, draft)) if draft.bars else []
    if plan is not KeyPlan.BY_SECTION:
        parts = [(draft, Counter(_bar_tonics(chart, draft.bars)).most_common(1)[0][0])] if parts else []
    for number, (part, tonic) in enumerate(parts):
        key = home_key(part, None) if plan is KeyPlan.HEARD else chart_key(part, tonic)
        sheet = sheet_of(part, key, chart.style)
        sheet = replace(sheet, bars=tuple(moderated(sheet.bars)))
        if len(sheet.bars) >= LEAST_BARS and _changes(sheet) >= LEAST_CHANGES:
            suffix = f"~{number}" if number else ""
            yield CorpusPiece(
                f"{chart.source}/{name}{suffix}",
                chart.source,
                chart.style,
                chart.title,
                chart.maker,
                licence,
                sheet,
            )


def _changes(sheet: Sheet) -> int:
    """Different neighbours among the chords."""
    chords = [event[2:] for bar in sheet.bars for event in bar.cells.get(Stream.CHORDS, ())]
    return sum(one != other for one, other in pairwise(chords))


def section_name(written: str) -> str:
    """The section of the vocabulary a written name means, "" for others.

    >>> section_name("pre-chorus two"), section_name("Coda"), section_name("A2")
    ('pre-chorus', 'outro', '')
    """
    name = re.sub(r"^pre[- ](verse|intro)", "pre", written.lower())
    return next((section for section, pattern in _SECTIONS if re.search(pattern, name)), "")


def draft_of_chart(piece: Piece) -> Draft:
    """Bars, melody and chords of a chart of the chord room."""
    names = _sections(piece)
    metre = piece.metre
    bars = [
        DraftBar(bar.start_ticks, bar.length_ticks, _metre(bar.length_ticks, metre, index == 0), name)
        for index, (bar, name) in enumerate(zip(piece.bars, names, strict=True))
        if bar.length_ticks > 0
    ]
    notes = {Stream.MELODY: piece.melody} if piece.melody else {}
    return Draft(bars, notes, piece.chords)


def key_parts(piece: Piece, draft: Draft) -> Iterator[tuple[Draft, int]]:
    """The stretches in one key that last, with their tonic; short ones go with what came before."""
    tonics = _bar_tonics(piece, draft.bars)
    runs: list[list[int]] = []  # tonic, first bar, end
    for tonic, group in groupby(enumerate(tonics), key=lambda pair: pair[1]):
        indices = [index for index, _ in group]
        if runs and (len(indices) < LEAST_KEY_BARS or tonic == runs[-1][0]):
            runs[-1][2] = indices[-1] + 1
        else:
            runs.append([tonic, indices[0], indices[-1] + 1])
    for tonic, first, end in runs:
        yield draft.between(first, end), tonic


def moderated(bars: Sequence[SheetBar]) -> list[SheetBar]:
    """The bars without the rounds of a vamp after the fourth and sections after the second time."""
    kept: list[SheetBar] = []
    heard: dict[object, int] = {}
    for section in _section_runs(bars):
        content = tuple((bar.metre, bar.length, tuple(bar.cells.items())) for bar in section)
        heard[content] = heard.get(content, 0) + 1
        if heard[content] <= SECTION_ROUNDS:
            kept += section
    for period, rounds in ROUNDS.items():
        kept = _without_rounds(kept, period, rounds)
    return kept


def _without_rounds(bars: Sequence[SheetBar], period: int, rounds: int) -> list[SheetBar]:
    kept: list[SheetBar] = []
    again = 0
    for bar in bars:
        is_again = len(kept) >= period and _same(bar, kept[-period])
        again = again + 1 if is_again else 0
        kept.append(bar)
        if again >= rounds * period:
            del kept[-period:]
            again -= period
    return kept


def _same(one: SheetBar, other: SheetBar) -> bool:
    return one.cells == other.cells and one.length == other.length and one.section == other.section


def _section_runs(bars: Sequence[SheetBar]) -> list[list[SheetBar]]:
    return [list(group) for _, group in groupby(bars, key=lambda bar: bar.section)]


def _metre(length: int, metre: tuple[int, int], is_first: bool) -> tuple[int, int]:
    """The piece's metre, or that of the bar's own length where it is another."""
    if length == full_ticks(metre) or (is_first and length < full_ticks(metre)):
        return metre
    is_compound = metre[1] == 8 and length % full_ticks((3, 8)) == 0
    unit = 8 if is_compound or length % full_ticks((1, 4)) else 4
    return min(24, max(1, length // full_ticks((1, unit)))), unit


def _sections(piece: Piece) -> list[str]:
    """The section that sounds at each bar's start."""
    names, place = [], 0
    for bar in piece.bars:
        while place + 1 < len(piece.chords) and piece.chords[place + 1].start_ticks <= bar.start_ticks:
            place += 1
        names.append(section_name(piece.chords[place].section) if piece.chords else "")
    return names


def _bar_tonics(piece: Piece, bars: Sequence[DraftBar]) -> list[int]:
    tonics, place, last = [], 0, 0
    for bar in bars:
        while place + 1 < len(piece.chords) and piece.chords[place + 1].start_ticks <= bar.start_ticks:
            place += 1
        tonic = piece.chords[place].tonic if piece.chords else None
        last = last if tonic is None else tonic
        tonics.append(last)
    return tonics
