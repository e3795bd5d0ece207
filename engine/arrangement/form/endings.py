"""How does one section lead into the next?

What is played over a section's last bar is thinned out, held or cut after the players have played: the fills
themselves are the drummer's.
"""

from collections.abc import Iterable
from dataclasses import replace

from engine.arrangement.form.shapes import Ending
from engine.arrangement.form.strips import Strip, cut
from engine.arrangement.wholes import EARLY_TICKS
from engine.music import Metre, Note

_WORDS = {
    Ending.NONE: "",
    Ending.FILL: "a fill leads on",
    Ending.BUILD: "builds up to what follows",
    Ending.STOP: "all stop before what follows",
    Ending.CUT: "one bar is taken away",
    Ending.RING: "the last chord rings",
    Ending.END: "ends at home",
}
_SHORTEST_CUT = 4


def ending_words(ending: Ending) -> str:
    return _WORDS[ending]


def cut_last_bar(strip: Strip) -> Strip:
    """One bar less, so that what follows comes early; very short sections stay."""
    return cut(strip, 0, len(strip.bars) - 1) if len(strip.bars) >= _SHORTEST_CUT else strip


def stopped(notes: Iterable[Note], stop: int, end: int) -> list[Note]:
    """Nothing from `stop` to `end`: the players rest, what sounds is let go."""
    kept = []
    for note in notes:
        if stop <= note.start_ticks + EARLY_TICKS < end and not note.locked:
            continue
        if note.start_ticks < stop < note.end_ticks <= end:
            note = replace(note, duration_ticks=stop - note.start_ticks)
        kept.append(note)
    return kept


def ringing(notes: Iterable[Note], start: int, end: int, reach: int) -> list[Note]:
    """In the bar from `start` only what begins within `reach` ticks, sounding to the end of it."""
    kept = []
    for note in notes:
        if not start <= note.start_ticks + EARLY_TICKS < end:
            kept.append(note)
        elif note.start_ticks < start + reach:
            kept.append(replace(note, duration_ticks=end - note.start_ticks))
    return kept


def stop_ticks(metre: Metre, bar_ticks: int) -> int:
    """How long a stop lasts: the last half of the bar, in three the last beat."""
    return bar_ticks // 2 if metre.numerator % 2 == 0 else metre.pulse_ticks
