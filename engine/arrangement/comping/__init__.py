"""What do the hands on keys and strings play under this song?

Figures of the style (assets/patterns/comping) are chosen by section and by the sketch, laid on the bars,
pushed and cut with the chords, voiced by `engine.arrangement.voicing`, and kept clear of the melody.

    part = comping_part(brief_of(request, Role.CHORDS))
"""

from engine.arrangement.comping.parts import Comping, Idea, comping, comping_part, ideas_for, part_of

__all__ = ["Comping", "Idea", "comping", "comping_part", "ideas_for", "part_of"]
