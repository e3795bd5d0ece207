"""Slow music without end: the same from its beginning, in tune, without drums, of any length."""

from dataclasses import replace
from functools import cache

import pytest

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Controls, Kind, Take
from engine.arrangement.soundscape.voices import led
from engine.music import Chord, Role, Song
from engine.music.progression import chord_at
from tests.engine.arrangement.asking import asked, assert_sound, take_of, takes_of
from tests.engine.arrangement.sketches import folk_tune, jazz_ballad, pop_loop


@cache
def drifting(bars: int = 48, **controls: object) -> Take:
    return take_of(Kind.SOUNDSCAPE, jazz_ballad(), Controls(**controls), bars=(0, bars))


@pytest.mark.parametrize("bars", [1, 2, 7, 48, 600])
def test_it_is_as_long_as_asked_and_ends_there(bars):
    take = drifting(bars)
    assert_sound(take, jazz_ballad())
    end = take.song.time_map.bar_start(bars)
    assert take.plan[-1].end_bar == bars and take.song.bars == bars
    assert all(note.end_ticks <= end for note in take.song.notes())
    assert sum(section.bars for section in take.plan) == bars


def test_a_longer_one_begins_as_a_shorter_one_does():
    short, long = drifting(48).song, drifting(600).song
    until = short.time_map.bar_start(40)
    for one, other in zip(short.tracks, long.tracks, strict=True):
        assert [(n.start_ticks, n.pitch, n.velocity) for n in one.notes if n.start_ticks < until] == [
            (n.start_ticks, n.pitch, n.velocity) for n in other.notes if n.start_ticks < until
        ]


def test_nobody_drums_and_everything_is_slow():
    take = drifting(48)
    assert Role.DRUMS not in {track.role for track in take.song.tracks}
    seconds = take.song.time_map.seconds_at(take.song.end_ticks)
    onsets = {note.start_ticks for note in take.song.notes()}
    assert len(onsets) / seconds < 1.5
    assert 48 <= take.song.time_map.tempos[0].bpm <= 72


def test_pads_hold_chord_tones_and_move_little():
    take = drifting(48)
    pad = next(track for track in take.song.tracks if track.role is Role.PAD)
    for note in pad.notes:
        span = chord_at(take.song.chords, note.start_ticks)
        assert note.pitch % 12 in span.chord.pitch_classes
    before: tuple[int, ...] = ()
    moves = []
    for span in take.song.chords:
        pitches = led(span.chord, before)
        if before:
            moves.append(sum(abs(a - b) for a, b in zip(pitches, before, strict=True)))
        before = pitches
    assert sum(moves) / len(moves) < 8  # two semitones a voice


@pytest.mark.parametrize("label", ["C", "C:maj9", "G:13", "A:min7", "B:dim", "D:5", "F:maj(#4,b9)", "E:sus4"])
def test_every_chord_has_a_voicing(label):
    chord = Chord.parse(label)
    pitches = led(chord, ())
    assert len(pitches) == 4 and {p % 12 for p in pitches} <= chord.pitch_classes
    if (third := (chord.root + (3 if chord.has_minor_third else 4)) % 12) in chord.pitch_classes:
        assert third in {p % 12 for p in pitches}


def test_bits_of_the_tune_do_not_rub():
    for make in (jazz_ballad, folk_tune, pop_loop):
        take = take_of(Kind.SOUNDSCAPE, make(), bars=(0, 48))
        voice = next(track for track in take.song.tracks if track.name == "Voice")
        assert len(voice.notes) >= 6
        for note in voice.notes:
            tones = chord_at(take.song.chords, note.start_ticks).chord.pitch_classes
            assert note.pitch % 12 in tones or (note.pitch - 1) % 12 not in tones


def test_it_breathes():
    take = drifting(48)
    levels = [section.intensity for section in take.plan]
    pad = next(track for track in take.song.tracks if track.role is Role.PAD)
    swells = [event.value for event in pad.controls]
    assert max(swells) - min(swells[2:-4]) > 20 and swells[-1] < 40
    assert max(levels) - min(levels) > 0.05


def test_seeds_and_palettes_differ_and_the_same_question_gives_the_same():
    request = asked(Kind.SOUNDSCAPE, jazz_ballad(), takes=3)
    takes = takes_of(request)
    assert takes == takes_of(request)
    assert len({tuple(track.program for track in take.song.tracks) for take in takes}) == 3
    other = takes_of(replace(request, seed=2))[0]
    assert [n.start_ticks for n in other.song.notes()] != [n.start_ticks for n in takes[0].song.notes()]
    assert drifting(8, style="choir").title == "Choir"


def test_the_controls_are_obeyed():
    assert drifting(16, tempo=50.0).song.time_map.tempos[0].bpm == pytest.approx(50, abs=0.1)
    few, many = drifting(32, density=0.0), drifting(32, density=1.0)
    assert 2.5 * len(few.song.chords) < len(many.song.chords)
    quiet, full = (drifting(32, intensity=(level,)) for level in (0.05, 1.0))
    assert sum(1 for _ in full.song.notes()) > 1.4 * sum(1 for _ in quiet.song.notes())


def test_nothing_gives_a_sentence():
    with pytest.raises(ImpossibleError, match="nothing in these bars"):
        take_of(Kind.SOUNDSCAPE, Song(), bars=(0, 16))
