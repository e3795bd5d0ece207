"""Which notes of a score are its melody, bass and counter line?

One small function for each kind of score; names of parts are used only where a kind needs them.
"""

import re

from engine.training.corpus.textures import Lines
from engine.training.readers.parts import FullScore, PartNote, bar_halves, bottom_line, low_line, top_line


def song_lines(score: FullScore) -> Lines:
    """Voice and piano: the sung line, the bass of the piano's left hand (of the lowest voice where there is
    none); a second voice is the counter line. Without words the first part is the melody.
    """
    sung = sorted({voice.part for voice in score.voices if voice.has_words})
    staves = score.staves()
    if not staves:
        return Lines(())
    melody, lowest = (sung or [staves[0][0]])[0], staves[-1]
    if lowest[0] == melody:
        return piano_lines(score)
    counter = top_line(score.part_notes(sung[1])) if len(sung) > 1 and sung[1] != lowest[0] else ()
    return Lines(top_line(score.part_notes(melody)), bass_of(score, lowest), counter)


def piano_lines(score: FullScore) -> Lines:
    """Two hands: the top line of the upper staff, the bass of the lowest."""
    staves = score.staves()
    if not staves:
        return Lines(())
    top = top_line(score.staff_notes(*staves[0]))
    return Lines(top, bass_of(score, staves[-1]) if len(staves) > 1 else ())


def choir_lines(score: FullScore) -> Lines:
    """Soprano, alto and bass of a setting for voices, wherever instruments stand in the score."""
    named = {_first_word(name): part for part, name in enumerate(score.names)}
    parts = [named.get(voice, -1) for voice in ("soprano", "alto", "bass")]
    if min(parts) < 0:
        parts = [named.get(voice, -1) for voice in ("soprano 1", "alto", "bass")]
    if min(parts) < 0:
        return Lines(())
    soprano, alto, bass = (top_line(score.part_notes(part)) for part in parts)
    return Lines(soprano, bass, alto)


def _first_word(name: str) -> str:
    """The voice before the instruments that double it: "Soprano Oboe 1" -> "soprano"."""
    return re.split(r"[\r\n]| oboe| viol", name.strip().lower())[0]


def ensemble_lines(score: FullScore) -> Lines:
    """Single-line parts from the top: first melody, second counter line, last bass (string quartets,
    hymns in four voices).
    """
    parts = sorted({part for part, _ in score.staves()})
    if not parts:
        return Lines(())
    melody = top_line(score.part_notes(parts[0]))
    bass = low_line(score.part_notes(parts[-1])) if len(parts) > 1 else ()
    counter = top_line(score.part_notes(parts[1])) if len(parts) > 3 else ()
    return Lines(melody, bass, counter)


def bass_of(score: FullScore, staff: tuple[int, int]) -> list[PartNote]:
    """The bass an accompanying staff plays."""
    return bottom_line(score.staff_notes(*staff), bar_halves(score))
