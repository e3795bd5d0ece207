"""Which sketches of the artist's are like this one, and why?

Files and folders are looked through, recordings left out (they would have to be heard for minutes). What was
heard in a file is remembered as long as the file stays as it is, so asking again is quick.
"""

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.analysis.alike import reasons_in_words
from engine.analysis.likeness import Profile, likeness, profile_of
from engine.api.errors import BadRequestError, EngineError
from engine.api.messages import FindSimilar, Similar, SimilarSketch
from engine.music import Key
from engine.service.listening import listen_to
from engine.service.sketch import SCORE_SUFFIXES, read_sketch

SKETCH_SUFFIXES = (".mid", ".midi", ".rmi", ".kar", ".understudy", *SCORE_SUFFIXES)
MOST_FILES = 2_000
_MOST_PLACES = 200
_TOLD_EVERY_S = 0.3
_LEAST_ALIKE = 0.3


@dataclass(frozen=True, slots=True)
class Page:
    """What is known of one sketch of the sketchbook."""

    path: str
    title: str
    key: Key
    bars: int
    profile: Profile


def similar_sketches(request: FindSimilar, checkpoint: Callable[[], None]) -> Iterator[Similar]:
    """What was found so far, now and then, and at last everything. Raises EngineError for the sketch."""
    if len(request.places) > _MOST_PLACES or not 1 <= request.top <= 100:
        raise BadRequestError("Up to 100 sketches can be shown, from up to 200 places.")
    own = _own_profile(request)
    found, left_out, told_s = list[SimilarSketch](), 0, time.monotonic()
    for number, path in enumerate(_others(request)):
        checkpoint()
        try:
            found.append(_compared(own, page_of(path)))
        except EngineError:
            left_out += 1
        if time.monotonic() - told_s > _TOLD_EVERY_S:
            told_s = time.monotonic()
            yield Similar(_best(found, request.top), number + 1, left_out)
    yield Similar(_best(found, request.top), len(found), left_out)


def _own_profile(request: FindSimilar) -> Profile:
    if request.song is None:
        return page_of(Path(request.path)).profile
    from engine.analysis.hearing import hear
    from engine.music import Aspect

    return profile_of(*hear(request.song, (Aspect.ROLES, Aspect.CHORDS)))


def _others(request: FindSimilar) -> list[Path]:
    """Every other file to compare with, once."""
    places = [Path(place) for place in (*request.places, *_own_folders())]
    own = os.path.realpath(request.path) if request.path else ""
    once = {os.path.realpath(path): path for path in sketches_in(places)}
    return [path for real, path in once.items() if real != own]


def _own_folders() -> tuple[str, ...]:
    """Folders of the artist's own songs that ideas are compared with."""
    from engine.ranking.originality.folders import Whose, added_folders

    try:
        return tuple(folder for folder, (whose, _) in added_folders().items() if whose is Whose.YOURS)
    except EngineError:
        return ()


def sketches_in(places: Iterable[Path]) -> list[Path]:
    """The files that may be sketches: those named, and those in the folders; links are not followed."""
    paths: list[Path] = []
    for place in places:
        paths += [place] if place.is_file() else _in_folder(place, MOST_FILES - len(paths))
    return [path for path in paths if path.name.lower().endswith(SKETCH_SUFFIXES)][:MOST_FILES]


def _in_folder(folder: Path, most: int) -> list[Path]:
    paths: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        paths += [Path(place, name) for name in sorted(names) if name.lower().endswith(SKETCH_SUFFIXES)]
        if len(paths) >= most:
            break
    return paths


def _compared(own: Profile, page: Page) -> SimilarSketch:
    alike = likeness(own, page.profile)
    return SimilarSketch(
        page.path,
        page.title,
        page.key,
        round(page.profile.bpm, 1),
        page.bars,
        alike.total,
        dict(alike.parts),
        reasons_in_words(own, page.profile, alike),
    )


def _best(found: list[SimilarSketch], top: int) -> tuple[SimilarSketch, ...]:
    """The most alike as a whole, and those most alike in one respect."""
    alike = [each for each in found if each.total >= _LEAST_ALIKE or _is_alike_in_one(each)]
    return tuple(sorted(alike, key=lambda each: (-each.total, each.path))[:top])


def _is_alike_in_one(each: SimilarSketch) -> bool:
    return max(each.parts.get("chords", 0.0), each.parts.get("contour", 0.0)) >= 0.6


# what is remembered ---------------------------------------------------------------------------------------

_Mark = tuple[int, int]
_pages: "OrderedDict[str, tuple[_Mark, Page]]" = OrderedDict()


def page_of(path: Path) -> Page:
    """What is in a file; heard again only when the file has changed. Raises EngineError."""
    mark = _mark(path)
    held = _pages.get(str(path))
    if held is None or mark is None or held[0] != mark:
        page = _heard(path)
        if mark is None:
            return page
        held = _pages[str(path)] = (mark, page)
    _pages.move_to_end(str(path))
    while len(_pages) > MOST_FILES:
        _pages.popitem(last=False)
    return held[1]


def _mark(path: Path) -> _Mark | None:
    """Tells whether a file was written since; an open song is written beside its file first."""
    try:
        seen = path.stat()
        beside = path.with_name(path.name + "-wal")
        later = beside.stat().st_mtime_ns if beside.exists() else 0
    except (OSError, ValueError):
        return None
    return seen.st_mtime_ns + later, seen.st_size


def _heard(path: Path) -> Page:
    song, analysis = listen_to(read_sketch(path))
    key = analysis.keys[0].key if analysis.keys else song.key
    return Page(str(path), song.title or path.stem, key, song.bars, profile_of(song, analysis))
