"""Why is this sketch like that one? In a musician's words, the weightiest first.

Only what is really alike is said; numbers and numerals are those of the two sketches.

>>> from engine.analysis.likeness import likeness
>>> one = Profile(92.0, "4/4", Key(), {}, {}, {})
>>> reasons_in_words(one, one, likeness(one, one))
('the same tempo (92 bpm)', 'C major too')
"""

from collections.abc import Iterator

from engine.analysis.likeness import Likeness, Profile
from engine.analysis.wording import listed, number_text
from engine.music import Chord, Key
from engine.music.roman import degree_numeral

_VERY, _MUCH, _SOME = 0.85, 0.6, 0.35
_SHOWN_MOVES = 3


def reasons_in_words(one: Profile, other: Profile, alike: Likeness) -> tuple[str, ...]:
    """What `other` has in common with `one`."""
    value = dict(alike.parts)
    return (
        *_chords(one, other, value.get("chords", 0.0)),
        *_line(value.get("contour", 0.0), value.get("rhythm", 0.0)),
        *_tempo(one, other, value["tempo"]),
        *_key(one, other, value["key"]),
        *_metre(one, other),
    )


def _chords(one: Profile, other: Profile, value: float) -> Iterator[str]:
    if value < _SOME:
        return
    manner = "the same chords" if value >= _VERY else "chords move alike" if value >= _MUCH else "some chords"
    moves = _shared_moves(one, other)
    yield f"{manner} ({listed(moves)})" if moves else manner


def _shared_moves(one: Profile, other: Profile) -> list[str]:
    """`vi–IV` and the like, those that both make most often first."""
    moves = [move for move in one.chords if move in other.chords and _is_move(move)]
    moves.sort(key=lambda move: (-min(one.chords[move], other.chords[move]), str(move)))
    return ["–".join(_numeral(degree, one.key) for degree in move) for move in moves[:_SHOWN_MOVES]]  # type: ignore[attr-defined]


def _is_move(entry: object) -> bool:
    return isinstance(entry, tuple) and isinstance(entry[0], tuple)


def _numeral(degree: tuple[int, bool], key: Key) -> str:
    steps, is_minor = degree
    return degree_numeral(Chord((key.tonic + steps) % 12, "min" if is_minor else "maj"), key)


def _line(contour: float, rhythm: float) -> Iterator[str]:
    if contour >= _MUCH:
        yield "the melody moves alike"
    elif contour >= _SOME:
        yield "the melody moves alike in places"
    if rhythm >= _MUCH:
        yield "in the same rhythms"


def _tempo(one: Profile, other: Profile, value: float) -> Iterator[str]:
    if round(one.bpm) == round(other.bpm):
        yield f"the same tempo ({number_text(other.bpm)} bpm)"
        return
    both = f"({number_text(one.bpm)} and {number_text(other.bpm)} bpm)"
    if value >= _VERY:
        yield f"almost the same tempo {both}"
    elif value >= _MUCH and max(one.bpm, other.bpm) > 1.5 * min(one.bpm, other.bpm):
        yield f"{'half as fast' if other.bpm < one.bpm else 'twice as fast'} {both}"
    elif value >= _MUCH:
        yield f"a near tempo {both}"


def _key(one: Profile, other: Profile, value: float) -> Iterator[str]:
    if one.key == other.key:
        yield f"{other.key.name} too"
    elif value >= _MUCH:
        yield f"{other.key.name}, the relative key"


def _metre(one: Profile, other: Profile) -> Iterator[str]:
    """Most sketches are in four: that says nothing."""
    if one.metre == other.metre and one.metre != "4/4":
        yield f"{other.metre} too"
