"""The play head, heard: what comes out of the synthesizer, at which frame."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from app.playback.guide import with_chord_guide
from app.playback.mixer import Mix
from app.playback.render import render
from app.playback.score import compile_song
from app.playback.synth import Bank, default_bank_path
from app.playback.transport import Transport, softly_limited
from engine.music.chord import Chord
from engine.music.progression import ChordSpan
from engine.music.timemap import Metre, MetreChange, Tempo
from engine.music.track import ControlEvent, ControlKind, Role
from tests.app.playback.sound import BAR, QUARTER, RATE, loudness_db, onsets, pitch_at, song, staccato, track

BEAT = RATE // 2  # frames of a quarter at 120
CLOSE = 240  # 5 ms: what the attack of the test sound takes to pass the threshold
SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


@pytest.fixture(scope="module")
def bank():
    return Bank.load(default_bank_path(), RATE)


def transport_of(bank, made):
    return Transport(bank, compile_song(made, RATE))


def heard(transport, seconds, block=512):
    return np.concatenate([transport.render(block) for _ in range(int(seconds * RATE / block))])


def near(frames, expected, tolerance=CLOSE):
    return len(frames) == len(expected) and all(
        0 <= a - b <= tolerance for a, b in zip(frames, expected, strict=True)
    )


@pytest.mark.parametrize("block", [64, 500, 4096])
def test_each_note_sounds_at_its_frame_in_blocks_of_any_size(bank, block):
    transport = transport_of(bank, song(staccato(SCALE)))
    transport.play()
    audio = heard(transport, 4.5, block)
    starts = onsets(audio)
    assert near(starts, [i * BEAT for i in range(8)])
    assert [pitch_at(audio, start) for start in starts] == SCALE


def test_a_tempo_change_in_mid_song_moves_what_follows(bank):
    tempos = (Tempo.of_bpm(0, 120), Tempo.of_bpm(2 * QUARTER, 60), Tempo.of_bpm(4 * QUARTER, 180))
    transport = transport_of(bank, song(staccato(SCALE), tempos=tempos))
    transport.play()
    seconds = [0, 0.5, 1, 2, 3, 3 + 1 / 3, 3 + 2 / 3, 4]
    assert near(onsets(heard(transport, 5)), [round(s * RATE) for s in seconds])


def test_the_song_stops_itself_at_its_last_bar_line(bank):
    transport = transport_of(bank, song(staccato(SCALE)))
    transport.play()
    heard(transport, 4.1)
    assert not transport.is_playing
    assert transport.frame == 8 * BEAT
    transport.play()
    assert near(onsets(heard(transport, 0.6))[:1], [0])


def test_a_loop_is_exact_for_many_passes_and_nothing_is_heard_from_outside_it(bank):
    transport = transport_of(bank, song(staccato(SCALE)))
    transport.set_loop((2 * QUARTER, 5 * QUARTER))
    transport.seek(2 * QUARTER)
    transport.play()
    audio = heard(transport, 15)
    starts = onsets(audio)
    assert near(starts, [i * BEAT for i in range(len(starts))])
    assert [pitch_at(audio, s) for s in starts[:9]] == [64, 65, 67] * 3
    assert transport.is_playing


def test_a_held_note_is_the_same_through_every_pass_of_a_loop(bank):
    made = song(track([(0, 2 * BAR, 60)], program=56))
    transport = transport_of(bank, made)
    transport.set_loop((QUARTER, 3 * QUARTER))
    transport.seek(QUARTER)
    transport.play()
    audio = heard(transport, 6)
    assert len(onsets(audio)) == 1
    levels = [loudness_db(audio[i * 4800 : (i + 1) * 4800]) for i in range(1, 59)]
    assert max(levels) - min(levels) < 1


def test_a_loop_set_behind_the_head_is_not_jumped_to(bank):
    transport = transport_of(bank, song(staccato(SCALE)))
    transport.set_loop((0, QUARTER))
    transport.seek(3 * QUARTER)
    transport.play()
    assert pitch_at(heard(transport, 0.3), 0) == 65
    heard(transport, 1)
    assert transport.frame > 3 * BEAT


def test_an_empty_or_backward_or_tiny_loop_is_none(bank):
    for loop in [(480, 480), (960, 480), (480, 481)]:
        transport = transport_of(bank, song(staccato(SCALE)))
        transport.set_loop(loop)
        transport.play()
        assert near(onsets(heard(transport, 2.2)), [i * BEAT for i in range(5)])


def test_notes_do_not_hang_after_stop_seek_or_loop(bank):
    made = song(track([(0, 40 * BAR, 60)]), track([(39 * BAR, BAR, 72)], 2))
    transport = transport_of(bank, made)
    transport.play()
    heard(transport, 0.5)
    transport.stop()
    assert loudness_db(heard(transport, 2)[RATE:]) < -80
    transport.play()
    transport.seek(60 * BAR)
    assert loudness_db(heard(transport, 2)[RATE:]) < -80


def test_seeking_into_a_long_note_sounds_it(bank):
    transport = transport_of(bank, song(track([(0, 4 * BAR, 64)])))
    transport.seek(2 * BAR)
    transport.play()
    audio = heard(transport, 0.5)
    assert onsets(audio)[0] < CLOSE
    assert pitch_at(audio, 0) == 64


def test_muted_tracks_are_silent_and_a_solo_silences_the_others(bank):
    low, high = staccato([48] * 4, 1), staccato([72] * 4, 2)

    def pitch(*tracks):
        return pitch_at(render(song(*tracks), RATE), 0)

    assert pitch(low, replace(high, muted=True)) == 48
    assert pitch(replace(low, muted=True), high) == 72
    assert pitch(low, replace(high, soloed=True)) == 72
    assert pitch(replace(low, soloed=True), replace(high, level=1.0)) == 48
    both_muted = render(song(replace(low, muted=True), replace(high, muted=True, soloed=True)), RATE)
    assert loudness_db(both_muted) == -120


@pytest.mark.parametrize(("level", "gain_db"), [(1.0, 3.9), (0.8, 0), (0.4, -12), (0.2, -24.1)])
def test_the_fader_follows_its_law(bank, level, gain_db):
    reference = loudness_db(render(song(staccato([60])), RATE))
    faded = loudness_db(render(song(replace(staccato([60]), level=level)), RATE))
    assert faded - reference == pytest.approx(gain_db, abs=0.3)


def test_a_mute_while_playing_is_heard_at_once_and_without_a_click(bank):
    transport = transport_of(bank, song(track([(0, 4 * BAR, 45)], program=81)))
    transport.play()
    before = heard(transport, 1.0)
    transport.set_mix(1, Mix(muted=True, soloed=False, level=0.8))
    after = heard(transport, 0.5)
    steepest = np.abs(np.diff(before[RATE // 2 :, 0])).max()
    assert np.abs(np.diff(after[:, 0])).max() <= 1.2 * steepest
    assert loudness_db(after[1024:]) == -120
    transport.set_mix(1, Mix(muted=False, soloed=False, level=0.8))
    assert loudness_db(heard(transport, 0.2)[1024:]) > -40


def test_a_fader_move_outlives_a_loop_but_not_the_next_song(bank):
    made = song(track([(0, 4 * BAR, 45)]))
    transport = transport_of(bank, made)
    transport.set_loop((0, QUARTER))
    transport.play()
    transport.set_mix(1, Mix(muted=True, soloed=False, level=0.8))
    assert loudness_db(heard(transport, 2)[RATE:]) == -120
    transport.set_score(compile_song(made, RATE))
    assert loudness_db(heard(transport, 0.5)) > -40


# audition ---------------------------------------------------------------------


@pytest.mark.parametrize("at_s", [0.2, 0.49, 0.5, 1.3])
def test_an_audition_takes_over_at_the_next_beat_and_gives_back_at_the_next(bank, at_s):
    first, other = song(staccato([60] * 8)), song(staccato([72] * 8))
    transport = transport_of(bank, first)
    transport.play()
    audio = [transport.render(round(at_s * RATE))]
    transport.audition(compile_song(other, RATE))
    audio.append(transport.render(round(1.1 * RATE)))
    transport.audition(None)
    audio = np.concatenate([*audio, transport.render(RATE)])
    starts = onsets(audio)
    assert near(starts, [i * BEAT for i in range(len(starts))])
    switch, back = -(-round(at_s * RATE) // BEAT), -(-round((at_s + 1.1) * RATE) // BEAT)
    pitches = [pitch_at(audio, start) for start in starts]
    assert pitches[:back] == [60] * switch + [72] * (back - switch)
    assert set(pitches[back:]) == {60}


def test_what_both_songs_hold_rings_on_through_a_switch(bank):
    pad = track([(0, 4 * BAR, 57)], 1, program=16)
    first, other = song(pad, staccato([60] * 8, 2)), song(pad, staccato([72] * 8, 2))
    alone = transport_of(bank, song(pad, replace(staccato([60] * 8, 2), muted=True)))
    switched = transport_of(bank, first)
    for transport in (alone, switched):
        transport.play()
        transport.render(RATE // 4)
    switched.audition(compile_song(replace(other, tracks=(pad, replace(other.tracks[1], muted=True))), RATE))
    switched.render(RATE // 4)
    alone.render(RATE // 4)
    expected, got = alone.render(RATE // 2), switched.render(RATE // 2)
    assert loudness_db((expected - got)[RATE // 4 :]) < loudness_db(expected) - 40


def test_a_note_only_one_of_the_songs_holds_ends_or_begins_at_the_switch(bank):
    transport = transport_of(bank, song(track([(0, 4 * BAR, 48)])))
    transport.play()
    transport.render(RATE // 4)
    transport.audition(compile_song(song(track([(0, 4 * BAR, 76)])), RATE))
    before, after = transport.render(RATE // 4), transport.render(RATE)
    assert pitch_at(before, 0) == 48
    assert pitch_at(after, RATE // 2, seconds=0.3) == 76


def test_an_audition_in_a_loop_switches_at_the_wrap_at_the_latest(bank):
    transport = transport_of(bank, song(staccato([60] * 8)))
    transport.set_loop((0, QUARTER))
    transport.play()
    transport.render(BEAT - 100)
    transport.audition(compile_song(song(staccato([72] * 8)), RATE))
    audio = transport.render(BEAT)
    assert pitch_at(audio, 100) == 72


def test_a_seek_does_not_wait_for_the_beat(bank):
    transport = transport_of(bank, song(staccato([60] * 8)))
    transport.play()
    transport.render(BEAT // 2)
    transport.audition(compile_song(song(staccato([72] * 8)), RATE))
    transport.seek(2 * QUARTER)
    assert pitch_at(transport.render(BEAT), 0) == 72


def test_an_audition_while_stopped_is_what_play_plays(bank):
    transport = transport_of(bank, song(staccato([60] * 4)))
    transport.audition(compile_song(song(staccato([72] * 4)), RATE))
    assert transport.is_auditioning
    transport.play()
    assert pitch_at(heard(transport, 0.3), 0) == 72
    transport.stop()
    transport.audition(None)
    assert not transport.is_auditioning


def test_an_edit_during_an_audition_is_kept_for_the_way_back(bank):
    transport = transport_of(bank, song(staccato([60] * 8)))
    transport.play()
    transport.audition(compile_song(song(staccato([72] * 8)), RATE))
    transport.render(BEAT // 2)
    transport.set_score(compile_song(song(staccato([65] * 8)), RATE))
    assert pitch_at(transport.render(BEAT)[BEAT // 2 :], 0) == 72
    transport.audition(None)
    transport.render(BEAT // 2)
    assert pitch_at(transport.render(BEAT), 0) == 65


def test_accepting_a_take_while_it_is_heard_ends_in_the_accepted_song(bank):
    take = compile_song(song(staccato([72] * 8)), RATE)
    transport = transport_of(bank, song(staccato([60] * 8)))
    transport.play()
    transport.audition(take)
    transport.render(BEAT + BEAT // 2)
    transport.audition(None)
    transport.set_score(compile_song(song(staccato([72] * 8)), RATE))
    audio = transport.render(3 * BEAT)
    assert [pitch_at(audio, start) for start in onsets(audio)[:3]] == [72, 72, 72]
    assert not transport.is_auditioning


def test_a_switch_to_another_tempo_goes_on_at_the_same_beat(bank):
    slow = song(staccato(SCALE), tempos=(Tempo.of_bpm(0, 60),))
    transport = transport_of(bank, song(staccato(SCALE)))
    transport.play()
    transport.render(RATE // 4)
    transport.audition(compile_song(slow, RATE))
    audio = transport.render(2 * RATE)
    starts = onsets(audio)
    assert near(starts[-2:], [RATE // 4, RATE // 4 + RATE])
    assert [pitch_at(audio, s) for s in starts[-2:]] == [62, 64]


def test_an_edit_while_playing_is_taken_up_in_the_next_block(bank):
    made = song(staccato([60] * 8))
    transport = transport_of(bank, made)
    transport.play()
    first = transport.render(BEAT + 2000)
    transport.set_score(compile_song(song(staccato([60, 60, 67, 67, 67, 67, 67, 67])), RATE))
    audio = np.concatenate([first, transport.render(2 * BEAT)])
    assert near(onsets(audio), [0, BEAT, 2 * BEAT, 3 * BEAT])
    assert [pitch_at(audio, i * BEAT) for i in range(4)] == [60, 60, 67, 67]


# metronome and count-in -----------------------------------------------------------


def test_the_metronome_clicks_on_beats_and_accents_bars(bank):
    made = song(track([(0, 2 * BAR, 60)], muted=True), metres=(MetreChange(0, Metre(3, 4)),))
    transport = transport_of(bank, made)
    transport.has_metronome = True
    transport.play()
    audio = heard(transport, 4.0)
    starts = onsets(audio)
    assert near(starts, [i * BEAT for i in range(8)], 24)
    loud = [float(np.abs(audio[s : s + 2000]).max()) > 0.35 for s in starts]
    assert loud == [True, False, False, True, False, False, True, False]


@pytest.mark.parametrize(
    ("start", "pickup", "clicks"), [(0, 0, 4), (2 * QUARTER, 0, 6), (0, QUARTER, 7), (BAR, 0, 4)]
)
def test_the_count_in_leads_to_the_beat_the_music_enters_on(bank, start, pickup, clicks):
    transport = transport_of(bank, song(staccato([60] * 8), pickup_ticks=pickup))
    transport.has_count_in = True
    transport.seek(start)
    transport.play()
    audio = heard(transport, clicks * 0.5 + 0.3)
    starts = onsets(audio)
    assert near(starts, [i * BEAT for i in range(clicks + 1)])
    assert pitch_at(audio, starts[-1]) == 60
    assert transport.score.tick_at(transport.frame) - start == pytest.approx(0.3 * 960, abs=12)


def test_stop_during_the_count_in_ends_the_clicks(bank):
    transport = transport_of(bank, song(staccato([60] * 8)))
    transport.has_count_in = True
    transport.play()
    heard(transport, 0.7)
    transport.stop()
    assert loudness_db(heard(transport, 2)[4800:]) < -100


# controllers ------------------------------------------------------------------------


def test_bend_program_and_volume_are_played_and_known_after_a_seek(bank):
    controls = (
        ControlEvent(BAR, ControlKind.BEND, 0, 8191),
        ControlEvent(2 * BAR, ControlKind.BEND, 0, 0),
        ControlEvent(3 * BAR, ControlKind.CONTROL, 7, 25),
    )
    transport = transport_of(bank, song(track([(i * BAR, BAR, 60) for i in range(5)], controls=controls)))

    def bar(number):
        transport.stop()
        heard(transport, 0.5)
        transport.seek(number * BAR + 1)
        transport.play()
        return heard(transport, 0.4)

    assert [pitch_at(bar(i), 0) for i in (0, 1, 2, 3)] == [60, 62, 60, 60]
    assert loudness_db(bar(4)) - loudness_db(bar(0)) == pytest.approx(-24, abs=1)


def test_a_program_change_in_mid_track_changes_the_sound(bank):
    change = (ControlEvent(BAR, ControlKind.PROGRAM, 0, 0),)
    made = song(track([(0, BAR, 60), (BAR, BAR, 60)], controls=change))
    audio = render(made, RATE)
    square, piano = audio[RATE : 2 * RATE], audio[3 * RATE : 4 * RATE]
    assert loudness_db(square) - loudness_db(piano) > 8


# rendering ----------------------------------------------------------------------------


def test_the_same_song_renders_to_the_same_samples():
    made = song(staccato(SCALE), track([(0, BAR, 36)], 2, role=Role.DRUMS))
    assert np.array_equal(render(made), render(made))


def test_a_stretch_of_the_song_can_be_rendered():
    audio = render(song(staccato(SCALE)), RATE, QUARTER, 3 * QUARTER, tail_s=0.0)
    assert len(audio) == 2 * BEAT
    assert [pitch_at(audio, s) for s in onsets(audio)] == [62, 64]


def test_loud_music_is_bent_and_never_clipped():
    loud = np.linspace(-4, 4, 1001, dtype=np.float32)[:, None].repeat(2, axis=1)
    limited = softly_limited(loud)
    assert np.abs(limited).max() <= 1.0
    assert (np.diff(limited[:, 0]) >= 0).all()
    quiet = loud * 0.1
    assert softly_limited(quiet) is quiet


# chord guide -----------------------------------------------------------------------------


def test_the_chord_guide_plays_the_lane_and_moves_little():
    chords = [Chord.parse(text) for text in ("C", "Am7", "F/A", "N", "G7", "C")]
    spans = tuple(ChordSpan(i + 1, i * BAR, BAR, chord) for i, chord in enumerate(chords))
    made = replace(song(track([(0, BAR, 60)], 9, role=Role.CHORDS)), chords=spans)
    guided = with_chord_guide(made, instead_of={Role.CHORDS})
    guide = guided.tracks[-1]
    assert guided.tracks[0].muted
    assert made.tracks[0] == track([(0, BAR, 60)], 9, role=Role.CHORDS)
    heard_chords = [[n.pitch for n in guide.notes if n.start_ticks == i * BAR] for i in range(6)]
    assert heard_chords[3] == []
    for chord, pitches in zip(chords, heard_chords, strict=True):
        if pitches:
            assert {p % 12 for p in pitches} == chord.pitch_classes | {chord.bass_pitch_class}
            assert pitches[0] % 12 == chord.bass_pitch_class and 36 <= pitches[0] < 48
            assert min(pitches[1:]) >= 53 and max(pitches) <= 76
    tops = [pitches[-1] for pitches in heard_chords if pitches]
    assert max(abs(a - b) for a, b in pairwise(tops)) <= 4
