"""The room: quiet, dying away, wide, and the same whatever the block size."""

import numpy as np
import pytest

from app.playback.room import Room
from tests.app.playback.sound import RATE, loudness_db


def noise(seconds):
    return np.random.default_rng(1).normal(0, 0.1, (int(seconds * RATE), 2)).astype(np.float32)


def answer(dry, block=4096):
    wet, room = dry.copy(), Room(RATE)
    for start in range(0, len(dry), block):
        room.mix(wet[start : start + block])
    return wet - dry


def test_the_room_is_well_under_what_is_played():
    dry = noise(2)
    assert -20 < loudness_db(answer(dry)) - loudness_db(dry) < -14


def test_the_room_falls_sixty_db_in_about_its_decay_time_and_ends():
    impulse = np.zeros((3 * RATE, 2), dtype=np.float32)
    impulse[0] = 1
    heard = answer(impulse)
    early, late = loudness_db(heard[4800:9600]), loudness_db(heard[4800 + RATE // 4 : 9600 + RATE // 4])
    assert early - late == pytest.approx(60 / 0.9 / 4, abs=4)
    assert loudness_db(heard[2 * RATE :]) < -110


@pytest.mark.parametrize("block", [64, 512, 5000])
def test_block_sizes_do_not_change_the_room(block):
    dry = noise(2.5)
    assert np.abs(answer(dry, block) - answer(dry, len(dry))).max() < 1e-6


def test_the_room_is_wide_and_keeps_the_bass_out():
    heard = answer(noise(1))
    assert abs(np.corrcoef(heard[:, 0], heard[:, 1])[0, 1]) < 0.2
    seconds = np.arange(RATE) / RATE

    def level(hz):
        return loudness_db(answer(np.repeat(np.sin(2 * np.pi * hz * seconds)[:, None], 2, 1).astype("f4")))

    middle = np.mean([level(hz) for hz in range(400, 1600, 37)])
    assert np.mean([level(hz) for hz in range(25, 50, 3)]) < middle - 4
