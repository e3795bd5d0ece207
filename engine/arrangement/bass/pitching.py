"""Which pitches does the line take?

First every stretch of harmony gets its root's octave, near the one before and in the comfortable register.
Then the whole line is found by dynamic programming: written degrees stand on their root, walking and approach
notes choose among the tones near by. A state is a pitch and the way it was reached; costs are in `Taste`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.api.errors import ImpossibleError
from engine.arrangement.bass.degrees import scale_of_chord, semitones
from engine.arrangement.bass.placing import Event
from engine.arrangement.brief import Brief
from engine.generation.melody.dice import Dice
from engine.music import Chord, Key

LOWEST, HIGHEST = 28, 55  # E1 to G3
_COMFORT = 35  # where the roots of a line lie when nothing speaks against it
_REACH = 8
_STATES, _CHOICES = 12, 9


@dataclass(frozen=True, slots=True)
class Compass:
    """Lowest and highest pitch, and the height around which roots lie."""

    low: int
    high: int
    middle: int


@dataclass(frozen=True, slots=True)
class Taste:
    """What a line costs. `chromatic`: a tone outside the scale; `noise`: how much chance decides."""

    chromatic: float = 0.8
    noise: float = 0.25


class _Choice(NamedTuple):
    pitch: int
    cost: float
    is_tone: bool


class _Way(NamedTuple):
    """The cheapest way to a state (pitch, how it was reached): its cost and the state before."""

    cost: float
    came_from: tuple[int, int] | None


_Row = dict[tuple[int, int], _Way]


def compass_of(brief: Brief) -> Compass:
    """The bass's compass: under the melody, as asked. Raises ImpossibleError when it holds no octave."""
    low, high = LOWEST, HIGHEST
    controls = brief.request.controls
    if brief.melody:
        high = min(high, max(low + 19, brief.feel.low - 3))
    if controls.range is not None:
        low, high = max(0, controls.range[0]), min(127, controls.range[1])
        if high - low < 11:
            raise ImpossibleError("The range is too narrow for a bass line; allow at least an octave.")
    return Compass(low, high, _middle(brief, low, high))


def _middle(brief: Brief, low: int, high: int) -> int:
    """Around which root the line lies: as asked, as the artist's own bass, a little after the melody."""
    register = brief.request.controls.register
    if register is not None:
        return round(low + 3 + register * max(0, high - low - 14))
    own = sorted(note.pitch for note in (*brief.before[-32:], *brief.after[:32]))
    if own:
        return min(max(low + 3, own[len(own) // 3]), high - 9)
    lean = 0 if not brief.melody else 2 if brief.feel.middle >= 76 else -2 if brief.feel.middle < 62 else 0
    return min(max(low + 5, _COMFORT + lean), max(low + 5, high - 12))


def pitched(events: Sequence[Event], brief: Brief, compass: Compass, taste: Taste, dice: Dice) -> list[int]:
    """A pitch for each event, in order."""
    anchors = _anchors(events, brief, compass)
    found = _sounding_line(events, anchors, brief, compass, taste, dice)
    return [
        found[place] if not event.is_dead else _dead_pitch(found, place, anchors)
        for place, event in enumerate(events)
    ]


def _dead_pitch(found: Mapping[int, int], place: int, anchors: Sequence[int]) -> int:
    """A dead note is struck on the string that was played last."""
    return found.get(place - 1, anchors[place])


# roots ------------------------------------------------------------------------


def _anchors(events: Sequence[Event], brief: Brief, compass: Compass) -> list[int]:
    """The pitch of the root under each event: the cheapest path over octaves of the changing basses."""
    stretches: list[tuple[int, int, int]] = []  # pitch class, highest and lowest degree above it
    index_of: list[int] = []
    for place, event in enumerate(events):
        bass = event.chord.bass_pitch_class
        reach = _reach(event, brief)
        if place and bass == events[place - 1].chord.bass_pitch_class:
            _, top, bottom = stretches[-1]
            stretches[-1] = (bass, max(top, reach), min(bottom, reach))
        else:
            stretches.append((bass, max(0, reach), min(0, reach)))
        index_of.append(len(stretches) - 1)
    path = _cheapest_roots(stretches, compass, brief)
    return [path[index] for index in index_of]


def _reach(event: Event, brief: Brief) -> int:
    if event.fixed or event.symbol in ("a", "w", "x"):
        return 0
    return semitones(event.symbol, event.chord, brief.key_at(event.start_ticks)) + 12 * event.octave


def _cheapest_roots(stretches: Sequence[tuple[int, int, int]], compass: Compass, brief: Brief) -> list[int]:
    rows: list[dict[int, tuple[float, int | None]]] = []
    start = brief.before[-1].pitch if brief.before else None
    for pitch_class, top, bottom in stretches:
        first = compass.low + (pitch_class - compass.low) % 12
        row: dict[int, tuple[float, int | None]] = {}
        for root in range(first, compass.high + 1, 12):
            own = 0.13 * abs(root - compass.middle)
            own += 0.3 * (max(0, root + top - compass.high) + max(0, compass.low - root - bottom))
            if rows:
                cost, before = min((c + _root_move(root - b), b) for b, (c, _) in rows[-1].items())
                row[root] = (cost + own, before)
            else:
                row[root] = (own + (0.08 * abs(root - start) if start is not None else 0.0), None)
        rows.append(row)
    if not rows:
        return []
    last: int | None = min(rows[-1], key=lambda r: rows[-1][r][0])
    path: list[int] = []
    for row in reversed(rows):
        assert last is not None
        path.append(last)
        last = row[last][1]
    return path[::-1]


def _root_move(interval: int) -> float:
    size = abs(interval)
    return 0.12 * size if size <= 7 else 0.3 * size


# the line ---------------------------------------------------------------------


def _sounding_line(
    events: Sequence[Event], anchors: Sequence[int], brief: Brief, compass: Compass, taste: Taste, dice: Dice
) -> dict[int, int]:
    """Pitches by the place of the event, dead notes left out."""
    places = [place for place, event in enumerate(events) if not event.is_dead]
    if not places:
        return {}
    menus = [_menu(events, place, anchors, brief, compass, taste, dice) for place in places]
    start = brief.before[-1].pitch if brief.before else None
    rows: list[_Row] = [{(c.pitch, 0): _Way(c.cost + _opening(c.pitch, start), None) for c in menus[0]}]
    for place, before, menu in zip(places[1:], places, menus[1:], strict=False):
        rows.append(_next_row(rows[-1], menu, events[before], events[place]))
    return dict(zip(places, _traced(rows, brief), strict=True))


def _next_row(last: _Row, menu: Sequence[_Choice], before: Event, event: Event) -> _Row:
    """The cheapest way to every pitch of the menu."""
    is_free = any(e.symbol in ("a", "w") or e.walks or e.floats for e in (before, event))
    arrivals = _ARRIVALS if before.symbol == "a" else _NO_ARRIVALS
    row: _Row = {}
    for pitch, own, is_tone in menu:
        for (other, way), (cost, _) in last.items():
            interval = pitch - other
            size = abs(interval)
            total = cost + own
            if is_free:
                total += _LEAPS[size] + arrivals[size] + _turn(way, interval, size)
                if not is_tone and size > 2:
                    total += 1.2  # a passing tone is reached by step
            state = (pitch, _way(interval, size))
            known = row.get(state)
            if known is None or total < known.cost:
                row[state] = _Way(total, (other, way))
    return _likeliest(row)


def _way(interval: int, size: int) -> int:
    """How a note was reached: 0 the same, 1 a step or third, 2 a leap; negative downwards."""
    if not interval:
        return 0
    way = 1 if size <= 4 else 2
    return way if interval > 0 else -way


def _likeliest(row: _Row) -> _Row:
    """The states worth following: a line seldom comes back from far behind."""
    if len(row) <= _STATES:
        return row
    return dict(sorted(row.items(), key=lambda item: (item[1].cost, item[0]))[:_STATES])


def _turn(way: int, interval: int, size: int) -> float:
    """Steps go on the way they went; two leaps do not follow each other the same way."""
    if way * interval < 0:
        return 0.6 if size <= 2 and way in (-1, 1) else 0.0
    return 0.9 if way in (-2, 2) and size > 2 and interval else 0.0


def _opening(pitch: int, before: int | None) -> float:
    return 0.0 if before is None else 0.06 * abs(pitch - before)


def _traced(rows: Sequence[_Row], brief: Brief) -> list[int]:
    after = brief.after[0] if brief.after else None
    joins = after is not None and after.start_ticks - brief.end_ticks < 960

    def ending(state: tuple[int, int]) -> float:
        seam = 0.08 * abs(state[0] - after.pitch) if joins and after is not None else 0.0
        return rows[-1][state].cost + seam

    state: tuple[int, int] | None = min(rows[-1], key=ending)
    path: list[int] = []
    for row in reversed(rows):
        assert state is not None
        path.append(state[0])
        state = row[state].came_from
    return path[::-1]


# Semitones from note to note: repeating is dull, sixths and sevenths are far, the octave is its own kind.
_LEAPS = (2.6, 0.0, 0.0, 0.35, 0.45, 0.6, 1.8, 0.8, 1.6, 1.8, 3.0, 3.4, 1.3, *[4.0] * 115)
# How well an approach note reaches its root: by semitone, by tone, from a fifth.
_ARRIVALS = tuple({0: 3.0, 1: 0.0, 2: 0.15, 5: 1.0, 7: 1.2}.get(size, 2.4) for size in range(128))
_NO_ARRIVALS = (0.0,) * 128


# what may be played -------------------------------------------------------------


def _menu(
    events: Sequence[Event],
    place: int,
    anchors: Sequence[int],
    brief: Brief,
    compass: Compass,
    taste: Taste,
    dice: Dice,
) -> list[_Choice]:
    event, anchor = events[place], anchors[place]
    if event.fixed is not None:
        return [_Choice(event.fixed.pitch, 0.0, True)]
    key = brief.key_at(event.start_ticks)
    if event.symbol == "w":
        return _walking(event, anchor, key, brief, compass, taste, dice)
    if event.symbol == "a":
        return _leading(events, place, anchors, key, brief, compass, taste, dice)
    return _written(event, anchor, key, brief, compass)


def _cheapest(choices: list[_Choice]) -> list[_Choice]:
    return sorted(choices, key=lambda choice: choice.cost)[:_CHOICES]


def _written(event: Event, anchor: int, key: Key, brief: Brief, compass: Compass) -> list[_Choice]:
    """The degree over its root; another chord tone where it would rub against the melody on a strong beat."""
    above = semitones(event.symbol, event.chord, key) + 12 * event.octave
    if clashes(anchor + above, event.start_ticks, event.chord, brief) and event.chord.bass is None:
        above = next(
            (
                other
                for other in (semitones(s, event.chord, key) for s in ("5", "3", "7"))
                if not clashes(anchor + other, event.start_ticks, event.chord, brief)
            ),
            above,
        )
    pitch = _folded(anchor + above, compass)
    if event.floats and event.symbol in ("1", "8"):
        return [_Choice(p, 0.0, True) for p in {_folded(anchor, compass), _folded(anchor + 12, compass)}]
    if not event.walks or event.symbol != "1":
        return [_Choice(pitch, 0.0, True)]
    degrees = [(0, 0.0)]
    if not event.opens:  # the chord is known already: another of its tones may stand on the one
        degrees += [(semitones(symbol, event.chord, key), 0.9) for symbol in ("3", "5")]
    found = [
        _Choice(p, cost + 0.07 * abs(p - compass.middle - 2), True)
        for degree, cost in degrees
        for p in range(compass.low + (pitch + degree - compass.low) % 12, compass.high - 3, 12)
    ]
    return found or [_Choice(pitch, 0.0, True)]


def _folded(pitch: int, compass: Compass) -> int:
    """The pitch an octave or two away that the compass holds."""
    while pitch > compass.high:
        pitch -= 12
    while pitch < compass.low:
        pitch += 12
    return pitch


def _walking(
    event: Event, anchor: int, key: Key, brief: Brief, compass: Compass, taste: Taste, dice: Dice
) -> list[_Choice]:
    """Chord tones, scale tones and passing tones in reach; on strong beats chord tones are wanted."""
    tones = event.chord.pitch_classes
    scale = scale_of_chord(event.chord, key)
    strong = event.start_ticks in brief.bar_at(event.start_ticks).strong_ticks
    choices = []
    for pitch in range(max(compass.low, anchor - 10), min(compass.high, anchor + 14) + 1):
        is_tone = pitch % 12 in tones
        if not is_tone and strong and pitch % 12 not in scale:
            continue
        cost = 0.0 if is_tone else (1.6 if strong else 0.3)
        cost += taste.chromatic + 0.5 if pitch % 12 not in scale else 0.0
        cost += _height(pitch, compass) + _rub(pitch, event, brief) + taste.noise * dice.chance()
        choices.append(_Choice(pitch, cost, is_tone))
    return _cheapest(choices)


def _leading(
    events: Sequence[Event],
    place: int,
    anchors: Sequence[int],
    key: Key,
    brief: Brief,
    compass: Compass,
    taste: Taste,
    dice: Dice,
) -> list[_Choice]:
    """Neighbours of the next root, of the scale or chromatic, and its fifth."""
    event = events[place]
    scale = scale_of_chord(event.chord, key)
    tones = event.chord.pitch_classes
    target = _target(events, place, anchors, brief, compass)
    choices = []
    for pitch in range(max(compass.low, target - _REACH), min(compass.high, target + _REACH) + 1):
        inside = pitch % 12 in scale
        cost = 0.0 if inside else taste.chromatic
        cost += 1.0 if abs(pitch - target) == 6 else 0.0
        cost += _height(pitch, compass) + _rub(pitch, event, brief) + taste.noise * dice.chance()
        choices.append(_Choice(pitch, cost, pitch % 12 in tones))
    return _cheapest(choices)


def _target(
    events: Sequence[Event], place: int, anchors: Sequence[int], brief: Brief, compass: Compass
) -> int:
    """The root an approach note leads into: the next written note, after the region what follows there."""
    here = anchors[place]
    for later in range(place + 1, len(events)):
        event = events[later]
        if event.fixed is not None:
            return _near(event.fixed.pitch, here, compass)
        if event.symbol not in ("a", "w", "x"):
            return _near(anchors[later], here, compass) if event.walks else anchors[later]
    if brief.after and brief.after[0].start_ticks - brief.end_ticks < 960:
        return _near(brief.after[0].pitch, here, compass)
    following = brief.next_harmony(events[place].start_ticks) or brief.harmony[0]  # a loop begins again
    bass = (events[place] if following.chord.is_no_chord else following).chord.bass_pitch_class
    return _near(here + (bass - here) % 12, here, compass)


def _near(pitch: int, other: int, compass: Compass) -> int:
    """The octave of a pitch inside the compass that lies nearest to the other pitch."""
    octaves = range(compass.low + (pitch - compass.low) % 12, compass.high + 1, 12)
    return min(octaves, key=lambda octave: abs(octave - other), default=pitch)


def _height(pitch: int, compass: Compass) -> float:
    """Far above or below where the line lives."""
    return 0.12 * max(0, abs(pitch - compass.middle - 3) - 8)


def _rub(pitch: int, event: Event, brief: Brief) -> float:
    """A semitone under the melody's note, octaves apart."""
    note = brief.melody_at(event.start_ticks)
    if note is None or (note.pitch - pitch) % 12 != 1:
        return 0.0
    return 9.0 if event.start_ticks in brief.bar_at(event.start_ticks).strong_ticks else 2.5


def clashes(pitch: int, tick: int, chord: Chord, brief: Brief) -> bool:
    """A minor ninth under a melody note that is no chord tone, on a strong beat."""
    note = brief.melody_at(tick)
    if note is None or (note.pitch - pitch) % 12 != 1 or note.pitch_class in chord.pitch_classes:
        return False
    return tick in brief.bar_at(tick).strong_ticks
