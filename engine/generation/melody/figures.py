"""What does a musician do to a melody to vary it?

Each figure is a small function: it changes one place of a tune, or returns None where it does not apply.
Ornaments (neighbour, passing notes, turn, appoggiatura, repeated note), rhythm (anticipation, delay, dotting,
breath), simplification, other pitches (weak notes, a bar in sequence, the climax lifted, a new ending).
"""

from collections.abc import Callable
from math import exp

from engine.generation.melody.dice import Dice
from engine.generation.melody.line import GRID
from engine.generation.melody.scales import clashes, nearest, step_in
from engine.generation.melody.structure import AWKWARD
from engine.generation.melody.tune import Passage, Tune, VNote, with_note

_AT_HOME = frozenset({0, 3, 4, 7})  # degrees of the tonic chord, in semitones

Figure = Callable[[Passage, Tune, Dice], Tune | None]


def _pick(tune: Tune, dice: Dice, fits: Callable[[int], bool]) -> int | None:
    """A drawn index of a free note that fits."""
    places = [index for index, note in enumerate(tune) if not note.fixed and fits(index)]
    return dice.pick(places) if places else None


def _joined(tune: Tune, index: int) -> bool:
    """Whether the next note follows at once."""
    return index + 1 < len(tune) and tune[index].end == tune[index + 1].at


# ornaments -------------------------------------------------------------------------


def _is_plain_note(passage: Passage, note: VNote) -> bool:
    """Whether the note is the artist's and bears no ornament yet: ornaments are not ornamented again."""
    return note.parent >= 0 and note.duration == passage.original[note.parent].duration


def neighbour(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """The note, its upper or lower neighbour, the note again."""
    finest = passage.finest()
    index = _pick(
        tune,
        dice,
        lambda i: (
            _is_plain_note(passage, tune[i])
            and tune[i].duration >= 4 * finest
            and tune[i].duration % (4 * finest) == 0
        ),
    )
    if index is None:
        return None
    note = tune[index]
    quarter = note.duration // 4
    side = step_in(passage.allowed(note), note.pitch, 1 if dice.chance() < 0.55 else -1)
    return with_note(
        tune,
        index,
        note._replace(duration=2 * quarter),
        VNote(note.at + 2 * quarter, quarter, side),
        VNote(note.at + 3 * quarter, quarter, note.pitch),
    )


def passing(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """One or two scale notes between two notes a third or fourth apart."""
    finest = passage.finest()

    def fits(i: int) -> bool:
        return (
            _joined(tune, i)
            and _is_plain_note(passage, tune[i])
            and 3 <= abs(tune[i + 1].pitch - tune[i].pitch) <= 5
            and tune[i].duration >= 2 * finest
        )

    index = _pick(tune, dice, fits)
    if index is None:
        return None
    note, goal = tune[index], tune[index + 1].pitch
    direction = 1 if goal > note.pitch else -1
    between: list[int] = []
    pitch = step_in(passage.allowed(note), note.pitch, direction)
    while (goal - pitch) * direction > 0 and len(between) < 2:
        between.append(pitch)
        pitch = step_in(passage.allowed(note), pitch, direction)
    if not between or note.duration < 2 * finest * len(between):
        return None
    unit = max(finest, min(GRID // 2, note.duration // 2) // len(between) // finest * finest)
    first = note.duration - unit * len(between)
    added = [VNote(note.at + first + unit * k, unit, pitch) for k, pitch in enumerate(between)]
    return with_note(tune, index, note._replace(duration=first), *added) if first >= finest else None


def turn(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """Upper neighbour, note, lower neighbour at the end of a long note, leading on to the next."""
    unit = passage.finest()
    index = _pick(
        tune,
        dice,
        lambda i: (
            _is_plain_note(passage, tune[i])
            and tune[i].duration >= max(GRID * 3 // 2, 6 * unit)
            and _joined(tune, i)
        ),
    )
    if index is None:
        return None
    note = tune[index]
    allowed = passage.allowed(note)
    figure = [step_in(allowed, note.pitch, 1), note.pitch, step_in(allowed, note.pitch, -1)]
    first = note.duration - 3 * unit
    added = [VNote(note.at + first + unit * k, unit, pitch) for k, pitch in enumerate(figure)]
    return with_note(tune, index, note._replace(duration=first), *added)


def appoggiatura(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """The step above leans on the beat and falls into the note."""
    finest = passage.finest()
    index = _pick(
        tune,
        dice,
        lambda i: (
            _is_plain_note(passage, tune[i])
            and tune[i].duration >= max(GRID, 2 * finest)
            and passage.is_on_beat(tune[i])
            and i > 0
        ),
    )
    if index is None:
        return None
    note = tune[index]
    lean = max(
        finest, note.duration // (3 if note.duration % 36 == 0 else 2) if note.duration <= 48 else GRID
    )
    upper = step_in(passage.allowed(note), note.pitch, 1)
    if upper == tune[index - 1].pitch or lean >= note.duration:
        return None
    return with_note(
        tune,
        index,
        VNote(note.at, lean, upper),
        note._replace(at=note.at + lean, duration=note.duration - lean),
    )


def repeated(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """A longer note struck twice."""
    finest = max(passage.finest(), 12)
    index = _pick(
        tune,
        dice,
        lambda i: (
            _is_plain_note(passage, tune[i]) and tune[i].duration >= 2 * finest and tune[i].duration % 24 == 0
        ),
    )
    if index is None:
        return None
    note = tune[index]
    half = note.duration // 2
    return with_note(tune, index, note._replace(duration=half), VNote(note.at + half, half, note.pitch))


# rhythm ------------------------------------------------------------------------------


def anticipate(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """The note comes an eighth before its beat, tied over."""
    push = 12 if passage.finest() <= 12 else GRID

    def fits(i: int) -> bool:
        before = tune[i - 1] if i else None
        free = (
            before is None
            or before.end <= tune[i].at - push
            or (not before.fixed and before.duration - (before.end - (tune[i].at - push)) >= passage.finest())
        )
        return tune[i].at >= push and passage.is_on_beat(tune[i]) and tune[i].duration >= 12 and free

    index = _pick(tune, dice, fits)
    if index is None or (index == 0 and tune[0].at < push):
        return None
    note = tune[index]
    early = note._replace(at=note.at - push, duration=note.duration + push)
    changed = list(tune)
    if index and tune[index - 1].end > early.at:
        before = tune[index - 1]
        changed[index - 1] = before._replace(duration=early.at - before.at)
    changed[index] = early
    return tuple(changed)


def delay(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """The note comes an eighth late; the one before holds on."""
    index = _pick(tune, dice, lambda i: tune[i].duration >= GRID and passage.is_on_beat(tune[i]) and i > 0)
    if index is None:
        return None
    note, before = tune[index], tune[index - 1]
    late = note._replace(at=note.at + 12, duration=note.duration - 12)
    changed = with_note(tune, index, late)
    if not before.fixed and before.end == note.at:
        changed = with_note(changed, index - 1, before._replace(duration=before.duration + 12))
    return changed


def dotted(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """Two notes share their time otherwise: even becomes long-short or short-long, dotted becomes even."""
    finest = passage.finest()

    def fits(i: int) -> bool:
        return (
            _joined(tune, i) and not tune[i + 1].fixed and tune[i].duration + tune[i + 1].duration <= 2 * GRID
        )

    index = _pick(tune, dice, fits)
    if index is None:
        return None
    first, second = tune[index], tune[index + 1]
    whole = first.duration + second.duration
    on_beat = passage.is_on_beat(first)
    options = [
        cut
        for cut in range(finest, whole, finest)
        if cut != first.duration and _is_plain(cut, whole - cut, on_beat)
    ]
    if not options:
        return None
    cut = dice.pick(options)
    return (
        *tune[:index],
        first._replace(duration=cut),
        second._replace(at=first.at + cut, duration=whole - cut),
        *tune[index + 2 :],
    )


def _is_plain(first: int, second: int, on_beat: bool) -> bool:
    """Values people write; sixteenths only as a dotted figure from the beat."""
    if first % 12 and not on_beat:
        return False
    return all(part in (6, 12, 18, 24, 36, 48, 72) for part in (first, second))


def breath(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """A note let go early."""
    index = _pick(tune, dice, lambda i: tune[i].duration >= GRID * 3 // 2 and _joined(tune, i))
    if index is None:
        return None
    note = tune[index]
    return with_note(tune, index, note._replace(duration=note.duration - 12))


# simplification ------------------------------------------------------------------------


def simplify(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """A weak note is left out and the one before holds on."""

    def fits(i: int) -> bool:
        weak = tune[i].duration <= GRID and not passage.is_heavy(tune[i])
        return i > 0 and weak and not tune[i - 1].fixed and tune[i - 1].end == tune[i].at

    index = _pick(tune, dice, fits)
    if index is None:
        return None
    before, gone = tune[index - 1], tune[index]
    held = before._replace(duration=before.duration + gone.duration)
    return (*tune[: index - 1], held, *tune[index + 1 :])


# pitches -------------------------------------------------------------------------------


def weak_note(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """A note without weight takes another way between its neighbours."""
    index = _pick(tune, dice, lambda i: not passage.is_heavy(tune[i]))
    return None if index is None else _repitched(passage, tune, index, dice)


def any_note(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """Any note takes another pitch that suits its chord."""
    index = _pick(tune, dice, lambda i: True)
    return None if index is None else _repitched(passage, tune, index, dice)


def _repitched(passage: Passage, tune: Tune, index: int, dice: Dice) -> Tune | None:
    note = tune[index]
    chord, allowed = passage.chord(note), passage.allowed(note)
    around = [tune[k].pitch for k in (index - 1, index + 1) if 0 <= k < len(tune)]
    options, weights = [], []
    for pitch in range(note.pitch - 7, note.pitch + 8):
        if pitch == note.pitch or pitch % 12 not in allowed:
            continue
        if passage.is_heavy(note) and chord is not None and pitch % 12 not in chord.tones:
            continue
        cost = sum(_leap_cost(abs(pitch - other)) for other in around) + 0.15 * abs(pitch - note.pitch)
        options.append(pitch)
        weights.append(exp(-cost - (1.5 if clashes(pitch, chord) else 0.0)))
    return with_note(tune, index, note._replace(pitch=dice.weighted(options, weights))) if options else None


def _leap_cost(size: int) -> float:
    awkward = 1.0 if size in AWKWARD else 0.0
    return 1.2 if size == 0 else 0.0 if size <= 2 else 0.35 * (size - 2) + awkward


def bar_in_sequence(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """A bar's figure moved by a step or third and fitted to the chords."""
    free = [note for note in tune if not note.fixed]
    if not free:
        return None
    bar = passage.bar_of(dice.pick(free))
    steps = dice.weighted((2, -2, 1, -1), (3.0, 2.0, 1.0, 1.0))
    return _bar_moved(passage, tune, bar, steps)


def _bar_moved(passage: Passage, tune: Tune, bar: int, steps: int) -> Tune | None:
    changed = []
    for note in tune:
        if note.fixed or passage.bar_of(note) != bar:
            changed.append(note)
            continue
        pitch = step_in(passage.sketch.scale, note.pitch, steps)
        if not passage.sketch.low <= pitch <= passage.sketch.high:
            return None
        chord = passage.chord(note)
        wanted = passage.allowed(note)
        if chord is not None and passage.is_heavy(note) and pitch % 12 not in chord.tones:
            wanted = chord.tones
        fitted = nearest(pitch, wanted, passage.sketch.low, passage.sketch.high, steps)
        changed.append(note if fitted is None else note._replace(pitch=fitted))
    return tuple(changed)


def lifted_climax(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """The bar with the high point goes a third higher."""
    free = [note for note in tune if not note.fixed]
    if not free:
        return None
    top = max(free, key=lambda note: (note.pitch, note.at))
    return _bar_moved(passage, tune, passage.bar_of(top), 2)


def new_ending(passage: Passage, tune: Tune, dice: Dice) -> Tune | None:
    """The last note goes to another chord tone (without a chord, one of the tonic's); the one before leads
    to it by step."""
    if not tune or tune[-1].fixed:
        return None
    last = tune[-1]
    chord = passage.chord(last)
    wanted = (passage.sketch.scale & _AT_HOME if chord is None else chord.tones) - {last.pitch % 12}
    options = [p for p in range(last.pitch - 7, last.pitch + 8) if p % 12 in wanted and p != last.pitch]
    if not options:
        return None
    goal = dice.weighted(options, [exp(-0.35 * abs(pitch - last.pitch)) for pitch in options])
    changed = with_note(tune, len(tune) - 1, last._replace(pitch=goal))
    if len(tune) > 1 and not tune[-2].fixed and not passage.is_heavy(tune[-2]):
        side = -1 if goal > tune[-2].pitch else 1
        lead = step_in(passage.allowed(tune[-2]), goal, side)
        changed = with_note(changed, len(tune) - 2, tune[-2]._replace(pitch=lead))
    return changed
