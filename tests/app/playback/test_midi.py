"""Keyboards: what a message means, and machines without MIDI."""

import pytest

from app.playback.errors import NoSound
from app.playback.midi import MidiInput, list_midi_inputs, note_of


@pytest.mark.parametrize(
    ("message", "note"),
    [
        ([0x90, 60, 100], (60, 100)),
        ([0x9F, 60, 0], (60, 0)),
        ([0x83, 61, 64], (61, 0)),
        ([0xB0, 64, 127], None),
        ([0xF8], None),
        ([], None),
    ],
)
def test_note_messages_are_understood_on_every_channel(message, note):
    assert note_of(message) == note


def test_inputs_are_listed_or_none_where_there_is_no_midi():
    assert all(isinstance(name, str) for name in list_midi_inputs())


def test_an_input_that_is_not_there_is_refused_in_one_sentence():
    with pytest.raises(NoSound, match="The MIDI input “Nobody's keyboard” is not there"):
        MidiInput.open("Nobody's keyboard", lambda pitch, velocity: None)
