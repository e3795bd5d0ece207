"""Recording a voice or an instrument: the session behind the box. Takes are kept until one is used.

Without a song the microphone is simply kept, after a count-in if wanted. With a song open, the song plays
from the bar of the playhead, and the take remembers at which tick its first moment sounded.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.document.beside import Beside
from app.playback.qtplayer import QtPlayer
from app.playback.recorder import Recorder, Sound
from app.playback.tape import Tape, tape_of
from engine.api.audio import PlayedTo, Pulse
from engine.music import Recording, Section, Song, Tempo, TimeMap

LOOK_MS = 25
ROOM_BARS = 200
COUNTED_IN_MS = 5


@dataclass(frozen=True, eq=False)
class RecordedTake:
    """A take, the tick of the song at which it began (0 without a song), and the beat it was played to."""

    number: int
    sound: Sound
    tick: int = 0
    played_to: PlayedTo | None = None

    @property
    def name(self) -> str:
        return f"Take {self.number}"


class RecordSession(QObject):
    """`changed`: takes or state. `looked`: the level may have moved. `said`: one sentence. `take_made`,
    `take_dropped` name a take."""

    changed = Signal()
    take_made = Signal(object)
    take_dropped = Signal(object)
    looked = Signal()
    said = Signal(str)

    def __init__(
        self, player: QtPlayer, recorder: Recorder | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._player, self.recorder = player, recorder or Recorder()
        self.takes: list[RecordedTake] = []
        self.is_counting = False
        self.heard: RecordedTake | None = None
        self._song: Song | None = None
        self.start_tick = 0
        self.beat: PlayedTo | None = None  # what is heard of it from tick 0 of its time on
        self._problem = ""
        self._encoding: Beside | None = None
        self._preparing: Beside | None = None
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._looked)
        self._wait = QTimer(self, interval=COUNTED_IN_MS)
        self._wait.timeout.connect(self._begin_when_counted)

    def open(self) -> None:
        """Listen, so that the level can be set."""
        self.recorder.open()
        self._look.start()

    def open_again(self) -> None:
        """Look for a microphone once more."""
        self.recorder.close()
        self.recorder.open()

    @property
    def is_recording(self) -> bool:
        return self.recorder.is_recording

    @property
    def problem(self) -> str:
        return self.recorder.problem

    def start(self, song: Song | None, from_tick: int, counts_in: bool, bpm: float, has_click: bool) -> None:
        """Record; with a song it plays along, without one a count or click is given at `bpm`."""
        if self.is_recording or self.is_counting or not self.recorder.is_listening:
            return
        self.stop_hearing()
        self._song, self.start_tick, self.beat = song, from_tick, None
        if song is None and not counts_in and not has_click:
            self._keep(0)
            return
        played = song if song is not None else _silent(bpm)
        is_heard_on = song is not None or has_click
        self.beat = PlayedTo(played.time_map, 0.0, Pulse.BARS if is_heard_on else Pulse.COUNT)
        self._player.stop()
        self._player.set_loop(None)
        self._player.audition(with_room(played))
        self._player.seek(from_tick)
        self._player.set_count_in(counts_in)
        self._player.set_metronome(has_click)
        self._player.play()
        self.is_counting = True
        self._wait.start()
        self.changed.emit()

    def _begin_when_counted(self) -> None:
        tick = self._player.position_ticks
        if tick > self.start_tick:
            self._wait.stop()
            if self.beat is not None:
                self.beat = replace(self.beat, begins_s=self.beat.time_map.seconds_at(tick))
            self._keep(tick if self._song is not None else 0)

    def _keep(self, tick: int) -> None:
        self.is_counting = False
        self.start_tick = tick
        self.recorder.start()
        self.changed.emit()

    def stop(self) -> None:
        """End; what was recorded is the newest take."""
        self._wait.stop()
        sound = self.recorder.stop()
        was_counting, self.is_counting = self.is_counting, False
        self._player.stop()
        self._player.audition(None)
        if sound is not None and len(sound.samples):
            self.takes.append(RecordedTake(self.next_number, sound, self.start_tick, self.beat))
            self.take_made.emit(self.takes[-1])
        elif not was_counting:
            self.said.emit("Nothing was recorded.")
        self.changed.emit()

    @property
    def next_number(self) -> int:
        return max((take.number for take in self.takes), default=0) + 1

    def _end_full(self) -> None:
        minutes = round(self.recorder.seconds / 60)
        self.stop()
        at = "1 minute" if minutes == 1 else f"{minutes} minutes"
        self.said.emit(f"It ended at {at}, as long as a take can be. All of it is kept.")

    def throw_away(self, take: RecordedTake) -> None:
        if take is self.heard:
            self.stop_hearing()
        self.takes.remove(take)
        self.take_dropped.emit(take)
        self.changed.emit()

    # hearing ------------------------------------------------------------------------

    def hear(self, take: RecordedTake) -> None:
        """The take alone; again: silence."""
        if self.heard is take:
            self.stop_hearing()
            return
        self.stop_hearing()
        self.heard = take
        work = partial(tape_of, take.sound.samples, take.sound.rate)
        self._preparing = Beside(work, partial(self._play, take), self)
        self.changed.emit()

    def _play(self, take: RecordedTake, tape: Tape) -> None:
        self._preparing = None
        if self.heard is not take:
            return
        name = f"take-{take.number}"
        self._player.stop()
        self._player.load_tape(name, tape)
        recording = Recording(name, take.name, take.sound.duration_s)
        song = replace(with_room(_silent(120)), recordings=(recording,))
        self._player.set_count_in(False)
        self._player.set_metronome(False)
        self._player.audition(song)
        self._player.seek(0)
        self._player.play()

    def stop_hearing(self) -> None:
        if self.heard is not None:
            name, self.heard = f"take-{self.heard.number}", None
            self._player.stop()
            self._player.audition(None)
            self._player.load_tape(name, None)
            self.changed.emit()

    # keeping --------------------------------------------------------------------------

    def encode(self, take: RecordedTake, on_done: Any) -> None:
        """The take as the bytes of a FLAC file, made beside the window."""
        self._encoding = Beside(take.sound.flac, on_done, self)

    def close(self) -> None:
        self._look.stop()
        self._wait.stop()
        if self.is_recording or self.is_counting:
            self.stop()
        self.stop_hearing()
        self.recorder.close()

    def _looked(self) -> None:
        if self.recorder.problem != self._problem:
            self._problem = self.recorder.problem
            if self.is_recording:
                self.stop()
            self.changed.emit()
        if self.is_recording and not self.recorder.left_s:
            self._end_full()
        if self.heard is not None and self._preparing is None and not self._player.is_playing:
            self.stop_hearing()
        self.looked.emit()


def with_room(song: Song) -> Song:
    """The song with empty bars after its end, so that there is time to go on."""
    return replace(song, sections=(*song.sections, Section(song.next_id, "", song.bars, ROOM_BARS)))


def _silent(bpm: float) -> Song:
    return Song(time_map=TimeMap((Tempo.of_bpm(0, bpm),)))
