"""What can be counted in a sketch: range, density, leaps, syncopation of the melody; moves of the harmony.

>>> melody_facts(Song(), []) is None, harmony_facts(Song(), ()) is None
(True, True)
"""

from collections.abc import Sequence
from itertools import pairwise

from engine.music import Chord, ChordSpan, Note, Song
from engine.music.analysis import HarmonyFacts, MelodyFacts
from engine.music.roman import Colour, colour_of

_STEP, _THIRD = 2, 4
_AHEAD_TICKS = 40
_LONGEST_LOOP_BARS = 16
_SAME = 0.85


def melody_facts(song: Song, line: Sequence[Note]) -> MelodyFacts | None:
    """Counts over a single line; None where there is none."""
    if not line:
        return None
    moves = [abs(after.pitch - before.pitch) for before, after in pairwise(line)]
    bars = {song.time_map.bar_of(note.start_ticks) for note in line}
    highest = max(note.pitch for note in line)
    home = sum(note.pitch % 12 in song.key_at(note.start_ticks).scale_pitch_classes for note in line)
    return MelodyFacts(
        lowest=min(note.pitch for note in line),
        highest=highest,
        notes=len(line),
        notes_a_bar=round(len(line) / len(bars), 2),
        leaps=_share([move > _THIRD for move in moves]),
        steps=_share([0 < move <= _STEP for move in moves]),
        repeats=_share([move == 0 for move in moves]),
        syncopation=_share([is_syncopated(song, note) for note in line]),
        in_scale=round(home / len(line), 3),
        peak_ticks=next(note.start_ticks for note in line if note.pitch == highest),
    )


def is_syncopated(song: Song, note: Note) -> bool:
    """It begins between beats and sounds over the next one."""
    pulse = song.time_map.metre_at(note.start_ticks).pulse_ticks
    offset = song.time_map.metrical_offset(note.start_ticks) % pulse
    if offset < _AHEAD_TICKS or pulse - offset < _AHEAD_TICKS:
        return False
    return note.duration_ticks > pulse - offset + _AHEAD_TICKS


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / len(hits), 3) if hits else 0.0


def harmony_facts(song: Song, spans: Sequence[ChordSpan]) -> HarmonyFacts | None:
    """Counts over the chords; None where none sounds."""
    sounding = [span for span in spans if not span.chord.is_no_chord]
    if not sounding:
        return None
    total = sum(span.duration_ticks for span in sounding)
    bars = max(
        1, song.time_map.bars_in(sounding[-1].end_ticks) - song.time_map.bar_of(sounding[0].start_ticks)
    )

    def share(hits: Sequence[bool]) -> float:
        return round(sum(s.duration_ticks for s, hit in zip(sounding, hits, strict=True) if hit) / total, 3)

    return HarmonyFacts(
        chords=len({(span.chord.root, span.chord.quality) for span in sounding}),
        changes_a_bar=round(len(sounding) / bars, 2),
        sevenths=share([_has_seventh(span.chord) for span in sounding]),
        inversions=share([span.chord.bass is not None for span in sounding]),
        foreign=share([is_foreign(song, span) for span in sounding]),
        loop_bars=loop_bars(song, sounding),
    )


def _has_seventh(chord: Chord) -> bool:
    return any(interval % 12 in (9, 10, 11) and interval != 7 for interval in chord.intervals)


def is_foreign(song: Song, span: ChordSpan) -> bool:
    """From outside the key that holds there."""
    return colour_of(span.chord, song.key_at(span.start_ticks)) is not Colour.DIATONIC


def loop_bars(song: Song, spans: Sequence[ChordSpan]) -> int:
    """Bars of the shortest progression that goes round at least twice through the whole song; 0 if none."""
    names = chords_by_bar(song, spans)
    for period in range(1, min(_LONGEST_LOOP_BARS, len(names) // 2) + 1):
        pairs = [pair for pair in zip(names, names[period:], strict=False) if all(pair)]
        is_whole = len(pairs) >= max(period, len(names) // 3)
        if is_whole and len(set(names)) > 1 and sum(a == b for a, b in pairs) >= _SAME * len(pairs):
            return period
    return 0


def chords_by_bar(song: Song, spans: Sequence[ChordSpan]) -> list[tuple[tuple[int, bool], ...]]:
    """Root and third of the chords that sound in each full bar of the song, () where none does."""
    bars: list[list[tuple[int, bool]]] = [[] for _ in range(song.bars)]
    time_map = song.time_map
    for span in spans:
        first, last = time_map.bar_of(span.start_ticks), time_map.bar_of(span.end_ticks - 1)
        for bar in range(first, min(last + 1, len(bars))):
            bars[bar].append((span.chord.root, span.chord.has_minor_third))
    return [tuple(bar) for bar in bars[1 if time_map.pickup_ticks else 0 :]]
