"""What does this take do, in a musician's words?

Every sentence is computed from the notes of the take: which bars return and how, where the line goes, how it
sits on the chords, how it ends. Nothing is said that the notes do not bear out.
"""

from collections.abc import Iterable
from typing import NamedTuple

from engine.generation.melody.line import Event, Line
from engine.generation.melody.scales import scale_place
from engine.generation.melody.sketch import Sketch
from engine.generation.melody.structure import is_heavy
from engine.music import ChordSpan
from engine.music.progression import chord_at

_INTERVAL = {1: "step", 2: "third", 3: "fourth", 4: "fifth", 5: "sixth", 6: "seventh", 7: "octave"}


class Kinship(NamedTuple):
    """How a bar is related to another: `how` is same, moved, rhythm or pitches; `steps` scale steps for
    moved.
    """

    bar: int
    other: int
    how: str
    steps: int = 0


class _Told(NamedTuple):
    """The notes of a bar, ready to be compared."""

    offsets: tuple[int, ...]
    pitches: tuple[int, ...]
    durations: tuple[int, ...]

    @staticmethod
    def of(notes: Iterable[Event]) -> "_Told":
        notes = list(notes)
        return _Told(
            tuple([note.offset for note in notes]),
            tuple([note.pitch or 0 for note in notes]),
            tuple([note.duration for note in notes]),
        )


def _kinship(bar: int, mine: _Told, other: int, theirs: _Told, scale: frozenset[int]) -> Kinship | None:
    """What the first bar takes from the second, if anything; both have two notes at least."""
    is_alike = mine.pitches == theirs.pitches
    if mine.offsets == theirs.offsets:
        if is_alike:
            return Kinship(bar, other, "same")
        pairs = zip(mine.pitches, theirs.pitches, strict=True)
        steps = {scale_place(a, scale) - scale_place(b, scale) for a, b in pairs}
        if len(steps) == 1 and 0 not in steps and len(mine.pitches) > 2:
            return Kinship(bar, other, "moved", steps.pop())
        if mine.durations == theirs.durations:
            return Kinship(bar, other, "rhythm")
    elif is_alike and len(mine.pitches) > 2:
        return Kinship(bar, other, "pitches")
    return None


_NEAR_BARS, _MOST_NAMED = 32, 4
_RANK = {"same": 0, "moved": 1, "pitches": 2, "rhythm": 3}


def kinships(sketch: Sketch, notes: list[Event]) -> list[Kinship]:
    """The closest relation of each bar of the region to the artist's bars outside it, or to an earlier bar
    inside.
    """
    near = range(sketch.first_bar - _NEAR_BARS, sketch.last_bar + _NEAR_BARS + 1)
    earlier = {
        bar: _Told.of(placed.event for placed in found)
        for bar, found in sketch.by_bar.items()
        if bar in near and bar not in sketch.region_bars and len(found) > 1
    }
    inside: dict[int, list[Event]] = {}
    for note in notes:
        inside.setdefault(note.bar, []).append(note)
    found: list[Kinship] = []
    for bar, events in sorted(inside.items()):
        if len(events) < 2:
            continue
        mine = _Told.of(events)
        options = [
            (_RANK[kin.how], abs(bar - other), kin)
            for other, theirs in earlier.items()
            if (kin := _kinship(bar, mine, other, theirs, sketch.scale))
        ]
        earlier[bar] = mine
        if options:
            found.append(min(options, key=lambda option: option[:2])[2])
    return found


def echo_words(sketch: Sketch, kin: list[Kinship]) -> str:
    """`echoes bar 3`, of the artist's bars only."""
    bars = sorted({k.other for k in kin if not sketch.first_bar <= k.other <= sketch.last_bar})
    return f"echoes {_bars(sketch, bars)}" if bars else ""


def _bars(sketch: Sketch, bars: list[int]) -> str:
    """`bars 1, 2 and 5`; of many the first few."""
    labels = [sketch.label(bar) for bar in bars]
    if len(labels) == 1:
        return f"bar {labels[0]}"
    if len(labels) > 2 and bars[-1] - bars[0] == len(bars) - 1:
        return f"bars {labels[0]}–{labels[-1]}"
    if len(labels) > _MOST_NAMED:
        return f"bars {', '.join(labels[: _MOST_NAMED - 1])} and others"
    return f"bars {', '.join(labels[:-1])} and {labels[-1]}"


def kinship_reasons(sketch: Sketch, kin: list[Kinship]) -> list[str]:
    """Sentences on what returns, the closest first."""
    reasons = []
    moved = [k for k in kin if k.how == "moved"]
    for k in moved[:1]:
        reasons.append(
            f"Bar {sketch.label(k.bar)} takes bar {sketch.label(k.other)} {interval_words(k.steps)}"
        )
    same = [k for k in kin if k.how == "same"]
    own = sorted({k.other for k in same if not sketch.first_bar <= k.other <= sketch.last_bar})
    if own:
        reasons.append(f"Takes up {_bars(sketch, own)}")
    for k in same[:1] if not own else []:
        reasons.append(f"Bar {sketch.label(k.bar)} brings bar {sketch.label(k.other)} back")
    rhythm = [k for k in kin if k.how == "rhythm"]
    theirs = sorted({k.other for k in rhythm if not sketch.first_bar <= k.other <= sketch.last_bar})
    if theirs:
        reasons.append(f"Rhythm of {_bars(sketch, theirs)} with other pitches")
    elif rhythm:
        reasons.append(f"The rhythm of bar {sketch.label(rhythm[0].other)} returns with other pitches")
    if any(k.how == "pitches" for k in kin):
        k = next(k for k in kin if k.how == "pitches")
        reasons.append(f"The pitches of bar {sketch.label(k.other)} in another rhythm")
    return reasons


def interval_words(steps: int) -> str:
    """`a third higher`, `a step lower`, `an octave higher`."""
    name = _INTERVAL.get(abs(steps), "long way")
    article = "an" if name == "octave" else "a"
    return f"{article} {name} {'higher' if steps > 0 else 'lower'}"


def shape_reason(sketch: Sketch, notes: list[Event]) -> str:
    """Where the line goes, with the chord under its high point."""
    pitches = [note.pitch or 0 for note in notes]
    if len(pitches) < 3:
        return ""
    top = pitches.index(max(pitches))
    bottom = pitches.index(min(pitches))
    if pitches[top] - pitches[0] >= 3 and top > 0:
        return f"Climbs to {_name(sketch, pitches[top])}{_over(sketch, notes[top])}"
    if pitches[0] - pitches[bottom] >= 3:
        low, high = _name(sketch, pitches[bottom]), _name(sketch, pitches[0])
        return f"Falls an octave from {high}" if low == high else f"Falls from {high} to {low}"
    return f"Stays close to {_name(sketch, max(set(pitches), key=pitches.count))}"


def _name(sketch: Sketch, pitch: int) -> str:
    return sketch.key.spell((sketch.tonic + pitch) % 12)


def _over(sketch: Sketch, note: Event) -> str:
    span = _span_at(sketch, note)
    return f" over {span.chord.lead_sheet(sketch.key)}" if span and not span.chord.is_no_chord else ""


def _span_at(sketch: Sketch, note: Event) -> ChordSpan | None:
    return chord_at(sketch.song.chords, sketch.tick_of(note.bar, note.offset))


def chord_reason(line: Line, notes: list[Event]) -> str:
    """How many of the weighty notes are chord tones."""
    judged = [
        (note.pitch or 0) % 12 in chord.tones
        for note in notes
        if is_heavy(note, line.bar_length) and (chord := line.chord_under(note)) is not None
    ]
    if len(judged) < 2:
        return ""
    if all(judged):
        return "Every long or strong note is a chord tone"
    return f"{sum(judged)} of {len(judged)} long or strong notes are chord tones"


def ending_reason(sketch: Sketch, line: Line, notes: list[Event], leads_on: bool) -> str:
    """How it closes, or how it leads into what follows."""
    if not notes:
        return ""
    last = notes[-1]
    following = sketch.next_after()
    if leads_on and following is not None:
        size = abs((following.event.pitch or 0) - (last.pitch or 0))
        how = (
            "on the same note"
            if size == 0
            else "by step"
            if size <= 2
            else "by a small leap"
            if size <= 5
            else "by a leap"
        )
        return f"Leads {how} into bar {sketch.label(following.event.bar)}"
    degree = (last.pitch or 0) % 12
    chord = line.chord_under(last)
    name, over = _name(sketch, last.pitch or 0), _over(sketch, last)
    if degree == 0:
        is_home = chord is None or chord.root == 0
        return f"{'Closes' if is_home else 'Ends'} on the tonic {name}{over}"
    return f"Stays open on {name}{over}"
