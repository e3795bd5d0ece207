"""What is heard of what was written."""

import time

from app.playback.score import compile_song
from app.playback.timeline import Timeline
from app.playback.transport import Stretch
from engine.music import Song

RATE, BLOCK = 48_000, 4_800


def test_a_block_that_is_written_late_does_not_turn_time_back(monkeypatch):
    clock = {"s": 0.0}
    monkeypatch.setattr(time, "perf_counter", lambda: clock["s"])
    timeline, score = Timeline(RATE, 2 * BLOCK / RATE), compile_song(Song(), RATE)
    seen = []
    for number in range(4):
        timeline.add([Stretch(BLOCK, score, number * BLOCK, is_moving=True)])
        timeline.wrote(BLOCK)
        for _ in range(6):  # twice as long as the block lasts
            seen.append(timeline.heard_ticks())
            clock["s"] += 2 * BLOCK / RATE / 6
    assert seen == sorted(seen) and seen[-1] > seen[0]
