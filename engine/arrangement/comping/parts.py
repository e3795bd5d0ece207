"""From a brief to a comping part: who, which figures, when, which voicings, then touch."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import engine.arrangement.comping.words as words
from engine.api.suggestion import Part
from engine.arrangement.brief import Brief
from engine.arrangement.comping.choosing import Manner, Plan, planned
from engine.arrangement.comping.figures import Figure
from engine.arrangement.comping.laying import Laid, lay
from engine.arrangement.comping.own import own_figure
from engine.arrangement.comping.strokes import Stroke, laid, with_answers, with_room
from engine.arrangement.comping.touch import Sound, notes_of, sounds
from engine.arrangement.comping.who import NAMES, bars_with_bass, compers, comping_player, trimmed
from engine.arrangement.styles import Instrument
from engine.formats.partpatterns import Part as Library
from engine.generation.melody.dice import Dice
from engine.music import Note, Role

ROLE_NAME = "Chords"


@dataclass(frozen=True, slots=True)
class Idea:
    """What a take sets out to do: who plays, and what it is about."""

    manner: Manner
    sound: Instrument


@dataclass(frozen=True, slots=True)
class Comping:
    """A part and how it came to be."""

    plan: Plan
    sound: Instrument
    strokes: tuple[Stroke, ...]
    laid: Laid
    sounds: tuple[Sound, ...]
    notes: tuple[Note, ...]
    reasons: tuple[str, ...]

    @property
    def title(self) -> str:
        """Who plays what."""
        who = NAMES.get(self.sound.word, "Chords")
        return f"{who}: {self.plan.main.title[0].lower()}{self.plan.main.title[1:]}"


def ideas_for(brief: Brief) -> tuple[Idea, ...]:
    """What the takes of a request are about, the surest first."""
    players = compers(brief)
    first, others = players[0], players[1:] or players
    own = [Idea(Manner.OWN, first)] if own_figure(brief) is not None else []
    speaks = Manner.ANSWERS if brief.melody_gaps(2 * brief.bars[0].metre.pulse_ticks) else Manner.BUSY
    return (
        *own,
        Idea(Manner.STYLE, first),
        Idea(Manner.OTHER, others[0]),
        Idea(speaks if brief.melody else Manner.BUSY, first),
        Idea(Manner.SIMPLE, others[-1]),
        Idea(Manner.BUSY, others[0]),
        Idea(Manner.OTHER, first),
        Idea(Manner.SIMPLE, first),
    )


def comping(brief: Brief, idea: Idea, candidate: int, avoid: Collection[Figure] = ()) -> Comping:
    """One part. A pure function of the brief, the idea and the candidate's dice."""
    dice = brief.dice(candidate)
    plan = planned(brief, Library.COMPING, idea.manner, idea.sound.word, dice, avoid)
    return played(brief, idea, plan, dice)


def played(brief: Brief, idea: Idea, plan: Plan, dice: Dice) -> Comping:
    """The part that a plan gives."""
    hands = _hands(brief, idea.sound.word, plan)
    found = next(laid for bar, laid in hands.items() if plan.by_bar[bar].key == plan.main.key)
    everything = laid(brief, plan.figure_of)
    strokes = with_room(everything, brief)
    if idea.manner is Manner.ANSWERS:
        strokes = with_answers(strokes, brief)
    struck = sounds(strokes, lambda tick: hands[brief.bar_at(tick).number], brief, dice)
    heard = [replace(sound, velocity=trimmed(sound.velocity, idea.sound.word)) for sound in struck]
    told = (
        words.about_figure(plan, brief, NAMES.get(idea.sound.word, "chords").lower()),
        words.about_turns(plan),
        words.about_voices(found),
        words.about_pushes(strokes, brief),
        words.about_answers(strokes),
        words.about_room(everything, strokes),
        words.about_register(heard, brief),
        words.about_locks(brief),
        *brief.reasons,
    )
    reasons = tuple(reason for reason in told if reason)
    return Comping(plan, idea.sound, tuple(strokes), found, tuple(heard), notes_of(heard, brief), reasons)


def _hands(brief: Brief, word: str, plan: Plan) -> dict[int, Laid]:
    """Voicings for each bar by its number; bars that want the same hands share them."""
    bass = bars_with_bass(brief)
    players = {
        bar.number: comping_player(brief, word, [plan.figure_of(bar)[0]], bar.number in bass)
        for bar in brief.bars
    }
    laid_by = {player: lay(brief, player) for player in dict.fromkeys(players.values())}
    return {bar: laid_by[player] for bar, player in players.items()}


def part_of(part: Comping, brief: Brief) -> Part:
    """The part of a take; it replaces what stands in the track the request names."""
    track_id = brief.request.track_id if brief.role is Role.CHORDS else 0
    name = NAMES.get(part.sound.word, ROLE_NAME)
    return Part(Role.CHORDS, name, part.sound.program, part.notes, track_id, part.reasons)


def comping_part(brief: Brief, idea: Idea | None = None, candidate: int = 0) -> Part:
    """The surest comping for a brief: what a whole arrangement asks for."""
    return part_of(comping(brief, idea or ideas_for(brief)[0], candidate), brief)
