"""Is it still the same tune? How much of a melody is recognisable after a restyling.

A note is recognised when the step to it from the note before is the same interval, and when its place in the
bar is the place its old one is mapped to, give or take a sixteenth. Added or missing notes are not.
"""

from collections.abc import Sequence

from engine.api.suggestion import SuggestionRequest
from engine.arrangement.restyle.timing import Mapping
from engine.music import Note, Song, Track

_NEAR_TICKS = 120


def recognisability(request: SuggestionRequest, melody: Track, mapping: Mapping, covered: Song) -> float:
    """Share of the notes that are recognised, 0-1: half for the step, half for the place."""
    start, end = mapping.mapped[0].start, mapping.end
    old = [note for note in melody.notes if start <= note.start_ticks < end]
    new = covered.track(melody.id).notes
    return traced(old, new, [mapping.tick(note.start_ticks) for note in old])


def traced(old: Sequence[Note], new: Sequence[Note], places: Sequence[int]) -> float:
    """As `recognisability`, where `places` is where each old note should be."""
    if not old:
        return 1.0
    steps = places_kept = 0.0
    free = list(new)
    last: tuple[Note, Note] | None = None
    for note, place in zip(old, places, strict=True):
        found = min(
            free, key=lambda n: (abs(n.start_ticks - place) // 240, abs(n.pitch - note.pitch)), default=None
        )
        if found is None or abs(found.start_ticks - place) > 480:
            last = None
            continue
        free.remove(found)
        if last is None:
            steps += found.pitch == note.pitch
        else:
            steps += found.pitch - last[1].pitch == note.pitch - last[0].pitch
        places_kept += abs(found.start_ticks - place) <= _NEAR_TICKS
        last = (note, found)
    return 0.5 * (steps + places_kept) / max(len(old), len(new))
