"""Can people play this part on its instrument? The few rules a player would name at once.

Keys: two hands of five fingers, each within a ninth. Guitars: six strings, a hand's reach. Basses and winds:
hardly more than a note at a time. A kit: two hands, two feet. Strings, choirs and pads are as many players as
there are notes; every instrument has its compass. Pitches are MIDI numbers, programs General MIDI (from 0).

>>> is_playable(Role.BASS, 33, (Note(1, 0, 480, 28), Note(2, 480, 480, 40)))
True
>>> is_playable(Role.CHORDS, 0, tuple(Note(i, 0, 480, 40 + 2 * i) for i in range(12)))
False
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from engine.music import Note, Role
from engine.music.drumkit import VOICE_OF_KEY, Limb

HAND_SPAN, FRET_SPAN = 14, 31
KEYS, GUITARS, BASSES = frozenset(range(24)), frozenset(range(24, 32)), frozenset(range(32, 40))
WINDS = frozenset(range(56, 80)) - {61, 62, 63}
# lowest and highest pitch by the first program of each family of eight
_COMPASS = {
    0: (21, 108), 8: (36, 108), 16: (24, 108), 24: (36, 91), 32: (23, 67), 40: (28, 103), 48: (24, 103),
    56: (28, 86), 64: (34, 92), 72: (55, 103), 80: (24, 108), 88: (24, 108),
}  # fmt: skip
_TOGETHER_TICKS = 20  # what is struck within this is struck together


def is_playable(role: Role, program: int, notes: Sequence[Note]) -> bool:
    """Whether every moment of the part can be played."""
    if role is Role.DRUMS:
        return all(_is_one_drummer(hits) for hits in _struck_together(notes))
    low, high = _COMPASS.get(program // 8 * 8, (21, 108))
    if any(not low <= note.pitch <= high for note in notes):
        return False
    chords = [[note.pitch for note in chord] for chord in _struck_together(notes)]
    if program in BASSES or program in WINDS or role is Role.BASS:
        return all(len(chord) <= 2 for chord in chords)
    if program in GUITARS:
        return all(len(chord) <= 6 and max(chord) - min(chord) <= FRET_SPAN for chord in chords)
    return program not in KEYS or all(map(_is_two_hands, chords))


def _struck_together(notes: Iterable[Note]) -> list[list[Note]]:
    return [list(group) for _, group in groupby(notes, key=lambda note: note.start_ticks // _TOGETHER_TICKS)]


def _is_two_hands(chord: Sequence[int]) -> bool:
    """Whether the tones can be divided between two hands."""
    tones = sorted(set(chord))
    return any(_is_one_hand(tones[:cut]) and _is_one_hand(tones[cut:]) for cut in range(len(tones) + 1))


def _is_one_hand(tones: Sequence[int]) -> bool:
    return not tones or (len(tones) <= 5 and tones[-1] - tones[0] <= HAND_SPAN)


def _is_one_drummer(hits: Sequence[Note]) -> bool:
    limbs = [VOICE_OF_KEY[pitch].limb for pitch in {note.pitch for note in hits} if pitch in VOICE_OF_KEY]
    one_each = all(limbs.count(foot) <= 1 for foot in (Limb.RIGHT_FOOT, Limb.LEFT_FOOT))
    return one_each and limbs.count(Limb.HAND) <= 2
