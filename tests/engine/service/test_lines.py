"""Messages cross the wire exactly, however long, in short steps; nothing half-right is read."""

import json

import pytest

from engine.api.lines import BLOCK, INLINE, LineReader, reply_lines, request_lines
from engine.api.messages import Analyse, Analysed, Cancelled, ListModels, PredictNextChord, Progress
from engine.music import Chord, ChordSpan, ControlEvent, Key, Note, Origin, Role, Song, Track
from engine.music.analysis import Analysis, ChordReading
from engine.music.codec import DecodeError
from engine.music.track import ControlKind


def long_song(notes: int, chords: int = 0, controls: int = 0) -> Song:
    melody = Track(
        1,
        "Melody",
        Role.MELODY,
        notes=tuple(Note(i + 1, i * 120, 100, 40 + i % 40, 80, Origin.IMPORTED, "s") for i in range(notes)),
        controls=tuple(ControlEvent(i, ControlKind.BEND, 0, i % 100 - 50) for i in range(controls)),
    )
    spans = tuple(ChordSpan(i + 1, i * 480, 480, Chord(i % 12, "min7")) for i in range(chords))
    other = Track(2, "Bass", Role.BASS, notes=(Note(1, 0, 480, 36),))
    return Song("Long", chords=spans, tracks=(melody, other))


@pytest.mark.parametrize(
    ("notes", "chords", "controls", "lines"),
    [
        (0, 0, 0, 1),
        (INLINE - 20, 0, 0, 1),
        (INLINE + 1, 0, 0, 2),
        (BLOCK + 1, 0, 0, 3),
        (2 * BLOCK, BLOCK + 5, 3 * BLOCK, 8),
    ],
)
def test_long_tuples_travel_in_blocks(notes: int, chords: int, controls: int, lines: int) -> None:
    song = long_song(notes, chords, controls)
    readings = tuple(ChordReading(span, ("C:maj",)) for span in song.chords)
    reply = Analysed(song, Analysis(chords=readings))
    written = list(reply_lines(7, reply))
    assert len(written) == lines + (2 if chords > INLINE else 0)
    reader = LineReader("reply")
    read = [reader.read(line) for line in written]
    assert read[:-1] == [None] * (len(written) - 1)
    assert read[-1] == (7, reply)


def test_blocks_of_two_messages_may_interleave() -> None:
    first, second = (Analyse(long_song(count)) for count in (BLOCK * 2, BLOCK * 2 + 1))
    lines_a, lines_b = list(request_lines(1, first)), list(request_lines(2, second))
    reader = LineReader("request")
    mixed = [line for pair in zip(lines_a, lines_b, strict=False) for line in pair] + lines_b[len(lines_a) :]
    read = [message for line in mixed if (message := reader.read(line))]
    assert read == [(1, first), (2, second)]


def test_a_cancelled_reply_drops_the_blocks_that_came_before_it() -> None:
    reader = LineReader("reply")
    blocks = list(reply_lines(4, Analysed(long_song(BLOCK + 1), Analysis())))[:-1]
    for line in blocks:
        assert reader.read(line) is None
    assert reader.read(next(reply_lines(4, Cancelled()))) == (4, Cancelled())
    assert reader.read(next(reply_lines(4, Progress(0.5, "x")))) == (4, Progress(0.5, "x"))
    last = list(reply_lines(4, Analysed(long_song(BLOCK + 1), Analysis())))[-1]
    with pytest.raises(DecodeError):
        reader.read(last)


def test_short_messages_are_one_line_without_line_breaks() -> None:
    request = PredictNextChord(("C\n", "Am7"), Key(9))
    (line,) = request_lines(12, request)
    assert "\n" not in line
    assert LineReader("request").read(line) == (12, request)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "[]",
        "[" * 100_000,
        '{"id":1}',
        '{"id":true,"type":"models","body":{}}',
        '{"id":1,"type":["models"],"body":{}}',
        '{"id":1,"type":"sing","body":{}}',
        '{"id":1,"type":"done","body":{"elapsed_s":1}}',
        '{"id":1,"type":"analyse","body":{}}',
        '{"id":1,"type":"analyse","body":{"song":{"tracks":{"blocks":2}}}}',
        '{"id":1,"type":"block","body":["Path",[]]}',
        '{"id":1,"type":"block","body":["Note",[[1,0,480]]]}',
        '{"id":1,"type":"block","body":["Note",[[1,0,480,60,80,"stolen","",false]]]}',
        '{"id":1,"type":"block","body":[[],[]]}',
        b"\xff\xfe{",
    ],
)
def test_broken_lines_are_refused(line: str | bytes) -> None:
    with pytest.raises(DecodeError):
        LineReader("request").read(line)


def test_blocks_of_another_class_are_refused() -> None:
    reader = LineReader("request")
    tempo = json.dumps({"id": 1, "type": "block", "body": ["Tempo", [{"tick": 0}]]})
    assert reader.read(tempo) is None
    with pytest.raises(DecodeError):
        reader.read('{"id":1,"type":"analyse","body":{"song":{"chords":{"blocks":1}}}}')


def test_models_request_has_an_empty_body() -> None:
    assert list(request_lines(1, ListModels())) == ['{"id":1,"type":"models","body":{}}']


def test_many_short_tracks_do_not_make_one_long_line() -> None:
    notes = tuple(Note(i + 1, i * 120, 100, 60) for i in range(INLINE - 10))
    song = Song(tracks=tuple(Track(i + 1, f"Part {i}", notes=notes) for i in range(60)))
    lines = list(request_lines(1, Analyse(song)))
    assert max(map(len, lines)) < 60 * INLINE
    reader = LineReader("request")
    assert [reader.read(line) for line in lines][-1] == (1, Analyse(song))


def test_what_is_forgotten_does_not_come_back() -> None:
    reader = LineReader("request")
    *blocks, last = request_lines(1, Analyse(long_song(BLOCK * 2)))
    for line in blocks:
        reader.read(line)
    reader.forget(1)
    with pytest.raises(DecodeError):
        reader.read(last)
