"""The index as it lies on disk: the shipped one, damaged ones, the artist's folders, and how it is built."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.api.errors import BadFileError, ModelError
from engine.api.suggestion import Kind, SuggestionRequest, Take
from engine.cli import main
from engine.formats.midi import save_midi
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.music import Region, Role, Song, Track
from engine.ranking.originality import store
from engine.ranking.originality.folders import Whose, add_folder, added_folders, forget_folder
from engine.ranking.originality.takes import MOST_NOTES, checked
from engine.training.chords.allow import AllowList
from engine.training.corpus.piece import CorpusPiece
from engine.training.originality.baseline import measure
from engine.training.originality.build import build
from tests.engine.originality.works import TUNE, melody, notes, wandering
from tests.guards.house import ASSETS

MELODIES = store.FILES[0]


def test_the_shipped_index_is_its_cards_and_small() -> None:
    card = json.loads((ASSETS / "originality" / store.CARD).read_text("utf-8"))
    contents = store.checked_files(ASSETS / "originality")
    assert sum(map(len, contents.values())) <= 15_000_000
    assert [file["bytes"] for file in card["files"]] == [len(data) for data in contents.values()]
    assert card["attributions"] and card["licences"] and card["data"]
    assert all(line.strip() for line in card["attributions"])


def test_every_melody_of_the_shipped_index_is_found_with_its_length() -> None:
    index = store.shipped().melodies
    text, placed = index.rhythmic.suffixes.text, index.rhythmic.placed
    ends = [*placed.firsts[1:], len(text) // 2]
    spread = range(0, len(placed.works), max(1, len(placed.works) // 40))
    for number in spread:
        own = text[2 * placed.firsts[number] : 2 * (ends[number] - 1)][:80]
        assert index.rhythmic.suffixes.longest(own) == min(32, len(own) // 2)


def broken_hash(folder: Path) -> None:
    content = bytearray((folder / MELODIES).read_bytes())
    content[-1] ^= 1
    (folder / MELODIES).write_bytes(content)


def without_card(folder: Path) -> None:
    (folder / store.CARD).unlink()


def without_a_file(folder: Path) -> None:
    (folder / MELODIES).unlink()


def other_format(folder: Path) -> None:
    card = json.loads((folder / store.CARD).read_text())
    (folder / store.CARD).write_text(json.dumps(card | {"format": 99}))


def no_safetensors(folder: Path) -> None:
    (folder / MELODIES).write_bytes(b"\x80\x04cos\nsystem\n.")
    _tell_the_card(folder)


def places_outside(folder: Path) -> None:
    _change(folder, "melodies/order", lambda array: array | 0xF0)


def works_missing(folder: Path) -> None:
    _change(folder, "melodies/firsts", lambda array: array[:-1])


def table_cut(folder: Path) -> None:
    _change(folder, "melodies/interval_bits", lambda array: array[:-1])


def words_cut(folder: Path) -> None:
    _change(folder, "melodies/works", lambda array: array[:-3])


def _change(folder: Path, name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    arrays = load_file(folder / MELODIES)
    save_file(arrays | {name: np.ascontiguousarray(change(arrays[name]))}, folder / MELODIES)
    _tell_the_card(folder)


def _tell_the_card(folder: Path) -> None:
    card = json.loads((folder / store.CARD).read_text())
    card["files"][0]["sha256"] = hashlib.sha256((folder / MELODIES).read_bytes()).hexdigest()
    (folder / store.CARD).write_text(json.dumps(card))


BREAKS = (broken_hash, without_card, without_a_file, other_format, no_safetensors, places_outside)
BREAKS += (works_missing, table_cut, words_cut)


@pytest.mark.parametrize("spoil", BREAKS, ids=lambda one: one.__name__)
def test_a_damaged_index_is_refused_in_one_sentence(known: Path, spoil: Callable[[Path], None]) -> None:
    assert store.shipped().melodies is not None
    store._shipped.cache_clear()
    spoil(known / "index")
    with pytest.raises(ModelError, match=r"^The list of known works .*; no idea .* is installed again\.$"):
        store.shipped()


# the artist's folders -----------------------------------------------------------


def tune_file(folder: Path, name: str, seed: int | None = None) -> None:
    pitches, lengths = (TUNE, None) if seed is None else (wandering(seed, 24)[1], [480, 240, 720] * 8)
    line = notes(pitches, lengths) if lengths else notes(pitches)
    folder.mkdir(parents=True, exist_ok=True)
    save_midi(Song(name, tracks=(Track(1, "Melody", Role.MELODY, notes=line),)), folder / f"{name}.mid")


def take_of(seed: int) -> tuple[SuggestionRequest, list[Take]]:
    song = Song(tracks=(Track(1, "", Role.MELODY, notes=notes([60, 61], [960, 960])),))
    request = SuggestionRequest(Kind.CONTINUE, song, Region(4, 8, (1,)), Role.MELODY, 1)
    line = notes([pitch + 2 for pitch in wandering(seed, 24)[1]], [480, 240, 720] * 8, 7680)
    return request, [Take(0, "Idea", notes=line)]


def test_ones_own_songs_are_told_and_references_withheld(known: Path) -> None:
    tune_file(known / "mine" / "album", "Old Song", seed=21)
    tune_file(known / "others", "Hit", seed=22)
    assert add_folder(known / "mine", Whose.YOURS) == (1, ())
    assert add_folder(known / "others", Whose.REFERENCE).works == 1
    (take,), withheld = checked(*take_of(21))
    assert withheld == 0
    assert take.originality.longest_run > MOST_NOTES
    assert (take.originality.work, take.originality.maker) == ("album/Old Song", "yours")
    assert checked(*take_of(22)) == ([], 1)
    assert added_folders() == {
        str(known / "mine"): (Whose.YOURS, 1),
        str(known / "others"): (Whose.REFERENCE, 1),
    }
    assert forget_folder(known / "others") == 1
    assert checked(*take_of(22))[1] == 0
    assert list(added_folders()) == [str(known / "mine")]


def test_a_folder_added_again_is_read_anew(known: Path) -> None:
    tune_file(known / "mine", "One", seed=21)
    add_folder(known / "mine", Whose.YOURS)
    tune_file(known / "mine", "Two", seed=22)
    assert add_folder(known / "mine", Whose.REFERENCE).works == 2
    assert added_folders() == {str(known / "mine"): (Whose.REFERENCE, 2)}


def test_what_cannot_be_read_is_left_out_and_said(known: Path) -> None:
    tune_file(known / "mine", "Good", seed=21)
    (known / "mine" / "bad.mid").write_bytes(b"MThd no")
    (known / "mine" / "bad.understudy").write_bytes(b"SQLite format 3\x00")
    added = add_folder(known / "mine", Whose.YOURS)
    assert added.works == 1
    assert ["bad.mid" in added.troubles[0], "bad.understudy" in added.troubles[1]] == [True, True]


ABC = "X:1\nT:Reel\nM:4/4\nL:1/8\nK:D\n" + "dAFA dfed|cAGE FGAB|defd efge|dBAG FDEF|\n" * 2
MUSICXML = """<?xml version="1.0"?><score-partwise version="4.0"><part-list><score-part id="P1">
<part-name>Voice</part-name></score-part></part-list><part id="P1">{bars}</part></score-partwise>"""


def musicxml(pitches: str) -> str:
    """Bars of four quarters."""
    note = "<note><pitch><step>{}</step><octave>5</octave></pitch><duration>1</duration></note>"
    bars = [pitches[at : at + 4] for at in range(0, len(pitches), 4)]
    told = "".join(
        f'<measure number="{number}"><attributes><divisions>1</divisions></attributes>'
        + "".join(map(note.format, bar))
        + "</measure>"
        for number, bar in enumerate(bars, 1)
    )
    return MUSICXML.format(bars=told)


def zipped(path: Path, score: str) -> None:
    container = '<container><rootfiles><rootfile full-path="score.xml"/></rootfiles></container>'
    with ZipFile(path, "w") as file:
        file.writestr("META-INF/container.xml", container)
        file.writestr("score.xml", score)


def test_scores_are_compared_with_and_broken_ones_said(known: Path) -> None:
    folder = known / "mine"
    folder.mkdir()
    (folder / "reel.abc").write_text(ABC)
    (folder / "air.musicxml").write_text(musicxml("CDEGAGEDCEGBAGFE"))
    zipped(folder / "packed.mxl", musicxml("GGEDCCDEGABAGFED"))
    for name in ("torn.abc", "torn.xml", "torn.mxl"):
        (folder / name).write_bytes(b"<noise")
    works, troubles = add_folder(folder, Whose.YOURS)
    assert works == 3
    broken = zip(("torn.abc", "torn.mxl", "torn.xml"), troubles, strict=True)
    assert all(name in said for name, said in broken)
    line = notes([74, 69, 66, 69, 74, 78, 76, 74, 73, 69, 67, 64, 66, 67, 69, 71], [240] * 16)
    (take,), _ = checked(take_of(1)[0], [Take(0, "Idea", notes=line)])
    assert (take.originality.work, take.originality.maker) == ("reel", "yours")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: None, "“songs” is not a folder."),
        (lambda folder: folder.mkdir(), "Nothing in “songs” can be compared with (no MIDI file, score"),
        (lambda folder: (folder.mkdir(), (folder / "x.mid").write_bytes(b"")), "x.mid"),
    ],
)
def test_a_folder_without_songs_changes_nothing(known: Path, make, words: str) -> None:
    tune_file(known / "mine", "Good", seed=21)
    add_folder(known / "mine", Whose.YOURS)
    before = store.artists_file().read_bytes()
    make(known / "songs")
    with pytest.raises(BadFileError) as refused:
        add_folder(known / "songs", Whose.YOURS)
    assert words in str(refused.value)
    assert store.artists_file().read_bytes() == before


def test_a_spoilt_index_of_ones_own_is_refused_and_left(known: Path) -> None:
    store.artists_file().parent.mkdir(parents=True)
    store.artists_file().write_bytes(b"nothing")
    tune_file(known / "mine", "Good", seed=21)
    for ask in (lambda: add_folder(known / "mine", Whose.YOURS), lambda: checked(*take_of(1)), added_folders):
        with pytest.raises(BadFileError, match="cannot be read; remove it and add them again"):
            ask()
    assert store.artists_file().read_bytes() == b"nothing"


def test_folders_on_the_command_line(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tune_file(known / "mine", "Good", seed=21)
    folder = str(known / "mine")
    said = []
    for words in (["add", folder], ["list"], ["forget", folder], ["list"]):
        assert main(["originality", *words]) == 0
        said.append(capsys.readouterr().out.strip())
    assert said == [
        f"Ideas are now compared with 1 work of {folder}.",
        f"{folder}  (yours, 1 work)",
        "1 work taken out.",
        "No folder was added; ideas are compared with what the models learnt from.",
    ]
    assert main(["originality", "forget", folder]) == 2
    assert capsys.readouterr().err == "understudy originality: “mine” was never added.\n"


# building -------------------------------------------------------------------------


def piece(seed: int, is_own: bool = False) -> CorpusPiece:
    """Twelve bars of four quarters with a tie over every barline and two chords a bar."""
    pitches = wandering(seed, 48)[1]
    bars = []
    for bar in range(12):
        line = [NoteEvent(24 * beat, 24, pitches[4 * bar + beat]) for beat in range(4)]
        if bar:
            line[0] = NoteEvent(0, 24, pitches[4 * bar - 1], tied=True)
        spans = [ChordEvent(48 * half, 48, pitches[2 * bar + half] % 12, "maj") for half in range(2)]
        bars.append(SheetBar((4, 4), 96, {Stream.MELODY: tuple(line), Stream.CHORDS: tuple(spans)}))
    title = f"Tune {seed}"
    return CorpusPiece(
        f"set/{seed}", "set", "folk", title, "[Traditional]", "CC0-1.0", Sheet(tuple(bars)), is_own=is_own
    )


def allow_list(folder: Path) -> AllowList:
    entry = {"id": "set", "title": "Set", "licence": "CC0-1.0", "attribution": "Some people, Set, CC0."}
    entry |= {"url": "", "share_alike": False, "files": []}
    (folder / "datasets.json").write_text(json.dumps({"datasets": [entry]}))
    return AllowList(folder)


def test_the_same_corpus_gives_the_same_files(tmp_path: Path) -> None:
    pieces = [piece(seed) for seed in range(6)] + [piece(77, is_own=True)]
    clusters = [one.id for one in pieces]
    hashes = []
    for name in ("one", "two"):
        holds = build(pieces, clusters, allow_list(tmp_path), tmp_path / name, {"people": 9.0})
        hashes.append([(tmp_path / name / file).read_bytes() for file in (*store.FILES, store.CARD)])
    assert hashes[0] == hashes[1]
    assert (holds["melodies"], holds["progressions"], holds["people"]) == (6, 6, 9.0)
    card = json.loads((tmp_path / "one" / store.CARD).read_text())
    assert card["attributions"] == ["Some people, Set, CC0."]
    store.checked_files(tmp_path / "one")


def test_people_are_measured_against_works_that_are_not_theirs() -> None:
    train = [piece(seed) for seed in range(8)]
    strangers = measure(train, [one.id for one in train], [piece(50), piece(51)], seed=1, chance_lines=5)
    same = measure(train, [one.id for one in train], train[:2], seed=1, chance_lines=5)
    assert strangers["people, melody run p95"] < MOST_NOTES < same["people, melody run p50"]
    assert same["people, melody at the limit of 12"] == 1
    assert 0 <= same["chance, melodies with a named work"] <= 1


def test_texts_of_the_tests_are_texts() -> None:
    assert len(melody()) == 2 * (len(TUNE) - 1)
