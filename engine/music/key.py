"""Which key is it, and how are pitches spelled in it?

A key is a tonic pitch class and a mode. Spelling walks the line of fifths
(C = 0, G = 1, F = -1 ...): the twelve names nearest to the key are used, as in
Temperley, The Cognition of Basic Musical Structures, ch. 5.

>>> Key(3, Mode.MAJOR).name, Key(3, Mode.MAJOR).spell(8)
('E♭ major', 'A♭')
"""

from dataclasses import dataclass
from enum import StrEnum

LETTERS = "FCGDAEB"  # line of fifths, F = -1
_FLATTEST = -6  # G♭; flatter names only where the key itself has them
_LETTER_PITCH_CLASS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"#": 1, "♯": 1, "b": -1, "♭": -1, "𝄪": 2, "𝄫": -2, "x": 2}


class Mode(StrEnum):
    MAJOR = "major"
    MINOR = "minor"
    DORIAN = "dorian"
    PHRYGIAN = "phrygian"
    LYDIAN = "lydian"
    MIXOLYDIAN = "mixolydian"
    LOCRIAN = "locrian"

    @property
    def is_minor(self) -> bool:
        return 3 in self.scale

    @property
    def scale(self) -> tuple[int, ...]:
        """Semitones of the seven degrees above the tonic (natural minor for minor)."""
        return _SCALES[self]


_SCALES = {
    Mode.MAJOR: (0, 2, 4, 5, 7, 9, 11),
    Mode.MINOR: (0, 2, 3, 5, 7, 8, 10),
    Mode.DORIAN: (0, 2, 3, 5, 7, 9, 10),
    Mode.PHRYGIAN: (0, 1, 3, 5, 7, 8, 10),
    Mode.LYDIAN: (0, 2, 4, 6, 7, 9, 11),
    Mode.MIXOLYDIAN: (0, 2, 4, 5, 7, 9, 10),
    Mode.LOCRIAN: (0, 1, 3, 5, 6, 8, 10),
}
# Fifths between a mode's tonic and the tonic of the major key with the same signature.
_SIGNATURE_SHIFT = {
    Mode.MAJOR: 0,
    Mode.MINOR: -3,
    Mode.DORIAN: -2,
    Mode.PHRYGIAN: -4,
    Mode.LYDIAN: 1,
    Mode.MIXOLYDIAN: -1,
    Mode.LOCRIAN: -5,
}


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class 0-11) and a mode."""

    tonic: int = 0
    mode: Mode = Mode.MAJOR

    @property
    def fifths(self) -> int:
        """Key signature: sharps positive, flats negative, in -6..6 (E♭ minor, not D♯ minor)."""
        shift = _SIGNATURE_SHIFT[self.mode]
        position = (self.tonic * 7) % 12 + shift
        position = (position + 6) % 12 - 6
        return 6 if position == -6 and not self.mode.is_minor else position

    @property
    def name(self) -> str:
        return f"{self.spell(self.tonic)} {self.mode.value}"

    @property
    def scale_pitch_classes(self) -> tuple[int, ...]:
        return tuple((self.tonic + step) % 12 for step in self.mode.scale)

    def spell(self, pitch_class: int) -> str:
        """Name of a pitch class in this key, with ♯ and ♭ signs."""
        return fifths_name(self.spelling_position(pitch_class))

    def spelling_position(self, pitch_class: int) -> int:
        """Line-of-fifths position of the pitch class in this key (C = 0)."""
        low = max(self.fifths - (3 if self.mode.is_minor else 5), _FLATTEST)
        low = min(low, self.fifths - 1) if self.mode.is_minor else min(low, self.fifths - 1, 0)
        return low + ((pitch_class * 7) - low) % 12

    def relative(self, pitch_class: int) -> int:
        """Semitones of the pitch class above the tonic, 0-11."""
        return (pitch_class - self.tonic) % 12


def fifths_name(position: int) -> str:
    """Letter and accidentals of a line-of-fifths position: 0 = C, -3 = E♭, 6 = F♯."""
    letter = LETTERS[(position + 1) % 7]
    accidentals = (position + 1) // 7
    return letter + ("♯" * accidentals if accidentals > 0 else "♭" * -accidentals)


def parse_pitch_class(name: str) -> int | None:
    """Pitch class of a spelled name such as `Eb`, `F♯` or `Cb`; None if it is not one."""
    if not name or name[0] not in _LETTER_PITCH_CLASS:
        return None
    shift = 0
    for sign in name[1:]:
        if sign not in _ACCIDENTALS:
            return None
        shift += _ACCIDENTALS[sign]
    return (_LETTER_PITCH_CLASS[name[0]] + shift) % 12


def parse_key(text: str) -> Key | None:
    """Key from words such as `C`, `Eb major`, `A minor`, `Am`, `D dorian`; None if it is not one."""
    words = text.strip().replace(":", " ").split()
    if not words:
        return None
    name = words[0][:1].upper() + words[0][1:]
    mode_word = words[1].lower() if len(words) > 1 else ""
    if not mode_word and name.endswith("m") and len(name) > 1:
        name, mode_word = name[:-1], "minor"
    tonic = parse_pitch_class(name)
    mode_word = {
        "": "major",
        "maj": "major",
        "min": "minor",
        "m": "minor",
        "aeolian": "minor",
        "ionian": "major",
    }.get(mode_word, mode_word)
    if tonic is None or mode_word not in set(Mode):
        return None
    return Key(tonic, Mode(mode_word))
