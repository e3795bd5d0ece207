"""Which chord does a part play on at every moment, also where the song tells none?

The song's own chords come first. Where a melody stands without chords, the counting harmoniser hears them;
where only a short gap is left, the chord before holds; where nothing is known, the tonic is a pedal. Each
stretch says where its chord came from.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.api.errors import EngineError
from engine.api.suggestion import Controls, Kind, SuggestionRequest
from engine.generation.chords.lattice import Lattice
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import Setting, setting_of
from engine.music import Chord, ChordSpan, Region, Song, TimeMap
from engine.music.progression import clip_spans, merge_repeats

_MOST_BARS = 128  # harmonised at once


class Known(StrEnum):
    """Where a chord of the brief comes from."""

    WRITTEN = "written"  # it stands in the song
    HELD = "held"  # the chord before sounds on over a gap
    HEARD = "heard"  # the counting harmoniser heard it in the melody
    PEDAL = "pedal"  # nothing is known: the tonic


@dataclass(frozen=True, slots=True)
class Harmony:
    """A chord from tick to tick, and how it is known."""

    start_ticks: int
    end_ticks: int
    chord: Chord
    known: Known = Known.WRITTEN


def harmony_of(song: Song, start: int, end: int, has_melody: bool) -> tuple[Harmony, ...]:
    """Gapless chords over the half-open stretch, equal neighbours joined."""
    written = merge_repeats(clip_spans(song.chords, start, end))
    found: list[Harmony] = []
    for piece in _with_gaps(written, start, end):
        if isinstance(piece, ChordSpan):
            found.append(Harmony(piece.start_ticks, piece.end_ticks, piece.chord))
        else:
            found += _bridged(song, *piece, has_melody)
    return tuple(_joined(found))


def _with_gaps(spans: Sequence[ChordSpan], start: int, end: int) -> Iterator[ChordSpan | tuple[int, int]]:
    now = start
    for span in spans:
        if span.start_ticks > now:
            yield now, span.start_ticks
        yield span
        now = span.end_ticks
    if now < end:
        yield now, end


def _bridged(song: Song, start: int, end: int, has_melody: bool) -> list[Harmony]:
    """Chords for a stretch that has none."""
    before = _sounding_before(song, start)
    metre = song.time_map.metre_at(start)
    if before is not None and end - start <= 2 * metre.bar_ticks:
        return [Harmony(start, end, before, Known.HELD)]
    if has_melody:
        heard = _heard(song, start, end)
        if heard:
            return heard
    if before is not None:
        return [Harmony(start, end, before, Known.HELD)]
    key = song.key_at(start)
    return [Harmony(start, end, Chord(key.tonic, "min" if key.mode.is_minor else "maj"), Known.PEDAL)]


def _sounding_before(song: Song, tick: int) -> Chord | None:
    index = bisect_right(song.chords, tick - 1, key=lambda span: span.start_ticks) - 1
    if index < 0 or song.chords[index].chord.is_no_chord:
        return None
    return song.chords[index].chord


def _heard(song: Song, start: int, end: int) -> list[Harmony]:
    """What the counting harmoniser hears in the melody of these bars; [] when it hears nothing."""
    time_map = song.time_map
    first, last = time_map.bar_of(start), time_map.bar_of(max(start, end - 1)) + 1
    found: list[Harmony] = []
    for bar in range(first, last, _MOST_BARS):
        region = Region(bar, min(last, bar + _MOST_BARS), chords=True)
        request = SuggestionRequest(Kind.HARMONISE, song, region, controls=Controls())
        try:
            found += _decoded(setting_of(request))
        except EngineError:
            return []
    return [
        replace(h, start_ticks=max(h.start_ticks, start), end_ticks=min(h.end_ticks, end))
        for h in found
        if h.end_ticks > start and h.start_ticks < end
    ]


def _decoded(setting: Setting) -> list[Harmony]:
    """The best path of the harmoniser, a chord or two a bar."""
    if not setting.melody:
        return []
    fit = MelodyFit(setting.melody, setting.song.time_map, setting.model.tables["fit"])
    lattice = Lattice(setting, _slots(setting), fit)
    edges = lattice.edges
    return [
        Harmony(a, b, chord, Known.HEARD)
        for a, b, chord in zip(edges[:-1], edges[1:], lattice.decoded(), strict=True)
    ]


def _slots(setting: Setting) -> list[int]:
    """Half bars of four beats, whole bars else."""
    edges = []
    for bar in setting.bars:
        halves = (0, bar.metre.bar_ticks // 2) if bar.metre.name in ("4/4", "12/8", "2/2") else (0,)
        edges += [bar.start_ticks + offset for offset in (halves if bar.is_full else (0,))]
    return [*edges, setting.end_ticks]


def _joined(pieces: Sequence[Harmony]) -> Iterator[Harmony]:
    last: Harmony | None = None
    for piece in pieces:
        if last is not None and (last.chord, last.known) == (piece.chord, piece.known):
            last = replace(last, end_ticks=piece.end_ticks)
        else:
            if last is not None:
                yield last
            last = piece
    if last is not None:
        yield last


def is_anticipation(tick: int, time_map: TimeMap) -> bool:
    """Whether a chord that begins at the tick comes just before a beat that carries weight: a push."""
    metre = time_map.metre_at(tick)
    into = time_map.metrical_offset(tick)
    ahead = [*metre.strong_offsets, metre.bar_ticks]
    return any(0 < strong - into <= metre.beat_ticks // 2 for strong in ahead)
