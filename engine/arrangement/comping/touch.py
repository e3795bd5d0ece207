"""How do strokes become notes: how loud, when exactly, and how long?

A strum takes its time from string to string, the same time on every stroke; hands on keys fall together. Each
string, and each key, sounds one note at a time. Times in ticks; velocities 1-127.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.arrangement.brief import Brief
from engine.arrangement.comping.laying import Laid
from engine.arrangement.comping.picking import fifths_below, picked
from engine.arrangement.comping.strokes import TONES, Stroke, busy_bars
from engine.arrangement.voicing import Player, Voicing
from engine.arrangement.voicing.players import STANDARD_TUNING, Build
from engine.formats.partpatterns import Loudness
from engine.generation.melody.dice import Dice
from engine.music import Note, Origin

_TOUCH = {Loudness.SOFT: -15, Loudness.PLAIN: 0, Loudness.ACCENT: 12}
_LATE_MS = {"soul": 9, "hip-hop": 10, "lo-fi": 13, "reggae": 8, "blues": 6, "jazz-ballad": 8, "gospel": 5}
_MACHINES = frozenset({"house", "techno", "synthwave", "drum-and-bass"})
_ROLLED = frozenset({"jazz-ballad", "ambient", "lo-fi", "musical-theatre"})
_PEDALLED = _ROLLED | {"pop", "folk", "cinematic", "gospel", "country", "hip-hop", "waltz", "soul"}
_DOWN_MS, _UP_MS, _SLOW_MS = 8.0, 6.0, 22.0
_JITTER_MS = 4.0
_MOST_SPREAD_TICKS = 110
_MUTED_TICKS = 36
_SHORTEST_TICKS = 30
_NEAR_TICKS = 40
_BREATH_TICKS = 10
_ROOM = 4  # velocity given up under a busy melody


@dataclass(frozen=True, slots=True)
class Sound:
    """One tone of a stroke, before it is a note. `string` is a guitar's, -1 elsewhere."""

    start_ticks: int
    end_ticks: int
    pitch: int
    velocity: int
    string: int
    stroke: Stroke


LaidAt = Callable[[int], Laid]
"""The voicings that hold for a stroke at a tick: strums and chops have hands of their own."""


def sounds(strokes: Sequence[Stroke], laid_at: LaidAt, brief: Brief, dice: Dice) -> list[Sound]:
    """The tones of all strokes, in order, no string and no key sounding twice at a time."""
    busy = busy_bars(brief)
    fifths = fifths_below(strokes, brief)
    found = [
        s for stroke in strokes for s in _of_stroke(stroke, laid_at(stroke.start_ticks), brief, dice, fifths)
    ]
    found = [replace(s, velocity=s.velocity - _ROOM) if _bar(s, brief) in busy else s for s in found]
    found = _in_range(found, brief)
    found.sort(key=lambda s: (s.start_ticks, s.pitch, -s.end_ticks))
    return _clear_of_fixed(_one_at_a_time(found), brief)


def _bar(sound: Sound, brief: Brief) -> int:
    return brief.bar_at(sound.start_ticks).number


def _of_stroke(
    stroke: Stroke, laid: Laid, brief: Brief, dice: Dice, fifths: frozenset[Stroke]
) -> Iterator[Sound]:
    jitter = dice.chance() + dice.chance() - 1
    lean = dice.chance() + dice.chance() - 1
    player = laid.player
    voicing = laid.at(max(stroke.chord_ticks, stroke.start_ticks))
    if voicing is None:
        return
    pitches = picked(stroke, voicing, player, brief, fifths)
    ms = brief.bpm * 480 / 60_000
    late = 0.0 if brief.style.name in _MACHINES else _LATE_MS.get(brief.style.name, 0) + _JITTER_MS * jitter
    start = max(brief.start_ticks, _played_at(stroke.start_ticks, brief) + round(late * ms))
    end = _end_of(stroke, player, brief)
    step = _spread(stroke, player, brief) * ms
    step = min(step, _MOST_SPREAD_TICKS / max(1, len(pitches) - 1))
    order = pitches[::-1] if stroke.symbol == "U" else pitches
    for place, pitch in enumerate(order):
        at = start + round(place * step)
        length = max(_SHORTEST_TICKS, end - at)
        velocity = _velocity(stroke, pitch, pitches, place, brief) + round(2.5 * lean)
        yield Sound(
            at, at + length, pitch, max(1 + _ROOM, min(124, velocity)), _string(pitch, voicing), stroke
        )


def _end_of(stroke: Stroke, player: Player, brief: Brief) -> int:
    """Where the stroke is let go: short ones early, picked strings ring until the chord changes."""
    if stroke.symbol == "m":
        return _played_at(stroke.start_ticks, brief) + _MUTED_TICKS
    length = stroke.end_ticks - stroke.start_ticks
    if stroke.symbol == "S":
        return _played_at(stroke.start_ticks, brief) + max(60, min(150, length * 5 // 8))
    end = stroke.end_ticks
    if _rings(stroke, player, brief):
        bar = brief.bar_at(stroke.start_ticks)
        end = max(end, min(brief.harmony_at(stroke.start_ticks).end_ticks, bar.end_ticks, brief.end_ticks))
    return _played_at(end, brief) - min(_BREATH_TICKS, length // 8)


def _rings(stroke: Stroke, player: Player, brief: Brief) -> bool:
    if brief.style.name in _MACHINES or stroke.is_push:
        return False
    if player.build is Build.FRETS:
        return stroke.symbol in TONES or stroke.symbol == "L"
    return stroke.symbol in TONES and brief.style.name in _PEDALLED


def _played_at(tick: int, brief: Brief) -> int:
    """Swung, unless the place belongs to a triplet."""
    bar = brief.bar_at(tick)
    return brief.swung(tick, is_triplet=(tick - bar.start_ticks + bar.lead_ticks) % 120 != 0)


def _spread(stroke: Stroke, player: Player, brief: Brief) -> float:
    """Milliseconds from tone to tone."""
    if brief.style.name in _MACHINES or (stroke.symbol == "S" and player.build is not Build.FRETS):
        return 0.0
    is_long = stroke.end_ticks - stroke.start_ticks >= 3 * brief.bar_at(stroke.start_ticks).metre.pulse_ticks
    if player.build is Build.FRETS:
        if stroke.symbol in "HS":
            return 2.0
        return _SLOW_MS if is_long and stroke.symbol == "D" else _UP_MS if stroke.symbol == "U" else _DOWN_MS
    return 14.0 if is_long and brief.style.name in _ROLLED and player.build is Build.HANDS else 0.0


def _velocity(stroke: Stroke, pitch: int, tones: Sequence[int], place: int, brief: Brief) -> int:
    """The artist's loudness a little below, the level of the section, the beat, the figure, the finger."""
    bar = brief.bar_at(stroke.start_ticks)
    base = min(92, max(66, brief.feel.loudness)) * (0.7 + 0.26 * bar.level)
    into = stroke.start_ticks - bar.start_ticks + bar.lead_ticks
    weight = 4 if stroke.start_ticks in bar.strong_ticks else -3 if into % bar.metre.pulse_ticks else 0
    finger = 3 if pitch == tones[-1] else 1 if pitch == tones[0] else -3
    manner = {"U": -5, "m": -24, "L": 1}.get(stroke.symbol, 0) - (5 if stroke.again else 0)
    fades = -place if stroke.symbol in "DU" else 0
    return round(base + weight + finger + manner + fades + _TOUCH[stroke.loudness])


def _string(pitch: int, voicing: Voicing) -> int:
    """The string of a grip that has the pitch; -1 on other instruments."""
    for string, (fret, tuning) in enumerate(zip(voicing.frets, STANDARD_TUNING, strict=False)):
        if fret >= 0 and tuning + fret == pitch:
            return string
    return -1


def _in_range(found: list[Sound], brief: Brief) -> list[Sound]:
    """Octaves are changed, or tones left out, so that the asked range is never overstepped."""
    if brief.request.controls.range is None:
        return found
    low, high = brief.request.controls.range
    kept = []
    for sound in found:
        pitch = sound.pitch
        pitch += 12 * -(-(low - pitch) // 12) if pitch < low else 0
        pitch -= 12 * -(-(pitch - high) // 12) if pitch > high else 0
        if low <= pitch <= high:
            kept.append(replace(sound, pitch=pitch))
    return kept


def _one_at_a_time(found: list[Sound]) -> list[Sound]:
    """A key or string that is struck again ends what it sounded."""
    last: dict[tuple[str, int], int] = {}
    kept: list[Sound | None] = []
    for sound in found:
        names = [("key", sound.pitch)]
        if sound.string >= 0:
            names.append(("string", sound.string))
        doubled = False
        for name in names:
            before = last.get(name)
            other = kept[before] if before is not None else None
            if before is None or other is None or other.end_ticks <= sound.start_ticks:
                continue
            if sound.start_ticks - other.start_ticks < _SHORTEST_TICKS:
                doubled = True
            else:
                kept[before] = replace(other, end_ticks=sound.start_ticks)
        if doubled:
            continue
        for name in names:
            last[name] = len(kept)
        kept.append(sound)
    return [sound for sound in kept if sound is not None]


def _clear_of_fixed(found: Sequence[Sound], brief: Brief) -> list[Sound]:
    """The artist's kept notes have their keys to themselves."""
    kept = []
    standing = [*brief.fixed, *(note for note in brief.before if note.end_ticks > brief.start_ticks)]
    for sound in found:
        same = [note for note in standing if note.pitch == sound.pitch]
        if any(
            note.start_ticks - _SHORTEST_TICKS < sound.start_ticks < note.end_ticks - _NEAR_TICKS
            for note in same
        ):
            continue
        end = min(
            [note.start_ticks for note in same if note.start_ticks > sound.start_ticks] + [sound.end_ticks]
        )
        kept.append(replace(sound, end_ticks=end))
    return kept


def notes_of(found: Sequence[Sound], brief: Brief) -> tuple[Note, ...]:
    """Notes with ids of their own, the kept ones among them."""
    kept = [note for note in brief.fixed if note.start_ticks >= brief.start_ticks]
    taken = {note.id for note in brief.fixed}
    ids = (number for number in range(1, len(found) + len(taken) + 1) if number not in taken)
    new = [
        Note(
            number,
            s.start_ticks,
            min(s.end_ticks, brief.end_ticks) - s.start_ticks,
            s.pitch,
            s.velocity,
            Origin.TAKEN,
        )
        for number, s in zip(
            ids, (s for s in found if s.start_ticks < brief.end_ticks - _SHORTEST_TICKS), strict=False
        )
    ]
    return tuple(sorted([*new, *kept], key=lambda note: (note.start_ticks, note.pitch, note.id)))
