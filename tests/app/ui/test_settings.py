"""What is remembered between two starts, and that nothing in it can keep the window from starting."""

import json

import pytest

from app.settings import settings
from app.settings.settings import MAX_RECENT, Recent, Settings


def test_settings_come_back_as_they_were(tmp_path):
    path = tmp_path / "new folder" / "settings.json"
    kept = Settings(metronome=True, last_folder="/songs", keys={"play.loop": ["F7"]}, panel_width=400)
    kept = kept.with_recent(Recent("/songs/a.understudy", "Größe ♭", "C major", 5.0))
    assert settings.save(kept, path)
    assert settings.load(path) == kept


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json",
        "[]",
        "null",
        '{"recent": 7, "keys": [1], "metronome": "yes", "panel_width": null}',
        "\x00",
    ],
)
def test_what_cannot_be_read_counts_as_nothing(tmp_path, content):
    path = tmp_path / "settings.json"
    path.write_text(content)
    assert settings.load(path) == Settings()


def test_a_half_right_file_keeps_its_right_half(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(
        json.dumps({"recent": [{"path": "/a", "title": "A"}, {"title": "no path"}, 3], "metronome": True})
    )
    loaded = settings.load(path)
    assert [song.title for song in loaded.recent] == ["A"] and loaded.metronome


def test_a_place_that_takes_no_file_is_not_worth_a_crash(tmp_path):
    (tmp_path / "file").write_text("x")
    assert not settings.save(Settings(), tmp_path / "file" / "settings.json")


def test_recent_songs_come_once_newest_first_and_not_too_many():
    many = Settings()
    for number in range(20):
        many = many.with_recent(Recent(f"/{number % 15}", str(number), opened_s=1.0))
    assert len(many.recent) == MAX_RECENT
    assert many.recent[0].title == "19" and len({song.path for song in many.recent}) == MAX_RECENT
    assert "/4" not in [song.path for song in many.without_recent("/4").recent]
