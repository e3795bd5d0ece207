"""When does the second voice sound: with every note of the melody, on every chord, or where the melody rests?

A Slot is one note to be, in ticks. Fixed notes are slots of their own; nothing is planned over them.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.arrangement.brief import BarBrief, Brief
from engine.arrangement.feel import sounding_at
from engine.music import Chord, Note


@dataclass(frozen=True, slots=True)
class Slot:
    """`wish`: semitones from the note before that a motif asks for; None: nothing is asked.

    `opens`: a new entry after a rest, which may leap.
    """

    start_ticks: int
    end_ticks: int
    chord: Chord
    is_strong: bool
    wish: int | None = None
    opens: bool = False
    fixed: Note | None = None


def with_melody(brief: Brief) -> list[Slot]:
    """A note for each note of the melody."""
    found = []
    for note in brief.melody:
        start = max(note.start_ticks, brief.start_ticks)
        end = min(note.end_ticks, brief.end_ticks)
        if end - start >= 40:
            found.append(slot_at(brief, start, end))
    return around_fixed(found, brief)


def with_chords(brief: Brief) -> list[Slot]:
    """A long note for each chord, taken anew every two bars."""
    found = []
    for span in brief.harmony:
        longest = 2 * brief.bar_at(span.start_ticks).metre.bar_ticks
        for start in range(span.start_ticks, span.end_ticks, longest):
            found.append(slot_at(brief, start, min(start + longest, span.end_ticks)))
    return around_fixed(found, brief)


def moving(brief: Brief) -> list[Slot]:
    """Strong beats, and beats on which the melody holds still: there the voice moves on into the next."""
    onsets = {note.start_ticks for note in brief.melody}
    places = {span.start_ticks for span in brief.harmony}
    for bar in brief.bars:
        strong = [tick for tick in bar.strong_ticks if bar.intensity > 1 or tick == bar.start_ticks]
        beats = [tick for tick in _beats(bar) if tick not in onsets]
        leading = [tick for tick in beats if bar.intensity == 3 or _leads(tick, bar)]
        places |= {*strong, *(leading if bar.intensity > 1 else ())}
    ticks = sorted(tick for tick in places if brief.start_ticks <= tick < brief.end_ticks)
    ends = [*ticks[1:], brief.end_ticks]
    return around_fixed([slot_at(brief, a, b) for a, b in zip(ticks, ends, strict=True)], brief)


def _leads(tick: int, bar: BarBrief) -> bool:
    """Whether the next beat is the next bar's."""
    return tick + bar.metre.pulse_ticks >= bar.end_ticks


def _beats(bar: BarBrief) -> range:
    pulse = bar.metre.pulse_ticks
    first = bar.start_ticks + (-bar.lead_ticks) % pulse
    return range(first, bar.end_ticks, pulse)


def answering(brief: Brief) -> list[Slot]:
    """Short answers where the melody rests or holds, in the rhythm it has just sung, turned upside down."""
    found: list[Slot] = []
    for start, end in openings(brief):
        found += _answer(brief, start, end)
    return around_fixed(found, brief)


def openings(brief: Brief) -> list[tuple[int, int]]:
    """Where there is room for an answer: rests of a beat and a half, held notes after their first beat."""
    found = []
    now = brief.start_ticks
    for note in brief.melody:
        beat = brief.bar_at(now).metre.pulse_ticks
        if note.start_ticks - now >= 1.5 * beat:
            found.append((now, note.start_ticks))
        is_held = note.duration_ticks >= (2 if brief.bar_at(now).intensity == 3 else 2.5) * beat
        now = max(now, note.start_ticks + beat if is_held else note.end_ticks)
        if is_held and note.end_ticks - now >= beat:
            found.append((now, note.end_ticks))
            now = note.end_ticks
    if brief.melody and brief.end_ticks - now >= 1.5 * brief.bar_at(now).metre.pulse_ticks:
        found.append((now, brief.end_ticks))
    return _joined(found, brief)


def _joined(rooms: Sequence[tuple[int, int]], brief: Brief) -> list[tuple[int, int]]:
    """A held note and the rest after it are one room; all lie in the region."""
    found: list[tuple[int, int]] = []
    for start, end in rooms:
        start, end = max(start, brief.start_ticks), min(end, brief.end_ticks)
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        elif end > start:
            found.append((start, end))
    return found


def _answer(brief: Brief, start: int, end: int) -> list[Slot]:
    """A breath, the motif turned over, a last note that holds to the end of the room or for two beats."""
    beat = brief.bar_at(start).metre.pulse_ticks
    half = beat // 3 if brief.bar_at(start).metre.is_compound else beat // 2
    now = -(-start // half) * half
    now += 0 if sounding_at(brief.melody, start) or now > start else half
    lengths, steps = motif(brief.melody, start, half)
    if sum(lengths[:3]) > end - now:
        lengths = _run(end - now, half)
        steps = [None] * len(lengths)
    found: list[Slot] = []
    for length, step in zip(lengths, steps, strict=True):
        if now + length > end:
            break
        found.append(slot_at(brief, now, now + length, step, opens=not found))
        now += length
    if len(found) < 2:
        return []
    last = found[-1]
    rest = min(end, last.start_ticks + 2 * beat)
    return [*found[:-1], replace(last, end_ticks=max(last.end_ticks, rest - (half if rest == end else 0)))]


def _run(room: int, half: int) -> list[int]:
    """Two or three quick notes and one that holds what is left."""
    quick = min(3, max(1, room // half - 2))
    left = min(room - quick * half, 4 * half)
    return [half] * quick + [left] if left >= half else []


def motif(melody: Sequence[Note], tick: int, half: int) -> tuple[list[int], list[int | None]]:
    """Lengths and turned-over steps of the last notes sung before the tick; plain eighths before any."""
    first = bisect_left(melody, tick, key=lambda note: note.start_ticks)
    sung = melody[max(0, first - 5) : first]
    pairs = list(pairwise(sung))
    lengths = [max(half, round((b.start_ticks - a.start_ticks) / half) * half) for a, b in pairs]
    if len(sung) < 3 or max(lengths) > 8 * half:
        return [half, half, half, 2 * half], [None, None, None, None]
    return [*lengths, 2 * half], [None, *(a.pitch - b.pitch for a, b in pairs)]


def slot_at(brief: Brief, start: int, end: int, wish: int | None = None, opens: bool = False) -> Slot:
    strong = start in brief.bar_at(start).strong_ticks or brief.harmony_at(start).start_ticks == start
    return Slot(start, end, brief.chord_at(start), strong, wish, opens)


def around_fixed(slots: Sequence[Slot], brief: Brief) -> list[Slot]:
    """The slots in the room that rests of the chord lane and notes that stay leave, and those notes."""
    free: list[Slot] = []
    for slot in slots:
        if slot.chord.is_no_chord:
            continue
        cuts = [note for note in brief.fixed if note.sounds_in(slot.start_ticks, slot.end_ticks)]
        if any(note.start_ticks <= slot.start_ticks for note in cuts):
            continue
        end = min([slot.end_ticks, *(note.start_ticks for note in cuts)])
        if end - slot.start_ticks >= 40:
            free.append(replace(slot, end_ticks=end))
    standing = [replace(slot_at(brief, n.start_ticks, n.end_ticks), fixed=n) for n in brief.fixed]
    return _one_at_a_time(sorted([*free, *standing], key=lambda slot: slot.start_ticks))


def _one_at_a_time(slots: list[Slot]) -> list[Slot]:
    """A melody played legato overlaps itself; the voice beside it does not."""
    ends = [*(slot.start_ticks for slot in slots[1:]), slots[-1].end_ticks] if slots else []
    cut = [
        slot if slot.fixed else replace(slot, end_ticks=min(slot.end_ticks, end))
        for slot, end in zip(slots, ends, strict=True)
    ]
    return [slot for slot in cut if slot.end_ticks - slot.start_ticks >= 40 or slot.fixed]
