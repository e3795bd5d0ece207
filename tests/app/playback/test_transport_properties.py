"""Whatever is commanded, what sounds is what the score holds, and block sizes do not matter."""

from itertools import cycle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.playback.score import compile_song
from app.playback.transport import Transport
from engine.music.timemap import Metre, MetreChange, Tempo
from tests.app.playback.sound import BAR, song, track

RATE = 8000
REST_FRAMES = RATE // 20  # notes with less left than this need not be struck again


class Ears:
    """A synthesizer that writes down what it is told and when."""

    rate = RATE

    def __init__(self):
        self.frame, self.log, self.sounding = 0, [], set()

    def synth(self):
        return self

    def note_on(self, channel, pitch, velocity):
        assert (channel, pitch) not in self.sounding
        self.sounding.add((channel, pitch))
        self.log.append((self.frame, "on", channel, pitch, velocity))

    def note_off(self, channel, pitch):
        self.sounding.remove((channel, pitch))
        self.log.append((self.frame, "off", channel, pitch))

    def let_go(self, channel):
        self.sounding = {key for key in self.sounding if key[0] != channel}

    def program(self, channel, program, is_drums):
        pass

    def bend(self, channel, value):
        pass

    def reset(self, channel):
        pass

    def control(self, channel, number, value):
        pass

    def set_gain(self, channel, gain):
        pass

    def render(self, out, mix=False):
        self.frame += len(out)


notes = st.lists(
    st.tuples(st.integers(0, 4 * BAR), st.integers(1, BAR), st.integers(60, 66)), max_size=12
).map(sorted)
tempos = st.lists(st.integers(60, 240), min_size=1, max_size=3).map(
    lambda bpms: tuple(Tempo.of_bpm(i * 700, bpm) for i, bpm in enumerate(bpms))
)
metres = st.sampled_from([Metre(4, 4), Metre(3, 4), Metre(6, 8), Metre(7, 8)]).map(
    lambda metre: (MetreChange(0, metre),)
)
songs = st.builds(
    lambda first, second, tempos, metres: song(
        track(first, 1), track(second, 2), tempos=tempos, metres=metres
    ),
    notes,
    notes,
    tempos,
    metres,
)
ticks = st.integers(0, 5 * BAR)
commands = st.lists(
    st.one_of(
        st.tuples(st.just("render"), st.integers(1, 6000)),
        st.tuples(st.just("seek"), ticks),
        st.tuples(st.just("loop"), st.one_of(st.none(), st.tuples(ticks, ticks))),
        st.tuples(st.just("song"), songs),
        st.tuples(st.just("audition"), st.one_of(st.none(), songs)),
        st.tuples(st.just("stop"), st.none()),
        st.tuples(st.just("play"), st.booleans()),
    ),
    max_size=25,
)


def obey(transport, name, value):
    if name == "render":
        transport.render(value)
    elif name == "seek":
        transport.seek(value)
    elif name == "loop":
        transport.set_loop(value)
    elif name == "song":
        transport.set_score(compile_song(value, RATE))
    elif name == "audition":
        transport.audition(None if value is None else compile_song(value, RATE))
    elif name == "stop":
        transport.stop()
    else:
        transport.has_count_in = value
        transport.play()


def expected(transport):
    """(must sound, may sound) as (track, pitch); a note that begins or ends on this very frame may."""
    must, may = set(), set()
    for part in transport.score.parts.values():
        for start, end, pitch, _ in part.notes.tolist():
            if start < transport.frame and end > transport.frame + REST_FRAMES:
                must.add((part.track.id, pitch))
            if start <= transport.frame <= end:
                may.add((part.track.id, pitch))
    return must, may


@settings(max_examples=80, deadline=None)
@given(songs, commands)
def test_what_sounds_is_what_the_score_holds_after_any_commands(first, commands):
    ears = Ears()
    transport = Transport(ears, compile_song(first, RATE))
    for name, value in commands:
        obey(transport, name, value)
        if not transport.is_playing:
            assert ears.sounding == set()
            continue
        if transport._count_in_left:
            continue
        must, may = expected(transport)
        assert must <= ears.sounding <= may


@settings(max_examples=30, deadline=None)
@given(songs, st.lists(st.integers(200, 3000), min_size=1, max_size=5), st.booleans())
def test_block_sizes_do_not_change_what_is_played_when(made, sizes, is_looped):
    def log(sizes):
        ears = Ears()
        transport = Transport(ears, compile_song(made, RATE))
        transport.set_loop((BAR // 2, 2 * BAR) if is_looped else None)
        transport.play()
        sizes = cycle(sizes)
        while ears.frame < 4 * RATE:
            transport.render(min(next(sizes), 4 * RATE - ears.frame))
        return ears.log

    assert log(sizes) == log([4 * RATE])


@settings(max_examples=30, deadline=None)
@given(songs)
def test_every_note_is_played_once_at_its_frame(made):
    ears = Ears()
    score = compile_song(made, RATE)
    transport = Transport(ears, score)
    transport.play()
    transport.render(score.end_frame + 1)
    ons = sorted((entry[0], entry[2], entry[3]) for entry in ears.log if entry[1] == "on")
    wanted = sorted((n[0], p.track.id, n[2]) for p in score.parts.values() for n in p.notes.tolist())
    assert ons == wanted
    assert not transport.is_playing and ears.sounding == set()
    assert np.diff([on[0] for on in ons], prepend=0).min(initial=0) >= 0
