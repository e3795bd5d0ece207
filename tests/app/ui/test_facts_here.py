"""What the bar says of tempo, metre and key is about where the playhead stands."""

from dataclasses import replace

import pytest

from app.document.document import SongDocument
from app.ui.facts import key_certainty
from engine.music import Key, Metre, MetreChange, Tempo
from engine.music.analysis import Analysis, KeyReading
from engine.music.timemap import KeyChange
from tests.app.demo import BAR, harbour_lights

C, E_FLAT = Key(0), Key(3)


def changing():
    """In C, 4/4 at 92; from bar 9 on in E flat, 3/4 at 140."""
    song = harbour_lights()
    time_map = replace(
        song.time_map,
        tempos=(Tempo.of_bpm(0, 92), Tempo.of_bpm(8 * BAR, 140)),
        metres=(MetreChange(0), MetreChange(8 * BAR, Metre(3, 4))),
        keys=(KeyChange(0, C), KeyChange(8 * BAR, E_FLAT)),
    )
    return replace(song, time_map=time_map)


def test_the_bar_follows_the_playhead_and_is_drawn_anew_only_where_something_changes(
    window, qtbot, monkeypatch
):
    window.opening.opened.emit(SongDocument.create(None, changing()), None)
    bar, state, shown = window.bar, window.page.state, []
    show = bar.show_song
    monkeypatch.setattr(bar, "show_song", lambda *told: (shown.append(told), show(*told)))
    for tick, tempo, metre, key in (
        (8 * BAR, "140.0", "3/4", "E♭ major"),
        (4 * BAR, "92.0", "4/4", "C major"),
        (9 * BAR, "140.0", "3/4", "E♭ major"),
    ):
        state.set_playhead(tick)
        assert (bar.tempo.value, bar.metre.value, bar.key.value) == (tempo, metre, key)
    for step in range(50):
        state.set_playhead(9 * BAR + 7 * step)
    assert len(shown) == 3


@pytest.mark.parametrize(("tick", "certainty"), [(0, 0.9), (8 * BAR, 0.6), (20 * BAR, 0.6)])
def test_each_key_is_as_sure_as_it_was_heard(tick, certainty):
    hearing = Analysis(keys=(KeyReading(0, C, 0.9), KeyReading(8 * BAR, E_FLAT, 0.6)))
    assert key_certainty(changing(), hearing, tick) == certainty
    assert key_certainty(changing(), Analysis(keys=(KeyReading(0, Key(5), 0.9),)), tick) is None
