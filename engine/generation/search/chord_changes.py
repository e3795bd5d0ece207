"""What must change, and what stays, when bars that have chords get others?

Of the chords of the region so many change that the new progression lies as far from the old as was asked;
where one changes, its root and third are forbidden (at little distance only its exact colour). The cadence,
the bass line and what is locked stay where they are to be kept. The rhythm of the changes is the artist's.
"""

from collections.abc import Callable, Sequence

from engine.api.suggestion import Keep, SuggestionRequest
from engine.generation.chords.ideas import difference
from engine.generation.chords.setting import Setting, kept_cadence, setting_of
from engine.generation.chords.vocabulary import triad_class
from engine.generation.language.cells import normal_cell
from engine.generation.language.grid import ChordEvent, Stream
from engine.generation.language.rules import Chords
from engine.generation.language.vocabulary import QUALITIES, told_quality
from engine.generation.melody.dice import Dice
from engine.generation.search.chord_guide import Changes
from engine.generation.search.chord_hole import ChordHole, chord_hole
from engine.generation.search.chord_kinds import writes_best
from engine.generation.search.chord_leanings import Leaning
from engine.generation.search.chord_plan import ChordPlan
from engine.generation.search.chord_takes import ChordWriter, Wish
from engine.generation.search.models import Checkpoint, Infiller
from engine.generation.search.together import Writer
from engine.music import ChordSpan

USUAL_SURPRISE = 0.4
_DICE, _HANDS = 800_000, 12
_COLOUR_ONLY = 0.25
"""Up to this surprise a changed chord may keep its root."""
_NEAR, _NOTHING = 3.0, 4.0
_CLASH = 0.8
_LEANINGS = (Leaning.PLAIN, Leaning.BORROWED, Leaning.FIFTHS, Leaning.RICH)


def changing_writer(request: SuggestionRequest, checkpoint: Checkpoint) -> Callable[[Infiller], Writer]:
    """Other chords for the bars of the request."""

    def writer(infiller: Infiller) -> Writer:
        setting = setting_of(request)
        keeps_bass = Keep.BASS_LINE in request.controls.keep
        hole = chord_hole(setting, kept_cadence(setting), with_bass=keeps_bass)
        wanted = wanted_distance(request)
        clashes = hole.fit.clashes(setting.inside)

        def near(spans: Sequence[ChordSpan]) -> float:
            changed = difference(spans, setting.inside)
            worth = -_NEAR * abs(changed - wanted) - _NOTHING * (changed == 0.0)
            return worth - _CLASH * max(0, hole.fit.clashes(spans) - clashes)

        def wish_of(index: int, attempt: int) -> Wish:
            dice = Dice(request.seed, _DICE + 100 * attempt + index)
            surprise = _surprise(request)
            share = min(1.0, wanted * 1.25 + 0.15 * attempt)
            changes = _changes(hole, share, surprise, keeps_bass, dice)
            leaning = _LEANINGS[(index + attempt - 1) % len(_LEANINGS)] if surprise > _COLOUR_ONLY else None
            plan = ChordPlan(leaning=leaning or Leaning.PLAIN, reasons=_kept_reasons(setting))
            return Wish(plan, changes, _HANDS, near=near)

        return ChordWriter(
            writes_best(infiller, hole), hole, wish_of, checkpoint, 1.0 + 4.5 * _surprise(request)
        )

    return writer


def wanted_distance(request: SuggestionRequest) -> float:
    """How far from the old chords the new ones should lie (see `ideas.difference`)."""
    asked = request.controls.distance
    return 0.12 + 0.7 * _surprise(request) if asked is None else 0.08 + 0.82 * asked


def _surprise(request: SuggestionRequest) -> float:
    asked = request.controls.surprise
    return USUAL_SURPRISE if asked is None else asked


def _changes(hole: ChordHole, share: float, surprise: float, keeps_bass: bool, dice: Dice) -> Changes:
    """`share`: how much of the time is to sound something else."""
    old = {bar: _old_cell(hole, bar) for bar in hole.hole}
    places = [(bar, event) for bar, cell in old.items() for event in cell if event.root >= 0]
    changed = _drawn(hole, places, share, dice)
    banned: dict[int, tuple[tuple[int, Chords], ...]] = {}
    for bar, cell in old.items():
        banned[bar] = tuple(
            (event.offset, _forbidden(event, surprise) if (bar, event.offset) in changed else _others(event))
            for event in cell
        )
    starts = {bar: frozenset({0, *(event.offset for event in cell)}) for bar, cell in old.items()}
    if surprise > 0.5 and not keeps_bass:
        starts = {bar: found | set(_halves(hole, bar)) for bar, found in starts.items()}
    basses = {
        bar: tuple((e.offset, e.bass if e.bass >= 0 else e.root) for e in cell) for bar, cell in old.items()
    }
    return Changes(banned, basses if keeps_bass else {}, starts)


def _old_cell(hole: ChordHole, bar: int) -> tuple[ChordEvent, ...]:
    """The artist's chords of the bar, in the language's words; gaps hold the chord before."""
    setting, low, high = hole.setting, hole.ticks(bar), hole.end_ticks(bar)
    length = hole.sheet.bars[bar].length
    found = []
    for span in setting.inside:
        if span.start_ticks < high and span.end_ticks > low:
            offset = max(0, round((span.start_ticks - low) / 20))
            if offset < length:
                found.append(hole.event(span.chord, offset, length - offset))
    cell = normal_cell(Stream.CHORDS, found, length)
    return tuple(event for event in cell if isinstance(event, ChordEvent))


def _drawn(
    hole: ChordHole, places: Sequence[tuple[int, ChordEvent]], share: float, dice: Dice
) -> set[tuple[int, int]]:
    """Which chords change: drawn until the share is reached; the last home of all stays to the end."""
    total = sum(event.duration for _, event in places)
    free = [(bar, event) for bar, event in places if not _is_kept(hole, bar, event)]
    ends_home = hole.setting.chord_after is None and free and free[-1] == places[-1]
    last = [free.pop()] if ends_home and free[-1][1].root == 0 and len(free) > 1 else []
    changed: set[tuple[int, int]] = set()
    time = 0
    for bar, event in [*dice.shuffled(free), *last]:
        if time >= share * total and changed:
            break
        changed.add((bar, event.offset))
        time += event.duration
    return changed


def _is_kept(hole: ChordHole, bar: int, event: ChordEvent) -> bool:
    at = hole.ticks(bar, event.offset)
    return any(span.start_ticks <= at < span.end_ticks for span in hole.kept)


def _forbidden(event: ChordEvent, surprise: float) -> Chords:
    """The chord that must change: itself, or all of its root and third."""
    if event.root < 0:
        return frozenset()
    if surprise <= _COLOUR_ONLY:
        return frozenset({(event.root, told_quality(event.quality))})
    kind = triad_class(event.quality)
    return frozenset((event.root, quality) for quality in QUALITIES if triad_class(quality) is kind)


_EVERYTHING = frozenset((root, quality) for root in range(12) for quality in QUALITIES)


def _others(event: ChordEvent) -> Chords:
    """A chord that stays forbids all others."""
    if event.root < 0:
        return frozenset()
    return _EVERYTHING - {(event.root, told_quality(event.quality))}


def _halves(hole: ChordHole, bar: int) -> list[int]:
    pulses = hole.pulses(bar)
    return pulses[:: max(1, len(pulses) // 2)]


def _kept_reasons(setting: Setting) -> tuple[str, ...]:
    keep = setting.request.controls.keep
    if Keep.BASS_LINE in keep:
        return ("your bass line stays under new chords",)
    if kept_cadence(setting):
        return ("your cadence stays as it is",)
    return ()
