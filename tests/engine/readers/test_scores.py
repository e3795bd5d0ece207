"""The readers of whole scores: the same little score in MusicXML, kern and ABC, and what each format adds."""

import io
import zipfile

import pytest

from engine.training.readers import scorescan
from engine.training.readers.abc import parse_abc_voices
from engine.training.readers.kern import parse_kern
from engine.training.readers.parts import FullScore, score_of_voices
from engine.training.readers.score import TICKS, UnreadableScoreError
from engine.training.readers.scorexml import parse_full_score

KERN = """**kern\t**kern\t**text
*part2\t*part1\t*part1
*staff2\t*staff1\t*
*k[f#]\t*k[f#]\t*
*G:\t*G:\t*
*M3/4\t*M3/4\t*
*MM120\t*MM120\t*
=1\t=1\t=1
2.GG\t4g\tla
.\t8qa\t.
.\t12b\tla
.\t12a\t.
.\t12g\t.
.\t[4dd\tla
=2\t=2\t=2
2.D 2.A\t2.dd]\t.
==\t==\t==
*-\t*-\t*-
"""
ABC = "X:1\nT:Air\nM:3/4\nL:1/4\nK:G\n[V:1] G (3B/A/G/ d-|d3|]\n[V:2] G,,3|D,3|]\n"


def _note(step: str, octave: int, duration: int, extra: str = "", alter: str = "") -> str:
    pitch = f"<pitch><step>{step}</step>{alter}<octave>{octave}</octave></pitch>"
    return f"<note>{extra}{pitch}<duration>{duration}</duration><voice>1</voice></note>"


def _xml() -> bytes:
    signature = "<key><fifths>1</fifths></key><time><beats>3</beats><beat-type>4</beat-type></time>"
    attributes = f"<attributes><divisions>6</divisions>{signature}</attributes>"
    upper = _note("G", 4, 6) + _note("A", 4, 0, "<grace/>")
    upper += _note("B", 4, 2) + _note("A", 4, 2) + _note("G", 4, 2)
    upper += _note("D", 5, 6).replace("</note>", '<tie type="start"/><lyric/></note>')
    held = _note("D", 5, 18).replace("</note>", '<tie type="stop"/></note>')
    lower = _note("D", 3, 18) + _note("A", 3, 18, "<chord/>")
    return (
        "<score-partwise><part-list><score-part><part-name>Voice</part-name></score-part></part-list>"
        f"<part><measure>{attributes}<direction><sound tempo='120'/></direction>{upper}</measure>"
        f"<measure>{held}</measure></part>"
        f"<part><measure>{attributes}{_note('G', 2, 18)}</measure><measure>{lower}</measure></part>"
        "</score-partwise>"
    ).encode()


def _by_part(score: FullScore) -> list[list[tuple[float, float, int]]]:
    return [
        [(note.start / TICKS, note.duration / TICKS, note.pitch) for note in score.part_notes(part)]
        for part in sorted({part for part, _ in score.staves()})
    ]


MELODY = [(0, 1, 67), (1, 1 / 3, 71), (1 + 1 / 3, 1 / 3, 69), (5 / 3, 1 / 3, 67), (2, 4, 74)]
BASS = [(0, 3, 43), (3, 3, 50)]


@pytest.mark.parametrize("score", [parse_full_score(_xml()), parse_kern(KERN)], ids=["xml", "kern"])
def test_a_score_is_read_whole(score: FullScore) -> None:
    upper, lower = _by_part(score)
    assert upper == MELODY
    assert lower == [*BASS, (3, 3, 57)]
    assert [(m.start / TICKS, m.length / TICKS, m.metre, m.fifths) for m in score.measures] == [
        (0, 3, (3, 4), 1),
        (3, 3, (3, 4), 1),
    ]
    assert score.bpm == 120
    assert {voice.part for voice in score.voices if voice.has_words} == {0}


def test_voices_of_an_abc_tune_are_a_score() -> None:
    score = score_of_voices(parse_abc_voices(ABC)[0])
    assert score is not None
    assert [[(n.start / TICKS, n.duration / TICKS, n.pitch) for n in v.notes] for v in score.voices] == [
        MELODY,
        BASS,
    ]
    assert score.measures[0].fifths == 1 and score.measures[0].mode == "major"


def test_voices_with_different_bars_are_no_score() -> None:
    assert score_of_voices(parse_abc_voices(ABC.replace("D,3|]", "D,2|]"))[0]) is None


def test_split_spines_are_voices_of_one_staff() -> None:
    text = "**kern\n*M2/4\n=1\n*^\n4c\t2e\n4d\t.\n*v\t*v\n=2\n2f\n==\n*-"
    score = parse_kern(text)
    assert [(v.voice, [(n.start / TICKS, n.pitch) for n in v.notes]) for v in score.voices] == [
        ("0", [(0, 60), (1, 62), (2, 65)]),
        ("1", [(0, 64)]),
    ]


@pytest.mark.parametrize(
    ("token", "quarters"), [("1", 4), ("0", 8), ("8.", 0.75), ("16..", 0.4375), ("12", 1 / 3), ("3%2", 8 / 3)]
)
def test_kern_values(token: str, quarters: float) -> None:
    score = parse_kern(f"**kern\n=1\n{token}c\n==\n*-")
    assert score.voices[0].notes[0].duration == round(quarters * TICKS)


def test_a_bar_of_rounded_values_is_as_long_as_its_metre() -> None:
    notes = "\n".join(["44c"] * 11 + ["2.e"])
    assert parse_kern(f"**kern\n*M4/4\n=1\n{notes}\n==\n*-").measures[0].length == 4 * TICKS


def test_transposing_parts_are_read_as_they_sound() -> None:
    shift = "<transpose><chromatic>-2</chromatic></transpose><divisions>6</divisions>"
    data = _xml().replace(b"<divisions>6</divisions>", shift.encode(), 1)
    assert parse_full_score(data).part_notes(0)[0].pitch == 65


def test_a_compressed_score_is_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("META-INF/container.xml", "<container/>")
        archive.writestr("score.xml", _xml())
    assert len(parse_full_score(packed.getvalue()).voices) == 2


@pytest.fixture(params=["machine code", "python"])
def scanner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in doubt is read with and without a compiler."""
    if request.param == "python":
        monkeypatch.setattr(scorescan, "_library", lambda: None)


ODDITIES = [
    "<note><grace/><pitch><step>C</step><octave>4</octave></pitch><voice>1</voice></note>",
    "<note><cue/><pitch><step>C</step><octave>4</octave></pitch><duration>3</duration></note>",
    '<note><rest measure="yes"/><duration>12</duration><voice>5</voice><staff>2</staff></note>',
    '<note x="1"><chord/><pitch><step>A</step><alter>-2</alter><octave>0</octave></pitch></note>',
    '<note><duration>6</duration><tie type="stop"/><tie type="start"/><lyric/></note>',
    "<note>\n<duration> 6 </duration><voice> 2 </voice></note>",
    "<note><pitch><step>B</step><alter>0.5</alter><octave>4</octave></pitch><duration>1.5</duration></note>",
    "<notes/><note/><noteheads><note></note></noteheads>",
    "<backup><duration>12</duration></backup><forward><duration>3</duration><voice>2</voice></forward>",
    '<attributes/><attributes><divisions>8</divisions></attributes><sound tempo="90"/>',
    '<direction><sound tempo="80"/></direction><print new-system="yes"><a/></print>',
]


@pytest.mark.parametrize("inner", ODDITIES)
def test_machine_code_finds_what_python_finds(inner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f'<measures><measure number="1">{inner}</measure><measure/><measure >{inner}</measure>'.encode()
    found = scorescan.scanned(text, 0, len(text))
    monkeypatch.setattr(scorescan, "_library", lambda: None)
    assert found.tolist() == scorescan.scanned(text, 0, len(text)).tolist()
    assert (found[:, scorescan.Column.KIND] == scorescan.Kind.MEASURE).sum() == 3


USUAL = "<pitch><step>B</step><alter>-1</alter><octave>3</octave></pitch><duration>6</duration>"


@pytest.mark.parametrize(
    "note",
    [
        f"{USUAL}<voice>2</voice><staff>2</staff>",
        f"\n  {USUAL}\n  <voice>2</voice>\n  <type>quarter</type>\n  <staff>2</staff>\n",
        f'{USUAL}<instrument id="P1"/><voice>2</voice><staff>2</staff><lyric><text>a</text></lyric>',
        f"{USUAL}<!-- <voice>1</voice> --><voice>2</voice><staff>2</staff>",
        f"<staff>2</staff><voice>2</voice>{USUAL}",
    ],
    ids=["plain", "indented", "instrument and words", "comment", "another order"],
)
@pytest.mark.usefixtures("scanner")
def test_a_note_may_be_written_in_many_ways(note: str) -> None:
    shape = "<attributes><divisions>6</divisions></attributes>"
    rest = "<forward><duration>18</duration></forward>"
    measure = f'<measure number="1">{shape}<note default-x="3">{note}</note>{rest}</measure>'
    voice = parse_full_score(f"<score-partwise><part>{measure}</part></score-partwise>".encode()).voices[0]
    assert [tuple(one) for one in voice.notes] == [(0, TICKS, 58)]
    assert (voice.staff, voice.voice, voice.has_words) == (1, "2", "lyric" in note)


@pytest.mark.parametrize(
    "data",
    [
        b"<score-partwise>",
        b"<score-partwise><part><measure></part></score-partwise>",
        b"<score-partwise/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><score-partwise/>',
        b"PK\x03\x04 no archive",
    ],
    ids=["cut off", "no end of a measure", "empty", "entities", "broken zip"],
)
@pytest.mark.usefixtures("scanner")
def test_what_is_no_score_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableScoreError):
        parse_full_score(data)


@pytest.mark.parametrize("text", ["", "**kern\n*-", "**kern\t**kern\n4c\n*-\t*-"])
def test_what_is_no_kern_score_is_refused(text: str) -> None:
    with pytest.raises(UnreadableScoreError):
        parse_kern(text)
