"""Is this take the artist's and ours, or does it sound like a work somebody made?

Every take is compared with the works the models learnt from and, if the artist added any, with the artist's
own songs and references. It is withheld when a run of MOST_NOTES notes or MOST_CHORDS chords is in it that is
not common to many works; what it shares with the artist's own songs is told and not withheld.

The limits follow what people do: see the card of the index (`understudy evaluate originality`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import repeat

from engine.api.suggestion import Originality, SuggestionRequest, Take
from engine.music import Role
from engine.ranking.originality.index import Likeness
from engine.ranking.originality.own import OwnMaterial, line_of
from engine.ranking.originality.store import Indexes, artists, shipped
from engine.ranking.originality.symbols import melody_text, progression_text
from engine.ranking.originality.words import YOURS

MOST_NOTES, MOST_CHORDS = 12, 12
_SINGING = (Role.MELODY, Role.COUNTER, Role.BASS, Role.OTHER)


class TakeCheck:
    """Judges the takes of one request. Raises EngineError when the index cannot be read."""

    def __init__(self, request: SuggestionRequest) -> None:
        known = shipped()
        self._all: tuple[Indexes, ...] = (known, artists(known))
        self._own = OwnMaterial(request.song)
        self._role = request.role

    def judged(self, take: Take) -> Take | None:
        """The take with what it shares; None when it is too close to a work of somebody else.

        Its originality stays None when there is nothing in it that could be compared (drums).
        """
        notes = list(self._notes(take)) if take.notes and self._role in _SINGING else []
        chords = list(self._chords(take)) if take.chords else []
        if not notes and not chords:
            return take
        if any(map(_is_too_close, notes, repeat(MOST_NOTES))):
            return None
        if any(map(_is_too_close, chords, repeat(MOST_CHORDS))):
            return None
        return replace(take, originality=_told([*notes, *chords]))

    def _notes(self, take: Take) -> Iterator[Likeness]:
        line = line_of(take.notes)
        text = melody_text([note.start_ticks for note in line], [note.pitch for note in line])
        own = self._own.notes(line)
        for index in self._all:
            if index.melodies is not None:
                yield index.melodies.likeness(text, own)

    def _chords(self, take: Take) -> Iterator[Likeness]:
        text = progression_text([span.chord for span in take.chords])
        own = self._own.chords(take.chords)
        for index in self._all:
            if index.progressions is not None:
                yield index.progressions.likeness(text, own)


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
