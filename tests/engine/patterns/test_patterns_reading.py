"""What the pattern reader takes, and what it says about the rest."""

import pytest

from engine.api.errors import BadFileError
from engine.formats.patterns import Kind, numeral_chord, progressions, read_patterns, rhythms


@pytest.mark.parametrize(
    ("numeral", "harte"),
    [
        ("I", "C:maj"),
        ("vi7", "A:min7"),
        ("bVImaj7", "G#:maj7"),
        ("#ivø7", "F#:hdim7"),
        ("#i°7", "C#:dim7"),
        ("IV6", "F:maj6"),
        ("V7/ii", "A:7"),
        ("V7/ii/3", "A:7/3"),
        ("vii°7/V", "F#:dim7"),
        ("iv6/b3", "F:min6/b3"),
        ("IV/2", "F:maj/2"),
        ("ii7/4", "D:min7/4"),
        ("V7#9", "G:7(#9)"),
        ("♭II7", "C#:7"),
        ("I69", "C:maj6(9)"),
        ("IV5", "F:5"),
        ("N", "N"),
    ],
)
def test_numerals(numeral, harte):
    text = (
        read_patterns(f"verse major 4/4 90: {numeral}", Kind.PROGRESSION)[0].bars[0].chords[0].chord.harte()
    )
    flats_as_sharps = text.replace("Db", "C#").replace("Ab", "G#")
    assert flats_as_sharps == harte


def test_chords_share_the_bar_and_sound_on():
    bars = read_patterns("verse major 4/4 90: I . . V | . vi | %", Kind.PROGRESSION)[0].bars
    assert [[(s.offset, s.duration, s.chord.root) for s in bar.chords] for bar in bars] == [
        [(0, 72, 0), (72, 24, 7)],
        [(0, 48, 7), (48, 48, 9)],
        [(0, 48, 7), (48, 48, 9)],
    ]


def test_tune_with_pickup_ties_and_triplets():
    text = """verse minor 3/4 80:
    C i | iv7 . V7
    M (5,e #7,) | 1q. 2e 3q | _e 4et 3 2 1q #7,e
    """
    tune = read_patterns(text, Kind.MELODY)[0]
    assert tune.has_pickup
    assert [bar.length for bar in tune.bars] == [24, 72, 72]
    assert [tuple(note) for note in tune.bars[0].notes] == [(0, 12, 55, False), (12, 12, 59, False)]
    assert [tuple(note) for note in tune.bars[2].notes] == [
        (0, 12, 63, True),
        (12, 8, 65, False),
        (20, 8, 63, False),
        (28, 8, 62, False),
        (36, 24, 60, False),
        (60, 12, 59, False),
    ]
    assert tune.bars[0].chords[0].chord.is_no_chord


def test_rhythm_with_rests_and_holds():
    bar, following = read_patterns("chorus 4/4: re q. rq q | _h r", Kind.RHYTHM)[0].bars
    assert [tuple(note) for note in bar.notes] == [(12, 36, 60, False), (72, 24, 60, False)]
    assert [tuple(note) for note in following.notes] == [(0, 48, 60, True)]


def test_variant_takes_the_head_of_the_entry_above():
    first, second = read_patterns("verse dorian 6/8 90: i | IV\nA': i | v", Kind.PROGRESSION)
    assert (second.metre, second.mode, second.variant_of) == (first.metre, first.mode, first.line)


@pytest.mark.parametrize(
    "text",
    [
        "verse major 4/4 96:I|IV|V|I",
        "  verse major 4/4 96 :  I | IV |\n\n| V | I |\r\n",
        "# a remark\nverse major 4/4 96:\n| I | IV\n| V | I",
    ],
)
def test_layout_is_free(text):
    assert [bar.chords[0].chord.root for bar in read_patterns(text, Kind.PROGRESSION)[0].bars] == [0, 5, 7, 0]


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (Kind.PROGRESSION, "verse major 4/4 96: I | VIII", "numeral|quality"),
        (Kind.PROGRESSION, "verse major 4/4 96: I | Vmuch", "no chord quality"),
        (Kind.PROGRESSION, "verse major 4/4 96: I | V/x", "neither a numeral nor"),
        (Kind.PROGRESSION, "verse major 4/4 96: I ii V", "evenly"),
        (Kind.PROGRESSION, "verse major 4/4 96: I | | V", "empty"),
        (Kind.PROGRESSION, "verse major 4/4 96: . | I", "begins with a chord"),
        (Kind.PROGRESSION, "verse major 4/4 96: % | I", "cannot repeat"),
        (Kind.PROGRESSION, "refrain major 4/4 96: I", "no section"),
        (Kind.PROGRESSION, "verse happy 4/4 96: I", "no mode"),
        (Kind.PROGRESSION, "verse major 4/5 96: I", "no metre"),
        (Kind.PROGRESSION, "verse major 4/4: I", "before the colon"),
        (Kind.PROGRESSION, "A': I", "variant"),
        (Kind.PROGRESSION, "I | IV", "neither an entry"),
        (Kind.RHYTHM, "verse 4/4: q q q", "3 quarters long, not 4"),
        (Kind.RHYTHM, "verse 4/4: h h | (e e) h h", "pickup"),
        (Kind.RHYTHM, "verse 4/4: _h h", "nothing sounds"),
        (Kind.RHYTHM, "verse 4/4: rh 5h", "no length"),
        (Kind.MELODY, "verse major 4/4 96:\nC I\nM 1 2q 3h", "needs a length"),
        (Kind.MELODY, "verse major 4/4 96:\nC I\nM 8w", "no degree"),
        (Kind.MELODY, "verse major 4/4 96:\nC I\nM 7''w", "outside the range"),
        (Kind.MELODY, "verse major 4/4 96:\nC I | V\nM 1w", "2 bars of chords and 1"),
        (Kind.MELODY, "verse major 4/4 96:\nC I", "lines of chords"),
    ],
)
def test_faults_are_named_with_file_and_line(kind, text, said):
    with pytest.raises(BadFileError, match=said) as caught:
        read_patterns("\n" + text, kind, "pop", "pop.txt")
    assert str(caught.value).startswith("pop.txt, line 2:")


def test_variant_has_no_pickup():
    with pytest.raises(BadFileError, match=r"line 2: a variant .* no pickup"):
        read_patterns("verse 4/4: w\nA': (e e) w", Kind.RHYTHM)


def test_selection_by_style_and_metre():
    waltzes = rhythms("folk", (3, 4))
    assert waltzes
    assert {(entry.style, entry.metre) for entry in waltzes} == {("folk", (3, 4))}
    assert set(waltzes) < set(rhythms(metre=(3, 4)))
    assert progressions("no-such-style") == ()


def test_numeral_outside_a_file():
    assert numeral_chord("bVII").harte() == "Bb:maj"
