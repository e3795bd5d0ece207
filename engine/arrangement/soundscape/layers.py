"""Which layers does a soundscape have? Pads that hold, a ground, bits of the tune, lights, and how loud.

Each layer is decided by the seed, its own number and the place alone, so that a longer one begins as a
shorter one does.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.arrangement.soundscape.drifting import Slot
from engine.arrangement.soundscape.fragments import Fragment, sung_over
from engine.arrangement.soundscape.palettes import Palette
from engine.arrangement.soundscape.voices import led
from engine.generation.chords.dice import dice
from engine.music import ControlEvent, Key, Metre, Note, Origin, Role
from engine.music.note import note_order
from engine.music.track import ControlKind

_WAVES = (24.0, 56.0)  # bars in which fullness comes and goes
_EXPRESSION = 11
_WINDOW_BARS = 6  # one bit of the tune in so many bars at most


@dataclass(frozen=True, slots=True)
class Place:
    """What every layer reads."""

    metre: Metre
    bars: int
    slots: tuple[Slot, ...]
    palette: Palette
    key: Key
    seed: int
    curve: tuple[float, ...]

    @property
    def bar_ticks(self) -> int:
        return self.metre.bar_ticks

    @property
    def end(self) -> int:
        return self.bars * self.bar_ticks

    def level(self, bar: float) -> float:
        """How full it is around a bar, 0-1: two slow waves, or as drawn."""
        if self.curve:
            index = min(len(self.curve) - 1, int(bar / self.bars * len(self.curve)))
            return self.curve[index]
        first, second = (math.sin(2 * math.pi * bar / wave - 1.2) for wave in _WAVES)
        return min(1.0, max(0.0, 0.5 + 0.28 * first + 0.22 * second))

    def dice(self, layer: int, number: int) -> np.random.Generator:
        return dice(self.seed * 8 + layer, number)


def pad(place: Place) -> list[Note]:
    """Four voices that overlap; what stays the same is not struck again."""
    found: list[Note] = []
    before: tuple[int, ...] = ()
    sounding: dict[int, Note] = {}
    for slot in place.slots:
        pitches = led(slot.chord, before)
        start = slot.start_bar * place.bar_ticks
        end = min(place.end, (slot.start_bar + slot.bars) * place.bar_ticks)
        level = place.level(slot.start_bar)
        random = place.dice(1, slot.number)
        heard = pitches if level > 0.3 else pitches[1:]
        for voice, pitch in enumerate(heard):
            delay = int(random.integers(0, 3)) * place.metre.beat_ticks // 2 if slot.number and voice else 0
            held = sounding.get(pitch)
            if held is not None and held.end_ticks >= start and slot.number % 4:
                longer = replace(held, duration_ticks=end - held.start_ticks)
                found[found.index(held)] = longer
                sounding[pitch] = longer
                continue
            velocity = round(60 + 30 * level + 4 * (voice == len(heard) - 1))
            until = min(place.end, end + place.metre.beat_ticks // 2)
            note = _note(start + delay, max(1, until - start - delay), pitch, velocity)
            found.append(note)
            sounding[pitch] = note
        before = pitches
    return found


def ground(place: Place) -> list[Note]:
    """A low note a chord, the fifth above it when it is full; silence when it is bare."""
    found = []
    for slot in place.slots:
        level = place.level(slot.start_bar)
        if level < 0.22 and slot.number:
            continue
        start = slot.start_bar * place.bar_ticks
        length = min(place.end - start, slot.bars * place.bar_ticks)
        root = 36 + (slot.chord.bass_pitch_class - 36) % 12
        root = root - 12 if root > 43 else root
        found.append(_note(start, length, root, round(56 + 28 * level)))
        fifth = (slot.chord.root + 7) % 12
        is_open = slot.chord.bass is None and fifth in slot.chord.pitch_classes
        if level > 0.6 and is_open:
            found.append(_note(start, length, root + 7, round(48 + 24 * level)))
    return found


def voice(place: Place, fragments: Sequence[Fragment]) -> list[Note]:
    """Bits of the tune, slowly, with long silences between them."""
    found: list[Note] = []
    if not fragments:
        return found
    for number in range(1, place.bars // _WINDOW_BARS):
        random = place.dice(2, number)
        level = place.level(number * _WINDOW_BARS)
        if random.random() > 0.45 + 0.5 * level and number > 1:
            continue
        drawn = int(random.integers(len(fragments)))
        fragment = fragments[number % len(fragments) if number <= len(fragments) else drawn]
        stretch = 2 if random.random() < 0.6 else 3
        start = number * _WINDOW_BARS * place.bar_ticks
        start += int(random.integers(0, 4)) * place.metre.beat_ticks
        room = min((number + 1) * _WINDOW_BARS * place.bar_ticks, place.end) - start
        slots, velocity = place.slots, round(66 + 24 * level)
        found += sung_over(fragment, start, stretch, room, slots, place.bar_ticks, place.key, velocity)
    return found


def light(place: Place) -> list[Note]:
    """A high note of the chord now and then, and its echoes."""
    found: list[Note] = []
    beat = place.metre.beat_ticks
    for slot in place.slots:
        random = place.dice(3, slot.number)
        level = place.level(slot.start_bar)
        if random.random() > 0.25 + 0.55 * level:
            continue
        start = slot.start_bar * place.bar_ticks + int(random.integers(1, 2 * slot.bars + 1)) * beat
        tones = sorted(84 + (tone - 84) % 12 for tone in slot.chord.pitch_classes)
        pitch = tones[int(random.integers(len(tones)))]
        for echo in range(1 + int(random.integers(0, 3))):
            at = start + echo * beat * 3 // 2
            if at < place.end - beat and at < (slot.start_bar + slot.bars) * place.bar_ticks:
                found.append(_note(at, 2 * beat, pitch, round((54 + 20 * level) * 0.72**echo)))
    return found


def swells(place: Place, role: Role) -> tuple[ControlEvent, ...]:
    """Loudness that breathes: expression every bar, and silence at the very end."""
    shift = {Role.PAD: 0.0, Role.BASS: 3.0, Role.MELODY: 7.0, Role.COUNTER: 11.0}[role]
    events = []
    for bar in range(place.bars):
        value = round(78 + 34 * place.level(bar + shift) + 8 * math.sin(2 * math.pi * bar / 8 + shift))
        fade = min(1.0, (place.bars - bar) / 4) * min(1.0, (bar + 1) / 2)
        loudness = max(1, min(127, round(value * fade)))
        events.append(ControlEvent(bar * place.bar_ticks, ControlKind.CONTROL, _EXPRESSION, loudness))
    return tuple(events)


def tidy(notes: Iterable[Note], place: Place) -> tuple[Note, ...]:
    inside = (note for note in notes if note.start_ticks < place.end)
    ending = (replace(n, duration_ticks=min(n.duration_ticks, place.end - n.start_ticks)) for n in inside)
    return tuple(sorted(ending, key=note_order))


def _note(start: int, length: int, pitch: int, velocity: int) -> Note:
    return Note(0, start, length, pitch, max(1, min(127, velocity)), Origin.TAKEN)
