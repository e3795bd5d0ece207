"""Small songs and ears for the playback tests."""

from __future__ import annotations

import numpy as np

from app.playback.synth import Block
from engine.music.note import Note
from engine.music.song import Song
from engine.music.timemap import MetreChange, Tempo, TimeMap
from engine.music.track import ControlEvent, Role, Track

RATE = 48000
SQUARE_LEAD = 80
QUARTER = 480
BAR = 4 * QUARTER


def track(
    notes: list[tuple[int, int, int]],
    track_id: int = 1,
    program: int = SQUARE_LEAD,
    role: Role = Role.MELODY,
    controls: tuple[ControlEvent, ...] = (),
    muted: bool = False,
    soloed: bool = False,
    level: float = 0.8,
) -> Track:
    """A track of (start, duration, pitch) notes at velocity 100."""
    values = tuple(Note(i + 1000 * track_id, *note, 100) for i, note in enumerate(notes))
    return Track(track_id, "part", role, program, values, controls, muted, soloed, level)


def song(*tracks: Track, tempos: tuple[Tempo, ...] = (Tempo(0),), **more: object) -> Song:
    """A song at 120 in 4/4 unless said otherwise."""
    metres = more.get("metres", (MetreChange(0),))
    time_map = TimeMap(tempos, metres, pickup_ticks=more.get("pickup_ticks", 0))
    return Song("test", time_map, tracks=tracks, next_id=100_000)


def staccato(pitches: list[int], track_id: int = 1, program: int = SQUARE_LEAD) -> Track:
    """One short note on each beat."""
    return track([(i * QUARTER, 120, pitch) for i, pitch in enumerate(pitches)], track_id, program)


def onsets(audio: Block, rate: int = RATE, gap_s: float = 0.08, threshold: float = 0.05) -> list[int]:
    """Frames at which sound begins after at least `gap_s` of near silence."""
    loud = np.flatnonzero(np.abs(audio).max(axis=1) > threshold)
    if not len(loud):
        return []
    starts = np.flatnonzero(np.diff(loud) > gap_s * rate) + 1
    return [int(loud[0]), *[int(loud[i]) for i in starts]]


def pitch_at(audio: Block, frame: int, rate: int = RATE, seconds: float = 0.1) -> int:
    """MIDI pitch of the strongest partial series there (harmonic product spectrum)."""
    piece = audio[frame + 480 : frame + 480 + int(seconds * rate)].mean(axis=1)
    size = 1 << 16
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), size)) + 1e-9
    usable = len(spectrum) // 3
    product = spectrum[:usable] * spectrum[: 3 * usable : 3][:usable]
    low = int(50 * size / rate)
    hz = (low + int(np.argmax(product[low:]))) * rate / size
    return round(69 + 12 * np.log2(hz / 440))


def detuning_cents(audio: Block, pitch: int, rate: int = RATE) -> int:
    """By how many cents (within 150) the partials lie beside those of the pitch."""
    mono = audio.mean(axis=1)
    size = 1 << 18
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), size))
    cents = np.arange(-150, 151)
    hz = 440 * 2 ** ((pitch - 69) / 12 + cents / 1200)
    bins = np.rint(hz[:, None] * np.arange(1, 6) * size / rate).astype(int)
    return int(cents[np.argmax(spectrum[bins].sum(axis=1))])


def loudness_db(audio: Block) -> float:
    """RMS in dB; -120 for silence."""
    return float(20 * np.log10(np.sqrt(np.mean(np.square(audio), dtype=np.float64)) + 1e-6))
