"""What does a second voice sing beside the melody?

Answers in its rests, held guide tones, thirds and sixths along with it, or a line that moves against it; the
pitches are found by dynamic programming (`line`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.api.suggestion import Part
from engine.arrangement.brief import Brief
from engine.arrangement.counter.infilling import written_line
from engine.arrangement.counter.line import Texture, pitched
from engine.arrangement.counter.slots import Slot, answering, moving, openings, with_chords, with_melody
from engine.arrangement.counter.voices import Voice, voice_for
from engine.arrangement.counter.words import reasons_of, title_of
from engine.generation.search.models import Infiller
from engine.music import Note, Origin, Role

__all__ = [
    "CounterLine",
    "Texture",
    "counter_line",
    "part_of",
    "textures_for",
    "title_of",
    "written_by_model",
]

_SLOTS = {
    Texture.ANSWERS: answering,
    Texture.GUIDE_TONES: with_chords,
    Texture.THIRDS: with_melody,
    Texture.CONTRARY: moving,
}
_FIRST_DICE = 700
_QUIETER = {Texture.ANSWERS: 6, Texture.GUIDE_TONES: 16, Texture.THIRDS: 12, Texture.CONTRARY: 12}


@dataclass(frozen=True, slots=True)
class CounterLine:
    texture: Texture
    voice: Voice
    notes: tuple[Note, ...]


def textures_for(brief: Brief) -> tuple[Texture, ...]:
    """What can be done here, the surest first: answers only where there is room, thirds only along a tune."""
    if not brief.melody:
        return (Texture.GUIDE_TONES, Texture.CONTRARY)
    rooms = openings(brief)
    share = sum(end - start for start, end in rooms) / (brief.end_ticks - brief.start_ticks)
    if share >= 0.2:
        return (Texture.ANSWERS, Texture.GUIDE_TONES, Texture.CONTRARY, Texture.THIRDS)
    last = (Texture.ANSWERS,) if 4 * len(rooms) >= len(brief.bars) else ()
    return (Texture.GUIDE_TONES, Texture.CONTRARY, Texture.THIRDS, *last)


def counter_line(brief: Brief, texture: Texture, candidate: int = 0) -> CounterLine:
    """One second voice. Raises ImpossibleError for a range that leaves no room."""
    voice = voice_for(brief, candidate // 10)
    slots = _SLOTS[texture](brief)
    pitches = pitched(slots, brief, voice, texture, brief.dice(_FIRST_DICE + candidate))
    notes = [
        _note(number, slot, pitch, brief, texture)
        for number, (slot, pitch) in enumerate(zip(slots, pitches, strict=True), 1)
        if pitch is not None
    ]
    return CounterLine(texture, voice, _tied(notes, brief) if texture is Texture.CONTRARY else tuple(notes))


def written_by_model(brief: Brief, infiller: Infiller, checkpoint: Callable[[], None]) -> CounterLine:
    """The infilling model's second voice. Raises ImpossibleError where the rules leave it no way."""
    voice = voice_for(brief)
    notes = written_line(brief, voice, infiller, brief.request.seed, checkpoint)
    level = brief.feel.loudness - _QUIETER[Texture.CONTRARY]
    velocity = round(min(115, max(30, level)))
    loud = [note if note in brief.fixed else replace(note, velocity=velocity) for note in notes]
    return CounterLine(Texture.MODEL, voice, tuple(loud))


def _tied(notes: list[Note], brief: Brief) -> tuple[Note, ...]:
    """A line that does not move holds its note."""
    found: list[Note] = []
    for note in notes:
        last = found[-1] if found else None
        joins = last is not None and last.pitch == note.pitch and last.end_ticks == note.start_ticks
        if last is not None and joins and last not in brief.fixed and note not in brief.fixed:
            found[-1] = replace(last, duration_ticks=note.end_ticks - last.start_ticks)
        else:
            found.append(note)
    return tuple(found)


def _note(number: int, slot: Slot, pitch: int, brief: Brief, texture: Texture) -> Note:
    if slot.fixed is not None:
        return slot.fixed
    start, end = _played_at(slot.start_ticks, brief, texture), _played_at(slot.end_ticks, brief, texture)
    bar = brief.bar_at(slot.start_ticks)
    loud = (brief.feel.loudness - _QUIETER[texture]) * (0.9 + 0.2 * bar.level)
    velocity = round(min(115, max(30, loud + (4 if slot.is_strong else 0))))
    return Note(number, start, max(40, end - start), pitch, velocity, Origin.TAKEN)


def _played_at(tick: int, brief: Brief, texture: Texture) -> int:
    """Along the melody as the melody is played; else swung with the style."""
    if texture is Texture.THIRDS:
        return tick
    bar = brief.bar_at(tick)
    return brief.swung(tick, is_triplet=(tick - bar.start_ticks + bar.lead_ticks) % 120 != 0)


def part_of(line: CounterLine, brief: Brief) -> Part:
    """A line as a part of a take; it replaces what stands in the track the request names."""
    track_id = brief.request.track_id if brief.role is Role.COUNTER else 0
    reasons = reasons_of(line.texture, line.notes, brief, line.voice)
    return Part(Role.COUNTER, "Counter-melody", line.voice.program, line.notes, track_id, reasons)
