"""Why might a musician like this idea? Titles and reasons read off the chords themselves, never invented.

Every phrase is a small function that looks at the take and says one thing, or nothing.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.generation.chords.loops import bar_chords
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import Setting
from engine.music import Chord, ChordSpan, Mode
from engine.music.roman import Colour, Function, colour_of, degree_numeral, function, roman

MOST_REASONS = 3
_NUMERAL = re.compile(r"[♭♯]?[iv]+(?![a-z])|subV")


@dataclass(frozen=True, slots=True)
class Told:
    """What a phrase function looks at."""

    setting: Setting
    spans: tuple[ChordSpan, ...]
    fit: MelodyFit

    @property
    def sounding(self) -> list[ChordSpan]:
        return [span for span in self.spans if not span.chord.is_no_chord]

    @property
    def habits(self) -> set[tuple[int, int]]:
        """Pairs of roots the song plays anyway."""
        roots = [span.chord.root for span in (*self.setting.before, *self.setting.after)]
        return set(itertools.pairwise(roots))

    @property
    def with_after(self) -> list[tuple[ChordSpan, Chord | None]]:
        """Each span with the next different chord, into the bars after the region."""
        spans = self.sounding
        follow = [*(span.chord for span in spans[1:]), self.setting.chord_after]
        return list(zip(spans, follow, strict=True))

    def bar(self, tick: int) -> str:
        """The bar number as people read it."""
        time_map = self.setting.song.time_map
        return time_map.bar_label(time_map.bar_of(tick))

    def bass(self, chord: Chord) -> str:
        """The bass note, spelled as in the symbol: C♯ of A7/C♯."""
        written = self.name(chord).rpartition("/")[2]
        return written if chord.bass is not None else self.setting.key.spell(chord.root)

    def name(self, chord: Chord) -> str:
        return chord.lead_sheet(self.setting.key)


Phrase = Callable[[Told], str]


def reasons(told: Told, first: Sequence[str] = ()) -> tuple[str, ...]:
    """Up to three sentences, the most telling first; `first` are those the generator knows itself."""
    found = [text for text in first if text]
    for phrase in _PHRASES:
        if len(found) >= MOST_REASONS:
            break
        text = phrase(told)
        if text and text not in found:
            found.append(text)
    return tuple(_as_sentence(text) for text in found)


def _as_sentence(text: str) -> str:
    """A capital at the beginning, but never on a numeral: its case means major or minor."""
    return text if _NUMERAL.match(text) else text[0].upper() + text[1:]


def title(told: Told, used: Sequence[str] = ()) -> str:
    """A short name after the most striking thing in it, other than those used."""
    names = [name for name, shows in _TITLES if shows(told)] + _names_of_route(told)
    fresh = [name for name in names if name not in used]
    return fresh[0] if fresh else f"{names[-1]}, again"


def _names_of_route(told: Told) -> list[str]:
    chords = [span.chord for span in told.sounding]
    if not chords:
        return ["Silence"]
    first, last = told.name(chords[0]), told.name(chords[-1])
    inner = [chord for chord in chords if chord not in (chords[0], chords[-1])] or chords
    colourful = [span.chord for span in _colourful(told)]
    rare = min(inner, key=lambda chord: (chord not in colourful, chords.count(chord), chords.index(chord)))
    names = [f"Stay on {first}"] if len(set(chords)) == 1 else ["Plain and sure"] * (not _colourful(told))
    names.append(f"By way of {told.name(rare)}")
    return [*names, f"From {first} to {last}", f"{len(chords)} steps from {first} to {last}"]


def _colourful(told: Told) -> list[ChordSpan]:
    """The chords that are not the key's own."""
    key = told.setting.key
    return [
        span
        for span, following in told.with_after
        if colour_of(span.chord, key, following) is not Colour.DIATONIC
    ]


def echoes(setting: Setting, spans: Sequence[ChordSpan]) -> str:
    """Which bars of the song the idea's first bars take up; empty when they are new."""
    song = setting.song
    wanted = [bar_chords(song, spans, bar.number) for bar in setting.bars[:4]]
    if not all(wanted) or len({chord for bar in wanted for _, chord in bar}) < 2:
        return ""
    outside = (*setting.before, *setting.after)
    inside = {bar.number for bar in setting.bars}
    for first in range(max(0, song.bars - len(wanted) + 1)):
        if any(number in inside for number in range(first, first + len(wanted))):
            continue
        if [bar_chords(song, outside, first + place) for place in range(len(wanted))] == wanted:
            label = song.time_map.bar_label
            last = first + len(wanted) - 1
            return f"bars {label(first)}–{label(last)}" if last > first else f"bar {label(first)}"
    return ""


# phrases ---------------------------------------------------------------------


def _borrowed(told: Told) -> str:
    key = told.setting.key
    for span, following in told.with_after:
        if colour_of(span.chord, key, following) is Colour.BORROWED:
            other = "minor" if not key.mode.is_minor else "major"
            what = "Minor iv" if roman(span.chord, key, following).startswith("iv") else told.name(span.chord)
            sentence = f"{what} from {key.spell(key.tonic)} {other} in bar {told.bar(span.start_ticks)}"
            held = [pitch for over, pitch in told.fit.held([span])]
            return (
                f"{sentence} {_shades(held[0], span.chord, told)}"
                if held
                else f"{sentence} changes the light"
            )
    return ""


def _shades(pitch: int, chord: Chord, told: Told) -> str:
    note = told.setting.key.spell(pitch % 12)
    degree = {
        0: "root",
        3: "third",
        4: "third",
        6: "fifth",
        7: "fifth",
        9: "sixth",
        10: "seventh",
        11: "seventh",
    }
    interval = (pitch - chord.root) % 12
    if pitch % 12 in chord.pitch_classes and interval in degree:
        return f"takes your {note} as its {degree[interval]}"
    return f"stands under the held {note}"


def _tritone(told: Told) -> str:
    key = told.setting.key
    for span, following in told.with_after:
        if colour_of(span.chord, key, following) is Colour.TRITONE_SUBSTITUTE and following is not None:
            stands_for = Chord((span.chord.root + 6) % 12, "7")
            return (
                f"{told.name(span.chord)} in bar {told.bar(span.start_ticks)} stands for "
                f"{told.name(stands_for)} and slides down into {told.name(following)}"
            )
    return ""


def _secondary(told: Told) -> str:
    key = told.setting.key
    for span, following in told.with_after:
        colour = colour_of(span.chord, key, following)
        leads = colour in (Colour.SECONDARY_DOMINANT, Colour.SECONDARY_LEADING)
        if leads and following is not None and (following.root - span.chord.root) % 12 in (5, 1):
            return (
                f"{told.name(span.chord)} ({roman(span.chord, key, following)}) in bar "
                f"{told.bar(span.start_ticks)} pulls to {told.name(following)}"
            )
    return ""


def _two_five_one(told: Told) -> str:
    spans, key = told.sounding, told.setting.key
    for a, b, c in zip(spans, spans[1:], spans[2:], strict=False):
        falls = (b.chord.root - a.chord.root) % 12 == 5 and (c.chord.root - b.chord.root) % 12 == 5
        if falls and a.chord.has_minor_third and b.chord.has_major_third and not b.chord.is_no_chord:
            home = "I" if not c.chord.has_minor_third else "i"
            two = "iiø" if (a.chord.root + 6) % 12 in a.chord.pitch_classes else "ii"
            if c.chord.root != key.tonic:
                return f"{two}–V into {told.name(c.chord)} in bar {told.bar(c.start_ticks)}"
            return f"{two}–V–{home} into bar {told.bar(c.start_ticks)}"
    return ""


def _falling_fifths(told: Told) -> str:
    run = best = 1
    roots = [span.chord.root for span in told.sounding]
    for a, b in itertools.pairwise(roots):
        run = run + 1 if (b - a) % 12 == 5 else 1
        best = max(best, run)
    return f"{best} roots in a row fall by fifths" if best >= 4 else ""


def _ending(told: Told) -> str:
    spans, key = told.sounding, told.setting.key
    if not spans:
        return ""
    last, after = spans[-1], told.setting.chord_after
    if after is not None:
        return _join(told, last.chord, after)
    before = spans[-2].chord if len(spans) > 1 else None
    bar = told.bar(last.start_ticks)
    if last.chord.root == key.tonic and before is not None:
        if function(before, key) is Function.DOMINANT and before.root == (key.tonic + 7) % 12:
            return f"a full close into bar {bar}"
        if before.root == (key.tonic + 5) % 12:
            return f"a plagal (amen) close into bar {bar}"
        return f"comes home in bar {bar}"
    if function(last.chord, key) is Function.DOMINANT:
        return f"stays open on {told.name(last.chord)} in bar {bar}, asking for home"
    return ""


def _join(told: Told, last: Chord, after: Chord) -> str:
    into = told.bar(told.setting.end_ticks)
    if (after.root - last.root) % 12 == 5:
        return f"{told.name(last)} falls a fifth into your {told.name(after)} in bar {into}"
    step = (after.bass_pitch_class - last.bass_pitch_class) % 12
    if step in (1, 2, 10, 11):
        way = "up" if step in (1, 2) else "down"
        return f"the bass steps {way} into your {told.name(after)} in bar {into}"
    if (last.root, last.quality) != (after.root, after.quality) and last.pitch_classes & after.pitch_classes:
        shared = sorted(last.pitch_classes & after.pitch_classes)[0]
        note = told.setting.key.spell(shared)
        return f"the note {note} is held over into your {told.name(after)} in bar {into}"
    return ""


def _bass_walk(told: Told) -> str:
    spans = told.sounding
    for width in (5, 4, 3):
        for start in range(len(spans) - width + 1):
            run = [span.chord.bass_pitch_class for span in spans[start : start + width]]
            steps = [(b - a) % 12 for a, b in itertools.pairwise(run)]
            for way, allowed in (("down", (10, 11)), ("up", (1, 2))):
                inverted = any(span.chord.bass is not None for span in spans[start : start + width])
                if all(step in allowed for step in steps) and (inverted or width > 3):
                    names = "–".join(told.bass(span.chord) for span in spans[start : start + width])
                    return f"the bass walks {way} {names} from bar {told.bar(spans[start].start_ticks)}"
    return ""


def _pedal(told: Told) -> str:
    spans = told.sounding
    for a, b, c in zip(spans, spans[1:], spans[2:], strict=False):
        same = {a.chord.bass_pitch_class, b.chord.bass_pitch_class, c.chord.bass_pitch_class}
        if len(same) == 1 and len({a.chord.root, b.chord.root, c.chord.root}) > 1:
            note = told.bass(a.chord)
            return f"the bass stays on {note} while the chords move, from bar {told.bar(a.start_ticks)}"
    return ""


def _held_notes(told: Told) -> str:
    held = told.fit.held(told.spans)
    if len(held) >= 2 and all(pitch % 12 in span.chord.pitch_classes for span, pitch in held):
        return "every held note is a chord tone"
    return ""


def _deceptive(told: Told) -> str:
    spans, key = told.sounding, told.setting.key
    for a, b in itertools.pairwise(spans):
        from_five = a.chord.root == (key.tonic + 7) % 12 and a.chord.has_major_third
        turns = key.relative(b.chord.root) == (8 if key.mode.is_minor else 9)
        if from_five and turns and (a.chord.root, b.chord.root) not in told.habits:
            return f"a deceptive turn to {told.name(b.chord)} in bar {told.bar(b.start_ticks)}"
    return ""


def _backdoor(told: Told) -> str:
    spans, key = told.sounding, told.setting.key
    for a, b in itertools.pairwise(spans):
        if key.mode is Mode.MAJOR and key.relative(a.chord.root) == 10 and b.chord.root == key.tonic:
            return f"{told.name(a.chord)} comes home by the back door in bar {told.bar(b.start_ticks)}"
    return ""


def _outside(told: Told) -> str:
    key = told.setting.key
    for span, following in told.with_after:
        is_foreign = span.chord.root not in key.scale_pitch_classes
        if is_foreign and colour_of(span.chord, key, following) is Colour.CHROMATIC:
            return f"{told.name(span.chord)} in bar {told.bar(span.start_ticks)} lies outside {key.name}"
    return ""


def _numerals(told: Told) -> str:
    chords = [span.chord for span in told.sounding][:4]
    numerals = [roman(c, told.setting.key, n) for c, n in zip(chords, [*chords[1:], None], strict=True)]
    if len(numerals) == 1:
        return f"{told.name(chords[0])} is the {numerals[0]} of {told.setting.key.name}"
    return "–".join(numerals) if numerals else "nothing sounds here"


_PHRASES: tuple[Phrase, ...] = (
    _tritone,
    _borrowed,
    _two_five_one,
    _secondary,
    _deceptive,
    _bass_walk,
    _pedal,
    _falling_fifths,
    _backdoor,
    _outside,
    _held_notes,
    _ending,
    _numerals,
)


def _pentatonic_roots(told: Told) -> bool:
    return {degree_numeral(span.chord, told.setting.key) for span in told.sounding} == {"I", "IV", "V"}


_TITLES: tuple[tuple[str, Callable[[Told], bool]], ...] = (
    ("Tritone door", lambda told: bool(_tritone(told))),
    ("Borrowed light", lambda told: bool(_borrowed(told))),
    ("Falling fifths", lambda told: bool(_falling_fifths(told))),
    ("Walking bass", lambda told: bool(_bass_walk(told))),
    ("Standing bass", lambda told: bool(_pedal(told))),
    ("Two-five home", lambda told: bool(_two_five_one(told))),
    ("Side pull", lambda told: bool(_secondary(told))),
    ("False ending", lambda told: bool(_deceptive(told))),
    ("Back door", lambda told: bool(_backdoor(told))),
    ("A step outside", lambda told: bool(_outside(told))),
    ("Three chords and the truth", _pentatonic_roots),
)
