"""The touch of real drummers: read from performances, learnt, kept by its hash, played the same again."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from engine.api.errors import ModelError
from engine.api.suggestion import Take
from engine.arrangement.drummer.features import MOMENT_SIZE, Moment, page_facts, page_size
from engine.arrangement.drummer.model import MODELS, load_drummer
from engine.arrangement.drummer.playing import MOST_LATE_MS, perform
from engine.arrangement.drummer.strokes import Group, Manner, Strokes, metre_columns
from engine.arrangement.drums import touch
from engine.arrangement.kinds.drums import suggest
from engine.generation.melody.dice import Dice
from engine.generation.registry import Remark
from engine.training.drummer import baselines
from engine.training.drummer.corpus import Performance, _swing, _written
from engine.training.drummer.tables import table_of
from tests.engine.arrangement.test_drums import asked, song

ROCK = Manner("rock", 110)


def groove(bars: int = 8, loudness: int = 1) -> Strokes:
    """Hat in eighths, kick on one and three, snare on two and four, one ghost before three."""
    rows = []
    for bar in range(bars):
        for eighth in range(8):
            rows.append((eighth * 240, Group.HAT, loudness))
        rows += [(0, Group.KICK, loudness), (960, Group.KICK, loudness)]
        rows += [(480, Group.SNARE, 2), (1440, Group.SNARE, 2), (840, Group.SNARE, 0)]
        rows[-13:] = sorted(rows[-13:])
        rows[-13:] = [(bar * 1920 + into, group, loud) for into, group, loud in rows[-13:]]
    tick = np.array([row[0] for row in rows])
    group = np.array([int(row[1]) for row in rows])
    loud = np.array([row[2] for row in rows])
    columns = metre_columns(len(rows), 1920, 480)
    return Strokes(group, tick, tick % 1920, tick // 1920, *columns, loud, np.zeros(len(rows), np.int64))


def played(strokes: Strokes, seed: int = 1, freedom: float = 0.7):
    return perform(load_drummer(), strokes, ROCK, Dice(seed, 0), freedom)


def test_the_same_dice_play_the_same_and_others_otherwise():
    assert played(groove()) == played(groove())
    assert played(groove()) != played(groove(), seed=2)


def test_marks_and_places_are_heard():
    strokes = groove(16)
    loud = np.array([touch.velocity for touch in played(strokes)])
    snare = strokes.group == Group.SNARE
    assert loud[snare & (strokes.loudness == 2)].mean() > 90
    assert loud[snare & (strokes.loudness == 0)].mean() < 55
    unmarked = replace(strokes, loudness=np.full(len(strokes), -1))
    loud = np.array([touch.velocity for touch in played(unmarked)])
    assert loud[snare & (strokes.into % 960 == 480)].mean() > loud[snare & (strokes.into == 840)].mean() + 20


def test_timing_is_small_and_strokes_together_stay_together():
    strokes = groove(32)
    late = np.array([touch.late_ms for touch in played(strokes)])
    assert np.abs(late).max() <= MOST_LATE_MS
    assert 1 < late.std() < 20
    together = np.flatnonzero(np.diff(strokes.tick) == 0)
    apart = np.abs(late[together + 1] - late[together])
    shuffled = np.abs(late[np.roll(together, 7) + 1] - late[together])
    assert apart.mean() < shuffled.mean()


def test_less_freedom_is_nearer_to_the_most_likely():
    strokes = groove(16)
    spread = [np.std([t.late_ms for t in played(strokes, freedom=f)][-60:]) for f in (0.1, 1.0)]
    assert spread[0] < spread[1]


def test_the_facts_have_the_sizes_the_model_is_checked_for():
    strokes = groove(2)
    facts = page_facts(strokes, ROCK)
    assert facts.shape == (len(strokes), page_size())
    assert len(Moment().facts(0, 0, 480, 1920)) == MOMENT_SIZE
    assert facts.min() >= -3
    assert set(np.unique(np.delete(facts, np.flatnonzero((facts % 1).any(0)), 1))) <= {0.0, 1.0}


def test_a_moment_remembers_the_stroke_before_the_beat_and_the_bar():
    moment = Moment()
    moment.remember(int(Group.SNARE), 480, 110.0, 15.0)
    now = moment.facts(int(Group.SNARE), 2400, 480, 1920)
    assert now[:4] == [1.0, 1.0, 1.0, 0.0]
    assert now[4:7] == [1.0, 1.0, 1.0]
    assert now[7:13] == [0.0] * 6
    assert now[13:16] == [1.0, 1.0, 1.0]
    assert moment.facts(int(Group.HAT), 480, 480, 1920)[3] == 1.0


@pytest.mark.parametrize(
    ("played_at", "written"),
    [
        ([3, 245, 470, 735, 1085], [0, 240, 480, 720, 1080]),
        ([-8, 128, 236, 366], [0, 120, 240, 360]),
        ([2, 163, 318, 482, 645, 795], [0, 160, 320, 480, 640, 800]),
        ([0, 58, 121, 178, 240, 302, 361, 419], [0, 60, 120, 180, 240, 300, 360, 420]),
    ],
)
def test_beats_are_written_on_the_grid_that_explains_them(played_at, written):
    assert _written(np.array(played_at)).tolist() == written


def test_swing_belongs_to_what_is_written():
    places = np.tile([0, 320], 12)
    late = np.tile([2, -30], 12)
    assert _swing(late, places).tolist() == [0, -30] * 12
    assert _swing(late[:10], places[:10]).tolist() == [0] * 10


def performance(name: str, seed: int) -> Performance:
    """A drummer whose hat is even and soft, whose snare is loud and late by as much as the kick before it."""
    strokes, rng = groove(24), np.random.default_rng(seed)
    lag = np.repeat(rng.normal(0, 8, 24), 13)
    late = lag + rng.normal(0, 1.5, len(strokes))
    velocity = np.clip(
        50 + 60 * (strokes.group == Group.SNARE) * (strokes.loudness == 2) + rng.normal(0, 4, len(strokes)),
        1,
        127,
    )
    return Performance(name, "train", strokes, ROCK, velocity.round(), late)


def test_a_drummer_is_learnt_better_than_jitter_from_strokes_not_heard():
    torch = pytest.importorskip("torch")
    from engine.training.drummer.learner import Config, Knows, bits, learn

    torch.set_num_threads(1)
    learnt = table_of([performance(str(seed), seed) for seed in range(6)])
    fresh = table_of([performance("new", 99)])
    config = Config(first=24, second=16, epochs=24, batch=256)
    weights = learn(learnt, config)
    again = learn(learnt, config)
    assert all(np.array_equal(weights[name], again[name]) for name in weights)
    loud, late = bits(weights, fresh, Knows())
    jitter_loud, jitter_late = baselines.jitter(learnt, fresh)
    assert loud.mean() < jitter_loud.mean() - 0.3
    assert late.mean() < jitter_late.mean() - 0.3
    _, unaware = bits(weights, fresh, Knows(moment=False))
    assert late.mean() < unaware.mean() - 0.3


def test_quantised_is_the_plainest_baseline():
    learnt, fresh = (
        table_of([performance(str(seed), seed) for seed in range(3)]),
        table_of([performance("b", 9)]),
    )
    both = [
        sum(way(learnt, fresh)).mean() for way in (baselines.quantised, baselines.jitter, baselines.marked)
    ]
    assert both[0] > both[1] > both[2]


@pytest.fixture
def folder(tmp_path):
    for name in ("drummer.json", "drummer.safetensors"):
        shutil.copy(MODELS / name, tmp_path / name)
    return tmp_path


def test_a_file_that_is_not_the_cards_is_refused(folder):
    content = bytearray((folder / "drummer.safetensors").read_bytes())
    content[-5] ^= 1
    (folder / "drummer.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="does not match its card"):
        load_drummer(folder)


def test_a_missing_model_is_said_and_drums_are_played_straight(monkeypatch):
    def missing():
        raise ModelError("The drummer model is missing.")

    monkeypatch.setattr(touch, "load_drummer", missing)
    answers = list(suggest(asked(song(4), "rock"), lambda: None))
    assert isinstance(answers[0], Remark)
    assert "drummer model is missing" in answers[0].notice
    found = [answer for answer in answers if isinstance(answer, Take)]
    assert len(found) == 4
    assert all(note.start_ticks % 60 == 0 for note in found[0].notes)


def test_the_card_names_its_data_and_beats_the_plain_ways():
    card = json.loads((MODELS / "drummer.json").read_text("utf-8"))
    assert card["bytes"] < 1_000_000
    assert [source["id"] for source in card["data"]] == ["groove-midi"]
    scores = card["scores"]
    assert (
        scores["model"]["both"]
        < scores["table"]["both"]
        < scores["jitter"]["both"]
        < scores["quantised"]["both"]
    )
    assert scores["model_marked"]["both"] < scores["table_marked"]["both"]
