"""Every bench is named; what cannot be measured here is left out, and said."""

from types import ModuleType

import pytest

from engine.commands import bench
from engine.commands.child import told_by
from engine.commands.errors import CommandError


def made(**contents: object) -> ModuleType:
    module = ModuleType("bench_made")
    vars(module).update(contents)
    return module


def test_the_benches_of_the_window_are_among_them() -> None:
    assert {"engine", "import", "roll", "songfile", "window"} <= set(bench.bench_names())


@pytest.mark.parametrize(
    ("contents", "line"),
    [
        ({}, "Nothing is left out."),
        ({"NEEDS": ("json",)}, "Nothing is left out."),
        ({"NEEDS": ("no_such_thing",)}, "Left out, not installed here: it needs no_such_thing."),
        (
            {"COMPARES": ("no_such_thing", "json")},
            "Left out, not installed here: it compares without no_such_thing.",
        ),
    ],
)
def test_what_is_missing_is_said_in_one_line(contents: dict[str, object], line: str) -> None:
    assert bench.left_out({"it": made(**contents)}) == line


def test_a_bench_that_fails_is_one_sentence() -> None:
    with pytest.raises(CommandError, match=r"did not come to its end.*no_such_module"):
        told_by("engine.no_such_module")
