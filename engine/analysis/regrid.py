"""How do bars come to something that was played without a click?

The time map is laid anew so that the beats that were heard fall on beats of the grid: the tempo follows
the playing and every note keeps its moment in seconds. What was played sounds exactly as before (to the
tick); now it has bars.
"""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from engine.analysis.beats import Beats
from engine.music import TICKS_PER_QUARTER, ChordSpan, Metre, MetreChange, Note, Song, Tempo, TimeMap, Track

_Timed = TypeVar("_Timed", Note, ChordSpan)
_EARLY = 0.2  # a note so much of a beat before a beat is meant for it
_SMALLEST_US, _LARGEST_US = 60_000_000 // 400, 60_000_000 // 20


def with_beats(song: Song, beats: Beats) -> Song:
    """The song with its beats on the grid; notes, controls, chords and markers keep their seconds."""
    first_tick = min((track.notes[0].start_ticks for track in song.tracks if track.notes), default=0)
    layout = _BeatLayout(song.time_map, beats, song.time_map.seconds_at(first_tick))
    time_map = TimeMap(
        tempos=layout.tempos,
        metres=(MetreChange(0, Metre(beats.beats_per_bar, 4)),),
        keys=song.time_map.keys[:1],
        pickup_ticks=layout.pickup_ticks,
    )
    tracks = tuple(_moved_track(track, layout) for track in song.tracks)
    chords = tuple(layout.moved(span) for span in song.chords)
    markers = tuple(replace(marker, tick=layout.tick(marker.tick)) for marker in song.markers)
    return replace(song, time_map=time_map, tracks=tracks, chords=chords, markers=markers)


class _BeatLayout:
    """Old ticks to new ones: heard beats are 480 ticks apart, from the first note's beat on."""

    def __init__(self, old: TimeMap, beats: Beats, first_note_s: float) -> None:
        period = float(np.median(np.diff(beats.times_s)))
        times, added = _from_first_note(beats.times_s, period, first_note_s)
        times[0] = min(times[0], first_note_s)
        downbeat = (beats.first_downbeat + added) % beats.beats_per_bar
        self.pickup_ticks = downbeat * TICKS_PER_QUARTER
        lengths = np.append(np.diff(times), period)
        us = np.clip(np.round(lengths * 1e6), _SMALLEST_US, _LARGEST_US).astype(int)
        self.tempos = _tempo_changes(us)
        self._old = old
        self._origin = times[0]
        self._map = TimeMap(tempos=self.tempos)

    def tick(self, old_tick: int) -> int:
        return max(0, round(self._map.tick_at(self._old.seconds_at(old_tick) - self._origin)))

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


def _tempo_changes(us: np.ndarray) -> tuple[Tempo, ...]:
    """One tempo a beat, repeats left out."""
    changes = [Tempo(0, int(us[0]))]
    for index in range(1, len(us)):
        if int(us[index]) != changes[-1].us_per_quarter:
            changes.append(Tempo(index * TICKS_PER_QUARTER, int(us[index])))
    return tuple(changes)


def _moved_track(track: Track, layout: _BeatLayout) -> Track:
    controls = tuple(replace(event, tick=layout.tick(event.tick)) for event in track.controls)
    return replace(track, notes=tuple(layout.moved(note) for note in track.notes), controls=controls)
