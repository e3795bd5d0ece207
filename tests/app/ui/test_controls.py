"""The surprise slider says in a word what it asks for."""

import pytest

from app.ui.controls import surprise_words


@pytest.mark.parametrize(
    ("share", "word"),
    [(0.0, "plain"), (0.19, "plain"), (0.4, "coloured"), (0.6, "bold"), (0.99, "daring"), (1.0, "daring")],
)
def test_surprise_in_a_word(share, word):
    assert surprise_words(share) == word
