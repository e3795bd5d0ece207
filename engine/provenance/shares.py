"""How much of this song is the artist's own?

Played, drawn and imported notes are the artist's, and chords heard in them; accepted are ideas taken as they
came; edited ideas were taken and then changed. Each note and each chord of the lane counts one.

>>> Shares(yours=81, accepted=12, edited=7).sentence
'Yours 81% · accepted 12% · edited ideas 7%'
"""

from collections import Counter
from dataclasses import dataclass
from operator import attrgetter

from engine.music.note import Note, Origin
from engine.music.remembered import Remembered
from engine.music.song import Song

_ACCEPTED = (Origin.TAKEN, Origin.RULE)


@dataclass(frozen=True, slots=True)
class Shares:
    """Numbers of notes and chords."""

    yours: int = 0
    accepted: int = 0
    edited: int = 0

    @property
    def percents(self) -> tuple[int, int, int]:
        """Whole percents that add up to 100 (largest remainder); zeros for an empty song."""
        counts = (self.yours, self.accepted, self.edited)
        total = sum(counts)
        if not total:
            return 0, 0, 0
        floors = [100 * count // total for count in counts]
        by_remainder = sorted(range(3), key=lambda index: -(100 * counts[index] % total))
        for index in by_remainder[: 100 - sum(floors)]:
            floors[index] += 1
        return floors[0], floors[1], floors[2]

    @property
    def sentence(self) -> str:
        """The line of the status bar; empty for an empty song."""
        names = ("Yours", "accepted", "edited ideas")
        parts = [f"{name} {percent}%" for name, percent in zip(names, self.percents, strict=True)]
        return " · ".join(parts) if any(self.percents) else ""


def _count(notes: tuple[Note, ...]) -> Counter[Origin]:
    return Counter(map(attrgetter("origin"), notes))


_origins_of = Remembered(_count)


def shares(song: Song) -> Shares:
    """Counts of the song's notes and chords by who made them."""
    counts = Counter(span.origin for span in song.chords)
    for track in song.tracks:
        counts.update(_origins_of(track.notes))
    accepted = sum(counts[origin] for origin in _ACCEPTED)
    edited = counts[Origin.EDITED]
    return Shares(counts.total() - accepted - edited, accepted, edited)
