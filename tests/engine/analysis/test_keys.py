"""Keys, stretches in other keys and shades of mode; what is corrected steers what is heard elsewhere."""

from dataclasses import replace

import pytest

from engine.analysis.hearing import hear
from engine.analysis.keydegrees import tables
from engine.music import Aspect, Chord, ChordSpan, Key, KeyChange, Mode, Note, Origin, Song, TimeMap, Track

BAR = 1920


def played(symbols: str, rounds: int = 1) -> Song:
    """A chord a bar on a piano, the root below."""
    notes = []
    for bar, name in enumerate(symbols.split() * rounds):
        chord = Chord.parse(name)
        pitches = [
            36 + chord.bass_pitch_class,
            *(52 + (tone - 52) % 12 for tone in sorted(chord.pitch_classes)),
        ]
        notes += [Note(100 * bar + i + 10, bar * BAR, BAR - 20, pitch) for i, pitch in enumerate(pitches)]
    return Song(
        "", tracks=(Track(1, "Piano", notes=tuple(sorted(notes, key=lambda n: (n.start_ticks, n.pitch)))),)
    )


@pytest.mark.parametrize(
    ("symbols", "key"),
    [
        ("C G Am F", "C major"),
        ("F G Am C", "C major"),
        ("Dm7 G7 Cmaj7 Am7", "C major"),
        ("Cm Ab Bb Cm", "C minor"),
        ("Fmaj7 Fm6 C Am", "C major"),
        ("Dm G Dm G", "D dorian"),
        ("D C G D", "D mixolydian"),
        ("C7 F7 C7 G7", "C major"),
        ("C Bb F C", "C mixolydian"),
        ("C Eb Bb F", "C major"),
    ],
)
def test_loops_have_a_key_without_a_cadence(symbols: str, key: str) -> None:
    assert hear(played(symbols, rounds=2))[1].keys[0].key.name == key


@pytest.mark.parametrize(
    ("symbols", "keys"),
    [
        ("Am F C G", "C major A minor"),
        ("Em C G D", "G major E minor"),
        ("Dm7 G7 Cmaj7 Fmaj7 Bm7b5 E7 Am Am", "C major A minor"),
    ],
)
def test_loops_that_may_be_two_keys_say_so(symbols: str, keys: str) -> None:
    reading = hear(played(symbols, rounds=2))[1].keys[0]
    assert {reading.key.name, reading.alternatives[0].name} == {keys[:7], keys[8:]}
    assert reading.confidence < 0.9


def test_a_lasting_change_of_key_is_a_stretch_of_its_own() -> None:
    song, analysis = hear(played("C F G C Am Dm G C Ab7 Db Gb Ab Db Bbm Ebm Ab7 Db Db Gb Ab7 Db"))
    assert [(reading.key.name, reading.tick // BAR) for reading in analysis.keys] == [
        ("C major", 0),
        ("D♭ major", 8),
    ]
    assert song.key_at(12 * BAR) == Key(1)
    assert analysis.chords[-1].numeral == "I"
    assert analysis.description is not None
    assert "moving to D♭ major from bar 9" in analysis.description.paragraph


def test_a_passing_dominant_is_no_change_of_key() -> None:
    assert len(hear(played("C D7 G7 C F A7 Dm G7 C C"))[1].keys) == 1


@pytest.mark.parametrize(
    ("written", "heard"),
    [(Key(2, Mode.DORIAN), Key(2, Mode.DORIAN)), (Key(9, Mode.MINOR), Key(9, Mode.MINOR))],
)
def test_a_written_mode_is_believed_where_the_music_allows_it(written: Key, heard: Key) -> None:
    song = played("Am Dm G C", rounds=2) if written.tonic == 9 else played("Dm C Dm Am", rounds=2)
    song = replace(song, time_map=TimeMap(keys=(KeyChange(0, written),)))
    assert hear(song)[1].keys[0].key == heard


def test_a_chord_corrected_once_is_corrected_wherever_the_same_sounds() -> None:
    heard, before = hear(played("Am7 D7 G G", rounds=4))
    first = heard.chords[0]
    corrected = replace(first, chord=Chord.parse("C6/A"), origin=Origin.EDITED)
    again, after = hear(replace(heard, chords=(corrected, *heard.chords[1:])), (Aspect.CHORDS,))
    labels = [reading.span.chord.harte() for reading in after.chords]
    assert labels[::3] == ["C:maj6/6"] * 4
    assert [label for i, label in enumerate(labels) if i % 3] == [
        reading.span.chord.harte() for i, reading in enumerate(before.chords) if i % 3
    ]
    assert again.chords[0] == corrected


def test_a_corrected_chord_speaks_for_the_key() -> None:
    song = played("C5 Bb5 F5 C5", rounds=2)
    fixed = tuple(
        ChordSpan(900 + bar, bar * BAR, BAR, Chord.parse("Cm"), Origin.EDITED) for bar in (0, 3, 4, 7)
    )
    assert hear(replace(song, chords=fixed))[1].keys[0].key.mode.is_minor


def test_a_corrected_key_keeps_corrected_chords_and_changes_of_key() -> None:
    song = played("Am F C G", rounds=4)
    keys = (KeyChange(0, Key(0)), KeyChange(8 * BAR, Key(9, Mode.MINOR)))
    fixed = ChordSpan(900, 0, BAR, Chord.parse("Am7"), Origin.EDITED)
    song = replace(song, time_map=TimeMap(keys=keys), corrected=(Aspect.KEY,), chords=(fixed,))
    heard, analysis = hear(song)
    assert heard.time_map.keys == keys
    assert heard.chords[0] == fixed
    assert analysis.chords[1].numeral == "IV"
    assert analysis.chords[-4].numeral == "i"


def test_the_tables_are_whole() -> None:
    assert tables().degrees.shape == (2, 12, 6)
    assert tables().changes.shape == (2, 24, 24)


@pytest.mark.parametrize(
    ("pitches", "key"),
    [
        ((67, 69, 70, 72, 74, 70, 67, 72, 70, 69, 66, 67), "G minor"),
        ((67, 69, 71, 72, 74, 71, 67, 72, 71, 69, 66, 67), "G major"),
        ((69, 69, 64, 67, 69, 72, 71, 69, 68, 64), "A minor"),
    ],
)
def test_a_tune_alone_has_the_key_of_its_notes(pitches: tuple[int, ...], key: str) -> None:
    notes = tuple(Note(10 + i, i * 480, 460, pitch) for i, pitch in enumerate(pitches))
    reading = hear(Song("", tracks=(Track(1, "Voice", notes=notes),)))[1].keys[0]
    assert reading.key.name == key
    assert reading.confidence > 0.4


@pytest.mark.parametrize(
    ("pitches", "surest"), [((69,) * 12, 0.25), ((60, 67) * 6, 0.5), ((60, 64, 67, 72) * 3, 1.0)]
)
def test_nobody_is_sure_of_the_key_of_one_note_or_two(pitches: tuple[int, ...], surest: float) -> None:
    notes = tuple(Note(10 + i, i * 480, 460, pitch) for i, pitch in enumerate(pitches))
    reading = hear(Song("", tracks=(Track(1, "Voice", notes=notes),)))[1].keys[0]
    assert surest / 2 < reading.confidence <= surest
