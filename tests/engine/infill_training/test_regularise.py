"""What is tried differs in one thing at a time, and the table says what was found."""

import pytest

pytest.importorskip("torch")

from engine.training.infill.learner import Learning
from engine.training.recipes.regularise import SHOWN, as_table, tried


def test_one_thing_is_varied_at_a_time() -> None:
    found = tried()
    assert len(set(found)) == len(found) == 5 and Learning() in found
    usual = Learning()
    assert all((one.weight_decay == usual.weight_decay) or (one.dropout == usual.dropout) for one in found)


def test_the_table_has_a_line_for_each() -> None:
    found = {one: dict.fromkeys(SHOWN, 1.0 + place / 8) for place, one in enumerate(tried())}
    lines = as_table(found).splitlines()
    assert len(lines) == 2 + 5
    assert lines[2].startswith("| 0.03 | 0.1 | 1.000") and lines[-1].startswith("| 0.1 | 0.2 | 1.500")
