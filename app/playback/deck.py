"""How do recordings play under the notes? The deck follows the play head and adds what sounds there.

When the head jumps, starts or stops, what sounded fades out and what comes fades in, so that nothing clicks.
A recording keeps its own speed: it is where the song's seconds are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.playback.mixer import fader_gain
from app.playback.score import Score
from app.playback.synth import Block
from app.playback.tape import FULL, Tape
from engine.music.recording import Recording

if TYPE_CHECKING:
    from app.playback.transport import Stretch

FADE_FRAMES = 256


class Deck:
    """The tapes that are loaded, by the hash of their recording. One thread: the one that renders."""

    def __init__(self) -> None:
        self._tapes: dict[str, Tape] = {}
        self._at: dict[str, tuple[int, float]] = {}  # recording -> tape frame that would come next, gain

    def load(self, sha256: str, tape: Tape | None) -> None:
        """Have a recording ready, or let it go."""
        if tape is None:
            self._tapes.pop(sha256, None)
        else:
            self._tapes[sha256] = tape

    def mix(self, block: Block, stretches: list[Stretch]) -> None:
        """Adds the recordings of the stretches' songs to the block they made."""
        if not self._tapes:
            return
        done = 0
        for stretch in stretches:
            self._mix_stretch(block[done : done + stretch.frames], stretch)
            done += stretch.frames

    def _mix_stretch(self, out: Block, stretch: Stretch) -> None:
        song = stretch.score.song
        playing = {each.sha256: each for each in song.recordings if each.sha256 in self._tapes}
        if not stretch.is_moving:
            playing = {}
        for sha256 in [known for known in self._at if known not in playing]:
            self._fade_out(out, sha256)
        is_soloed = any(track.soloed for track in song.tracks)
        for recording in playing.values():
            gain = 0.0 if recording.muted or is_soloed else fader_gain(recording.level)
            self._play(out, recording, frame_of(recording, stretch.score, stretch.start_frame), gain)

    def _play(self, out: Block, recording: Recording, frame: int, gain: float) -> None:
        due, before = self._at.get(recording.sha256, (frame, 0.0))
        if due != frame:
            self._fade_out(out, recording.sha256)
            before = 0.0
        ramp = np.full(len(out), gain, np.float32)
        length = min(FADE_FRAMES, len(out))
        if before != gain:
            ramp[:length] = np.linspace(before, gain, length, dtype=np.float32)
        self._add(out, self._tapes[recording.sha256], frame, ramp)
        self._at[recording.sha256] = (frame + len(out), gain)

    def _fade_out(self, out: Block, sha256: str) -> None:
        frame, gain = self._at.pop(sha256)
        length = min(FADE_FRAMES, len(out))
        tape = self._tapes.get(sha256)
        if tape is not None and gain:
            self._add(out[:length], tape, frame, np.linspace(gain, 0.0, length, dtype=np.float32))

    def _add(self, out: Block, tape: Tape, frame: int, ramp: np.ndarray) -> None:
        """Adds the tape from the frame on, which may lie before its beginning or after its end."""
        first, last = max(0, -frame), min(len(out), len(tape.samples) * tape.step - frame)
        if last > first and ramp.any():
            sound = tape.sound(frame + first, frame + last)
            out[first:last] += sound * (ramp[first:last, None] / FULL)


def frame_of(recording: Recording, score: Score, frame: int) -> int:
    """The frame of the recording that sounds at a frame of the score; below 0 before its beginning."""
    return round(recording.second_at(0.0, score.time_map) * score.rate) + frame
