"""Scores become songs: notes, repeats, chords and keys as played; what is broken is refused."""

import io
import random
import re
import zipfile
from pathlib import Path

import pytest

from engine.api.errors import BadFileError, EngineError
from engine.formats.abc import read_abc
from engine.formats.musicxml import opening, read_musicxml
from engine.formats.score.order import played_bars
from engine.formats.score.written import Frame, Jump, ScoreImport
from engine.music import Key, Mode, Role
from engine.service.sketch import read_sketch

STEPS = "CDEFGAB"


def abc(body: str, header: str = "M:4/4\nL:1/4\nK:C") -> ScoreImport:
    return read_abc(f"X:1\nT:Tune\n{header}\n{body}\n".encode(), "tune.abc")


def heard(score: ScoreImport, track: int = 0) -> list[tuple[int, int, int]]:
    return [(n.start_ticks, n.duration_ticks, n.pitch) for n in score.song.tracks[track].notes]


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        ("C D2 z/", "M:4/4\nL:1/4\nK:C", [(0, 480, 60), (480, 960, 62)]),
        ("c>d e<<f", "L:1/4\nK:C", [(0, 720, 72), (720, 240, 74), (960, 120, 76), (1080, 840, 77)]),
        ("(3CDE F", "L:1/8\nK:C", [(0, 160, 60), (160, 160, 62), (320, 160, 64), (480, 240, 65)]),
        ("^F F | F", "M:2/4\nL:1/4\nK:C", [(0, 480, 66), (480, 480, 66), (960, 480, 65)]),
        ("F c' C,", "M:4/4\nL:1/4\nK:Edor", [(0, 480, 66), (480, 480, 85), (960, 480, 49)]),
        ("[CE]2 {d}!trill!A-|A4", "K:C\nL:1/4\nM:3/4", [(0, 960, 60), (0, 960, 64), (960, 2400, 69)]),
        ("C4 & E2 G2|", "M:4/4\nL:1/4\nK:C", [(0, 960, 64), (0, 1920, 60), (960, 960, 67)]),
        ("Z2|C", "M:2/4\nL:1/4\nK:C", [(1920, 480, 60)]),
    ],
)  # fmt: skip
def test_abc_notes(body: str, header: str, expected: list[tuple[int, int, int]]) -> None:
    tracks = abc(body, header).song.tracks
    assert sorted((n.start_ticks, n.duration_ticks, n.pitch) for t in tracks for n in t.notes) == expected


def test_abc_voices_tempo_keys_and_markers() -> None:
    text = (
        'X:1\nT:Two\nM:3/4\nL:1/4\nQ:"Slow" 3/8=40\nK:Gmin\nV:1 name="Flute"\nV:2 clef=bass octave=-1\nP:A\n'
    )
    text += "V:1\nG3|[K:Bb]B3|[M:2/4]d2|\nw: la la\nV:2\nG3|B3|d2|\n"
    song = read_abc(text.encode()).song
    assert [(track.name, track.notes[0].pitch) for track in song.tracks] == [("Flute", 67), ("Voice 2", 55)]
    assert song.time_map.tempos[0].bpm == pytest.approx(60)
    assert [change.key for change in song.time_map.keys] == [Key(7, Mode.MINOR), Key(10)]
    assert [change.metre.name for change in song.time_map.metres] == ["3/4", "2/4"]
    assert [marker.text for marker in song.markers] == ["A"]


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("C-7", "C:min7"),
        ("Bb", "Bb:maj"),
        ("N.C.", "N"),
        ("G(Em)", "G:maj"),
        ("F#m7b5/E", "F#:hdim7/b7"),
        ("Cmaj7", "C:maj7"),
        ("D7 or F#dim", "D:7"),
        ("Gm(oh)", "G:min"),
    ],
)
def test_chord_symbols_are_kept_as_written_and_understood(written: str, label: str) -> None:
    score = abc(f'"{written}"C4|"^Fine""Allegro""(hum)"C4|')
    assert score.chord_symbols == (written,)
    assert [(span.start_ticks, span.duration_ticks, span.chord.harte()) for span in score.song.chords] == [
        (0, 3840, label)
    ]


@pytest.mark.parametrize(
    ("body", "pitches", "pickup"),
    [
        ("|:C4|D4:|E4|", "CDCDE", 0),
        ("C4|1 D4:|2 E4||F4|", "CDCEF", 0),
        ("|:C4|[1,2 D4:|[3 E4|]", "CDCDCE", 0),
        ("C4:|:D4::E4:|", "CCDDEE", 0),
        ("C4|D4!fine!|E4!D.C.!|", "CDECD", 0),
        ("G|:C3 D|E3:|", "GCDECDE", 480),
        ("G|C3 D|E3:|", "GCDEGCDE", 480),
    ],
)
def test_repeats_are_written_out(body: str, pitches: str, pickup: int) -> None:
    song = abc(body).song
    assert "".join("CCDDEFFGGAAB"[note.pitch % 12] for note in song.tracks[0].notes) == pitches
    assert song.time_map.pickup_ticks == pickup


def test_halves_of_a_bar_are_one_bar_and_odd_bars_have_their_own_metre() -> None:
    song = abc("G|C4|D3:|:E|F4|C5|D4|").song
    five = 480 + 5 * 1920
    assert [(change.tick, change.metre.name) for change in song.time_map.metres] == [
        (0, "4/4"),
        (five, "5/4"),
        (five + 2400, "4/4"),
    ]


def test_da_capo_takes_the_last_ending_and_a_coda_is_reached() -> None:
    frames = [
        Frame(begins_repeat=True),
        Frame(plays=2, endings=frozenset({1})),
        Frame(endings=frozenset({2})),
        Frame(to_coda=True, is_segno=True),
        Frame(jump=Jump.DAL_SEGNO),
        Frame(is_coda=True),
    ]
    assert played_bars(frames) == [0, 1, 0, 2, 3, 4, 3, 5]


# MusicXML ------------------------------------------------------------


def _note(pitch: str, duration: int, extra: str = "") -> str:
    step, alter, octave = re.fullmatch(r"([A-G])(-?\d)?:(\d)", pitch).groups()  # type: ignore[union-attr]
    shift = f"<alter>{alter}</alter>" if alter else ""
    return f"<note>{extra}<pitch><step>{step}</step>{shift}<octave>{octave}</octave></pitch><duration>{duration}</duration></note>"  # noqa: E501


def xml(*measures: str, attributes: str = "", listed: str = "") -> bytes:
    first = f"<attributes><divisions>4</divisions>{attributes}</attributes>"
    body = "".join(
        f"<measure number='{index + 1}'>{first if not index else ''}{measure}</measure>"
        for index, measure in enumerate(measures)
    )
    head = f"<work><work-title>Air</work-title></work><part-list>{listed}</part-list>"
    score = f"<score-partwise>{head}<part id='P1'>{body}</part></score-partwise>"
    return f"<?xml version='1.0'?><!DOCTYPE score-partwise>{score}".encode()


WALTZ = (
    "<key><fifths>-1</fifths><mode>minor</mode></key><time><beats>3</beats><beat-type>4</beat-type></time>"
)


def test_musicxml_notes_key_metre_tempo_and_dynamics() -> None:
    tied = _note("A:4", 4, "").replace("</note>", "<tie type='start'/></note>")
    held = _note("A:4", 4).replace("</note>", "<tie type='stop'/></note>")
    score = read_musicxml(
        xml(
            "<direction><direction-type><dynamics><f/></dynamics></direction-type>"
            + "<sound tempo='90'/></direction>"
            + _note("D:4", 8)
            + _note("F:4", 8, "<chord/>")
            + _note("G:4", 2, "<grace/>")
            + tied,
            held + "<note><rest/><duration>8</duration></note>",
            attributes=WALTZ + "<transpose><chromatic>-2</chromatic></transpose>",
        ),
        "air.xml",
    )
    assert heard(score) == [(0, 960, 60), (0, 960, 63), (960, 960, 67)]
    assert score.song.tracks[0].notes[0].velocity == 94
    assert score.song.title == "Air"
    time_map = score.song.time_map
    assert (time_map.metres[0].metre.name, round(time_map.tempos[0].bpm), time_map.keys[0].key) == (
        "3/4",
        90,
        Key(0, Mode.MINOR),
    )


def _harmony(root: str, kind: str, more: str = "", text: str = "") -> str:
    step, alter = root[0], {"b": "-1", "#": "1"}.get(root[1:], "0")
    shown = f" text='{text}'" if text else ""
    return f"<harmony><root><root-step>{step}</root-step><root-alter>{alter}</root-alter></root><kind{shown}>{kind}</kind>{more}</harmony>"  # noqa: E501


DEGREE = (
    "<degree><degree-value>{}</degree-value><degree-alter>{}</degree-alter>"
    "<degree-type>{}</degree-type></degree>"
)


@pytest.mark.parametrize(
    ("harmony", "written", "label"),
    [
        (_harmony("B", "major-seventh"), "Bmaj7", "B:maj7"),
        (_harmony("C", "minor-seventh", text="-7"), "C-7", "C:min7"),
        (_harmony("G", "dominant", DEGREE.format(9, -1, "add")), "G7(b9)", "G:7(b9)"),
        (_harmony("D", "half-diminished"), "Dm7b5", "D:hdim7"),
        (_harmony("C", "major", DEGREE.format(9, 0, "add")), "Cadd9", "C:maj(9)"),
        (_harmony("Bb", "major", "<bass><bass-step>D</bass-step></bass>"), "Bb/D", "Bb:maj/3"),
        ("<harmony><root><root-step>C</root-step></root><kind>none</kind></harmony>", "N.C.", "N"),
    ],
)
def test_musicxml_harmony(harmony: str, written: str, label: str) -> None:
    score = read_musicxml(xml(harmony + _note("C:4", 16)), "air.xml")
    assert score.chord_symbols == (written,)
    assert score.song.chords[0].chord.harte() == label


def test_staves_are_tracks_and_drums_are_drums() -> None:
    def at(staff: int, pitch: str) -> str:
        return _note(pitch, 16).replace("</note>", f"<staff>{staff}</staff></note>")

    back = "<backup><duration>16</duration></backup>"
    piano = read_musicxml(
        xml(
            at(1, "E:5") + back + at(2, "C:3"),
            listed="<score-part id='P1'><part-name>Piano</part-name></score-part>",
        )
    )
    assert [(track.name, heard(piano, i)) for i, track in enumerate(piano.song.tracks)] == [
        ("Piano, upper staff", [(0, 1920, 76)]),
        ("Piano, lower staff", [(0, 1920, 48)]),
    ]
    hit = "<note><unpitched/><duration>4</duration><instrument id='I1'/></note>"
    listed = "<score-part id='P1'><midi-instrument id='I1'><midi-unpitched>37</midi-unpitched></midi-instrument></score-part>"  # noqa: E501
    drums = read_musicxml(xml(hit, listed=listed)).song.tracks[0]
    assert (drums.role, drums.notes[0].pitch) == (Role.DRUMS, 36)


def test_a_score_by_time_is_the_same_score() -> None:
    note = f"<attributes><divisions>4</divisions></attributes>{_note('C:4', 16)}"
    timewise = f"<score-timewise><measure number='1'><part id='P1'>{note}</part></measure></score-timewise>"
    assert heard(read_musicxml(timewise.encode())) == [(0, 1920, 60)]


# round trips ------------------------------------------------------------


def _random_tune(rng: random.Random) -> list[list[tuple[int, int | None]]]:
    """Bars of 16 sixteenths: (length, pitch of the white keys or a rest)."""
    bars = []
    for _ in range(rng.randint(1, 6)):
        left, bar = 16, []
        while left:
            length = min(left, rng.choice((1, 2, 3, 4, 6, 8)))
            white = 60 + rng.choice((0, 2, 4, 5, 7, 9, 11)) + 12 * rng.randint(-2, 2)
            bar.append((length, white if rng.random() < 0.85 else None))
            left -= length
        bars.append(bar)
    bars[0][0] = (bars[0][0][0], 60)
    return bars


def _expected(bars: list[list[tuple[int, int | None]]]) -> list[tuple[int, int, int]]:
    found, at = [], 0
    for length, pitch in (event for bar in bars for event in bar):
        if pitch is not None:
            found.append((at, length * 120, pitch))
        at += length * 120
    return found


def _as_abc(bars: list[list[tuple[int, int | None]]]) -> str:
    def name(pitch: int | None) -> str:
        if pitch is None:
            return "z"
        octave, letter = pitch // 12 - 5, "CCDDEFFGGAAB"[pitch % 12]
        return letter + ("'" * octave if octave > 0 else "," * -octave)

    return "|".join("".join(f"{name(pitch)}{length}" for length, pitch in bar) for bar in bars) + "|"


def _as_xml(bars: list[list[tuple[int, int | None]]]) -> bytes:
    def event(length: int, pitch: int | None) -> str:
        if pitch is None:
            return f"<note><rest/><duration>{length}</duration></note>"
        return _note(f"{'CCDDEFFGGAAB'[pitch % 12]}:{pitch // 12 - 1}", length)

    return xml(*("".join(event(*item) for item in bar) for bar in bars))


@pytest.mark.parametrize("seed", range(40))
def test_what_is_written_is_read(seed: int) -> None:
    bars = _random_tune(random.Random(seed))
    assert heard(abc(_as_abc(bars), "M:4/4\nL:1/16\nK:C")) == _expected(bars)
    assert heard(read_musicxml(_as_xml(bars))) == _expected(bars)


# bad input ------------------------------------------------------------


def _zip(content: bytes, name: str = "score.xml", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


BOMB = b"<!DOCTYPE a [<!ENTITY b 'bb'>]><score-partwise>&b;</score-partwise>"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is damaged"),
        (b"<score-partwise>", "is damaged"),
        (b"<html></html>", "is no MusicXML score"),
        (b"<score-partwise/>", "holds no notes"),
        (BOMB, "holds XML entities"),
        (b"PK\x05\x06" + b"\0" * 18, "holds no score"),
        (b"PK\x03\x04rubbish", "cannot be opened"),
        (_zip(b"<score-partwise/>", "readme.txt"), "holds no score"),
        (_zip(b"<score-partwise/>", method=zipfile.ZIP_BZIP2), "compressed in a way"),
        (_zip(b" " * 60_000_000), "is larger than any song"),
        (b"<score-partwise>" + b"<a>" * 300 + b"</a>" * 300 + b"</score-partwise>", "nested more deeply"),
    ],
)
def test_what_is_no_score_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(BadFileError, match=words) as refusal:
        read_musicxml(data, "my.xml")
    assert "“my.xml”" in str(refusal.value)


def test_a_score_of_too_many_elements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_ELEMENTS", 50)
    with pytest.raises(BadFileError, match="larger than any song"):
        read_musicxml(xml(*[_note("C:4", 16)] * 20))


@pytest.mark.parametrize("seed", range(4))
def test_damaged_scores_are_read_or_refused(seed: int) -> None:
    rng = random.Random(seed)
    tune = b'X:1\nM:3/4\nL:1/8\nQ:1/4=100\nK:Ador\nV:1\n|:"Am"A2{d}B>c (3abc|1 [ACE]3-[ACE]3:|2 z6 & A6|]\n'
    score = xml(_harmony("G", "dominant") + _note("C:4", 8) + _note("E:4", 8, "<chord/>"), _note("D1:5", 12))
    for _ in range(150):
        source, read = rng.choice(((tune, read_abc), (score, read_musicxml), (_zip(score), read_musicxml)))
        damaged = _damaged(source, rng)
        try:
            song = read(damaged, "x").song
        except BadFileError:
            continue
        assert song.end_ticks >= 0
        assert all(note.duration_ticks > 0 and 0 <= note.pitch <= 127 for note in song.notes())


def _damaged(source: bytes, rng: random.Random) -> bytes:
    data = bytearray(source)
    for _ in range(rng.choice((1, 2, 6))):
        at = rng.randrange(len(data))
        numbers = list(re.finditer(rb"\d+", bytes(data)))
        kind = rng.randrange(4)
        if kind == 0 and numbers:
            number = rng.choice(numbers)
            data[number.start() : number.end()] = rng.choice(
                (b"0", b"-7", b"99999999", b"1e400", b"nan", b"")
            )
        elif kind == 1:
            data[at] = rng.randrange(256)
        elif kind == 2:
            del data[at : at + rng.choice((1, 8, 60))]
        else:
            data[at:at] = data[: rng.randrange(40)]
        data = data or bytearray(b" ")
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "content", "file_format"),
    [
        ("a.abc", b"X:1\nK:C\nCDEF|", "abc"),
        ("a.musicxml", xml(_note("C:4", 16)), "musicxml"),
        ("a.xml", xml(_note("C:4", 16)), "musicxml"),
        ("a.mxl", _zip(xml(_note("C:4", 16))), "musicxml"),
    ],
)
def test_scores_are_sketches(tmp_path: Path, name: str, content: bytes, file_format: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert read_sketch(tmp_path / name).format == file_format


def test_an_empty_score_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.abc").write_bytes(b"\n")
    with pytest.raises(EngineError, match="is empty"):
        read_sketch(tmp_path / "a.abc")
