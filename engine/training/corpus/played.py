"""How does a song of played or sequenced tracks become pieces of the corpus?

Tracks take the roles they have (drums, or what the maker's names say) or the analysis hears. Onsets and ends
are laid on the subdivision each bar is played in: sixteenths, triplets, sextuplets or thirty-seconds,
whichever misses least; a track whose onsets miss all of them was not played to the bars and is left out.

>>> quantised_onsets(np.array([0, 7, 11, 19]), np.zeros(4, dtype=int)).tolist()
[0, 6, 12, 18]
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from engine.analysis.roles import read_roles
from engine.generation.language.grid import SONG_TICKS
from engine.music import Role, Song, Track
from engine.training.corpus.charts import moderated
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.textures import Credits, Lines, pieces_of
from engine.training.readers.parts import FullScore, Measure, PartNote, PartVoice, low_line, top_line
from engine.training.readers.score import TICKS

_SONG_TO_SCORE = TICKS // 480
_STEPS = ((6, 0.0), (8, 0.25), (4, 0.7), (3, 0.8))
"""Subdivision in grid ticks and how much better than sixteenths it has to be, in ticks of mean error."""
LOOSEST = 1.0
"""Mean miss in grid ticks (a 24th of a quarter) above which a song was not played to its bars."""
_MOST_BARS = 400


def pieces_of_song(song: Song, credits: Credits, skipped: Counter[str]) -> Iterator[CorpusPiece]:
    """Melody, bass, counter line, drums and derived chords of a song, a piece for each stretch."""
    if song.bars > _MOST_BARS:
        skipped["longer than a song"] += 1
        return
    song = _with_roles(song)
    starts = np.array([song.time_map.bar_start(bar) for bar in range(song.bars + 1)])
    miss = looseness(song, starts)
    if miss > LOOSEST:
        skipped["not played to its bars"] += 1
        return
    tracks = {track.id: _quantised(track, starts) for track in song.tracks if track.notes}
    pitched = [track for track in song.tracks if track.notes and track.role is not Role.DRUMS]
    voices = [PartVoice(number, 0, "1", tracks[track.id]) for number, track in enumerate(pitched)]
    bpm = song.time_map.tempos[0].bpm
    score = FullScore(song.title, _measures(song, starts), voices, [track.name for track in pitched], bpm)
    lines = _lines(song, tracks)
    everything = sorted(note for notes in tracks.values() for note in notes)
    for piece in pieces_of(score, lines, credits, skipped, everything):
        yield replace(piece, sheet=replace(piece.sheet, bars=tuple(moderated(piece.sheet.bars))))


def _with_roles(song: Song) -> Song:
    """Written roles stay; the others are heard."""
    heard = {reading.track_id: reading.role for reading in read_roles(song)}
    taken = {track.role for track in song.tracks if track.role in (Role.BASS, Role.MELODY)}

    def role(track: Track) -> Role:
        return heard[track.id] if track.role is Role.OTHER and heard[track.id] not in taken else track.role

    return replace(song, tracks=tuple(replace(track, role=role(track)) for track in song.tracks))


def _lines(song: Song, tracks: dict[int, list[PartNote]]) -> Lines:
    def notes(role: Role) -> list[PartNote]:
        return sorted(note for t in song.tracks if t.role is role for note in tracks.get(t.id, ()))

    return Lines(
        top_line(notes(Role.MELODY)),
        low_line(notes(Role.BASS)),
        top_line(notes(Role.COUNTER)),
        [note for note in notes(Role.DRUMS) if 35 <= note.pitch <= 81],
    )


def _measures(song: Song, starts: np.ndarray) -> list[Measure]:
    measures = []
    for low, high in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        metre = song.time_map.metre_at(low)
        fifths = song.time_map.keys[0].key.fifths if song.time_map.keys else None
        signature = (metre.numerator, metre.denominator)
        measures.append(Measure(low * _SONG_TO_SCORE, (high - low) * _SONG_TO_SCORE, signature, fifths))
    return measures


def looseness(song: Song, starts: np.ndarray) -> float:
    """Mean miss of all onsets in grid ticks, each bar on its best subdivision."""
    onsets = np.array([note.start_ticks for note in song.notes()], dtype=np.int64)
    if not len(onsets):
        return 0.0
    bars = np.searchsorted(starts, onsets, side="right") - 1
    inside = (onsets - starts[bars]) / SONG_TICKS
    return float(np.abs(quantised_onsets(inside, bars) - inside).mean())


def quantised_onsets(inside: np.ndarray, bars: np.ndarray) -> np.ndarray:
    """Grid ticks inside their bars, each bar on the subdivision that it misses least."""
    steps = subdivisions(inside, bars)
    return np.asarray((np.rint(inside / steps) * steps).astype(np.int64))


def subdivisions(inside: np.ndarray, bars: np.ndarray) -> np.ndarray:
    """The subdivision of each onset's bar, in grid ticks; `inside`: places in their bars."""
    steps = np.array([step for step, _ in _STEPS])
    missed = np.abs(np.rint(inside[:, None] / steps) * steps - inside[:, None])
    count = int(bars.max()) + 1 if len(bars) else 0
    totals = np.zeros((count, len(steps)))
    np.add.at(totals, bars, missed)
    notes = np.maximum(1, np.bincount(bars, minlength=count))[:, None]
    best = (totals / notes + np.array([bonus for _, bonus in _STEPS])).argmin(axis=1)
    return np.asarray(steps[best[bars]])


def _quantised(track: Track, starts: np.ndarray) -> list[PartNote]:
    """The notes on the subdivision of their bars, in score ticks, at least one step long."""
    onsets = np.array([note.start_ticks for note in track.notes], dtype=np.int64)
    lengths = np.array([note.duration_ticks for note in track.notes]) / SONG_TICKS
    bars = np.searchsorted(starts, onsets, side="right") - 1
    inside = (onsets - starts[bars]) / SONG_TICKS
    steps = subdivisions(inside, bars)
    unit = SONG_TICKS * _SONG_TO_SCORE
    begin = starts[bars] * _SONG_TO_SCORE + np.rint(inside / steps).astype(np.int64) * steps * unit
    written = np.maximum(1, np.rint(lengths / steps)).astype(np.int64) * steps * unit
    rows = zip(begin.tolist(), written.tolist(), track.notes, strict=True)
    return _legato([PartNote(start, length, note.pitch) for start, length, note in rows])


def _legato(notes: Sequence[PartNote]) -> list[PartNote]:
    """Gaps shorter than a thirty-second before the next onset of the track are no rests."""
    onsets = sorted({note.start for note in notes})
    place = np.searchsorted(onsets, [note.end for note in notes], side="left")
    closed = []
    for note, index in zip(notes, place.tolist(), strict=True):
        gap = onsets[index] - note.end if index < len(onsets) else TICKS
        closed.append(note._replace(duration=note.duration + gap) if 0 < gap <= TICKS // 8 else note)
    return sorted(closed)
