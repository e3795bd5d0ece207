"""Can two hands and two feet play this?

At any moment at most two hands strike the kit and each foot once; one hand on a cymbal, and both hands on a
drum, have a shortest time between strokes. What is too much is left out, the least important first. A machine
has no hands, a band of percussionists has its own.
"""

from collections.abc import Collection, Sequence

from engine.arrangement.drums.stroke import Stroke, stroke_order
from engine.music import Note
from engine.music.drumkit import VOICE_OF_KEY, DrumVoice, Limb

ONE_HAND_S = 0.075
TWO_HANDS_S = 0.045
FOOT_S = 0.1
_DRUMS = frozenset({DrumVoice.SNARE, DrumVoice.TOM1, DrumVoice.TOM2, DrumVoice.TOM3})
_WORTH = {
    DrumVoice.CRASH: 5,
    DrumVoice.CRASH2: 5,
    DrumVoice.CHINA: 5,
    DrumVoice.SNARE: 4,
    DrumVoice.RIM: 4,
    DrumVoice.TOM1: 3,
    DrumVoice.TOM2: 3,
    DrumVoice.TOM3: 3,
}


def playable(strokes: Sequence[Stroke], bpm: float, is_machine: bool) -> list[Stroke]:
    """Each drum once at a tick, and nothing that limbs cannot do."""
    best: dict[tuple[int, DrumVoice], Stroke] = {}
    for stroke in strokes:
        place = (stroke.tick, stroke.voice)
        if place not in best or stroke.loudness > best[place].loudness:
            best[place] = stroke
    found = _one_hat(sorted(best.values(), key=stroke_order))
    if is_machine:
        return found
    return _in_time(_two_hands(found), bpm)


def _one_hat(strokes: list[Stroke]) -> list[Stroke]:
    """A hat is open or closed, not both."""
    open_at = {s.tick for s in strokes if s.voice is DrumVoice.OPEN}
    closing = (DrumVoice.HAT, DrumVoice.PEDAL)
    return [s for s in strokes if s.voice not in closing or s.tick not in open_at]


def _two_hands(strokes: list[Stroke]) -> list[Stroke]:
    by_tick: dict[int, list[Stroke]] = {}
    for stroke in strokes:
        if stroke.voice.limb is Limb.HAND:
            by_tick.setdefault(stroke.tick, []).append(stroke)
    over = [s for found in by_tick.values() for s in sorted(found, key=_worth, reverse=True)[2:]]
    return [s for s in strokes if s not in over] if over else strokes


def _worth(stroke: Stroke) -> float:
    return _WORTH.get(stroke.voice, 2) + 2 * stroke.loudness


def _in_time(strokes: list[Stroke], bpm: float) -> list[Stroke]:
    """Without the strokes that come too soon after one of the same drum."""
    last: dict[DrumVoice, Stroke] = {}
    dropped: set[int] = set()
    for number, stroke in enumerate(strokes):
        before = last.get(stroke.voice)
        if before is not None and stroke.tick - before.tick < _shortest(stroke.voice, bpm):
            dropped.add(number)
        else:
            last[stroke.voice] = stroke
    return [s for number, s in enumerate(strokes) if number not in dropped]


def _shortest(voice: DrumVoice, bpm: float) -> float:
    """Ticks between two strokes of it."""
    if voice.limb in (Limb.RIGHT_FOOT, Limb.LEFT_FOOT):
        seconds = FOOT_S
    else:
        seconds = TWO_HANDS_S if voice in _DRUMS or voice.limb is Limb.BESIDE else ONE_HAND_S
    return seconds * bpm * 480 / 60


def around_fixed(
    strokes: Sequence[Stroke], fixed: Collection[Note], near_ticks: int = 40
) -> tuple[list[Stroke], int]:
    """Strokes that leave locked notes alone (no second stroke beside one, no third hand); how many went."""
    kept: list[Stroke] = []
    for stroke in strokes:
        near = [note for note in fixed if abs(note.start_ticks - stroke.tick) <= near_ticks]
        same = any(note.pitch == stroke.voice.key for note in near)
        hands = sum(_is_hand(note) for note in near)
        others = [s for s in kept if s.tick == stroke.tick and s.voice.limb is Limb.HAND]
        is_third = stroke.voice.limb is Limb.HAND and hands and hands + len(others) >= 2
        if not same and not is_third:
            kept.append(stroke)
    return kept, len(strokes) - len(kept)


def _is_hand(note: Note) -> bool:
    voice = VOICE_OF_KEY.get(note.pitch)
    return voice is not None and voice.limb is Limb.HAND
