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


MANY = "Cmaj7 Am7 Dm7 G7 Em7b5 A7 Dm7 Fm6 C/E Ebdim7 Dm7 G7sus4 G7 Cmaj7 Fmaj7 C6"


@pytest.mark.parametrize("symbols", ["C Am F G", "G D C G D7 Am D7 G C D7 G C", MANY])
@pytest.mark.parametrize("width", [240, 300, 400])
def test_there_are_as_many_rows_as_it_takes(qapp, symbols, width):
    found = strip(symbols, width)
    smallest = QFontMetrics(theme.ui_font(10, QFont.Weight.DemiBold))

    def is_cut(rows):
        widest = {}
        for number, area, look in found._blocks(rows):
            widest[look.label, number] = max(area.width(), widest.get((look.label, number), 0))
        return any(smallest.horizontalAdvance(label) > room - 8 for (label, _), room in widest.items())

    assert found.rows == 4 or not is_cut(found.rows)
    assert 40 * found.rows <= found.height() <= 44 * found.rows
    assert all(area.left() >= 0 and area.right() <= width for _, area, _ in found._blocks(found.rows))


def test_four_chords_stand_in_one_row_and_many_do_not(qapp):
    assert strip("C Am F G", 300).rows == 1 < strip(MANY, 300).rows


def test_a_chord_that_goes_on_stands_in_both_rows(qapp):
    looks = [(3.0, chord_look(Chord.parse("C"), C)), (1.0, chord_look(Chord.parse("G7"), C))]
    found = ChordStrip(looks)
    found.resize(200, found.height())
    assert [look.label for _, _, look in found._blocks(2)] == ["C", "C", "G7"]
