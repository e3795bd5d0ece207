"""What would a musician say about the chords of a hole? Held against the melody and the song around it.

Each function is one remark. None: it does not apply (no melody, nothing before).

>>> function_of(Harmony(0, 96, 7, "7", -1, 0)), function_of(Harmony(0, 96, 2, "min", -1, 0))
(<Function.DOMINANT: 2>, <Function.AWAY: 1>)
"""

from collections.abc import Sequence
from enum import IntEnum
from itertools import pairwise

from engine.ranking.features_context import HoleContext, chord_moves, entropy, is_seventh, share
from engine.ranking.features_melody import Value, is_clash, is_step
from engine.ranking.features_passage import GRID, Harmony, Passage, strong_offsets


class Function(IntEnum):
    """What a chord does in its key; the order is the way round."""

    HOME = 0
    AWAY = 1
    DOMINANT = 2
    OTHER = 3


def harmony_features(context: HoleContext, passage: Passage, end: int) -> dict[str, Value]:
    """The remarks on bars `context.first` to before `end`."""
    chords = [chord for chord in passage.harmonies_in(context.first, end) if chord.root >= 0]
    after = context.chord_after if end == context.end else None
    return (
        melody_remarks(context, passage, end)
        | motion_remarks(context, chords)
        | seam_remarks(context, chords, after)
        | recall_remarks(context, passage, chords, end)
        | colour_remarks(context, chords)
        | rhythm_remarks(context, passage, chords, end)
    )


def melody_remarks(context: HoleContext, passage: Passage, end: int) -> dict[str, Value]:
    """How the melody sits on these chords."""
    start, stop = passage.starts[context.first], passage.starts[end]
    sung = inside = clashing = 0
    strong: list[bool] = []
    for note, following in pairwise([*passage.melody, None]):
        if note is None or note.end <= start or note.start >= stop:
            continue
        for chord in passage.harmonies_up_to(note.end):
            lasting = min(note.end, chord.end, stop) - max(note.start, chord.start, start)
            if lasting <= 0 or chord.root < 0:
                continue
            sung += lasting
            fits = note.pitch % 12 in chord.tones
            inside += lasting * fits
            moves_on = following is not None and is_step(note, following)
            clashing += is_clash(note.pitch, chord) and lasting >= GRID and not moves_on
        under = passage.harmony_under(note)
        if under is not None and note.start >= start and passage.is_strong(note):
            strong.append(note.pitch % 12 in under.tones)
    return {
        "melody_in_chords": inside / sung if sung else None,
        "strong_notes_in_chords": share(strong),
        "clashes_a_bar": clashing / (end - context.first) if sung else None,
    }


def motion_remarks(context: HoleContext, chords: Sequence[Harmony]) -> dict[str, Value]:
    """How the roots move, and whether functions go round: home, away, dominant, home."""
    led = [context.chord_before, *chords] if context.chord_before else list(chords)
    moves = [(b.root - a.root) % 12 for a, b in pairwise(led) if min(a.root, b.root) >= 0]
    jobs = [(function_of(a), function_of(b)) for a, b in pairwise(led)]
    changed = [(a, b) for a, b in jobs if a is not b and Function.OTHER not in (a, b)]
    return {
        "falling_fifths": share(move == 5 for move in moves),
        "rising_fifths": share(move == 7 for move in moves),
        "root_steps": share(move in (1, 2, 10, 11) for move in moves),
        "root_thirds": share(move in (3, 4, 8, 9) for move in moves),
        "tritone_moves": share(move == 6 for move in moves),
        "same_root": share(move == 0 for move in moves),
        "functions_backwards": share((a, b) == (Function.DOMINANT, Function.AWAY) for a, b in changed),
        "closes": share((a, b) == (Function.DOMINANT, Function.HOME) for a, b in changed),
        "time_at_home": _time_share(chords, Function.HOME),
    }


def seam_remarks(context: HoleContext, chords: Sequence[Harmony], after: Harmony | None) -> dict[str, Value]:
    """How the chords join what stands around them."""
    before = context.chord_before
    ends_home = float(function_of(chords[-1]) is Function.HOME) if chords else None
    return {
        "stays_at_seam_in": float(before.name == chords[0].name) if before and chords else None,
        "stays_at_seam_out": float(after.name == chords[-1].name) if after and chords else None,
        "leads_out": float((after.root - chords[-1].root) % 12 == 5) if after and chords else None,
        "ends_home": ends_home,
    }


def recall_remarks(
    context: HoleContext, passage: Passage, chords: Sequence[Harmony], end: int
) -> dict[str, Value]:
    """What of the song's chords returns, and what returns inside the hole."""
    cells = [passage.bar_chords[bar] or () for bar in range(context.first, end)]
    has_song = bool(context.chord_bars)
    moves = chord_moves(chords)
    return {
        "song_chords": share(chord.name in context.chord_names for chord in chords) if has_song else None,
        "song_moves": share(move in context.chord_moves for move in moves) if has_song else None,
        "song_chord_bars": share(cell in context.chord_bars for cell in cells) if has_song else None,
        "loop_kept": _loop_kept(passage, context.first, end),
        "chord_bars_repeated": 1 - len(set(cells)) / len(cells) if len(cells) > 1 else None,
        "distinct_chords": len({chord.name for chord in chords}) / max(1, len(chords)) if chords else None,
    }


def colour_remarks(context: HoleContext, chords: Sequence[Harmony]) -> dict[str, Value]:
    """Tones outside the scale, sevenths and basses against the song's own."""
    outside = [bool(chord.tones - context.scale) for chord in chords]
    rich = share(is_seventh(chord) for chord in chords)
    usual = context.sevenths
    return {
        "outside_scale": share(outside),
        "sevenths_change": None if rich is None or usual is None else rich - usual,
        "slash_chords": share(chord.bass >= 0 and chord.bass != chord.root for chord in chords),
    }


def rhythm_remarks(
    context: HoleContext, passage: Passage, chords: Sequence[Harmony], end: int
) -> dict[str, Value]:
    """How often and where chords change."""
    bars = end - context.first
    weak = [
        chord.start - passage.starts[chord.bar] not in strong_offsets(passage.metres[chord.bar])
        for chord in chords
    ]
    rate = sum(len(passage.bar_chords[bar] or ()) for bar in range(context.first, end)) / bars
    return {
        "changes_a_bar": len(chords) / bars,
        "chord_rate": context.changes.z(rate, 0.5) if context.changes else None,
        "weak_changes": share(weak),
        "length_variety": entropy(chord.duration for chord in chords) if chords else None,
    }


def function_of(chord: Harmony) -> Function:
    """By root and third, above tonic C: I, vi, iii home; IV, ii, bVI away; V, vii, bVII dominant."""
    tones = chord.tones
    if chord.root == 0 and not {4, 10} <= tones:
        return Function.HOME
    if chord.root in (4, 9) and not _has_major_third(chord):
        return Function.HOME
    if chord.root in (2, 5, 8) and not (chord.root == 2 and _has_major_third(chord)):
        return Function.AWAY
    return Function.DOMINANT if chord.root in (7, 10, 11) else Function.OTHER


def _has_major_third(chord: Harmony) -> bool:
    return (chord.root + 4) % 12 in chord.tones


def _time_share(chords: Sequence[Harmony], job: Function) -> float | None:
    total = sum(chord.duration for chord in chords)
    return sum(c.duration for c in chords if function_of(c) is job) / total if total else None


def _loop_kept(passage: Passage, first: int, end: int) -> float | None:
    """Share of the bars that stand as they did four or eight bars before."""
    judged = [bar for bar in range(first, end) if bar >= 4 and passage.bar_chords[bar - 4]]
    return share(
        any(bar >= lag and passage.bar_chords[bar] == passage.bar_chords[bar - lag] for lag in (4, 8))
        for bar in judged
    )
