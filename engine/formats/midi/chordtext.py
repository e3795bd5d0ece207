"""Are these words chord symbols, and for how long does each chord hold?

Files carry chords as markers, lyrics, cues or text. One "A" is a word, a rehearsal letter or a chord, so
words are judged as a set: most of a set must read as chords, and bare letters that run from A on are form
letters.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.formats.midi.conventions import LYRIC
from engine.music import Chord, ChordSpan, ChordSyntaxError, Key, Origin

_SHARE_OF_LYRICS, _SHARE_OF_OTHERS = 0.9, 0.6
_MIN_CHORDS = 2
_LOWEST_ROOT = 48  # C3: block chords lie in the octave from here, the bass an octave below


class Word(NamedTuple):
    """A text of the file, cleaned, with its kind (meta event type) and track."""

    tick: int
    track: int
    kind: int
    text: str


def chord_of(text: str) -> Chord | None:
    """The chord a text names, or None."""
    if not text or len(text) > 24:
        return None
    try:
        return Chord.parse(text)
    except ChordSyntaxError:
        return None


def chord_words(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words of all sets that are plausible as chord symbols; the best set only, in order of time."""
    groups: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        groups.setdefault((word.track, word.kind), []).append(word)
    sets = sorted((_chords_in(group) for group in groups.values()), key=len)
    return tuple(sets[-1]) if sets else ()


def _chords_in(group: list[Word]) -> list[Word]:
    """The chord symbols of one kind of text in one track, or nothing if they are something else."""
    found = [word for word in group if chord_of(word.text) is not None]
    share = _SHARE_OF_LYRICS if group[0].kind == LYRIC else _SHARE_OF_OTHERS
    if len(found) < _MIN_CHORDS or len(found) < share * len(group):
        return []
    return [] if _are_form_letters({word.text for word in found}) else found


def _are_form_letters(texts: set[str]) -> bool:
    """A, B, C ... without a gap and nothing else: sections of the form, not chords."""
    return sorted(texts) == [chr(ord("A") + index) for index in range(len(texts))]


def spans_from_words(
    words: Sequence[Word], ends: dict[int, int], end_ticks: int, first_id: int
) -> tuple[ChordSpan, ...]:
    """Each chord holds until the next, the last until `end_ticks`; `ends` gives earlier ends by start."""
    by_tick = {word.tick: chord_of(word.text) for word in words}
    ticks = [*sorted(by_tick), max(end_ticks, max(by_tick, default=0) + 1)]
    spans = []
    for number, (tick, following) in enumerate(pairwise(ticks)):
        chord = by_tick[tick]
        if chord is not None:
            end = min(ends.get(tick, following), following)
            spans.append(ChordSpan(first_id + number, tick, end - tick, chord, Origin.IMPORTED))
    return tuple(spans)


def chord_symbol(chord: Chord, key: Key | None) -> str:
    """A lead-sheet symbol in plain ASCII that reads back as the same chord."""
    plain = chord.lead_sheet(key)
    for sign, ascii_text in (("♭", "b"), ("♯", "#"), ("°", "dim"), ("ø", "m7b5"), ("𝄪", "##"), ("𝄫", "bb")):
        plain = plain.replace(sign, ascii_text)
    return plain if plain.isascii() and chord_of(plain) == chord else chord.harte(key)


def block_pitches(chord: Chord) -> tuple[int, ...]:
    """A plain block voicing: the bass, and above it every tone of the chord."""
    if chord.is_no_chord:
        return ()
    root = _LOWEST_ROOT + chord.root
    bass = _LOWEST_ROOT - 12 + chord.bass_pitch_class
    return tuple(sorted({bass, *(root + interval for interval in chord.intervals)}))


def is_block_chord(pitches: Iterable[int], chord: Chord) -> bool:
    return tuple(sorted(pitches)) == block_pitches(chord)
