"""What is written into the cache comes back the same, whatever a sheet holds."""

from pathlib import Path
from random import Random

import pytest

from engine.generation.language.grid import Cell, ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.music import Mode
from engine.training.corpus.cachefile import read_cache, write_cache
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.report import report
from engine.training.corpus.sources import code_of


def random_cell(random: Random, stream: Stream) -> Cell:
    rows = [(random.randrange(192), random.randint(1, 192)) for _ in range(random.randrange(5))]
    if stream is Stream.CHORDS:
        kinds = ("maj", "7", "N")
        return tuple(
            ChordEvent(*row, random.randint(-1, 11), random.choice(kinds), random.randint(-1, 11))
            for row in rows
        )
    return tuple(NoteEvent(*row, random.randint(-20, 127), random.random() < 0.5) for row in rows)


def random_sheet(random: Random) -> Sheet:
    bars = []
    for _ in range(random.randrange(6)):
        streams = random.sample(list(Stream), random.randrange(8))
        cells = {stream: random_cell(random, stream) for stream in streams}
        metre = random.randint(1, 24), random.choice((2, 4, 8, 16))
        bars.append(SheetBar(metre, random.randint(1, 192), cells, random.choice(("", "verse"))))
    return Sheet(tuple(bars), random.choice(list(Mode)), random.randint(-5, 6), "folk", 92.5, 1)


@pytest.mark.parametrize("seed", range(8))
def test_round_trip(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    pieces = [
        CorpusPiece(
            f"x/{n}", "x", "folk", "Żółw", "", "CC0-1.0", random_sheet(random), n % 2 == 0, ((0, 1), (0, 1))
        )
        for n in range(20 if seed else 0)
    ]
    write_cache(tmp_path / "x.npz", pieces)
    assert read_cache(tmp_path / "x.npz") == pieces


def test_the_report_counts_what_begins() -> None:
    held = SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(0, 96, 60, True),)})
    first = SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(48, 48, 60),), Stream.CHORDS: ()})
    rows = report([CorpusPiece("x/1", "x", "folk", "", "", "CC0-1.0", Sheet((first, held)))])
    assert (rows["set x"]["bars"], rows["set x"]["notes"], rows["all"]["clusters"]) == (2, 1, 1)
    assert rows["stream melody"]["bars"] == 2
    assert (rows["set x, melody"]["bars"], rows["set x, melody"]["events"]) == (2, 1)
    assert rows["set x, chords"]["bars"] == 1 and "set x, bass" not in rows
    assert sum(rows[f"part {part}"]["pieces"] for part in ("train", "valid", "test")) == 1


def test_the_code_of_a_set_is_all_it_imports() -> None:
    names = {path.name for path in code_of("engine.training.corpus.sets.session")}
    assert {"session.py", "abc.py", "draft.py", "homekey.py", "keys.py", "grid.py"} <= names
    assert "lieder.py" not in names
