"""What is heard in small songs whose reading no musician would dispute, and what corrections do to it."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings

from engine.analysis.feel import is_free_time, read_pickup, swing_ratio
from engine.analysis.hearing import hear
from engine.music import (
    Aspect,
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Mode,
    Note,
    Origin,
    Role,
    Song,
    TimeMap,
    Track,
    edits,
    parse_key,
)
from engine.music.note import note_order
from tests.engine.music.strategies import songs

BAR = 1920


def part(track_id, name, *notes):
    """A track of (start in beats, length in beats, pitch)."""
    made = (
        Note(track_id * 1000 + i, round(start * 480), round(length * 480), pitch)
        for i, (start, length, pitch) in enumerate(notes)
    )
    return Track(track_id, name, notes=tuple(sorted(made, key=lambda n: (n.start_ticks, n.pitch))))


def comped(symbols, *, beats=4, arpeggio=False):
    """Chord symbols, one a bar, as a comping track and a bass track."""
    comp, bass = [], []
    for bar, symbol in enumerate(symbols.split()):
        chord = Chord.parse(symbol)
        tones = sorted(52 + (tone - 52) % 12 for tone in chord.pitch_classes)
        if arpeggio:
            comp += [(bar * beats + i / 2, 0.5, tones[i % len(tones)]) for i in range(beats * 2)]
        else:
            comp += [(bar * beats, beats, tone) for tone in tones]
        bass.append((bar * beats, beats, 36 + chord.bass_pitch_class))
    return part(2, "one", *comp), part(3, "two", *bass)


def heard_symbols(song):
    return " ".join(span.chord.lead_sheet(song.key) for span in song.chords)


@pytest.mark.parametrize("arpeggio", [False, True])
@pytest.mark.parametrize(
    ("symbols", "key"),
    [
        ("C Am F G C", "C"),
        ("E♭ Cm7 A♭maj7 B♭7 E♭", "Eb"),
        ("Am F C G Am E7 Am", "A minor"),
        ("Am Dm7 G7 Cmaj7 Fmaj7 Bm7♭5 E7 Am", "A minor"),
        ("G D/F♯ Em C D7 G", "G"),
        ("D Gm D A7 D", "D"),
        ("Fm D♭ A♭ E♭ Fm C7 Fm", "F minor"),
        ("A Asus4 A E7 A", "A"),
        ("F F°7 Gm7 C7 F", "F"),
    ],
)
def test_chords_and_key_of_plain_accompaniment(symbols, key, arpeggio):
    song, analysis = hear(Song(tracks=comped(symbols, arpeggio=arpeggio), next_id=9_000))
    assert song.key == parse_key(key)
    assert heard_symbols(song) == symbols
    assert analysis.keys[0].confidence > 0.4
    assert len(analysis.keys[0].alternatives) == 3


@pytest.mark.parametrize("metre", [Metre(3, 4), Metre(6, 8), Metre(5, 4), Metre(2, 4)])
def test_chords_change_on_the_bar_lines_of_every_metre(metre):
    beats = metre.bar_ticks / 480
    tracks = comped("C F G C", beats=beats)
    song, _ = hear(Song(time_map=TimeMap(metres=(MetreChange(0, metre),)), tracks=tracks, next_id=9_000))
    assert [span.start_ticks for span in song.chords] == [bar * metre.bar_ticks for bar in range(4)]


def test_two_chords_in_a_bar_are_heard():
    halves = [(60, 64, 67), (59, 62, 67)]
    comp = [(i * 2, 2, pitch) for i in range(8) for pitch in halves[i % 2]]
    bass = [(bar * 4 + half * 2, 2, 36 + root) for bar in range(4) for half, root in enumerate([0, 7])]
    song, _ = hear(Song(tracks=(part(2, "one", *comp), part(3, "two", *bass)), next_id=9_000))
    assert heard_symbols(song) == "C G " * 3 + "C G"


TUNE = [
    (0, 1, 67),
    (1, 1, 69),
    (2, 1, 71),
    (3, 1, 72),
    (4, 2, 74),
    (6, 2, 71),
    (8, 1, 72),
    (9, 1, 71),
    (10, 2, 69),
    (12, 4, 67),
]


def test_a_lone_tune_has_a_key_but_no_chords():
    song, analysis = hear(Song(tracks=(part(1, "x", *TUNE),), next_id=9_000))
    assert song.key == parse_key("G")
    assert song.chords == ()
    assert analysis.roles[0].role is Role.MELODY


def test_roles_by_what_is_played_not_by_names():
    comp, bass = comped("G D Em C G D G G")
    drums = Track(4, "kit", Role.DRUMS, notes=tuple(Note(4000 + i, i * 240, 60, 42) for i in range(64)))
    tune = part(1, "thing", *TUNE, *[(start + 16, length, pitch) for start, length, pitch in TUNE])
    _, analysis = hear(Song(tracks=(tune, comp, bass, drums), next_id=9_000))
    assert [reading.role for reading in analysis.roles] == [Role.MELODY, Role.CHORDS, Role.BASS, Role.DRUMS]


def test_written_signature_is_a_hint_not_the_truth():
    tracks = comped("Am F C G Am E7 Am")
    written_relative = TimeMap(keys=(KeyChange(0, Key(0)),))
    assert hear(Song(time_map=written_relative, tracks=tracks, next_id=9_000))[0].key == parse_key("A minor")


def test_hearing_twice_is_hearing_once():
    once, _ = hear(Song(tracks=comped("C Am F G C Am F G"), next_id=9_000))
    assert hear(once)[0] == once


def test_a_corrected_key_holds_and_steers_the_spelling():
    song, _ = hear(Song(tracks=comped("C Am F G C"), next_id=9_000))
    corrected, analysis = hear(edits.set_key(song, Key(9, Mode.MINOR)))
    assert corrected.key == Key(9, Mode.MINOR)
    assert analysis.keys[0].confidence == 1.0


def test_a_corrected_chord_holds_and_its_neighbours_are_heard_again():
    song, _ = hear(Song(tracks=comped("C Am F G C"), next_id=9_000))
    corrected = edits.change_chord(song, song.chords[1].id, Chord.parse("C6"))
    again, _ = hear(corrected)
    assert heard_symbols(again) == "C C6 F G C"
    assert again.chords[1].origin is Origin.DRAWN


def test_corrected_sections_metre_and_roles_hold():
    song, _ = hear(Song(tracks=comped("C Am F G C Am F G"), next_id=9_000))
    song = edits.set_section(song, 0, 3, "Verse")
    song = edits.set_metre(song, Metre(2, 4))
    song = edits.set_role(song, 2, Role.PAD)
    again, _ = hear(song)
    assert again.sections == song.sections
    assert again.time_map.metres == song.time_map.metres
    assert again.track(2).role is Role.PAD
    assert Aspect.SECTIONS in again.corrected


def test_only_the_asked_aspect_is_written():
    song = Song(tracks=comped("Am F C G Am E7 Am"), next_id=9_000)
    heard, analysis = hear(song, [Aspect.KEY])
    assert heard.key == parse_key("A minor")
    assert heard.chords == ()
    assert len(analysis.chords) == 7


def test_sections_return_under_their_letter():
    verse, chorus = "C Am F G C Am F G", "F G Em Am F G C C"
    comp, bass = comped(f"{verse} {chorus} {verse} {chorus}")
    song, _ = hear(Song(tracks=(comp, bass), next_id=9_000))
    assert [(section.name, section.start_bar, section.bars) for section in song.sections] == [
        ("A", 0, 8),
        ("B", 8, 8),
        ("A", 16, 8),
        ("B", 24, 8),
    ]


def test_an_intro_without_the_melody_is_called_intro():
    comp, bass = comped("C Am F G " * 5)
    tune = part(
        1,
        "Voice",
        *[(16 + bar * 16 + start, length, pitch) for bar in range(4) for start, length, pitch in TUNE],
    )
    song, _ = hear(Song(tracks=(tune, comp, bass), next_id=9_000))
    assert song.sections[0].name == "Intro"
    assert song.sections[0].bars == 4


def test_phrases_end_at_long_notes_and_returns_are_known():
    tune = part(1, "x", *TUNE, *[(start + 16, length, pitch) for start, length, pitch in TUNE])
    _, analysis = hear(Song(tracks=(tune,), next_id=9_000))
    assert [phrase.repeats for phrase in analysis.phrases][-1] >= 0
    assert 16 * 480 in {phrase.start_ticks for phrase in analysis.phrases}


def test_free_playing_and_swing_are_told_from_the_grid():
    straight = part(1, "x", *[(i / 2, 0.4, 60 + i % 7) for i in range(64)])
    free = part(1, "x", *[(i * 0.537 + (i * i % 17) / 40, 0.4, 60 + i % 7) for i in range(64)])
    swung = part(1, "x", *[(i // 2 + (0.66 if i % 2 else 0), 0.3, 60 + i % 7) for i in range(64)])
    assert [is_free_time(Song(tracks=(track,))) for track in (straight, free, swung)] == [False, True, False]
    assert swing_ratio(Song(tracks=(straight,))) == 0.5
    assert swing_ratio(Song(tracks=(swung,))) == pytest.approx(0.66, abs=0.02)
    _, analysis = hear(Song(tracks=(free,), next_id=9_000))
    assert analysis.is_free_time
    assert "without a click" in analysis.notices[0]


def test_a_short_tune_over_many_bars_is_one_phrase_or_two():
    tune = part(1, "x", (0, 1, 60), (30, 1, 62))
    _, analysis = hear(Song(tracks=(tune,), next_id=9_000))
    assert 1 <= len(analysis.phrases) <= 2


def freely_played(symbols, seconds_a_beat, seed=3):
    """Block chords on every beat, bass on one, drifting tempo, shaky hands, against a 120 bpm grid."""
    rng = random.Random(seed)
    comp, bass = comped(symbols)
    times, pace = [0.4], seconds_a_beat
    for _ in range(comp.end_ticks // 480 + 1):
        pace += rng.gauss(0, 0.012 * seconds_a_beat)
        times.append(times[-1] + pace)

    def at(beat):
        return round((times[int(beat)] + rng.gauss(0, 0.01)) * 960)

    chords = [
        Note(5_000 + 10 * beat + i, at(beat), 300, note.pitch, 70 + 20 * (beat % 4 == 0))
        for beat in range(comp.end_ticks // 480)
        for i, note in enumerate(n for n in comp.notes if n.start_ticks // BAR == beat // 4)
    ]
    low = [Note(note.id, at(note.start_ticks // 480), 1_500, note.pitch, 100) for note in bass.notes]
    tracks = [replace(comp, notes=tuple(chords)), replace(bass, notes=tuple(low))]
    ordered = [replace(t, notes=tuple(sorted(t.notes, key=note_order))) for t in tracks]
    return Song(tracks=tuple(ordered), next_id=9_000), times


@pytest.mark.parametrize("seconds_a_beat", [0.42, 0.61, 0.83])
def test_free_playing_gets_bars_that_follow_it_and_still_sounds_the_same(seconds_a_beat):
    song, times = freely_played("C Am F G C Am F G", seconds_a_beat)
    heard, analysis = hear(song)
    assert analysis.is_free_time
    beats_s = [heard.time_map.seconds_at(bar_tick) for bar_tick in range(0, heard.end_ticks, 480)]
    lead_s = song.time_map.seconds_at(song.tracks[0].notes[0].start_ticks) - heard.time_map.seconds_at(
        heard.tracks[0].notes[0].start_ticks
    )
    hits = sum(min(abs(beat + lead_s - time) for beat in beats_s) < 0.07 for time in times[:32])
    assert hits >= 28
    assert " ".join(span.chord.lead_sheet(heard.key) for span in heard.chords).startswith("C Am F G C Am F")
    for before, after in zip(song.tracks[1].notes, heard.tracks[1].notes, strict=True):
        gap = song.time_map.seconds_at(before.start_ticks) - heard.time_map.seconds_at(after.start_ticks)
        assert gap == pytest.approx(lead_s, abs=0.004)
    assert hear(heard)[0] == heard


@pytest.mark.parametrize("shake", [5, 15, 25])
def test_shaky_playing_to_a_click_is_not_free(shake):
    rng = random.Random(shake)
    notes = [(max(0.0, i / 2 + rng.gauss(0, shake) / 480), 0.4, 60 + i % 7) for i in range(64)]
    assert not is_free_time(Song(tracks=(part(1, "x", *notes),)))


def test_a_pickup_without_a_short_bar_is_found():
    waltz = [(0, 1, 62)]
    for bar in range(8):
        waltz += [(1 + bar * 3, 2, 67 + bar % 3), (3 + bar * 3, 1, 64)]
    song = Song(
        time_map=TimeMap(metres=(MetreChange(0, Metre(3, 4)),)), tracks=(part(1, "x", *waltz),), next_id=9_000
    )
    assert read_pickup(song) == 480
    assert read_pickup(replace(song, tracks=(part(1, "x", *[(s - 1, d, p) for s, d, p in waltz[1:]]),))) == 0


@settings(max_examples=40, deadline=None)
@given(songs())
def test_anything_can_be_heard_and_the_notes_are_untouched(song):
    heard, analysis = hear(song)
    if not analysis.is_free_time:
        assert [track.notes for track in heard.tracks] == [track.notes for track in song.tracks]
    assert {(n.id, n.pitch, n.velocity) for n in heard.notes()} == {
        (n.id, n.pitch, n.velocity) for n in song.notes()
    }
    ends = [(span.start_ticks, span.end_ticks) for span in heard.chords]
    assert all(one[1] <= two[0] for one, two in pairwise(ends))
    assert all(0 <= reading.confidence <= 1 for reading in analysis.keys)
    assert hear(heard)[0] == heard


def test_the_empty_song_and_single_notes_are_heard_without_fuss():
    assert hear(Song())[0].chords == ()
    song, _ = hear(Song(tracks=(part(1, "x", (0, 1, 60)),), next_id=9_000))
    assert song.bars == 1


def test_imported_chords_stay_as_written():
    written = ChordSpan(50, 0, BAR, Chord.parse("F13"), Origin.IMPORTED)
    song, _ = hear(Song(tracks=comped("C Am F G"), chords=(written,), next_id=9_000))
    assert song.chords[0] == written
