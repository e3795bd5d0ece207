"""When an engine counts as hung, and how often it is started again."""

import pytest

from app.enginelink.lifeline import Patience, Restarts, Verdict, Watch
from engine.api.messages import Pong

PATIENCE = Patience(start_s=30, quiet_s=5, pong_s=5, stuck_s=90, stray_s=10)


def alive() -> Watch:
    watch = Watch(PATIENCE)
    watch.heard()
    return watch


def verdicts(watch: Watch, seconds: int, is_busy: bool) -> list[str]:
    """What happens in so many ticks of one second, apart from nothing."""
    named = [watch.tick(1.0, is_busy).name for _ in range(seconds)]
    return [f"{second}: {name}" for second, name in enumerate(named, 1) if name != "FINE"]


def test_a_busy_engine_is_pinged_when_quiet_and_dead_when_it_does_not_answer() -> None:
    assert verdicts(alive(), 11, is_busy=True) == ["5: PING", "11: DEAD"]


def test_an_idle_engine_may_be_quiet_for_ever() -> None:
    watch = alive()
    assert verdicts(watch, 1000, is_busy=False) == []
    assert not watch.needs_ticks(is_busy=False)


def test_an_engine_that_says_no_hello_is_dead() -> None:
    watch = Watch(PATIENCE)
    assert watch.needs_ticks(is_busy=False)
    assert verdicts(watch, 31, is_busy=False) == ["31: DEAD"]


@pytest.mark.parametrize(("silent_s", "verdict"), [(10.0, Verdict.FINE), (91.0, Verdict.DEAD)])
def test_a_job_may_be_silent_for_a_while_but_not_for_ever(silent_s: float, verdict: Verdict) -> None:
    watch = alive()
    verdicts(watch, 5, is_busy=True)
    watch.ponged(Pong(silent_s), is_busy=True)
    assert watch.tick(1.0, is_busy=True) is verdict


def test_a_runaway_job_is_the_end_only_of_an_idle_engine() -> None:
    for is_busy, verdict in ((True, Verdict.FINE), (False, Verdict.DEAD)):
        watch = alive()
        watch.cancelled()
        assert watch.needs_ticks(is_busy=False)
        assert verdicts(watch, 10, is_busy=False) == ["10: PING"]
        watch.ponged(Pong(strays=1), is_busy)
        assert watch.tick(1.0, is_busy) is verdict


def test_a_cancelled_job_that_ended_is_forgotten() -> None:
    watch = alive()
    watch.cancelled()
    verdicts(watch, 10, is_busy=False)
    watch.ponged(Pong(strays=0), is_busy=False)
    assert not watch.needs_ticks(is_busy=False)
    assert verdicts(watch, 100, is_busy=False) == []


@pytest.mark.parametrize(
    ("falls_s", "delays_s"),
    [
        ((0, 1, 2, 3), [0.1, 1.0, 4.0, None]),
        ((0, 61, 122, 183), [0.1, 0.1, 0.1, 0.1]),
        ((0, 1, 2, 60.5), [0.1, 1.0, 4.0, 4.0]),
    ],
)
def test_restarts_come_later_each_time_and_end(
    falls_s: tuple[float, ...], delays_s: list[float | None]
) -> None:
    restarts = Restarts()
    assert [restarts.delay_s(fall_s) for fall_s in falls_s] == delays_s


def test_another_try_of_the_artist_starts_afresh() -> None:
    restarts = Restarts()
    for _ in range(4):
        restarts.delay_s(0.0)
    restarts.forgive()
    assert restarts.delay_s(0.0) == 0.1
