"""How does a variation become notes again, with the artist's feel where nothing was changed?

An untouched note is given back as it was played; a note with another pitch or length keeps its own onset and
touch; new notes lie on the song's grid, a little softer than the note they come from.
"""

from dataclasses import replace

from engine.generation.melody.line import SONG_TICKS
from engine.generation.melody.takes import SHORTEST_TICKS, accent
from engine.generation.melody.tune import Passage, Tune, VNote
from engine.music import Note, Origin

_SOFTER = 6


def varied_notes(passage: Passage, tune: Tune) -> list[Note]:
    """The notes of the song: untouched ones keep their id, all others have id 0."""
    notes = [_note(passage, note) for note in tune]
    settled: list[Note] = []
    for index, note in enumerate(notes):
        following = notes[index + 1] if index + 1 < len(notes) else None
        if not passage.keep_rhythm:
            note = _without_overlap(note, settled[-1] if settled else None, following)
        if note.duration_ticks >= SHORTEST_TICKS or note.id:
            settled.append(note)
    return settled


def _note(passage: Passage, note: VNote) -> Note:
    sketch = passage.sketch
    event = passage.event(note)
    start = sketch.tick_of(event.bar, event.offset)
    length = note.duration * SONG_TICKS
    if sketch.legato < 0.97:
        length = max(SHORTEST_TICKS, round(length * sketch.legato))
    if note.parent < 0:
        velocity = max(1, accent(sketch, event) - _SOFTER)
        end = min(start + length, sketch.end)
        return Note(0, start, end - start, sketch.tonic + note.pitch, velocity, Origin.TAKEN)
    own, original = passage.placed[note.parent].note, passage.original[note.parent]
    if note == original:
        return own
    if note.at == original.at:
        start = own.start_ticks
    if note.duration == original.duration and note.at == original.at:
        length = own.duration_ticks
    end = max(start + SHORTEST_TICKS, min(start + length, max(sketch.end, own.end_ticks)))
    return Note(0, start, end - start, sketch.tonic + note.pitch, own.velocity, Origin.TAKEN)


def _without_overlap(note: Note, before: Note | None, following: Note | None) -> Note:
    """New and changed notes give way to their neighbours; the artist's own notes never move."""
    if note.id:
        return note
    start, end = note.start_ticks, note.end_ticks
    if before is not None and before.end_ticks > start:
        start = before.end_ticks
    if following is not None:
        end = min(end, following.start_ticks)
    return replace(note, start_ticks=start, duration_ticks=max(0, end - start))
