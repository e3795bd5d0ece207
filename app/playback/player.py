"""Playing the song while everything else goes on: two threads around a Transport.

Commands may come from any thread and return at once. The *preparing* thread compiles songs (the newest only,
when several wait) and passes commands on in their order; the *playing* thread renders blocks of BLOCK frames
and writes them to the output, which takes them about LATENCY_S before they are heard. Without a device or a
synthesizer the same threads run on a silent clock and `sound_problem` says why in one sentence.

    player = Player(); player.set_song(song); player.play(); player.position_ticks; player.close()
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.playback.errors import BadSoundBank, NoSound, PlaybackError
from app.playback.keyboard import Keyboard
from app.playback.mixer import Mix
from app.playback.output import Device, Output, SilentClock
from app.playback.room import Room
from app.playback.score import Score, compile_song
from app.playback.silence import SilentBank
from app.playback.synth import Bank, SoundSource, default_bank_path
from app.playback.tape import Tape
from app.playback.timeline import Timeline
from app.playback.transport import Transport
from engine.music.song import Song

BLOCK = 512
SILENCE = 1e-5
REST_AFTER_S = 3.0  # of silence while stopped; then the device is paused until the next command
CLOSE_WAIT_S = 3.0


@dataclass(frozen=True)
class _Request:
    """A song to compile before `apply`, or none."""

    song: Song | None
    apply: Callable[[Score | None], None]
    replaces: str = ""


class Player:
    """The sound of the open song. Every method may be called from any thread and returns at once."""

    def __init__(
        self, bank_path: Path | None = None, open_output: Callable[[], Output] = Device.open
    ) -> None:
        self._bank_path, self._open_output = bank_path or default_bank_path(), open_output
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._is_ready, self._is_closing = threading.Event(), threading.Event()
        self._is_playing = self._is_auditioning = False
        self._parked_ticks = 0.0
        self.sound_problem = ""
        self.underflows = 0
        self._output: Output
        self._transport: Transport
        self._keyboard: Keyboard
        self._timeline: Timeline
        self._threads = [
            threading.Thread(target=self._prepare, name="prepare", daemon=True),
            threading.Thread(target=self._play, name="play", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    # what the window asks ---------------------------------------------------------

    @property
    def is_playing(self) -> bool:
        return self._is_playing

    @property
    def is_auditioning(self) -> bool:
        return self._is_auditioning

    @property
    def position_ticks(self) -> int:
        """Where the play head is: what is heard now while playing, where play would begin when stopped."""
        heard = self._timeline.heard_ticks() if self._is_playing and self._is_ready.is_set() else None
        return round(self._parked_ticks if heard is None else heard)

    def wait_until_ready(self, timeout_s: float = 10.0) -> bool:
        """Whether the device has been opened (or found missing) by then."""
        return self._is_ready.wait(timeout_s)

    # what the window commands -------------------------------------------------------

    def set_song(self, song: Song) -> None:
        """The song as it is now; while playing it is taken up without a gap."""

        def apply(score: Score | None) -> None:
            if score is not None:
                self._transport.set_score(score)

        self._requests.put(_Request(song, apply, "song"))

    def audition(self, song: Song | None) -> None:
        """Another song takes over at the next beat, or the song itself again."""
        self._is_auditioning = song is not None
        self._requests.put(_Request(song, lambda score: self._transport.audition(score), "audition"))

    def play(self) -> None:
        self._is_playing = True
        self._do(lambda: self._transport.play())

    def stop(self) -> None:
        """Stops where the ear is, not where the rendering is."""
        ticks = self.position_ticks
        self._is_playing, self._parked_ticks = False, ticks
        self._do(lambda: self._transport.stop_at(ticks))

    def toggle(self) -> None:
        if self._is_playing:
            self.stop()
        else:
            self.play()

    def seek(self, ticks: int) -> None:
        self._parked_ticks = max(0, ticks)
        self._do(lambda: self._transport.seek(ticks))

    def set_loop(self, start_ticks: int | None, end_ticks: int = 0) -> None:
        """Half-open, in ticks; None: no loop."""
        loop = None if start_ticks is None else (start_ticks, end_ticks)
        self._do(lambda: self._transport.set_loop(loop))

    def set_metronome(self, is_on: bool) -> None:
        self._do(lambda: setattr(self._transport, "has_metronome", is_on))

    def set_count_in(self, is_on: bool) -> None:
        self._do(lambda: setattr(self._transport, "has_count_in", is_on))

    def set_track_mix(self, track_id: int, muted: bool, soloed: bool, level: float) -> None:
        """Until the next set_song."""
        self._do(lambda: self._transport.set_mix(track_id, Mix(muted, soloed, level)))

    def preview(
        self,
        pitches: Sequence[int],
        program: int = 0,
        is_drums: bool = False,
        velocity: int = 90,
        seconds: float = 0.4,
    ) -> None:
        """Sounds the pitches together, beside the song."""
        wanted = tuple(pitches)
        self._at_once(lambda: self._keyboard.preview(wanted, program, is_drums, velocity, seconds))

    def set_live_sound(self, program: int, is_drums: bool) -> None:
        """What a MIDI keyboard plays."""
        self._at_once(lambda: self._keyboard.set_sound(program, is_drums))

    def live_note(self, pitch: int, velocity: int) -> None:
        """A key goes down; velocity 0: up."""
        self._at_once(lambda: self._keyboard.play(pitch, velocity))

    def load_tape(self, sha256: str, tape: Tape | None) -> None:
        """A recording that songs name, ready to play at the device's rate; None: it is needed no more."""
        self._at_once(lambda: self._transport.deck.load(sha256, tape))

    @property
    def rate(self) -> int:
        """Frames a second; known once the device has been opened (or found missing)."""
        return self._output.rate

    def load_bank(self, path: Path | None) -> None:
        """Another sound bank (None: ours). One that cannot be read is named in `sound_problem`."""
        self._do(lambda: self._change_bank(path or default_bank_path()))

    def close(self) -> None:
        """Ends both threads and gives the device back."""
        self._is_closing.set()
        self._requests.put(None)
        self._commands.put(lambda: None)
        for thread in self._threads:
            thread.join(CLOSE_WAIT_S)

    def _do(self, command: Callable[[], object]) -> None:
        """In order with the songs."""
        self._requests.put(_Request(None, lambda _: (command(), None)[1]))

    def _at_once(self, command: Callable[[], None]) -> None:
        """Ahead of songs that are being compiled."""
        self._commands.put(command)

    # the preparing thread --------------------------------------------------------------

    def _prepare(self) -> None:
        self._is_ready.wait()
        latest: dict[str, Score] = {}
        while not self._is_closing.is_set():
            waiting = self._drain()
            for index, request in enumerate(waiting):
                if any(later.replaces == request.replaces != "" for later in waiting[index + 1 :]):
                    continue
                score = None
                if request.song is not None:
                    before = latest.get("song")
                    score = compile_song(request.song, self._output.rate, before)
                    latest[request.replaces] = score
                self._commands.put(lambda apply=request.apply, score=score: apply(score))  # type: ignore[misc]

    def _drain(self) -> list[_Request]:
        """Waits for one request and takes what else is there."""
        taken = [self._requests.get()]
        while not self._requests.empty():
            taken.append(self._requests.get())
        return [request for request in taken if request is not None]

    # the playing thread -----------------------------------------------------------------

    def _play(self) -> None:
        self._open()
        quiet_frames = 0
        while not self._is_closing.is_set():
            self._obey()
            block = self._next_block()
            self._write(block)
            quiet_frames = 0 if self._is_active(block) else quiet_frames + len(block)
            if quiet_frames > REST_AFTER_S * self._output.rate:
                self._rest()
                quiet_frames = 0
        self._output.close()

    def _open(self) -> None:
        self._output, bank = self._find_sound()
        self._set_up(bank, compile_song(Song(), self._output.rate))
        self._is_ready.set()

    def _find_sound(self) -> tuple[Output, SoundSource]:
        try:
            output = self._open_output()
        except NoSound as problem:
            self.sound_problem = str(problem)
            clock = SilentClock()
            return clock, SilentBank(clock.rate)
        try:
            return output, Bank.load(self._bank_path, output.rate)
        except PlaybackError as problem:
            self.sound_problem = str(problem)
            return output, SilentBank(output.rate)

    def _set_up(self, bank: SoundSource, score: Score) -> None:
        self._transport = Transport(bank, score, Room(bank.rate))
        self._keyboard = Keyboard(bank)
        self._timeline = Timeline(self._output.rate, self._output.latency_s)

    def _change_bank(self, path: Path) -> None:
        try:
            bank = Bank.load(path, self._output.rate)
        except (NoSound, BadSoundBank) as problem:
            self.sound_problem = str(problem)
            return
        self.sound_problem = ""
        self._transport.set_bank(bank)
        self._keyboard = Keyboard(bank)

    def _obey(self) -> None:
        while not self._commands.empty():
            self._commands.get()()

    def _next_block(self) -> np.ndarray:
        was_playing = self._transport.is_playing
        block = self._transport.render(BLOCK)
        self._keyboard.mix(block)
        if was_playing and not self._transport.is_playing:  # the song has ended
            self._parked_ticks = self._transport.score.tick_at(self._transport.frame)
            self._is_playing = False
        self._timeline.add(self._transport.stretches)
        return block

    def _write(self, block: np.ndarray) -> None:
        try:
            self.underflows += self._output.write(block)
        except NoSound as problem:
            self._lose_sound(str(problem))
        self._timeline.wrote(len(block))

    def _is_active(self, block: np.ndarray) -> bool:
        return (
            self._transport.is_playing or self._keyboard.is_sounding or float(np.abs(block).max()) > SILENCE
        )

    def _rest(self) -> None:
        """The device sleeps until there is a command."""
        try:
            self._output.pause()
            command = self._commands.get()
            self._output.resume()
        except NoSound as problem:
            self._lose_sound(str(problem))
            return
        command()

    def _lose_sound(self, sentence: str) -> None:
        self.sound_problem = sentence
        self._output = SilentClock(self._output.rate)
