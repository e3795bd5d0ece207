"""What does a player say about the chords? Titles and reasons counted from what is in the part."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from engine.arrangement.brief import Brief
from engine.arrangement.comping.choosing import Plan
from engine.arrangement.comping.laying import Laid
from engine.arrangement.comping.strokes import Stroke
from engine.arrangement.comping.touch import Sound
from engine.music import Key, Note


def about_figure(plan: Plan, brief: Brief, who: str) -> str:
    """The figure or figures, and whose style they are."""
    if plan.main.key == "own":
        return "Takes up the rhythm of the chords around it."
    titles = list(dict.fromkeys(figure.title for figure in plan.used if figure.key != "held"))
    if len(titles) > 1:
        return f"{brief.style.label} on {who}: “{titles[0]}”, then “{titles[1]}” where the section changes."
    return f"{brief.style.label} on {who}, {plan.main.density:.2g} strokes a beat."


def about_turns(plan: Plan) -> str:
    """What is otherwise at the ends of phrases."""
    titles = list(dict.fromkeys(figure.title for figure in plan.turns.values()))
    if not titles:
        return ""
    named = f"“{titles[0][0].lower()}{titles[0][1:]}”"
    return f"The last bar of a phrase is another one: {named}."


def about_voices(laid: Laid) -> str:
    """How far the voices move, and how many tones are held where chords change."""
    pairs = [
        (one.pitches, other.pitches)
        for (one, first), (other, second) in pairwise(zip(laid.voicings, laid.chords, strict=True))
        if one is not None and other is not None and first != second
    ]
    if not pairs:
        return ""
    kept = fmean(len(set(one) & set(other)) for one, other in pairs)
    top = fmean(abs(one[-1] - other[-1]) for one, other in pairs)
    held = f"{kept:.1f} tones stay at a change" if kept >= 0.5 else "The hand moves to each chord"
    return f"{held[0].upper()}{held[1:]}, the top moves {top:.1f} semitones."


def about_pushes(strokes: Sequence[Stroke], brief: Brief) -> str:
    """Chords that come early."""
    early = len({s.chord_ticks for s in strokes if s.is_push})
    if not early:
        return ""
    return f"Comes in early at {early} of {len(brief.harmony)} changes."


def about_answers(strokes: Sequence[Stroke]) -> str:
    gaps = sum(s.is_answer for s in strokes) // 2
    return (
        f"Answers the melody in {gaps} of its rests."
        if gaps > 1
        else "Answers the melody in a rest."
        if gaps
        else ""
    )


def about_room(before: Sequence[Stroke], after: Sequence[Stroke]) -> str:
    """How much was left out for the melody."""
    left = len(before) - len(after)
    return f"Leaves out {left} strokes where your melody is busy." if left > 1 else ""


def about_register(found: Sequence[Sound], brief: Brief) -> str:
    """From where to where, and whether under the melody."""
    if not found:
        return ""
    low, high = min(s.pitch for s in found), max(s.pitch for s in found)
    key = brief.key_at(brief.start_ticks)
    text = f"From {name(low, key)} to {name(high, key)}"
    if not brief.melody:
        return f"{text}."
    under = fmean(_is_under(s, brief) for s in found)
    if under > 0.97:
        return f"{text}, under your melody."
    return f"{text}, {round(100 * under)} % of it under your melody."


def _is_under(sound: Sound, brief: Brief) -> bool:
    note = brief.melody_at(sound.stroke.start_ticks)
    return note is None or sound.pitch < note.pitch


def about_locks(brief: Brief) -> str:
    kept = len(brief.fixed)
    return (
        "" if not kept else "Keeps your note as it is." if kept == 1 else f"Keeps {kept} notes as they are."
    )


def fit(notes: Sequence[Note], brief: Brief) -> float | None:
    """Share of notes that do not rub against the melody note that sounds when they begin."""
    checked = [(note, brief.melody_at(note.start_ticks)) for note in notes]
    free = [
        1.0 if other is None or abs(note.pitch - other.pitch) not in (1, 13) else 0.0
        for note, other in checked
    ]
    return round(fmean(free), 3) if free else None


def name(pitch: int, key: Key) -> str:
    """`C4` for 60, as it is spelled in the key."""
    return f"{key.spell(pitch % 12)}{pitch // 12 - 1}"
