"""How do bars come to something that was played without a click?

The time map is laid anew so that the beats that were heard fall on beats of the grid: the tempo follows
the playing and every note keeps its moment in seconds. What was played sounds exactly as before (to the
tick); now it has bars.
"""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from engine.analysis.beats import Beats
from engine.music import (
    TICKS_PER_QUARTER,
    Aspect,
    ChordSpan,
    KeyChange,
    MetreChange,
    Note,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.edits.sections import in_other_bars

_Timed = TypeVar("_Timed", Note, ChordSpan)
_EARLY = 0.2  # a note so much of a beat before a beat is meant for it
_EARLY_S, _UNHEARD_S = 0.04, 0.001
_BESIDE_TICKS = 90
_SMALLEST_US, _LARGEST_US = 60_000_000 // 400, 60_000_000 // 20


def with_beats(song: Song, beats: Beats) -> Song:
    """The song with its beats on the grid; notes, controls and markers keep their seconds, chords begin on
    the grid beside where they were, sections and keys with the bar there."""
    first_tick = min((track.notes[0].start_ticks for track in song.tracks if track.notes), default=0)
    layout = _BeatLayout(song.time_map, beats, song.time_map.seconds_at(first_tick))
    time_map = TimeMap(
        tempos=layout.tempos,
        metres=(MetreChange(0, beats.metre),),
        pickup_ticks=layout.pickup_ticks,
        first_beats=tuple(sorted({layout.tick(tick) for tick in song.time_map.first_beats})),
    )
    time_map = replace(time_map, keys=_moved_keys(song, time_map, layout))
    tracks = tuple(_moved_track(track, layout) for track in song.tracks)
    chords = tuple(span for old in song.chords if (span := layout.laid(old)).duration_ticks > 0)
    sections = in_other_bars(song.sections, song.time_map, time_map, layout.tick)
    markers = tuple(replace(marker, tick=layout.tick(marker.tick)) for marker in song.markers)
    recordings = tuple(
        replace(each, tick=0, at_s=each.second_at(layout.origin_s, song.time_map)) for each in song.recordings
    )
    moved = replace(song, time_map=time_map, tracks=tracks, chords=chords, markers=markers)
    return replace(moved, sections=sections, recordings=recordings)


def _moved_keys(song: Song, bars: TimeMap, layout: "_BeatLayout") -> tuple[KeyChange, ...]:
    """The artist's keys, each from the bar beside where it began; of heard ones the first."""
    keys = song.time_map.keys if Aspect.KEY in song.corrected else song.time_map.keys[:1]
    moved = {bars.nearest_bar_start(layout.tick(change.tick)): change for change in keys[1:]}
    later = [replace(moved[tick], tick=tick) for tick in sorted(moved) if tick > 0]
    return (*keys[:1], *later)


class _BeatLayout:
    """Old ticks to new ones: heard beats are a felt beat apart, from the first note's beat on."""

    def __init__(self, old: TimeMap, beats: Beats, first_note_s: float) -> None:
        period = float(np.median(np.diff(beats.times_s)))
        early_s = _EARLY_S if beats.counted is not None else _EARLY * period
        times, added = _from_first_note(beats.times_s, period, first_note_s, early_s)
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

    def laid(self, span: ChordSpan) -> ChordSpan:
        """The chord on the grid at its new place."""
        start = _on_grid(self.tick(span.start_ticks))
        return replace(span, start_ticks=start, duration_ticks=_on_grid(self.tick(span.end_ticks)) - start)


def _on_grid(tick: int) -> int:
    """The eighth a chord is beside, else the sixteenth: what is heard anew around it begins on beats."""
    eighth, sixteenth = (round(tick / step) * step for step in (240, 120))
    return eighth if abs(tick - eighth) <= _BESIDE_TICKS else sixteenth


def _from_first_note(
    times: np.ndarray, period: float, first_s: float, early_s: float
) -> tuple[np.ndarray, int]:
    """The beats from the one at or before the first note on, which may come a little early, and how many were
    added (below 0: left out)."""
    early = first_s + early_s
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
