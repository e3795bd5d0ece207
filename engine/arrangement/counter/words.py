"""What does the second voice do, in a musician's words, counted from its notes?"""

from itertools import pairwise

from engine.arrangement.brief import Brief
from engine.arrangement.counter.line import Texture
from engine.arrangement.counter.slots import openings
from engine.arrangement.counter.voices import Side, Voice
from engine.music import Note

_TITLES = {
    Texture.ANSWERS: "Answers in your rests",
    Texture.GUIDE_TONES: "Held guide tones",
    Texture.THIRDS: "Thirds and sixths along",
    Texture.CONTRARY: "Moves against the melody",
    Texture.MODEL: "A voice beside the melody",
}


def title_of(texture: Texture, brief: Brief) -> str:
    """What the take is called; without a melody there is none to move against."""
    if texture is Texture.CONTRARY and not brief.melody:
        return "A line through the chords"
    return _TITLES[texture]


def reasons_of(texture: Texture, notes: tuple[Note, ...], brief: Brief, voice: Voice) -> tuple[str, ...]:
    """The most telling first; nothing is said that the notes do not bear out."""
    told = [_texture(texture, notes, brief), _steps(notes), _place(notes, brief, voice)]
    kept = len(brief.fixed)
    if kept:
        told.append("Keeps your note as it is." if kept == 1 else f"Keeps {kept} notes as they are.")
    return tuple(reason for reason in (*told, *brief.reasons) if reason)


def _texture(texture: Texture, notes: tuple[Note, ...], brief: Brief) -> str:
    if texture is Texture.ANSWERS:
        rooms = openings(brief)
        met = sum(any(a <= note.start_ticks < b for note in notes) for a, b in rooms)
        if len(rooms) == 1:
            return "Answers in the one place where your melody leaves room." if met else ""
        return f"Answers in {met} of the {len(rooms)} places where your melody leaves room." if rooms else ""
    if texture is Texture.GUIDE_TONES:
        share = guide_share(notes, brief)
        return f"{round(100 * share)} % thirds and sevenths of the chords, each near to the last."
    if texture is Texture.THIRDS:
        pairs = together(notes, brief)
        good = sum(abs(tune.pitch - note.pitch) % 12 in (3, 4, 8, 9) for note, tune in pairs)
        return f"{good} of {len(pairs)} notes lie a third or a sixth from your melody."
    against, along = motions(notes, brief)
    with_it = f", with it {_times(along)}" if along else ""
    return f"Goes against your melody’s motion {_times(against)}{with_it}." if against else ""


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def guide_share(notes: tuple[Note, ...], brief: Brief) -> float:
    """Share of notes that are third or seventh of their chord."""
    hits = 0
    for note in notes:
        chord = brief.chord_at(note.start_ticks)
        hits += (note.pitch_class - chord.root) % 12 in (3, 4, 10, 11)
    return hits / max(1, len(notes))


def together(notes: tuple[Note, ...], brief: Brief) -> list[tuple[Note, Note]]:
    """Notes of the voice with the melody's note that sounds at their beginning."""
    pairs = [(note, brief.melody_at(note.start_ticks)) for note in notes]
    return [(note, tune) for note, tune in pairs if tune is not None]


def motions(notes: tuple[Note, ...], brief: Brief) -> tuple[int, int]:
    """How often both move: against each other, and the same way."""
    against = along = 0
    for (note, tune), (note_after, tune_after) in pairwise(together(notes, brief)):
        product = (note_after.pitch - note.pitch) * (tune_after.pitch - tune.pitch)
        against += product < 0
        along += product > 0
    return against, along


def _steps(notes: tuple[Note, ...]) -> str:
    intervals = [abs(b.pitch - a.pitch) for a, b in pairwise(notes)]
    if len(intervals) < 3:
        return ""
    share = sum(size <= 2 for size in intervals) / len(intervals)
    return f"Moves by step {round(100 * share)} % of the time." if share >= 0.5 else ""


def _place(notes: tuple[Note, ...], brief: Brief, voice: Voice) -> str:
    pairs = together(notes, brief)
    if not pairs:
        return ""
    if voice.side is Side.BELOW and all(note.pitch < tune.pitch for note, tune in pairs):
        return "Stays under your melody."
    if voice.side is Side.ABOVE and all(note.pitch > tune.pitch for note, tune in pairs):
        return "Stays above your melody."
    return ""
