"""Chords and keys of recordings: chroma, sevenths, inversions, what the artist said, nothing."""

from itertools import pairwise

import numpy as np
import pytest

from engine.analysis.audio.chordreading import HeardChord, nearest_word, read_audio_chords
from engine.analysis.audio.chroma import LOWEST_PITCH, Chroma, hear_chroma, log_spectrum
from engine.analysis.audio.kept import keep_rhythm, keep_spectrum, kept_rhythm, kept_spectrum
from engine.analysis.audio.keyreading import hear_keys
from engine.analysis.hearing import hear
from engine.api.audio import HeardNote
from engine.music import (
    NO_CHORD,
    Aspect,
    Chord,
    ChordSpan,
    Key,
    Mode,
    Note,
    Origin,
    Role,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.recording import Recording

RATE = 22050
BEAT_S = 0.6


def strummed(
    symbols: str, beats: int = 4, off_semitones: float = 0.0, noise: float = 0.01
) -> tuple[np.ndarray, list[HeardNote]]:
    """Each chord for so many beats: bass, close voicing, decaying partials, struck on every beat."""
    names = symbols.split()
    samples = (
        np.random.default_rng(3).standard_normal(int((len(names) * beats * BEAT_S + 0.5) * RATE)) * noise
    )
    notes: list[HeardNote] = []
    for index, name in enumerate(names):
        chord = Chord.parse(name)
        pitches = [36 + chord.bass_pitch_class, *(55 + (pc - 55) % 12 for pc in sorted(chord.pitch_classes))]
        for beat in range(0 if chord.is_no_chord else beats):
            at = (index * beats + beat) * BEAT_S
            for pitch in pitches:
                notes.append(HeardNote(at, at + 0.9 * BEAT_S, pitch, 80))
                _add(samples, at, pitch + off_semitones)
    return samples.astype(np.float32), notes


def _add(samples: np.ndarray, at: float, pitch: float) -> None:
    time = np.arange(int(BEAT_S * RATE)) / RATE
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    tone = sum(np.sin(2 * np.pi * hertz * n * time) / n**1.3 for n in range(1, 7)) * np.exp(-2.5 * time)
    first = round(at * RATE)
    samples[first : first + len(tone)] += 0.1 * tone


def slots(symbols: str, beats: int = 4) -> tuple[np.ndarray, np.ndarray]:
    count = len(symbols.split()) * beats
    return np.arange(count + 1) * BEAT_S, np.array([(2, 0, 1, 0)[i % 4] for i in range(count)])


def heard(
    symbols: str, off: float = 0.0, noise: float = 0.01, with_notes: bool = True, **more
) -> list[HeardChord]:
    samples, notes = strummed(symbols, off_semitones=off, noise=noise)
    starts, ranks = slots(symbols)
    chroma = hear_chroma(samples, starts, off)
    return read_audio_chords(chroma, notes if with_notes else [], ranks, **more)


def test_a_note_is_found_at_its_pitch_and_not_at_its_overtones() -> None:
    samples = np.zeros(2 * RATE)
    for at in (0.0, 0.6, 1.2):
        _add(samples, at, 52)
    strength = hear_chroma(samples, np.array([0.0, 1.0, 1.8]), 0.0).notes[0]
    assert strength.argmax() == 52 - LOWEST_PITCH
    assert strength[64 - LOWEST_PITCH] < 0.35 * strength.max()
    assert strength[71 - LOWEST_PITCH] < 0.35 * strength.max()


@pytest.mark.parametrize("with_notes", [True, False])
@pytest.mark.parametrize("symbols", ["C F G Am", "D Bm Em A", "Eb Cm Ab Bb", "Am F C G", "F#m D A E"])
def test_triads(symbols: str, with_notes: bool) -> None:
    found = heard(symbols, with_notes=with_notes)
    chords = [Chord.parse(name) for name in symbols.split()]
    assert [chord.chord.root for chord in found] == [chord.root for chord in chords]
    thirds = [chord.chord.has_minor_third for chord in found]
    assert thirds == [chord.has_minor_third for chord in chords]
    assert [round(chord.start_s / BEAT_S) for chord in found] == [0, 4, 8, 12]
    assert all(0 < chord.confidence <= 1 and len(chord.alternatives) == 3 for chord in found)


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [
        ("Dm7 G7 C Am7", ["D:min7", "G:7", "C:maj", "A:min7"]),
        ("C G/B Am F/A", None),
    ],
)
def test_sevenths_and_what_lies_over_another_bass(symbols: str, expected: list[str] | None) -> None:
    found = [chord.chord for chord in heard(symbols)]
    if expected is not None:
        assert [chord.harte() for chord in found] == expected
    else:
        assert [chord.bass_pitch_class for chord in found] == [0, 11, 9, 9]


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [
        ("C C/E F G", ["C:maj", "C:maj/3", "F:maj", "G:maj"]),
        ("D/F# D G A", ["D:maj/3", "D:maj", "G:maj", "A:maj"]),
        ("C C/G F G", ["C:maj", "F:maj", "G:maj"]),  # a bass that goes to the fifth and back is a pattern
    ],
)
def test_a_chord_whose_bass_goes_elsewhere_for_a_bar_is_two(symbols: str, expected: list[str]) -> None:
    assert [chord.chord.harte() for chord in heard(symbols)] == expected


def test_an_instrument_out_of_tune_is_heard_with_its_tuning() -> None:
    assert [chord.chord.root for chord in heard("C F G Am", off=0.4)] == [0, 5, 7, 9]


def test_silence_is_no_chord() -> None:
    samples, notes = strummed("C N N F", noise=1e-5)
    starts, ranks = slots("C N N F")
    found = read_audio_chords(hear_chroma(samples, starts, 0.0), notes, ranks)
    at_rest = next(chord for chord in found if chord.start_s <= 8 * BEAT_S < chord.end_s)
    assert at_rest.chord == NO_CHORD


def test_what_the_artist_said_stands_and_its_neighbours_listen() -> None:
    said = HeardChord(4 * BEAT_S, 8 * BEAT_S, Chord.parse("Dm7"), 1.0)
    found = heard("C F G Am", fixed=[said])
    inside = [chord for chord in found if chord.start_s < 8 * BEAT_S and chord.end_s > 4 * BEAT_S]
    assert [chord.chord.root for chord in inside] == [2]
    assert [chord.chord.root for chord in found] == [0, 2, 7, 9]


@pytest.mark.parametrize(
    "label", ["C:maj", "F#:sus2", "Bb:9", "E:min9", "A:hdim7", "D:aug(b7)", "G:5", "B:dim", "C:maj6(9)", "N"]
)
def test_every_chord_has_a_nearest_word_on_its_root(label: str) -> None:
    chord = Chord.parse(label)
    word = nearest_word(chord)
    assert word == 144 if chord.is_no_chord else word // 12 == chord.root


@pytest.mark.parametrize(
    ("symbols", "key"),
    [
        ("C F G C Am Dm G C", Key(0, Mode.MAJOR)),
        ("Am Dm E7 Am F Dm E7 Am", Key(9, Mode.MINOR)),
        ("Eb Ab Bb7 Eb Cm Fm Bb7 Eb", Key(3, Mode.MAJOR)),
    ],
)
def test_keys(symbols: str, key: Key) -> None:
    samples, notes = strummed(symbols)
    starts, ranks = slots(symbols)
    chroma = hear_chroma(samples, starts, 0.0)
    reading = hear_keys(chroma, read_audio_chords(chroma, notes, ranks), notes, ranks)[0]
    assert (reading.key.tonic, reading.key.mode.is_minor) == (key.tonic, key.mode.is_minor)
    assert len(reading.alternatives) == 3 and 0 < reading.confidence <= 1


def test_nothing_is_no_chord_and_no_key() -> None:
    empty = Chroma(np.zeros(1), np.zeros((0, 73)), np.zeros(0))
    assert read_audio_chords(empty, [], np.zeros(0)) == []
    assert hear_keys(empty, [], [], np.zeros(0))[0].confidence == 0.0


# in a song ------------------------------------------------------------------------------------------------


def recorded_song(symbols: str, chords: tuple[ChordSpan, ...] = ()) -> Song:
    """Only the tune stands in the song; the chords are in its recording alone."""
    samples, _ = strummed(symbols)
    keep_spectrum(symbols, log_spectrum(samples, 0.0))
    beats = range(0, 4 * len(symbols.split()), 4)
    tune = tuple(Note(i + 2, 480 * i, 400, 72, 80, Origin.IMPORTED, symbols) for i in beats)
    return Song(
        "Memo",
        TimeMap(tempos=(Tempo.of_bpm(0, 60 / BEAT_S),)),
        chords=chords,
        tracks=(Track(1, "Heard", Role.OTHER, notes=tune),),
        next_id=100,
        recordings=(Recording(symbols, "Memo.wav", 10.0),),
    )


def test_chords_of_the_recording_come_into_the_song_on_its_beats() -> None:
    song, analysis = hear(recorded_song("C F G C"))
    assert [(span.start_ticks, span.chord.root) for span in song.chords] == [
        (0, 0),
        (1920, 5),
        (3840, 7),
        (5760, 0),
    ]
    assert all(span.origin is Origin.HEARD for span in song.chords)
    assert analysis.keys[0].key.tonic == 0


def test_a_chord_of_the_artist_stands_beside_those_of_the_recording() -> None:
    own = ChordSpan(50, 1920, 960, Chord.parse("Dm"), Origin.DRAWN)
    song, _ = hear(recorded_song("C F G C", (own,)))
    assert own in song.chords
    starts = [(span.start_ticks, span.end_ticks) for span in song.chords]
    assert all(before[1] <= after[0] for before, after in pairwise(starts))


def test_a_chord_of_the_artist_is_heard_wherever_the_same_sounds() -> None:
    said = ChordSpan(90, 1920, 1920, Chord.parse("Em7"), Origin.DRAWN)
    song, _ = hear(recorded_song("C Em F G C Em F G", (said,)), [Aspect.CHORDS])
    assert [span.chord.harte() for span in song.chords if span.chord.root == 4] == ["E:min7", "E:min7"]
    assert [span.chord.root for span in song.chords] == [0, 4, 5, 7] * 2


def test_only_the_last_few_recordings_are_remembered() -> None:
    spectrum = log_spectrum(np.zeros(RATE, np.float32), 0.0)
    for number in range(6):
        keep_spectrum(f"take {number}", spectrum)
    assert kept_spectrum("take 0") is None and kept_spectrum("take 5") is spectrum
    assert kept_rhythm("never heard") is None
    assert keep_rhythm.__doc__
