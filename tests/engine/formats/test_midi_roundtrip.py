"""Song to bytes and back: by our reader, and by four others."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from music21 import midi as music21_midi
from music21.midi.translate import midiFileToStream

from engine.formats.midi import ExportOptions, Extra, FileType, Ppq, TextEncoding, read_midi, write_midi
from engine.music import Note, Origin, Role, Song, TimeMap, Track
from tests.engine.formats import midi_readers
from tests.engine.formats.midi_readers import Reading, of_song, without_parts
from tests.engine.formats.midi_songs import random_song

SONGS = 500
UTF_8 = ExportOptions(encoding=TextEncoding.UTF_8)
OPTIONS = {
    "usual": ExportOptions(),
    "utf-8": UTF_8,
    "960": ExportOptions(ppq=Ppq.FINE),
    "tempo carrier": ExportOptions(extras=frozenset(Extra)),
}


def plain(song: Song) -> Song:
    """The song without ids and origins, which a MIDI file does not carry."""
    chords = tuple(replace(span, id=0, origin=Origin.IMPORTED) for span in song.chords)
    tracks = tuple(
        replace(track, id=0, notes=tuple(replace(n, id=0, origin=Origin.IMPORTED) for n in track.notes))
        for track in song.tracks
    )
    return replace(song, chords=chords, tracks=tracks, next_id=1)


@pytest.mark.parametrize("option", OPTIONS)
def test_a_song_comes_back_as_it_was(option: str) -> None:
    """Notes, controls, tempo, metre, pickup, keys, markers, names, programs and chords, for every fourth song
    (all 500 for the usual options)."""
    for seed in range(0, SONGS, 1 if option == "usual" else 4):
        song = random_song(seed)
        result = read_midi(write_midi(song, OPTIONS[option]))
        assert plain(result.song) == plain(song), seed
        assert result.warnings == ()


def test_a_song_comes_back_from_one_track() -> None:
    options = ExportOptions(file_type=FileType.ONE_TRACK)
    compared = 0
    for seed in range(0, SONGS, 4):
        song = random_song(seed)
        if len(song.tracks) > 15 or sum(track.role is Role.DRUMS for track in song.tracks) > 1:
            continue
        result = read_midi(write_midi(song, options)).song
        by_order = {(t.name, t.role, t.program, t.notes, t.controls) for t in plain(song).tracks}
        assert {(t.name, t.role, t.program, t.notes, t.controls) for t in plain(result).tracks} == by_order
        assert plain(result).chords == plain(song).chords and result.time_map == song.time_map
        compared += 1
    assert compared > 80


def test_ids_are_unique_and_below_the_next() -> None:
    song = read_midi(write_midi(random_song(7))).song
    ids = [t.id for t in song.tracks] + [n.id for n in song.notes()] + [c.id for c in song.chords]
    assert len(set(ids)) == len(ids) and max(ids) < song.next_id


@cache
def written(seed: int) -> tuple[bytes, Reading]:
    """A song's file and what must be found in it; no pickup, which is another test."""
    song = random_song(seed)
    song = replace(song, time_map=replace(song.time_map, pickup_ticks=0))
    return write_midi(song, UTF_8), of_song(song)


@pytest.mark.parametrize(
    "read",
    [midi_readers.by_mido, midi_readers.by_pretty_midi, midi_readers.by_symusic, midi_readers.by_music21],
)
def test_other_programs_read_the_same(read: Callable[[bytes], Reading]) -> None:
    """Notes by part where the reader keeps parts, tempo, metre, names, markers, for all 500 songs."""
    for seed in range(SONGS):
        data, expected = written(seed)
        found = read(data)
        if found.parts[0][0] is None:
            expected = without_parts(expected)
        assert found.parts == expected.parts, seed
        assert found.tempos == expected.tempos and found.metres == expected.metres, seed
        assert found.markers in (None, expected.markers), seed


def test_music21_makes_the_same_score_of_a_melody() -> None:
    for seed in range(12):
        song = melody(seed)
        file = music21_midi.MidiFile()
        file.readstr(write_midi(song))
        score = midiFileToStream(file, quantizePost=False)
        found = [
            (round(note.getOffsetInHierarchy(score) * 480), round(note.quarterLength * 480), note.pitch.midi)
            for note in score.recurse().notes
        ]
        joined = join_ties(found)
        assert joined == [(n.start_ticks, n.duration_ticks, n.pitch) for n in song.tracks[0].notes], seed


def melody(seed: int) -> Song:
    """One voice on a grid of sixteenths."""
    drawn = sorted(
        {n.start_ticks // 120 * 120: n for track in random_song(seed).tracks for n in track.notes}.items()
    )
    starts = [start for start, _ in drawn] + [drawn[-1][0] + 480]
    notes = (
        Note(index + 2, start, starts[index + 1] - start, note.pitch)
        for index, (start, note) in enumerate(drawn)
    )
    return Song("Air", TimeMap(), tracks=(Track(1, "Voice", notes=tuple(notes)),))


def join_ties(notes: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Notes that a score cuts at bar lines and ties, in one again."""
    joined: list[tuple[int, int, int]] = []
    for start, length, pitch in notes:
        before = joined[-1] if joined else None
        if before and before[2] == pitch and before[0] + before[1] == start and start % 1920 == 0:
            joined[-1] = (before[0], before[1] + length, pitch)
        else:
            joined.append((start, length, pitch))
    return joined
