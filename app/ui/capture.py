"""The computer keyboard as a piano (and any MIDI keyboard beside it), recorded in time with the song.

The row A S D ... are white keys from C, W E T Y U O P the black ones between; Z and X change the octave.
A Recording keeps what was played as ticks of the song: no Qt, no sound.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit

from app.playback.errors import NoSound
from app.playback.midi import MidiInput, list_midi_inputs
from engine.music import Note, Origin

PIANO_KEYS = "AWSEDFTGYHUJKOLP"
LOWEST_C, HIGHEST_C = 24, 96
KEY_VELOCITY = 88
SHORTEST_TICKS = 30


@dataclass
class Recording:
    """Notes from key-down to key-up; `start_ticks` is where recording began.

    The head stands there during the count-in: what is let go before it moves was only warming up.
    """

    start_ticks: int
    notes: list[Note] = field(default_factory=list)
    _down: dict[int, tuple[int, int]] = field(default_factory=dict)

    def struck(self, pitch: int, velocity: int, tick: int) -> None:
        """A key goes down; early ones (during the count-in) begin with the first bar."""
        self.let_go(pitch, tick)
        self._down[pitch] = (max(self.start_ticks, tick), velocity)

    def let_go(self, pitch: int, tick: int) -> None:
        if pitch in self._down:
            start, velocity = self._down.pop(pitch)
            if tick <= self.start_ticks:
                return
            length = max(SHORTEST_TICKS, tick - start)
            self.notes.append(Note(0, start, length, pitch, velocity, Origin.PLAYED))

    def finished(self, tick: int) -> tuple[Note, ...]:
        """Everything played, keys still down ending here."""
        for pitch in list(self._down):
            self.let_go(pitch, tick)
        return tuple(sorted(self.notes, key=lambda note: (note.start_ticks, note.pitch)))


class PianoKeys(QObject):
    """While armed, takes the piano keys before any shortcut does. `note_played(pitch, velocity, tick)`, 0
    lets go.

    `sound(pitch, velocity)` and `clock()`, the tick that is heard, are asked in the moment of the key, for a
    MIDI keyboard on its own thread: a busy window delays neither sound nor time.
    """

    note_played = Signal(int, int, int)
    octave_changed = Signal(int)

    def __init__(
        self,
        sound: Callable[[int, int], object],
        clock: Callable[[], int],
        parent: QObject | None = None,
        find_inputs: Callable[[], tuple[str, ...]] = list_midi_inputs,
    ) -> None:
        super().__init__(parent)
        self._sound, self._clock = sound, clock
        self._find_inputs = find_inputs
        self._inputs: list[MidiInput] = []
        self._held: dict[int, int] = {}
        self._sounding: set[int] = set()
        self.low_c = 60
        self.is_armed = False

    def arm(self) -> tuple[str, ...]:
        """Listen; the names of the MIDI keyboards that are heard as well."""
        if self.is_armed:
            return ()
        self.is_armed = True
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)
        return self._open_inputs()

    def disarm(self) -> None:
        if not self.is_armed:
            return
        self.is_armed = False
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        for held in self._inputs:
            held.close()
        self._inputs.clear()
        self._let_all_go()

    def _open_inputs(self) -> tuple[str, ...]:
        opened = []
        for name in self._find_inputs():
            try:
                self._inputs.append(MidiInput.open(name, self._play))
            except NoSound:
                continue
            opened.append(name)
        return tuple(opened)

    def _let_all_go(self) -> None:
        """Also what is held on a MIDI keyboard, which is not heard any more."""
        for pitch in tuple(self._sounding):
            self._play(pitch, 0)
        self._held.clear()

    def _play(self, pitch: int, velocity: int) -> None:
        """From any thread."""
        (self._sounding.add if velocity else self._sounding.discard)(pitch)
        self._sound(pitch, velocity)
        self.note_played.emit(pitch, velocity, self._clock())

    def pitch_of(self, letter: str) -> int | None:
        """The pitch of a key of the piano row, None for any other key."""
        place = PIANO_KEYS.find(letter) if letter else -1
        return self.low_c + place if place >= 0 else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or _is_typing():
            return False
        letter = chr(event.key()) if 0 < event.key() < 128 else ""
        if event.modifiers() or not (letter in PIANO_KEYS or letter in "ZX") or not letter:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._pressed(letter)
        elif event.type() == QEvent.Type.KeyRelease and not event.isAutoRepeat():
            self._released(letter)
        return True

    def _pressed(self, letter: str) -> None:
        if letter in "ZX":
            step = 12 if letter == "X" else -12
            self.low_c = max(LOWEST_C, min(HIGHEST_C, self.low_c + step))
            self.octave_changed.emit(self.low_c)
            return
        pitch = self.pitch_of(letter)
        if pitch is not None and ord(letter) not in self._held:
            self._held[ord(letter)] = pitch
            self._play(pitch, KEY_VELOCITY)

    def _released(self, letter: str) -> None:
        pitch = self._held.pop(ord(letter), None)
        if pitch is not None:
            self._play(pitch, 0)


def _is_typing() -> bool:
    return isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox)
