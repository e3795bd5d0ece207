"""How does a whole score become pieces of the corpus: melody, bass and counter line over derived chords?

The set says which notes are which line; everything that sounds is heard for keys and chords. The score is cut
into stretches that the model can use as one piece each: in one key, without bars it cannot write, from where
the melody begins to where it ends or rests for long (an introduction of the piano is no melody).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from engine.generation.language.grid import SONG_TICKS, Sheet, Stream
from engine.music import TICKS_PER_QUARTER, Chord, Key, Mode
from engine.training.chords.piece import ChartChord, MelodyNote
from engine.training.corpus.chordreading import Bar, ChordReading, LocalKey, read_chords
from engine.training.corpus.draft import Draft, DraftBar, full_ticks, sheet_of
from engine.training.corpus.keyreading import read_keys
from engine.training.corpus.piece import CorpusPiece
from engine.training.readers.parts import FullScore, Measure, PartNote, joined
from engine.training.readers.score import TICKS

LONGEST_REST_BARS = 3
FEWEST_BARS, FEWEST_NOTES = 4, 12
MOST_OFF_GRID = 0.04
FEWEST_TONES = 3
"""Different pitch classes without which a pickup has no chord."""
_SCORE_TO_SONG = TICKS // TICKS_PER_QUARTER
_LONGEST_BAR = 8 * TICKS_PER_QUARTER
_METRES = {4 * TICKS_PER_QUARTER * n // d: (n, d) for d in (16, 8, 4) for n in range(1, 25)}


@dataclass(frozen=True, slots=True)
class Credits:
    """Where a score is from; `id` is completed for each stretch."""

    id: str
    source: str
    style: str
    title: str
    maker: str
    licence: str


@dataclass(frozen=True, slots=True)
class Lines:
    """The single lines of a score, and its drums (General MIDI numbers, not heard for harmony)."""

    melody: Sequence[PartNote]
    bass: Sequence[PartNote] = ()
    counter: Sequence[PartNote] = ()
    drums: Sequence[PartNote] = ()

    @property
    def leading(self) -> Sequence[PartNote]:
        """What a piece goes on by: the melody, without one the bass, without both the drums."""
        return self.melody or self.bass or self.drums


def pieces_of(
    score: FullScore,
    lines: Lines,
    credits: Credits,
    skipped: Counter[str],
    kept_by: Sequence[PartNote] = (),
) -> Iterator[CorpusPiece]:
    """The stretches of the score that make pieces; what is left out is counted by its reason.

    `kept_by`: the notes whose long rests end a stretch (the leading line when empty).
    """
    bars = _bars(score)
    if len(bars) < FEWEST_BARS or not lines.leading:
        skipped["no melody"] += 1
        return
    heard = _heard(score)
    keys = read_keys(heard, [bar.bar for bar in bars], [bar.fifths for bar in bars])
    chords = _charted(read_chords(heard, [bar.bar for bar in bars], keys), heard, bars)
    draft = Draft([bar.draft for bar in bars], _notes(lines), chords)
    leading = kept_by or lines.leading
    starts = np.array([note.start // _SCORE_TO_SONG for note in leading])
    for number, (first, end) in enumerate(_stretches(bars, keys, leading)):
        low, high = bars[first].draft.start_ticks, bars[end - 1].draft.end_ticks
        inside = [leading[place] for place in np.flatnonzero((low <= starts) & (starts < high)).tolist()]
        if reason := _unfit(inside, end - first):
            skipped[reason] += 1
            continue
        tonic, is_minor = keys[first]
        key = Key(tonic, Mode.MINOR if is_minor else Mode.MAJOR)
        sheet = sheet_of(draft.between(first, end), key, credits.style, score.bpm)
        sheet = without_long_rests(sheet)
        name = f"{credits.id}#{number}" if number else credits.id
        yield CorpusPiece(
            name, credits.source, credits.style, credits.title, credits.maker, credits.licence, sheet, True
        )


def heard_texture(score: FullScore) -> tuple[np.ndarray, list[Bar], list[int | None]]:
    """What sounds, (n, 3) start, end and pitch in grid ticks; the bars; the signature of each."""
    bars = _bars(score)
    return _heard(score), [bar.bar for bar in bars], [bar.fifths for bar in bars]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A bar three ways; `is_writable`: the model's grid can hold it."""

    draft: DraftBar
    bar: Bar
    fifths: int | None
    is_writable: bool


def _bars(score: FullScore) -> list[_Placed]:
    measures = joined(score.measures)
    return [_placed(measure, index, len(measures)) for index, measure in enumerate(measures)]


def _placed(measure: Measure, index: int, count: int) -> _Placed:
    start, length = measure.start // _SCORE_TO_SONG, measure.length // _SCORE_TO_SONG
    metre, full = measure.metre, full_ticks(measure.metre)
    is_short_edge = length < full and index in (0, count - 1)
    if length != full and not is_short_edge:
        metre = _METRES.get(length, (0, 0))
    is_writable = (
        metre[1] in (2, 4, 8, 16)
        and 1 <= metre[0] <= 24
        and length <= _LONGEST_BAR
        and length % SONG_TICKS == start % SONG_TICKS == 0
    )
    kept = metre if metre[0] else measure.metre
    grid_bar = Bar(start // SONG_TICKS, length // SONG_TICKS, kept if kept[1] <= 16 else (4, 4))
    return _Placed(DraftBar(start, length, kept), grid_bar, measure.fifths, is_writable)


def _heard(score: FullScore) -> np.ndarray:
    """(n, 3) grid start, end, pitch."""
    unit = _SCORE_TO_SONG * SONG_TICKS
    table = score.table()
    table[:, 1] += table[:, 0]
    table[:, :2] = (table[:, :2] + unit // 2) // unit
    return table[table[:, 1] > table[:, 0]]


def _charted(
    readings: Sequence[ChordReading], heard: np.ndarray, bars: Sequence[_Placed]
) -> list[ChartChord]:
    """The readings as chart chords; a thin pickup has none."""
    charted = [
        ChartChord(
            reading.start * SONG_TICKS,
            reading.duration * SONG_TICKS,
            Chord(reading.root, reading.quality, None if reading.bass < 0 else reading.bass),
            None,
        )
        for reading in readings
    ]
    pickup = bars[0].draft
    is_pickup = pickup.length_ticks < full_ticks(pickup.metre)
    tones = set((heard[heard[:, 0] < bars[0].bar.length, 2] % 12).tolist())
    if not is_pickup or len(tones) >= FEWEST_TONES:
        return charted
    return [
        chord._replace(
            start_ticks=max(chord.start_ticks, pickup.end_ticks),
            duration_ticks=chord.end_ticks - max(chord.start_ticks, pickup.end_ticks),
        )
        for chord in charted
        if chord.end_ticks > pickup.end_ticks
    ]


def _notes(lines: Lines) -> dict[Stream, Sequence[MelodyNote]]:
    named = (
        (Stream.MELODY, lines.melody),
        (Stream.BASS, lines.bass),
        (Stream.COUNTER, lines.counter),
        (Stream.DRUMS, lines.drums),
    )
    return {
        stream: [
            MelodyNote(start // _SCORE_TO_SONG, max(1, lasting // _SCORE_TO_SONG), pitch)
            for start, lasting, pitch in line
        ]
        for stream, line in named
        if line
    }


def _stretches(
    bars: Sequence[_Placed], keys: Sequence[LocalKey], melody: Sequence[PartNote]
) -> Iterator[tuple[int, int]]:
    """First bar and end of the stretches: one key, writable bars, no long rest, melody at both ends."""
    starts = np.array([bar.draft.start_ticks for bar in bars])
    times = np.array([(start, start + lasting - 1) for start, lasting, _ in melody]) // _SCORE_TO_SONG
    sings = np.zeros(len(bars), dtype=bool)
    for low, high in set(map(tuple, (np.searchsorted(starts, times, side="right") - 1).tolist())):
        sings[low : high + 1] = True
    first, last = -1, -1
    for index, bar in enumerate(bars):
        is_cut = not bar.is_writable or (first >= 0 and keys[index] != keys[first])
        if first >= 0 and (is_cut or index - last > LONGEST_REST_BARS):
            yield first, last + 1
            first = -1
        if sings[index] and bar.is_writable:
            first, last = (index if first < 0 else first), index
    if first >= 0:
        yield first, last + 1


def _unfit(melody: Sequence[PartNote], bars: int) -> str:
    """Why the stretch is no piece; "" when it is one."""
    if bars < FEWEST_BARS or len(melody) < FEWEST_NOTES:
        return "stretch too short"
    unit = _SCORE_TO_SONG * SONG_TICKS
    off = sum(note.start % unit != 0 for note in melody)
    return "off the grid" if off > MOST_OFF_GRID * len(melody) else ""


def without_long_rests(sheet: Sheet) -> Sheet:
    """The sheet with the cells absent where a stream is silent for longer than a rest in a song."""
    rests: dict[int, set[Stream]] = {}
    for stream in Stream:
        silent = [index for index, bar in enumerate(sheet.bars) if bar.cells.get(stream) == ()]
        for _, group in groupby(enumerate(silent), key=lambda pair: pair[1] - pair[0]):
            rest = [index for _, index in group]
            if len(rest) > LONGEST_REST_BARS:
                for index in rest:
                    rests.setdefault(index, set()).add(stream)
    if not rests:
        return sheet
    bars = list(sheet.bars)
    for index, streams in rests.items():
        cells = {stream: cell for stream, cell in bars[index].cells.items() if stream not in streams}
        bars[index] = replace(bars[index], cells=cells)
    return replace(sheet, bars=tuple(bars))
