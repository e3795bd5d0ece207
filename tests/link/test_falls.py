"""The engine starts, falls, hangs and comes back; the window and the other requests live on."""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.enginelink.lifeline import Patience
from app.enginelink.link import CLOSED, FELL, GAVE_UP, HUNG, EngineLink, EngineState
from engine.api.errors import Reason
from engine.api.messages import (
    Cancelled,
    Done,
    Failed,
    ImportSketch,
    ListModels,
    Models,
    Queued,
    SketchImported,
    Suggest,
    TakeReady,
)
from engine.api.suggestion import Kind, SuggestionRequest
from engine.formats.midi import save_midi
from engine.music import Note, Region, Role, Song, Track
from tests.link.asking import TROUBLE_ENGINE, WAIT_MS, Asked, ask, end, is_running, names

IMPATIENT = Patience(quiet_s=0.3, pong_s=2.0, stuck_s=2.5, stray_s=0.6)


def test_the_real_engine_starts_answers_and_ends(make_link: Callable[..., EngineLink], qtbot: QtBot) -> None:
    link = make_link(None)
    assert (link.state, link.status_text) == (EngineState.STARTING, "Engine starting")
    asked = Asked(link, ListModels())  # before it is ready: it waits
    assert asked.replies == []
    end(qtbot, asked)
    assert names(asked.replies) == ["Queued", "Models", "Done"]
    assert isinstance(asked.replies[1], Models)
    assert (link.state, link.status_text) == (EngineState.READY, "Engine ready · CPU")
    process_id = link.process_id
    assert is_running(process_id)
    link.stop()
    assert not is_running(process_id)


def test_the_real_engine_hears_suggests_and_lets_go(
    make_link: Callable[..., EngineLink], qtbot: QtBot, tmp_path: Path
) -> None:
    tune = tuple(Note(i + 2, i * 480, 480, 60 + (0, 2, 4, 7)[i % 4]) for i in range(32))
    save_midi(Song("Tune", tracks=(Track(1, "Flute", notes=tune),)), tmp_path / "tune.mid")
    link = make_link(None)
    heard = Asked(link, ImportSketch(str(tmp_path / "tune.mid")))
    end(qtbot, heard)
    assert isinstance(heard.replies[-2], SketchImported)
    song = heard.replies[-2].song
    melody = song.tracks[0]
    assert melody.role is Role.MELODY
    question = SuggestionRequest(Kind.VARY, song, Region(0, 4, (melody.id,)), Role.MELODY, melody.id)
    asked, cancelled = Asked(link, Suggest(question)), Asked(link, Suggest(replace(question, seed=2)))
    end(qtbot, asked)
    link.cancel(cancelled.id)
    end(qtbot, cancelled)
    takes = [reply.take for reply in asked.replies if isinstance(reply, TakeReady)]
    assert len(takes) == 4
    assert isinstance(asked.last, Done)
    assert all(note.end_ticks <= 4 * 1920 for take in takes for note in take.notes)
    assert isinstance(cancelled.last, Cancelled)


def test_cancel_before_the_engine_is_ready_and_twice(
    make_link: Callable[..., EngineLink], qtbot: QtBot
) -> None:
    link = make_link()
    asked = Asked(link, ask())
    link.cancel(asked.id)
    link.cancel(asked.id)
    assert asked.replies == []  # never from within the call
    end(qtbot, asked)
    link.cancel(asked.id)
    link.cancel(12345)
    assert names(asked.replies) == ["Cancelled"]
    following = Asked(link, ListModels())
    end(qtbot, following)
    assert isinstance(following.last, Done)


def test_a_frozen_engine_cannot_hold_up_a_cancel(fresh_link: EngineLink, qtbot: QtBot) -> None:
    link = fresh_link
    asked = Asked(link, ask("frozen"))
    qtbot.waitUntil(asked.has(Queued), timeout=WAIT_MS)
    qtbot.wait(50)
    link.cancel(asked.id)
    end(qtbot, asked)
    assert isinstance(asked.last, Cancelled)


def test_kill_9_in_mid_job_fails_the_job_and_starts_again(fresh_link: EngineLink, qtbot: QtBot) -> None:
    link = fresh_link
    states: list[str] = []
    link.state_changed.connect(states.append)
    first, waiting = Asked(link, ask(takes=16)), Asked(link, ask())
    qtbot.waitUntil(first.has(TakeReady), timeout=WAIT_MS)
    before = link.process_id
    os.kill(before, signal.SIGKILL)
    end(qtbot, first, waiting)
    assert first.last == Failed(Reason.INTERNAL, FELL)
    assert waiting.last == Failed(Reason.INTERNAL, FELL)
    again = Asked(link, ask(takes=1))
    end(qtbot, again)
    assert isinstance(again.last, Done)
    assert states[:2] == ["busy", "restarting"]
    assert link.process_id not in (0, before)


@pytest.mark.parametrize("style", ["killed", "aborts"])
def test_an_engine_that_kills_itself_is_started_again(
    fresh_link: EngineLink, qtbot: QtBot, style: str
) -> None:
    link = fresh_link
    asked = Asked(link, ask(style))
    end(qtbot, asked)
    assert asked.last == Failed(Reason.INTERNAL, FELL)
    again = Asked(link, ask(takes=1))
    end(qtbot, again)
    assert isinstance(again.last, Done)


@pytest.mark.parametrize("style", ["stuck", "frozen"])
def test_a_hung_engine_is_killed_and_started_again(
    make_link: Callable[..., EngineLink], qtbot: QtBot, style: str
) -> None:
    link = make_link(patience=IMPATIENT)
    asked = Asked(link, ask(style))
    end(qtbot, asked)
    assert asked.last == Failed(Reason.INTERNAL, HUNG)
    again = Asked(link, ask(takes=1))
    end(qtbot, again)
    assert isinstance(again.last, Done)


def test_long_work_that_gives_signs_of_life_is_left_alone(
    make_link: Callable[..., EngineLink], qtbot: QtBot
) -> None:
    link = make_link(patience=IMPATIENT)
    asked = Asked(link, ask("steps", takes=16))
    end(qtbot, asked)
    assert isinstance(asked.last, Done)


def test_an_engine_with_a_runaway_job_is_replaced_when_idle(
    make_link: Callable[..., EngineLink], qtbot: QtBot
) -> None:
    link = make_link(patience=IMPATIENT)
    asked = Asked(link, ask("stuck"))
    qtbot.waitUntil(asked.has(Queued), timeout=WAIT_MS)
    before = link.process_id
    link.cancel(asked.id)
    end(qtbot, asked)
    qtbot.waitUntil(
        lambda: link.process_id not in (0, before) and link.state is EngineState.READY, timeout=WAIT_MS
    )
    assert names(asked.replies) == ["Queued", "Cancelled"]


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "-c", "raise SystemExit(1)"),
        (sys.executable, "-c", "print('no engine at all')"),
        ("/nonexistent/engine",),
    ],
)
def test_an_engine_that_never_comes_is_given_up_in_words(
    make_link: Callable[..., EngineLink], qtbot: QtBot, command: tuple[str, ...]
) -> None:
    link = make_link(command)
    asked = Asked(link, ListModels())
    end(qtbot, asked)
    assert asked.last == Failed(Reason.INTERNAL, GAVE_UP)
    assert (link.state, link.status_text) == (EngineState.FAILED, "Engine stopped")
    later = Asked(link, ListModels())
    assert later.replies == []
    end(qtbot, later)
    assert later.last == Failed(Reason.INTERNAL, GAVE_UP)


def test_after_giving_up_the_artist_may_try_again(
    make_link: Callable[..., EngineLink], qtbot: QtBot, tmp_path: Path
) -> None:
    flag = tmp_path / "well"
    script = f"import os,runpy,sys\nif not os.path.exists({str(flag)!r}): sys.exit(1)\n"
    script += f"runpy.run_path({TROUBLE_ENGINE[-1]!r}, run_name='__main__')"
    link = make_link((sys.executable, "-P", "-c", script))
    qtbot.waitUntil(lambda: link.state is EngineState.FAILED, timeout=WAIT_MS)
    flag.touch()
    link.start()
    asked = Asked(link, ListModels())
    end(qtbot, asked)
    assert isinstance(asked.last, Done)


def test_an_engine_of_another_version_is_refused_in_words(
    make_link: Callable[..., EngineLink], qtbot: QtBot
) -> None:
    hello = '{"id":0,"type":"hello","body":{"version":"9","protocol":999,"device":"CPU"}}'
    link = make_link((sys.executable, "-c", f"print({hello!r}, flush=True); input()"))
    asked = Asked(link, ListModels())
    end(qtbot, asked)
    assert isinstance(asked.last, Failed)
    assert "another version" in asked.last.sentence
    assert link.state is EngineState.FAILED


def test_stop_in_mid_job_ends_the_process_and_the_job(fresh_link: EngineLink, qtbot: QtBot) -> None:
    link = fresh_link
    asked = Asked(link, ask(takes=16))
    qtbot.waitUntil(asked.has(TakeReady), timeout=WAIT_MS)
    process_id = link.process_id
    link.stop()
    assert not is_running(process_id)
    assert asked.last == Failed(Reason.INTERNAL, CLOSED)
    later = Asked(link, ListModels())
    end(qtbot, later)
    assert later.last == Failed(Reason.INTERNAL, CLOSED)
    link.start()
    again = Asked(link, ListModels())
    end(qtbot, again)
    assert isinstance(again.last, Done)
