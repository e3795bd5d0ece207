"""What does the bass play under this song?

Figures of the style (assets/patterns/bass) are chosen by section and by the sketch, laid on the bars, bent to
chord changes, kicks and locks, and given pitches by dynamic programming.

    part = bass_part(brief_of(request, Role.BASS))
"""

from engine.api.suggestion import Part
from engine.arrangement.bass.choosing import Manner, manners_for
from engine.arrangement.bass.line import BassLine, bass_line
from engine.arrangement.bass.words import reasons_of, strong_beat_fit, title_of
from engine.arrangement.brief import Brief
from engine.music import Role

__all__ = [
    "BassLine",
    "Manner",
    "bass_line",
    "bass_part",
    "manners_for",
    "program_of",
    "reasons_of",
    "strong_beat_fit",
    "title_of",
]

_PROGRAMS = (
    (("upright", "double bass", "acoustic", "contrabass", "jazz"), 32),
    (("synth", "808", "sub", "reese", "moog"), 38),
    (("string", "cello", "orchestra"), 48),
    (("electric", "finger", "pick", "fretless", "slap", "bass guitar"), 33),
)


def program_of(brief: Brief) -> int:
    """Who plays: as asked in words, as the track stands, else the style's own."""
    words = brief.request.controls.instrument.lower()
    asked = next((program for names, program in _PROGRAMS if any(n in words for n in names)), None)
    if asked is not None:
        return asked
    for track in brief.song.tracks:
        if track.id == brief.request.track_id and track.role is Role.BASS and track.notes:
            return track.program
    return brief.style.bass_program


def bass_part(brief: Brief, manner: Manner | None = None, candidate: int = 0) -> Part:
    """The surest line for a brief as a part: what a whole arrangement asks for."""
    line = bass_line(brief, manner or manners_for(brief)[0], candidate)
    return part_of(line, brief)


def part_of(line: BassLine, brief: Brief) -> Part:
    """A line as a part of a take; it replaces what stands in the track the request names."""
    track_id = brief.request.track_id if brief.role is Role.BASS else 0
    return Part(Role.BASS, "Bass", program_of(brief), line.notes, track_id, reasons_of(line, brief))
