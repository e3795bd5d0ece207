"""How does a written part (ABC, MusicXML) become a Draft, and in which order are its bars played?

Bars cut in two by repeat signs are joined, each stretch of one metre for itself; a short last bar is filled
with a rest. Repeats become stretches of bars: a repeated stretch is played twice, with its voltas.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import NamedTuple

from engine.generation.language.grid import SONG_TICKS, Stream
from engine.generation.language.vocabulary import MOST_TICKS
from engine.music import Chord, Key, Mode
from engine.music.key import parse_pitch_class
from engine.training.chords.leadsheets import printed_chord
from engine.training.chords.piece import ChartChord, MelodyNote
from engine.training.corpus.draft import Draft, DraftBar, full_ticks, sheet_of
from engine.training.corpus.homekey import Trust, home_key
from engine.training.corpus.piece import CorpusPiece, Stretch
from engine.training.melody.tunes import join_split_bars
from engine.training.readers.score import TICKS, ScoreBar, ScoreChord, ScorePart, song_ticks

MAX_ODD_BARS = 0.15
LONGEST_BAR_TICKS = MOST_TICKS * SONG_TICKS
LEAST_BARS, LEAST_NOTES = 4, 12
_METRES = {4 * TICKS * n // d: (n, d) for d in (16, 8, 4) for n in range(1, 25)}
_MODES = {
    "mix": Mode.MIXOLYDIAN,
    "dor": Mode.DORIAN,
    "phr": Mode.PHRYGIAN,
    "lyd": Mode.LYDIAN,
    "loc": Mode.LOCRIAN,
}


class Origin(NamedTuple):
    """Where a piece is from: the first six fields of a CorpusPiece."""

    id: str
    source: str
    style: str
    title: str
    maker: str
    licence: str


def piece_of_part(part: ScorePart, origin: Origin, trust: Trust) -> CorpusPiece | None:
    """The piece in its home key; None when it is too short or written too oddly."""
    drafted = draft_of_part(part)
    if drafted is None:
        return None
    draft, form = drafted
    if len(draft.bars) < LEAST_BARS or len(draft.notes[Stream.MELODY]) < LEAST_NOTES:
        return None
    sheet = sheet_of(draft, home_key(draft, written_key(part), trust), origin.style)
    return CorpusPiece(*origin, sheet, form=form)


def written_key(part: ScorePart) -> Key:
    """The key as the part names it."""
    mode = _MODES.get(part.mode[:3].lower(), Mode.MINOR if part.is_minor else Mode.MAJOR)
    return Key(part.tonic, mode)


def draft_of_part(part: ScorePart) -> tuple[Draft, tuple[Stretch, ...]] | None:
    """The part and its form; None when more of its bars are odd than of tunes that were written right."""
    metred = _with_metres(part)
    bars = [bar for _, bar in metred]
    if not bars:
        return None
    odd = sum(bar.length != _full(metre) for metre, bar in metred[1:-1])
    if odd > MAX_ODD_BARS * len(bars) or any(song_ticks(bar.length) > LONGEST_BAR_TICKS for bar in bars):
        return None
    draft_bars: list[DraftBar] = []
    notes: list[MelodyNote] = []
    starts: list[tuple[int, Chord]] = []
    at = 0
    for index, (metre, bar) in enumerate(metred):
        placed = _placed(bar, metre, at, is_first=index == 0, is_last=index == len(metred) - 1)
        draft_bars.append(placed)
        _add_notes(notes, bar, at)
        starts += [(at + song_ticks(c.start), chord) for c in bar.chords if (chord := _chord(c)) is not None]
        at = placed.end_ticks
    has_chords = any(not chord.is_no_chord for _, chord in starts)
    draft = Draft(draft_bars, {Stream.MELODY: notes}, _held(starts, at) if has_chords else None)
    return draft, form_of(bars)


def form_of(bars: Sequence[ScoreBar]) -> tuple[Stretch, ...]:
    """Stretches in playing order; () when nothing is repeated. A repeat inside a bar counts for all of it.

    >>> form_of([ScoreBar(TICKS), ScoreBar(TICKS, ending=1, ends_repeat=True), ScoreBar(TICKS, ending=2)])
    ((0, 2), (0, 1), (2, 3))
    """
    stretches: list[Stretch] = []
    start, volta, played = 0, -1, 0
    for index, bar in enumerate(bars):
        if bar.begins_repeat:
            start, volta = index, -1
        if bar.ending == 1:
            volta = index
        if bar.ends_repeat:
            stretches += [(played, index + 1), (start, volta if volta > start else index + 1)]
            start, volta, played = index + 1, -1, index + 1
    if not stretches:
        return ()
    if played < len(bars):
        stretches.append((played, len(bars)))
    return tuple(stretch for stretch in stretches if stretch[0] < stretch[1])


def _with_metres(part: ScorePart) -> list[tuple[tuple[int, int], ScoreBar]]:
    """Joined bars, each with the metre that holds there."""
    metre = part.metre
    marked: list[tuple[tuple[int, int], ScoreBar]] = []
    for bar in _repeats_on_full_bars(part.bars, _full(metre)):
        metre = bar.metre or metre
        marked.append((metre, bar))
    joined = []
    for metre, run in groupby(marked, key=lambda pair: pair[0]):
        joined += [(metre, bar) for bar in join_split_bars([bar for _, bar in run], _full(metre))]
    return joined


def _repeats_on_full_bars(bars: Sequence[ScoreBar], full: int) -> list[ScoreBar]:
    """A repeat sign before an upbeat moves to the bar after it: the upbeat is joined to the bar before."""
    moved = [bar for bar in bars if bar.length > 0]
    for index in range(1, len(moved) - 1):
        if moved[index].begins_repeat and moved[index].length < full:
            moved[index] = replace(moved[index], begins_repeat=False)
            moved[index + 1] = replace(moved[index + 1], begins_repeat=True)
    return moved


def _placed(bar: ScoreBar, metre: tuple[int, int], at: int, is_first: bool, is_last: bool) -> DraftBar:
    full, length = full_ticks(metre), song_ticks(bar.length)
    if is_last and not is_first and length < full:
        return DraftBar(at, full, metre)
    if length == full or (is_first and length < full):
        return DraftBar(at, length, metre)
    own = _METRES.get(bar.length)
    return DraftBar(at, length, own or metre)


def _add_notes(notes: list[MelodyNote], bar: ScoreBar, at: int) -> None:
    for note in bar.notes:
        start, duration = at + song_ticks(note.start), song_ticks(note.duration)
        if note.pitch is None or duration <= 0:
            continue
        last = notes[-1] if notes else None
        if note.tied and last is not None and last.pitch == note.pitch and last.end_ticks == start:
            notes[-1] = last._replace(duration_ticks=last.duration_ticks + duration)
        else:
            notes.append(MelodyNote(start, duration, note.pitch))


def _held(starts: Sequence[tuple[int, Chord]], end: int) -> list[ChartChord]:
    """Each chord until the next; of two at one place the later wins."""
    last_at = dict(sorted(starts, key=lambda item: item[0]))
    places = [*last_at, end]
    return [
        ChartChord(start, stop - start, last_at[start], None)
        for start, stop in pairwise(places)
        if stop > start
    ]


def _chord(symbol: ScoreChord) -> Chord | None:
    chord = printed_chord(symbol.label)
    bass = parse_pitch_class(symbol.bass)
    if chord is None or chord.is_no_chord or bass is None or bass == chord.root:
        return chord
    return Chord(chord.root, chord.quality, bass)


def _full(metre: tuple[int, int]) -> int:
    return 4 * TICKS * metre[0] // metre[1]
