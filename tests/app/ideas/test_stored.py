"""Takes of parts and whole songs live in the song file as other takes do; older takes still open."""

import json
from contextlib import closing

from app.ideas.board import Entry, digest_of, song_with_take
from engine.api.suggestion import Controls, Kind, Part, PlannedSection, SuggestionRequest, Take
from engine.formats.songfile import Act, SongFile, TakeRef, TakeState
from engine.music import Note, Origin, Region, Role, Section, Song, Track
from engine.music.codec import from_json, to_json
from engine.music.section import SectionKind
from tests.engine.songfile.sessions import a_take, starting_song


def whole_take(song: Song) -> Take:
    bass = tuple(Note(100 + n, n * 960, 900, 36, 90, Origin.TAKEN) for n in range(8))
    plan = (
        PlannedSection(
            "Verse 1",
            SectionKind.VERSE,
            0,
            8,
            0.4,
            (Role.MELODY, Role.BASS),
            ("plainer",),
            "fill",
            0,
            8,
            True,
        ),
    )
    whole = Song(
        song.title,
        song.time_map,
        (Section(90, "Verse 1", 0, 8, SectionKind.VERSE),),
        tracks=(*song.tracks, Track(95, "Bass 2", Role.BASS, 33, bass)),
        next_id=200,
    )
    return Take(
        0, "Song", parts=(Part(Role.BASS, "Bass 2", 33, bass, 95, ("roots",)),), plan=plan, song=whole
    )


def test_a_take_of_a_whole_song_comes_back_as_it_was(tmp_path):
    song = starting_song()
    request = SuggestionRequest(
        Kind.SOUNDSCAPE, song, Region(0, 64), Role.OTHER,
        controls=Controls(intensity=(0.2, 0.9), shape="aaba", tempo=72.5, instrument="choir"),
    )  # fmt: skip
    take = whole_take(song)
    with closing(SongFile.create(tmp_path / "a.understudy", song)) as file:
        name = file.add_suggestion(request)
        file.add_take(name, take)
    with closing(SongFile.open(tmp_path / "a.understudy")) as file:
        stored = file.suggestions()[0]
        assert stored.takes[0].take == take
        assert stored.request == request


def test_accepting_it_is_one_step_that_undo_takes_back(tmp_path):
    song = starting_song()
    request = SuggestionRequest(Kind.FORM, song, Region(0, 8), Role.OTHER)
    take = whole_take(song)
    with closing(SongFile.create(tmp_path / "a.understudy", song)) as file:
        name = file.add_suggestion(request)
        file.add_take(name, take)
        entry = Entry(name, request, digest_of(song, request)).with_take(take)
        after = song_with_take(file.song, entry, take)
        file.commit("Accept", after, Act.ACCEPT, {}, TakeRef(name, 0), TakeState.ACCEPTED)
        new = file.song.tracks[-1]
        assert all(n.origin is Origin.TAKEN and n.source == f"{name}/0" for n in new.notes)
        assert file.song.tracks[0].notes == song.tracks[0].notes
        assert file.ledger_fault() is None
        file.undo()
        assert file.song.tracks == song.tracks and file.song.sections == song.sections


def test_takes_written_before_there_were_parts_still_open():
    record = json.loads(json.dumps(to_json(a_take())))
    for name in ("parts", "plan", "song"):
        del record[name]
    assert from_json(Take, record) == a_take()
    controls = json.loads(json.dumps(to_json(Controls(style="folk"))))
    for name in ("intensity", "shape", "tempo", "instrument"):
        del controls[name]
    assert from_json(Controls, controls) == Controls(style="folk")
