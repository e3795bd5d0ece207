"""The recorded walk as a test: a real window process, mouse and keys, kill -9 and all."""

import pytest

from tests.app.walk.walk import Walk


@pytest.mark.timeout(300)
def test_from_a_sketch_to_an_export_through_a_crash(tmp_path):
    assert len(Walk(tmp_path).run()) == 12
