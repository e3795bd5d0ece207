"""The toy model in use for every test of the search."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.generation.search.models import models_from
from tests.engine.search.models import write_toy


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy(tmp_path_factory.mktemp("models"))


@pytest.fixture(autouse=True)
def toy_in_use(toy: Path) -> Iterator[None]:
    with models_from(toy):
        yield
