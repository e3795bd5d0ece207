"""The player as the window sees it."""

import pytest

from app.playback.errors import NoSound
from app.playback.output import SilentClock
from app.playback.qtplayer import QtPlayer
from tests.app.playback.sound import BAR, QUARTER, song, staccato


@pytest.fixture
def player(qtbot):
    made = QtPlayer(open_output=SilentClock)
    yield made
    made.close()


def test_the_head_is_reported_while_playing_and_the_end_is_told(qtbot, player):
    seen = []
    player.position_changed.connect(seen.append)
    player.set_song(song(staccato([60])))
    with qtbot.waitSignal(player.playing_changed, check_params_cb=lambda is_on: is_on):
        player.play()
    with qtbot.waitSignal(player.playing_changed, timeout=5000, check_params_cb=lambda is_on: not is_on):
        pass
    assert seen == sorted(seen)
    assert len(seen) > 10
    assert player.position_ticks == BAR
    assert not player.is_playing


def test_seek_is_signalled_at_once(qtbot, player):
    with qtbot.waitSignal(
        player.position_changed, timeout=50, check_params_cb=lambda ticks: ticks == QUARTER
    ):
        player.seek(QUARTER)
    player.to_start()
    assert player.position_ticks == 0


def test_toggle_plays_and_stops(qtbot, player):
    player.set_song(song(staccato([60] * 8)))
    player.toggle()
    assert player.is_playing
    player.toggle()
    assert not player.is_playing


def test_lost_sound_is_told_once_in_one_sentence(qtbot):
    def no_device():
        raise NoSound("No sound: no audio device was found. Everything else works.")

    told = []
    player = QtPlayer(open_output=no_device)
    player.sound_lost.connect(told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=3000)
    qtbot.wait(300)
    player.close()
    assert told == ["No sound: no audio device was found. Everything else works."]
