"""The artist says how fast it is, where one is, or what metre: where are the bars then?

The beats are decided again with what was said as walls of the search, from what is remembered of the
recording under the song, else from the notes. Every note keeps its moment; only the bars move.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.analysis.audio.beatdecoding import FASTEST_BPM, METRES, SLOWEST_BPM, BeatConstraints
from engine.analysis.audio.beatgrid import BeatGrid, KeptRhythm, rhythm_of_notes, solve_beats
from engine.analysis.audio.beatkeeping import LaidBeats
from engine.analysis.audio.kept import kept_rhythm
from engine.analysis.beats import Beats, find_beats
from engine.analysis.feel import looseness
from engine.analysis.regrid import with_beats
from engine.analysis.relaying import felt_bpm, on_laid, pulses_of, relaid, shifted, ticking
from engine.api.audio import HeardNote
from engine.api.errors import ImpossibleError, ModelError
from engine.music import Aspect, Metre, Role, Song
from engine.music.edits.sections import mark_corrected
from engine.music.recording import Recording

_TEMPO_REACH = 0.15  # of a player's beats around the tempo that is said
_LOOSEST = 0.6
_LONGEST_FOLLOWED_S = 600.0
_SAME_TEMPO = 0.08  # what a player's middle tempo may be away from one that is tapped or typed
_SAME_BEAT = 0.25
_MORE_BEATS = 64


@dataclass(frozen=True)
class BeatsSaid:
    """bpm: felt beats a minute. first_beats, beats: ticks of the song. metre: 2/4, 3/4, 4/4 or 6/8."""

    bpm: float | None = None
    first_beats: tuple[int, ...] = ()
    beats: tuple[int, ...] = ()
    metre: Metre | None = None


def solved_again(song: Song, said: BeatsSaid, checkpoint: Callable[[], None] = lambda: None) -> Song:
    """The song with bars that hold what the artist says now and has said before; tempo and metre count as
    corrected when they were said. The metre stays where none is said.

    Raises ImpossibleError when there are too few notes to tell beats, or the metre is another.
    """
    if said.metre is not None and said.metre not in METRES:
        raise ImpossibleError(f"Beats can be found for 2/4, 3/4, 4/4 and 6/8, not for {said.metre.name}.")
    recording = next((each for each in song.recordings if kept_rhythm(each.sha256) is not None), None)
    kept = (recording and kept_rhythm(recording.sha256)) or rhythm_of_notes(notes_of(song))
    bars = _Bars(song, recording, _laid(song, recording), kept)
    told = _told(song, said, bars.laid)
    beats, first_beats = bars.holding(told, said, checkpoint)
    marked = replace(song, time_map=replace(song.time_map, first_beats=first_beats))
    solved = with_beats(marked, shifted(beats, -bars.later_s))
    solved = mark_corrected(solved, Aspect.TEMPO) if said.bpm is not None else solved
    return mark_corrected(solved, Aspect.METRE) if said.metre is not None else solved


def _told(song: Song, said: BeatsSaid, laid: LaidBeats | None) -> BeatsSaid:
    """What is said, and what was said before of what is not: metre, tempo, where bars begin. The metre of
    laid bars stays too, unless a tempo is said that disputes the beats themselves: where they were heard
    wrongly the metre mostly was too."""
    metre = said.metre
    stays = laid is not None and (said.bpm is None or _is_octave(said.bpm, laid))
    if metre is None and (stays or Aspect.METRE in song.corrected):
        metre = song.time_map.metres[0].metre
    bpm = said.bpm
    is_same_beat = laid is not None and (metre is None or metre.is_compound == laid.metre.is_compound)
    if bpm is None and laid is not None and is_same_beat and Aspect.TEMPO in song.corrected:
        bpm = felt_bpm(laid.times_s)
    return BeatsSaid(bpm, (*said.first_beats, *song.time_map.first_beats), said.beats, metre)


@dataclass(frozen=True)
class _Bars:
    """What bars are found by. Seconds are the recording's where there is one, else the song's."""

    song: Song
    recording: Recording | None
    laid: LaidBeats | None
    kept: KeptRhythm

    @property
    def later_s(self) -> float:
        return 0.0 if self.recording is None else self.recording.second_at(0.0, self.song.time_map)

    def second(self, tick: int) -> float:
        return self.song.time_map.seconds_at(tick) + self.later_s

    def holding(
        self, told: BeatsSaid, said: BeatsSaid, checkpoint: Callable[[], None]
    ) -> tuple[Beats, tuple[int, ...]]:
        """Beats that have what is told, found in the playing if they can be, else by the artist's word; and
        the ticks of first beats that hold in them. What was said before gives way to what is said now."""
        now = replace(told, first_beats=said.first_beats or told.first_beats)
        found = None
        for each in dict.fromkeys((told, now)):
            grid = self._found(each, checkpoint)
            found = grid if found is None else found
            if grid is not None and self._holds(grid, each):
                return self._with_firsts(on_laid(beats_of(grid), self.laid), told)
        laid = (self.laid or self._ticking(told)) if any(self.song.notes()) else None
        if laid is not None:
            firsts_s = tuple(map(self.second, now.first_beats))
            beats = relaid(laid, told.bpm, told.metre or laid.metre, firsts_s)
            return self._with_firsts(beats, told)
        if found is None:
            raise ImpossibleError("There are too few notes to find beats in.")
        return self._with_firsts(beats_of(found), told)

    def _found(self, told: BeatsSaid, checkpoint: Callable[[], None]) -> BeatGrid | None:
        can_be_heard = told.metre is None or told.metre in METRES
        if told.bpm is not None:
            can_be_heard &= SLOWEST_BPM <= told.bpm <= FASTEST_BPM
        if not can_be_heard:
            return None
        return solve_beats(self.kept, self._constraints(told), checkpoint, self.laid)

    def _first_downbeat(self, told: BeatsSaid) -> tuple[float, ...]:
        """Counted as fast as before, or twice or half as fast, bars still begin where the first one does."""
        if self.laid is None or told.bpm is None or told.first_beats or not len(self.laid.firsts_s):
            return ()
        return (float(self.laid.firsts_s[0]),) if _is_octave(told.bpm, self.laid) else ()

    def _constraints(self, told: BeatsSaid) -> BeatConstraints:
        tempo = {}
        if told.bpm is not None:
            reach = 1 + _TEMPO_REACH
            tempo = {"slowest_bpm": told.bpm / reach, "fastest_bpm": told.bpm * reach}
        return BeatConstraints(
            **tempo,
            beats_s=tuple(map(self.second, told.beats)),
            downbeats_s=(*map(self.second, told.first_beats), *self._first_downbeat(told)),
            metre=told.metre,
        )

    def _holds(self, grid: BeatGrid, told: BeatsSaid) -> bool:
        holds_tempo = told.bpm is None or abs(felt_bpm(grid.times_s) / told.bpm - 1) <= _SAME_TEMPO
        firsts = _holding(beats_of(grid), {tick: self.second(tick) for tick in told.first_beats})
        return holds_tempo and told.metre in (None, grid.metre) and len(firsts) == len(set(told.first_beats))

    def _with_firsts(self, beats: Beats, told: BeatsSaid) -> tuple[Beats, tuple[int, ...]]:
        return beats, _holding(beats, {tick: self.second(tick) for tick in told.first_beats})

    def _ticking(self, told: BeatsSaid) -> LaidBeats | None:
        """Where nothing is laid, one tempo from the first note on, if one was said."""
        if told.bpm is None or not self.kept.notes:
            return None
        starts = [note.start_s for note in self.kept.notes]
        metre = told.metre or self.song.time_map.metres[0].metre
        return ticking(told.bpm, min(starts), max(starts), metre)


def _is_octave(bpm: float, laid: LaidBeats) -> bool:
    """Whether it is the tempo of the laid beats, twice or half of it: beats stay beats."""
    doublings = abs(float(np.log2(bpm / felt_bpm(laid.times_s))))
    return min(doublings, abs(doublings - 1)) <= float(np.log2(1 + _SAME_TEMPO))


def _holding(beats: Beats, seconds: dict[int, float]) -> tuple[int, ...]:
    """The ticks, of those at these seconds, at which a bar begins, also before and after the beats."""
    period = float(np.median(np.diff(beats.times_s)))
    more = period * np.arange(1, 1 + _MORE_BEATS)
    times = np.concatenate([beats.times_s[0] - more[::-1], beats.times_s, beats.times_s[-1] + more])
    places = (np.arange(len(times)) - _MORE_BEATS - beats.first_downbeat) % beats.beats_per_bar
    begins = times[places == 0]
    near = {tick for tick, moment in seconds.items() if np.abs(begins - moment).min() <= _SAME_BEAT * period}
    return tuple(sorted(near))


def beats_of_playing(song: Song) -> Beats | None:
    """The beats of something played without a click; None when there is too little to tell. Long playing and
    drums alone are followed by their accents only."""
    pitched = [track for track in song.tracks if track.role is not Role.DRUMS and track.notes]
    last = max((track.notes[-1].start_ticks for track in pitched), default=0)
    if not pitched or song.time_map.seconds_at(last) > _LONGEST_FOLLOWED_S:
        return find_beats(song)
    try:
        grid = solve_beats(rhythm_of_notes(notes_of(song)))
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
        pulses_of(grid.metre),
        grid.first_downbeat,
        is_compound=grid.metre.is_compound,
        is_steady=grid.is_steady,
        reading=grid.reading,
    )


def _laid(song: Song, recording: Recording | None) -> LaidBeats | None:
    """The bars as they are, on the clock of the recording if there is one; None where notes ignore them."""
    metre, time_map = song.time_map.metres[0].metre, song.time_map
    is_said = time_map.first_beats or {Aspect.TEMPO, Aspect.METRE} & set(song.corrected)
    if len(time_map.metres) > 1 or (not is_said and looseness(song) > _LOOSEST):
        return None
    pulses, pickup = pulses_of(metre), time_map.pickup_ticks
    beats = np.arange(song.bars * pulses + 1)
    first = pickup % metre.pulse_ticks
    seconds = np.array([time_map.seconds_at(first + int(beat) * metre.pulse_ticks) for beat in beats])
    later_s = 0.0 if recording is None else recording.second_at(0.0, time_map)
    return LaidBeats(seconds + later_s, (beats - pickup // metre.pulse_ticks) % pulses, metre)
