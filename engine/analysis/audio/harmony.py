"""Which chords and keys has the recording under this song?

The bars of the song say where the slots are; what the recording's spectrum and the song's notes tell of each
slot is read as chords and keys, around what the artist has said. Corrected bars, notes, key or chords are
simply read again: the spectrum is remembered.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.analysis.audio.chordreading import HeardChord, read_audio_chords
from engine.analysis.audio.chroma import Chroma, LogSpectrum, chroma_of
from engine.analysis.audio.kept import kept_spectrum
from engine.analysis.audio.keyreading import grid_of, sounding_of
from engine.analysis.chordfixing import echoes_of
from engine.analysis.chords import free_pieces
from engine.analysis.keycues import Sounding
from engine.analysis.pitchgrid import PitchGrid, slot_starts
from engine.api.audio import HeardNote
from engine.music import ChordSpan, Key, Origin, Role, Song
from engine.music.analysis import ChordReading


@dataclass(frozen=True)
class RecordedHarmony:
    """The slots of a song as its recording sounds in them. `starts_ticks`: (slots + 1,) where they lie."""

    chroma: Chroma
    notes: tuple[HeardNote, ...]
    ranks: np.ndarray
    starts_ticks: np.ndarray

    @property
    def grid(self) -> PitchGrid:
        """What scores give, from the recording."""
        return grid_of(self.chroma, self.notes, self.ranks, self.starts_ticks)

    def sounding(self, checkpoint: Callable[[], None] = lambda: None) -> list[Sounding]:
        """The chords in slots, before any key is known."""
        chords = read_audio_chords(self.chroma, self.notes, self.ranks, checkpoint=checkpoint)
        return sounding_of(self.chroma, chords)

    def chords(
        self, key: Key | None, said: list[ChordSpan], checkpoint: Callable[[], None] = lambda: None
    ) -> list[ChordReading]:
        """The chords of the song; `said` are the artist's and stand as they are."""
        fixed = [self._as_heard(span) for span in said]
        grid = self.grid
        echoes = {slot: span.chord for span in said for slot in echoes_of(span, grid)}
        heard = read_audio_chords(
            self.chroma, self.notes, self.ranks, key, fixed, echoes=echoes, checkpoint=checkpoint
        )
        readings = [self._reading(chord) for chord in heard if not chord.chord.is_no_chord]
        free = [replace(each, span=piece) for each in readings for piece in free_pieces(each.span, said)]
        return sorted([*free, *map(ChordReading, said)], key=lambda each: each.span.start_ticks)

    def _as_heard(self, span: ChordSpan) -> HeardChord:
        ticks = [span.start_ticks, span.end_ticks]
        start_s, end_s = np.interp(ticks, self.starts_ticks, self.chroma.starts_s)
        return HeardChord(float(start_s), float(end_s), span.chord, 1.0)

    def _reading(self, heard: HeardChord) -> ChordReading:
        first, end = (
            int(self.starts_ticks[int(np.abs(self.chroma.starts_s - moment).argmin())])
            for moment in (heard.start_s, heard.end_s)
        )
        confidence = round(heard.confidence, 3)
        span = ChordSpan(0, first, end - first, heard.chord, Origin.HEARD, confidence=confidence)
        return ChordReading(span, heard.alternatives)


def recorded_harmony(song: Song) -> RecordedHarmony | None:
    """What the remembered recording of the song tells of its harmony; None when there is none."""
    for recording in song.recordings:
        spectrum = kept_spectrum(recording.sha256)
        if spectrum is not None:
            later_s = recording.second_at(0.0, song.time_map)
            return harmony_of(song, spectrum, later_s)
    return None


def harmony_of(song: Song, spectrum: LogSpectrum, later_s: float) -> RecordedHarmony | None:
    """The same for a spectrum whose second `later_s` sounds at the song's beginning."""
    ticks, ranks = slot_starts(song)
    seconds = np.array([song.time_map.seconds_at(int(tick)) for tick in ticks]) + later_s
    if len(seconds) < 2:
        return None
    notes = tuple(
        HeardNote(
            song.time_map.seconds_at(note.start_ticks) + later_s,
            song.time_map.seconds_at(note.end_ticks) + later_s,
            note.pitch,
            note.velocity,
        )
        for track in song.tracks
        if track.role is not Role.DRUMS
        for note in track.notes
    )
    return RecordedHarmony(chroma_of(spectrum, seconds), notes, ranks, ticks)
