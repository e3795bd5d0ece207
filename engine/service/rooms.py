"""What does the engine import for a request, and who imports it?

One thread at a time: two that begin at different ends of the same packages wait for each other, and Python
then hands one of them half a module. What is imported here is all that a request of its sort needs first.
"""

import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.api.messages import (
    AddFolder,
    Analyse,
    FindSimilar,
    ForgetFolder,
    ImportSketch,
    ListFolders,
    ListModels,
    PredictNextChord,
    SolveBeats,
    Suggest,
)

_ONE_THREAD = threading.Lock()
_SIGN_S = 0.1
_HEARING = ("engine.analysis.hearing", "engine.analysis.audio.hearsong", "engine.analysis.audio.listen")
_READING = (
    "engine.service.listening",
    "engine.formats.midi",
    "engine.formats.abc",
    "engine.formats.musicxml",
    "engine.formats.songfile",
)
_CHORDS = ("engine.generation.chords", "engine.generation.search.chord_next")
_FOLDERS = (*_HEARING, *_READING, "engine.service.sketchbook", "engine.service.folders")
_ROOMS: dict[type, tuple[str, ...]] = {
    ImportSketch: (*_HEARING, *_READING),
    Analyse: _HEARING,
    SolveBeats: _HEARING,
    PredictNextChord: _CHORDS,
    Suggest: (*_CHORDS, "engine.service.likeness", "engine.service.asking"),
    ListModels: ("engine.service.models", "engine.ranking.originality.store"),
    AddFolder: _FOLDERS,
    ForgetFolder: _FOLDERS,
    ListFolders: _FOLDERS,
    FindSimilar: _FOLDERS,
}


def import_for(*sorts: type, checkpoint: Callable[[], None] = lambda: None) -> None:
    """Import what requests of these sorts need; another thread may go on between two of its modules."""
    for sort in sorts:
        for name in _ROOMS.get(sort, ()):
            with _alone(checkpoint):
                importlib.import_module(name)
        if sort is Suggest:
            with _alone(checkpoint):
                importlib.import_module("engine.generation.registry").known_kinds()


@contextmanager
def _alone(checkpoint: Callable[[], None]) -> Iterator[None]:
    """Who waits for another thread's import gives signs of life."""
    checkpoint()
    while not _ONE_THREAD.acquire(timeout=_SIGN_S):
        checkpoint()
    try:
        yield
    finally:
        _ONE_THREAD.release()
