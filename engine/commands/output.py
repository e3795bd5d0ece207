"""How is music printed so that a musician can read it?

Notes are scientific pitch names with their length in quarters where it is not 1 (`E4 G4:½`), chords are
lead-sheet symbols, bars the numbers people read. Nothing from a file reaches the terminal with its control
characters.

>>> length_name(720), one_line("two\\nlines")
('1½', 'two lines')
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from engine.api.suggestion import Take
from engine.music import TICKS_PER_QUARTER, Key, Note, Role, Song
from engine.music.drumkit import DrumVoice
from engine.music.progression import ChordSpan, clip_spans
from engine.ranking.originality.words import in_words

_FRACTIONS = {
    Fraction(1, 2): "½",
    Fraction(1, 4): "¼",
    Fraction(3, 4): "¾",
    Fraction(1, 3): "⅓",
    Fraction(2, 3): "⅔",
}
_PLAYED_FREELY = Fraction(1, 20)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_BARS_A_ROW = 4
_STEP = TICKS_PER_QUARTER // 4
_EARLY = TICKS_PER_QUARTER // 10  # drummers play a little before the beat
_DRUMS = {voice.key: voice.value for voice in DrumVoice} | {35: "kick", 40: "snare"}
_BARS_SHOWN = 16


def print_json(record: Any) -> None:
    """One JSON object on one line, in characters every terminal and parser takes."""
    print(json.dumps(record, allow_nan=False))


def one_line(text: str) -> str:
    """The text without line breaks, control characters, direction marks and invisible characters; half
    characters become marks."""
    shown = "".join(c for c in _CONTROL.sub(" ", text) if unicodedata.category(c) != "Cf")
    return shown.encode("utf-8", "replace").decode("utf-8").strip()


def beats(ticks: int) -> float | int:
    """Quarters, as an int where they are whole."""
    whole, rest = divmod(ticks, TICKS_PER_QUARTER)
    return whole if not rest else round(ticks / TICKS_PER_QUARTER, 6)


def pitch_name(pitch: int, key: Key) -> str:
    """`F♯4`; middle C is C4, and C♭ belongs to the octave of the C above it."""
    name = key.spell(pitch % 12)
    natural = pitch - name.count("♯") + name.count("♭")
    return f"{name}{natural // 12 - 1}"


def length_name(ticks: int) -> str:
    """A length in quarters as people write it: `½`, `1½`, `2`; notes played a little short are rounded.

    What is near no quarter or third of a beat is told as it is: `~0.42`.
    """
    value = Fraction(ticks, TICKS_PER_QUARTER)
    nearest = min(
        (Fraction(round(value * parts), parts) for parts in (4, 3)), key=lambda near: abs(near - value)
    )
    if not nearest or abs(nearest - value) > _PLAYED_FREELY * (value if value > 1 else 1):
        return f"~{float(value):.2g}"
    whole, rest = divmod(nearest, 1)
    return f"{whole or ''}{_FRACTIONS[rest]}" if rest else str(whole)


def note_text(note: Note, key: Key) -> str:
    name = pitch_name(note.pitch, key)
    length = length_name(note.duration_ticks)
    return name if length == "1" else f"{name}:{length}"


def struck_text(notes: Sequence[Note], key: Key) -> str:
    """Notes struck together: `C4+E4+G4:2`, with the length of the longest."""
    names = "+".join(pitch_name(note.pitch, key) for note in notes)
    length = length_name(max(note.duration_ticks for note in notes))
    return names if length == "1" else f"{names}:{length}"


def table(rows: Sequence[Sequence[str]], indent: int = 2) -> str:
    """Rows of cells, columns aligned, no line wider than its text."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join((" " * indent + line).rstrip() for line in lines)


def bars_table(
    song: Song, start_bar: int, end_bar: int, chords: Sequence[ChordSpan], notes: Sequence[Note]
) -> str:
    """Chords and notes bar by bar, a few bars a row, one bar under the other."""
    rows: list[list[str]] = []
    for first in range(start_bar, end_bar, _BARS_A_ROW):
        rows += _bars_rows(song, range(first, min(first + _BARS_A_ROW, end_bar)), chords, notes)
    columns = max(map(len, rows))
    return table([row + [""] * (columns - len(row)) for row in rows])


def take_text(song: Song, start_bar: int, end_bar: int, take: Take) -> str:
    """A take as its card shows it: title, bars, reasons, scores."""
    head = f"Take {take.index + 1}  {one_line(take.title)}"
    scores = "  ".join(f"{name} {value:.2f}" for name, value in take_scores(take).items())
    parts = [head, _content(song, start_bar, end_bar, take)]
    parts += [f"  - {one_line(reason)}" for reason in take.reasons]
    if scores:
        parts.append(f"  {scores}")
    if take.originality is not None:
        unit = "notes" if take.notes else "chords"
        licence = f" ({take.originality.licence})" if take.originality.licence else ""
        parts.append(f"  {one_line(in_words(take.originality, unit) + licence)}")
    return "\n".join(parts)


def _content(song: Song, start_bar: int, end_bar: int, take: Take) -> str:
    """Bars with notes and chords; of a whole song the plan, of drums how many strokes a bar."""
    if take.song is not None:
        return plan_table(take.song, take)
    last = min(end_bar, start_bar + _BARS_SHOWN) if take.parts else end_bar
    is_drums = any(part.role is Role.DRUMS for part in take.parts)
    shown = (
        drums_table(song, start_bar, last, take.notes)
        if is_drums
        else bars_table(song, start_bar, last, take.chords, take.notes)
    )
    return shown if last == end_bar else f"{shown}\n  and {end_bar - last} bars more"


def plan_table(song: Song, take: Take) -> str:
    """A line a section: bars, how full, who plays, what is new, how it leads on."""
    rows = [["bars", "section", "full", "players", "new"]]
    for section in take.plan:
        label = song.time_map.bar_label
        first, last = label(section.start_bar), label(section.end_bar - 1)
        players = " ".join(role.value for role in section.players)
        new = ", ".join(filter(None, (*section.changes, section.ending)))
        bars = first if first == last else f"{first}-{last}"
        rows.append([bars, one_line(section.name), _bar_of(section.intensity), players, one_line(new)])
    return table(rows)


def _bar_of(level: float) -> str:
    """A level as a short bar that can be read at a glance."""
    return "▁▂▃▄▅▆▇█"[min(7, int(level * 8))] * 3


def drums_table(song: Song, start_bar: int, end_bar: int, notes: Sequence[Note]) -> str:
    """Drums as drummers write them down: a row a drum, a sign a sixteenth, accents large."""
    rows: list[list[str]] = []
    for first in range(start_bar, end_bar, _BARS_A_ROW):
        bars = range(first, min(first + _BARS_A_ROW, end_bar))
        rows.append(["bar", *(song.time_map.bar_label(bar) for bar in bars)])
        rows += [[name, *cells] for name, cells in _drum_rows(song, bars, notes)]
    columns = max(map(len, rows))
    return table([row + [""] * (columns - len(row)) for row in rows])


def _drum_rows(song: Song, bars: range, notes: Sequence[Note]) -> list[tuple[str, list[str]]]:
    start, end = song.time_map.bar_start(bars[0]), song.time_map.bar_end(bars[-1])
    inside = [note for note in notes if start - _EARLY <= note.start_ticks < end - _EARLY]
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(drum_name(pitch) for pitch in sorted({n.pitch for n in inside})):
        own = [note for note in inside if drum_name(note.pitch) == name]
        found[name] = [_steps(song, bar, own) for bar in bars]
    return list(found.items())


def _steps(song: Song, bar: int, notes: Sequence[Note]) -> str:
    start, end = song.time_map.bar_start(bar), song.time_map.bar_end(bar)
    steps = ["."] * max(1, -(-(end - start) // _STEP))
    for note in notes:
        place = round((note.start_ticks - start) / _STEP)
        if 0 <= place < len(steps):
            steps[place] = "X" if note.velocity >= 100 else "o" if note.velocity < 55 else "x"
    return "".join(steps)


def drum_name(pitch: int) -> str:
    """A drum of the General MIDI map in a short word."""
    return _DRUMS.get(pitch, f"drum {pitch}")


def take_scores(take: Take) -> dict[str, float]:
    """The scores that apply, by name."""
    names = ("fit", "distance", "surprise", "novelty")
    return {
        name: round(value, 4) for name in names if (value := getattr(take.scores, name, None)) is not None
    }


def _bars_rows(
    song: Song, bars: range, chords: Sequence[ChordSpan], notes: Sequence[Note]
) -> list[list[str]]:
    rows = [["bar", *(song.time_map.bar_label(bar) for bar in bars)]]
    if chords:
        rows.append(["chords", *(_chords_in(song, bar, chords) for bar in bars)])
    if notes:
        rows.append(["notes", *(_notes_in(song, bar, notes) for bar in bars)])
    return rows


def _chords_in(song: Song, bar: int, chords: Sequence[ChordSpan]) -> str:
    start, end = song.time_map.bar_start(bar), song.time_map.bar_end(bar)
    return (
        " ".join(span.chord.lead_sheet(song.key_at(start)) for span in clip_spans(chords, start, end)) or "-"
    )


def _notes_in(song: Song, bar: int, notes: Sequence[Note]) -> str:
    start, end = song.time_map.bar_start(bar), song.time_map.bar_end(bar)
    key = song.key_at(start)
    inside = [note for note in notes if start <= note.start_ticks < end]
    struck = [list(together) for _, together in groupby(inside, key=lambda note: note.start_ticks)]
    return " ".join(struck_text(together, key) for together in struck) or "-"
