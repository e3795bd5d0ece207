"""What is written into the cache comes back the same, whatever a sheet holds."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.music import Mode
from engine.training.corpus.cachefile import read_cache, write_cache
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.report import report
from engine.training.corpus.sources import code_of

ticks = st.integers(0, 191)
notes = st.builds(NoteEvent, ticks, st.integers(1, 192), st.integers(-20, 127), st.booleans())
chords = st.builds(
    ChordEvent,
    ticks,
    st.integers(1, 192),
    st.integers(-1, 11),
    st.sampled_from(("maj", "7")),
    st.integers(-1, 11),
)
cells = st.dictionaries(st.sampled_from(list(Stream)[1:]), st.lists(notes, max_size=4).map(tuple))
bars = st.builds(
    lambda metre, length, own, harmony, section: SheetBar(metre, length, {**harmony, **own}, section),
    st.tuples(st.integers(1, 24), st.sampled_from((2, 4, 8))),
    st.integers(1, 192),
    cells,
    st.dictionaries(st.just(Stream.CHORDS), st.lists(chords, max_size=3).map(tuple)),
    st.sampled_from(("", "verse", "chorus")),
)
sheets = st.builds(
    Sheet, st.lists(bars, max_size=4).map(tuple), st.sampled_from(Mode), st.integers(-5, 6), st.just("folk")
)


@settings(max_examples=25)
@given(st.lists(sheets, max_size=3))
def test_round_trip(tmp_path_factory: object, found: list[Sheet]) -> None:
    pieces = [
        CorpusPiece(f"x/{n}", "x", "folk", "Żółw", "", "CC0-1.0", sheet, form=((0, 1), (0, 1)))
        for n, sheet in enumerate(found)
    ]
    path = Path(tmp_path_factory.mktemp("cache")) / "x.npz"  # type: ignore[attr-defined]
    write_cache(path, pieces)
    assert read_cache(path) == pieces


def test_the_report_counts_what_begins() -> None:
    held = SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(0, 96, 60, True),)})
    first = SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(48, 48, 60),), Stream.CHORDS: ()})
    rows = report([CorpusPiece("x/1", "x", "folk", "", "", "CC0-1.0", Sheet((first, held)))])
    assert (rows["set x"]["bars"], rows["set x"]["notes"], rows["all"]["clusters"]) == (2, 1, 1)
    assert rows["stream melody"]["bars"] == 2
    assert sum(rows[f"part {part}"]["pieces"] for part in ("train", "valid", "test")) == 1


def test_the_code_of_a_set_is_all_it_imports() -> None:
    names = {path.name for path in code_of("engine.training.corpus.sets.session")}
    assert {"session.py", "abc.py", "draft.py", "homekey.py", "keys.py", "grid.py"} <= names
    assert "lieder.py" not in names
