"""What does the song sound like, without a device? The player's own transport, rendered to memory.

audio = render(song, rate=44100)     # float32 (frames, 2); the same song gives the same samples
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.playback.room import Room
from app.playback.score import compile_song
from app.playback.synth import Bank, Block, default_bank_path
from app.playback.transport import Transport
from engine.music.song import Song

BLOCK = 4096
TAIL_S = 2.0


def render(
    song: Song,
    rate: int = 44100,
    start_ticks: int = 0,
    end_ticks: int | None = None,
    tail_s: float = TAIL_S,
    bank_path: Path | None = None,
) -> Block:
    """The song from start to end (its last bar line when None) and `tail_s` seconds of ringing out.

    Raises NoSound without the synthesizer library, BadSoundBank when the bank cannot be read.
    """
    bank = Bank.load(bank_path or default_bank_path(), rate)
    score = compile_song(song, rate)
    transport = Transport(bank, score, Room(rate))
    transport.seek(start_ticks)
    end_frame = score.end_frame if end_ticks is None else min(score.frame_at(end_ticks), score.end_frame)
    length = max(0, end_frame - transport.frame)
    transport.play()
    blocks = _blocks(transport, length)
    transport.stop()
    blocks += _blocks(transport, round(tail_s * rate))
    return np.concatenate(blocks) if blocks else np.zeros((0, 2), dtype=np.float32)


def _blocks(transport: Transport, frames: int) -> list[Block]:
    sizes = [BLOCK] * (frames // BLOCK) + [frames % BLOCK] * (frames % BLOCK > 0)
    return [transport.render(size) for size in sizes]
