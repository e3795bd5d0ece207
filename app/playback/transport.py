"""What is heard next? A play head over scores: loop, count-in, metronome, audition, edits while playing.

One object, one thread: commands are called between blocks, `render(frames)` makes the next block, exact to
the frame. Within a block the head stops at everything that matters (event, loop end, beat of an audition,
end of the song) and renders the stretches between. When the head jumps or the score under it changes, notes
that the new place does not hold are released and notes that began before it are struck: nothing hangs,
nothing is missing.

    transport = Transport(bank, score, Room(bank.rate)); transport.play(); block = transport.render(512)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.playback.clicks import Clicks
from app.playback.deck import Deck
from app.playback.mixer import Mix, mixes_of
from app.playback.room import Room
from app.playback.score import Score
from app.playback.synth import Block, SoundSource
from app.playback.voices import Voices

SOFT_LIMIT = 0.7
SHORTEST_LOOP_S = 0.01
AT_ONCE = -1


@dataclass(frozen=True)
class Stretch:
    """Where the head was while some output was made: `frames` of it, from `start_frame` of the score."""

    frames: int
    score: Score
    start_frame: int
    is_moving: bool

    def tick_after(self, frames: int) -> float:
        """The tick heard so many frames into the stretch."""
        return self.score.tick_at(self.start_frame + (frames if self.is_moving else 0))


class Transport:
    """The play head; `frame` is its place in `score`, the score that is playing."""

    def __init__(self, bank: SoundSource, score: Score, room: Room | None = None) -> None:
        self._room = room
        self.deck = Deck()
        self._voices, self._clicks = Voices(bank), Clicks(bank.rate)
        self._song_score = self.score = score
        self._waiting: Score | None = None
        self._switch_frame = AT_ONCE
        self._loop_ticks: tuple[int, int] | None = None
        self._count_in_left = 0
        self._count_in_clicks: list[tuple[int, bool]] = []
        self.has_metronome = self.has_count_in = False
        self.is_playing = False
        self.frame = 0
        self._event = 0
        self.stretches: list[Stretch] = []
        self._switch_to(score, 0)

    # commands -----------------------------------------------------------------

    def set_score(self, score: Score) -> None:
        """The song as it is now; while another is auditioned it is kept for the way back."""
        was_auditioning, before, self._song_score = self.is_auditioning, self._song_score, score
        if self._waiting is before:  # on the way back already: to the song as it is now
            self._waiting = score
        elif not was_auditioning:
            self._switch_to(score, self.score.tick_at(self.frame))

    @property
    def is_auditioning(self) -> bool:
        return (self._waiting or self.score) is not self._song_score

    def audition(self, score: Score | None) -> None:
        """Another score takes over at the next beat (at once when stopped); None: the song again."""
        wanted = score or self._song_score
        if not self.is_playing or self._count_in_left:
            self._waiting = None
            self._switch_to(wanted, self.score.tick_at(self.frame))
            return
        self._waiting = wanted
        self._switch_frame = self.score.next_beat(self.frame).frame

    def play(self) -> None:
        if self.is_playing:
            return
        if self.frame >= self.score.end_frame and self._loop_ticks is None:
            self._jump(0)
        self.is_playing = True
        self._voices.adopt(self.score, self.frame, is_sounding=not self.has_count_in)
        if self.has_count_in:
            self._start_count_in()

    def stop(self) -> None:
        self.is_playing, self._count_in_left = False, 0
        self._count_in_clicks.clear()
        self._clicks.silence()
        self._voices.let_go()
        if self._waiting is not None:
            score, self._waiting = self._waiting, None
            self._switch_to(score, self.score.tick_at(self.frame))

    def stop_at(self, ticks: int) -> None:
        """Stops with the head where the ear was."""
        self.stop()
        self.seek(ticks)

    def seek(self, ticks: int) -> None:
        """A jump; an audition that waits for its beat begins with it."""
        if self._waiting is not None:
            score, self._waiting = self._waiting, None
            self._switch_to(score, max(0, ticks))
        else:
            self._jump(self.score.frame_at(max(0, ticks)))

    def set_loop(self, loop_ticks: tuple[int, int] | None) -> None:
        """(start, end) in ticks, half-open; empty or backward loops are none."""
        is_loop = loop_ticks is not None and loop_ticks[0] < loop_ticks[1]
        self._loop_ticks = loop_ticks if is_loop else None

    def set_bank(self, bank: SoundSource) -> None:
        """Another sound bank at the same rate; what is held is struck again in its sounds."""
        self._voices = Voices(bank)
        self._switch_to(self.score, self.score.tick_at(self.frame))

    def set_mix(self, track_id: int, mix: Mix) -> None:
        self._voices.set_mix(track_id, mix)

    # the next block -------------------------------------------------------------

    def render(self, frames: int) -> Block:
        """The next float32 (frames, 2); `stretches` tells where the head was in it."""
        block = np.zeros((frames, 2), dtype=np.float32)
        self.stretches = []
        done = 0
        while done < frames:
            done += self._advance(block, done)
        if self._room is not None:
            self._room.mix(block)
        self.deck.mix(block, self.stretches)
        self._clicks.mix(block)
        return softly_limited(block)

    def _advance(self, block: Block, done: int) -> int:
        """One stretch without a jump; its length in frames."""
        left = len(block) - done
        if not self.is_playing:
            return self._stand(block[done:], left)
        if self._count_in_left:
            return self._count(block, done, min(left, self._count_in_left))
        stop, action = self._next_stop()
        length = min(left, stop - self.frame)
        if length <= 0:
            action()
            return 0
        self.stretches.append(Stretch(length, self.score, self.frame, True))
        self._play_events(block, done, length)
        return length

    def _stand(self, out: Block, length: int) -> int:
        self.stretches.append(Stretch(length, self.score, self.frame, False))
        self._voices.render(out)
        return length

    def _next_stop(self) -> tuple[int, Callable[[], None]]:
        """The next frame at which the head must do something, and what."""
        stops: list[tuple[int, Callable[[], None]]] = [(self.score.end_frame, self._end)]
        if self._loop_ticks is not None:
            loop_start, loop_end = (self.score.frame_at(tick) for tick in self._loop_ticks)
            if self.frame <= loop_end and loop_end - loop_start >= self.score.rate * SHORTEST_LOOP_S:
                stops = [(loop_end, self._wrap)]
        if self._waiting is not None:
            stops.append((self._switch_frame, self._switch_at_beat))
        return min(stops, key=lambda stop: stop[0])

    def _play_events(self, block: Block, done: int, length: int) -> None:
        end = self.frame + length
        if self.has_metronome:
            for beat in self.score.beats_in(self.frame, end):
                self._clicks.strike(done + beat.frame - self.frame, beat.is_downbeat)
        events = self.score.events
        while self._event < len(events) and events[self._event, 0] < end:
            frame, track, kind, first, second = events[self._event].tolist()
            if frame > self.frame:
                self._voices.render(block[done : done + frame - self.frame])
                done, self.frame = done + frame - self.frame, frame
            self._voices.play(track, kind, first, second)
            self._event += 1
        if self.frame < end:
            self._voices.render(block[done : done + end - self.frame])
            self.frame = end

    # jumps ------------------------------------------------------------------------

    def _end(self) -> None:
        self.frame = self.score.end_frame
        self.stop()

    def _wrap(self) -> None:
        assert self._loop_ticks is not None
        if self._waiting is not None:
            score, self._waiting = self._waiting, None
            self._switch_to(score, self._loop_ticks[0])
        else:
            self._jump(self.score.frame_at(self._loop_ticks[0]))

    def _jump(self, frame: int) -> None:
        self.frame = frame
        self._event = self.score.first_event(frame)
        self._voices.adopt(self.score, frame, is_sounding=self.is_playing and not self._count_in_left)

    def _switch_at_beat(self) -> None:
        assert self._waiting is not None
        beat = self.score.next_beat(self.frame)
        score, self._waiting = self._waiting, None
        self._switch_to(score, beat.tick)

    def _switch_to(self, score: Score, tick: float) -> None:
        """Plays on in another score from the same tick; notes both hold go on sounding."""
        self.score = score
        self.frame = score.frame_at(tick)
        self._event = score.first_event(self.frame)
        self._voices.set_mixes(mixes_of(score.song.tracks))
        self._voices.adopt(score, self.frame, is_sounding=self.is_playing and not self._count_in_left)
        if self._waiting is not None:
            self._switch_frame = score.next_beat(self.frame).frame

    # count-in -----------------------------------------------------------------------

    def _start_count_in(self) -> None:
        """One bar, and as much more as the head stands into its bar, so that the music enters on its beat."""
        time_map, tick = self.score.time_map, self.score.tick_at(self.frame)
        metre, tempo = time_map.metre_at(int(tick)), time_map.tempo_at(int(tick))
        per_tick = self.score.rate * 60 / (tempo.bpm * 480)
        ticks = metre.bar_ticks + time_map.metrical_offset(round(tick))
        self._count_in_left = round(ticks * per_tick)
        beats = range(0, ticks, metre.pulse_ticks)
        self._count_in_clicks = [(round(b * per_tick), b % metre.bar_ticks == 0) for b in beats]

    def _count(self, block: Block, done: int, length: int) -> int:
        due = [(offset, accent) for offset, accent in self._count_in_clicks if offset < length]
        for offset, accent in due:
            self._clicks.strike(done + offset, accent)
        self._count_in_clicks = [(o - length, a) for o, a in self._count_in_clicks[len(due) :]]
        self._stand(block[done : done + length], length)
        self._count_in_left -= length
        if not self._count_in_left:
            self._voices.adopt(self.score, self.frame, is_sounding=True)
        return length


def softly_limited(block: Block) -> Block:
    """The block with peaks over 0.7 bent towards 1, the rest untouched; no memory, so no pumping."""
    if float(np.abs(block).max(initial=0.0)) <= SOFT_LIMIT:
        return block
    room = 1 - SOFT_LIMIT
    over = np.maximum(np.abs(block) - SOFT_LIMIT, 0)
    bent = np.minimum(np.abs(block), SOFT_LIMIT) + room * np.tanh(over / room)
    return (np.sign(block) * bent).astype(np.float32)
