"""Is this take the artist's and ours, or does it sound like a work somebody made?

Every take is compared with the works the models learnt from and, if the artist added any, with the artist's
own songs and references. It is withheld when a run of MOST_NOTES notes or MOST_CHORDS chords that points to a
work is in it; what it shares with the artist's own songs is told and not withheld.

The limits follow what people do: see the card of the index (`understudy evaluate originality`).

>>> in_words(Originality(7, "The Ash Grove", "traditional"), "notes")
'7 notes in common with “The Ash Grove”, traditional'
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.api.suggestion import Originality, SuggestionRequest, Take
from engine.music import Role
from engine.ranking.originality.index import Shared
from engine.ranking.originality.own import OwnMaterial, line_of
from engine.ranking.originality.store import Indexes, artists, shipped
from engine.ranking.originality.symbols import melody_text, progression_text

MOST_NOTES, MOST_CHORDS = 12, 16
YOURS, REFERENCE = "yours", "reference"
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
        shared = [(one.length / MOST_NOTES, one) for one in notes if one is not None]
        shared += [(one.length / MOST_CHORDS, one) for one in chords if one is not None]
        if any(share >= 1 and one.works[0].maker != YOURS for share, one in shared):
            return None
        nearest = max(shared, key=lambda pair: pair[0], default=None)
        return replace(take, originality=Originality(0) if nearest is None else _told(nearest[1]))

    def _notes(self, take: Take) -> Iterator[Shared | None]:
        line = line_of(take.notes)
        text = melody_text([note.start_ticks for note in line], [note.pitch for note in line])
        for index in self._all:
            if index.melodies is not None:
                yield index.melodies.shared(text, lambda: self._own.notes(line))

    def _chords(self, take: Take) -> Iterator[Shared | None]:
        text = progression_text([span.chord for span in take.chords])
        for index in self._all:
            if index.progressions is not None:
                yield index.progressions.shared(text, lambda: self._own.chords(take.chords))


def checked(request: SuggestionRequest, takes: Iterable[Take]) -> tuple[list[Take], int]:
    """The takes that may be shown, each with its originality, and how many were withheld."""
    check = TakeCheck(request)
    judged = [check.judged(take) for take in takes]
    shown = [take for take in judged if take is not None]
    return shown, len(judged) - len(shown)


def in_words(originality: Originality, unit: str) -> str:
    """What the take shares, for people; `unit` is notes or chords."""
    if not originality.work:
        return "nothing in common with any known work but common turns"
    whose = {YOURS: "one of your own", REFERENCE: "one of your references"}.get(
        originality.maker, originality.maker
    )
    end = f", {whose}" if whose else ""
    return f"{originality.longest_run} {unit} in common with “{originality.work}”{end}"


def _told(shared: Shared) -> Originality:
    work = shared.works[0]
    return Originality(shared.length, work.title, work.maker, work.licence)
