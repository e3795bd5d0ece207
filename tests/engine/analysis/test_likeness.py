"""The same song in another key and tempo is found before others; what is alike is named."""

from pathlib import Path

import pytest

from engine.cli import main
from engine.formats.midi import save_midi
from engine.music import Chord, Note, Song, Tempo, TimeMap, Track

TUNE = (0, 2, 4, 7, 5, 4, 2, 4, 0, 2, 4, 9, 7, 5, 4, 0)
OTHER = (12, 7, 0, 7, 12, 3, 10, 1, 8, 6, 11, 2, 9, 4, 0, 12)


def sketch(symbols: str, steps: tuple[int, ...], by: int = 0, bpm: float = 100) -> Song:
    comp, line = [], []
    for bar, name in enumerate(symbols.split()):
        tones = sorted(48 + (tone + by) % 12 for tone in Chord.parse(name).pitch_classes)
        comp += [Note(100 + 8 * bar + i, bar * 1920, 1900, pitch) for i, pitch in enumerate(tones)]
    line = [Note(500 + i, i * 480, 470, 67 + by + step) for i, step in enumerate(steps)]
    time_map = TimeMap(tempos=(Tempo.of_bpm(0, bpm),))
    return Song(
        "", time_map, tracks=(Track(1, "Piano", notes=tuple(comp)), Track(2, "Voice", notes=tuple(line)))
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "all" / "inside").mkdir(parents=True)
    save_midi(sketch("C Am F G", TUNE), tmp_path / "mine.mid")
    save_midi(sketch("C Am F G", TUNE, by=3, bpm=104), tmp_path / "all" / "inside" / "same.mid")
    save_midi(sketch("C Am F G", OTHER, by=5, bpm=180), tmp_path / "all" / "chords.mid")
    save_midi(sketch("Cm Ab Fm Bb", OTHER, bpm=170), tmp_path / "all" / "else.mid")
    (tmp_path / "all" / "broken.mid").write_bytes(b"MThd")
    return tmp_path


def test_the_most_alike_come_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["similar", str(folder / "mine.mid"), str(folder / "all")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["inside/same.mid", "chords.mid", "else.mid"]
    assert "contour" in lines[0]
    assert "chords" in lines[1]
    assert "contour" not in lines[1]
    assert "1 file could not be read" in lines[3]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("missing.mid all", "“missing.mid” is not there"),
        ("mine.mid mine.mid", "“mine.mid” is not a folder"),
        ("mine.mid all --top 0", "between 1 and 100"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, says: str
) -> None:
    monkeypatch.chdir(folder)
    assert main(["similar", *words.split()]) == 2
    assert says in capsys.readouterr().err
