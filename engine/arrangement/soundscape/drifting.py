"""Which chord sounds when, for as long as anybody listens?

The sketch's chords go round. The first round is as the artist wrote them; each later one is a turn of its own
(backwards, from the middle, over one ground, fewer and longer), drawn by seed and number of the round alone:
bar 500 is the same however long the music goes on after it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from engine.generation.chords.dice import dice
from engine.music import Chord

_ROUNDS = 1_000


@dataclass(frozen=True, slots=True)
class Slot:
    """A chord for some bars; `turn` tells how this round goes, `number` counts slots from the first."""

    number: int
    round: int
    start_bar: int
    bars: int
    chord: Chord
    turn: str


def drift(pool: Sequence[Chord], bars_a_chord: int, seed: int) -> Iterator[Slot]:
    """Chords without end."""
    bar = number = 0
    for turn_number in count():
        turn = _turn(turn_number, seed)
        for chord, length in _turned(pool, turn, bars_a_chord):
            yield Slot(number, turn_number, bar, length, chord, turn)
            bar, number = bar + length, number + 1


def _turn(number: int, seed: int) -> str:
    if number == 0:
        return "as written"
    ways = ("as written", "backwards", "from the middle", "over one ground", "fewer and longer")
    return ways[int(dice(seed, _ROUNDS + number).integers(len(ways)))]


def _turned(pool: Sequence[Chord], turn: str, bars: int) -> list[tuple[Chord, int]]:
    match turn:
        case "backwards":
            return [(chord, bars) for chord in reversed(pool)]
        case "from the middle":
            middle = len(pool) // 2
            return [(chord, bars) for chord in (*pool[middle:], *pool[:middle])]
        case "over one ground":
            ground = pool[0].root
            return [(_over(chord, ground), bars) for chord in pool]
        case "fewer and longer":
            return [(chord, 2 * bars) for chord in pool[::2]]
        case _:
            return [(chord, bars) for chord in pool]


def _over(chord: Chord, ground: int) -> Chord:
    return Chord(chord.root, chord.quality, None if chord.root == ground else ground)
