"""Whose notes are these? The shares of the song that are the artist's, accepted, or ideas edited since.

>>> shares_of(Song())
Shares(own=1.0, accepted=0.0, edited=0.0)
"""

from collections import Counter
from dataclasses import dataclass

from engine.music import Origin, Song

_ACCEPTED = frozenset({Origin.TAKEN, Origin.RULE})


@dataclass(frozen=True, slots=True)
class Shares:
    """Each 0-1, together 1. Chords heard in the artist's own notes are not counted."""

    own: float = 1.0
    accepted: float = 0.0
    edited: float = 0.0

    def in_words(self) -> str:
        """`Yours 81% · accepted 12% · edited ideas 7%`; shares of nothing are left out."""
        parts = [("Yours", self.own), ("accepted", self.accepted), ("edited ideas", self.edited)]
        percents = _rounded([share for _, share in parts])
        shown = zip(parts, percents, strict=True)
        return " · ".join(
            f"{name} {percent}%" for (name, share), percent in shown if share or name == "Yours"
        )


def shares_of(song: Song) -> Shares:
    """By number of notes and chords."""
    origins = Counter(note.origin for track in song.tracks for note in track.notes)
    origins.update(span.origin for span in song.chords if span.origin is not Origin.HEARD)
    total = origins.total()
    if not total:
        return Shares()
    accepted = sum(origins[origin] for origin in _ACCEPTED)
    edited = origins[Origin.EDITED]
    return Shares((total - accepted - edited) / total, accepted / total, edited / total)


def _rounded(shares: list[float]) -> list[int]:
    """Whole percents that add up to 100 (largest remainders)."""
    floors = [int(share * 100) for share in shares]
    by_rest = sorted(range(len(shares)), key=lambda index: floors[index] - shares[index] * 100)
    for index in by_rest[: 100 - sum(floors)]:
        floors[index] += 1
    return floors
