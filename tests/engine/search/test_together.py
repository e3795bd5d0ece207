"""A model that is missing is missed in one sentence, and ideas come all the same."""

from pathlib import Path

import pytest

from engine.api.suggestion import Kind, SuggestionRequest, Take
from engine.generation.registry import Remark
from engine.generation.search.models import MODELS, models_from
from engine.generation.search.together import instant_then_model
from engine.music import Region, Role, Song
from tests.engine.search.models import write_toy


def asked(folder: Path, chords: bool) -> tuple[list[Take], list[str]]:
    request = SuggestionRequest(Kind.CONTINUE, Song(), Region(0, 2, chords=chords), Role.CHORDS, takes=2)
    instant = iter([Take(0, "instant"), Take(1, "instant too")])
    with models_from(folder):
        answers = list(
            instant_then_model(request, instant, lambda _: lambda index, _: iter([Take(index, "written")]))
        )
    said = [answer.notice for answer in answers if isinstance(answer, Remark)]
    return [answer for answer in answers if isinstance(answer, Take)], said


@pytest.mark.parametrize(("name", "chords"), [("ranking", False), ("ranking", True), ("progressions", True)])
def test_without_a_helping_model_ideas_come_and_it_is_said(tmp_path: Path, name: str, chords: bool) -> None:
    write_toy(tmp_path)
    (tmp_path / f"{name}.json").write_text("{}")
    takes, said = asked(tmp_path, chords)
    assert [take.index for take in takes] == [0, 1]
    assert len(said) == 1 and said[0].startswith("Simpler ideas: ") and name in said[0]


def test_a_chord_model_is_not_missed_in_a_melody(tmp_path: Path) -> None:
    write_toy(tmp_path)
    (tmp_path / "progressions.json").write_text("{}")
    assert asked(tmp_path, chords=False)[1] == []


def test_with_all_models_nothing_is_said() -> None:
    request = SuggestionRequest(Kind.CONTINUE, Song(), Region(0, 2, chords=True), Role.CHORDS, takes=2)
    with models_from(MODELS):
        answers = list(
            instant_then_model(
                request, iter([Take(0, "instant")]), lambda _: lambda index, _: iter([Take(index, "written")])
            )
        )
    assert [type(answer) for answer in answers] == [Take, Take]
