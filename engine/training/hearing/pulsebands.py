"""How else may a band keep time, so that a network learns the pulse and not a few patterns?

Beside the grooves and styles the hearing is measured with: drummers who leave out, double, halve or push;
low-high, waves, strumming and pushed chords; what the file itself writes below its tune. `as_heard` spoils
the notes the way listening does, so that much can be learnt without a sound.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.api.audio import HeardNote
from engine.music import Metre
from engine.training.hearing.band import (
    BASSES,
    COMPS,
    DRUMS_PROGRAM,
    GROOVES,
    LEADS,
    VOICE_PROGRAM,
    Band,
    Clock,
    Feel,
    Groove,
    Stroke,
    drummed,
    stroke_of,
)
from engine.training.hearing.material import coloured, excerpt, feel_of
from engine.training.hearing.pulsetunes import TickNote, Tune, Tunes, harmonised
from engine.training.hearing.rendering import Sheet, Style, accompaniment, nearest_voicing

_KICK, _STICK, _SNARE, _CLOSED, _RIDE = 36, 37, 38, 42, 51


def _groove(kicks: str = "", snares: str = "", hats: str = "", rides: str = "", sticks: str = "") -> Groove:
    """From places in twelfths of a beat, "0 12 24"."""
    parts = ((_KICK, kicks), (_SNARE, snares), (_CLOSED, hats), (_RIDE, rides), (_STICK, sticks))
    return tuple(sorted((int(place), drum) for drum, places in parts for place in places.split()))


_MORE_GROOVES: dict[str, tuple[Groove, ...]] = {
    "4/4": (
        _groove("0", "24", "0 6 12 18 24 30 36 42"),
        _groove("0 18 30", "12 36", "0 12 24 36"),
        _groove("0 24", "12 36", "0 8 12 20 24 32 36 44"),
        _groove("24", "24", "6 18 30 42"),
        _groove("0 24", sticks="12 36"),
        _groove(snares="12 36"),
        _groove("0 6 24", "12 36 42", rides="0 6 12 18 24 30 36 42"),
        _groove("0", "18 36", "0 3 6 9 12 15 18 21 24 27 30 33 36 39 42 45"),
        _groove(hats="0 12 24 36"),
        _groove("0 24", "12 36"),
        _groove("0 24", "12 36", "0 12 18 24 36 42"),
    ),
    "3/4": (
        _groove("0", hats="12 24"),
        _groove("0 18", "24", "0 12 24"),
        _groove("0", "12", "0 6 12 18 24 30"),
        _groove("0", sticks="12 24 30"),
        _groove("0", hats="12", rides="0 12 20 24"),
        _groove(hats="0 12 24"),
    ),
    "2/4": (
        _groove("0 12", hats="6 18"),
        _groove("0 9 18", "12"),
        _groove("0", "0 6 9 12 18"),
        _groove("0", hats="12"),
        _groove("0 12", "6 9 18 21"),
        _groove("0 12", "0 3 6 12 18"),
    ),
    "6/8": (
        _groove("0", "12 20", "0 4 8 12 16 20"),
        _groove("0 12", sticks="8 20"),
        _groove("0 12", "8 20"),
        _groove("0", "12"),
        _groove("0 4 16", "12", rides="0 4 8 12 16 20"),
        _groove("0 12", "8 20", "4 16"),
    ),
}
_STRUMS = ("d.du.udu", "d.d.d.du", "ddud.udu", "d..ud.du")
SHEET_SHARE = {"2/4": 0.3, "3/4": 0.45, "4/4": 0.45, "6/8": 0.3}

_Parts = tuple[list[TickNote], list[TickNote]]


@dataclass(frozen=True, slots=True)
class Take:
    """What was played, and where its beats and first beats are, in seconds."""

    title: str
    band: Band
    metre: str
    strokes: tuple[Stroke, ...]
    beats_s: tuple[float, ...]
    downbeats_s: tuple[float, ...]


def take_of(
    tunes: Tunes,
    metre: str,
    band: Band,
    rng: random.Random,
    sheet_share: Mapping[str, float] = SHEET_SHARE,
) -> Take:
    """A tune in the metre, from its beginning or its middle, as such a band might play it."""
    sheets, corpus = tunes[metre]
    tune = rng.choice(sheets if rng.random() < sheet_share[metre] or not corpus else corpus)
    if not tune.sheet.chords or (tune.bass and rng.random() < 0.15):
        tune = replace(tune, sheet=harmonised(tune.sheet, rng))
    feel = feel_of(tune.sheet, band, rng)
    tune = _from_middle(tune, rng)
    sheet = excerpt(tune.sheet, feel)
    if rng.random() < 0.15:
        sheet = _short(sheet, rng.choice((4, 8)))
    sheet = coloured(sheet, rng)
    end = max([s + d for s, d, _ in sheet.notes] + [e for _, e, _ in sheet.chords])
    clock = Clock(sheet.metre.pulse_ticks, end, feel, rng)
    strokes = _strokes(replace(tune, sheet=sheet), band, feel, clock, end, rng)
    pulse, bar, pickup = sheet.metre.pulse_ticks, sheet.metre.bar_ticks, sheet.pickup_ticks
    beats = tuple(clock.seconds(tick) for tick in range(pickup % pulse, end, pulse))
    downbeats = tuple(clock.seconds(tick) for tick in range(pickup, end, bar))
    return Take(sheet.title, band, metre, tuple(sorted(strokes)), beats, downbeats)


def _from_middle(tune: Tune, rng: random.Random) -> Tune:
    """A third of long tunes begin some even number of bars later."""
    sheet, bar = tune.sheet, tune.sheet.metre.bar_ticks
    bars = (sheet.notes[-1][0] - sheet.pickup_ticks) // bar
    if bars <= 20 or rng.random() > 0.35:
        return tune
    cut = rng.randrange(1, (bars - 14) // 2 + 1) * 2 * bar

    def later(notes: tuple[TickNote, ...]) -> tuple[TickNote, ...]:
        return tuple((s - cut, d, p) for s, d, p in notes if s - cut >= sheet.pickup_ticks)

    chords = tuple(
        (max(sheet.pickup_ticks, s - cut), e - cut, c)
        for s, e, c in sheet.chords
        if e - cut > sheet.pickup_ticks
    )
    moved = replace(sheet, notes=later(sheet.notes), chords=chords)
    return Tune(moved, later(tune.bass), later(tune.others))


def _short(sheet: Sheet, bars: int) -> Sheet:
    end = sheet.pickup_ticks + bars * sheet.metre.bar_ticks
    chords = tuple((s, min(e, end), c) for s, e, c in sheet.chords if s < end)
    return replace(sheet, notes=tuple(n for n in sheet.notes if n[0] < end), chords=chords)


def _strokes(tune: Tune, band: Band, feel: Feel, clock: Clock, end: int, rng: random.Random) -> list[Stroke]:
    sheet, style = tune.sheet, rng.choice([style for style in Style if style is not Style.TUNE])
    comp, bass = ([], []) if band is Band.VOICE else _accompanied(tune, style, end, rng)
    is_without_tune = band is not Band.VOICE and rng.random() < 0.12 and bool(comp or bass)
    lead = VOICE_PROGRAM if band is Band.VOICE else rng.choice(LEADS)
    is_even = rng.random() < 0.5
    strokes: list[Stroke] = []
    for notes, program, loud in (
        ([] if is_without_tune else sheet.notes, lead, 92),
        (comp, 0 if style is Style.PIANO else rng.choice(COMPS), 66),
        (bass, rng.choice(BASSES), 84),
    ):
        played = [stroke_of(note, program, loud, clock, sheet, feel, rng) for note in notes]
        strokes += [s._replace(velocity=loud + rng.randrange(-6, 7)) for s in played] if is_even else played
    if band is Band.DRUMS:
        grooves = (GROOVES if rng.random() < 0.5 else _MORE_GROOVES)[sheet.metre.name]
        hits = drummed(sheet, end, rng.choice(grooves))
        strokes += [stroke_of(hit, DRUMS_PROGRAM, 88, clock, sheet, feel, rng) for hit in hits]
    return strokes


def _accompanied(tune: Tune, style: Style, end: int, rng: random.Random) -> _Parts:
    written = bool(tune.bass or tune.others)
    if written and rng.random() < 0.6:
        comp, bass = (
            [(s, max(30, d - 20), p) for s, d, p in part if s < end] for part in (tune.others, tune.bass)
        )
        return comp + (accompaniment(tune.sheet, style, rng)[0] if rng.random() < 0.4 else []), bass
    if rng.random() < 0.45:
        return _otherwise(tune.sheet, rng)
    return accompaniment(tune.sheet, style, rng)


def _otherwise(sheet: Sheet, rng: random.Random) -> _Parts:
    """The chords in one of four ways that `rendering.Style` has not."""
    way = rng.choice((_low_high, _low_high, _waves, _strummed, _pushed))
    comp: list[TickNote] = []
    bass: list[TickNote] = []
    voicing = [56, 60, 64, 67]
    strum = rng.choice(_STRUMS)
    for start, end, chord in sheet.chords:
        if not chord.is_no_chord:
            voicing = nearest_voicing(chord, voicing)
            span = _Span(sheet, start, end, voicing, 36 + chord.bass_pitch_class, strum)
            more, below = way(span, rng)
            comp, bass = comp + more, bass + below
    return comp, bass


@dataclass(frozen=True, slots=True)
class _Span:
    """One chord to play."""

    sheet: Sheet
    start: int
    end: int
    voicing: list[int]
    root: int
    strum: str

    @property
    def unit(self) -> int:
        """The smaller beat."""
        return self.sheet.metre.pulse_ticks // (3 if self.sheet.metre.is_compound else 2)

    @property
    def fifth(self) -> int:
        return self.root + (7 if self.root < 43 else -5)


def _low_high(span: _Span, rng: random.Random) -> _Parts:
    """The bass on strong beats, the chord on weak ones; in 2/4 and 6/8 both within the beat."""
    comp: list[TickNote] = []
    bass: list[TickNote] = []
    metre, beat = span.sheet.metre, span.sheet.metre.pulse_ticks
    short = beat // 2 if metre == Metre(2, 4) else 2 * span.unit if metre.is_compound else 0
    for at in range(span.start, span.end, beat):
        into = (at - span.sheet.pickup_ticks) % metre.bar_ticks
        is_strong = into == 0 or (metre == Metre(4, 4) and into == 2 * beat)
        if short or is_strong:
            bass.append((at, (short or beat) - 20, span.root if into == 0 else span.fifth))
        if short or not is_strong:
            comp += [(at + short, (beat - short) - 40, pitch) for pitch in span.voicing]
    return comp, bass


def _waves(span: _Span, rng: random.Random) -> _Parts:
    cycle = [span.root, *span.voicing, *span.voicing[-2:0:-1]]
    moments = range(span.start, span.end, span.unit)
    comp = [(at, span.unit, cycle[index % len(cycle)]) for index, at in enumerate(moments)]
    return comp, [(span.start, span.end - span.start - 20, span.root)] if rng.random() < 0.5 else []


def _strummed(span: _Span, rng: random.Random) -> _Parts:
    comp: list[TickNote] = []
    metre = span.sheet.metre
    for at in range(span.start, span.end, span.unit):
        into = at - span.sheet.pickup_ticks
        if metre.is_compound:
            rests = into % metre.pulse_ticks == span.unit and rng.random() < 0.6
        else:
            rests = span.strum[into // span.unit % len(span.strum)] == "."
        if not rests:
            strings = span.voicing if rng.random() < 0.8 else span.voicing[1:]
            comp += [(at, span.unit - 30, pitch) for pitch in strings]
    return comp, [(span.start, span.end - span.start - 20, span.root)]


def _pushed(span: _Span, rng: random.Random) -> _Parts:
    """Held chords, some an eighth early, over a bass on nearly every beat."""
    beat = span.sheet.metre.pulse_ticks
    bass = [(at, beat - 30, span.root) for at in range(span.start, span.end, beat) if rng.random() < 0.9]
    start = max(0, span.start - (span.unit if rng.random() < 0.3 else 0))
    return [(start, span.end - span.start - 30, pitch) for pitch in span.voicing], bass


def as_heard(take: Take, rng: random.Random, is_exact: bool = False) -> list[HeardNote]:
    """The notes as listening might tell them: some lost, some late, some too short, some that never were."""
    is_voice = take.band is Band.VOICE
    lost = rng.uniform(0, 0.05) if is_voice else rng.choice((0, 0.1, 0.2, 0.35))
    late_s, shake_s = (rng.uniform(0, 0.025) if is_voice else 0.0), rng.uniform(0.004, 0.014)
    is_cut = rng.random() < 0.5 and not is_voice

    def heard(stroke: Stroke) -> HeardNote:
        start = max(0.0, stroke.start_s + (0.0 if is_exact else rng.gauss(late_s, shake_s)))
        length = (stroke.end_s - stroke.start_s) * (rng.uniform(0.35, 1.1) if is_cut else 1.0)
        is_sure = is_exact or is_voice
        velocity = stroke.velocity + (0 if is_sure else round(rng.gauss(0, 12)))
        sure = 1.0 if is_sure else rng.uniform(0.5, 1)
        return HeardNote(start, start + max(0.06, length), stroke.pitch, min(127, max(1, velocity)), sure)

    strokes = [stroke for stroke in take.strokes if stroke.program != DRUMS_PROGRAM]
    notes = [
        heard(stroke) for stroke in strokes if rng.random() >= lost * (1.4 if stroke.velocity < 70 else 0.8)
    ]
    if not is_exact and not is_voice:
        notes += _never_played(take, notes, rng)
    return sorted(notes, key=lambda note: (note.start_s, note.pitch))


def _never_played(take: Take, notes: list[HeardNote], rng: random.Random) -> list[HeardNote]:
    """Octaves and fifths of what rings, and pitches in drums."""
    few = rng.sample(notes, int(len(notes) * rng.choice((0, 0.05, 0.12))))
    ghosts = [
        HeardNote(at, at + rng.uniform(0.06, 0.3), note.pitch + rng.choice((12, -12, 7, 0)), 60, 0.5)
        for note in few
        for at in (note.start_s + rng.uniform(0, 0.4),)
    ]
    hits = [stroke.start_s for stroke in take.strokes if stroke.program == DRUMS_PROGRAM]
    return ghosts + [
        HeardNote(at, at + 0.08, rng.randrange(36, 90), 60, 0.5) for at in hits if rng.random() < 0.08
    ]
