"""How do the phrases and sections close?

A close is the last change of chord before a phrase or section ends, read in the key that holds there: V to I
is a full close, IV to I a plagal one, V to vi a deceptive one, resting on V a half close, ♭VII to I a modal
one (Caplin, Classical Form, 1998, ch. 2, as far as lead sheets go). Where no chords are heard there are none.

>>> read_cadences(Song(), (), ())
()
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from engine.music import Chord, ChordSpan, Key, Song
from engine.music.analysis import Cadence, CadenceKind, Phrase

_SECTION_END, _PHRASE_END = 0.9, 0.6
_LONGEST_GAP = 480


def read_cadences(song: Song, spans: Sequence[ChordSpan], phrases: Sequence[Phrase]) -> tuple[Cadence, ...]:
    """The closes of the song in order; a section's end speaks louder than a phrase's."""
    starts = [span.start_ticks for span in spans]
    found: dict[int, Cadence] = {}
    for end, weight in _ends(song, phrases):
        index = bisect_left(starts, end) - 1
        if index < 1 or spans[index].end_ticks + _LONGEST_GAP < end:
            continue
        last, before = spans[index], spans[index - 1]
        kind = cadence_kind(before.chord, last.chord, song.key_at(last.start_ticks))
        if kind is not None:
            sure = round(weight * min(last.confidence, before.confidence), 3)
            known = found.get(last.start_ticks)
            if known is None or known.confidence < sure:
                found[last.start_ticks] = Cadence(last.start_ticks, kind, sure)
    return tuple(found[tick] for tick in sorted(found))


def _ends(song: Song, phrases: Sequence[Phrase]) -> Iterable[tuple[int, float]]:
    for phrase in phrases:
        if song.time_map.bar_of(phrase.end_ticks - 1) > song.time_map.bar_of(phrase.start_ticks):
            yield phrase.end_ticks, _PHRASE_END
    for section in song.sections:
        yield song.time_map.bar_start(section.end_bar), _SECTION_END


def cadence_kind(before: Chord, last: Chord, key: Key) -> CadenceKind | None:
    """What kind of close two chords make at an end; None when they make none.

    >>> cadence_kind(Chord.parse("D7"), Chord.parse("G"), Key(7)).value
    'full close'
    """
    if before.is_no_chord or last.is_no_chord or before.root == last.root:
        return None
    degree, approach = key.relative(last.root), key.relative(before.root)
    is_dominant = (approach == 7 and not before.has_minor_third) or (
        approach == 11 and before.has_minor_third
    )
    if degree == 0 and _is_home(last, key):
        if is_dominant:
            return CadenceKind.FULL
        return {5: CadenceKind.PLAGAL, 2: CadenceKind.PLAGAL, 10: CadenceKind.MODAL}.get(approach)
    if degree == 7 and not last.has_minor_third:
        return CadenceKind.HALF
    if is_dominant and degree in (8, 9):
        return CadenceKind.DECEPTIVE
    return None


def _is_home(chord: Chord, key: Key) -> bool:
    """A tonic chord; in minor also with a major third, in major not as the dominant of IV."""
    if key.mode.is_minor:
        return True
    return not chord.has_minor_third


def cadence_at(cadences: Sequence[Cadence], start_ticks: int, end_ticks: int) -> Cadence | None:
    """The last close inside the stretch."""
    index = bisect_right([cadence.tick for cadence in cadences], end_ticks - 1) - 1
    return cadences[index] if index >= 0 and cadences[index].tick >= start_ticks else None
