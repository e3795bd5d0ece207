"""How do bars come to something that was played without a click?

The time map is laid anew so that the beats that were heard fall on beats of the grid: the tempo follows
the playing and every note keeps its moment in seconds. What was played sounds exactly as before (to the
tick); now it has bars.
"""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from engine.analysis.beats import Beats
from engine.music import TICKS_PER_QUARTER, ChordSpan, MetreChange, Note, Song, Tempo, TimeMap, Track

_Timed = TypeVar("_Timed", Note, ChordSpan)
_EARLY = 0.2  # a note so much of a beat before a beat is meant for it
_EARLY_S, _UNHEARD_S = 0.04, 0.001
_SMALLEST_US, _LARGEST_US = 60_000_000 // 400, 60_000_000 // 20


def with_beats(song: Song, beats: Beats) -> Song:
    """The song with its beats on the grid; notes, controls, chords and markers keep their seconds."""
    first_tick = min((track.notes[0].start_ticks for track in song.tracks if track.notes), default=0)
    layout = _BeatLayout(song.time_map, beats, song.time_map.seconds_at(first_tick))
    time_map = TimeMap(
        tempos=layout.tempos,
        metres=(MetreChange(0, beats.metre),),
        keys=song.time_map.keys[:1],
        pickup_ticks=layout.pickup_ticks,
    )
    tracks = tuple(_moved_track(track, layout) for track in song.tracks)
    chords = tuple(layout.moved(span) for span in song.chords)
    markers = tuple(replace(marker, tick=layout.tick(marker.tick)) for marker in song.markers)
    recordings = tuple(
        replace(each, tick=0, at_s=each.second_at(layout.origin_s, song.time_map)) for each in song.recordings
    )
    moved = replace(song, time_map=time_map, tracks=tracks, chords=chords, markers=markers)
    return replace(moved, recordings=recordings)


class _BeatLayout:
    """Old ticks to new ones: heard beats are a felt beat apart, from the first note's beat on."""

    def __init__(self, old: TimeMap, beats: Beats, first_note_s: float) -> None:
        period = float(np.median(np.diff(beats.times_s)))
        times, added = _from_first_note(beats.times_s, period, first_note_s)
        early_s = max(0.0, float(times[0]) - first_note_s)
        if beats.is_steady and early_s <= _EARLY_S:
            times = times - early_s  # a first note a little early moves the grid, not the tempo of one beat
        times[0] = min(times[0], first_note_s)
        downbeat = (beats.first_downbeat + added) % beats.beats_per_bar
        pulse = beats.metre.pulse_ticks
        self.pickup_ticks = downbeat * pulse
        lengths_s = np.append(np.diff(times), period)
        self.tempos = _tempo_changes(lengths_s, pulse)
        self._old = old
        self.origin_s = float(times[0])
        self._map = TimeMap(tempos=self.tempos)

    def tick(self, old_tick: int) -> int:
        return max(0, round(self._map.tick_at(self._old.seconds_at(old_tick) - self.origin_s)))

    def moved(self, item: _Timed) -> _Timed:
        """The note or chord at its new place."""
        start = self.tick(item.start_ticks)
        return replace(item, start_ticks=start, duration_ticks=max(1, self.tick(item.end_ticks) - start))


def _from_first_note(times: np.ndarray, period: float, first_s: float) -> tuple[np.ndarray, int]:
    """The beats from the one at or before the first note on, and how many were added (below 0: left out)."""
    early = first_s + _EARLY * period
    skipped = max(0, int(np.searchsorted(times, early, side="right")) - 1)
    if skipped:
        return times[skipped:].copy(), -skipped
    added = int(np.ceil(max(0.0, times[0] - early) / period))
    lead = times[0] - period * np.arange(added, 0, -1)
    return np.concatenate([lead, times]), added


def _tempo_changes(lengths_s: np.ndarray, pulse_ticks: int) -> tuple[Tempo, ...]:
    """One tempo a felt beat; where the last one still meets the next beat to a millisecond, none."""
    changes: list[Tempo] = []
    behind_s = 0.0
    for index, length_s in enumerate(lengths_s.tolist()):
        now_s = changes[-1].us_per_quarter * pulse_ticks / TICKS_PER_QUARTER / 1e6 if changes else 0.0
        if not changes or abs(behind_s + length_s - now_s) > _UNHEARD_S:
            us = round((behind_s + length_s) * 1e6 * TICKS_PER_QUARTER / pulse_ticks)
            changes.append(Tempo(index * pulse_ticks, min(_LARGEST_US, max(_SMALLEST_US, us))))
            now_s = changes[-1].us_per_quarter * pulse_ticks / TICKS_PER_QUARTER / 1e6
        behind_s += length_s - now_s
    return tuple(changes)


def _moved_track(track: Track, layout: _BeatLayout) -> Track:
    controls = tuple(replace(event, tick=layout.tick(event.tick)) for event in track.controls)
    return replace(track, notes=tuple(layout.moved(note) for note in track.notes), controls=controls)
