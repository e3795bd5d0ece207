"""Chord labels: read, written, spelled. Tables and round trips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.music import NO_CHORD, Chord, ChordSyntaxError, Key, Mode, parse_key
from engine.music.chord import common_qualities
from engine.music.qualities import quality_intervals

READ = [
    ("C", "C:maj", "C"),
    ("Gm7/Bb", "G:min7/b3", "Gm7/B♭"),
    ("F#m7b5", "F#:hdim7", "F♯m7♭5"),
    ("Cø7", "C:hdim7", "Cm7♭5"),
    ("Cø", "C:hdim7", "Cm7♭5"),
    ("C-7", "C:min7", "Cm7"),
    ("C−7", "C:min7", "Cm7"),
    ("CΔ7", "C:maj7", "Cmaj7"),
    ("CΔ", "C:maj7", "Cmaj7"),
    ("CM7", "C:maj7", "Cmaj7"),
    ("Cma7", "C:maj7", "Cmaj7"),
    ("Cmin7", "C:min7", "Cm7"),
    ("Cmi7", "C:min7", "Cm7"),
    ("CmM7", "C:minmaj7", "Cm(maj7)"),
    ("Cm(maj7)", "C:minmaj7", "Cm(maj7)"),
    ("C°7", "C:dim7", "C°7"),
    ("Cdim", "C:dim", "C°"),
    ("Co7", "C:dim7", "C°7"),
    ("C+", "C:aug", "C+"),
    ("C7#5", "C:aug(b7)", "C7♯5"),
    ("Caug7", "C:aug(b7)", "C7♯5"),
    ("C7alt", "C:aug(b7,#9)", "C7♯5(♯9)"),
    ("C6/9", "C:maj6(9)", "C6/9"),
    ("C69", "C:maj6(9)", "C6/9"),
    ("Am6", "A:min6", "Am6"),
    ("Bb7(b9)", "Bb:7(b9)", "B♭7(♭9)"),
    ("B♭7♭9", "Bb:7(b9)", "B♭7(♭9)"),
    ("G7(#9,b13)", "G:7(#9,b13)", "G7(♯9♭13)"),
    ("G13", "G:13", "G13"),
    ("Dmaj7#11", "D:maj7(#11)", "Dmaj7(♯11)"),
    ("Esus4", "E:sus4", "Esus4"),
    ("Esus", "E:sus4", "Esus4"),
    ("A7sus4", "A:sus4(b7)", "A7sus4"),
    ("A9sus4", "A:sus4(b7,9)", "A9sus4"),
    ("Dsus2", "D:sus2", "Dsus2"),
    ("D5", "D:5", "D5"),
    ("Cadd9", "C:maj(9)", "Cadd9"),
    ("C(add9)", "C:maj(9)", "Cadd9"),
    ("Cm(add9)", "C:min(9)", "Cm(add9)"),
    ("Eb/G", "Eb:maj/3", "E♭/G"),
    ("D/F#", "D:maj/3", "D/F♯"),
    ("C/D", "C:maj/2", "C/D"),
    ("C/C", "C:maj", "C"),
    ("C:maj(7)", "C:maj7", "Cmaj7"),
    ("C:min(b7)", "C:min7", "Cm7"),
    ("Ab:7/3", "Ab:7/3", "A♭7/C"),
    ("F:1", "F:1", "F1"),
    ("G:sus4(b7)", "G:sus4(b7)", "G7sus4"),
    ("C:maj(*5)", "C:(1,3)", None),
    ("N", "N", "N.C."),
    ("N.C.", "N", "N.C."),
    ("X", "N", "N.C."),
    ("Fb", "E:maj", "E"),
]


@pytest.mark.parametrize(("text", "harte", "lead_sheet"), READ)
def test_reads_what_people_and_data_write(text, harte, lead_sheet):
    chord = Chord.parse(text)
    if lead_sheet is None:
        assert chord.intervals == (0, 4)
    else:
        assert (chord.harte(), chord.lead_sheet()) == (harte, lead_sheet)


@pytest.mark.parametrize(
    "text", ["H7", "c", "Cfoo", "C:foo", "C/", "C/H", "G7b", "C:maj/x", "♭", "12", "C:7(99)"]
)
def test_refuses_what_is_no_chord(text):
    with pytest.raises(ChordSyntaxError, match="not a chord"):
        Chord.parse(text)


chords = st.builds(
    lambda root, quality, bass: Chord(root, quality, None if bass == root else bass),
    st.integers(0, 11),
    st.sampled_from(common_qualities()),
    st.none() | st.integers(0, 11),
)
keys = st.builds(Key, st.integers(0, 11), st.sampled_from(Mode))


@given(chords, keys)
def test_every_common_chord_survives_both_spellings_in_every_key(chord, key):
    assert Chord.parse(chord.harte(key)) == chord
    assert Chord.parse(chord.lead_sheet(key)) == chord


@given(chords, st.integers(-24, 24))
def test_transposing_moves_every_tone(chord, semitones):
    moved = chord.transposed(semitones)
    assert moved.pitch_classes == {(tone + semitones) % 12 for tone in chord.pitch_classes}
    assert moved.transposed(-semitones) == chord


def test_no_chord_has_no_tones_and_does_not_move():
    assert NO_CHORD.pitch_classes == frozenset()
    assert NO_CHORD.transposed(5) == NO_CHORD


def test_qualities_have_distinct_pitches_and_names():
    intervals = [quality_intervals(quality) for quality in common_qualities()]
    assert len(set(intervals)) == len(intervals)


@pytest.mark.parametrize(
    ("key", "symbol", "expected"),
    [
        ("Eb major", "G#m6", "A♭m6"),
        ("Eb major", "B7#11", "B7(♯11)"),
        ("A minor", "Ab7", "G♯7"),
        ("E major", "Ab", "G♯"),
        ("F major", "A#", "B♭"),
        ("C major", "D#m", "E♭m"),
        ("B minor", "Gb/Bb", "F♯/A♯"),
    ],
)
def test_spelling_follows_the_key(key, symbol, expected):
    assert Chord.parse(symbol).lead_sheet(parse_key(key)) == expected


@pytest.mark.parametrize(
    ("text", "name", "fifths"),
    [
        ("C", "C major", 0),
        ("Am", "A minor", 0),
        ("eb", "E♭ major", -3),
        ("F# minor", "F♯ minor", 3),
        ("D dorian", "D dorian", 0),
        ("G mixolydian", "G mixolydian", 0),
        ("Bb min", "B♭ minor", -5),
        ("Eb minor", "E♭ minor", -6),
    ],
)
def test_keys_are_read_and_named(text, name, fifths):
    key = parse_key(text)
    assert key is not None
    assert (key.name, key.fifths) == (name, fifths)


@pytest.mark.parametrize("text", ["", "H", "C majorish", "12"])
def test_what_is_no_key_is_none(text):
    assert parse_key(text) is None


@given(keys)
def test_a_key_spells_its_scale_with_seven_letters(key):
    letters = {key.spell(tone)[0] for tone in key.scale_pitch_classes}
    assert len(letters) == 7


@pytest.mark.parametrize(
    ("label", "key", "symbol"),
    [
        ("G#:dim7", "G", "G♯°7"),  # leads to Am
        ("D#:dim7", "G", "D♯°7"),  # leads to Em
        ("C#:dim", "C", "C♯°"),
        ("F#:hdim7", "C", "F♯m7♭5"),
        ("Eb:dim7", "C", "E♭°7"),  # falls to Dm
        ("G#:dim7", "C", "G♯°7"),
        ("B:dim7", "Cm", "B°7"),
        ("E:dim7", "Db", "E°7"),
        ("F:dim7", "E", "E♯°7"),  # leads to F♯m
        ("G#:maj", "G", "A♭"),
    ],
)
def test_diminished_chords_are_spelled_as_leading_tones(label, key, symbol):
    assert Chord.parse(label).lead_sheet(parse_key(key)) == symbol
