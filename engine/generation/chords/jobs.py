"""In a word: what does the next chord do after the one that sounds?"""

from engine.music import Chord, Key
from engine.music.roman import Colour, Function, colour_of, function


def job(chord: Chord, key: Key, before: Chord | None = None) -> str:
    """`home`, `soft home`, `away`, `tension`, `deceptive`, `pull`, `slide`, `passing`, `shade`, `blue`,
    `surprise`, `stay`."""
    if before is not None and (before.root, before.quality) == (chord.root, chord.quality):
        return "stay"
    if _is_passing(chord, before):
        return "passing"
    colour = colour_of(chord, key)
    foreign = {
        Colour.SECONDARY_DOMINANT: "pull",
        Colour.SECONDARY_LEADING: "pull",
        Colour.TRITONE_SUBSTITUTE: "slide",
        Colour.BORROWED: "shade",
        Colour.CHROMATIC: "surprise",
    }
    if colour in foreign:
        return foreign[colour]
    return _own_job(chord, key, before)


def _own_job(chord: Chord, key: Key, before: Chord | None) -> str:
    role = function(chord, key)
    was_dominant = before is not None and function(before, key) is Function.DOMINANT
    if role is Function.TONIC and chord.root == key.tonic:
        return "home" if chord.bass is None else "soft home"
    if was_dominant and key.relative(chord.root) in (8, 9):
        return "deceptive"
    return {
        Function.TONIC: "soft home",
        Function.SUBDOMINANT: "away",
        Function.DOMINANT: "tension",
    }.get(role, "surprise")


def _is_passing(chord: Chord, before: Chord | None) -> bool:
    """A diminished chord a semitone beside the one before."""
    is_diminished = chord.has_minor_third and (chord.root + 6) % 12 in chord.pitch_classes
    steps = 0 if before is None else (chord.bass_pitch_class - before.bass_pitch_class) % 12
    return is_diminished and (chord.root + 10) % 12 not in chord.pitch_classes and steps in (1, 11)
