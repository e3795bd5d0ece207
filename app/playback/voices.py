"""Which notes are sounding, on which channel, how loud? Between the play head and the synthesizer.

Each track keeps one channel for as long as the player lives, so that a take that changes one track leaves the
others ringing. `adopt` brings what sounds into line with what a score holds at a frame.
"""

from __future__ import annotations

from app.playback.mixer import Mix, controller_gain, track_gains
from app.playback.score import EXPRESSION, VOLUME, Kind, Part, Score
from app.playback.synth import Block, SoundSource

REST_OF_NOTE_S = 0.05  # a note with less than this left is not struck again


class Voices:
    """The synthesizer as tracks see it."""

    def __init__(self, bank: SoundSource) -> None:
        self._synth, self._rate = bank.synth(), bank.rate
        self._channels: dict[int, int] = {}
        self._parts: dict[int, Part] = {}
        self._held: dict[tuple[int, int], int] = {}
        self._mixes: dict[int, Mix] = {}
        self._volumes: dict[int, dict[int, int]] = {}

    def render(self, out: Block) -> None:
        self._synth.render(out)

    def play(self, track: int, kind: int, first: int, second: int) -> None:
        """One event of a score."""
        channel = self._channels[track]
        if kind == Kind.NOTE_ON:
            self._synth.note_on(channel, first, second)
            self._held[track, first] = self._held.get((track, first), 0) + 1
        elif kind == Kind.NOTE_OFF:
            self._release(track, first)
        else:
            self._control(track, channel, kind, first, second)
            self._update_gains()

    def _control(self, track: int, channel: int, kind: int, first: int, second: int) -> None:
        if kind == Kind.PROGRAM:
            self._synth.program(channel, first, self._parts[track].is_drums)
        elif kind == Kind.BEND:
            self._synth.bend(channel, second)
        elif first in (VOLUME, EXPRESSION):
            self._volumes.setdefault(track, {})[first] = second
        else:
            self._synth.control(channel, first, second)

    def _release(self, track: int, pitch: int) -> None:
        count = self._held.pop((track, pitch), 0)
        if count:
            self._synth.note_off(self._channels[track], pitch)
        if count > 1:
            self._held[track, pitch] = count - 1

    def let_go(self) -> None:
        """Everything is released and rings out."""
        for track in {track for track, _ in self._held}:
            self._synth.let_go(self._channels[track])
        self._held.clear()

    def set_mixes(self, mixes: dict[int, Mix]) -> None:
        """The mix of a score; goes before `adopt`."""
        self._mixes = mixes

    def set_mix(self, track: int, mix: Mix) -> None:
        """Until the next score has the last word."""
        self._mixes[track] = mix
        self._update_gains()

    def _update_gains(self) -> None:
        for track, gain in track_gains(self._mixes).items():
            if track in self._channels:
                volume = controller_gain(self._volumes.get(track, {}))
                self._synth.set_gain(self._channels[track], gain * volume)

    def adopt(self, score: Score, frame: int, is_sounding: bool) -> None:
        """What sounds becomes what the score holds at the frame (nothing when it is not to sound)."""
        self._release_missing(score, frame, is_sounding)
        self._parts = score.parts
        for track, part in score.parts.items():
            self._channels.setdefault(track, len(self._channels) + 1)
            self._set_state(track, part, frame)
        self._update_gains()
        if is_sounding:
            for track, part in score.parts.items():
                self._strike_held(track, part, frame)

    def _release_missing(self, score: Score, frame: int, is_sounding: bool) -> None:
        wanted = {
            (track, pitch)
            for track, part in score.parts.items()
            if is_sounding and not self._changed_sound(track, part)
            for pitch, _ in part.held_at(frame)
        }
        for track, pitch in [key for key in self._held if key not in wanted]:
            while (track, pitch) in self._held:
                self._release(track, pitch)

    def _changed_sound(self, track: int, part: Part) -> bool:
        before = self._parts.get(track)
        return before is None or before.track.program != part.track.program

    def _strike_held(self, track: int, part: Part, frame: int) -> None:
        if part.is_drums:
            return
        soon = frame + int(REST_OF_NOTE_S * self._rate)
        for pitch, velocity in part.held_at(frame):
            if (track, pitch) not in self._held and (pitch, velocity) in part.held_at(soon):
                self.play(track, Kind.NOTE_ON, pitch, velocity)

    def _set_state(self, track: int, part: Part, frame: int) -> None:
        """Program, bend and controllers as they are at the frame."""
        channel = self._channels[track]
        events = part.events
        is_control = (events[:, 2] != Kind.NOTE_ON) & (events[:, 2] != Kind.NOTE_OFF)
        before = events[(events[:, 0] < frame) & is_control]
        self._synth.reset(channel)
        self._synth.program(channel, part.track.program, part.is_drums)
        self._volumes[track] = {}
        latest: dict[tuple[int, int], tuple[int, int]] = {}
        for _, _, kind, first, second in before.tolist():
            latest[kind, first if kind == Kind.CONTROL else 0] = (first, second)
        for (kind, _), (first, second) in latest.items():
            self._control(track, channel, kind, first, second)
