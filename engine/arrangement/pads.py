"""What does a pad hold under this song?

Sustained chords of three to five voices, led by `engine.arrangement.voicing`: struck again where the chord
changes, tones that both chords have held over; figures of assets/patterns/pads say which voices sound when.
Velocities rise towards a new section, because notes are all a pad has to swell with.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from engine.api.suggestion import Part
from engine.arrangement.brief import Brief
from engine.arrangement.comping import words
from engine.arrangement.comping.choosing import Manner, Plan, planned
from engine.arrangement.comping.figures import Figure
from engine.arrangement.comping.laying import Laid, lay
from engine.arrangement.comping.own import own_figure
from engine.arrangement.comping.strokes import Stroke, laid
from engine.arrangement.comping.touch import Sound, notes_of, sounds
from engine.arrangement.comping.who import NAMES, pad_player, padders, trimmed
from engine.arrangement.styles import Instrument
from engine.formats.partpatterns import Loudness
from engine.formats.partpatterns import Part as Library
from engine.generation.melody.dice import Dice
from engine.music import Note, Role

_LONGEST_BARS = 4  # a bow or a breath
_NEAR_TICKS = 24
_SWELL = 10  # velocity gained over the last bars of a section
_SWELL_BARS = 2
_UNDER = 10


@dataclass(frozen=True, slots=True)
class PadIdea:
    """What a take sets out to do: who holds, in how many voices, and what it is about."""

    manner: Manner
    sound: Instrument
    voices: int = 4


@dataclass(frozen=True, slots=True)
class Pad:
    """A part and how it came to be."""

    plan: Plan
    sound: Instrument
    laid: Laid
    sounds: tuple[Sound, ...]
    notes: tuple[Note, ...]
    reasons: tuple[str, ...]

    @property
    def title(self) -> str:
        """Who holds what."""
        title = self.plan.main.title
        return f"{NAMES.get(self.sound.word, 'Pad')}: {title[0].lower()}{title[1:]}"


def pad_ideas(brief: Brief) -> tuple[PadIdea, ...]:
    """What the takes of a request are about, the surest first."""
    players = padders(brief)
    first, others = players[0], players[1:] or players
    own = [PadIdea(Manner.OWN, first)] if own_figure(brief) is not None else []
    return (
        *own,
        PadIdea(Manner.STYLE, first, 4),
        PadIdea(Manner.SIMPLE, others[0], 3),
        PadIdea(Manner.OTHER, others[-1], 4),
        PadIdea(Manner.BUSY, first, 5),
        PadIdea(Manner.OTHER, first, 3),
        PadIdea(Manner.SIMPLE, first, 4),
    )


def pad(brief: Brief, idea: PadIdea, candidate: int, avoid: Collection[Figure] = ()) -> Pad:
    """One part. A pure function of the brief, the idea and the candidate's dice."""
    dice = brief.dice(candidate)
    plan = planned(brief, Library.PADS, idea.manner, idea.sound.word, dice, avoid)
    return held(brief, idea, plan, dice)


def held(brief: Brief, idea: PadIdea, plan: Plan, dice: Dice) -> Pad:
    """The part that a plan gives."""
    found = lay(brief, pad_player(brief, idea.sound.word, idea.voices))
    strokes = laid(brief, plan.figure_of)
    struck = sounds(strokes, lambda _: found, brief, dice)
    heard = [_swelling(sound, brief) for sound in joined(struck, brief)]
    heard = [replace(sound, velocity=trimmed(sound.velocity, idea.sound.word)) for sound in heard]
    tied = len(struck) - len(heard)
    told = (
        _about_figure(plan, idea, brief),
        words.about_voices(found),
        _about_ties(tied),
        words.about_pushes(strokes, brief),
        words.about_register(heard, brief),
        words.about_locks(brief),
        *brief.reasons,
    )
    reasons = tuple(reason for reason in told if reason)
    return Pad(plan, idea.sound, found, tuple(heard), notes_of(heard, brief), reasons)


def joined(struck: Sequence[Sound], brief: Brief) -> list[Sound]:
    """Tones of the next stroke are held over, unless it is short or accented, for four bars at most."""
    longest = _LONGEST_BARS * brief.bars[0].metre.bar_ticks
    found: list[Sound] = []
    by_pitch = sorted(struck, key=lambda sound: (sound.pitch, sound.start_ticks))
    for _, same in groupby(by_pitch, key=lambda sound: sound.pitch):
        now: Sound | None = None
        for sound in same:
            if now is not None and _goes_on(now, sound, longest, brief):
                now = replace(now, end_ticks=sound.end_ticks)
                continue
            found += [now] if now is not None else []
            now = sound
        found += [now] if now is not None else []
    return sorted(found, key=lambda sound: (sound.start_ticks, sound.pitch))


def _goes_on(now: Sound, sound: Sound, longest: int, brief: Brief) -> bool:
    if sound.start_ticks - now.end_ticks > _NEAR_TICKS or sound.end_ticks - now.start_ticks > longest:
        return False
    if sound.stroke.loudness is Loudness.ACCENT or "S" in (sound.stroke.symbol, now.stroke.symbol):
        return False
    return sound.stroke.again or _opens_a_long_bar(sound.stroke, brief)


def _opens_a_long_bar(stroke: Stroke, brief: Brief) -> bool:
    """Whether the figure strikes this line only once in the bar, at its beginning."""
    bar = brief.bar_at(stroke.start_ticks)
    end = min(bar.end_ticks, brief.harmony_at(stroke.start_ticks).end_ticks)
    return stroke.start_ticks == bar.start_ticks and stroke.end_ticks >= end


def _swelling(sound: Sound, brief: Brief) -> Sound:
    """Under the hands that comp, and louder towards the end of a section that is not the last."""
    bar = brief.bar_at(sound.start_ticks)
    left = bar.section_bars - bar.section_bar
    if not bar.section_bars or left > _SWELL_BARS or bar.number == brief.bars[-1].number:
        return replace(sound, velocity=max(1, sound.velocity - _UNDER))
    gain = _SWELL * (1 + _SWELL_BARS - left) // _SWELL_BARS
    return replace(sound, velocity=max(1, min(120, sound.velocity + gain - _UNDER)))


def _about_figure(plan: Plan, idea: PadIdea, brief: Brief) -> str:
    who = NAMES.get(idea.sound.word, "pad").lower()
    if plan.main.key == "own" or len(plan.used) > 1:
        return words.about_figure(plan, brief, who)
    return f"{brief.style.label}: {who} in {idea.voices} voices."


def _about_ties(count: int) -> str:
    return f"Holds {count} tones over into the next chord or bar." if count > 1 else ""


def pad_of(played: Pad, brief: Brief) -> Part:
    """The part of a take; it replaces what stands in the track the request names."""
    track_id = brief.request.track_id if brief.role is Role.PAD else 0
    name = NAMES.get(played.sound.word, "Pad")
    return Part(Role.PAD, name, played.sound.program, played.notes, track_id, played.reasons)


def pad_part(brief: Brief, idea: PadIdea | None = None, candidate: int = 0) -> Part:
    """The surest pad for a brief: what a whole arrangement asks for."""
    return pad_of(pad(brief, idea or pad_ideas(brief)[0], candidate), brief)
