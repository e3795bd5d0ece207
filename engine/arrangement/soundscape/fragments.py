"""Which bits of a tune can stand alone, and how are they sung slowly over other chords?"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.arrangement.soundscape.drifting import Slot
from engine.music import Key, Metre, Note, Origin

_SHORTEST, _LONGEST = 3, 6


@dataclass(frozen=True, slots=True)
class Fragment:
    """Notes from tick 0, in the sketch's own time."""

    notes: tuple[tuple[int, int, int], ...]  # start, length, pitch


def fragments_of(tune: Sequence[Note], metre: Metre) -> list[Fragment]:
    """Phrases cut at rests and long notes, three to six notes each, different ones."""
    found: list[Fragment] = []
    group: list[Note] = []
    for note in tune:
        gap = note.start_ticks - group[-1].end_ticks if group else 0
        is_over = gap >= metre.beat_ticks or (group and group[-1].duration_ticks >= 2 * metre.beat_ticks)
        if group and (is_over or len(group) == _LONGEST):
            found.append(_fragment(group))
            group = []
        if not group or note.start_ticks > group[-1].start_ticks:
            group.append(note)
    if group:
        found.append(_fragment(group))
    long_enough = [each for each in found if len(each.notes) >= _SHORTEST]
    return list({_shape(each): each for each in reversed(long_enough or found)}.values())[::-1]


def _fragment(group: Sequence[Note]) -> Fragment:
    first = group[0].start_ticks
    return Fragment(tuple((n.start_ticks - first, n.duration_ticks, n.pitch) for n in group))


def _shape(fragment: Fragment) -> tuple[tuple[int, int], ...]:
    first = fragment.notes[0][2]
    return tuple((start // 60, pitch - first) for start, _, pitch in fragment.notes)


def sung_over(
    fragment: Fragment,
    start: int,
    stretch: int,
    room: int,
    slots: Sequence[Slot],
    bar_ticks: int,
    key: Key,
    velocity: int,
) -> list[Note]:
    """The fragment so many times slower; notes that rub with the chord move to its nearest tone or the key's.

    What does not fit into the room is left out; the last note rings.
    """
    found: list[Note] = []
    for place, (offset, length, pitch) in enumerate(fragment.notes):
        begin = offset * stretch
        if begin >= room:
            break
        tick = start + begin
        slot = _slot_at(slots, tick // bar_ticks)
        is_last = place == len(fragment.notes) - 1
        sounding = min(room - begin, length * stretch * (2 if is_last else 1))
        wanted = slot.chord.pitch_classes if is_last or length * stretch >= bar_ticks // 2 else frozenset()
        found.append(
            Note(0, tick, max(60, sounding), _fitted(pitch, slot, key, wanted), velocity, Origin.TAKEN)
        )
    return found


def _slot_at(slots: Sequence[Slot], bar: int) -> Slot:
    return next((slot for slot in reversed(slots) if slot.start_bar <= bar), slots[0])


def _fitted(pitch: int, slot: Slot, key: Key, wanted: frozenset[int]) -> int:
    """The nearest pitch that does not rub: a chord tone where one is wanted, else any but a minor ninth."""
    tones = slot.chord.pitch_classes
    if pitch % 12 in tones:
        return pitch
    rubs = (pitch - 1) % 12 in tones
    if not wanted and not rubs and pitch % 12 in key.scale_pitch_classes:
        return pitch
    near = [pitch + step for step in (-1, 1, -2, 2, -3, 3) if (pitch + step) % 12 in tones]
    return near[0] if near else pitch
