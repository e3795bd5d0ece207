"""What does a note sound like? A sound bank and synthesizers that play from it.

A `Bank` is read once; each `Synth` shares its samples and has voices of its own. Channels are any small
integers. Gains are linear; a change is spread over 8 steps of 64 frames so that it does not click. Blocks are
float32 (frames, 2), C-contiguous.

    synth = Bank.load(default_bank_path(), 44100).synth()
    synth.program(0, 33, is_drums=False); synth.note_on(0, 40, 90); synth.render(block)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from app.playback.errors import BadSoundBank, NoSound
from app.playback.gm import kit_stand_in, stand_in

Block = np.ndarray[Any, np.dtype[np.float32]]

MAX_VOICES = 256
MASTER_GAIN_DB = -3.0
RAMP_STEPS, RAMP_FRAMES = 8, 64
DRUM_BANK = 128
CENTRE_WHEEL = 8192
ALL_NOTES_OFF = 123


def default_bank_path() -> Path:
    """The bank that comes with Understudy."""
    return Path(__file__).resolve().parents[2] / "assets" / "sound" / "understudy.sf2"


class Instrument(Protocol):
    """What the voices need of a synthesizer."""

    def program(self, channel: int, program: int, is_drums: bool) -> None: ...
    def note_on(self, channel: int, pitch: int, velocity: int) -> None: ...
    def note_off(self, channel: int, pitch: int) -> None: ...
    def bend(self, channel: int, value: int) -> None: ...
    def reset(self, channel: int) -> None: ...
    def control(self, channel: int, number: int, value: int) -> None: ...
    def let_go(self, channel: int) -> None: ...
    def set_gain(self, channel: int, gain: float) -> None: ...
    def render(self, out: Block, mix: bool = False) -> None: ...


class SoundSource(Protocol):
    """What the transport needs of a bank."""

    rate: int

    def synth(self) -> Instrument: ...


class Bank:
    """The sounds of one .sf2 or .sf3 file at one sample rate (Hz)."""

    def __init__(self, font: Any, rate: int) -> None:
        self._font, self.rate = font, rate

    @staticmethod
    def load(path: Path, rate: int) -> Bank:
        """Raises NoSound without the synthesizer library, BadSoundBank when the file cannot be used."""
        try:
            from tinysoundfont import _tinysoundfont
        except ImportError:
            raise NoSound("No sound: the synthesizer is not installed. Everything else works.") from None
        if not path.is_file():
            raise BadSoundBank(f"The sound bank “{path.name}” is not there.")
        try:
            font = _tinysoundfont.SoundFont(str(path))
        except RuntimeError:
            raise BadSoundBank(
                f"“{path.name}” is not a sound bank (.sf2 or .sf3) that can be read."
            ) from None
        font.set_output(_tinysoundfont.OutputMode.StereoInterleaved, rate, MASTER_GAIN_DB)
        return Bank(font, rate)

    def resolve(self, program: int, is_drums: bool) -> int:
        """The program to select: itself if the bank has it, else what stands in for it."""
        bank = DRUM_BANK if is_drums else 0
        if self._font.get_preset_index(bank, program) >= 0:
            return program
        return kit_stand_in(program) if is_drums else stand_in(program)

    def synth(self) -> Synth:
        """A synthesizer with voices of its own over the shared samples."""
        copy = type(self._font)(self._font)
        copy.set_max_voices(MAX_VOICES)
        return Synth(self, copy)


class Synth:
    """Plays notes on channels into float32 blocks."""

    def __init__(self, bank: Bank, font: Any) -> None:
        self.bank, self._font = bank, font
        self._gains: dict[int, float] = {}
        self._ramps: dict[int, list[float]] = {}

    def program(self, channel: int, program: int, is_drums: bool) -> None:
        self._font.channel_set_preset_number(channel, self.bank.resolve(program, is_drums), is_drums)

    def note_on(self, channel: int, pitch: int, velocity: int) -> None:
        self._font.channel_note_on(channel, pitch, velocity / 127)

    def note_off(self, channel: int, pitch: int) -> None:
        self._font.channel_note_off(channel, pitch)

    def bend(self, channel: int, value: int) -> None:
        """-8192..8191, 0 is no bend."""
        self._font.channel_set_pitch_wheel(channel, value + CENTRE_WHEEL)

    def reset(self, channel: int) -> None:
        """Centre pan, no bend, a bend range of two semitones."""
        self._font.channel_set_pan(channel, 0.5)
        self._font.channel_set_pitch_range(channel, 2.0)
        self._font.channel_set_pitch_wheel(channel, CENTRE_WHEEL)

    def control(self, channel: int, number: int, value: int) -> None:
        self._font.channel_midi_control(channel, number, value)

    def let_go(self, channel: int) -> None:
        """Every note of the channel is released; it rings out."""
        self._font.channel_midi_control(channel, ALL_NOTES_OFF, 0)

    def set_gain(self, channel: int, gain: float) -> None:
        """Heard at once on a new channel, within 512 frames on one that has played."""
        before = self._gains.get(channel)
        if before == gain:
            return
        if before is None:
            self._font.channel_set_volume(channel, gain)
        else:
            now = self._ramps.get(channel, [before])[0]
            self._ramps[channel] = [now + (gain - now) * i / RAMP_STEPS for i in range(1, RAMP_STEPS + 1)]
        self._gains[channel] = gain

    def render(self, out: Block, mix: bool = False) -> None:
        """Fills the block, or adds to it."""
        done = 0
        while self._ramps and done < len(out):
            self._step_ramps()
            self._render(out[done : done + RAMP_FRAMES], mix)
            done += RAMP_FRAMES
        if done < len(out):
            self._render(out[done:], mix)

    def _step_ramps(self) -> None:
        for channel, steps in list(self._ramps.items()):
            self._font.channel_set_volume(channel, steps.pop(0))
            if not steps:
                del self._ramps[channel]

    def _render(self, out: Block, mix: bool) -> None:
        self._font.render(memoryview(out.data).cast("B"), mix)
