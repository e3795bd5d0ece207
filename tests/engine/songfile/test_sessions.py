"""Random sessions: undo of all and redo of all, over closing; and the ledger knows each note's origin."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from engine.formats.songfile import SketchSource, SongFile
from engine.provenance import replay_origins
from tests.engine.songfile.sessions import play, sessions, starting_song

CAREFULLY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def a_file(folder: str) -> SongFile:
    return SongFile.create(Path(folder) / "a.understudy", starting_song(), SketchSource("riff.mid", b"MThd"))


@CAREFULLY
@given(sessions)
def test_undo_all_and_redo_all_give_the_same_songs(session):
    with tempfile.TemporaryDirectory() as folder:
        file = a_file(folder)
        first = file.song
        play(file, session)
        while file.redo():
            pass
        songs, hashes = [file.song], [file.content_hash]
        while file.undo():
            songs.append(file.song)
            hashes.append(file.content_hash)
        assert songs[-1].tracks == first.tracks
        file.close()
        file = SongFile.open(file.path)
        for song, name in zip(reversed(songs), reversed(hashes), strict=True):
            assert (file.song, file.content_hash) == (song, name)
            file.redo()
        assert not file.can_redo
        assert all(song.next_id == songs[0].next_id for song in songs)
        file.close()


@CAREFULLY
@given(sessions, sessions)
def test_the_ledger_alone_knows_where_each_note_came_from(session, later):
    with tempfile.TemporaryDirectory() as folder:
        file = a_file(folder)
        play(file, session)
        file.close()
        file = SongFile.open(file.path)
        play(file, later)
        told = replay_origins(file.ledger())
        seen = {item.id: (item.origin, item.source) for item in (*file.song.notes(), *file.song.chords)}
        assert told == seen
        assert file.ledger_fault() is None
        assert file.ledger()[-1].after in ("", file.content_hash)
        file.close()


@CAREFULLY
@given(sessions)
def test_ids_are_never_given_out_twice(session):
    with tempfile.TemporaryDirectory() as folder:
        file = a_file(folder)
        made_by: dict[int, int] = {}
        for number, act in enumerate(session):
            before = {item.id for item in (*file.song.notes(), *file.song.chords)}
            free = file.song.next_id
            play(file, [act])
            new = {item.id for item in (*file.song.notes(), *file.song.chords)} - before
            if act[0] > 1:
                assert all(item >= free and item not in made_by for item in new)
                made_by |= dict.fromkeys(new, number)
            assert file.song.next_id > max(made_by, default=0)
        file.close()
