"""What does the product write into a hole, asked through its own door: instant generators, or the model?

The window becomes a song in C; each stream of the hole is one request, chords before melody; the answer is
the first take of the generators, or the takes of the model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Controls, Kind, SuggestionRequest, Take
from engine.generation.harmoniser.store import NAME as HARMONISER
from engine.generation.language.grid import SONG_TICKS, Cell, ChordEvent, NoteEvent, Sheet, Stream
from engine.generation.registry import generator_for
from engine.generation.search.models import INFILL, PROGRESSIONS, instant_alone, models_from
from engine.music import (
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Note,
    Region,
    Role,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.ranking.features_passage import Harmony, Passage, merged
from engine.service.likeness import unlike_known_works
from engine.training.infill.evaluation.holes import Hole, Writer

_TRACK, _TAKES = 1, 4
_NO_CONTROLS = Controls()
_USUAL_BPM = 120.0


def instant(hole: Hole, seed: int, count: int) -> Sequence[Sheet]:
    """The instant generators' answers. Raises EngineError when they refuse."""
    with instant_alone():
        return [_written(hole, 1000 * seed + number, 1, is_instant)[0] for number in range(count)]


def product(folder: Path, name: str) -> Writer:
    """The model's answers as the window would get them: planned, searched, ranked, checked; all takes of one
    request, then of the next."""

    def write(hole: Hole, seed: int, count: int) -> Sequence[Sheet]:
        found: list[Sheet] = []
        with models_from(folder, name):
            for number in range(count):
                if len(found) < count:
                    found += _written(hole, 1000 * seed + number, count - len(found), is_modelled)
        return found

    return write


Accepts = Callable[[Take], bool]


def is_modelled(take: Take) -> bool:
    """Was it written by a network: the infilling model, or the harmoniser?"""
    return take.model.name.startswith((INFILL, PROGRESSIONS, HARMONISER))


def is_instant(take: Take) -> bool:
    return not is_modelled(take)


def _written(hole: Hole, seed: int, count: int, accepts: Accepts) -> list[Sheet]:
    """Chords first, several takes; a melody over each of them."""
    sheets = [hole.opened()]
    for number, stream in enumerate(sorted(hole.streams)):
        asked = 1 if number else count
        parts = [replace(hole, sheet=sheet, streams=(stream,)) for sheet in sheets]
        sheets = [
            filled_with(part, take)
            for part in parts
            for take in takes_of(part, seed, asked, accepts=accepts)[:asked]
        ]
    return sheets


def ask(
    hole: Hole,
    seed: int,
    controls: Controls = _NO_CONTROLS,
    kind: Kind | None = None,
    accepts: Accepts = is_instant,
) -> Take:
    """The first take of the right sort for a hole of one stream. Raises EngineError when there is none."""
    return takes_of(hole, seed, 1, controls, kind, accepts)[0]


def takes_of(
    hole: Hole,
    seed: int,
    count: int,
    controls: Controls = _NO_CONTROLS,
    kind: Kind | None = None,
    accepts: Accepts = is_instant,
) -> list[Take]:
    """At most `count` takes of the right sort for a hole of one stream (the model's come after an
    instant one). Raises EngineError when there is none."""
    song = song_of(hole.sheet if kind in (Kind.VARY, Kind.REHARMONISE) else hole.opened())
    is_chords = hole.streams == (Stream.CHORDS,)
    region = Region(hole.first, hole.end, () if is_chords else (_TRACK,), chords=is_chords)
    role = Role.CHORDS if is_chords else Role.MELODY
    takes = count if accepts is is_instant else min(_TAKES, count) + 1
    request = SuggestionRequest(kind or _kind(hole), song, region, role, _TRACK, controls, seed, takes)
    suggest = generator_for(request.kind, role).suggest
    answers = unlike_known_works(suggest, request, lambda: None)
    wanted = (a for a in answers if isinstance(a, Take) and accepts(a))
    found = list(islice(wanted, count))
    if not found:
        raise ImpossibleError("There is no take.")
    return found


def filled_with(hole: Hole, take: Take) -> Sheet:
    """The window with the take in its hole, which is of one stream."""
    cells = chord_cells(hole, take) if hole.streams == (Stream.CHORDS,) else melody_cells(hole, take)
    return hole.filled(cells)


def _kind(hole: Hole) -> Kind:
    stream = hole.streams[0]
    if stream is Stream.CHORDS and not any(bar.cells.get(stream) for bar in hole.opened().bars):
        return Kind.HARMONISE
    return Kind.FILL if hole.end < len(hole.sheet.bars) else Kind.CONTINUE


def song_of(sheet: Sheet) -> Song:
    """The window as a song in C; bars must be alike."""
    passage = Passage.of_sheet(sheet)
    metre, key = Metre(*sheet.bars[0].metre), Key(0, sheet.mode)
    tempo = Tempo.of_bpm(0, sheet.bpm or _USUAL_BPM)
    time_map = TimeMap((tempo,), (MetreChange(0, metre),), (KeyChange(0, key),))
    notes = tuple(
        Note(10 + number, tone.start * SONG_TICKS, tone.duration * SONG_TICKS, tone.pitch)
        for number, tone in enumerate(passage.melody)
    )
    spans = tuple(
        ChordSpan(10_000 + number, chord.start * SONG_TICKS, chord.duration * SONG_TICKS, _chord(chord))
        for number, chord in enumerate(merged(passage.harmonies))
        if chord.root >= 0
    )
    track = Track(_TRACK, "Melody", Role.MELODY, notes=notes)
    return Song("", time_map, chords=spans, tracks=(track,), next_id=20_000)


def _chord(harmony: Harmony) -> Chord:
    bass = harmony.bass if harmony.bass not in (-1, harmony.root) else None
    return Chord(harmony.root, harmony.quality, bass)


def melody_cells(hole: Hole, take: Take) -> list[Mapping[Stream, Cell]]:
    """The take's notes, cut at the barlines."""
    bars: list[list[NoteEvent]] = []
    notes = sorted(take.notes, key=lambda note: note.start_ticks)
    spans = [(n.start_ticks // SONG_TICKS, n.end_ticks // SONG_TICKS, n.pitch) for n in notes]
    for low, high in _edges(hole):
        inside = [(a, b, pitch) for a, b, pitch in spans if max(a, low) < min(b, high)]
        bars.append(
            [NoteEvent(max(a, low) - low, min(b, high) - max(a, low), p, a < low) for a, b, p in inside]
        )
    return [{Stream.MELODY: tuple(bar)} for bar in bars]


def chord_cells(hole: Hole, take: Take) -> list[Mapping[Stream, Cell]]:
    """The take's chords, cut at the barlines; gaps are no chord."""
    found: list[Mapping[Stream, Cell]] = []
    spans = [(s.start_ticks // SONG_TICKS, s.end_ticks // SONG_TICKS, s.chord) for s in take.chords]
    for low, high in _edges(hole):
        cell: list[ChordEvent] = []
        at = low
        for start, end, chord in spans:
            start, end = max(start, low), min(end, high)
            if end <= start:
                continue
            if start > at:
                cell.append(ChordEvent(at - low, start - at, -1, "N"))
            bass = -1 if chord.bass is None else chord.bass
            cell.append(ChordEvent(start - low, end - start, chord.root, chord.quality, bass))
            at = end
        if at < high:
            cell.append(ChordEvent(at - low, high - at, -1, "N"))
        found.append({Stream.CHORDS: tuple(cell)})
    return found


def _edges(hole: Hole) -> list[tuple[int, int]]:
    starts = [0]
    for bar in hole.sheet.bars:
        starts.append(starts[-1] + bar.length)
    return list(pairwise(starts[hole.first : hole.end + 1]))
