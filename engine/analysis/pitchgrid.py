"""What sounds in each beat? Pitch-class weights and the bass, slot by slot.

A slot is one felt beat (a dotted quarter in 6/8), cut at bar lines. Weights are shares of the slot's
length; a note counts for as long as it sounds, the sustain pedal prolongs it, and the melody counts less
where others carry the harmony.
"""

from dataclasses import dataclass

import numpy as np

from engine.music import Role, Song, Track
from engine.music.track import ControlKind

MELODY_WEIGHT = 0.35
_MAX_SLOTS = 60_000
_LOW_BASS, _HIGH_BASS, _LEAST_TRUST = 45, 57, 0.3


@dataclass(frozen=True)
class PitchGrid:
    """starts: (slots + 1,) ticks. chroma: (slots, 12) weights. bass: (slots, 12) share of each pitch
    class in the lowest part. trust: (slots,) 0-1, how far that note is a bass at all. onbar: (slots,)
    2 on the first beat of a bar, 1 on its other strong beats, 0 elsewhere."""

    starts: np.ndarray
    chroma: np.ndarray
    bass: np.ndarray
    trust: np.ndarray
    onbar: np.ndarray

    @property
    def slots(self) -> int:
        return len(self.starts) - 1


def slot_starts(song: Song) -> tuple[np.ndarray, np.ndarray]:
    """Ticks of the beats of the whole song and one end; and their metrical rank (2, 1, 0)."""
    ticks: list[int] = []
    ranks: list[int] = []
    time_map = song.time_map
    for bar in range(song.bars):
        start, end = time_map.bar_start(bar), time_map.bar_start(bar + 1)
        metre = time_map.metre_at(start)
        missing = metre.bar_ticks - (end - start) if bar == 0 and time_map.pickup_ticks else 0
        for offset in range(0, metre.bar_ticks, metre.pulse_ticks):
            tick = start + offset - missing
            if start <= tick < end:
                ticks.append(tick)
                ranks.append(2 if offset == 0 else int(offset in metre.strong_offsets))
        if len(ticks) > _MAX_SLOTS:
            break
    ticks.append(time_map.bar_start(song.bars))
    return np.array(ticks, dtype=np.int64), np.array(ranks, dtype=np.int64)


def pitch_grid(song: Song) -> PitchGrid:
    """The grid of a song; drums are left out."""
    starts, ranks = slot_starts(song)
    slots = len(starts) - 1
    chroma = np.zeros((slots, 12))
    pitched = [track for track in song.tracks if track.role is not Role.DRUMS and track.notes]
    carriers = [track for track in pitched if track.role is not Role.MELODY]
    has_harmony = any(track.role is not Role.BASS for track in carriers)
    for track in pitched:
        weight = MELODY_WEIGHT if has_harmony and track.role is Role.MELODY else 1.0
        spread = note_slots(track, starts)
        np.add.at(chroma, (spread.slot, spread.pitch % 12), spread.ticks * weight)
    bass, trust = _bass_evidence(carriers or pitched, starts, ranks)
    lengths = np.maximum(1, np.diff(starts))[:, None]
    return PitchGrid(starts, chroma / lengths, bass / lengths, trust, ranks)


def _bass_evidence(
    tracks: list[Track], starts: np.ndarray, ranks: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(slots, 12) weights of the lowest notes and (slots,) trust in them.

    A bass player's every note counts; without one, the lowest note from strong beat to strong beat, so
    that the upper notes of a broken chord are not taken for its bass, and the less the higher it lies.
    """
    slots = len(ranks)
    players = [track for track in tracks if track.role is Role.BASS]
    spreads = [note_slots(track, starts) for track in players or tracks]
    groups = np.arange(slots) if players else np.maximum(0, np.cumsum(ranks > 0) - 1)
    lowest = np.full(slots + 1, 127)
    for spread in spreads:
        np.minimum.at(lowest, groups[spread.slot], spread.pitch)
    bass = np.zeros((slots, 12))
    for spread in spreads:
        is_low = spread.pitch == lowest[groups[spread.slot]]
        np.add.at(bass, (spread.slot[is_low], spread.pitch[is_low] % 12), spread.ticks[is_low])
    register = np.clip((_HIGH_BASS - lowest[groups]) / (_HIGH_BASS - _LOW_BASS), _LEAST_TRUST, 1.0)
    return bass, np.ones(slots) if players else register


@dataclass(frozen=True)
class Spread:
    """Each note cut at the beats: which slot, which pitch, for how many ticks."""

    slot: np.ndarray
    pitch: np.ndarray
    ticks: np.ndarray


def note_slots(track: Track, starts: np.ndarray) -> Spread:
    """The notes of a track in the slots; the sustain pedal prolongs them."""
    begin = np.array([note.start_ticks for note in track.notes], dtype=np.int64)
    pitch = np.array([note.pitch for note in track.notes], dtype=np.int64)
    end = _pedalled_ends(track, np.array([note.end_ticks for note in track.notes], dtype=np.int64))
    end = np.minimum(end, starts[-1])
    first = np.searchsorted(starts, begin, side="right") - 1
    last = np.searchsorted(starts, end, side="left")
    counts = np.maximum(0, last - first)
    index = np.repeat(np.arange(len(begin)), counts)
    slot = np.repeat(first, counts) + np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    ticks = np.minimum(end[index], starts[slot + 1]) - np.maximum(begin[index], starts[slot])
    keep = ticks > 0
    return Spread(slot[keep], pitch[index][keep], ticks[keep].astype(float))


def _pedalled_ends(track: Track, ends: np.ndarray) -> np.ndarray:
    """Note ends, moved to the release of the sustain pedal where it is down (at most two bars of 4/4 on)."""
    pedal = [event for event in track.controls if event.kind is ControlKind.CONTROL and event.number == 64]
    if not pedal:
        return ends
    ticks = np.array([event.tick for event in pedal], dtype=np.int64)
    down = np.array([event.value >= 64 for event in pedal])
    releases = np.append(ticks[~down], np.iinfo(np.int64).max)
    held = np.searchsorted(ticks, ends, side="right") - 1
    is_down = (held >= 0) & down[np.maximum(held, 0)]
    release = releases[np.searchsorted(ticks[~down], ends, side="right")]
    return np.where(is_down, np.minimum(release, ends + 3840), ends)
