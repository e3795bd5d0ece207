"""How do notes outside the song sound: a clicked key, a drawn note, a chord in the lane, a MIDI keyboard?

A synthesizer of its own over the same bank, so that stopping or seeking the song does not cut them.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.playback.synth import Block, SoundSource

PREVIEW, LIVE = 0, 1


class Keyboard:
    """Previews end by themselves after their time; live notes when they are let go."""

    def __init__(self, bank: SoundSource) -> None:
        self._synth, self._rate = bank.synth(), bank.rate
        self._ends: list[tuple[int, int]] = []
        self._live: set[int] = set()
        self._synth.program(LIVE, 0, False)

    @property
    def is_sounding(self) -> bool:
        return bool(self._ends or self._live)

    def preview(
        self, pitches: Sequence[int], program: int, is_drums: bool, velocity: int, seconds: float
    ) -> None:
        """Strikes the pitches together in place of the previous preview."""
        for _, pitch in self._ends:
            self._synth.note_off(PREVIEW, pitch)
        self._synth.program(PREVIEW, program, is_drums)
        for pitch in pitches:
            self._synth.note_on(PREVIEW, pitch, velocity)
        self._ends = [(round(seconds * self._rate), pitch) for pitch in pitches]

    def set_sound(self, program: int, is_drums: bool) -> None:
        self._synth.let_go(LIVE)
        self._live.clear()
        self._synth.program(LIVE, program, is_drums)

    def play(self, pitch: int, velocity: int) -> None:
        """A key goes down, or up with velocity 0."""
        if velocity:
            self._synth.note_on(LIVE, pitch, velocity)
            self._live.add(pitch)
        elif pitch in self._live:
            self._synth.note_off(LIVE, pitch)
            self._live.discard(pitch)

    def mix(self, block: Block) -> None:
        """Adds what sounds to the block."""
        self._synth.render(block, mix=True)
        left = [(frames - len(block), pitch) for frames, pitch in self._ends]
        for _, pitch in [end for end in left if end[0] <= 0]:
            self._synth.note_off(PREVIEW, pitch)
        self._ends = [end for end in left if end[0] > 0]
