"""Every chord of an idea can be read, however many there are."""

import pytest
from PySide6.QtGui import QFont, QFontMetrics

from app.ui import theme
from app.ui.chordlook import chord_look
from app.ui.preview import ChordStrip
from engine.music import Chord, Key

C = Key(0)


def strip(symbols: str, width: int) -> ChordStrip:
    looks = [(1.0, chord_look(Chord.parse(symbol), C)) for symbol in symbols.split()]
    found = ChordStrip(looks)
    found.resize(width, found.height())
    found.show()
    return found


@pytest.mark.parametrize(
    ("symbols", "width", "rows"),
    [
        ("C Am F G", 300, 1),
        ("G D C G D7 Am D7 G C D7 G", 400, 1),
        ("G D C G D7 Am D7 G C D7 G C", 240, 2),
        ("Cmaj7 Am7 Dm7 G7 Em7b5 A7 Dm7 Fm6 C/E Ebdim7 Dm7 G7sus4 G7 Cmaj7 Fmaj7 C6", 300, 4),
    ],
)
def test_there_are_as_many_rows_as_it_takes(qapp, symbols, width, rows):
    found = strip(symbols, width)
    assert found.rows == rows and found.height() > 40 * rows - 1
    smallest = QFontMetrics(theme.ui_font(10, QFont.Weight.DemiBold))
    blocks = list(found._blocks(rows))
    for number, symbol in enumerate(symbols.split()):
        widest = max(area.width() for place, area, _ in blocks if place == number)
        assert smallest.horizontalAdvance(symbol) <= widest - 8
    assert all(area.left() >= 0 and area.right() <= width for _, area, _ in blocks)


def test_a_chord_that_goes_on_stands_in_both_rows(qapp):
    looks = [(3.0, chord_look(Chord.parse("C"), C)), (1.0, chord_look(Chord.parse("G7"), C))]
    found = ChordStrip(looks)
    found.resize(200, found.height())
    assert [look.label for _, _, look in found._blocks(2)] == ["C", "C", "G7"]
