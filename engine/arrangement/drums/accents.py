"""Where does the song itself put weight?

The artist's melody, bass and chords are read for onsets that want a drum: where the bass plays, where a long
note or a chord begins, above all where several do. Places are written ticks of the song, before swing.
"""

from collections.abc import Collection, Iterable, Sequence

from engine.arrangement.brief import Brief
from engine.arrangement.styles import Swung
from engine.music import Note, Role

STRONG = 0.85
"""From this weight on an accent is one a drummer plays with."""


def accents_of(brief: Brief) -> dict[int, float]:
    """Weight by written tick, for every onset in the region."""
    found: dict[int, float] = {}
    for weight, notes in (
        (1.0, brief.notes_of(Role.BASS)),
        (0.35, brief.notes_of(Role.CHORDS)),
        (0.35, brief.notes_of(Role.OTHER, Role.COUNTER)),
    ):
        for tick in {written_tick(note.start_ticks, brief) for note in notes}:
            found[tick] = found.get(tick, 0) + weight
    for note in brief.melody:
        tick = written_tick(note.start_ticks, brief)
        found[tick] = found.get(tick, 0) + _melody_weight(note, brief)
    for span in brief.harmony:
        tick = written_tick(span.start_ticks, brief)
        if span.start_ticks > brief.start_ticks and tick in found:
            found[tick] += 0.4
    return {tick: w for tick, w in found.items() if brief.start_ticks <= tick < brief.end_ticks}


def _melody_weight(note: Note, brief: Brief) -> float:
    """More for long notes, and for those that begin between the beats and hold over the next."""
    metre = brief.bar_at(note.start_ticks).metre
    weight = 0.5 + 0.4 * min(1.0, note.duration_ticks / metre.pulse_ticks)
    loud = note.velocity - brief.feel.loudness
    return weight + 0.3 * min(1.0, max(-1.0, loud / 25))


def written_tick(tick: int, brief: Brief) -> int:
    """The place on the grid a played onset means; a swung off-beat is an even one."""
    bar = brief.bar_at(tick)
    into = tick - bar.start_ticks + bar.lead_ticks
    beat, rest = divmod(into, 480)
    is_swung = brief.swing > 0.54 and not bar.metre.is_compound
    if is_swung and brief.style.swung is Swung.EIGHTHS and 200 <= rest <= 380:
        rest = 240
    else:
        sixteenth, triplet = round(rest / 120) * 120, round(rest / 160) * 160
        rest = triplet if abs(rest - triplet) + 15 < abs(rest - sixteenth) else sixteenth
    return bar.start_ticks - bar.lead_ticks + beat * 480 + rest


def strong_places(accents: dict[int, float]) -> frozenset[int]:
    """The ticks a drummer would play with."""
    return frozenset(tick for tick, weight in accents.items() if weight >= STRONG)


def met(places: Iterable[int], strokes: Collection[int]) -> tuple[int, int]:
    """Of so many places, how many have a stroke; the number met, and all."""
    asked = list(places)
    return sum(place in strokes for place in asked), len(asked)


def kick_agreement(kicks: Sequence[int], accents: dict[int, float]) -> float:
    """How well kicks fall on accents, 0-1: weighed accents met against those missed and kicks on nothing."""
    if not accents or not kicks:
        return 0.0
    there = set(kicks)
    hit = sum(weight for tick, weight in accents.items() if tick in there)
    total = sum(accents.values())
    idle = sum(kick not in accents for kick in there)
    return 2 * hit / (hit + total + 0.5 * idle)
