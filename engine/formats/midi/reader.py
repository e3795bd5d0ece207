"""What music is in a MIDI file?

`read_midi` reads files as they are found, not as they should be: it keeps every note it can, says in
words what was wrong, and refuses only what holds no music or goes beyond the limits (smf.py; songs up to
a million quarters). Notes are IMPORTED; drums are known by channel 10, other roles are left to the
analysis; a pickup is not guessed.

>>> from engine.formats.midi import write_midi
>>> from engine.music import Note, Song, Track
>>> song = Song("Air", tracks=(Track(1, "Flute", notes=(Note(2, 0, 480, 72),)),))
>>> read_midi(write_midi(song)).song.title
'Air'
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import PurePath

import numpy as np

from engine.api.errors import BadFileError
from engine.formats.midi.chordtext import (
    Word,
    chord_of,
    chord_words,
    is_block_chord,
    spans_from_words,
)
from engine.formats.midi.conventions import (
    CARRIER_NAME,
    CHORD_END_TEXT,
    CUE,
    KEY_PATTERN,
    LYRIC,
    MARKER,
    PICKUP_PATTERN,
    PORT,
    TEXT,
)
from engine.formats.midi.names import PartNames, read_names
from engine.formats.midi.pairing import Column
from engine.formats.midi.problems import Problem, Problems
from engine.formats.midi.rows import build_rows, paused_collector
from engine.formats.midi.smf import SmfFile, read_smf
from engine.formats.midi.split import Part, split_parts
from engine.formats.midi.stream import Stream
from engine.formats.midi.text import clean_text, decode_text
from engine.formats.midi.timeline import MAX_TICKS, TimedMeta, build_time_map, first_tempo, song_ticks
from engine.music import Marker, Note, Origin, Role, Song, TimeMap, Track, parse_key
from engine.music.timemap import KeyChange

_MOST_TONES = 12  # of a block chord


@dataclass(frozen=True, slots=True)
class MidiImport:
    """A song and what was found around it.

    `warnings`: one sentence a fault. `format`: `midi type 1`, `rmid` ... `ppq`: ticks a quarter in the
    file, 0 for film frames. `chord_symbols`: as written, in order. `markers` and `lyrics`: those that are
    no chord symbols.
    """

    song: Song
    warnings: tuple[str, ...]
    format: str
    ppq: int
    chord_symbols: tuple[str, ...] = ()
    markers: tuple[Marker, ...] = ()
    lyrics: tuple[Marker, ...] = ()


def read_midi(data: bytes, name: str = "") -> MidiImport:
    """Read a MIDI file. Raises BadFileError, one sentence that names the file, if it holds no music."""
    shown = clean_text(PurePath(name).name) or "This file"
    problems = Problems()
    with paused_collector():
        smf = read_smf(data, shown, problems)
        timed = _on_song_time(smf, problems)
        result = _assemble(smf, timed, PurePath(shown).stem if name else "", problems)
    if not any(track.notes for track in result.song.tracks) and not result.song.chords:
        raise BadFileError(f"“{shown}” holds no notes.")
    return result


def _assemble(smf: SmfFile, timed: list[tuple[Stream, Column]], stem: str, problems: Problems) -> MidiImport:
    metas = _timed_metas(timed)
    time_map = build_time_map(metas, smf.division < 0, problems)
    ports = [_port(stream) for stream, _ in timed]
    parts = split_parts([(*pair, port) for pair, port in zip(timed, ports, strict=True)], problems)
    parts = [part for part in parts if not _is_carrier(part, metas)]
    names = read_names(metas, parts, smf.file_type, stem)
    words = _words(metas)
    symbols, parts, ends = _chords(words, parts)
    tracks, next_id = _tracks(parts, names)
    end = max([0, *(int(part.notes.end.max()) for part in parts), *ends.values()])
    last = time_map.bar_start(time_map.bars_in(max(end, 1)))
    spans = spans_from_words(symbols, ends, last, next_id)
    markers, lyrics = _other_words(words, symbols)
    song = Song(
        title=names.title,
        time_map=_with_own_texts(time_map, words),
        chords=spans,
        tracks=tracks,
        markers=markers,
        next_id=next_id + len(spans) + 1,
    )
    return MidiImport(
        song=song,
        warnings=problems.sentences(),
        format=smf.container.value,
        ppq=max(smf.division, 0),
        chord_symbols=tuple(word.text for word in symbols),
        markers=markers,
        lyrics=lyrics,
    )


def _on_song_time(smf: SmfFile, problems: Problems) -> list[tuple[Stream, Column]]:
    """Streams with their ticks at 480 to a quarter; patterns of type 2 one after the other."""
    us_per_quarter = first_tempo(smf.streams) if smf.division < 0 else 0
    if smf.division < 0:
        problems.add(Problem.SMPTE)
    timed = []
    offset = 0
    for stream in smf.streams:
        ticks = song_ticks(stream, smf.division, us_per_quarter) + offset
        kept = int(np.searchsorted(ticks, MAX_TICKS, side="right"))
        problems.add(Problem.TOO_LATE, int((stream.status[kept:] < 0xF0).sum()))
        timed.append((_first_events(stream, kept), ticks[:kept]))
        if smf.file_type == 2 and kept:
            offset = _next_bar(timed[-1], offset)
    return timed


def _first_events(stream: Stream, count: int) -> Stream:
    if count == stream.events:
        return stream
    return stream._replace(
        ticks=stream.ticks[:count],
        status=stream.status[:count],
        data1=stream.data1[:count],
        data2=stream.data2[:count],
        metas=tuple(meta for meta in stream.metas if meta.row < count),
    )


def _next_bar(timed: tuple[Stream, Column], offset: int) -> int:
    """The first bar line at or after the end of a pattern that began at `offset`."""
    metas = [meta._replace(tick=meta.tick - offset) for meta in _timed_metas([timed])]
    own = build_time_map(metas, False, Problems())
    return offset + own.bar_start(own.bars_in(int(timed[1][-1]) - offset))


def _timed_metas(timed: Sequence[tuple[Stream, Column]]) -> list[TimedMeta]:
    found = []
    for number, (stream, ticks) in enumerate(timed):
        at = ticks[[meta.row for meta in stream.metas]].tolist() if stream.metas else []
        found += [
            TimedMeta(tick, number, meta.kind, meta.content)
            for tick, meta in zip(at, stream.metas, strict=True)
        ]
    found.sort(key=lambda meta: meta.tick)
    return found


def _port(stream: Stream) -> int:
    contents = [meta.content for meta in stream.metas if meta.kind == PORT and meta.content]
    return contents[0][0] if contents else 0


def _words(metas: Sequence[TimedMeta]) -> list[Word]:
    kinds = (TEXT, LYRIC, MARKER, CUE)
    words = (
        Word(m.tick, m.track, m.kind, clean_text(decode_text(m.content))) for m in metas if m.kind in kinds
    )
    return [word for word in words if word.text]


def _chords(words: list[Word], parts: list[Part]) -> tuple[tuple[Word, ...], list[Part], dict[int, int]]:
    """Chord symbols, the parts without our own block-chord part, and the ends of chords it tells."""
    for track in dict.fromkeys(word.track for word in words if word.kind == LYRIC):
        here = [word for word in words if word.track == track]
        own = [word for word in here if word.kind == LYRIC]
        for part in (*(part for part in parts if part.track == track), None):
            ends = _block_chord_ends(part, own)
            if ends is not None:
                others = [other for other in parts if other is not part]
                return tuple(own), others, ends | _written_ends(own, here)
    return chord_words(words), parts, {}


def _block_chord_ends(part: Part | None, words: list[Word]) -> dict[int, int] | None:
    """Where each chord ends, if the part is nothing but the plain blocks of the words beside it; else None.

    No part at all goes with chords that are all silent (N.C.).
    """
    sounding: dict[int, list[int]] = {}
    ends: dict[int, int] = {}
    if part is not None:
        if len(part.notes.start) > _MOST_TONES * len(words):
            return None
        for start, end, pitch in zip(*(part.notes[i].tolist() for i in (1, 2, 3)), strict=True):
            sounding.setdefault(start, []).append(pitch)
            ends[start] = end
    chords = {word.tick: chord_of(word.text) for word in words}
    named = {tick: chord for tick, chord in chords.items() if chord is not None and not chord.is_no_chord}
    if None in chords.values() or named.keys() != sounding.keys():
        return None
    is_ours = all(is_block_chord(sounding[tick], chord) for tick, chord in named.items())
    return ends if is_ours else None


def _written_ends(chords: list[Word], words: list[Word]) -> dict[int, int]:
    """Ends of silent chords (N.C.), which no notes can tell, by the start of the chord."""
    starts = [word.tick for word in chords]
    stops = [word.tick for word in words if word.kind == TEXT and word.text == CHORD_END_TEXT]
    return {max(start for start in starts if start < stop): stop for stop in stops if stop > min(starts)}


def _other_words(words: list[Word], symbols: Sequence[Word]) -> tuple[tuple[Marker, ...], tuple[Marker, ...]]:
    """Markers (with cues) and lyrics that are no chord symbols."""
    chords = {(word.tick, word.text) for word in symbols}
    others = [word for word in words if (word.tick, word.text) not in chords]
    markers = tuple(Marker(word.tick, word.text) for word in others if word.kind in (MARKER, CUE))
    lyrics = tuple(Marker(word.tick, word.text) for word in others if word.kind == LYRIC)
    return tuple(dict.fromkeys(markers)), lyrics


def _is_carrier(part: Part, metas: Sequence[TimedMeta]) -> bool:
    """Our own silent note that carries the tempo into programs that need one."""
    if len(part.notes.start) != 1 or part.notes.velocity[0] != 1:
        return False
    return any(m.track == part.track and m.content == CARRIER_NAME.encode() for m in metas)


def _tracks(parts: Sequence[Part], names: PartNames) -> tuple[tuple[Track, ...], int]:
    """Tracks with ids counted on from 1: each track's id, then its notes'."""
    tracks = []
    next_id = 1
    for part, name in zip(parts, names.of(parts), strict=True):
        notes = _notes(part, next_id + 1)
        role = Role.DRUMS if part.is_drums else Role.OTHER
        tracks.append(Track(next_id, name, role, part.program or 0, notes, tuple(part.controls)))
        next_id += 1 + len(notes)
    return tuple(tracks), next_id


def _notes(part: Part, first_id: int) -> tuple[Note, ...]:
    table = part.notes
    order = np.lexsort((table.pitch, table.start))
    start = table.start[order]
    count = len(order)
    return tuple(
        build_rows(
            Note,
            count,
            id=range(first_id, first_id + count),
            start_ticks=start.tolist(),
            duration_ticks=(table.end[order] - start).tolist(),
            pitch=table.pitch[order].tolist(),
            velocity=table.velocity[order].tolist(),
            origin=[Origin.IMPORTED] * count,
        )
    )


def _with_own_texts(time_map: TimeMap, words: Sequence[Word]) -> TimeMap:
    """The time map with what key signatures and metres cannot say: modes, and a pickup."""
    keys = {change.tick: change for change in time_map.keys}
    for word in words:
        match = KEY_PATTERN.fullmatch(word.text) if word.kind == TEXT else None
        key = parse_key(match[1]) if match else None
        if key is not None:
            keys[word.tick] = KeyChange(word.tick, key)
    time_map = replace(time_map, keys=tuple(keys[tick] for tick in sorted(keys)))
    pickups = (PICKUP_PATTERN.fullmatch(word.text) for word in words if word.kind == TEXT and word.tick == 0)
    return next(chain((_with_pickup(time_map, int(m[1])) for m in pickups if m), (time_map,)))


def _with_pickup(time_map: TimeMap, pickup_ticks: int) -> TimeMap:
    """Our own files write a pickup as a short first metre and say so; undo that."""
    metres = time_map.metres
    second = next((change for change in metres if change.tick == pickup_ticks), None)
    if second is None or not 0 < pickup_ticks < second.metre.bar_ticks:
        return time_map
    later = tuple(change for change in metres if change.tick > pickup_ticks)
    return replace(time_map, metres=(replace(second, tick=0), *later), pickup_ticks=pickup_ticks)
