"""What is seen: ghosts in amber, replaced notes dimmed, the crowd as a picture, nothing blurred away."""

import pytest
from PySide6.QtGui import QColor

from app.bench_roll import many_notes
from app.ui import theme
from app.ui.canvas import rollpaint
from app.ui.editorstate import Ghost
from engine.music import Song, Track
from tests.app.canvas.conftest import Hands
from tests.app.demo import BAR, borrowed_light, lift_to_the_ninth

OTHER = theme.ROLE_COLOURS["other"]


def near(colour: QColor, wanted: QColor, off: int = 26) -> bool:
    pairs = zip(colour.getRgb()[:3], wanted.getRgb()[:3], strict=True)
    return all(abs(a - b) <= off for a, b in pairs)


def colour_at(view, tick: float, pitch: int) -> QColor:
    place = Hands(view.grid).at(tick, pitch)
    image = view.grid.grab().toImage()
    ratio = image.devicePixelRatio()
    return image.pixelColor(round(place.x() * ratio), round(place.y() * ratio))


@pytest.fixture
def ghosted(document, state, roll):
    take, region = lift_to_the_ninth(document.song)
    state.set_ghost(Ghost(take, region, document.song.tracks[0].id))
    roll.show_bars(8, 12)
    return roll


def test_own_notes_are_solid(roll, bar5):
    assert near(colour_at(roll, bar5 + 240, 63), theme.ROLE_COLOURS["melody"])


def test_an_idea_is_amber_the_replaced_dim_and_the_kept_solid(ghosted):
    melody = theme.ROLE_COLOURS["melody"]
    assert near(colour_at(ghosted, 8 * BAR + 480 * 3, 75), theme.blend(theme.ACCENT, theme.BACKGROUND, 0.33))
    assert near(colour_at(ghosted, 8 * BAR + 480 * 3.5, 70), theme.blend(melody, theme.BACKGROUND, 0.35))
    assert near(colour_at(ghosted, 8 * BAR + 240, 67), melody)


def test_bars_not_chosen_stay_as_they_are(document, state, ghosted):
    take, region = lift_to_the_ninth(document.song)
    state.set_ghost(Ghost(take, region, document.song.tracks[0].id, frozenset({9})))
    assert near(colour_at(ghosted, 8 * BAR + 480 * 3.5, 70), theme.ROLE_COLOURS["melody"])
    faint = colour_at(ghosted, 8 * BAR + 480 * 3, 75)
    assert near(faint, theme.blend(theme.ACCENT, theme.BACKGROUND, 0.1))


def test_an_idea_for_another_track_is_not_shown(document, state, ghosted):
    state.select_track(document.song.tracks[1].id)
    assert ghosted.notes.ghost is None


def test_a_chord_idea_is_ghosted_in_the_lane(document, state, timeline):
    before = timeline.chords.grab().toImage()
    take, region = borrowed_light(document.song)
    state.set_ghost(Ghost(take, region))
    after = timeline.chords.grab().toImage()
    x = round(state.timeline_axis.x(9 * BAR) - 7)
    assert near(after.pixelColor(x, 20), theme.blend(theme.ACCENT, theme.BACKGROUND, 0.3))
    assert after.pixelColor(20, 30) == before.pixelColor(20, 30)


def test_selected_bars_are_shaded(state, timeline):
    state.set_region((8, 12))
    image = timeline.lanes.grab().toImage()
    inside, outside = (round(state.timeline_axis.x(tick)) for tick in (8.5 * BAR, 2.5 * BAR))
    assert image.pixelColor(inside, 5).red() > image.pixelColor(outside, 5).red() + 10


def test_the_playhead_is_drawn_where_it_is(state, timeline):
    state.set_playhead(6 * BAR)
    x = round(state.timeline_axis.x(6 * BAR))
    for canvas in (timeline.ruler, timeline.chords, timeline.lanes):
        assert canvas.grab().toImage().pixelColor(x, 12).lightness() > 150


def test_a_crowd_is_seen_where_its_notes_are(document, state, roll):
    track = Track(1, "Crowd", notes=many_notes(20_000))
    document.commit("Crowd", Song(tracks=(track,), next_id=30_000))
    roll.show_song()
    index = roll.notes.index
    assert rollpaint.is_crowded(index.between(0, track.end_ticks))
    state.set_rows(state.rows.centred(60, roll.grid.height()))
    image, rows = roll.grid.grab().toImage(), state.rows
    solid = sum(
        near(image.pixelColor(int(roll.grid.axis.x(n.start_ticks)), round(rows.y(n.pitch) + 8)), OTHER, 70)
        for n in track.notes[:4000]
        if 0 < rows.y(n.pitch) < image.height() - 20
    )
    shown = sum(0 < rows.y(n.pitch) < image.height() - 20 for n in track.notes[:4000])
    assert shown > 1000 and solid >= 0.99 * shown


def test_an_empty_song_is_shown(document, state, roll, timeline):
    document.commit("Nothing", Song())
    assert not roll.grab().isNull() and not timeline.grab().isNull()
    assert state.selected_track_id == 0
