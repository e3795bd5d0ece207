"""The artist says how fast it is, where one is, or what metre: where are the bars then?

The beats are decided again with what was said as walls of the search, from what is remembered of the
recording under the song, else from the notes. Every note keeps its moment; only the bars move.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.analysis.audio.beatdecoding import METRES, BeatConstraints
from engine.analysis.audio.beatgrid import BeatGrid, rhythm_of_notes, solve_beats
from engine.analysis.audio.beatkeeping import LaidBeats
from engine.analysis.audio.kept import kept_rhythm
from engine.analysis.beats import Beats, find_beats
from engine.analysis.feel import looseness
from engine.analysis.regrid import with_beats
from engine.api.audio import HeardNote
from engine.api.errors import ImpossibleError, ModelError
from engine.music import Aspect, Metre, Role, Song
from engine.music.edits.sections import mark_corrected
from engine.music.recording import Recording

_TEMPO_REACH = 0.15  # of a player's beats around the tempo that is said
_LOOSEST = 0.6
_LONGEST_FOLLOWED_S = 600.0
_PULSES_A_BAR = {Metre(2, 4): 2, Metre(3, 4): 3, Metre(4, 4): 4, Metre(6, 8): 2}


@dataclass(frozen=True)
class BeatsSaid:
    """bpm: felt beats a minute. first_beats, beats: ticks of the song. metre: 2/4, 3/4, 4/4 or 6/8."""

    bpm: float | None = None
    first_beats: tuple[int, ...] = ()
    beats: tuple[int, ...] = ()
    metre: Metre | None = None


def solved_again(song: Song, said: BeatsSaid, checkpoint: Callable[[], None] = lambda: None) -> Song:
    """The song with bars that hold what the artist said; tempo and metre count as corrected.

    Raises ImpossibleError when there are too few notes to tell beats, or the metre is another.
    """
    if said.metre is not None and said.metre not in METRES:
        raise ImpossibleError(f"Beats can be found for 2/4, 3/4, 4/4 and 6/8, not for {said.metre.name}.")
    recording = next((each for each in song.recordings if kept_rhythm(each.sha256) is not None), None)
    kept = (recording and kept_rhythm(recording.sha256)) or rhythm_of_notes(notes_of(song))
    laid = _laid(song, recording)
    grid = solve_beats(kept, _constraints(song, said, recording), checkpoint, laid)
    if grid is None:
        raise ImpossibleError("There are too few notes to find beats in.")
    beats = _in_song_time(song, grid, recording)
    solved = with_beats(song, beats)
    return mark_corrected(mark_corrected(solved, Aspect.TEMPO), Aspect.METRE)


def beats_of_playing(song: Song) -> Beats | None:
    """The beats of something played without a click; None when there is too little to tell. Long playing and
    drums alone are followed by their accents only."""
    notes = notes_of(song)
    if not notes or notes[-1].start_s > _LONGEST_FOLLOWED_S:
        return find_beats(song)
    try:
        grid = solve_beats(rhythm_of_notes(notes))
    except ModelError:
        grid = None
    return find_beats(song) if grid is None else beats_of(grid)


def notes_of(song: Song) -> list[HeardNote]:
    """All notes of the song in its seconds, drums left out."""
    seconds = song.time_map.seconds_at
    notes = [
        HeardNote(seconds(n.start_ticks), seconds(n.end_ticks), n.pitch, n.velocity)
        for track in song.tracks
        if track.role is not Role.DRUMS
        for n in track.notes
    ]
    return sorted(notes, key=lambda note: (note.start_s, note.pitch))


def beats_of(grid: BeatGrid) -> Beats:
    """The grid as `with_beats` takes it."""
    return Beats(
        grid.times_s,
        _PULSES_A_BAR[grid.metre],
        grid.first_downbeat,
        is_compound=grid.metre.is_compound,
        is_steady=grid.is_steady,
    )


def _laid(song: Song, recording: Recording | None) -> LaidBeats | None:
    """The bars as they are, on the clock of the recording if there is one; None where notes ignore them."""
    metre, time_map = song.time_map.metres[0].metre, song.time_map
    is_said = {Aspect.TEMPO, Aspect.METRE} & set(song.corrected)
    if metre not in METRES or len(time_map.metres) > 1 or (not is_said and looseness(song) > _LOOSEST):
        return None
    pulses, pickup = _PULSES_A_BAR[metre], time_map.pickup_ticks
    beats = np.arange(song.bars * pulses + 1)
    first = pickup % metre.pulse_ticks
    seconds = np.array([time_map.seconds_at(first + int(beat) * metre.pulse_ticks) for beat in beats])
    later_s = 0.0 if recording is None else recording.second_at(0.0, time_map)
    return LaidBeats(seconds + later_s, (beats - pickup // metre.pulse_ticks) % pulses, metre)


def _constraints(song: Song, said: BeatsSaid, recording: Recording | None) -> BeatConstraints:
    def second(tick: int) -> float:
        song_s = song.time_map.seconds_at(tick)
        return song_s if recording is None else recording.second_at(song_s, song.time_map)

    tempo = {}
    if said.bpm is not None:
        reach = 1 + _TEMPO_REACH
        tempo = {"slowest_bpm": said.bpm / reach, "fastest_bpm": said.bpm * reach}
    return BeatConstraints(
        **tempo,
        beats_s=tuple(second(tick) for tick in said.beats),
        downbeats_s=tuple(second(tick) for tick in said.first_beats),
        metre=said.metre,
    )


def _in_song_time(song: Song, grid: BeatGrid, recording: Recording | None) -> Beats:
    beats = beats_of(grid)
    if recording is None:
        return beats
    later_s = -recording.second_at(0.0, song.time_map)
    return Beats(
        beats.times_s + later_s, beats.beats_per_bar, beats.first_downbeat, beats.is_compound, beats.is_steady
    )
