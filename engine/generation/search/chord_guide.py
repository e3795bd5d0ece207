"""What may the hands write in each bar of chords, and where are they led?

Hard are the places where chords may begin (as in the song's own bars), what returns, what is locked, the
home chord of a close, what must change. The rest leans: the melody's fit (the emission of the counting
harmoniser), the way into what follows, the leaning of the take, and no chord that stands for ever.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from engine.api.errors import ImpossibleError
from engine.generation.chords.cadence import home_chord
from engine.generation.chords.lattice_counted import EMISSION_WEIGHT, mode_fit, style_weights
from engine.generation.chords.stylecolours import style_colours
from engine.generation.chords.vocabulary import START, seventh_class, triad_class
from engine.generation.infill.decoding import Pen
from engine.generation.infill.sampling import Ids
from engine.generation.language.cells import cell_tokens
from engine.generation.language.grammar import Grammar
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, Stream
from engine.generation.language.question import Fill
from engine.generation.language.rules import CellGrammar, Chords, Rules
from engine.generation.language.vocabulary import (
    FIRST_BASS,
    FIRST_CHORD,
    FIRST_DURATION,
    FIRST_OFFSET,
    LONGEST,
    NO_CHORD,
    QUALITIES,
    VOCABULARY_SIZE,
    chord_of,
    chord_token,
    told_quality,
)
from engine.generation.search.asking import Part
from engine.generation.search.chord_counted import Counted
from engine.generation.search.chord_hole import ChordHole
from engine.generation.search.chord_leanings import (
    SEVENTHS,
    Floats,
    Leaning,
    borrowed,
    from_classes,
    is_borrowed,
    leaning_of,
    over_tokens,
    settled,
    tones_of,
)
from engine.generation.search.chord_plan import ALL, BarPlan, ChordPlan, Close, Way, goes_on_holding
from engine.generation.search.chord_rhythm import Rhythm
from engine.music import Chord
from engine.music.qualities import quality_intervals

EMISSION, EMISSION_HEARD = 1.0, 0.0
"""Of the counting harmoniser's weight of the melody; where the harmoniser is asked too. Chosen on the valid
part."""
_LEADS, _SAME_AS_NEXT = 0.25, -0.3
_DOMINANT, _SUBDOMINANT, _NO_HOME = 1.8, 0.7, -1.0
_STANDS_LONG = -0.5
_AVOIDED = -0.7
_HOLDS = 0.8
"""For the chord that sounds, at a barline, where nothing is sung: without it chords change more often than
people's do."""
_STRANGE_BASS, _STEP = -3.0, 1.8
_INVERSIONS = {0: -np.inf, 3: -0.2, 4: -0.2, 6: -1.2, 7: -1.2, 10: -0.8, 11: -1.0}
_ANYTHING = 1e-9
_MODE, _KNOWN_SONG, _OPENS_AT_HOME = 0.8, 8, 1.0
_RESTS, _RESTS_HEARD = 1.5, 0.5

T = TypeVar("T")


@dataclass(frozen=True)
class Changes:
    """What must change or stay when bars that have chords get others: chords banned and wanted basses (above
    the tonic), by bar and tick."""

    banned: Mapping[int, tuple[tuple[int, Chords], ...]] = field(default_factory=dict)
    basses: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    starts: Mapping[int, frozenset[int]] = field(default_factory=dict)


class ChordGuide:
    """Of one chunk of a hole that is written by several hands after one plan."""

    meets_at_barlines = True
    counts_costs = False

    def __init__(
        self,
        hole: ChordHole,
        part: Part,
        plan: ChordPlan,
        rhythm: Rhythm,
        before: Sheet,
        changes: Changes | None = None,
        counted: Counted | None = None,
        met: Callable[[int], None] = lambda bar: None,
    ) -> None:
        """`before`: the whole sheet with all that was written before the chunk; `met` is called at barlines,
        with the bar of the whole sheet that was closed."""
        self._hole, self._part, self._plan, self._rhythm = hole, part, plan, rhythm
        self._before, self._changes, self._met = before, changes or Changes(), met
        self._counted = counted
        self._is_heard = counted is not None and counted.lattice.is_learnt
        self._emission = EMISSION_WEIGHT * (EMISSION_HEARD if self._is_heard else EMISSION)
        self._is_minor = hole.setting.key.mode.is_minor
        self._colours = style_colours(hole.setting.request.controls.style)
        self._usual = _usual(hole)
        self._known: dict[tuple[int, int], Floats] = {}
        self._fits: dict[tuple[int, int], Floats] = {}
        self._longest = _longest_stand(hole)
        self.pens: dict[int, Pen] = {}
        self._grammar = self._opened()

    def whole(self, take: int) -> Sheet:
        """The whole sheet as this hand has written it so far."""
        return self._part.put_back(self._before, self.pens[take].written)

    def at_barline(self, bar: int, pens: Sequence[Pen]) -> Sequence[int] | None:
        self._met(bar + self._part.first)
        return None

    # rules ------------------------------------------------------------------------------

    def _opened(self) -> Grammar:
        """The grammar under as many of the rules as what stays allows. Raises ImpossibleError."""
        question, first = self._part.question, self._part.first
        problem = ImpossibleError("These bars cannot be written as asked.")
        for loosen in (_as_is, _any_number, _anything):
            rules = {(bar, Stream.CHORDS): loosen(self._rules(bar + first)) for bar in question.fills}
            try:
                return Grammar(question, rules, self._label)
            except ImpossibleError as error:
                problem = error
        raise problem

    def _label(self, bar: int) -> str:
        hole = self._hole
        return hole.setting.song.time_map.bar_label(hole.number(bar + self._part.first))

    def _rules(self, bar: int) -> Rules:
        starts = self._changes.starts.get(bar)
        if starts is not None:
            wanted = self._changes.basses.get(bar, ())
            over = tuple((tick, _over(bass)) for tick, bass in wanted)
            return Rules(rhythm=_rhythm_of(starts) if over else None, places=starts, chords=over)
        if self._closes_home(bar) and not self._hole.locks(bar):
            return Rules(places=frozenset({0}), chords=((0, self._homes()),), slash_chords=False)
        return Rules(places=self._rhythm.places[bar], onsets=self._rhythm.counts.get(bar))

    def _closes_home(self, bar: int) -> bool:
        return self._plan.close is Close.HOME and bar == self._hole.hole[-1]

    def _homes(self) -> Chords:
        """The tonic as the song may write it."""
        home = told_quality(home_chord(self._hole.setting).quality)
        own = {told_quality(q) for (root, q) in self._own_chords() if root == 0}
        third = 3 if self._is_minor else 4
        wanted = {q for q in own if third in tones_of(0, q) and 10 not in tones_of(0, q)}
        return frozenset((0, quality) for quality in wanted | {home})

    def _own_chords(self) -> set[tuple[int, str]]:
        setting = self._hole.setting
        chords = [span.chord for span in (*setting.before, *setting.after) if not span.chord.is_no_chord]
        return {((chord.root - self._hole.tonic) % 12, chord.quality) for chord in chords}

    def grammar(self, pen: Pen, fill: Fill) -> CellGrammar:
        self.pens[pen.take] = pen
        bar = fill.bar + self._part.first
        plan = self._plan.bar(bar)
        source = self._source(pen, plan)
        if plan.way is Way.COPY and source and self._carries(bar, source):
            return settled(cell_tokens(Stream.CHORDS, source, fill.length))
        stays = self._rhythm.holds(bar) or goes_on_holding(self._hole, self._plan, bar)
        if stays and (held := self._held(pen, fill)):
            return settled(held)
        narrowed = None
        if plan.way in (Way.COLOUR, Way.BASS) and source:
            narrowed = self._coloured(bar, source, plan.way)
        return self._grammar.begin(fill.bar, fill.stream, pen.written, narrowed)

    def _source(self, pen: Pen, plan: BarPlan) -> tuple[ChordEvent, ...]:
        """The chords of the bar that returns."""
        if plan.way is Way.NEW:
            return ()
        at = plan.source - self._part.first
        is_near = 0 <= at < len(pen.written.bars)
        bar = pen.written.bars[at] if is_near else self._before.bars[plan.source]
        return tuple(e for e in bar.cells.get(Stream.CHORDS, ()) if isinstance(e, ChordEvent))

    def _carries(self, bar: int, cell: Sequence[ChordEvent]) -> bool:
        """Can the melody of this bar bear the chords?"""
        hole = self._hole
        if not hole.fit:
            return True
        slots = [(hole.ticks(bar, e.offset), hole.ticks(bar, e.offset + e.duration), e) for e in cell]
        worth = best = 0.0
        for start, end, event in slots:
            emission = hole.fit.emission(start, end)
            chord = hole.chord(event)
            worth += 0.0 if chord.is_no_chord else emission[chord.root, seventh_class(chord.quality)]
            best += float((emission + self._usual_log).max())
        return worth >= best - _BEARABLE * len(slots)

    @property
    def _usual_log(self) -> Floats:
        return np.roll(np.log(self._usual + _ANYTHING), self._hole.tonic, axis=0) * 0.5

    def _held(self, pen: Pen, fill: Fill) -> list[int]:
        """The chord before, all through the bar."""
        last = _last_event(pen, fill.bar)
        if last is None or last.root < 0 or self._hole.locks(fill.bar + self._part.first):
            return []
        whole = last._replace(offset=0, duration=fill.length)
        return cell_tokens(Stream.CHORDS, (whole,), fill.length)

    def _coloured(self, bar: int, source: Sequence[ChordEvent], way: Way) -> Rules:
        """The same roots and thirds at the same places, every second chord with other tones of the key."""
        chords = []
        for place, event in enumerate(source):
            was = (event.root, event.quality)
            alike = self._alike(event) - {was} if way is Way.COLOUR and self._turns(bar, place) else set()
            chords.append((event.offset, frozenset(alike or {was})))
        return Rules(rhythm=_rhythm_of({event.offset for event in source}), chords=tuple(chords))

    def _turns(self, bar: int, place: int) -> bool:
        """Is it the turn of this chord of the bar to change?"""
        turn = self._plan.turn
        return turn == ALL or (bar - self._hole.hole.start + place) % 2 == turn

    def _alike(self, event: ChordEvent) -> set[tuple[int, str]]:
        """The chords of its root and third that add tones of the key only."""
        if event.root < 0:
            return set()
        scale = {(tone - self._hole.tonic) % 12 for tone in self._hole.setting.key.scale_pitch_classes}
        own, kind = tones_of(event.root, event.quality), triad_class(event.quality)
        return {
            (event.root, quality)
            for quality in QUALITIES
            if kind is triad_class(quality) and tones_of(event.root, quality) - own <= scale
        }

    # leanings ---------------------------------------------------------------------------

    def bias(self, pen: Pen, allowed: Ids) -> Floats | None:
        assert pen.fill is not None
        tokens = pen.tokens
        tick = sum(t - FIRST_DURATION + 1 for t in tokens if FIRST_DURATION <= t < FIRST_CHORD)
        bar = pen.fill.bar + self._part.first
        if tokens and not FIRST_DURATION <= tokens[-1] < FIRST_CHORD:
            return self._length_bias(pen, bar, tick, allowed)
        return self._chord_bias(pen, bar, tick)[allowed]

    def _chord_bias(self, pen: Pen, bar: int, tick: int) -> Floats:
        last = _last_event(pen, pen.fill.bar if pen.fill else 0, pen.tokens)
        last_root = -1 if last is None else last.root
        moving = leaning_of(self._plan.leaning, self._is_minor, last_root) + self._colours[SEVENTHS]
        if self._plan.leaning is Leaning.BORROWED and last is not None:
            hole = self._hole.hole
            moving += borrowed(self._is_minor, self._borrowed(pen), len(hole))
        if last is not None and last.root >= 0 and tick == 0:
            moving[last.root] += self._stand(pen, last) or (0.0 if self._hole.fit else _HOLDS)
        for event in self._avoided(bar):
            if event.offset == tick and event.root >= 0:
                moving[event.root] += _AVOIDED
        if self._rhythm.begins(bar) and last is not None and last.root >= 0 and tick == 0:
            moving[last.root, QUALITIES.index(told_quality(last.quality))] += _STANDS_LONG
        if self._counted is not None:
            moving += self._counted.trust * self._counted.chords(bar, tick, last)
        return self._still(bar, tick) + over_tokens(moving)

    def _borrowed(self, pen: Pen) -> int:
        """How many chords of the parallel key are written already."""
        cells = [bar.cells.get(Stream.CHORDS, ()) for bar in pen.written.bars]
        filled = [cells[bar] for bar in self._part.question.fills]
        events = [event for cell in filled for event in cell if isinstance(event, ChordEvent)]
        return sum(is_borrowed(event.root, event.quality, self._is_minor) for event in events)

    def _avoided(self, bar: int) -> tuple[ChordEvent, ...]:
        source = self._plan.avoided.get(bar)
        return () if source is None else self._hole.cell(self._before, source)

    def _stand(self, pen: Pen, last: ChordEvent) -> float:
        """The chord before should not stand for ever."""
        assert pen.fill is not None
        bars = stood = 0
        for bar in range(pen.fill.bar - 1, -1, -1):
            cell = pen.written.bars[bar].cells.get(Stream.CHORDS, ())
            if not cell or any(isinstance(e, ChordEvent) and e.root != last.root for e in cell):
                break
            bars += 1
            stood += pen.written.bars[bar].length
        return _STANDS_LONG if bars >= 2 and stood >= self._longest else 0.0

    def _still(self, bar: int, tick: int) -> Floats:
        """What does not depend on the chords written before."""
        found = self._known.get((bar, tick))
        if found is None:
            weights = self._onward(bar, tick) + self._in_mode
            if self._hole.setting.chord_before is None and (bar, tick) == (self._hole.hole.start, 0):
                weights = weights + self._opening()
            weights = weights + self._emission * self._fit(bar, tick)
            found = over_tokens(weights)
            found[NO_CHORD] = -np.inf
            for chord in _at(self._changes.banned.get(bar, ()), tick) or ():
                found[chord_token(*chord)] = -np.inf
            self._known[bar, tick] = found
        return found

    def _fit(self, bar: int, tick: int) -> Floats:
        """The melody up to the next place, under every chord of the language."""
        found = self._fits.get((bar, tick))
        if found is None:
            hole = self._hole
            if not hole.fit:
                found = np.zeros((12, len(QUALITIES)))
            else:
                end = self._next_place(bar, tick)
                emission = hole.fit.emission(hole.ticks(bar, tick), hole.ticks(bar, end))
                found = from_classes(emission, hole.tonic)
            self._fits[bar, tick] = found
        return found

    def _next_place(self, bar: int, tick: int) -> int:
        length = self._hole.sheet.bars[bar].length
        return min((place for place in self._places(bar) if place > tick), default=length)

    def _places(self, bar: int) -> frozenset[int]:
        return self._changes.starts.get(bar) or self._rhythm.places[bar]

    def _onward(self, bar: int, tick: int) -> Floats:
        """How the end leads on, or closes."""
        found = np.zeros((12, len(QUALITIES)))
        hole, last = self._hole, self._hole.hole[-1]
        is_late = self._next_place(bar, tick) == hole.sheet.bars[bar].length
        weight = 1.0 if is_late else 0.4
        after = hole.setting.chord_after
        if bar == last and after is not None:
            return weight * self._into(after)
        if self._plan.close is Close.REST and bar == last:
            found += weight * (_RESTS_HEARD if self._is_heard else _RESTS) * self._at_home()
        elif self._plan.close is Close.HOME and bar == last - 1:
            found[7, np.isin(SEVENTHS, (0, 3, 5))] += weight * _DOMINANT
            found[7, np.isin(SEVENTHS, (6, 8))] += weight * _NO_HOME
            found[5] += weight * _SUBDOMINANT
            found[0] += weight * _NO_HOME
        elif self._plan.close is Close.OPEN and bar == last and len(hole.hole) > 1:
            found[7, np.isin(SEVENTHS, (0, 3, 5))] += weight * _DOMINANT
            found[7, np.isin(SEVENTHS, (6, 8))] += weight * _NO_HOME
            found[0] += weight * _NO_HOME
        return found

    @cached_property
    def _in_mode(self) -> Floats:
        """The key's mode, the firmer the less the song itself has said."""
        weight = _MODE if len(self._hole.setting.listener) < _KNOWN_SONG else _MODE / 3
        fit = np.log(mode_fit(self._is_minor)).reshape(12, 16)
        return np.asarray(weight * fit[:, SEVENTHS])

    def _opening(self) -> Floats:
        """Most songs begin at home."""
        is_open = self._plan.leaning is Leaning.FRESH or self._is_heard
        wish = 0.0 if is_open else _OPENS_AT_HOME
        return wish * self._at_home()

    def _at_home(self) -> Floats:
        """1 for the tonic of the key's mode."""
        found = np.zeros((12, len(QUALITIES)))
        found[0, np.isin(SEVENTHS, (6, 8) if self._is_minor else (0, 1, 2))] = 1.0
        return found

    def _into(self, after: Chord) -> Floats:
        hole = self._hole
        pairs = np.exp(hole.setting.model.chords.pairs.astype(np.float64))
        table = np.tensordot(style_weights(hole.setting), pairs, axes=1)
        into = (after.root - hole.tonic) % 12 * 16 + int(seventh_class(after.quality))
        odds = np.log(table[:192, into] / table[START, into] + 0.05).reshape(12, 16)
        found = _LEADS * odds[:, SEVENTHS]
        found[(after.root - hole.tonic) % 12] += _SAME_AS_NEXT
        return np.asarray(found)

    # how long, over which bass -----------------------------------------------------------

    def _length_bias(self, pen: Pen, bar: int, tick: int, allowed: Ids) -> Floats | None:
        chord = next((t for t in reversed(pen.tokens) if FIRST_CHORD <= t < FIRST_BASS), None)
        if chord is None:
            return None
        found = np.zeros(VOCABULARY_SIZE)
        root, quality = chord_of(chord)
        if self._hole.fit:
            self._add_holding(found, bar, tick, chord - FIRST_CHORD)
        if pen.tokens[-1] == chord:
            self._add_basses(found, pen, bar, tick, root, quality)
        return found[allowed]

    def _add_holding(self, found: Floats, bar: int, tick: int, chord: int) -> None:
        """Against the best that could be sung over: is it worth holding through the next places?"""
        length, gain = self._hole.sheet.bars[bar].length, 0.0
        if self._counted is not None:
            self._add_counted(found, bar, tick, chord)
        for place in sorted(self._places(bar)):
            if tick < place < length:
                fit = self._emission * self._fit(bar, place)
                usual = self._usual[:, SEVENTHS]
                expected = float(np.log((np.exp(fit) * usual).sum() / usual.sum()))
                gain += float(fit.ravel()[chord]) - expected
                end = self._next_place(bar, place)
                found[FIRST_DURATION + end - tick - 1] += gain

    def _add_counted(self, found: Floats, bar: int, tick: int, chord: int) -> None:
        """What the counting harmoniser thinks of holding the chord through the next places."""
        assert self._counted is not None
        trust, held, length = self._counted.trust, 0.0, self._hole.sheet.bars[bar].length
        event = ChordEvent(tick, 1, *chord_of(chord + FIRST_CHORD))
        for place in sorted(self._places(bar)):
            if tick < place < length:
                stays, moves = self._counted.holding(bar, place, event)
                found[FIRST_DURATION + place - tick - 1] += held + trust * moves
                held += trust * stays
        found[FIRST_DURATION + min(length - tick, LONGEST) - 1] += held

    def _add_basses(self, found: Floats, pen: Pen, bar: int, tick: int, root: int, quality: str) -> None:
        """Inversions are mild surprises, on the third less than on the fifth; or they are planned."""
        basses = found[FIRST_BASS:FIRST_OFFSET]
        wanted = self._wanted_bass(pen, bar, tick, root)
        if wanted is not None:
            basses[:] = -np.inf
            if wanted != root:
                basses[wanted] = 0.0
                found[FIRST_DURATION:FIRST_CHORD] = -np.inf
            return
        basses[:] = -np.inf
        is_turned = self._plan.bar(bar).way is Way.BASS
        scale = [(tone - self._hole.tonic) % 12 for tone in self._hole.setting.key.scale_pitch_classes]
        if not is_turned:
            basses[scale] = _STRANGE_BASS
        for interval in quality_intervals(quality):
            basses[(root + interval) % 12] = _INVERSIONS.get(interval, _STRANGE_BASS)
        if is_turned:
            found[FIRST_DURATION:FIRST_CHORD] = -np.inf
        last = _last_event(pen, pen.fill.bar if pen.fill else 0, pen.tokens[:-1])
        if last is not None and last.root >= 0 and self._plan.leaning is Leaning.BASS:
            below = last.bass if last.bass >= 0 else last.root
            basses[[(below + by) % 12 for by in (1, 2, 10, 11)]] += _STEP

    def _wanted_bass(self, pen: Pen, bar: int, tick: int, root: int) -> int | None:
        """Above the tonic; None where the bass is free."""
        wanted = _at(self._changes.basses.get(bar, ()), tick)
        plan = self._plan.bar(bar)
        if wanted is not None or plan.way not in (Way.COLOUR, Way.BASS):
            return wanted
        place = sum(FIRST_CHORD <= token < FIRST_BASS for token in pen.tokens) - 1
        source = self._source(pen, plan)
        if self._turns(bar, place):
            return root if plan.way is Way.COLOUR else None
        return source[place].bass if place < len(source) and source[place].bass >= 0 else root


_BEARABLE = 2.5


def _as_is(rules: Rules) -> Rules:
    return rules


def _any_number(rules: Rules) -> Rules:
    return replace(rules, onsets=None)


def _anything(rules: Rules) -> Rules:
    return Rules()


def _rhythm_of(starts: frozenset[int] | set[int]) -> tuple[NoteEvent, ...]:
    return tuple(NoteEvent(tick, 1, 0) for tick in sorted(starts))


def _over(bass: int) -> Chords:
    """All chords that hold the bass note."""
    return frozenset((r, q) for r in range(12) for q in QUALITIES if bass in tones_of(r, q))


def _at(told: Sequence[tuple[int, T]], tick: int) -> T | None:
    """What is told for the tick: the last one that began."""
    found = None
    for first, value in told:
        if first > tick:
            break
        found = value
    return found


def _last_event(pen: Pen, bar: int, tokens: Sequence[int] = ()) -> ChordEvent | None:
    """The chord before the place: of this cell, else of the bar before."""
    chords = [place for place, t in enumerate(tokens) if FIRST_CHORD <= t < FIRST_BASS]
    if chords:
        at = chords[-1]
        root, quality = chord_of(tokens[at])
        following = tokens[at + 1] if at + 1 < len(tokens) else 0
        bass = following - FIRST_BASS if FIRST_BASS <= following < FIRST_OFFSET else -1
        return ChordEvent(0, 1, root, quality, bass)
    cell = pen.written.bars[bar - 1].cells.get(Stream.CHORDS, ()) if bar else ()
    last = cell[-1] if cell else None
    return last if isinstance(last, ChordEvent) else None


def _usual(hole: ChordHole) -> Floats:
    """How often songs of this style use each chord: 12 roots above the tonic x 16 seventh classes."""
    level = hole.setting.model.chords.degrees.levels[0]
    use = np.zeros(192)
    use[level.symbols] = level.counts @ style_weights(hole.setting)
    use *= mode_fit(hole.setting.key.mode.is_minor)
    return np.asarray(use / use.sum()).reshape(12, 16)


def _longest_stand(hole: ChordHole) -> int:
    """For how many grid ticks the song itself lets a root stand, two bars at least."""
    longest = standing = 0
    root = None
    for bar, told in enumerate(hole.sheet.bars):
        cell = hole.cell(hole.sheet, bar)
        if not cell:
            root = None
        for event in cell:
            standing = standing + event.duration if event.root == root else event.duration
            root = event.root
            longest = max(longest, standing)
        del told
    return max(longest, 2 * hole.sheet.bars[hole.hole.start].length)
