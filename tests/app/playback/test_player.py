"""The player's threads, on an output that takes blocks only when the test says so."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from app.playback.errors import NoSound
from app.playback.output import SilentClock
from app.playback.player import BLOCK, Player
from tests.app.playback.sound import BAR, QUARTER, RATE, loudness_db, onsets, pitch_at, song, staccato, track

PATIENCE_S = 10.0


class SteppedOutput:
    """Records blocks; each needs a permit. `fails_after` blocks it is gone."""

    def __init__(self, fails_after: int = 1 << 60) -> None:
        self.rate, self.latency_s = RATE, 0.0
        self.blocks: list[np.ndarray] = []
        self.is_closed = False
        self._permits, self._fails_after = threading.Semaphore(0), fails_after

    def write(self, block: np.ndarray) -> bool:
        if len(self.blocks) >= self._fails_after:
            raise NoSound("The sound stopped: the audio device is gone. Everything else works.")
        self._permits.acquire(timeout=PATIENCE_S)
        self.blocks.append(block.copy())
        return False

    def pause(self) -> None:
        pass

    def resume(self) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True

    def run(self, seconds: float) -> None:
        """Lets so much sound through and waits until it has been written."""
        count = round(seconds * RATE / BLOCK)
        goal = len(self.blocks) + count
        self._permits.release(count)
        wait_for(lambda: len(self.blocks) >= goal)

    def heard(self, since: int = 0) -> np.ndarray:
        return np.concatenate(self.blocks[since:])


def wait_for(condition) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


@pytest.fixture
def output():
    return SteppedOutput()


@pytest.fixture
def player(output):
    made = Player(open_output=lambda: output)
    assert made.wait_until_ready()
    yield made
    output._permits.release(1 << 20)
    made.close()
    assert output.is_closed


def settled(player: Player, output: SteppedOutput) -> int:
    """After everything commanded so far has been obeyed; the number of blocks written."""
    done = threading.Event()
    player._do(done.set)
    while not done.is_set():
        output.run(BLOCK / RATE)
        time.sleep(0.002)
    return len(output.blocks)


def test_play_stop_and_where_the_head_is(player, output):
    player.set_song(song(staccato([60, 62, 64, 65])))
    player.play()
    assert player.is_playing
    start = settled(player, output)
    output.run(1.2)
    starts = onsets(output.heard(start - 1))
    assert np.diff(starts).tolist() == pytest.approx([RATE // 2] * 2, abs=240)
    assert player.position_ticks == pytest.approx(1.2 * 960, abs=40)
    player.stop()
    assert not player.is_playing
    parked = player.position_ticks
    quiet = settled(player, output)
    output.run(1.0)
    assert loudness_db(output.heard(quiet)[RATE // 2 :]) < -60
    assert player.position_ticks == parked


def test_seek_is_seen_at_once_when_stopped(player, output):
    player.seek(BAR)
    assert player.position_ticks == BAR
    player.seek(-5)
    assert player.position_ticks == 0


def test_the_end_of_the_song_stops_the_player_at_its_last_bar_line(player, output):
    player.set_song(song(staccato([60])))
    player.play()
    settled(player, output)
    output.run(2.2)
    wait_for(lambda: not player.is_playing)
    assert player.position_ticks == BAR


def test_commands_come_after_the_song_they_follow(player, output):
    player.set_song(song(staccato([60] * 4)))
    player.seek(2 * QUARTER)
    player.play()
    player.set_song(song(staccato([72] * 4)))
    start = settled(player, output)
    output.run(0.6)
    assert pitch_at(output.heard(start), onsets(output.heard(start))[-1]) == 72


def test_of_many_songs_waiting_the_last_is_played(player, output):
    for pitch in range(40, 90):
        player.set_song(song(staccato([pitch] * 4)))
    player.play()
    start = settled(player, output)
    output.run(0.6)
    assert pitch_at(output.heard(start), onsets(output.heard(start))[-1]) == 89


def test_audition_and_back_through_the_threads(player, output):
    player.set_song(song(staccato([60] * 16)))
    player.play()
    start = settled(player, output)
    output.run(0.3)
    player.audition(song(staccato([72] * 16)))
    assert player.is_auditioning
    settled(player, output)
    output.run(1.2)
    player.audition(None)
    settled(player, output)
    output.run(1.2)
    audio = output.heard(start - 1)
    pitches = [pitch_at(audio, s) for s in onsets(audio)[:-1]]
    assert pitches[0] == 60 and pitches[-1] == 60 and 72 in pitches
    assert pitches == sorted(pitches[: pitches.index(72) + 1]) + pitches[pitches.index(72) + 1 :]
    assert not player.is_auditioning


def test_previews_sound_beside_the_stopped_song_and_end(player, output):
    start = settled(player, output)
    player.preview([64], program=80, seconds=0.3)
    output.run(1.5)
    audio = output.heard(start)
    assert pitch_at(audio, onsets(audio)[0]) == 64
    assert loudness_db(audio[RATE:]) < -80


def test_a_key_sounds_from_down_to_up(player, output):
    player.set_live_sound(80, False)
    player.live_note(67, 100)
    start = settled(player, output)
    output.run(1.0)
    assert pitch_at(output.heard(start), RATE // 2) == 67
    player.live_note(67, 0)
    gone = settled(player, output)
    output.run(1.0)
    assert loudness_db(output.heard(gone)[RATE // 2 :]) < -80


def test_a_fader_is_heard_before_the_song_is_edited(player, output):
    made = song(track([(0, 8 * BAR, 60)], program=56))
    player.set_song(made)
    player.play()
    settled(player, output)
    player.set_track_mix(1, muted=True, soloed=False, level=0.8)
    quiet = settled(player, output)
    output.run(0.5)
    assert loudness_db(output.heard(quiet + 2)[RATE // 4 :]) < -50
    player.set_song(replace(made, tracks=(replace(made.tracks[0], level=0.5),)))
    loud = settled(player, output)
    output.run(0.5)
    assert loudness_db(output.heard(loud + 2)) > -40


def test_a_missing_bank_is_told_and_ours_stays(player, output, tmp_path):
    player.load_bank(tmp_path / "mine.sf2")
    settled(player, output)
    assert player.sound_problem == "The sound bank “mine.sf2” is not there."
    player.load_bank(None)
    settled(player, output)
    assert player.sound_problem == ""


def test_a_device_that_goes_away_is_told_and_the_head_moves_on():
    output = SteppedOutput(fails_after=4)
    output._permits.release(100)
    player = Player(open_output=lambda: output)
    player.set_song(song(staccato([60] * 16)))
    player.play()
    wait_for(lambda: player.position_ticks > QUARTER)
    assert player.sound_problem.startswith("The sound stopped")
    player.close()


def no_device():
    raise NoSound("No sound: no audio device was found. Everything else works.")


def test_without_a_device_the_head_keeps_time_in_silence():
    player = Player(open_output=no_device)
    player.set_song(song(staccato([60] * 16)))
    player.play()
    wait_for(lambda: player.position_ticks > 0)
    start, ticks = time.perf_counter(), player.position_ticks
    time.sleep(0.5)
    elapsed_s = time.perf_counter() - start
    assert (player.position_ticks - ticks) / 960 == pytest.approx(elapsed_s, abs=0.3)
    assert player.sound_problem == "No sound: no audio device was found. Everything else works."
    player.close()


def test_the_silent_clock_takes_a_second_of_sound_in_a_second():
    clock = SilentClock()
    start = time.perf_counter()
    for _ in range(20):
        clock.write(np.zeros((2400, 2), dtype=np.float32))
    elapsed_s = time.perf_counter() - start
    assert 0.99 - clock.latency_s < elapsed_s < 2.0
