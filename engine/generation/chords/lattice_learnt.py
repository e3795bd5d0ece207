"""What does the harmoniser, who hears the whole melody, say of chords under it?

It hears some bars around the region too, with the chords that stand there. Slots of several pulses add up
what their pulses say; a change is weighed where the slot begins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.generation.chords.lattice_ways import Grid, Ways, is_home
from engine.generation.chords.setting import Setting, melody_track
from engine.generation.chords.vocabulary import seventh_class
from engine.generation.harmoniser.network import Harmoniser, Heard
from engine.generation.harmoniser.pulses import Melody, Pulse, ToldChord, Tone, bar_pulses
from engine.music import Chord, ChordSpan
from engine.music.tunes import top_line

AROUND_BARS = 8
_HOME = 1.5
_STATES = np.arange(192)
_STYLE_TOLD = {"loop": "pop", "classical": "lied"}
_USUAL = "song"


def learnt_ways(setting: Setting, edges: Sequence[int], network: Harmoniser) -> Ways:
    """The weights for slots between these edges."""
    return _Learnt(setting, network).ways(edges)


@dataclass(frozen=True)
class _Learnt:
    setting: Setting
    network: Harmoniser

    def ways(self, edges: Sequence[int]) -> Ways:
        melody = self._melody()
        heard = self.network.hear(melody.remarks())
        turned = (_STATES - self.setting.key.tonic * 16) % 192
        moves = self.network.moves()[np.ix_(turned, turned)]
        chords = heard.chords[:, turned]
        holds = np.array([heard.holds[_pulse_at(melody.pulses, edge)] for edge in edges[:-1]])
        stays, goes = -np.logaddexp(0.0, -holds), -np.logaddexp(0.0, holds)
        first = self._first(moves, stays[0], goes[0], turned)
        own = _by_slot(melody.pulses, chords, edges)
        return Ways(_STATES, own, moves, stays, goes, first, self._last(melody, heard, moves))

    def _melody(self) -> Melody:
        setting = self.setting
        pulses = tuple(self._pulses())
        start, end = pulses[0].start, pulses[-1].end
        track = melody_track(setting.request)
        notes = (
            [] if track is None else [note for note in top_line(track.notes) if note.sounds_in(start, end)]
        )
        tonic = setting.key.tonic
        tones = tuple(Tone(n.start_ticks, n.end_ticks, (n.pitch - tonic) % 12) for n in notes)
        spans = (*setting.before, *setting.locked, *setting.after)
        told = tuple(_told(span, tonic) for span in spans if not span.chord.is_no_chord)
        return Melody(pulses, tones, setting.key.mode.is_minor, self._style(), told)

    def _pulses(self) -> Iterator[Pulse]:
        """Of the region's bars and some around it."""
        time_map, bars = self.setting.song.time_map, self.setting.bars
        section = self.setting.song.section_at_bar(bars[0].number)
        origin = section.start_bar if section is not None else int(time_map.pickup_ticks > 0)
        end = max(bars[-1].end_ticks, self.setting.song.end_ticks)
        for number in range(max(0, bars[0].number - AROUND_BARS), bars[-1].number + 1 + AROUND_BARS):
            start = time_map.bar_start(number)
            if start >= end:
                return
            length = time_map.bar_start(number + 1) - start
            into = time_map.metrical_offset(start)
            yield from bar_pulses(start, length, time_map.metre_at(start), number - origin, into)

    def _style(self) -> str:
        style = self.setting.style or self.setting.listener.style
        return _STYLE_TOLD.get(style, style) if self.setting.style else _USUAL

    def _first(self, moves: Grid, stay: float, go: float, turned: np.ndarray) -> Grid:
        before = self.setting.chord_before
        if before is None:
            return np.asarray(self.network.first()[turned])
        state = _state(before)
        first = moves[state] + go
        first[state] = stay
        return np.asarray(first)

    def _last(self, melody: Melody, heard: Heard, moves: Grid) -> Grid:
        """How well the last slot leads on, or closes."""
        setting, after = self.setting, self.setting.chord_after
        if after is not None:
            hold = heard.holds[_pulse_at(melody.pulses, setting.end_ticks)]
            leading = moves[:, _state(after)] - np.logaddexp(0.0, hold)
            leading[_state(after)] = -np.logaddexp(0.0, -hold)
            return np.asarray(leading)
        if not setting.ends_section:
            return np.zeros(len(_STATES))
        return np.where(is_home(setting, _STATES), np.log(_HOME), 0.0)


def _told(span: ChordSpan, tonic: int) -> ToldChord:
    kind = int(seventh_class(span.chord.quality))
    return ToldChord(span.start_ticks, span.end_ticks, (span.chord.root - tonic) % 12, kind)


def _state(chord: Chord) -> int:
    return chord.root * 16 + int(seventh_class(chord.quality))


def _pulse_at(pulses: Sequence[Pulse], tick: int) -> int:
    """The pulse that sounds at the tick, the nearest one outside."""
    starts = np.array([pulse.start for pulse in pulses])
    return int(np.clip(np.searchsorted(starts, tick, "right") - 1, 0, len(pulses) - 1))


def _by_slot(pulses: Sequence[Pulse], chords: Grid, edges: Sequence[int]) -> Grid:
    """What the pulses say, summed over each slot; a pulse that is cut counts in part."""
    found = np.zeros((len(edges) - 1, chords.shape[1]))
    for pulse, said in zip(pulses, chords, strict=True):
        for slot, (low, high) in enumerate(pairwise(edges)):
            lasting = min(pulse.end, high) - max(pulse.start, low)
            if lasting > 0:
                found[slot] += said * (lasting / (pulse.end - pulse.start))
    return found
