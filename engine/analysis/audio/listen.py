"""What notes are in this recording?

The models hear it in stretches of ten seconds, so that there is progress, a way to stop and something to
look at soon; at the end the notes are read from all of it at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from engine.analysis.audio import pitchtrack, posteriors
from engine.analysis.audio.bending import Bend, bends_of
from engine.analysis.audio.choosing import choose_mode
from engine.analysis.audio.drumhits import drum_hits
from engine.analysis.audio.keysnotes import keys_notes
from engine.analysis.audio.noterefining import ClearKeys, Keys
from engine.analysis.audio.pitchtrack import PitchTrack, middle_hz
from engine.analysis.audio.posteriors import Posteriors
from engine.analysis.audio.strokes import Strokes, hear_strokes
from engine.analysis.audio.tuning import chord_tuning, voice_tuning
from engine.analysis.audio.voicenotes import voice_notes
from engine.analysis.audio.voicevote import with_sure_notes
from engine.api.audio import HeardNote, ListeningMode
from engine.formats.audio import Sound

_STRETCH_S = 10.0
_CHOOSING_S = 30.0
_AFTERWARDS_S = 1.0  # more than a beginning is told by
_MODELS = {
    ListeningMode.VOICE: ("pitch", "notes", "struck"),
    ListeningMode.KEYS: ("notes", "struck"),
    ListeningMode.DRUMS: (),
}

_Piece = TypeVar("_Piece", PitchTrack, Posteriors)
Report = Callable[[float, list[HeardNote]], None]
"""Called after every stretch with the second that was reached and the notes that are new."""


@dataclass(frozen=True, slots=True)
class Heard:
    """`tuning`: semitones above 440 Hz. `bends`: how one voice moves about its notes.

    `models`: names of the listening models whose word counted.
    """

    mode: ListeningMode
    certainty: float
    tuning: float
    notes: tuple[HeardNote, ...]
    bends: tuple[Bend, ...] = ()
    models: tuple[str, ...] = ()
    f0_hz: float = 0.0


def listen(
    sound: Sound,
    mode: ListeningMode = ListeningMode.AUTO,
    report: Report = lambda _until, _notes: None,
    checkpoint: Callable[[], None] = lambda: None,
) -> Heard:
    """The notes of a recording. Raises ModelError when a listening model is missing or damaged."""
    ear = _Ear(sound, checkpoint)
    certainty, start = 1.0, 0.0
    if mode is ListeningMode.AUTO:
        mode, certainty = ear.choose(_STRETCH_S)
        start = min(_STRETCH_S, sound.heard_s)
        report(start, ear.notes(mode, 0.0, start))
        mode, certainty = ear.choose(_CHOOSING_S)
    while start < sound.heard_s:
        end = min(start + _STRETCH_S, sound.heard_s)
        report(end, ear.notes(mode, start, end))
        start = end
    notes = ear.notes(mode, 0.0, sound.heard_s)
    tuning = ear.tuning(mode)
    if mode is not ListeningMode.VOICE:
        return Heard(mode, certainty, tuning, tuple(notes), models=_MODELS[mode])
    track = ear.track()
    bends = bends_of(track, notes, tuning)
    return Heard(mode, certainty, tuning, tuple(notes), bends, _MODELS[mode], middle_hz(track))


class _Ear:
    """What the models said so far; they hear no further than they are asked."""

    def __init__(self, sound: Sound, checkpoint: Callable[[], None]) -> None:
        import soxr

        self._checkpoint = checkpoint
        peak = float(np.abs(sound.samples).max(initial=0.0))
        samples = sound.samples / max(peak, 1e-9)
        self._samples, self._rate_hz = samples, sound.rate_hz
        self._strokes, self._stroked_s = hear_strokes(samples[:0]), 0.0
        slow = soxr.resample(sound.samples, sound.rate_hz, pitchtrack.RATE_HZ)
        self._pitches = pitchtrack.track_pitch(slow, peak)
        self._chord_tuning = chord_tuning(sound.samples)
        self._keys = posteriors.key_posteriors(sound.samples, peak, self._chord_tuning)
        self._clear = ClearKeys(samples, self._chord_tuning)
        self._pitch_pieces: list[PitchTrack] = []
        self._key_pieces: list[Posteriors] = []

    def choose(self, until_s: float) -> tuple[ListeningMode, float]:
        """The mode that fits the beginning, and how sure it is."""
        self._hear(ListeningMode.VOICE, until_s)
        strokes, keys = self._strokes_between(0.0, until_s), self._all_keys().between(0.0, until_s)
        notes = keys_notes(self._clear_keys().between(0.0, until_s), strokes)
        return choose_mode(self.track().between(0.0, until_s), keys, strokes, notes)

    def notes(self, mode: ListeningMode, start_s: float, end_s: float) -> list[HeardNote]:
        """The notes of a stretch, heard on its own."""
        self._hear(mode, end_s)
        strokes = self._strokes_between(start_s, end_s)
        match mode:
            case ListeningMode.DRUMS:
                found = drum_hits(strokes)
            case ListeningMode.KEYS:
                found = keys_notes(self._clear_keys().between(start_s, end_s), strokes)
            case _:
                track, keys = self.track().between(start_s, end_s), self._all_keys().between(start_s, end_s)
                clear = self._clear_keys().between(start_s, end_s)
                tuning = self.tuning(mode)
                found = voice_notes(track, strokes, keys, clear, tuning)
                found = with_sure_notes(found, keys_notes(clear, strokes), round(self._chord_tuning - tuning))
        return [replace(note, start_s=note.start_s + start_s, end_s=note.end_s + start_s) for note in found]

    def _strokes_between(self, start_s: float, end_s: float) -> Strokes:
        """At first only as far as the first notes need; then all at once."""
        if end_s > self._stroked_s:
            self._stroked_s = _STRETCH_S if end_s <= _STRETCH_S else self._samples.size / self._rate_hz + 1.0
            until = int((self._stroked_s + _AFTERWARDS_S) * self._rate_hz)
            self._strokes = hear_strokes(self._samples[:until], self._checkpoint)
        return self._strokes.between(start_s, end_s)

    def tuning(self, mode: ListeningMode) -> float:
        """Semitones above 440 Hz, of a voice as far as it was heard."""
        match mode:
            case ListeningMode.VOICE:
                return voice_tuning(self.track())
            case ListeningMode.KEYS:
                return self._chord_tuning
            case _:
                return 0.0

    def track(self) -> PitchTrack:
        return pitchtrack.joined(self._pitch_pieces)

    def _all_keys(self) -> Posteriors:
        return posteriors.joined(self._key_pieces)

    def _clear_keys(self) -> Keys:
        return self._clear.of(self._all_keys())

    def _hear(self, mode: ListeningMode, until_s: float) -> None:
        if "pitch" in _MODELS[mode]:
            self._take(self._pitches, self._pitch_pieces, until_s / pitchtrack.FRAME_S)
        if "notes" in _MODELS[mode]:
            self._take(self._keys, self._key_pieces, until_s / posteriors.FRAME_S)

    def _take(self, source: Iterator[_Piece], pieces: list[_Piece], frames: float) -> None:
        while sum(map(len, pieces)) < frames:
            piece = next(source, None)
            if piece is None:
                return
            pieces.append(piece)
            self._checkpoint()
