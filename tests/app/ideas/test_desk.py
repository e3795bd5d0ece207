"""Takes that come bar by bar: what is looked at, what can be decided, what is gone when nothing follows."""

from dataclasses import replace

import pytest

from app.ideas.asking import Question
from app.ideas.cardview import card_views
from app.ideas.desk import NOTHING_CAME, STILL_WRITTEN, IdeasDesk
from engine.api.errors import Reason
from engine.api.messages import Cancelled, Done, Failed, Partial, TakeReady
from engine.api.suggestion import Kind, Take
from engine.music import Role
from tests.app.demo import BAR, harbour_lights, lift_to_the_ninth


class Link:
    """Keeps who waits for an answer."""

    def __init__(self):
        self.waiting = []

    def send(self, request, on_reply=None):
        self.waiting.append(on_reply)
        return len(self.waiting)

    def cancel(self, request_id):
        pass


class Store:
    """A document that only notes what it was told."""

    def __init__(self):
        self.song, self.suggestions = harbour_lights(), ()
        self.asked, self.takes, self.states = 0, [], []

    def add_suggestion(self, request):
        self.asked += 1
        return f"s{self.asked}"

    def add_take(self, suggestion_id, take):
        self.takes.append(take)

    def set_withheld(self, suggestion_id, withheld):
        pass

    def set_take_state(self, ref, state):
        self.states.append((ref, state))

    def commit(self, name, song, **about):
        raise AssertionError("nothing may be accepted here")


@pytest.fixture
def desk(qapp):
    made = IdeasDesk(Link())
    made.sentences = []
    made.said.connect(made.sentences.append)
    made.store = Store()
    made.open(made.store)
    return made


def ask(desk) -> tuple[str, object]:
    """The entry, and the way its answers come."""
    name = desk.ask(Question(Kind.VARY, Role.MELODY), (8, 12), desk.store.song.tracks[0].id)
    return name, desk._link.waiting[-1]


def whole(index=0) -> Take:
    return replace(lift_to_the_ninth(harbour_lights())[0], index=index)


def begun(index=0, bars=1) -> Take:
    notes = tuple(note for note in whole().notes if note.start_ticks < (8 + bars) * BAR)
    return Take(index, "", notes=notes)


def shown(desk, name):
    return [(view.index, view.is_growing) for view in card_views(desk.board.get(name), desk.store.song)]


def test_a_take_grows_and_is_replaced_by_the_whole(desk):
    name, answer = ask(desk)
    answer(Partial(begun(bars=1)))
    assert shown(desk, name) == [(0, True)] and desk.selected_name == (name, 0) and desk.is_growing
    answer(Partial(begun(bars=2)))
    assert len(desk.selected[1].notes) == len(begun(bars=2).notes)
    assert desk.store.takes == [] and desk.board.waiting() == 0
    answer(TakeReady(whole()))
    assert shown(desk, name) == [(0, False)] and desk.store.takes == [whole()]
    assert desk.selected == (desk.board.get(name), whole()) and not desk.is_growing
    answer(Partial(begun(bars=1)))
    assert desk.selected[1] == whole()


@pytest.mark.parametrize("last", [Done(1.0, 1), Failed(Reason.INTERNAL, "It fell."), Cancelled()], ids=str)
def test_what_was_never_finished_disappears(desk, last):
    name, answer = ask(desk)
    answer(TakeReady(whole(0)))
    answer(Partial(begun(1)))
    desk.select(name, 1)
    answer(last)
    assert shown(desk, name) == [(0, False)] and desk.selected_name == (name, 0)
    assert desk.board.get(name).growing == frozenset()


def test_nothing_is_looked_at_when_nothing_is_left(desk):
    name, answer = ask(desk)
    answer(Partial(begun()))
    answer(Done(1.0))
    assert shown(desk, name) == [] and desk.selected is None and desk._selected is None
    assert desk.board.get(name).sentence == NOTHING_CAME


def test_stopping_drops_what_is_half_written(desk):
    name, answer = ask(desk)
    answer(TakeReady(whole(0)))
    answer(Partial(begun(1)))
    assert desk.cancel()
    answer(Partial(begun(1, 2)))
    assert shown(desk, name) == [(0, False)]


@pytest.mark.parametrize("decide", ["accept", "reject", "toggle_kept"])
def test_nothing_is_decided_about_half_a_take(desk, decide):
    _, answer = ask(desk)
    answer(Partial(begun()))
    getattr(desk, decide)()
    assert desk.sentences == [STILL_WRITTEN] and desk.store.states == []
    assert desk.heard_song() is None
    answer(TakeReady(whole()))
    assert desk.heard_song() is not None


def test_cards_that_come_later_do_not_steal_the_look(desk):
    first, answer = ask(desk)
    answer(TakeReady(whole(0)))
    for index in (1, 2):
        answer(Partial(begun(index)))
        answer(TakeReady(whole(index)))
        assert desk.selected_name == (first, 0)
    desk.select(first, 2)
    answer(TakeReady(whole(3)))
    assert desk.selected_name == (first, 2)


def test_who_has_put_the_idea_away_is_left_alone(desk):
    _, answer = ask(desk)
    answer(Partial(begun()))
    desk.select_none()
    answer(TakeReady(whole(0)))
    answer(TakeReady(whole(1)))
    assert desk.selected is None


def test_who_looks_at_an_older_idea_meanwhile_is_left_alone(desk):
    older, answer = ask(desk)
    answer(TakeReady(whole(0)))
    answer(TakeReady(whole(1)))
    answer(Done(1.0))
    _, answer = ask(desk)
    desk.select(older, 1)
    answer(TakeReady(whole(0)))
    assert desk.selected_name == (older, 1)
    newest, answer = ask(desk)
    answer(TakeReady(whole(0)))
    assert desk.selected_name == (newest, 0)
