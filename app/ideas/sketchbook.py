"""Which sketches are like this one? Asked of the engine, which looks through files and folders.

A thin Qt binding: what was found so far is at hand while the engine looks on, and can be put in order by one
respect: chords, melody, tempo or key.

>>> in_order((), Alike.CHORDS)
()
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from engine.api.messages import Cancelled, Done, Failed, FindSimilar, Reply, Request, Similar, SimilarSketch
from engine.music import Song

SHOWN = 8
_LEAST, _MOST_FOUND = 0.35, 60


class Alike(StrEnum):
    """In which respect; `ALL` weighs them together."""

    ALL = "all"
    CHORDS = "chords"
    MELODY = "melody"
    TEMPO = "tempo"
    KEY = "key"


_PARTS = {Alike.CHORDS: "chords", Alike.MELODY: "contour", Alike.TEMPO: "tempo", Alike.KEY: "key"}


class Link(Protocol):
    """What is needed of the engine link."""

    def send(self, request: Request, on_reply: Callable[[Reply], None] | None = None) -> int: ...
    def cancel(self, request_id: int) -> None: ...


def likeness(sketch: SimilarSketch, respect: Alike) -> float:
    """How like the other it is in one respect, 0-1."""
    return sketch.total if respect is Alike.ALL else sketch.parts.get(_PARTS[respect], 0.0)


def in_order(found: Iterable[SimilarSketch], respect: Alike) -> tuple[SimilarSketch, ...]:
    """Those that are alike in this respect, the most alike first."""
    alike = [each for each in found if likeness(each, respect) >= _LEAST]
    alike.sort(key=lambda each: (-likeness(each, respect), -each.total, each.path))
    return tuple(alike[:SHOWN])


class Sketchbook(QObject):
    """`places`: where to look besides the artist's folders. `changed`: something was found, or it is over."""

    changed = Signal()

    def __init__(
        self, link: Link, places: Callable[[], Iterable[Path]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._link, self._places = link, places
        self._request_id, self._asked = 0, 0
        self._also: list[Path] = []
        self._question: tuple[Song | None, Path] | None = None
        self.found: tuple[SimilarSketch, ...] = ()
        self.compared, self.left_out = 0, 0
        self.is_looking = False
        self.trouble = ""

    def look_for(self, song: Song | None, path: Path) -> None:
        """Look for sketches like a song that is open, or (None) like what is in a file."""
        self.stop()
        self.found, self.compared, self.left_out, self.trouble = (), 0, 0, ""
        self.is_looking = True
        self._question = (song, path)
        self._asked += 1
        places = tuple(dict.fromkeys(str(place) for place in (*self._places(), *self._also)))
        question = FindSimilar(song, str(path), places, _MOST_FOUND)
        self._request_id = self._link.send(question, partial(self._replied, self._asked))
        self.changed.emit()

    def look_in(self, folder: Path) -> None:
        """Look in this folder as well, for the same."""
        self._also.append(folder)
        if self._question is not None:
            self.look_for(*self._question)

    def stop(self) -> None:
        """Look no further."""
        if self.is_looking:
            self._link.cancel(self._request_id)
            self.is_looking = False

    def _replied(self, asked: int, reply: Reply) -> None:
        if not isValid(self) or asked != self._asked:
            return
        match reply:
            case Similar(found, compared, left_out):
                self.found, self.compared, self.left_out = found, compared, left_out
            case Failed(sentence=sentence):
                self.trouble, self.is_looking = sentence, False
            case Done() | Cancelled():
                self.is_looking = False
            case _:
                return
        self.changed.emit()
