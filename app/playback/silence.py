"""A sound source without sound, for machines that have no device or no synthesizer; the head still moves."""

from __future__ import annotations

from app.playback.synth import Block


class SilentSynth:
    """Takes every command and plays nothing."""

    def program(self, channel: int, program: int, is_drums: bool) -> None:
        pass

    def note_on(self, channel: int, pitch: int, velocity: int) -> None:
        pass

    def note_off(self, channel: int, pitch: int) -> None:
        pass

    def bend(self, channel: int, value: int) -> None:
        pass

    def reset(self, channel: int) -> None:
        pass

    def control(self, channel: int, number: int, value: int) -> None:
        pass

    def let_go(self, channel: int) -> None:
        pass

    def set_gain(self, channel: int, gain: float) -> None:
        pass

    def render(self, out: Block, mix: bool = False) -> None:
        if not mix:
            out.fill(0)


class SilentBank:
    """A bank whose synthesizers are silent."""

    def __init__(self, rate: int) -> None:
        self.rate = rate

    def synth(self) -> SilentSynth:
        return SilentSynth()
