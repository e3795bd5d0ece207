"""Is this take the artist's and ours, or does it sound like a work somebody made?

Every take is compared with the works the models learnt from and, if the artist added any, with the artist's
own songs and references. It is withheld when a run of MOST_NOTES notes or MOST_CHORDS chords is in it that is
not common to many works; what it shares with the artist's own songs is told and not withheld.

A bass from figures of a style is nobody's tune and is not compared with any. Of a take that is a whole song
what is new is compared: every stretch of new notes that is sung, and the chords of a form's new sections.

The limits follow what people do: see the card of the index (`understudy evaluate originality`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, repeat
from typing import Any

from engine.api.suggestion import Kind, Originality, SuggestionRequest, Take
from engine.music import ChordSpan, Note, Role
from engine.music.edits import is_new
from engine.ranking.originality.index import Likeness
from engine.ranking.originality.own import OwnMaterial, line_of
from engine.ranking.originality.store import Indexes, artists, shipped
from engine.ranking.originality.symbols import melody_text, progression_text
from engine.ranking.originality.words import YOURS

MOST_NOTES, MOST_CHORDS = 12, 12
_SINGING = (Role.MELODY, Role.COUNTER, Role.BASS, Role.OTHER)
_SUNG_IN_SONGS = (Role.MELODY, Role.COUNTER)
_SHORTEST_RUN = 6
_FIGURED = (Kind.BASS,)  # parts made of a style's figures


class TakeCheck:
    """Judges the takes of one request. Raises EngineError when the index cannot be read."""

    def __init__(self, request: SuggestionRequest) -> None:
        known = shipped()
        self._all: tuple[Indexes, ...] = (known, artists(known))
        self._own = OwnMaterial(request.song)
        self._role = request.role
        self._kind = request.kind

    def judged(self, take: Take) -> Take | None:
        """The take with what it shares; None when it is too close to a work of somebody else.

        Its originality stays None when there is nothing in it that could be compared (drums).
        """
        notes = [likeness for line in self._lines(take) for likeness in self._notes(line)]
        chords = [likeness for spans in self._progressions(take) for likeness in self._chords(spans)]
        if not notes and not chords:
            return take
        if any(map(_is_too_close, notes, repeat(MOST_NOTES))):
            return None
        if any(map(_is_too_close, chords, repeat(MOST_CHORDS))):
            return None
        return replace(take, originality=_told([*notes, *chords]))

    def _lines(self, take: Take) -> Iterator[Sequence[Note]]:
        """What is sung in the take and may be somebody's."""
        if take.song is not None:
            for track in take.song.tracks:
                if track.role in _SUNG_IN_SONGS:
                    yield from _runs(track.notes)
        elif take.notes and self._role in _SINGING and self._kind not in _FIGURED:
            yield take.notes

    def _progressions(self, take: Take) -> Iterator[Sequence[ChordSpan]]:
        if take.song is not None and self._kind is Kind.FORM:
            yield from _runs(take.song.chords)
        elif take.chords:
            yield take.chords

    def _notes(self, notes: Sequence[Note]) -> Iterator[Likeness]:
        line = line_of(notes)
        text = melody_text([note.start_ticks for note in line], [note.pitch for note in line])
        own = self._own.notes(line)
        for index in self._all:
            if index.melodies is not None:
                yield index.melodies.likeness(text, own)

    def _chords(self, spans: Sequence[ChordSpan]) -> Iterator[Likeness]:
        text = progression_text([span.chord for span in spans])
        own = self._own.chords(spans)
        for index in self._all:
            if index.progressions is not None:
                yield index.progressions.likeness(text, own)


def _runs(items: Sequence[Note] | Sequence[ChordSpan]) -> Iterator[tuple[Any, ...]]:
    """The stretches of new notes (or chords) that are long enough to be somebody's."""
    for new, run in groupby(items, key=is_new):
        found = tuple(run)
        if new and len(found) >= _SHORTEST_RUN:
            yield found


def checked(request: SuggestionRequest, takes: Iterable[Take]) -> tuple[list[Take], int]:
    """The takes that may be shown, each with its originality, and how many were withheld."""
    check = TakeCheck(request)
    judged = [check.judged(take) for take in takes]
    shown = [take for take in judged if take is not None]
    return shown, len(judged) - len(shown)


def _is_too_close(likeness: Likeness, limit: int) -> bool:
    """Whether it is a work of somebody else that the take is close to."""
    named = likeness.named
    if named is not None and named.works[0].maker == YOURS:
        return False
    return likeness.length >= limit


def _told(found: Sequence[Likeness]) -> Originality:
    """The longest run that points to a work, else the longest there is, nobody's."""
    named = [one.named for one in found if one.named is not None]
    if not named:
        return Originality(max((one.longest for one in found), default=0))
    nearest = max(named, key=lambda one: one.length)
    work = nearest.works[0]
    return Originality(nearest.length, work.title, work.maker, work.licence)
