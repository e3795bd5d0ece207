"""Which excerpts teach the network that hears the key of loops?

Four or eight bars from the beginnings of sections of songs with chord charts that name the tonic, once,
twice or three times round; their last bars; and the tuning half of loops, lead sheets and chorales whole.
Only where the tonic chord sounds; its third is the mode. Charts are played out in several ways, one in eight
without thirds.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from engine.analysis.chordear import heard_chords
from engine.analysis.chordtemplates import sounding_chords
from engine.analysis.keycues import key_cues
from engine.analysis.keyinputs import key_inputs
from engine.analysis.keys import ALL_KEYS
from engine.analysis.pitchgrid import pitch_grid
from engine.analysis.roles import read_roles
from engine.music import Chord, Key, Metre, Mode, Song
from engine.training.chords import charts
from engine.training.chords.allow import AllowList
from engine.training.chords.piece import ChartChord, Piece
from engine.training.hearing.keytruth import is_for_tuning, keyed_pieces
from engine.training.hearing.rendering import Sheet, Style, render

_PLAYED = (Style.BLOCK, Style.BEATS, Style.OFFBEAT, Style.BROKEN, Style.PIANO)
_POWER_SHARE = 1 / 8
_ROUNDS, _ENDINGS_BARS = (1, 2, 2, 2, 3), (4, 6, 7, 8, 8)
_CHARTS: dict[Callable[[AllowList], Iterator[Piece]], int] = {
    charts.billboard: 9,
    charts.rolling_stone: 9,
    charts.early_songs: 6,
    charts.jazz_standards: 2,
}
"""So many excerpts of a song at most."""
_OF_JAZZ = 0.3  # a tune leaves its home key within a section, and one key is told for all of it
_WEIGHTS = {"loops": 4.0, "sheets": 2.0, "chorales": 1.0}
_Spans = tuple[tuple[int, int, Chord], ...]


@dataclass(frozen=True, slots=True)
class KeyExcerpt:
    """inputs: (12, FEATURES) and cues: (24, cues) as the network sees them; `key`: its number among ALL_KEYS.
    `name` begins with that of the whole; `title` is that of the song."""

    name: str
    title: str
    inputs: np.ndarray
    cues: np.ndarray
    key: int
    weight: float = 1.0


def taught_excerpts(data: Path) -> Iterator[KeyExcerpt]:
    """All of them, in a fixed order. Raises BadFileError for data that is not as listed."""
    allowed = AllowList(data)
    for read, most in _CHARTS.items():
        seen = set()
        for piece in read(allowed):
            work = "".join(letter for letter in (piece.title + piece.maker).lower() if letter.isalnum())
            is_open = read is not charts.early_songs or is_for_tuning(piece.id)
            if is_open and work not in seen:
                seen.add(work)
                yield from _of_chart(piece, most)
    for keyed in keyed_pieces(data):
        if is_for_tuning(keyed.name):
            made = excerpt(keyed.name, keyed.name, keyed.song, keyed.key, _WEIGHTS[keyed.kind])
            if made is not None:
                yield made


def _of_chart(piece: Piece, most: int) -> Iterator[KeyExcerpt]:
    rng = random.Random(f"key/{piece.id}")
    cuts = list(sections_of(piece, rng))
    rng.shuffle(cuts)
    for number, cut in enumerate(cuts[:most]):
        yield from _played_out(piece, f"{piece.id}/{number}", _going_round(cut, rng.choice(_ROUNDS)), rng)
    rng = random.Random(f"ending/{piece.id}")
    ending = ending_of(piece, rng)
    if ending is not None:
        yield from _played_out(piece, f"{piece.id}/ending", ending, rng)


def _played_out(piece: Piece, name: str, sheet: Sheet, rng: random.Random) -> Iterator[KeyExcerpt]:
    if rng.random() < _POWER_SHARE:
        sheet = replace(sheet, chords=tuple((a, b, Chord(each.root, "5")) for a, b, each in sheet.chords))
    played = render(sheet, rng.choice(_PLAYED), rng)
    title = piece.id if piece.source == "neon-leadsheets" else piece.title
    made = excerpt(name, title, played.song, played.key, _OF_JAZZ if piece.style == "jazz" else 1.0)
    if made is not None:
        yield made


def excerpt(name: str, title: str, song: Song, key: Key, weight: float = 1.0) -> KeyExcerpt | None:
    """What the network sees of a song; None where no chords sound."""
    roles = {each.track_id: each.role for each in read_roles(song) if each.confidence > 0}
    tracks = tuple(replace(track, role=roles.get(track.id, track.role)) for track in song.tracks)
    song = replace(song, tracks=tracks)
    grid = pitch_grid(song)
    chords = heard_chords(song, grid)
    if not chords:
        return None
    family = Key(key.tonic, Mode.MINOR if key.mode.is_minor else Mode.MAJOR)
    cues = key_cues(song, grid, sounding_chords(grid))
    return KeyExcerpt(name, title, key_inputs(grid, chords), cues, ALL_KEYS.index(family), weight)


def sections_of(piece: Piece, rng: random.Random) -> Iterator[Sheet]:
    """Different cuts of four or eight whole bars of one key and metre, from where sections begin."""
    bar = Metre(*piece.metre).bar_ticks
    lengths = {each.start_ticks: each.length_ticks for each in piece.bars}
    seen: set[_Spans] = set()
    for (_, tonic), group in groupby(piece.chords, key=lambda chord: (chord.section, chord.tonic)):
        chords = list(group)
        start, end = chords[0].start_ticks, chords[-1].end_ticks
        while tonic is not None and end - start >= 4 * bar:
            long = (8 if end - start >= 8 * bar and rng.random() < 0.5 else 4) * bar
            is_even = all(lengths.get(tick) == bar for tick in range(start, start + long, bar))
            cut = _cut(piece, chords, tonic, start, start + long) if is_even else None
            if cut is not None and cut.chords not in seen:
                seen.add(cut.chords)
                yield cut
            start += long


def ending_of(piece: Piece, rng: random.Random) -> Sheet | None:
    """The last bars: how a piece comes to rest tells its key."""
    bar = Metre(*piece.metre).bar_ticks
    lasting = [chord for chord in piece.chords if not chord.chord.is_no_chord]
    if not lasting or lasting[-1].tonic is None:
        return None
    tonic, end = lasting[-1].tonic, lasting[-1].end_ticks
    start = end - rng.choice(_ENDINGS_BARS) * bar
    inside = [chord for chord in piece.chords if chord.end_ticks > start]
    lengths = {each.start_ticks: each.length_ticks for each in piece.bars}
    is_even = all(lengths.get(tick) == bar for tick in range(start, end, bar))
    is_home = all(chord.tonic == tonic for chord in inside)
    return _cut(piece, inside, tonic, start, end) if is_even and is_home else None


def _cut(piece: Piece, chords: Sequence[ChartChord], tonic: int, start: int, end: int) -> Sheet | None:
    """The sheet from tick to tick; None where its key cannot be told or chords are missing."""
    spans: list[tuple[int, int, Chord]] = []
    for each in chords:
        first, last = max(each.start_ticks, start) - start, min(each.end_ticks, end) - start
        if last > first:
            _append(spans, first, last, each.chord)
    third = sum(
        (last - first) * (chord.has_major_third - chord.has_minor_third)
        for first, last, chord in spans
        if not chord.is_no_chord and chord.root == tonic
    )
    if not third or len({chord for *_, chord in spans}) < 2 or any(chord.is_no_chord for *_, chord in spans):
        return None
    notes = tuple(
        (note.start_ticks - start, min(note.duration_ticks, end - note.start_ticks), note.pitch)
        for note in piece.melody
        if start <= note.start_ticks < end
    )
    key = Key(tonic, Mode.MINOR if third < 0 else Mode.MAJOR)
    return Sheet(piece.title, Metre(*piece.metre), 0, key, notes, tuple(spans))


def _going_round(sheet: Sheet, rounds: int) -> Sheet:
    length = sheet.chords[-1][1]
    spans: list[tuple[int, int, Chord]] = []
    for number in range(rounds):
        for first, last, chord in sheet.chords:
            _append(spans, first + number * length, last + number * length, chord)
    notes = tuple((at + n * length, long, pitch) for n in range(rounds) for at, long, pitch in sheet.notes)
    return replace(sheet, chords=tuple(spans), notes=notes)


def _append(spans: list[tuple[int, int, Chord]], first: int, last: int, chord: Chord) -> None:
    """A chord that goes on is one chord."""
    if spans and spans[-1][1] == first and spans[-1][2] == chord:
        first = spans.pop()[0]
    spans.append((first, last, chord))
