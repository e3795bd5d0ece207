"""What is a line called that was written without a plan?

By what it turned out to do with the artist's bars; where a take before it is called so, by its way or height
too. A name says nothing that the notes do not bear out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from engine.api.suggestion import Contour, Take
from engine.generation.melody.distance import soundings
from engine.generation.melody.line import Event
from engine.generation.melody.plan import Character
from engine.generation.melody.sketch import Sketch
from engine.generation.melody.way import way_of
from engine.generation.melody.words import kinships
from engine.music import Note

FROM_NOTHING = {
    Character.PARALLEL: "A first phrase",
    Character.RHYTHM: "Another beginning",
    Character.SEQUENCE: "A figure that moves",
    Character.FRESH: "An idea and its echo",
}
"""Where there is nothing of the artist's to take up."""
_SHOWS = {
    "same": Character.PARALLEL,
    "moved": Character.SEQUENCE,
    "rhythm": Character.RHYTHM,
    "pitches": Character.RHYTHM,
}
_WAYS = {
    Contour.RISING: "rising",
    Contour.FALLING: "falling",
    Contour.ARCH: "over an arch",
    Contour.LEVEL: "staying level",
}


def characters_of(sketch: Sketch, events: list[Event]) -> list[Character]:
    """What many of the related bars do, most first; FRESH first where more bars are new, last where half
    of them are."""
    kin = kinships(sketch, events)
    shown = Counter(_SHOWS[k.how] for k in kin if not sketch.first_bar <= k.other <= sketch.last_bar)
    found = [character for character, count in shown.most_common() if 3 * count >= shown.total()]
    new = len({event.bar for event in events}) - len(kin)
    if new > len(kin) or not found:
        return [Character.FRESH, *found]
    return [*found, Character.FRESH] if new == len(kin) else found


def named(
    sketch: Sketch,
    titles: Mapping[Character, str],
    events: list[Event],
    notes: list[Note],
    given: Sequence[Take],
) -> str:
    """The first true name that no take before has; `notes` are the new ones, `events` all on the grid."""
    true = [titles[character] for character in characters_of(sketch, events)]
    taken = {take.title for take in given}
    return next((name for name in _names(true, notes, given) if name not in taken), true[0])


def _names(true: Sequence[str], notes: list[Note], given: Sequence[Take]) -> Iterator[str]:
    yield from true
    way = way_of(soundings(notes))
    if way is not None:
        yield from (f"{title}, {_WAYS[way]}" for title in true)
    heights = [note.pitch for take in given for note in take.notes]
    if notes and heights:
        is_higher = fmean(note.pitch for note in notes) > fmean(heights)
        yield from (f"{title}, {'higher' if is_higher else 'lower'}" for title in true)
