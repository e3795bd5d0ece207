"""Which tunes may a network learn the pulse from, without having met the test?

The tuning half's lead sheets, and tunes of the training corpus in the four metres. A corpus tune stays out
when its title falls in the test half of engine.training.hearing.material, or when its melody shares more
than a few turns with a test sheet's. Tunes without chords get the triads of their key that fit them best.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.generation.language.grid import SONG_TICKS, ChordEvent, NoteEvent, SheetBar, Stream
from engine.music import Chord, Key, Metre, MusicError
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.split import Part as CorpusPart
from engine.training.corpus.split import parts
from engine.training.hearing.material import METRES, Part, part_of, sheets_by_metre, title_number
from engine.training.hearing.rendering import Sheet

SETS = ("folk", "polish", "lieder", "chopin", "classics", "hymnal", "chorales")
_FEWEST_BARS, _FEWEST_NOTES = 8, 24
_TURN_NOTES = 9
_MOST_TURNS, _MOST_SHARE = 3, 0.15
_TRIADS = {
    False: ((0, "maj", 0.7), (5, "maj", 0.4), (7, "maj", 0.5), (9, "min", 0.0), (2, "min", 0.0)),
    True: (
        *((0, "min", 0.6), (5, "min", 0.2), (7, "maj", 0.4)),
        *((10, "maj", 0.2), (3, "maj", 0.2), (8, "maj", 0.1)),
    ),
}
_CHANGE = 0.5
_ASIDE = 5

TickNote = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Tune:
    """A sheet, and what else its file writes below the tune: the bass, and the other parts."""

    sheet: Sheet
    bass: tuple[TickNote, ...] = ()
    others: tuple[TickNote, ...] = ()


Tunes = dict[str, tuple[list[Tune], list[Tune]]]
"""For each metre the lead sheets of the tuning half, and the tunes of the corpus."""


def tunes_by_metre(data: Path, corpus: Iterable[CorpusPiece]) -> Tunes:
    """What may be learnt from, `data` and `corpus` (pieces of SETS) being all there is."""
    test = {
        turn for sheets in sheets_by_metre(data, Part.TEST).values() for s in sheets for turn in _turns(s)
    }
    found: Tunes = {
        metre: ([Tune(sheet) for sheet in sheets], [])
        for metre, sheets in sheets_by_metre(data, Part.TUNING).items()
    }
    for tune in _corpus_tunes(corpus):
        turns = set(_turns(tune.sheet))
        if len(turns & test) <= max(_MOST_TURNS, _MOST_SHARE * len(turns)):
            found[tune.sheet.metre.name][1].append(tune)
    return found


def more_tunes(data: Path, corpus: Sequence[CorpusPiece], tunes: Tunes) -> Tunes:
    """What bars may be learnt from: the sheets of `tunes` but for those kept aside, and all tunes of the
    training part of the whole corpus that share neither title nor turns with a test sheet, nor turns with a
    tune kept aside."""
    aside = kept_aside(tunes, is_aside=True)
    tests = [sheet for sheets in sheets_by_metre(data, Part.TEST).values() for sheet in sheets]
    titles = {_letters(sheet.title) for sheet in tests}
    known = {turn for sheet in tests for turn in _turns(sheet)}
    known_aside = {
        turn for found in aside.values() for t in (*found[0], *found[1]) for turn in _turns(t.sheet)
    }
    found: Tunes = {metre: (sheets, []) for metre, (sheets, _) in kept_aside(tunes, is_aside=False).items()}
    for piece, part in zip(corpus, parts(corpus), strict=True):
        tune = tune_of(piece) if part is CorpusPart.TRAIN else None
        if tune is None or _letters(tune.sheet.title) in titles or _is_aside(tune.sheet.title):
            continue
        turns = set(_turns(tune.sheet))
        most = max(_MOST_TURNS, _MOST_SHARE * len(turns))
        if len(turns & known) <= most and len(turns & known_aside) <= most:
            found[tune.sheet.metre.name][1].append(tune)
    return found


def _letters(title: str) -> str:
    return "".join(letter for letter in title.lower() if letter.isalnum())


def kept_aside(tunes: Tunes, is_aside: bool) -> Tunes:
    """The fifth of the titles that a network never learns from, so that the choice among its chains can be
    fitted on them; or the other four."""

    def chosen(some: list[Tune]) -> list[Tune]:
        return [tune for tune in some if _is_aside(tune.sheet.title) == is_aside]

    return {metre: (chosen(sheets), chosen(corpus)) for metre, (sheets, corpus) in tunes.items()}


def _is_aside(title: str) -> bool:
    return title_number(title, "/fold") % _ASIDE == 0


def _turns(sheet: Sheet) -> Iterator[tuple[int, ...]]:
    steps = [after[2] - before[2] for before, after in zip(sheet.notes, sheet.notes[1:], strict=False)]
    yield from (tuple(steps[at : at + _TURN_NOTES]) for at in range(len(steps) - _TURN_NOTES + 1))


def _corpus_tunes(corpus: Iterable[CorpusPiece]) -> Iterator[Tune]:
    for piece in corpus:
        if part_of(piece.title) is Part.TUNING:
            tune = tune_of(piece)
            if tune is not None:
                yield tune


def tune_of(piece: CorpusPiece) -> Tune | None:
    """The piece from its beginning for as long as its bars have one length; None when that is too short."""
    bars = piece.played().bars
    written = bars[min(1, len(bars) - 1)].metre
    metre = Metre(4, 4) if written == (2, 2) else Metre(*written)
    if metre.name not in METRES:
        return None
    lengths = [bar.length * SONG_TICKS for bar in bars]
    pickup = lengths[0] if lengths[0] < metre.bar_ticks else 0
    count = int(pickup > 0)
    while count < len(bars) and lengths[count] == metre.bar_ticks:
        count += 1
    lines = {stream: _line(bars[:count], stream) for stream in Stream}
    notes = tuple(lines[Stream.MELODY])
    if count - int(pickup > 0) < _FEWEST_BARS or len(notes) < _FEWEST_NOTES:
        return None
    sheet = Sheet(piece.title, metre, pickup, Key(0, piece.sheet.mode), notes, _chords(bars[:count]))
    others = (note for stream in (Stream.COUNTER, Stream.COMPING, Stream.PAD) for note in lines[stream])
    return Tune(sheet, tuple(lines[Stream.BASS]), tuple(others))


def _line(bars: Iterable[SheetBar], stream: Stream) -> list[TickNote]:
    notes: list[TickNote] = []
    at = 0
    for bar in bars:
        for event in bar.cells.get(stream, ()):
            if not isinstance(event, NoteEvent):
                continue
            start, length = at + event.offset * SONG_TICKS, event.duration * SONG_TICKS
            goes_on = event.tied and notes and notes[-1][2] == event.pitch and sum(notes[-1][:2]) == start
            if goes_on:
                start, length = notes[-1][0], notes[-1][1] + length
                notes.pop()
            notes.append((start, length, event.pitch))
        at += bar.length * SONG_TICKS
    return notes


def _chords(bars: Iterable[SheetBar]) -> tuple[tuple[int, int, Chord], ...]:
    chords: list[tuple[int, int, Chord]] = []
    at = 0
    for bar in bars:
        for event in bar.cells.get(Stream.CHORDS, ()):
            chord = _chord(event) if isinstance(event, ChordEvent) else None
            if chord is None:
                continue
            start = at + event.offset * SONG_TICKS
            if chords and chords[-1][1:] == (start, chord):
                start = chords.pop()[0]
            chords.append((start, at + (event.offset + event.duration) * SONG_TICKS, chord))
        at += bar.length * SONG_TICKS
    return tuple(chords)


def _chord(event: ChordEvent) -> Chord | None:
    has_bass = event.bass >= 0 and event.bass != event.root
    try:
        return Chord(event.root, event.quality, event.bass if has_bass else None) if event.root >= 0 else None
    except MusicError:
        return None


def harmonised(sheet: Sheet, rng: random.Random) -> Sheet:
    """With triads of the key, mostly one a bar: those the tune's notes fit, changing seldom."""
    triads = _TRIADS[sheet.key.mode.is_minor]
    step = _chord_step(sheet.metre, rng)
    starts = range(sheet.pickup_ticks, max(start + length for start, length, _ in sheet.notes), step)
    fits = np.array([[_fit(sheet, at, at + step, triad) for triad in triads] for at in starts])
    chords: list[tuple[int, int, Chord]] = []
    for at, chosen in zip(starts, _path(fits), strict=True):
        chord, begins = Chord(*triads[chosen][:2]), at
        if chords and chords[-1][2] == chord and rng.random() < 0.5:
            begins = chords.pop()[0]
        chords.append((begins, at + step, chord))
    return replace(sheet, chords=tuple(chords))


def _chord_step(metre: Metre, rng: random.Random) -> int:
    if metre == Metre(4, 4) and rng.random() < 0.35:
        return metre.bar_ticks // 2
    return metre.bar_ticks * (2 if metre == Metre(2, 4) and rng.random() < 0.3 else 1)


def _fit(sheet: Sheet, start: int, end: int, triad: tuple[int, str, float]) -> float:
    """Quarters of the tune that are in the triad, less those that are not; more where it begins."""
    tones, fit = Chord(triad[0], triad[1]).pitch_classes, triad[2] / 2
    for at, length, pitch in sheet.notes:
        shared = min(at + length, end) - max(at, start)
        if shared > 0:
            fit += shared / 480 * (1 if pitch % 12 in tones else -1) * (1.3 if at == start else 1)
    return fit


def _path(fits: np.ndarray) -> list[int]:
    score, came = fits[0], []
    for fit in fits[1:]:
        best = int(score.argmax())
        came.append(np.where(score >= score[best] - _CHANGE, np.arange(len(score)), best))
        score = np.maximum(score, score[best] - _CHANGE) + fit
    path = [int(score.argmax())]
    for before in reversed(came):
        path.append(int(before[path[-1]]))
    return path[::-1]
