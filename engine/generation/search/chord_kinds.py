"""What does each kind of chord request want of the model's takes?

PROGRESSION, CONTINUE and FILL: forms and closes. HARMONISE: the first take is the one that agrees most with
the others, the next lean some way. REHARMONISE is in `chord_changes`.
"""

from collections.abc import Callable

from engine.api.suggestion import SuggestionRequest
from engine.generation.chords.setting import setting_of
from engine.generation.language.grid import Stream
from engine.generation.melody.dice import Dice
from engine.generation.search.chord_counted import FREE, SURE, Counted
from engine.generation.search.chord_hole import CHORDS, ChordHole, chord_hole
from engine.generation.search.chord_leanings import Leaning
from engine.generation.search.chord_plan import free_plan, harmonising_plan
from engine.generation.search.chord_rhythm import rhythm_of
from engine.generation.search.chord_takes import ChordWriter, Wish
from engine.generation.search.models import Checkpoint, Infiller, load_chord_infiller
from engine.generation.search.together import Writer

_DICE = 700_000
HANDS, SURE_HANDS = 12, 16
_LEANINGS = (Leaning.PLAIN, Leaning.RICH, Leaning.BASS, Leaning.BORROWED, Leaning.SPARE)


def free_writer(request: SuggestionRequest, checkpoint: Checkpoint) -> Callable[[Infiller], Writer]:
    """For bars that need chords: from nothing, after what stands before, between what stands around."""

    def writer(infiller: Infiller) -> Writer:
        hole = chord_hole(setting_of(request))

        def wish_of(index: int, attempt: int) -> Wish:
            again = 100 * (attempt > 1)
            chance = Dice(request.seed, _DICE + again + index).chance
            return Wish(free_plan(hole, index, chance, attempt), hands=HANDS)

        return ChordWriter(writes_best(infiller, hole), hole, wish_of, checkpoint)

    return writer


def writes_best(infiller: Infiller, hole: ChordHole) -> Infiller:
    """Where nothing but chords is heard, the model that has learnt chords alone, if it is there."""
    if any(hole.sheet.has(stream) for stream in Stream if stream not in CHORDS):
        return infiller
    return load_chord_infiller() or infiller


def harmonising_writer(request: SuggestionRequest, checkpoint: Checkpoint) -> Callable[[Infiller], Writer]:
    """For the melody of bars."""

    def writer(infiller: Infiller) -> Writer:
        hole = chord_hole(setting_of(request))
        counted = Counted(hole, rhythm_of(hole).places)

        def wish_of(index: int, attempt: int) -> Wish:
            is_sure = index == 1 and not attempt
            leaning = _LEANINGS[(index + attempt - 1) % len(_LEANINGS)]
            plan = harmonising_plan(hole, leaning)
            hands = SURE_HANDS if is_sure else HANDS
            return Wish(
                plan, hands=hands, is_sure=is_sure, counted=counted.trusted(SURE if is_sure else FREE)
            )

        return ChordWriter(infiller, hole, wish_of, checkpoint)

    return writer
