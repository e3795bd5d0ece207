"""How are counts, intervals and pitches put into words?

>>> counted(3, "bar"), interval_name(14), listed(["one", "two", "three"])
('three bars', 'a ninth', 'one, two and three')
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.music import ChordSpan, Key, Song
from engine.music.analysis import Analysis, Motif, MotifForm

NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_INTERVALS = (
    "a unison", "a semitone", "a second", "a minor third", "a third", "a fourth", "a tritone", "a fifth",
    "a minor sixth", "a sixth", "a minor seventh", "a seventh", "an octave", "a minor ninth", "a ninth",
    "a minor tenth", "a tenth", "an eleventh", "an eleventh", "a twelfth",
)  # fmt: skip


@dataclass(frozen=True)
class Heard:
    song: Song
    analysis: Analysis
    chords: Sequence[ChordSpan]

    def pickup_bars(self, start_bar: int) -> int:
        """1 when what begins in the bar begins with a pickup."""
        return int(start_bar == 0 and self.song.time_map.pickup_ticks > 0)

    def bar(self, tick: int) -> str:
        return self.song.time_map.bar_label(self.song.time_map.bar_of(tick))


def metre_names(song: Song) -> str:
    names = list(dict.fromkeys(change.metre.name for change in song.time_map.metres))
    return names[0] if len(names) == 1 else f"{names[0]} with {listed(names[1:4])}"


def return_words(motif: Motif) -> str:
    forms = Counter(again.form for again in motif.returns)
    told = [f"{times_name(forms[form])} {form.value}" for form in MotifForm if forms[form]]
    return listed(told)


def counted(number: int, what: str) -> str:
    shown = NUMBERS[number] if 0 <= number < len(NUMBERS) else f"{number:,}"
    return f"{shown} {what if number == 1 else _plural(what)}"


def _plural(what: str) -> str:
    return what + "s"


def times_name(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def number_text(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def interval_name(semitones: int) -> str:
    if semitones < len(_INTERVALS):
        return _INTERVALS[semitones]
    octaves, rest = divmod(semitones, 12)
    whole = "an octave" if octaves == 1 else f"{NUMBERS[min(12, octaves)]} octaves"
    return whole + (f" and {_INTERVALS[rest]}" if rest else "")


def pitch_name(pitch: int, key: Key) -> str:
    name = key.spell(pitch % 12)
    natural = pitch - name.count("♯") + name.count("♭")
    return f"{name}{natural // 12 - 1}"


def with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def listed(parts: Sequence[str]) -> str:
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] if parts else ""
