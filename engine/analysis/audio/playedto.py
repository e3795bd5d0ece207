"""What does it tell of the beat that the player heard a count, a click or the song while recording?

A count gives the tempo, the metre and the first bar; the playing may move on from there. A click or a song
gives all bars: the notes lie on them as they were played.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.analysis.audio.beatdecoding import METRES, NO_CONSTRAINTS, BeatConstraints
from engine.analysis.audio.beatgrid import BeatGrid, KeptRhythm, solve_beats
from engine.api.audio import PlayedTo, Pulse
from engine.music import TICKS_PER_QUARTER, Note, Song, Track

_REACH = 1.15  # how far the tempo of what follows may be from that of the count


def has_bars(played_to: PlayedTo | None) -> bool:
    """Whether the bars of the recording are known before it is heard."""
    return played_to is not None and played_to.pulse is Pulse.BARS


def grid_after_count(
    rhythm: KeptRhythm, counted: PlayedTo | None, checkpoint: Callable[[], None] = lambda: None
) -> BeatGrid | None:
    """The beats of a recording, begun as it was counted in if it was."""
    return solve_beats(rhythm, constraints_of(counted), checkpoint)


def constraints_of(counted: PlayedTo | None) -> BeatConstraints:
    """A count as walls of the search: tempo, metre, and the beats of the bar that follows it."""
    if counted is None:
        return NO_CONSTRAINTS
    tempo, metre = counted.time_map.tempos[0], counted.time_map.metres[0].metre
    pulse_s = tempo.us_per_quarter * metre.pulse_ticks / TICKS_PER_QUARTER / 1e6
    pulses = metre.bar_ticks // metre.pulse_ticks
    beats = -counted.begins_s + pulse_s * np.arange(pulses)
    return BeatConstraints(
        slowest_bpm=60 / pulse_s / _REACH,
        fastest_bpm=60 / pulse_s * _REACH,
        beats_s=tuple(beats.tolist()),
        downbeats_s=(-counted.begins_s,),
        metre=metre if metre in METRES else None,
    )


def on_its_bars(played: Song, played_to: PlayedTo) -> Song:
    """The notes of a recording on the bars it was played to; each keeps its second."""
    clock, bars = played.time_map, played_to.time_map

    def tick(at: int) -> int:
        return max(0, round(bars.tick_at(max(0.0, clock.seconds_at(at) + played_to.begins_s))))

    def placed(note: Note) -> Note:
        start = tick(note.start_ticks)
        return replace(note, start_ticks=start, duration_ticks=max(1, tick(note.end_ticks) - start))

    def track(each: Track) -> Track:
        controls = tuple(replace(event, tick=tick(event.tick)) for event in each.controls)
        return replace(each, notes=tuple(map(placed, each.notes)), controls=controls)

    return replace(played, time_map=bars, tracks=tuple(map(track, played.tracks)))
