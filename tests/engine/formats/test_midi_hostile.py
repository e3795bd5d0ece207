"""Files as they are found: what is read from them, what is said, and what is refused."""

import random
import time
from itertools import pairwise

import pytest

from engine.api.errors import BadFileError
from engine.formats.midi import read_midi
from engine.formats.midi.smf import MAX_BYTES
from engine.music import Key, Metre, Mode, Role
from tests.engine.formats.midi_bytes import END, ONE_NOTE, header, smf, text, track

C = (0, 480, 60)
GOOD = smf(track(ONE_NOTE))


def notes_of(data: bytes) -> list[tuple[int, int, int]]:
    song = read_midi(data, "x.mid").song
    return [(n.start_ticks, n.duration_ticks, n.pitch) for t in song.tracks for n in t.notes]


# name: (file, notes as (start, length, pitch), a piece of the only warning or "" for none)
READ = {
    "plain": (GOOD, [C], ""),
    "running status": (smf(track("00 90 3c 40 83 60 3c 00")), [C], ""),
    "running status across meta": (smf(track("00 90 3c 40", text(1, "hi"), "83 60 3c 00")), [C], ""),
    "running status across sysex": (smf(track("00 90 3c 40 00 f0 03 7e 09 f7 83 60 3c 00")), [C], ""),
    "sysex in packets": (smf(track("00 f0 02 43 12 00 f7 03 43 00 f7 00 f7 02 f3 01", ONE_NOTE)), [C], ""),
    "type 0": (smf(track(ONE_NOTE), file_type=0), [C], ""),
    "junk before header": (b"\0\xffjunk" + GOOD, [C], "not MIDI"),
    "rmid": (b"RIFF" + (len(GOOD) + 12).to_bytes(4, "little") + b"RMIDdata\x25\0\0\0" + GOOD, [C], ""),
    "no header": (track(ONE_NOTE), [C], "header is missing"),
    "long header": (b"MThd\0\0\0\x08\0\1\0\1\1\xe0\0\0" + track(ONE_NOTE), [C], ""),
    "lying header length": (b"MThd\0\0\xff\xff\0\1\0\1\1\xe0" + track(ONE_NOTE), [C], ""),
    "65,535 tracks": (smf(track(ONE_NOTE), count=65_535), [C], "number of tracks is wrong"),
    "no tracks said": (smf(track(ONE_NOTE), count=0), [C], "number of tracks is wrong"),
    "type 0 of two": (smf(track(ONE_NOTE), track(ONE_NOTE), file_type=0), [C, C], "claims a single track"),
    "type 7": (smf(track(ONE_NOTE), file_type=7), [C], "type that does not exist"),
    "division 0": (smf(track(ONE_NOTE), division=0), [C], "no usable time division"),
    "track length 0": (smf(track(ONE_NOTE, length=0)), [C], "wrong length"),
    "track length huge": (smf(track(ONE_NOTE, length=0xFFFFFFFF)), [C], "wrong length"),
    "track length short": (smf(track(ONE_NOTE, length=5), track(ONE_NOTE)), [C, C], "wrong length"),
    "track length long": (smf(track(ONE_NOTE, length=40), track(ONE_NOTE)), [C, C], "wrong length"),
    "unknown block": (smf(b"XFIH\0\0\0\2ab", track(ONE_NOTE), count=1), [C], "unknown kind"),
    "unknown block lies": (smf(b"XFIH\0\1\0\2ab", track(ONE_NOTE), count=1), [C], "unknown kind"),
    "junk after": (GOOD + b"\0\0\0junk", [C], ""),
    "events after the end mark": (smf(track(ONE_NOTE, END, ONE_NOTE)), [C], ""),
    "no end mark": (smf(track(ONE_NOTE, end="")), [C], "no end mark"),
    "cut in an event": (smf(track(ONE_NOTE, "00 90 40", end="")), [C], "no end mark"),
    "cut in a delta": (smf(track(ONE_NOTE, "83", end="")), [C], "no end mark"),
    "cut in a text": (smf(track(ONE_NOTE, "00 ff 01 20 41", end="")), [C], "no end mark"),
    "data without a status": (smf(track("00 3c 40 90 3c 40 83 60 80 3c 40")), [C], "Damaged data"),
    "stray system event": (smf(track("00 f2 01 02 00 fe", ONE_NOTE)), [C], "Damaged data"),
    "overlong delta": (smf(track("80 80 80 80 80 00 90 3c 40 83 60 80 3c 40")), [C], ""),
    "no note-off": (smf(track("00 90 3c 40", end="83 60 ff 2f 00")), [C], "never ends"),
    "no note-off, no time": (smf(track("00 90 3c 40")), [C], "never ends"),
    "struck again": (
        smf(track("00 90 3c 40 83 60 3c 50 83 60 3c 00")),
        [C, (480, 480, 60)],
        "struck again",
    ),
    "on before off at one tick": (
        smf(track("00 90 3c 40 83 60 3c 50 00 3c 00 83 60 3c 00")),
        [C, (480, 480, 60)],
        "struck again",
    ),
    "two voices in unison": (
        smf(track("00 90 3c 40 00 3c 40 83 60 3c 00 83 60 3c 00")),
        [(0, 960, 60)],
        "written twice",
    ),
    "note-off without a note": (smf(track("00 80 3c 40", ONE_NOTE, "00 80 3e 00")), [C], ""),
    "no length": (
        smf(track("00 90 3c 40 00 3c 00", ONE_NOTE.replace("3c", "3e"))),
        [(0, 1, 60), (0, 480, 62)],
        "no length",
    ),
    "all notes off": (smf(track("00 90 3c 40 00 40 40 83 60 b0 7b 00")), [C, (0, 480, 64)], ""),
    "all sound off elsewhere": (smf(track("00 90 3c 40 60 b1 78 00 83 00 90 3c 00")), [C], ""),
    "pitch 200": (smf(track("00 90 c8 40", ONE_NOTE)), [C], "outside the MIDI range"),
    "velocity 200": (smf(track("00 90 3c c8 83 60 80 3c 40")), [C], "lowered to 127"),
    "tempo 0": (smf(track("00 ff 51 03 00 00 00", ONE_NOTE)), [C], "tempo mark"),
    "tempo too short": (smf(track("00 ff 51 01 05", ONE_NOTE)), [C], "tempo mark"),
    "two tempos at once": (smf(track("00 ff 51 03 07 a1 20 00 ff 51 03 06 00 00", ONE_NOTE)), [C], "tempo"),
    "metre 0/4": (smf(track("00 ff 58 04 00 02 18 08", ONE_NOTE)), [C], "cannot be counted"),
    "metre 4/2^200": (smf(track("00 ff 58 04 04 c8 18 08", ONE_NOTE)), [C], "cannot be counted"),
    "metre inside a bar": (smf(track(ONE_NOTE, "00 ff 58 04 03 02 18 08")), [C], "inside a bar"),
    "two metres at once": (
        smf(track("00 ff 58 04 03 02 18 08 00 ff 58 04 04 02 18 08", ONE_NOTE)),
        [C],
        "Several time signatures",
    ),
    "eight flats": (smf(track("00 ff 59 02 f8 00", ONE_NOTE)), [C], "more than seven"),
    "key of 100 sharps": (smf(track("00 ff 59 02 64 00", ONE_NOTE)), [C], "makes no sense"),
    "settings without notes": (smf(track("00 b3 07 64"), track(ONE_NOTE)), [C], "no notes and was left out"),
    "empty track": (smf(track(), track(ONE_NOTE)), [C], ""),
    "event after a million quarters": (
        smf(track(ONE_NOTE, "ff ff ff 7f b0 07 40 ff ff ff 7f 90 3c 40")),
        [C],
        "later than a million quarters",
    ),
}

REFUSED = {
    "empty": (b"", "is empty"),
    "one byte": (b"M", "not a MIDI file"),
    "a web page": (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
    "xml": (b'<?xml version="1.0"?><score-partwise/>', "web page or XML"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a MIDI file"),
    "header alone": (header(), "holds no notes"),
    "half a header": (b"MThd\0\0", "holds no notes"),
    "no notes": (smf(track("00 ff 51 03 07 a1 20")), "holds no notes"),
    "only offs": (smf(track("00 80 3c 40")), "holds no notes"),
    "too many bytes": (GOOD + bytes(MAX_BYTES), "larger than 32 MB"),
    "too many tracks": (smf(*[track(ONE_NOTE)] * 1_001), "1,000 tracks"),
    "too many texts": (smf(track(ONE_NOTE, text(1, "a") * 100_001)), "100,000 texts"),
    "too many blocks": (smf(*[b"MTrk\0\0\0\0"] * 65_536, count=1), "65,535 blocks"),
    "too many events": (smf(track("00 90 3c 40", "00 3c 00" * 2_000_001)), "2,000,000 events"),
}


@pytest.mark.parametrize("case", READ)
def test_keeps_the_music_and_says_what_was_wrong(case: str) -> None:
    data, notes, warning = READ[case]
    assert notes_of(data) == notes
    warnings = read_midi(data, "x.mid").warnings
    assert (len(warnings) == 1 and warning in warnings[0]) if warning else warnings == ()


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_what_holds_no_music_in_one_sentence(case: str) -> None:
    data, reason = REFUSED[case]
    with pytest.raises(BadFileError) as refusal:
        read_midi(data, "folder/my song.mid")
    sentence = str(refusal.value)
    assert "“my song.mid”" in sentence and reason in sentence
    assert sentence.endswith(".") and "\n" not in sentence


@pytest.mark.parametrize(
    ("division", "delta", "expected"),
    [
        (480, "83 60", 480),
        (96, "60", 480),
        (120, "78", 480),
        (960, "87 40", 480),
        (24, "18", 480),
        (384, "01", 1),
        (1000, "01", 1),  # rounds to 0 ticks, and a note is never shorter than one
        (-6360, "14", 480),  # 25 frames of 40: a quarter at 120 a minute is half a second, 500 ticks of 1 ms
    ],
)
def test_rescales_exactly(division: int, delta: str, expected: int) -> None:
    if division == -6360:
        delta = "83 74"
    data = smf(track(f"00 90 3c 40 {delta} 80 3c 40"), division=division)
    assert notes_of(data) == [(0, expected, 60)]


def test_film_frames_follow_the_first_tempo() -> None:
    data = smf(track("00 ff 51 03 0f 42 40 00 90 3c 40 87 68 80 3c 40"), division=-6360)
    result = read_midi(data, "x.mid")
    assert notes_of(data) == [C] and result.ppq == 0
    assert result.song.time_map.seconds_at(480) == pytest.approx(1.0)


def test_rounding_makes_no_overlap_and_no_empty_note() -> None:
    rng = random.Random(5)
    body = " ".join(f"{rng.randrange(4):02x} 90 3c 40 {rng.randrange(3):02x} 3c 00" for _ in range(500))
    notes = notes_of(smf(track(body), division=960))
    assert len(notes) > 300 and min(length for _, length, _ in notes) >= 1
    assert all(a[0] + a[1] <= b[0] for a, b in pairwise(notes))


def test_type_0_is_split_by_channel_and_named_by_sound() -> None:
    body = track("00 c0 21", ONE_NOTE, ONE_NOTE.replace("90", "99").replace("80 3c", "89 3c"))
    song = read_midi(smf(body, file_type=0), "x.mid").song
    assert [(t.name, t.role, t.program) for t in song.tracks] == [
        ("Finger Bass", Role.OTHER, 33),
        ("Drums", Role.DRUMS, 0),
    ]


def test_several_channels_of_a_track_become_parts() -> None:
    body = track(
        text(3, "Horns"),
        "00 c0 38 00 c1 39",
        ONE_NOTE,
        ONE_NOTE.replace("90", "91").replace("80 3c", "81 3c"),
    )
    song = read_midi(smf(body), "x.mid").song
    assert [t.name for t in song.tracks] == ["Horns – Trumpet", "Horns – Trombone"]


def test_patterns_of_type_2_follow_each_other_at_bar_lines() -> None:
    data = smf(track(ONE_NOTE), track("00 ff 58 04 03 02 18 08", ONE_NOTE), file_type=2)
    result = read_midi(data, "x.mid")
    assert [t.notes[0].start_ticks for t in result.song.tracks] == [0, 1920]
    assert result.song.time_map.metre_at(1920) == Metre(3, 4)
    assert result.format == "midi type 2"


def mpe_file() -> bytes:
    fingers = []
    for c in range(1, 16):
        pitch = f"{0x3C + c:02x}"
        fingers.append(
            f"00 e{c:x} 00 {0x40 + c:02x} 00 9{c:x} {pitch} 40 60 e{c:x} 00 40 83 00 8{c:x} {pitch} 40"
        )
    return smf(track(text(3, "Seaboard"), "00 b0 65 00 00 b0 64 06 00 b0 06 0f", *fingers))


def test_mpe_is_one_instrument_and_its_channel_10_is_no_drum() -> None:
    result = read_midi(mpe_file(), "x.mid")
    assert [(t.name, len(t.notes), t.role) for t in result.song.tracks] == [("Seaboard", 15, Role.OTHER)]
    assert any("MPE" in warning for warning in result.warnings)


def test_key_signatures() -> None:
    data = smf(track("00 ff 59 02 f8 00", ONE_NOTE, "00 ff 59 02 fd 01"))
    keys = [change.key for change in read_midi(data, "x.mid").song.time_map.keys]
    assert keys == [Key(4), Key(0, Mode.MINOR)]  # F♭ major is E major


@pytest.mark.parametrize("raw", ["Café Ülm".encode("latin-1"), "Café Ülm".encode()])
def test_names_in_latin_1_and_utf_8(raw: bytes) -> None:
    data = smf(track(text(3, raw)), track(text(3, b"Fl\xf6te\0\x1b[31m"), ONE_NOTE))
    song = read_midi(data, "x.mid").song
    assert (song.title, song.tracks[0].name) == ("Café Ülm", "Flöte[31m")


@pytest.mark.parametrize("name", ["C" * 10_000, "a\u202egnp.exe", "\0\0"])
def test_hostile_names_are_made_harmless(name: str) -> None:
    raw = name.encode()
    length = len(raw)
    number = bytes([length >> 14 | 128, length >> 7 & 127 | 128, length & 127])
    body = b"\0\xff\3" + number + raw + bytes.fromhex(f"{ONE_NOTE} {END}")
    song = read_midi(smf(b"MTrk" + len(body).to_bytes(4) + body), "x.mid").song
    shown = song.tracks[0].name
    assert len(shown) <= 500 and shown.isprintable()


def test_program_and_pedal_written_to_a_track_of_their_own() -> None:
    data = smf(track("00 c2 28 60 b2 40 7f"), track(ONE_NOTE.replace("90", "92").replace("80 3c", "82 3c")))
    result = read_midi(data, "x.mid")
    assert result.song.tracks[0].program == 40
    assert [(c.tick, c.number, c.value) for c in result.song.tracks[0].controls] == [(96, 64, 127)]
    assert result.warnings == ()


@pytest.mark.parametrize("setup", ["00 b0 00 00 00 c0 05", "00 c0 05 00 b0 00 00 00 20 00", "00 b0 00 00"])
def test_bank_0_at_the_start_is_no_event_of_its_own(setup: str) -> None:
    song = read_midi(smf(track(setup, ONE_NOTE)), "x.mid").song
    assert song.tracks[0].controls == ()
    kept = read_midi(smf(track("00 b0 00 08 00 c0 05", ONE_NOTE)), "x.mid").song
    assert [(c.number, c.value) for c in kept.tracks[0].controls] == [(0, 8)]


def test_a_day_long_file_is_fine() -> None:
    day = "a8 8c a8 00"  # 24 hours at 120 a minute and 480 ticks a quarter: 82,944,000 + a little
    result = read_midi(smf(track(ONE_NOTE, f"{day} 90 3c 40 83 60 80 3c 40")), "x.mid")
    assert result.song.time_map.seconds_at(result.song.end_ticks) > 86_400
    assert result.warnings == ()


def seeds() -> list[bytes]:
    """Small files that between them hold every kind of event the tables know."""
    return [*(data for data, _, _ in READ.values() if len(data) < 2_000), mpe_file()]


def mutate(rng: random.Random, data: bytes) -> bytes:
    """A few bytes changed, taken out, put in, doubled or cut off."""
    raw = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(raw) + 1)
        kind = rng.randrange(6)
        if kind < 2 and place < len(raw):
            raw[place] = rng.choice((0, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif kind == 2:
            del raw[place : place + rng.randint(1, 8)]
        elif kind == 3:
            raw[place:place] = rng.randbytes(rng.randint(1, 4))
        elif kind == 4:
            raw[place:place] = raw[place : place + rng.randint(1, 40)]
        elif rng.random() < 0.2:
            del raw[max(place, 1) :]
    return bytes(raw)


def fuzz(count: int, seed: int) -> tuple[int, int]:
    """How many mutated files were read and how many refused; anything else is raised."""
    rng = random.Random(seed)
    files = seeds()
    read = 0
    for _ in range(count):
        data = mutate(rng, mutate(rng, rng.choice(files)) if rng.random() < 0.3 else rng.choice(files))
        try:
            song = read_midi(data, "fuzz.mid").song
        except BadFileError:
            continue
        read += 1
        for note in song.notes():
            assert 0 <= note.pitch < 128 and 1 <= note.velocity < 128
            assert note.start_ticks >= 0 and note.duration_ticks >= 1
    return read, count - read


def test_mutated_files_are_read_or_refused_never_more() -> None:
    began = time.process_time()
    read, refused = fuzz(3_000, seed=20)
    assert read > 1_000 and refused > 50
    assert time.process_time() - began < 60
