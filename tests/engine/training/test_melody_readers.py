"""ABC and MusicXML become bars of exact notes; lead sheets and split bars become one line of full bars."""

import zipfile
from fractions import Fraction
from io import BytesIO

import pytest

from engine.generation.melody.line import Event
from engine.training.melody.corpus import part_from_record
from engine.training.melody.tunes import join_split_bars, tune_from_part
from engine.training.readers.abc import parse_abc, parse_abc_voices
from engine.training.readers.musicxml import parse_musicxml
from engine.training.readers.score import TICKS, ScoreBar, UnreadableScoreError


def notes(text: str, header: str = "M:4/4\nL:1/8\nK:C") -> list[tuple[Fraction, int | None]]:
    part = parse_abc(f"X:1\nT:Test\n{header}\n{text}\n")[0]
    return [(Fraction(note.duration, TICKS), note.pitch) for bar in part.bars for note in bar.notes]


@pytest.mark.parametrize(
    ("text", "header", "expected"),
    (
        ("C D2 z/", "M:4/4\nL:1/8\nK:C", [("1/2", 60), ("1", 62), ("1/4", None)]),
        ("c>d e<f", "M:4/4\nL:1/8\nK:C", [("3/4", 72), ("1/4", 74), ("1/4", 76), ("3/4", 77)]),
        ("(3CDE F", "M:4/4\nL:1/8\nK:C", [("1/3", 60), ("1/3", 62), ("1/3", 64), ("1/2", 65)]),
        ("F c' C,", "M:4/4\nL:1/4\nK:D", [("1", 66), ("1", 85), ("1", 49)]),
        ("^F F | F", "M:4/4\nL:1/4\nK:C", [("1", 66), ("1", 66), ("1", 65)]),
        ("[CEG]2 {d}!trill!A", "M:4/4\nL:1/4\nK:C", [("2", 67), ("1", 69)]),
        ("A B", "M:3/4\nK:Gdor", [("1/2", 69), ("1/2", 70)]),
    ),
)
def test_abc(text: str, header: str, expected: list[tuple[str, int | None]]) -> None:
    assert notes(text, header) == [(Fraction(length), pitch) for length, pitch in expected]


def test_abc_chord_symbols_and_key() -> None:
    part = parse_abc('X:7\nT:A tune\nM:6/8\nL:1/8\nK:Em\n"Em"E2G "D7"A3|\n')[0]
    assert (part.number, part.title, part.metre, part.tonic, part.is_minor) == (
        "7",
        "A tune",
        (6, 8),
        4,
        True,
    )
    assert [(Fraction(chord.start, TICKS), chord.label) for chord in part.bars[0].chords] == [
        (0, "Em"),
        (Fraction(3, 2), "D7"),
    ]


def test_abc_voices() -> None:
    text = "X:1\nM:2/4\nL:1/4\nK:C\nV:1\nV:2\n[V: 1] C D|\n[V: 2] E, F,|\n"
    voices = parse_abc_voices(text)[0]
    assert [[note.pitch for note in part.bars[0].notes] for part in voices] == [[60, 62], [52, 53]]


_XML = """<score-partwise><part-list/><part id="P1"><measure number="1"><attributes><divisions>2</divisions>
<key><fifths>-1</fifths><mode>major</mode></key><time><beats>3</beats><beat-type>4</beat-type></time></attributes>
<harmony><root><root-step>B</root-step><root-alter>-1</root-alter></root><kind>major-seventh</kind></harmony>
<note><pitch><step>B</step><alter>-1</alter><octave>4</octave></pitch><duration>3</duration></note>
<note><chord/><pitch><step>D</step><octave>5</octave></pitch><duration>3</duration></note>
<note><rest/><duration>1</duration></note>
<note><pitch><step>C</step><octave>5</octave></pitch><duration>2</duration><tie type="stop"/></note>
</measure></part></score-partwise>"""


@pytest.mark.parametrize("packed", (False, True))
def test_musicxml(packed: bool) -> None:
    data = _XML.encode()
    if packed:
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("META-INF/container.xml", "<container/>")
            archive.writestr("score.xml", _XML)
        data = buffer.getvalue()
    part = parse_musicxml(data)[0]
    assert (part.metre, part.tonic, part.bars[0].chords[0].label) == ((3, 4), 5, "Bbmaj7")
    half = TICKS // 2
    found = [(note.start / half, note.duration / half, *note[2:]) for note in part.bars[0].notes]
    assert found == [(0, 3, 74, False), (3, 1, None, False), (4, 2, 72, True)]


@pytest.mark.parametrize("data", (b"<score-partwise>", b"", b"PK\x05\x06" + b"\0" * 18))
def test_what_is_not_a_score_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableScoreError):
        parse_musicxml(data)


def test_entities_are_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bb">]><score-partwise>&b;</score-partwise>'
    with pytest.raises(UnreadableScoreError):
        parse_musicxml(bomb)


def test_bars_cut_by_a_repeat_sign_are_joined() -> None:
    text = "X:1\nM:2/4\nL:1/8\nK:G\nD|G2B2|d2B:||:A|G2B2|G3:|\n"
    bars = join_split_bars(parse_abc(text)[0].bars, 2 * TICKS)
    assert [bar.length / TICKS for bar in bars] == [0.5, 2, 2, 2, 1.5]
    assert join_split_bars([], 2 * TICKS) == []
    assert [bar.length for bar in join_split_bars([ScoreBar(2 * TICKS)], 2 * TICKS)] == [2 * TICKS]


def test_a_tune_is_relative_to_its_tonic_and_its_pickup_is_bar_minus_one() -> None:
    body = "D|" + "G2B2|d2B2|" * 6 + "G3|"
    tune = tune_from_part(parse_abc(f"X:1\nM:2/4\nL:1/8\nK:G\n{body}\n")[0], "x", "test", "folk")
    assert tune is not None
    assert tune.line.events[0] == Event(-1, 36, 12, -5)
    assert tune.line.events[1] == Event(0, 0, 24, 0)


def test_a_lead_sheet_record_is_cut_into_bars() -> None:
    record = {
        "title": "Ours",
        "key": "F",
        "mode": "major",
        "metre": "4/4",
        "pickup": 1.0,
        "length": 9.0,
        "notes": [[0.0, 1.0, 60], [1.0, 5.0, 65], [7.0, 2.0, 67]],
        "chords": [[1.0, 4.0, "F"], [5.0, 4.0, "C7"]],
    }
    part = part_from_record(record)
    assert [bar.length / TICKS for bar in part.bars] == [1, 4, 4]
    assert [(n.start / TICKS, n.duration / TICKS, n.pitch, n.tied) for n in part.bars[2].notes] == [
        (0, 1, 65, True),
        (1, 1, None, False),
        (2, 2, 67, False),
    ]
    assert part.bars[2].chords[0].label == "C7"
