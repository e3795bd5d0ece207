"""Random sessions: what an artist might do, as numbers that hypothesis can shrink."""

from dataclasses import replace

from hypothesis import strategies as st

from engine.api.suggestion import Kind, ModelRef, Scores, SuggestionRequest, Take
from engine.formats.songfile import Act, SongFile, TakeRef, TakeState
from engine.music import Chord, EditError, Note, Origin, Region, Role, Song, Track, edits

BAR = 1920


def starting_song() -> Song:
    """Eight bars of melody and four of bass, imported."""
    melody = tuple(
        Note(3 + i, i * 480, 400, 60 + i % 8, origin=Origin.IMPORTED, source="a" * 8) for i in range(32)
    )
    bass = tuple(Note(40 + i, i * BAR, BAR, 36 + i, origin=Origin.IMPORTED, source="a" * 8) for i in range(4))
    tracks = (Track(1, "Lead", Role.MELODY, notes=melody), Track(2, "Bass", Role.BASS, 33, notes=bass))
    return Song("Harbour", tracks=tracks, next_id=50)


def a_take(index: int = 0, pitch: int = 67) -> Take:
    notes = tuple(Note(i + 1, BAR * 2 + i * 240, 240, pitch + i % 5) for i in range(8))
    return Take(
        index,
        "Steps down",
        ("It answers bar 1.",),
        notes,
        scores=Scores(fit=0.9),
        model=ModelRef("ngram", "f" * 64),
    )


def a_request(song: Song) -> SuggestionRequest:
    return SuggestionRequest(Kind.VARY, song, Region(2, 3, (1,)), track_id=1, seed=7)


moves = st.tuples(st.integers(0, 15), st.integers(0, 1_000), st.integers(0, 1_000))
sessions = st.lists(moves, max_size=25)


def play(file: SongFile, session: list[tuple[int, int, int]]) -> None:
    """Does what the numbers say; what the song cannot take is left out."""
    for act, a, b in session:
        try:
            _do(file, act, a, b)
        except EditError:
            continue


def _do(file: SongFile, act: int, a: int, b: int) -> None:
    song = file.song
    if act == 0:
        file.undo()
    elif act == 1:
        file.redo()
    elif act in (2, 3):
        _accept(file, a, b)
    elif act == 4:
        track = song.tracks[a % len(song.tracks)]
        file.commit("Draw a note", edits.insert_note(song, track.id, a * 7, 1 + b, a % 128))
    elif act == 5:
        chord = Chord(a % 12, "min7" if b % 2 else "maj")
        file.commit("Set a chord", edits.set_chord(song, (a % 12) * 960, BAR, chord))
    elif act == 6:
        file.commit("Take chords", _with_taken_chord(song, a), Act.ACCEPT)
    else:
        _edit_notes(file, song, act, a, b)


def _edit_notes(file: SongFile, song: Song, act: int, a: int, b: int) -> None:
    notes = list(song.notes())
    if not notes:
        return
    some = notes[a % len(notes) : a % len(notes) + 1 + b % 6]
    ids = [note.id for note in some]
    changed = {
        7: lambda: edits.transpose_notes(song, ids, b % 25 - 12),
        8: lambda: edits.move_notes(song, ids, b - 500, 0),
        9: lambda: edits.split_notes(song, ids, some[0].start_ticks + some[0].duration_ticks // 2),
        10: lambda: edits.paste_notes(song, song.tracks[b % len(song.tracks)].id, some, a * 10),
        11: lambda: edits.delete_notes(song, ids),
        12: lambda: edits.duplicate_notes(song, ids, BAR, b % 3),
        13: lambda: edits.set_velocities(song, dict.fromkeys(ids, b % 128)),
        14: lambda: edits.lock_notes(song, ids, bool(b % 2)),
        15: lambda: edits.quantise_notes(song, ids, 240, strength=1.0),
    }[act]()
    file.commit(f"Edit {act}", changed)


def _accept(file: SongFile, a: int, b: int) -> None:
    suggestion = file.add_suggestion(a_request(file.song))
    take = a_take(b % 3, 50 + a % 30)
    file.add_take(suggestion, take)
    ref = TakeRef(suggestion, take.index)
    start = (a % 8) * BAR
    notes = [replace(note, start_ticks=note.start_ticks - 2 * BAR + start) for note in take.notes]
    song = edits.replace_notes(file.song, 1, start, start + BAR, notes, source=str(ref))
    file.commit("Accept an idea", song, Act.ACCEPT, take=ref, take_state=TakeState.ACCEPTED)


def _with_taken_chord(song: Song, a: int) -> Song:
    return edits.set_chord(song, (a % 8) * BAR, BAR, Chord(a % 12), Origin.TAKEN, "s9/0")
