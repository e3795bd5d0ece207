"""What do the drums play under this song?

Grooves of the style (assets/patterns/drums) are chosen by section and by the sketch, laid on the bars with
fills, builds and crashes where sections begin, bent to the song's accents and to locks, and touched as real
drummers would.

    part = drum_part(brief_of(request, Role.DRUMS))
"""

from engine.api.suggestion import Part
from engine.arrangement.brief import Brief
from engine.arrangement.drums.choosing import Manner, manners_for
from engine.arrangement.drums.line import DrumLine, drum_line
from engine.arrangement.drums.words import reasons_of, title_of
from engine.arrangement.styles import Kit
from engine.music import Role

__all__ = [
    "DrumLine",
    "Manner",
    "drum_line",
    "drum_part",
    "kit_of",
    "manners_for",
    "part_of",
    "reasons_of",
    "title_of",
]

_KITS = {Kit.STANDARD: 0, Kit.ELECTRONIC: 25, Kit.BRUSHES: 40}
_ASKED = ((("electronic", "808", "909", "machine"), 25), (("brush",), 40), (("acoustic", "standard"), 0))


def kit_of(brief: Brief) -> int:
    """The kit's program: as asked in words, as the track stands, else the style's own."""
    words = brief.request.controls.instrument.lower()
    asked = next((program for names, program in _ASKED if any(n in words for n in names)), None)
    if asked is not None:
        return asked
    for track in brief.song.tracks:
        if track.id == brief.request.track_id and track.role is Role.DRUMS and track.notes:
            return track.program
    return _KITS[brief.style.kit]


def drum_part(brief: Brief, manner: Manner | None = None, candidate: int = 0) -> Part:
    """The surest part for a brief: what a whole arrangement asks for."""
    return part_of(drum_line(brief, manner or manners_for(brief)[0], candidate), brief)


def part_of(line: DrumLine, brief: Brief) -> Part:
    """A line as a part of a take; it replaces what stands in the track the request names."""
    track_id = brief.request.track_id if brief.role is Role.DRUMS else 0
    return Part(Role.DRUMS, "Drums", kit_of(brief), line.notes, track_id, reasons_of(line, brief))
