"""Which notes of one voice does only the other ear hear?

The pitch track tells glides and vibrato from notes but passes over quick notes and some that are repeated;
the ear for several notes at once finds those, and takes glides for notes. Where it is very sure of a note
that the pitch track has not, the voice's note is cut there, or the rest is filled.
"""

from collections.abc import Sequence
from dataclasses import replace

from engine.analysis.audio.voicenotes import one_at_a_time
from engine.api.audio import HeardNote

_SURE, _SHORTEST_S = 0.9, 0.12
_APART_S, _LEFT_S = 0.1, 0.06
_FARTHEST = 12  # semitones from the voice's own note there


def with_sure_notes(
    notes: Sequence[HeardNote], told: Sequence[HeardNote], semitones: int = 0
) -> list[HeardNote]:
    """The notes of a voice with what else is surely told, moved by so many semitones; one at a time."""
    found = list(notes)
    for note in told:
        is_new = all(abs(each.start_s - note.start_s) >= _APART_S for each in found)
        if is_new and note.certainty >= _SURE and note.end_s - note.start_s >= _SHORTEST_S:
            found = _joined(found, replace(note, pitch=note.pitch + semitones))
    return one_at_a_time(sorted(found, key=lambda note: note.start_s))


def _joined(notes: list[HeardNote], new: HeardNote) -> list[HeardNote]:
    """With one more, which ends no later than the note it cuts, or before the next."""
    for index, note in enumerate(notes):
        if note.start_s < new.start_s < note.end_s - _LEFT_S:
            if abs(new.pitch - note.pitch) > _FARTHEST:
                return notes
            ends = note.end_s if new.pitch == note.pitch else min(new.end_s, note.end_s)
            cut = [replace(note, end_s=new.start_s), replace(new, end_s=ends)]
            return [*notes[:index], *cut, *notes[index + 1 :]]
    later = [note.start_s for note in notes if note.start_s > new.start_s]
    return [*notes, replace(new, end_s=min([new.end_s, *later]))]
