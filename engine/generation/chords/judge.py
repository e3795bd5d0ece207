"""Would a musician keep it? Readable features of a chord idea, and how they add up.

Likelihood never ranks ideas: it picks monotony. It only says how surprising an idea is, and that should be
near what
was asked for.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import Setting
from engine.music import Chord, ChordSpan
from engine.music.roman import Colour, Function, colour_of, function

USUAL_BITS = 2.2
"""The surprise of a chord that is wanted where nobody says."""
_WEIGHED = 24  # chords of an idea that are weighed for surprise; longer ideas go round


@dataclass(frozen=True, slots=True)
class Judgement:
    """Each 0-1 except surprise_bits (mean bits a chord), clashes (a count) and standing (bars too long)."""

    fit: float | None
    clashes: int
    cadence: float
    variety: float
    motion: float
    sense: float
    recall: float
    surprise_bits: float
    standing: float = 0.0

    def total(self, wanted_bits: float | None) -> float:
        """Higher is better; `wanted_bits` is the surprise asked for."""
        score = 1.2 * self.cadence + 1.0 * self.variety + 0.6 * self.motion + 1.0 * self.sense
        score += 0.4 * self.recall - 0.6 * min(self.standing, 4.0)
        if self.fit is not None:
            score += 2.5 * self.fit - 0.5 * min(self.clashes, 4)
        wanted = USUAL_BITS if wanted_bits is None else wanted_bits
        return score - 0.25 * abs(self.surprise_bits - wanted)


def judged(
    setting: Setting, spans: Sequence[ChordSpan], fit: MelodyFit, bits: Sequence[float] | None = None
) -> Judgement:
    """The features of an idea. `bits`: surprise of its chords when already known."""
    chords = [span.chord for span in spans if not span.chord.is_no_chord]
    return Judgement(
        fit.share(spans) if fit else None,
        fit.clashes(spans) if fit else 0,
        _cadence(setting, chords),
        _variety(chords),
        _motion(setting, chords),
        _sense(setting, chords),
        recall(setting, chords),
        _mean(surprises(setting, spans) if bits is None else bits),
        standing_bars(setting, spans),
    )


def surprised(setting: Setting, spans: Sequence[ChordSpan], judgement: Judgement) -> Judgement:
    """The judgement with the idea's true surprise, which takes far longer to find than all the rest."""
    return replace(judgement, surprise_bits=_mean(surprises(setting, spans)))


def surprises(setting: Setting, spans: Sequence[ChordSpan]) -> list[float]:
    """Bits of the idea's chords."""
    chords = [span.chord for span in spans if not span.chord.is_no_chord]
    return setting.foresight.surprises(chords[:_WEIGHED])


def _mean(bits: Sequence[float]) -> float:
    return float(np.mean(bits)) if len(bits) else 0.0


def standing_bars(setting: Setting, spans: Sequence[ChordSpan]) -> float:
    """How many bars the harmony stands still longer than two bars, or than the song itself lets it stand."""
    longest = _longest_stand(spans)
    usual = max(2 * _bar_ticks(setting), _longest_stand((*setting.before, *setting.after)))
    return max(0.0, (longest - usual) / _bar_ticks(setting))


def _bar_ticks(setting: Setting) -> int:
    return setting.song.time_map.metre_at(setting.start_ticks).bar_ticks


def _longest_stand(spans: Sequence[ChordSpan]) -> int:
    """The longest time over one root, in ticks."""
    longest = standing = 0
    root: int | None = None
    for span in spans:
        standing = standing + span.duration_ticks if span.chord.root == root else span.duration_ticks
        root = span.chord.root
        longest = max(longest, standing)
    return longest


def recall(setting: Setting, chords: Sequence[Chord]) -> float:
    """Share of the idea's pairs of chords that the song has already played."""
    outside = [span.chord for span in (*setting.before, *setting.after)]
    known = set(itertools.pairwise(outside))
    pairs = list(itertools.pairwise(chords))
    return sum(pair in known for pair in pairs) / len(pairs) if pairs and known else 0.0


def _cadence(setting: Setting, chords: Sequence[Chord]) -> float:
    """How well the end leads into what follows, or closes."""
    if not chords:
        return 0.0
    last, key = chords[-1], setting.key
    if setting.chord_after is not None:
        return _leads(last, setting.chord_after)
    if last.root == key.tonic and last.is_dominant and not _sounds_blue(setting):
        return 0.45
    if last.root == key.tonic and last.bass is None:
        return 1.0 if len(chords) < 2 or function(chords[-2], key) is not Function.TONIC else 0.7
    return 0.75 if function(last, key) is Function.DOMINANT else 0.4


def _sounds_blue(setting: Setting) -> bool:
    """Whether the song itself rests on a tonic with a minor seventh."""
    outside = (*setting.before, *setting.after)
    return any(span.chord.root == setting.key.tonic and span.chord.is_dominant for span in outside)


def _leads(last: Chord, after: Chord) -> float:
    if (last.root, last.quality) == (after.root, after.quality):
        return 0.35
    step = (after.root - last.root) % 12
    if last.has_major_third and step in (5, 11):
        return 1.0
    return {5: 0.95, 7: 0.75, 2: 0.75, 10: 0.65, 1: 0.6, 11: 0.55, 3: 0.6, 9: 0.6, 4: 0.55, 8: 0.6}.get(
        step, 0.4
    )


def _variety(chords: Sequence[Chord]) -> float:
    """Neither one chord for ever, nor two in turn, nor never the same again."""
    if len(chords) < 3:
        return 1.0 if len(set(chords)) == len(chords) else 0.5
    turns = sum(a == c for a, c in zip(chords, chords[2:], strict=False)) / (len(chords) - 2)
    wanted = min(len(chords), 3 if len(chords) <= 4 else 4)
    enough = min(1.0, len({(c.root, c.has_minor_third) for c in chords}) / wanted)
    return max(0.0, enough - max(0.0, turns - 0.35))


def _motion(setting: Setting, chords: Sequence[Chord]) -> float:
    """Share of changes in which voices can hold or step: common tones, fifths, or steps in the bass."""
    everything = [c for c in (setting.chord_before, *chords, setting.chord_after) if c is not None]
    pairs = list(itertools.pairwise(everything))
    if not pairs:
        return 0.5
    smooth = 0
    for a, b in pairs:
        bass = min(
            (b.bass_pitch_class - a.bass_pitch_class) % 12, (a.bass_pitch_class - b.bass_pitch_class) % 12
        )
        smooth += bool(a.pitch_classes & b.pitch_classes) or bass in (1, 2)
    return smooth / len(pairs)


def _sense(setting: Setting, chords: Sequence[Chord]) -> float:
    """Foreign chords are few and lead where they should; tonic and tension both have their place."""
    if not chords:
        return 0.0
    key = setting.key
    after = [*chords[1:], setting.chord_after]
    lost = foreign = 0
    for chord, following in zip(chords, after, strict=True):
        colour = colour_of(chord, key, following)
        foreign += colour not in (Colour.DIATONIC, Colour.BLUES)
        lost += colour is Colour.CHROMATIC
    crowd = 1.5 * max(0.0, foreign / len(chords) - 0.3)
    jobs = {function(chord, key) for chord in chords}
    moves = 1.0 if len(chords) < 3 or len(jobs) > 1 else 0.5
    homeless = 0.4 * (len(chords) > 2 and all(chord.root != key.tonic for chord in chords))
    opens_away = 0.2 * (setting.chord_before is None and function(chords[0], key) is not Function.TONIC)
    return max(0.0, moves - 1.0 * lost / len(chords) - crowd - homeless - opens_away)
