"""What a score says itself is not heard otherwise."""

from pathlib import Path

import pytest

from engine.service.listening import listen_to
from engine.service.sketch import read_sketch

JIG = "DFA d2 A|BGB A2 F|GBG FAF|EFG E2 A,|DFA d2 A|BGB A2 F|G2 B AFD|E2 D D3|"
CHART = '"Em"z4|"C"z4|"G"z4|"D"z4|'


@pytest.mark.parametrize(
    ("metre", "key", "bars", "notes", "chords"), [("6/8", "D", JIG, 39, 0), ("4/4", "Em", CHART, 0, 4)]
)
def test_bars_are_as_written(
    tmp_path: Path, metre: str, key: str, bars: str, notes: int, chords: int
) -> None:
    path = tmp_path / "tune.abc"
    path.write_text(f"X:1\nT:Tune\nM:{metre}\nL:1/{4 if notes == 0 else 8}\nK:{key}\n{bars}\n")
    song, analysis = listen_to(read_sketch(path))
    assert analysis.pickup_ticks == song.time_map.pickup_ticks == 0
    assert song.bars == bars.count("|")
    assert (sum(1 for _ in song.notes()), len(song.chords)) == (notes, chords)
