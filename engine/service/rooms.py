"""What does the engine import for a request, and who imports it?

One thread at a time: two that begin at different ends of the same packages wait for each other, and Python
then hands one of them half a module. What is imported here is all that a request of its sort needs first.
"""

import importlib
import threading

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


def import_for(*sorts: type) -> None:
    """Import what requests of these sorts need; another thread may go on between two of its modules."""
    for sort in sorts:
        for name in _ROOMS.get(sort, ()):
            with _ONE_THREAD:
                importlib.import_module(name)
        if sort is Suggest:
            _import_generators()


def _import_generators() -> None:
    with _ONE_THREAD:
        registry = importlib.import_module("engine.generation.registry")
        registry.known_kinds()
