"""What stands in an exported file, and under which name it is put where."""

import io
import os
from dataclasses import replace
from pathlib import Path

import mido
import pytest

from engine.api.errors import BadFileError
from engine.formats.midi import (
    ExportOptions,
    Extra,
    FileType,
    Ppq,
    TextEncoding,
    export_name,
    export_parts,
    read_midi,
    save_midi,
    write_midi,
)
from engine.formats.names import safe_name
from engine.music import (
    Chord,
    ChordSpan,
    ControlEvent,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Mode,
    Note,
    Origin,
    Role,
    Section,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.track import ControlKind

C = Note(2, 0, 480, 60)


def song_of(*tracks: Track, **rest: object) -> Song:
    return replace(Song("Air", tracks=tracks or (Track(1, "Piano", notes=(C,)),)), **rest)  # type: ignore[arg-type]


def messages(song: Song, options: ExportOptions | None = None) -> list[list[tuple[int, mido.Message]]]:
    """The messages of each track with their ticks."""
    file = mido.MidiFile(file=io.BytesIO(write_midi(song, options)))
    tracks = []
    for track in file.tracks:
        tick, rows = 0, []
        for message in track:
            tick += message.time
            rows.append((tick, message))
        tracks.append(rows)
    return tracks


def texts(song: Song, kind: str, options: ExportOptions | None = None) -> list[tuple[int, str]]:
    return [(tick, m.text) for tick, m in messages(song, options)[0] if m.type == kind]


def test_header_and_conductor() -> None:
    file = mido.MidiFile(file=io.BytesIO(write_midi(song_of())))
    assert (file.type, file.ticks_per_beat, len(file.tracks)) == (1, 480, 2)
    kinds = [message.type for message in file.tracks[0]]
    assert kinds == ["track_name", "set_tempo", "time_signature", "end_of_track"]
    assert file.tracks[0].name == "Air"
    one = mido.MidiFile(file=io.BytesIO(write_midi(song_of(), ExportOptions(FileType.ONE_TRACK, Ppq.FINE))))
    assert (one.type, one.ticks_per_beat, len(one.tracks)) == (0, 960, 1)


def test_every_track_ends_at_the_bar_line_after_the_last_note() -> None:
    long_note = Track(3, "Pad", notes=(Note(4, 1_000, 1_000, 50),))
    ends = {rows[-1][0] for rows in messages(song_of(Track(1, "Piano", notes=(C,)), long_note))}
    assert ends == {3840}


def test_settings_come_in_order_at_the_start() -> None:
    pan = ControlEvent(0, ControlKind.CONTROL, 10, 3)
    bank = ControlEvent(0, ControlKind.CONTROL, 0, 8)
    rows = messages(song_of(Track(1, "Guitar", program=25, notes=(C,), controls=(bank, pan))))[1]
    told = [(m.type, getattr(m, "control", None), getattr(m, "value", None)) for _, m in rows[1:6]]
    assert told == [
        ("control_change", 32, 0),
        ("control_change", 0, 8),
        ("program_change", None, None),
        ("control_change", 10, 3),
        ("note_on", None, None),
    ]


def test_offs_come_before_ons_and_carry_velocity_64() -> None:
    again = Note(3, 480, 480, 60)
    rows = messages(song_of(Track(1, "Piano", notes=(C, again))))[1]
    notes = [(tick, m.type, m.velocity) for tick, m in rows if m.type in ("note_on", "note_off")]
    assert notes == [(0, "note_on", 80), (480, "note_off", 64), (480, "note_on", 80), (960, "note_off", 64)]


@pytest.mark.parametrize(
    ("drawn", "written"),
    [
        (((0, 480), (240, 480)), ((0, 240), (240, 480))),
        (((0, 480), (0, 240)), ((0, 480),)),
        (((0, 960), (240, 120)), ((0, 240), (240, 120))),
        (((0, 0),), ((0, 1),)),
    ],
)
def test_one_pitch_never_overlaps_itself(
    drawn: tuple[tuple[int, int], ...], written: tuple[tuple[int, int], ...]
) -> None:
    notes = tuple(Note(index + 2, start, length, 60) for index, (start, length) in enumerate(drawn))
    song = read_midi(write_midi(song_of(Track(1, "Piano", notes=notes)))).song
    assert tuple((n.start_ticks, n.duration_ticks) for n in song.tracks[0].notes) == written


def test_drums_play_on_channel_10_and_the_sixteenth_part_on_the_next_port() -> None:
    parts = [Track(i, f"Part {i}", program=i, notes=(replace(C, id=100 + i),)) for i in range(1, 18)]
    drums = Track(50, "Kit", Role.DRUMS, notes=(replace(C, id=200, pitch=36),))
    tracks = messages(song_of(drums, *parts))[1:]
    seats = []
    for rows in tracks:
        port = next(m.port for _, m in rows if m.type == "midi_port")
        channels = {m.channel for _, m in rows if hasattr(m, "channel")}
        seats.append((port, *channels))
    assert seats[0] == (0, 9)
    assert seats[1:] == [(0, c) for c in range(16) if c != 9] + [(1, 0), (1, 1)]
    assert len(set(seats)) == len(seats)


def test_a_single_track_shares_channels_among_like_sounds() -> None:
    parts = [Track(i, f"Part {i}", program=i, notes=(replace(C, id=100 + i),)) for i in range(1, 16)]
    like = Track(60, "Again", program=4, notes=(Note(300, 480, 480, 72),))
    rows = messages(song_of(*parts, like), ExportOptions(FileType.ONE_TRACK))[0]
    channel_of = {m.program: m.channel for _, m in rows if m.type == "program_change"}
    assert [m.channel for _, m in rows if m.type == "note_on" and m.note == 72] == [channel_of[4]]


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("mode", Mode)
def test_every_key_survives(tonic: int, mode: Mode) -> None:
    time_map = TimeMap(keys=(KeyChange(0, Key(tonic, mode)), KeyChange(1920, Key(0))))
    song = song_of(time_map=time_map)
    assert read_midi(write_midi(song)).song.time_map.keys == time_map.keys


def test_a_pickup_is_a_short_first_bar_and_comes_back() -> None:
    time_map = TimeMap(metres=(MetreChange(0, Metre(3, 4)),), pickup_ticks=480)
    metres = [
        (tick, m.numerator, m.denominator)
        for tick, m in messages(song_of(time_map=time_map))[0]
        if m.type == "time_signature"
    ]
    assert metres == [(0, 1, 4), (480, 3, 4)]
    assert read_midi(write_midi(song_of(time_map=time_map))).song.time_map == time_map


def test_chords_are_markers_and_a_track_of_blocks() -> None:
    chords = (
        ChordSpan(5, 0, 960, Chord.parse("Bb/D")),
        ChordSpan(6, 960, 480, Chord.parse("N.C.")),
        ChordSpan(7, 1920, 960, Chord.parse("F#m7b5")),
    )
    song = song_of(chords=chords)
    assert texts(song, "marker") == [(0, "Bb/D"), (960, "N.C."), (1920, "F#m7b5")]
    rows = messages(song)[2]
    assert [m.text for _, m in rows if m.type == "lyrics"] == ["Bb/D", "N.C.", "F#m7b5"]
    assert [m.note for tick, m in rows if m.type == "note_on" and tick == 0] == [38, 58, 62, 65]
    assert len(messages(song, ExportOptions(extras=frozenset()))) == 2


def test_sections_are_markers_and_written_once() -> None:
    song = song_of(sections=(Section(8, "Verse", 0, 2), Section(9, "Chorus", 2, 2)))
    assert texts(song, "marker") == [(0, "Verse"), (3840, "Chorus")]
    again = read_midi(write_midi(song)).song
    assert texts(replace(again, sections=song.sections), "marker") == texts(song, "marker")


def test_the_tempo_carrier_spans_the_song_in_silence() -> None:
    time_map = TimeMap(tempos=(Tempo(0), Tempo(960, 600_000)))
    rows = messages(song_of(time_map=time_map), ExportOptions(extras=frozenset({Extra.TEMPO_CARRIER})))[-1]
    notes = [(tick, m.type, m.note, m.velocity) for tick, m in rows if m.type.startswith("note")]
    assert notes == [(0, "note_on", 0, 1), (1920, "note_off", 0, 64)]


def test_provenance_is_told_only_where_something_was_taken() -> None:
    taken = (C, Note(3, 480, 480, 62, origin=Origin.TAKEN), Note(4, 960, 480, 64, origin=Origin.EDITED))
    assert texts(song_of(), "text") == []
    assert texts(song_of(Track(1, "Piano", notes=taken)), "text") == [
        (0, "AI-assisted: 2 of 3 notes were suggested by Understudy and accepted by the artist")
    ]
    chord = ChordSpan(9, 0, 480, Chord(0), Origin.TAKEN)
    assert texts(song_of(chords=(chord,)), "text")[0][1].startswith(
        "AI-assisted: 0 of 1 notes and 1 of 1 chords"
    )


def test_copyright_is_written_as_given() -> None:
    assert texts(song_of(), "copyright", ExportOptions(copyright="© 2026 Ana")) == [(0, "© 2026 Ana")]


@pytest.mark.parametrize(
    ("name", "encoding", "raw"),
    [
        ("Café", TextEncoding.LATIN_1, b"Caf\xe9"),
        ("Café", TextEncoding.UTF_8, "Café".encode()),
        ("夜", TextEncoding.LATIN_1, "夜".encode()),
        ("Ã©", TextEncoding.LATIN_1, "Ã©".encode()),
    ],
)
def test_names_are_latin_1_where_that_reads_back(name: str, encoding: TextEncoding, raw: bytes) -> None:
    data = write_midi(song_of(Track(1, name, notes=(C,))), ExportOptions(encoding=encoding))
    assert b"\xff\x03" + bytes([len(raw)]) + raw in data
    assert read_midi(data).song.tracks[0].name == name


HOSTILE = (
    "../../../etc/passwd",
    "a/b\\c:d",
    "CON",
    "nul.mid",
    "...",
    "",
    " . ",
    "a\0b\r\nc",
    "\u202egpj.mid",
)


@pytest.mark.parametrize("name", [*HOSTILE, "x" * 400, "ü" * 200, "LPT1", "-rf", "a" + "\u0301" * 300, "☃"])
def test_names_from_files_are_safe_as_file_names(name: str) -> None:
    safe = safe_name(name)
    assert safe and len(safe.encode()) <= 122 and safe.isprintable()
    assert not set(safe) & set('<>:"/\\|?*') and safe == safe.strip(" .")
    assert safe.partition(".")[0].lower() not in ("con", "nul", "lpt1")


def test_export_name_says_what_is_in_the_file() -> None:
    song = song_of(time_map=TimeMap((Tempo.of_bpm(0, 96),), keys=(KeyChange(0, Key(9, Mode.MINOR)),)))
    assert export_name(song, "Piano") == "Air - Piano - 96bpm - Am.mid"
    assert export_name(song_of(), "Piano") == "Air - Piano - 120bpm.mid"


def test_parts_are_files_of_their_own_inside_the_folder(tmp_path: Path) -> None:
    names = ("Piano", "piano", "../escape")
    tracks = [Track(i + 1, name, notes=(replace(C, id=10 + i),)) for i, name in enumerate(names)]
    song = song_of(*tracks, chords=(ChordSpan(20, 0, 480, Chord(0)),))
    paths = export_parts(song, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == [
        "Air - Piano - 120bpm.mid",
        "Air - piano - 120bpm (2).mid",
        "Air - escape - 120bpm.mid",
        "Air - Chords - 120bpm.mid",
    ]
    assert sorted((tmp_path / "new" / "folder").iterdir()) == sorted(paths)
    assert [t.name for t in read_midi(paths[2].read_bytes()).song.tracks] == ["../escape"]
    assert read_midi(paths[3].read_bytes()).song.chords[0].chord == Chord(0)


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "song.mid"
    save_midi(song_of(), path)
    before = path.read_bytes()

    def full_disk(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(BadFileError, match=r"“song.mid” could not be written: No space left on device."):
        save_midi(song_of(title="Other"), path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["file/inside", "file"])
def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(BadFileError, match="could not be written") as refusal:
        export_parts(song_of(), tmp_path / place)
    assert str(refusal.value).count("\n") == 0
