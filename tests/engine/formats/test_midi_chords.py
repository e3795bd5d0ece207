"""Which words of a file are chord symbols?"""

import pytest

from engine.formats.midi import read_midi
from engine.music import Chord, Origin
from tests.engine.formats.midi_bytes import ONE_NOTE, smf, text, track

TEXT, LYRIC, MARKER, CUE = 1, 5, 6, 7
BAR = "8f 00"  # 1920 ticks


def file_of(kind: int, words: tuple[str, ...]) -> bytes:
    """A bar to each word, beside a track with a note in each bar."""
    events = [text(kind, word, "00" if index == 0 else BAR) for index, word in enumerate(words)]
    notes = [ONE_NOTE] + [ONE_NOTE.replace("00 90", "8b 20 90", 1)] * (len(words) - 1)
    return smf(track(*events), track(*notes))


@pytest.mark.parametrize("kind", [TEXT, LYRIC, MARKER, CUE])
@pytest.mark.parametrize(
    "words",
    [
        ("Cmaj7", "Dm7b5", "G7(b9)", "Bb/D"),
        ("C", "F", "G", "C"),
        ("A", "D", "E", "A"),
        ("Am", "F", "C", "G"),
        ("C:maj7", "D:hdim7", "N", "G:7"),
    ],
)
def test_chord_symbols_become_chords(kind: int, words: tuple[str, ...]) -> None:
    result = read_midi(file_of(kind, words), "x.mid")
    assert result.chord_symbols == words
    assert [(s.start_ticks, s.chord) for s in result.song.chords] == [
        (index * 1920, Chord.parse(word)) for index, word in enumerate(words)
    ]
    assert [s.duration_ticks for s in result.song.chords] == [1920] * len(words)
    assert {s.origin for s in result.song.chords} == {Origin.IMPORTED}
    assert result.markers == () and result.lyrics == ()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (MARKER, ("A", "B", "A", "C")),
        (MARKER, ("A", "A", "B", "A")),
        (MARKER, ("Intro", "Verse", "Chorus", "A")),
        (MARKER, ("Verse 1", "C", "Bridge", "D", "Outro")),
        (LYRIC, ("A", "long", "E", "go", "Am", "I")),
        (LYRIC, ("Do", "Re", "Mi", "Fa")),
        (TEXT, ("Created by E", "B")),
    ],
)
def test_other_words_stay_words(kind: int, words: tuple[str, ...]) -> None:
    result = read_midi(file_of(kind, words), "x.mid")
    assert result.song.chords == () and result.chord_symbols == ()
    if kind == MARKER:
        assert tuple(marker.text for marker in result.song.markers) == words
    if kind == LYRIC:
        assert tuple(lyric.text for lyric in result.lyrics) == words


def test_section_names_among_chords_stay_markers() -> None:
    result = read_midi(file_of(MARKER, ("Verse", "Am7", "D7", "Gmaj7", "Chorus", "Cmaj7")), "x.mid")
    assert result.chord_symbols == ("Am7", "D7", "Gmaj7", "Cmaj7")
    assert [(m.tick, m.text) for m in result.song.markers] == [(0, "Verse"), (7680, "Chorus")]


def test_chords_alone_are_music() -> None:
    events = [text(MARKER, "Am"), text(MARKER, "F", BAR)]
    song = read_midi(smf(track(*events)), "x.mid").song
    assert [s.chord for s in song.chords] == [Chord.parse("Am"), Chord.parse("F")]


def test_a_block_chord_track_that_was_changed_is_a_part() -> None:
    """Ours is known by its plain blocks; once the artist has changed a note elsewhere it is music."""
    blocks = " ".join(f"00 90 {pitch:02x} 40" for pitch in (36, 48, 52, 55))
    offs = "83 60 80 24 40 00 80 30 40 00 80 34 40 00 80 37 40"
    kept = read_midi(smf(track(ONE_NOTE), track(text(3, "Chords"), text(LYRIC, "C"), blocks, offs)))
    assert len(kept.song.tracks) == 1 and kept.song.chords[0].duration_ticks == 480
    changed = blocks.replace("34", "35"), offs.replace("80 34", "80 35")
    parts = read_midi(smf(track(ONE_NOTE), track(text(3, "Chords"), text(LYRIC, "C"), *changed)))
    assert [t.name for t in parts.song.tracks][1] == "Chords"
