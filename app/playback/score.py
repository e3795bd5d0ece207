"""When does each note sound, in frames? A Song compiled for one sample rate.

Tempo changes are walked exactly (seconds per tick are constant between changes; frames are rounded once per
event). The sustain pedal lengthens the notes it holds; a pitch struck again while it sounds ends there.
Volume (7) and expression (11) become gains; the other controllers the synthesizer knows are passed on.

    score = compile_song(song, 48000)            # ms for a usual song, about 50 ms for 20,000 notes
    score = compile_song(edited, 48000, score)   # tracks whose notes did not change are taken over
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engine.music.note import TICKS_PER_QUARTER
from engine.music.song import Song
from engine.music.timemap import TimeMap
from engine.music.track import ControlEvent, ControlKind, Role, Track

Ints = np.ndarray[Any, np.dtype[np.int64]]

PEDAL, VOLUME, EXPRESSION = 64, 7, 11
PASSED_ON = frozenset({6, 10, 38, 98, 99, 100, 101})  # pan, and (N)RPN with its data: the bend range


class Kind(IntEnum):
    """What happens, in the order events of one frame are played."""

    NOTE_OFF = 0
    PROGRAM = 1
    CONTROL = 2
    BEND = 3
    NOTE_ON = 4


class Event(NamedTuple):
    """`first` is a pitch, controller or program; `second` a velocity or value."""

    frame: int
    track: int
    kind: Kind
    first: int
    second: int


class Beat(NamedTuple):
    """A felt beat: where it is and whether a bar begins there."""

    tick: int
    frame: int
    is_downbeat: bool


@dataclass(frozen=True, eq=False)
class Part:
    """One track in frames. `notes` columns: start, end, pitch, velocity; `events` columns as in Event."""

    track: Track
    notes: Ints
    events: Ints

    @property
    def is_drums(self) -> bool:
        return self.track.role is Role.DRUMS

    def is_of(self, track: Track) -> bool:
        """Whether the track would sound the same (its mix aside)."""
        mine = self.track
        return (
            mine.notes is track.notes
            and mine.controls is track.controls
            and (mine.program, mine.role) == (track.program, track.role)
        )

    def held_at(self, frame: int) -> list[tuple[int, int]]:
        """(pitch, velocity) of notes that began before the frame and end after it."""
        held = self.notes[(self.notes[:, 0] < frame) & (self.notes[:, 1] > frame)]
        return [(int(pitch), int(velocity)) for pitch, velocity in held[:, 2:]]


@dataclass(frozen=True, eq=False)
class Score:
    """A song ready to play at `rate` Hz; `events` (columns as in Event) are sorted by frame, then kind."""

    song: Song
    rate: int
    parts: dict[int, Part]
    events: Ints
    end_frame: int

    @property
    def time_map(self) -> TimeMap:
        return self.song.time_map

    def frame_at(self, tick: float) -> int:
        return round(self.time_map.seconds_at(tick) * self.rate)

    def tick_at(self, frame: int) -> float:
        return self.time_map.tick_at(frame / self.rate)

    def first_event(self, frame: int) -> int:
        """Index of the first event at or after the frame."""
        return int(np.searchsorted(self.events[:, 0], frame, side="left"))

    def beats(self, from_tick: float) -> Iterator[Beat]:
        """Felt beats at or after the tick, without end."""
        time_map = self.time_map
        bar = time_map.bar_of(int(from_tick))
        while True:
            for tick, is_downbeat in bar_beats(time_map, bar):
                if tick >= from_tick:
                    yield Beat(tick, self.frame_at(tick), is_downbeat)
            bar += 1

    def beats_in(self, start_frame: int, end_frame: int) -> list[Beat]:
        """Beats whose frame lies in the half-open stretch."""
        found: list[Beat] = []
        for beat in self.beats(max(0.0, self.tick_at(start_frame) - 2)):
            if beat.frame >= end_frame:
                return found
            if beat.frame >= start_frame:
                found.append(beat)
        return found

    def next_beat(self, frame: int) -> Beat:
        """The first beat at or after the frame."""
        return next(b for b in self.beats(max(0.0, self.tick_at(frame) - 2)) if b.frame >= frame)


def bar_beats(time_map: TimeMap, bar: int) -> list[tuple[int, bool]]:
    """(tick, is downbeat) of the felt beats of a bar; those of a pickup are the last of a full bar."""
    start, end = time_map.bar_start(bar), time_map.bar_end(bar)
    pulse = time_map.metre_at(start).pulse_ticks
    if bar == 0 and time_map.pickup_ticks:
        return [(tick, False) for tick in range(end - pulse, start - 1, -pulse)][::-1]
    return [(tick, tick == start) for tick in range(start, end, pulse)]


def compile_song(song: Song, rate: int, before: Score | None = None) -> Score:
    """The song in frames; parts of `before` are used again where tempo and notes are the same objects."""
    reusable = before is not None and before.rate == rate and before.time_map.tempos == song.time_map.tempos
    known = before.parts if before is not None and reusable else {}
    clock = _Clock(song.time_map, rate)
    parts = {}
    for track in song.tracks:
        part = known.get(track.id)
        if part is not None and part.is_of(track):
            parts[track.id] = Part(track, part.notes, part.events)
        else:
            parts[track.id] = _compile_track(track, clock)
    end_ticks = song.time_map.bar_start(song.bars)
    end_frame = int(clock.frames(np.array([end_ticks]))[0])
    return Score(song, rate, parts, _merged([part.events for part in parts.values()]), end_frame)


class _Clock:
    """Ticks to frames for whole arrays."""

    def __init__(self, time_map: TimeMap, rate: int) -> None:
        self._ticks = np.array([tempo.tick for tempo in time_map.tempos], dtype=np.int64)
        per_tick = [t.us_per_quarter * rate / (1e6 * TICKS_PER_QUARTER) for t in time_map.tempos]
        starts = [0.0]
        for (before, after), step in zip(pairwise(time_map.tempos), per_tick, strict=False):
            starts.append(starts[-1] + (after.tick - before.tick) * step)
        self._starts, self._per_tick = np.array(starts), np.array(per_tick)

    def frames(self, ticks: Ints) -> Ints:
        index = np.maximum(np.searchsorted(self._ticks, ticks, side="right") - 1, 0)
        exact = self._starts[index] + (ticks - self._ticks[index]) * self._per_tick[index]
        frames: Ints = np.rint(exact).astype(np.int64)
        return frames


def _compile_track(track: Track, clock: _Clock) -> Part:
    ends = sounding_ends(track)
    columns = np.array(
        [(n.start_ticks, end, n.pitch, n.velocity) for n, end in zip(track.notes, ends, strict=True)],
        dtype=np.int64,
    ).reshape(-1, 4)
    columns = columns[(columns[:, 1] > columns[:, 0]) & (columns[:, 3] > 0)]
    columns[:, 0], columns[:, 1] = clock.frames(columns[:, 0]), clock.frames(columns[:, 1])
    count, of_track = len(columns), np.full(len(columns), track.id)
    ons = np.stack(
        [columns[:, 0], of_track, np.full(count, Kind.NOTE_ON), columns[:, 2], columns[:, 3]], axis=1
    )
    offs = np.stack(
        [columns[:, 1], of_track, np.full(count, Kind.NOTE_OFF), columns[:, 2], np.zeros(count, np.int64)],
        axis=1,
    )
    return Part(track, columns, _merged([_controls(track, clock), offs, ons]))


def sounding_ends(track: Track) -> list[int]:
    """End tick of each note as it sounds.

    The sustain pedal holds it to its release. A pitch struck again ends there, and the new note sounds until
    both would have ended, so that one pitch of one track never sounds twice.
    """
    ends = _pedalled(track)
    latest: dict[int, int] = {}
    for index, note in enumerate(track.notes):
        before = latest.get(note.pitch)
        if before is not None and ends[before] > note.start_ticks:
            ends[index] = max(ends[index], ends[before])
            ends[before] = note.start_ticks
        latest[note.pitch] = index
    return ends


def _pedalled(track: Track) -> list[int]:
    pedals = [c for c in track.controls if c.kind is ControlKind.CONTROL and c.number == PEDAL]
    ends = [note.end_ticks for note in track.notes]
    if not pedals or track.role is Role.DRUMS:
        return ends
    spans = _pedal_spans(pedals, track.end_ticks)
    starts = [span[0] for span in spans]
    for index, end in enumerate(ends):
        span = bisect_right(starts, end) - 1
        if span >= 0 and end < spans[span][1]:
            ends[index] = spans[span][1]
    return ends


def _pedal_spans(pedals: list[ControlEvent], end_ticks: int) -> list[tuple[int, int]]:
    spans, down = [], None
    for event in pedals:
        if event.value >= 64 and down is None:
            down = event.tick
        elif event.value < 64 and down is not None:
            spans.append((down, event.tick))
            down = None
    return spans if down is None else [*spans, (down, end_ticks)]


_CONTROL_KINDS = {
    ControlKind.CONTROL: Kind.CONTROL,
    ControlKind.BEND: Kind.BEND,
    ControlKind.PROGRAM: Kind.PROGRAM,
}


def _controls(track: Track, clock: _Clock) -> Ints:
    kept = [
        (
            c.tick,
            track.id,
            _CONTROL_KINDS[c.kind],
            c.value if c.kind is ControlKind.PROGRAM else c.number,
            c.value,
        )
        for c in track.controls
        if c.kind in _CONTROL_KINDS
        and (c.kind is not ControlKind.CONTROL or c.number in PASSED_ON | {VOLUME, EXPRESSION})
    ]
    columns = np.array(kept, dtype=np.int64).reshape(-1, 5)
    columns[:, 0] = clock.frames(columns[:, 0])
    return columns


def _merged(tables: list[Ints]) -> Ints:
    """Event tables as one, by frame and kind; events of one kind keep their order."""
    events = np.concatenate(tables) if tables else np.zeros((0, 5), dtype=np.int64)
    return events[np.lexsort((events[:, 2], events[:, 0]))]
