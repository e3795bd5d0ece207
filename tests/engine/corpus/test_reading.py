"""Sets become Sheets: bars whole, keys right, chords with the melody, repeats as form; so does the cache."""

from pathlib import Path

import pytest

from engine.api.errors import BadFileError
from engine.generation.language.grid import ChordEvent, NoteEvent, Stream
from engine.music import Key, Mode
from engine.training.corpus import beside, corpus
from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.homekey import Trust, home_key
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.scores import draft_of_part, form_of, written_key
from engine.training.readers.abc import parse_abc
from engine.training.readers.score import ScorePart

from .folders import data_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def pieces(folder: Path) -> dict[str, CorpusPiece]:
    return {piece.id: piece for piece in read_corpus(folder) if not piece.is_own}


def part(body: str, key: str = "C", metre: str = "4/4") -> ScorePart:
    return parse_abc(f"X:1\nT:T\nM:{metre}\nL:1/4\nK:{key}\n{body}\n")[0]


def chords(piece: CorpusPiece, bar: int) -> list[tuple[int, int, str, int]]:
    cell = piece.sheet.bars[bar].cells[Stream.CHORDS]
    return [(c.offset, c.root, c.quality, c.bass) for c in cell if isinstance(c, ChordEvent)]


def test_the_sets_that_are_listed_are_read(pieces: dict[str, CorpusPiece]) -> None:
    assert list(pieces) == [
        "mcgill-billboard/7",
        "mcgill-billboard/7~1",
        "session-abc/one.abc",
        "session-abc/two.abc",
    ]


def test_a_lead_sheet_has_melody_and_chords_in_tonic_c(pieces: dict[str, CorpusPiece]) -> None:
    tune = pieces["session-abc/one.abc"]
    assert (tune.sheet.mode, tune.sheet.shift, tune.sheet.first_full) == (Mode.MAJOR, -5, 1)
    assert [bar.length for bar in tune.sheet.bars] == [24, 96, 96, 96, 96, 96, 96, 96, 96]
    assert tune.sheet.bars[1].cells[Stream.MELODY] == (
        NoteEvent(0, 48, 72),
        NoteEvent(48, 24, 76),
        NoteEvent(72, 24, 79),
    )
    assert Stream.CHORDS not in tune.sheet.bars[0].cells
    assert [chords(tune, bar) for bar in (1, 2, 3)] == [
        [(0, 0, "maj", -1)],
        [(0, 5, "maj", -1)],
        [(0, 7, "7", -1)],
    ]


def test_repeats_are_form_with_their_voltas(pieces: dict[str, CorpusPiece]) -> None:
    tune = pieces["session-abc/one.abc"]
    assert tune.form == ((0, 5), (1, 4), (5, 9))
    assert len(tune.played().bars) == 12


def test_the_mode_that_is_written_is_kept(pieces: dict[str, CorpusPiece]) -> None:
    sheet = pieces["session-abc/two.abc"].sheet
    assert (sheet.mode, sheet.shift, sheet.bars[0].metre) == (Mode.DORIAN, -3, (3, 4))


def test_a_chart_is_cut_where_the_key_changes_and_vamps_are_short(pieces: dict[str, CorpusPiece]) -> None:
    first, second = (pieces[f"mcgill-billboard/7{suffix}"] for suffix in ("", "~1"))
    assert [bar.section for bar in first.sheet.bars] == ["intro"] * 4 + ["verse"] * 4
    assert chords(first, 5) == [(0, 5, "maj", -1), (48, 7, "7", -1)]
    assert chords(first, 6) == [(0, 0, "maj", 4)]
    assert (second.sheet.shift, {bar.section for bar in second.sheet.bars}) == (2, {"pre-chorus"})
    assert chords(second, 0) == [(0, 0, "maj", -1)]


def test_the_cache_tells_the_same(folder: Path, tmp_path: Path) -> None:
    assert read_corpus(folder, tmp_path) == read_corpus(folder, tmp_path) == read_corpus(folder)
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == {"billboard", "session", "tested"}


def test_sets_read_side_by_side_are_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "WORTH_BYTES", 0)
    monkeypatch.setattr(beside, "_cores", lambda: 2)
    read_here: list[str] = []
    monkeypatch.setattr(corpus, "_checked", lambda reader, *_: read_here.append(reader.ID))
    monkeypatch.setattr(corpus, "earlier_tests", lambda _: read_here.append("what was tested"))
    found = read_corpus(folder, tmp_path)
    monkeypatch.undo()
    assert found == read_corpus(folder) and read_here == []


def test_what_cannot_be_read_beside_is_named_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "WORTH_BYTES", 0)
    monkeypatch.setattr(beside, "_cores", lambda: 2)
    data = data_folder(tmp_path)
    (data / "session-abc" / "index.csv").write_text("file,title\n", encoding="utf-8")
    with pytest.raises(BadFileError):
        read_corpus(data, tmp_path / "cache")


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    data = data_folder(tmp_path)
    (data / "session-abc" / "index.csv").write_text("file,title\n", encoding="utf-8")
    with pytest.raises(BadFileError):
        read_corpus(data)


@pytest.mark.parametrize(
    ("body", "key", "metre", "lengths"),
    (
        ("G|c d e f|g a b:|: G|c d e f|g a b|]", "C", "4/4", [480, 1920, 1920, 1920, 1920]),
        ("c d e f|c d|e f|g4|", "C", "4/4", [1920, 1920, 1920]),
        ("c d e f|[M:3/4]g a b|c d e|", "C", "4/4", [1920, 1440, 1440]),
    ),
)
def test_split_bars_are_joined(body: str, key: str, metre: str, lengths: list[int]) -> None:
    drafted = draft_of_part(part(body, key, metre))
    assert drafted is not None
    assert [bar.length_ticks for bar in drafted[0].bars] == lengths


def test_a_repeat_before_an_upbeat_begins_at_the_full_bar() -> None:
    drafted = draft_of_part(part("c d e f|g a b:|:G|c d e f|g a b:|", "C", "4/4"))
    assert drafted is not None
    assert drafted[1] == ((0, 2), (0, 2), (2, 4), (2, 4))


def test_nothing_repeated_has_no_form() -> None:
    assert form_of(part("c d e f|g a b c'|").bars) == ()


@pytest.mark.parametrize(
    ("body", "written", "heard"),
    (
        (
            '"Am"A B c A|"E7"B A ^G B|"Am"c d e c|"E7"B ^G A2|"Dm"f e d f|"Am"e c A2|"E7"B ^G E2|"Am"A4|',
            "C",
            "Am",
        ),
        ('"F"F G A c|"C7"_B A G E|"F"F A c f|"C7"e c _B G|"F"A c F2|"C7"G _B E2|"F"F4|', "C", "F"),
        ('"C"c d e g|"F"f e d c|"G7"B d g f|"C"e c G2|"Am"A c e2|"G7"d B G2|"C"c4|', "C", "C"),
    ),
)
def test_a_signature_is_weighed_against_what_sounds(body: str, written: str, heard: str) -> None:
    tune = part(body, written)
    drafted = draft_of_part(tune)
    assert drafted is not None
    key = home_key(drafted[0], written_key(tune), Trust.SIGNATURE)
    expected = {"Am": Key(9, Mode.MINOR), "F": Key(5), "C": Key(0)}[heard]
    assert key == expected


def test_chords_nobody_wrote_are_absent() -> None:
    drafted = draft_of_part(part('"G"' + "G A B c|" * 12, "G"))
    assert drafted is not None
    from engine.training.corpus.draft import sheet_of

    sheet = sheet_of(drafted[0], Key(7), "folk")
    assert [Stream.CHORDS in bar.cells for bar in sheet.bars] == [True] * 8 + [False] * 4
