"""Examples in docstrings say what happens."""

import doctest
import importlib
import pkgutil

import pytest

import app
import engine

MODULES = sorted(
    info.name
    for package in (engine, app)
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not info.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name, qapp):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_there_are_examples():
    attempted = sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES[:200])
    assert attempted > 30
