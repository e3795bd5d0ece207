"""What does a bassist say about the line? Reasons counted from what is in it."""

from itertools import pairwise
from statistics import fmean

from engine.arrangement.bass.line import BassLine
from engine.arrangement.bass.pedal import belonging
from engine.arrangement.brief import Brief
from engine.music import Note

_TOGETHER_TICKS = 30
_NAMES = ("C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B")


def reasons_of(line: BassLine, brief: Brief) -> tuple[str, ...]:
    """What can be said truly about the line, the most telling first."""
    told = [
        _about_pedal(line, brief),
        _about_figure(line, brief),
        _about_kicks(line, brief),
        _about_changes(line, brief),
        _about_approaches(line),
        _about_melody(line, brief),
        _about_locks(line, brief),
        *brief.reasons,
    ]
    return tuple(reason for reason in told if reason)


def title_of(line: BassLine, brief: Brief) -> str:
    """The figure's own name, or the note that is held."""
    if line.pedal is None:
        return line.plan.main.title
    return f"Pedal on {brief.key_at(brief.start_ticks).spell(line.pedal)}"


def _about_pedal(line: BassLine, brief: Brief) -> str:
    if line.pedal is None:
        return ""
    name = brief.key_at(brief.start_ticks).spell(line.pedal)
    inside, chords = belonging(brief, line.pedal)
    share = "all of them" if inside == chords else f"{inside} of the {chords}"
    return f"Holds {name} while the chords move; it belongs to {share}."


def _about_figure(line: BassLine, brief: Brief) -> str:
    if line.plan.main.key == "own":
        return "Takes up the rhythm and degrees of the bars around it."
    sections = list(dict.fromkeys(figure.title for figure in line.plan.used if figure.key != "kick"))
    if len(sections) > 1:
        return f"{brief.style.label}: “{sections[0]}”, then “{sections[1]}” where the section changes."
    density = notes_a_bar(line)
    return f"{brief.style.label}, {density:.3g} notes a bar."


def notes_a_bar(line: BassLine) -> float:
    bars = max(1, len(line.plan.by_bar))
    return sum(not event.is_dead for event in line.events) / bars


def kick_share(notes: tuple[Note, ...], brief: Brief) -> tuple[int, int]:
    """Of the kicks in the region, how many a bass note begins with, and how many there are."""
    starts = sorted(note.start_ticks for note in notes)
    kicks = [kick for kick in brief.kicks if brief.start_ticks <= kick < brief.end_ticks]
    met = sum(any(abs(start - kick) <= _TOGETHER_TICKS for start in starts) for kick in kicks)
    return met, len(kicks)


def _about_kicks(line: BassLine, brief: Brief) -> str:
    met, kicks = kick_share(line.notes, brief)
    if not kicks:
        return ""
    if met == 0:
        return f"Plays between the {kicks} kicks."
    return f"Begins together with {met} of the {kicks} kicks."


def _about_changes(line: BassLine, brief: Brief) -> str:
    """Roots at the changes, slash basses and early chords."""
    if line.pedal is not None:
        return ""
    opening = [event for event in line.events if event.opens]
    slashes = sum(event.chord.bass is not None for event in opening)
    early = sum(event.is_early or brief.is_pushed(event.start_ticks) for event in opening)
    words = []
    if slashes:
        words.append(f"follows {_many(slashes, 'slash bass', 'slash basses')}")
    if early:
        words.append(f"comes in early at {_many(early, 'change', 'changes')}")
    if not words:
        return "The root is there at every change." if len(opening) > 1 else ""
    return _sentence(" and ".join(words))


def _about_approaches(line: BassLine) -> str:
    """How the next root is reached."""
    half = whole = 0
    for (event, note), (_, following) in pairwise(zip(line.events, line.notes, strict=True)):
        if event.symbol in ("a", "w") and following.pitch != note.pitch:
            half += event.symbol == "a" and abs(following.pitch - note.pitch) == 1
            whole += event.symbol == "a" and abs(following.pitch - note.pitch) == 2
    if not half + whole:
        return ""
    parts = [_many(half, "root", "roots") + " by a semitone"] if half else []
    parts += [f"{whole if half else _many(whole, 'root', 'roots')} by a tone"] if whole else []
    return f"Leads into {' and '.join(parts)}."


def _about_melody(line: BassLine, brief: Brief) -> str:
    if not line.notes:
        return ""
    low, high = min(n.pitch for n in line.notes), max(n.pitch for n in line.notes)
    text = f"From {_name(low)} to {_name(high)}"
    if brief.melody:
        return f"{text}, always under your melody." if high < brief.feel.low else f"{text}."
    return f"{text}."


def _about_locks(line: BassLine, brief: Brief) -> str:
    kept = len(brief.fixed)
    return (
        f"Keeps {_many(kept, 'note', 'notes')} as they are."
        if kept > 1
        else ("Keeps your note as it is." if kept else "")
    )


def strong_beat_fit(line: BassLine, brief: Brief) -> float | None:
    """Share of notes on strong beats that belong to the chord, a pedal counting as its bass."""
    strong = {tick for bar in brief.bars for tick in bar.strong_ticks}
    fits = [
        note.pitch_class in event.chord.pitch_classes
        for event, note in zip(line.events, line.notes, strict=True)
        if event.start_ticks in strong and not event.is_dead
    ]
    return round(fmean(fits), 3) if fits else None


def _name(pitch: int) -> str:
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
