"""What would a musician say about the notes of a hole? Shares and distances, held against the song around it.

Each function is one remark. None: it does not apply (no chords, no second phrase, nothing before).
Intervals are semitones, lengths quarters.
"""

from collections.abc import Sequence
from itertools import pairwise

from engine.ranking.features_context import (
    HoleContext,
    entropy,
    motifs,
    motifs_at_pitch,
    rest_share,
    shape_of,
    share,
    syncopation,
)
from engine.ranking.features_passage import GRID, Harmony, Passage, Tone

Value = float | None
_STEP, _LEAP = 2, 5


def melody_features(context: HoleContext, passage: Passage, end: int) -> dict[str, Value]:
    """The remarks on bars `context.first` to before `end`."""
    first = context.first
    notes = passage.tones_in(first, end)
    after = context.after if end == context.end else None
    return (
        harmony_remarks(notes, passage, after)
        | recall_remarks(context, passage, notes, end)
        | seam_remarks(context, notes, after)
        | line_remarks(context, notes)
        | rhythm_remarks(context, passage, notes, end)
        | ending_remarks(context, passage, notes)
    )


def harmony_remarks(notes: Sequence[Tone], passage: Passage, after: Tone | None) -> dict[str, Value]:
    """How the notes sit on the chords."""
    chords = [passage.harmony_under(note) for note in notes]
    judged = [(note, chord) for note, chord in zip(notes, chords, strict=True) if chord is not None]
    strong = [note.pitch % 12 in chord.tones for note, chord in judged if passage.is_strong(note)]
    foreign = [
        (note, following, chord)
        for (note, following), chord in zip(pairwise([*notes, after]), chords, strict=True)
        if note is not None and chord is not None and note.pitch % 12 not in chord.tones
    ]
    resolved = [following is not None and is_step(note, following) for note, following, _ in foreign]
    clashing = sum(
        is_clash(note.pitch, chord) and note.duration >= GRID and not ok
        for (note, _, chord), ok in zip(foreign, resolved, strict=True)
    )
    return {
        "strong_chord_tones": share(strong),
        "resolved": share(resolved),
        "clashes": clashing / len(judged) if judged else None,
    }


def recall_remarks(
    context: HoleContext, passage: Passage, notes: Sequence[Tone], end: int
) -> dict[str, Value]:
    """What of the song returns, and what returns inside the hole."""
    led = [context.before, *notes] if context.before else list(notes)
    moved, still = motifs(led), motifs_at_pitch(notes)
    cells = [passage.bar_notes[bar] or () for bar in range(context.first, end)]
    shapes = [shape_of(cell) for cell in cells]
    has_song = bool(context.contents)
    return {
        "motifs_at_pitch": share(m in context.motifs_at_pitch for m in still) if has_song else None,
        "motifs_moved": share(m in context.motifs for m in moved) if has_song else None,
        "motifs_inside": 1 - len(set(moved)) / len(moved) if moved else None,
        "song_rhythms": share(shape in context.shapes for shape in shapes) if has_song else None,
        "song_bars": share(cell in context.contents for cell in cells) if has_song else None,
        "bars_repeated": 1 - len(set(cells)) / len(cells) if len(cells) > 1 else None,
        "rhythms_repeated": 1 - len(set(shapes)) / len(shapes) if len(shapes) > 1 else None,
    }


def seam_remarks(context: HoleContext, notes: Sequence[Tone], after: Tone | None) -> dict[str, Value]:
    """How the hole joins what stands around it."""
    if not notes:
        return {"seam_in": None, "seam_out": None}
    before = context.before
    return {
        "seam_in": None if before is None else float(abs(notes[0].pitch - before.pitch)),
        "seam_out": None if after is None else float(abs(after.pitch - notes[-1].pitch)),
    }


def line_remarks(context: HoleContext, notes: Sequence[Tone]) -> dict[str, Value]:
    """Height, range, shape and motion."""
    pitches = [note.pitch for note in notes]
    moves = [b - a for a, b in pairwise(pitches)]
    leaps = [(a, b) for a, b in pairwise(moves) if abs(a) >= _LEAP]
    turns = [a * b < 0 for a, b in pairwise(move for move in moves if move)]
    habit = context.pitch
    mean = sum(pitches) / len(pitches) if pitches else 0.0
    return {
        "height": habit.z(mean, 2.0) if habit and pitches else None,
        "range": float(max(pitches) - min(pitches)) if pitches else None,
        "far_notes": share(abs(habit.z(p, 2.0)) > 2.2 for p in pitches) if habit else None,
        "peak_place": pitches.index(max(pitches)) / (len(pitches) - 1) if len(pitches) > 1 else None,
        "steps": share(0 < abs(move) <= _STEP for move in moves),
        "repeated_notes": share(move == 0 for move in moves),
        "leaps_answered": share(a * b < 0 and abs(b) <= 4 for a, b in leaps),
        "turns": share(turns),
        "in_scale": share(pitch % 12 in context.scale for pitch in pitches),
    }


def rhythm_remarks(
    context: HoleContext, passage: Passage, notes: Sequence[Tone], end: int
) -> dict[str, Value]:
    """Density, variety, syncopation and rests against the song's own."""
    bars = range(context.first, end)
    count = len(bars)
    density = sum(len(passage.bar_notes[bar] or ()) for bar in bars) / count
    syncopated = sum(syncopation(passage, bar) for bar in bars) / count
    silent = sum(rest_share(passage, bar) for bar in bars) / count
    variety = entropy(note.duration for note in notes) if notes else None
    usual = context.rhythm_entropy
    return {
        "density": context.density.z(density, 0.7) if context.density else None,
        "rhythm_variety": variety,
        "rhythm_variety_change": None if variety is None or usual is None else variety - usual,
        "syncopation_change": syncopated - context.syncopation.mean if context.syncopation else None,
        "rest_change": silent - context.rest.mean if context.rest else None,
    }


def ending_remarks(context: HoleContext, passage: Passage, notes: Sequence[Tone]) -> dict[str, Value]:
    """How the hole comes to rest."""
    if not notes:
        return {"ending_length": None, "ending_home": None}
    last = notes[-1]
    home = 2.0 * (last.pitch % 12 == 0) or 1.0 * (last.pitch % 12 in (3, 4, 7))
    return {"ending_length": min(4.0, last.duration / GRID), "ending_home": home}


def is_step(one: Tone, other: Tone) -> bool:
    return 0 < abs(other.pitch - one.pitch) <= _STEP


def is_clash(pitch: int, chord: Harmony) -> bool:
    """A foreign note a semitone above a chord tone, save the colours of a dominant, or a false third.

    >>> is_clash(65, Harmony(0, 96, 0, "maj", -1, 0)), is_clash(69, Harmony(0, 96, 0, "maj", -1, 0))
    (True, False)
    """
    tones, above = chord.tones, (pitch - chord.root) % 12
    third_below = (chord.root + 3) % 12 in tones and (chord.root + 4) % 12 not in tones
    if third_below and above == 4:
        return True
    if (chord.root + 10) % 12 in tones and not third_below and above in (1, 3, 8):
        return False
    return pitch % 12 not in tones and (pitch - 1) % 12 in tones
