"""Folders through the narrow door: added, listed, forgotten, refused in a sentence; no idea waits for one."""

import os
import threading
from pathlib import Path

import pytest

from engine.api.errors import Reason
from engine.api.lines import LineReader, request_lines
from engine.api.messages import (
    AddedFolder,
    AddFolder,
    Cancelled,
    Done,
    Failed,
    Folders,
    ForgetFolder,
    ListFolders,
    ListModels,
    Models,
    Progress,
    Reply,
    Request,
)
from engine.api.wire import decode_request, encode_request
from engine.service.engine import Engine, Interrupted
from engine.service.jobs import Outlet
from engine.service.serve import Desk
from tests.engine.originality.test_files import tune_file
from tests.link.asking import ask, names


def handle(request: Request, checkpoint=lambda: None) -> list[Reply]:
    replies: list[Reply] = []
    Engine().handle(request, replies.append, checkpoint)
    return replies


def listed() -> tuple[AddedFolder, ...]:
    folders, _done = handle(ListFolders())
    assert isinstance(folders, Folders)
    return folders.folders


@pytest.mark.parametrize(
    "request_", [AddFolder("/songs", True), AddFolder("/mine"), ForgetFolder("/songs"), ListFolders()]
)
def test_the_requests_have_a_form_on_the_wire(request_: Request) -> None:
    assert decode_request(encode_request(4, request_)) == (4, request_)


def test_folders_are_added_listed_and_forgotten(known: Path) -> None:
    mine, others = known / "mine", known / "others"
    tune_file(mine, "Old", seed=21)
    tune_file(mine, "Older", seed=23)
    (mine / "torn.mid").write_bytes(b"noise")
    tune_file(others, "Hit", seed=22)
    *progress, folders, done = handle(AddFolder(str(mine)))
    assert isinstance(done, Done) and isinstance(folders, Folders)
    assert folders.folders == (AddedFolder(str(mine.resolve()), False, 2),)
    assert len(folders.troubles) == 1 and "torn.mid" in folders.troubles[0]
    assert all(isinstance(each, Progress) and each.fraction <= 1 for each in progress)
    handle(AddFolder(str(others), is_reference=True))
    assert [(each.is_reference, each.works) for each in listed()] == [(False, 2), (True, 1)]
    handle(AddFolder(str(others)))  # added again as one's own
    assert [each.is_reference for each in listed()] == [False, False]
    handle(ForgetFolder(str(mine)))
    assert [Path(each.path).name for each in listed()] == ["others"]


def test_a_folder_that_is_stopped_leaves_everything_as_it_was(known: Path) -> None:
    tune_file(known / "mine", "Old", seed=21)
    signs = iter([None, None])

    def checkpoint() -> None:
        if next(signs, "stop") == "stop":
            raise Interrupted

    assert isinstance(handle(AddFolder(str(known / "mine")), checkpoint)[-1], Cancelled)
    assert listed() == ()


@pytest.mark.parametrize(
    "request_",
    [
        AddFolder(""),
        AddFolder("songs"),
        AddFolder("/bad\x00name"),
        AddFolder("/nowhere at all"),
        AddFolder("/" + "x" * 5000),
        AddFolder("/" + "x" * 999),
        ForgetFolder("/never added"),
        ForgetFolder(""),
    ],
    ids=lambda request: request.path[:20] or "empty",
)
def test_what_cannot_be_done_is_said_in_a_sentence(known: Path, request_: Request) -> None:
    failed = handle(request_)[-1]
    assert isinstance(failed, Failed) and failed.reason is not Reason.INTERNAL
    assert failed.sentence.endswith(".") and failed.sentence.isprintable()


def test_an_empty_folder_is_named(known: Path) -> None:
    (known / "empty").mkdir()
    failed = handle(AddFolder(str(known / "empty")))[-1]
    assert isinstance(failed, Failed) and "“empty”" in failed.sentence


def test_the_index_of_known_works_is_among_the_models() -> None:
    models, _done = handle(ListModels())
    assert isinstance(models, Models)
    index = next(each for each in models.models if each.kind == "index")
    assert index.attributions and index.licences and index.bytes > 1_000_000


class Slow(Engine):
    """An engine that reads a folder until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def handle(self, request, emit, checkpoint=lambda: None) -> None:
        if isinstance(request, AddFolder):
            assert self.let_go.wait(20)
        emit(Done(0.0))


def test_ideas_and_the_list_do_not_wait_for_a_folder() -> None:
    incoming, outgoing = os.pipe()
    engine = Slow()
    desk = Desk(engine, Outlet(outgoing))
    for number, request in enumerate((AddFolder("/big"), ask(), ListFolders()), 1):
        for line in request_lines(number, request):
            desk.take(line.encode())
    ended: list[int] = []
    reader = LineReader("reply")
    with os.fdopen(incoming, "rb") as lines:
        while len(ended) < 3:
            found = reader.read(next(lines).rstrip(b"\n"))
            if found is not None and names([found[1]]) == ["Done"]:
                ended.append(found[0])
            if len(ended) == 2:
                engine.let_go.set()
    os.close(outgoing)
    assert set(ended[:2]) == {2, 3} and ended[2] == 1
