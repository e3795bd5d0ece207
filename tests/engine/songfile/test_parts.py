"""A song cut into parts is the same song, cut the same way, however it came to be."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.formats.songfile.parts import cut, part_hash
from engine.formats.songfile.reading import PartReader
from engine.music import Chord, ChordSpan, ControlEvent, Marker, Note, Origin, Song, Track, edits
from engine.music.codec import DecodeError, to_json
from engine.music.track import ControlKind
from engine.provenance import difference
from tests.engine.music.strategies import songs


def reader_of(parts):
    return PartReader(parts.get)


@settings(max_examples=50, deadline=None)
@given(songs())
def test_a_song_comes_back_from_its_parts(song):
    parts, new = cut(song)
    assert reader_of(new).read_song(parts.hash, song.next_id).song == song
    assert all(part_hash(body) == name for name, body in new.items())


def test_parts_are_written_as_the_codec_writes():
    note = Note(3, 10, 20, 60, 70, Origin.TAKEN, "s1/0 ♭", True)
    control = ControlEvent(5, ControlKind.BEND, 0, -300)
    chord = ChordSpan(9, 0, 480, Chord(2, "min7", 5), Origin.HEARD, "", False, 0.25)
    song = Song("♭", chords=(chord,), tracks=(Track(1, "a", notes=(note,), controls=(control,)),))
    bodies = [json.loads(body) for body in cut(song)[1].values()]
    for value in (note, control, chord):
        assert [to_json(value)] in bodies


def long_song(notes=20_000):
    played = tuple(Note(i + 2, i * 120, 110, 40 + i % 50, origin=Origin.PLAYED) for i in range(notes))
    return Song("Long", tracks=(Track(1, "Keys", notes=played),), next_id=notes + 2)


def test_an_edit_of_a_long_track_writes_little():
    song = long_song()
    parts, new = cut(song)
    edited = edits.transpose_notes(song, [9_000], 3)
    _, few = cut(edited, parts, difference(song, edited).kept)
    assert len(few) == 4  # the short stretch, the long one, the track, the song
    assert sum(map(len, few.values())) < 12_000 < sum(map(len, new.values())) / 50


changes = st.lists(
    st.tuples(st.sampled_from(["up", "later", "out", "in", "mix"]), st.integers(0, 399)), max_size=6
)


@settings(max_examples=50, deadline=None)
@given(changes)
def test_cutting_again_after_edits_gives_what_cutting_anew_gives(session):
    song = long_song(400)
    parts, store = cut(song)
    for change, number in session:
        before = song
        song = _changed(song, change, number)
        parts, new = cut(song, parts, difference(before, song).kept)
        store |= new
        assert parts == cut(song)[0]
        assert reader_of(store).read_song(parts.hash, song.next_id).song == song


def _changed(song, change, number):
    ids = [note.id for note in song.tracks[0].notes]
    if change == "mix":
        return edits.rename_track(song, 1, f"Keys {number}")
    if change == "in":
        return edits.insert_note(song, 1, number * 301, 50, 60)
    some = ids[number : number + 1 + number % 40]
    if not some:
        return song
    if change == "up":
        return edits.transpose_notes(song, some, 1)
    return edits.delete_notes(song, some) if change == "out" else edits.move_notes(song, some, number * 17)


def test_undoing_shares_what_did_not_change():
    song = long_song(400)
    parts, store = cut(song)
    edited = edits.transpose_notes(song, [9], 3)
    after, new = cut(edited, parts)
    reader = reader_of(store | new)
    reader.remember(parts)
    reader.remember(after)
    back = reader.read_song(parts.hash, song.next_id, after).song
    assert back == song
    assert back.tracks[0] is song.tracks[0]
    assert back.time_map is song.time_map


GOOD = cut(Song(tracks=(Track(1, "a", notes=(Note(2, 0, 1, 60),)),), markers=(Marker(0, "x"),)))
ROW = [2, 0, 1, 60, 80, "drawn", "", False]


@pytest.mark.parametrize(
    "row",
    [
        ROW[:-1],
        [*ROW, 1],
        ["2", *ROW[1:]],
        [2.0, *ROW[1:]],
        [True, *ROW[1:]],
        [*ROW[:5], "stolen", "", False],
        [*ROW[:7], 1],
        {"id": 2},
        None,
        [[], *ROW[1:]],
    ],
)
def test_a_note_of_the_wrong_form_is_refused(row):
    parts, store = GOOD
    forged = _exchange(parts, store, [row])
    with pytest.raises(DecodeError):
        reader_of(forged[1]).read_song(forged[0], 5)


def _exchange(parts, store, notes):
    """The same song with this text instead of its notes, all hashes right."""
    texts = {name: body.decode() for name, body in store.items()}
    short = parts.tracks[0].notes[0].inner[0].hash
    long = parts.tracks[0].notes[0].hash
    renamed = {short: json.dumps(notes)}
    for name in (long, parts.tracks[0].hash, parts.hash):
        text = texts[name]
        for old, body in renamed.items():
            text = text.replace(old, part_hash(body.encode()))
        renamed[name] = text
    forged = {part_hash(body.encode()): body.encode() for body in (*texts.values(), *renamed.values())}
    return part_hash(renamed[parts.hash].encode()), forged


def test_the_exchange_used_above_is_read_when_the_note_is_right():
    name, forged = _exchange(*GOOD, [ROW])
    assert reader_of(forged).read_song(name, 5).song.tracks[0].notes == (Note(2, 0, 1, 60),)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"[" * 100_000, b"\xff", b'{"title":1}', None])
def test_a_song_part_of_the_wrong_form_is_refused(body):
    name = part_hash(body or b"")
    with pytest.raises(DecodeError):
        reader_of({} if body is None else {name: body}).read_song(name, 5)


def test_a_part_that_is_not_what_its_hash_says_is_refused():
    parts, store = GOOD
    for name in store:
        touched = store | {name: store[name].replace(b"x", b"y").replace(b"80", b"81").replace(b"a", b"b")}
        if touched != store:
            with pytest.raises(DecodeError):
                reader_of(touched).read_song(parts.hash, 5)


def test_notes_are_not_read_as_controls():
    track = replace(GOOD[0].tracks[0].track, controls=())
    parts, store = cut(Song(tracks=(track,)))
    head = json.loads(store[parts.tracks[0].hash])
    body = json.dumps(head | {"controls": head["notes"]}).encode()
    song = json.dumps(json.loads(store[parts.hash]) | {"tracks": [part_hash(body)]}).encode()
    store |= {part_hash(body): body, part_hash(song): song}
    with pytest.raises(DecodeError):
        reader_of(store).read_song(part_hash(song), 5)
