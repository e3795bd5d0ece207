"""What the controls ask for is what the engine is asked."""

import pytest
from PySide6.QtCore import Qt

from app.ui.controls import ChordControls, MelodyControls, surprise_words
from engine.api.suggestion import Contour, Controls, Keep, Kind


@pytest.mark.parametrize(
    ("share", "word"), [(0.0, "plain"), (0.4, "coloured"), (0.79, "bold"), (0.8, "daring"), (1.0, "daring")]
)
def test_surprise_in_a_word(share, word):
    assert surprise_words(share) == word


def test_untouched_melody_controls_ask_for_nothing_but_the_variation(qtbot):
    area = MelodyControls("")
    qtbot.addWidget(area)
    assert area.question().controls == Controls(distance=0.4, keep=(Keep.STRONG_BEATS,))
    area.choose(Kind.CONTINUE)
    assert area.question().controls == Controls()


def test_details_are_asked_for_as_they_are_named(qtbot):
    area = MelodyControls("")
    qtbot.addWidget(area)
    area.show()
    area.choose(Kind.ANSWER)
    assert not area.details.isVisible()
    qtbot.mouseClick(area.more.toggle, Qt.MouseButton.LeftButton)
    assert area.details.isVisible()
    details = area.details
    qtbot.mouseClick(details.density.segment(0.85), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(details.register.segment(0.15), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(details.contour.segment(Contour.ARCH), Qt.MouseButton.LeftButton)
    details.lowest.setCurrentIndex(details.lowest.findText("C4"))
    details.highest.setCurrentIndex(details.highest.findText("A4"))
    area.style_choice.setCurrentIndex(area.style_choice.findText("Folk"))
    expected = Controls(density=0.85, register=0.15, contour=Contour.ARCH, range=(60, 69), style="folk")
    assert area.question().controls == expected


def test_the_range_stays_wide_enough_for_a_tune(qtbot):
    area = MelodyControls("")
    qtbot.addWidget(area)
    details = area.details
    details.highest.setCurrentIndex(details.highest.findText("C4"))
    index = details.lowest.findText("B4")
    details.lowest.setCurrentIndex(index)
    details.lowest.activated.emit(index)
    low, high = area.question().controls.range
    assert (low, high) == (71, 75)


def test_the_chord_tab_asks_for_a_style(qtbot):
    area = ChordControls("")
    qtbot.addWidget(area)
    area.style_choice.setCurrentIndex(area.style_choice.findData("jazz"))
    assert area.question().controls.style == "jazz"


def test_the_chord_tab_asks_how_often_chords_change_where_that_is_obeyed(qtbot):
    area = ChordControls("")
    qtbot.addWidget(area)
    area.show()
    assert not area.changes.isVisible()
    area.choose(Kind.HARMONISE)
    assert area.changes.isVisible() and area.question().controls.density is None
    qtbot.mouseClick(area.changes.segment(0.75), Qt.MouseButton.LeftButton)
    assert area.question().controls.density == 0.75
    area.choose(Kind.REHARMONISE)
    assert area.question().controls.density is None
