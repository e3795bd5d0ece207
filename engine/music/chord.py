"""Which chord is it, what is in it, and how is it written?

In data labels follow Harte's grammar (`G:min7/b3`, `N` for no chord; Harte et al., ISMIR 2005);
people read lead-sheet spelling (`Gm7/B♭`). A quality is its Harte text; qualities with the same
pitches share one canonical text, so chords compare as values.

>>> Chord.parse("Gm7/Bb").harte(), Chord.parse("G:min7/b3").lead_sheet()
('G:min7/b3', 'Gm7/B♭')
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.music.errors import ChordSyntaxError
from engine.music.key import Key, fifths_name, parse_pitch_class
from engine.music.qualities import (
    LEAD_SHEET_SUFFIX,
    NO_CHORD_QUALITY,
    canonical_quality,
    lead_sheet_suffix,
    quality_from_lead_sheet,
    quality_intervals,
)

_DEGREE_SEMITONES = {1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 11, 8: 12, 9: 14, 10: 16, 11: 17, 12: 19, 13: 21}
_BASS_DEGREE = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")
_HARTE = re.compile(r"^([A-G][#b]*)(?::([^/()]*)(\([^()]*\))?)?(?:/([#b]*\d+))?$")
_LEAD = re.compile(r"^([A-G][#b♯♭]*)(.*?)(?:/([A-G][#b♯♭]*))?$")
_NO_CHORD_LABELS = {"N", "X", "N.C.", "NC", "N.C", ""}


@dataclass(frozen=True, slots=True)
class Chord:
    """Root pitch class, canonical Harte quality, and sounding bass pitch class (None: the root)."""

    root: int
    quality: str = "maj"
    bass: int | None = None

    @staticmethod
    def parse(text: str) -> "Chord":
        """Read a Harte label or a lead-sheet symbol. Raises ChordSyntaxError."""
        return _parse(text.strip())

    @property
    def is_no_chord(self) -> bool:
        return self.quality == NO_CHORD_QUALITY

    @property
    def intervals(self) -> tuple[int, ...]:
        """Semitones above the root, ascending, extensions above the octave (9 = 14)."""
        return quality_intervals(self.quality)

    @property
    def pitch_classes(self) -> frozenset[int]:
        """Everything that sounds, the bass included."""
        tones = {(self.root + interval) % 12 for interval in self.intervals}
        if self.bass is not None:
            tones.add(self.bass)
        return frozenset(tones)

    @property
    def bass_pitch_class(self) -> int:
        return self.root if self.bass is None else self.bass

    @property
    def has_minor_third(self) -> bool:
        steps = {interval % 12 for interval in self.intervals}
        return 3 in steps and 4 not in steps

    @property
    def has_major_third(self) -> bool:
        return 4 in {interval % 12 for interval in self.intervals}

    @property
    def is_dominant(self) -> bool:
        """Major third (or suspended fourth) with a minor seventh."""
        steps = {interval % 12 for interval in self.intervals}
        return 10 in steps and 3 not in steps and (4 in steps or 5 in steps)

    def transposed(self, semitones: int) -> "Chord":
        if self.is_no_chord:
            return self
        bass = None if self.bass is None else (self.bass + semitones) % 12
        return Chord((self.root + semitones) % 12, self.quality, bass)

    def harte(self, key: Key | None = None) -> str:
        """Label in Harte's grammar, the root spelled for the key (flats and sharps as b and #)."""
        if self.is_no_chord:
            return NO_CHORD_QUALITY
        root = _plain(_root_name(self, key))
        slash = "" if self.bass is None else "/" + _BASS_DEGREE[(self.bass - self.root) % 12]
        return f"{root}:{self.quality}{slash}"

    def lead_sheet(self, key: Key | None = None) -> str:
        """The symbol a musician reads, spelled for the key: `B♭m7`, `E♭/G`, `N.C.`."""
        if self.is_no_chord:
            return "N.C."
        text = _root_name(self, key) + lead_sheet_suffix(self.quality)
        return text if self.bass is None else f"{text}/{_bass_name(self, key)}"


# diminished chords on these degrees (semitones above the tonic) are heard as leading up by a semitone
_DIMINISHED = frozenset({"dim", "dim7", "hdim7"})
_LEADING_TONES = frozenset({1, 6, 8})

NO_CHORD = Chord(0, NO_CHORD_QUALITY)


@lru_cache(maxsize=20_000)
def _parse(text: str) -> Chord:
    if text in _NO_CHORD_LABELS:
        return NO_CHORD
    chord = _parse_harte(text) if ":" in text else _parse_lead_sheet(text)
    if chord is None:
        raise ChordSyntaxError(text)
    return chord


def _parse_harte(text: str) -> Chord | None:
    match = _HARTE.match(text)
    if match is None:
        return None
    name, shorthand, degrees, bass_degree = match.groups()
    root = parse_pitch_class(name)
    quality = canonical_quality((shorthand or ("" if degrees else "maj")) + (degrees or ""))
    if root is None or quality is None:
        return None
    return _with_bass(root, quality, None if bass_degree is None else _degree_pitch_class(root, bass_degree))


def _parse_lead_sheet(text: str) -> Chord | None:
    match = _LEAD.match(text)
    if match is None:
        return None
    name, suffix, bass_name = match.groups()
    root = parse_pitch_class(name)
    quality = quality_from_lead_sheet(suffix)
    bass = parse_pitch_class(bass_name) if bass_name else None
    if root is None or quality is None or (bass_name and bass is None):
        return None
    return _with_bass(root, quality, bass)


def _with_bass(root: int, quality: str, bass: int | None) -> Chord:
    return Chord(root, quality, None if bass == root or quality == NO_CHORD_QUALITY else bass)


def _degree_pitch_class(root: int, degree: str) -> int | None:
    number = int(degree.lstrip("#b"))
    if number not in _DEGREE_SEMITONES:
        return None
    return (root + _DEGREE_SEMITONES[number] + degree.count("#") - degree.count("b")) % 12


def _plain(name: str) -> str:
    return name.replace("♯", "#").replace("♭", "b")


def _root_name(chord: Chord, key: Key | None) -> str:
    if key is not None:
        position = key.spelling_position(chord.root)
        leads_up = chord.quality in _DIMINISHED and key.relative(chord.root) in _LEADING_TONES
        return fifths_name(position + 12 if leads_up and position < 0 else position)
    return fifths_name((chord.root * 7 + 5) % 12 - 5)


def _bass_name(chord: Chord, key: Key | None) -> str:
    """A chord tone in the bass is spelled from the root (D♭/F, B/D♯); others for the key."""
    assert chord.bass is not None
    root_name = _root_name(chord, key)
    steps = (chord.bass - chord.root) % 12
    degree = {1: 2, 2: 2, 3: 3, 4: 3, 5: 4, 6: 5, 7: 5, 8: 6, 9: 6, 10: 7, 11: 7}.get(steps)
    if degree is None or steps not in {interval % 12 for interval in chord.intervals}:
        return key.spell(chord.bass) if key else fifths_name((chord.bass * 7 + 5) % 12 - 5)
    letter = "CDEFGAB"[("CDEFGAB".index(root_name[0]) + degree - 1) % 7]
    natural = parse_pitch_class(letter)
    assert natural is not None
    shift = (chord.bass - natural + 6) % 12 - 6
    return letter + ("♯" * shift if shift > 0 else "♭" * -shift)


def common_qualities() -> tuple[str, ...]:
    """Canonical Harte text of every quality with a lead-sheet suffix of its own."""
    return tuple(LEAD_SHEET_SUFFIX)
