"""Songs of every released version open for ever. Files are added here, never changed."""

import shutil
from pathlib import Path

import pytest

from engine.formats.songfile import SketchSource, SongFile, TakeState, read_song
from engine.music import Chord, Key, Mode, Origin
from engine.provenance import replay_origins

SONGS = Path(__file__).resolve().parents[2] / "data" / "songs"


@pytest.mark.parametrize("name", ["version-1.understudy"])
def test_a_song_of_that_version_opens_with_everything_in_it(tmp_path, name):
    path = tmp_path / name
    shutil.copy(SONGS / name, path)
    file = SongFile.open(path)
    assert file.song == read_song(SONGS / name)
    assert (file.song.title, file.song.key) == ("Harbour", Key(9, Mode.MINOR))
    assert file.song.chords[0].chord == Chord(9, "min7")
    assert file.sketches() == (SketchSource("riff.mid", b"MThd", "Ada"),)
    assert [name for name, _ in file.history()] == [
        "Set a chord",
        "Key is A minor",
        "Accept an idea",
        "Move",
        "Draw",
    ]
    assert (file.undo_name, file.redo_name) == ("Move", "Draw")
    assert file.suggestions()[0].takes[0].state is TakeState.ACCEPTED
    assert {note.origin for note in file.song.notes()} == {Origin.IMPORTED, Origin.TAKEN, Origin.EDITED}
    assert file.ledger_fault() is None
    told = {item: kept.origin for item, kept in replay_origins(file.ledger()).items()}
    assert told == {item.id: item.origin for item in (*file.song.notes(), *file.song.chords)}
    while file.undo():
        pass
    assert len(list(file.song.notes())) == 36
    file.close()
