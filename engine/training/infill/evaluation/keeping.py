"""Does a take keep what it is asked to keep, and does a named style colour it?

* keep rhythm, strong beats: the artist's onsets all there and no other; each note that begins on a strong
  beat there with its pitch
* keep contour: from onset to onset of the artist's the line goes up, down or stays as the artist's does, but
  for one move in eight: an ornament may stand where a note was
* keep cadence, bass line: the last chord; the bass under each of the artist's chords
* style: of chords asked for as jazz at least half have a seventh or sixth, as a hymn at most a third
"""

from collections.abc import Callable
from itertools import pairwise

from engine.api.suggestion import Controls, Keep
from engine.generation.chords.vocabulary import Seventh, seventh_class
from engine.generation.language.grid import SONG_TICKS, Sheet
from engine.music import Metre
from engine.ranking.features_passage import Harmony, Passage, Tone
from engine.training.infill.evaluation.holes import Hole

Kept = Callable[[Hole, Sheet], bool]
JAZZ, HYMN = "jazz", "hymn"
_LEAST_RICH, _MOST_RICH = 1 / 2, 1 / 3
_OTHER_MOVES = 1 / 8
_PLAIN = (
    Seventh.MAJOR,
    Seventh.MINOR,
    Seventh.DIMINISHED,
    Seventh.AUGMENTED,
    Seventh.SUSPENDED,
    Seventh.FIFTH,
)


def keeps_rhythm(hole: Hole, sheet: Sheet) -> bool:
    own, new = _tones(hole, hole.sheet), _tones(hole, sheet)
    return {tone.start for tone in own} == {tone.start for tone in new}


def keeps_strong_beats(hole: Hole, sheet: Sheet) -> bool:
    new = {(tone.start, tone.pitch) for tone in _tones(hole, sheet)}
    whole = Passage.of_sheet(hole.sheet)

    def is_strong(tone: Tone) -> bool:
        strong = Metre(*whole.metres[tone.bar]).strong_offsets
        return (tone.start - whole.starts[tone.bar]) * SONG_TICKS in strong

    return all((tone.start, tone.pitch) in new for tone in _tones(hole, hole.sheet) if is_strong(tone))


def keeps_contour(hole: Hole, sheet: Sheet) -> bool:
    own, new = _tones(hole, hole.sheet), _tones(hole, sheet)
    there = [next((t.pitch for t in reversed(new) if t.start <= tone.start), None) for tone in own]
    if None in there:
        return False
    mine = [_sign(b.pitch - a.pitch) for a, b in pairwise(own)]
    given = [_sign((b or 0) - (a or 0)) for a, b in pairwise(there)]
    return sum(a != b for a, b in zip(mine, given, strict=True)) <= _OTHER_MOVES * len(mine)


def keeps_cadence(hole: Hole, sheet: Sheet) -> bool:
    own, new = _chords(hole, hole.sheet), _chords(hole, sheet)
    return bool(own and new) and (own[-1].root, own[-1].quality) == (new[-1].root, new[-1].quality)


def keeps_bass_line(hole: Hole, sheet: Sheet) -> bool:
    own, new = _chords(hole, hole.sheet), _chords(hole, sheet)
    under = [next((_bass(h) for h in new if h.start <= chord.start < h.end), None) for chord in own]
    return under == [_bass(chord) for chord in own]


def sounds_like(style: str, hole: Hole, sheet: Sheet) -> bool:
    chords = [chord for chord in _chords(hole, sheet) if chord.root >= 0]
    rich = sum(seventh_class(chord.quality) not in _PLAIN for chord in chords) / max(1, len(chords))
    return rich >= _LEAST_RICH if style == JAZZ else rich <= _MOST_RICH


KEPT: dict[str, tuple[Controls, Kept]] = {
    "keep rhythm": (Controls(keep=(Keep.RHYTHM,), distance=0.3), keeps_rhythm),
    "keep strong beats": (Controls(keep=(Keep.STRONG_BEATS,), distance=0.4), keeps_strong_beats),
    "keep contour": (Controls(keep=(Keep.CONTOUR,), distance=0.3), keeps_contour),
    "keep cadence": (Controls(keep=(Keep.CADENCE,), surprise=0.5), keeps_cadence),
    "keep bass line": (Controls(keep=(Keep.BASS_LINE,), surprise=0.5), keeps_bass_line),
}


def _tones(hole: Hole, sheet: Sheet) -> list[Tone]:
    return list(Passage.of_sheet(sheet).tones_in(hole.first, hole.end))


def _chords(hole: Hole, sheet: Sheet) -> list[Harmony]:
    return list(Passage.of_sheet(sheet).harmonies_in(hole.first, hole.end))


def _bass(chord: Harmony) -> int:
    return chord.bass if chord.bass >= 0 else chord.root


def _sign(move: int) -> int:
    return (move > 0) - (move < 0)
