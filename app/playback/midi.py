"""Which keyboards are plugged in, and what is played on them?

for name in list_midi_inputs(): ...
keyboard = MidiInput.open(name, player.live_note)   # called on the MIDI thread; Player takes it from any
keyboard.close()
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.playback.errors import NoSound

NOTE_ON, NOTE_OFF = 0x90, 0x80
NOT_KEYBOARDS = ("Midi Through",)  # Linux: what other programs send comes back there
NoteHook = Callable[[int, int], None]


def list_midi_inputs() -> tuple[str, ...]:
    """Names of the MIDI inputs; none when the library or the system's MIDI is missing."""
    port = _port()
    if port is None:
        return ()
    names = tuple(name for name in port.get_ports() if not name.startswith(NOT_KEYBOARDS))
    port.delete()
    return names


def note_of(message: list[int]) -> tuple[int, int] | None:
    """(pitch, velocity) of a note message, velocity 0 for its end; None for any other message."""
    if len(message) < 3 or message[0] & 0xF0 not in (NOTE_ON, NOTE_OFF):
        return None
    return message[1], message[2] if message[0] & 0xF0 == NOTE_ON else 0


class MidiInput:
    """An open MIDI input whose notes go to a hook `(pitch, velocity)`; velocity 0 is a key going up."""

    def __init__(self, port: Any) -> None:
        self._port = port

    @staticmethod
    def open(name: str, hook: NoteHook) -> MidiInput:
        """Raises NoSound when the input is not there."""
        port = _port()
        names = [] if port is None else port.get_ports()
        if port is None or name not in names:
            raise NoSound(f"The MIDI input “{name}” is not there.")
        port.open_port(names.index(name))
        port.set_callback(_Forward(hook))
        return MidiInput(port)

    def close(self) -> None:
        self._port.cancel_callback()
        self._port.close_port()
        self._port.delete()


class _Forward:
    """Takes rtmidi's callback."""

    def __init__(self, hook: NoteHook) -> None:
        self._hook = hook

    def __call__(self, event: tuple[list[int], float], _data: object = None) -> None:
        note = note_of(event[0])
        if note is not None:
            self._hook(*note)


def _port() -> Any:
    """An input of the first of the system's MIDI services that has any (ALSA before JACK); None without."""
    try:
        import rtmidi
    except ImportError:
        return None
    for api in rtmidi.get_compiled_api():
        try:
            port = rtmidi.MidiIn(api, name="Understudy")
        except (SystemError, rtmidi.RtMidiError):  # a kernel without a sequencer
            continue
        if port.get_ports():
            return port
        port.delete()
    return None
