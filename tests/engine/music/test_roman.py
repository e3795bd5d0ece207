"""Roman numerals, functions and colours, as a table a theory teacher could mark."""

import pytest

from engine.music import Chord, Key, Mode
from engine.music.qualities import LEAD_SHEET_SUFFIX
from engine.music.roman import Colour, Function, colour_of, function, roman

C, C_MINOR, E_FLAT, D_DORIAN = Key(0), Key(0, Mode.MINOR), Key(3), Key(2, Mode.DORIAN)


@pytest.mark.parametrize(
    ("key", "label", "following", "numeral"),
    [
        (C, "C", None, "I"),
        (C, "Am7", None, "vi"),
        (C, "C/E", None, "I⁶"),
        (C, "C/G", None, "I⁶₄"),
        (C, "G7/F", None, "V⁴₂"),
        (C, "Dm7/F", None, "ii⁶₅"),
        (C, "Bdim", None, "vii°"),
        (C, "Bm7b5", None, "viiø7"),
        (C, "F/G", None, "IV/2"),
        (C, "G+", None, "V+"),
        (C, "A7", None, "V7/ii"),
        (C, "A7", "Dm", "V7/ii"),
        (C, "A7", "F", "VI"),
        (C, "D", "G", "V/V"),
        (C, "D", "F", "II"),
        (C, "D7/F#", "G", "V⁶₅/V"),
        (C, "C7", "F", "V7/IV"),
        (C, "C7", "F7", "I"),
        (C, "C#dim7", "Dm", "vii°7/ii"),
        (C, "Ebdim7", "Dm", "♭iii°7"),
        (C, "Db7", "C", "subV"),
        (C, "Ab7", "G7", "subV/V"),
        (C, "Fm", None, "iv"),
        (C, "Bb", None, "♭VII"),
        (C, "Ab", None, "♭VI"),
        (E_FLAT, "B7#11", "Bb7", "subV/V"),
        (E_FLAT, "Eb/Bb", None, "I⁶₄"),
        (C_MINOR, "Ab", None, "VI"),
        (C_MINOR, "Bb", None, "VII"),
        (C_MINOR, "G7", None, "V"),
        (C_MINOR, "Bdim7", None, "vii°7"),
        (C_MINOR, "D7", "G", "V7/V"),
        (C_MINOR, "Dm7b5", None, "iiø7"),
        (D_DORIAN, "G", None, "IV"),
        (C, "N.C.", None, "N.C."),
    ],
)
def test_numeral(key: Key, label: str, following: str | None, numeral: str) -> None:
    after = Chord.parse(following) if following else None
    assert roman(Chord.parse(label), key, after) == numeral


@pytest.mark.parametrize(
    ("key", "label", "job"),
    [
        (C, "C", Function.TONIC),
        (C, "Em7", Function.TONIC),
        (C, "C/G", Function.TONIC),
        (C, "Dm7", Function.SUBDOMINANT),
        (C, "F", Function.SUBDOMINANT),
        (C, "G7sus4", Function.DOMINANT),
        (C, "A7", Function.DOMINANT),
        (C, "G7#9", Function.DOMINANT),
        (C, "C7", Function.TONIC),
        (C, "Fm", Function.OTHER),
        (C, "Ab7", Function.OTHER),
        (C_MINOR, "Cm", Function.TONIC),
        (C_MINOR, "G", Function.DOMINANT),
        (C_MINOR, "Ab", Function.SUBDOMINANT),
        (C_MINOR, "N.C.", Function.OTHER),
    ],
)
def test_function(key: Key, label: str, job: Function) -> None:
    assert function(Chord.parse(label), key) is job


@pytest.mark.parametrize(
    ("label", "following", "colour"),
    [
        ("Fm6", "C", Colour.BORROWED),
        ("Db", "G7", Colour.BORROWED),
        ("E7", "Am", Colour.SECONDARY_DOMINANT),
        ("Db7", "C", Colour.TRITONE_SUBSTITUTE),
        ("F#dim7", "G", Colour.SECONDARY_LEADING),
        ("F7", "C", Colour.BLUES),
        ("F#m", "C", Colour.CHROMATIC),
        ("Cmaj9", "F", Colour.DIATONIC),
    ],
)
def test_colour(label: str, following: str, colour: Colour) -> None:
    assert colour_of(Chord.parse(label), C, Chord.parse(following)) is colour


@pytest.mark.parametrize("mode", list(Mode))
def test_every_chord_has_a_numeral_that_moves_with_the_key(mode: Mode) -> None:
    for quality in LEAD_SHEET_SUFFIX:
        for root in range(12):
            chord = Chord(root, quality)
            numeral = roman(chord, Key(0, mode))
            assert numeral
            assert roman(chord.transposed(5), Key(5, mode)) == numeral
