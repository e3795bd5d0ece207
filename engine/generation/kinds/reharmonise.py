"""Other chords for bars that have chords: a change of light at surprise 0, bold but functional at 1.

The model writes after the first take. The counting model works backwards, so that every foreign chord leads
where it should: for each chord a substitute is drawn whose boldness is near the surprise asked for, that
carries the melody and goes well into the chord already chosen after it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Keep, Kind, SuggestionRequest, Take
from engine.generation.chords.dice import dice
from engine.generation.chords.ideas import Idea, chosen, difference, idea, take_of
from engine.generation.chords.lattice_counted import style_weights
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import Setting, kept_cadence, setting_of
from engine.generation.chords.spans import assembled
from engine.generation.chords.stylecolours import style_colours
from engine.generation.chords.substitutes import Place, Substitute, substitutes
from engine.generation.chords.vocabulary import START, Seventh, seventh_class
from engine.generation.registry import Answer, Checkpoint
from engine.generation.search.chord_changes import changing_writer
from engine.generation.search.together import instant_then_model
from engine.music import Chord, ChordSpan, Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.REHARMONISE, None),)

_USUAL_SURPRISE = 0.4
_CANDIDATES = 12
_BOLD = 0.5
_WIDTH = 0.02  # how far from the surprise asked for a substitute's boldness may lie


@dataclass(frozen=True)
class _Spot:
    """A chord of the region that may change, with what it needs to keep."""

    start: int
    end: int
    chord: Chord
    is_kept: bool


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """The instant take, then the model's. Raises ImpossibleError where there are no chords to change."""
    instant = suggest_instantly(request, checkpoint)
    return instant_then_model(request, instant, changing_writer(request, checkpoint))


def suggest_instantly(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Take]:
    """Takes of the counting model, best first. Raises ImpossibleError where there are no chords to change."""
    setting = setting_of(request)
    spots = _spots(setting)
    if not spots:
        raise ImpossibleError("There are no chords in these bars to reharmonise.")
    if all(spot.is_kept for spot in spots):
        raise ImpossibleError("Every chord of these bars is locked; unlock one to get ideas.")
    if request.takes < 1:
        return
    fit = MelodyFit(setting.melody, setting.song.time_map, setting.model.tables["fit"])
    maker = _Reharmoniser(setting, spots, fit)
    shown: list[Idea] = []
    takes: list[Take] = []
    for attempt in range(3):
        pool = []
        for number in range(3 if not shown and not attempt else _CANDIDATES):
            checkpoint()
            pool.append(maker.candidate(dice(request.seed, 100 * attempt + number), attempt))
        count = (1 if not attempt else request.takes) - len(shown)
        for one in chosen(pool, count, maker.wanted_bits, shown):
            checkpoint()
            shown.append(one)
            takes.append(take_of(setting, one, fit, takes))
            yield takes[-1]
        if len(shown) >= request.takes:
            return


def _spots(setting: Setting) -> list[_Spot]:
    """The sounding chords of the region; the last two are kept when the cadence is to stay."""
    spans = [span for span in setting.inside if not span.chord.is_no_chord]
    cadence = kept_cadence(setting)
    return [
        _Spot(span.start_ticks, span.end_ticks, span.chord, span.locked or span in cadence) for span in spans
    ]


class _Reharmoniser:
    def __init__(self, setting: Setting, spots: Sequence[_Spot], fit: MelodyFit) -> None:
        self._setting, self._spots, self._fit = setting, spots, fit
        surprise = setting.request.controls.surprise
        self._surprise = _USUAL_SURPRISE if surprise is None else float(np.clip(surprise, 0.0, 1.0))
        self.wanted_bits = 1.0 + 4.5 * self._surprise
        pairs = np.exp(setting.model.chords.pairs.astype(np.float64))
        self._pairs = np.tensordot(style_weights(setting), pairs, axes=1)
        self._emissions = [fit.emission(spot.start, spot.end) for spot in spots]
        self._colours = style_colours(setting.request.controls.style)
        wants_sevenths = self._colours[Seventh.MAJOR] < self._colours[Seventh.MAJOR_SEVENTH]
        self._is_plain = self._song_is_plain() and not wants_sevenths
        self._keeps_bass = Keep.BASS_LINE in setting.request.controls.keep
        self._known_options: dict[tuple[int, Chord | None, bool], list[Substitute]] = {}
        self._rubs: dict[tuple[int, tuple[Chord, ...]], int] = {}

    def candidate(self, random: np.random.Generator, attempt: int) -> Idea:
        """One reharmonisation of all spots, drawn from the last to the first."""
        following = self._setting.chord_after
        bold_left = self._bold_allowance()
        parts: list[tuple[int, int, Chord]] = []
        for place in range(len(self._spots) - 1, -1, -1):
            spot = self._spots[place]
            drawn = self._drawn(place, following, bold_left > 0, random, attempt)
            bold_left -= drawn.boldness >= _BOLD
            parts = [*self._timed(spot, drawn.chords), *parts]
            following = drawn.chords[0]
        spans = assembled(self._with_silence(parts), self._setting.locked)
        changed = difference(spans, self._setting.inside)
        near = -2.0 * abs(changed - (0.12 + 0.7 * self._surprise)) - (3.0 if changed == 0.0 else 0.0)
        return idea(self._setting, spans, self._fit, "", self._kept_reason(spans), near)

    def _drawn(
        self, place: int, following: Chord | None, bold: bool, random: np.random.Generator, attempt: int
    ) -> Substitute:
        spot = self._spots[place]
        if spot.is_kept:
            return Substitute((spot.chord,), 0.0)
        known = (place, following, bold)
        if known not in self._known_options:
            self._known_options[known] = self._options(place, spot, following, bold)
        options = self._known_options[known]
        width = _WIDTH * (1.0 + attempt)
        target = self._surprise * random.uniform(0.4, 1.2)
        weights = [
            -((one.boldness - target) ** 2) / (2 * width + 0.05 * self._surprise)
            + 0.35 * self._goes_into(one.chords[-1], following)
            + 0.8 * min(0.0, self._gain(place, one))
            - 0.4 * (len(one.chords) > 1) * (1.0 - self._surprise)
            + self._colour(one.chords)
            for one in options
        ]
        noise = random.gumbel(size=len(options)) * 0.8
        return options[int((np.array(weights) + noise).argmax())]

    def _colour(self, chords: Sequence[Chord]) -> float:
        """How well the chords have the colours of a style that is asked for by name."""
        return float(self._colours[[seventh_class(chord.quality) for chord in chords]].mean())

    def _options(self, place: int, spot: _Spot, following: Chord | None, bold: bool) -> list[Substitute]:
        metre = self._setting.song.time_map.metre_at(spot.start)
        length = spot.end - spot.start
        divisible = length >= min(metre.bar_ticks, 4 * metre.pulse_ticks) and length > metre.pulse_ticks
        key = self._setting.key
        found = substitutes(Place(spot.chord, following, key, self._is_plain, divisible))
        last_home = place == len(self._spots) - 1 and following is None and spot.chord.root == key.tonic
        if last_home:
            found = [one for one in found if one.boldness <= 0.12]
        if self._keeps_bass:
            found = [found[0], *(kept for one in found[1:] if (kept := _over_bass(one, spot.chord)))]
        calm = [one for one in found if one.boldness < _BOLD or bold]
        before = self._clashes(spot, (spot.chord,))
        return [one for one in calm if self._carries(spot, one, before)] or [found[0]]

    def _carries(self, spot: _Spot, one: Substitute, before: int) -> bool:
        """No more rubs with held notes than the artist's own chord had."""
        return self._clashes(spot, one.chords) <= before

    def _clashes(self, spot: _Spot, chords: tuple[Chord, ...]) -> int:
        if (spot.start, chords) not in self._rubs:
            spans = [ChordSpan(0, a, b - a, chord) for a, b, chord in self._timed(spot, chords)]
            self._rubs[spot.start, chords] = self._fit.clashes(spans)
        return self._rubs[spot.start, chords]

    def _gain(self, place: int, one: Substitute) -> float:
        """Melody fit of the substitute against the chord that stood there."""
        scores = self._emissions[place]
        old = scores[self._spots[place].chord.root, seventh_class(self._spots[place].chord.quality)]
        new = sum(scores[c.root, seventh_class(c.quality)] for c in one.chords) / len(one.chords)
        return float(new - old)

    def _goes_into(self, chord: Chord, following: Chord | None) -> float:
        if following is None:
            return 0.0
        if (chord.root, chord.quality) == (following.root, following.quality):
            return -3.0
        tonic = self._setting.key.tonic
        row = (chord.root - tonic) % 12 * 16 + int(seventh_class(chord.quality))
        column = (following.root - tonic) % 12 * 16 + int(seventh_class(following.quality))
        return float(np.log(self._pairs[row, column] / self._pairs[START, column] + 1e-2))

    def _bold_allowance(self) -> int:
        """One surprise a phrase is a gift, three are noise."""
        phrases = max(1.0, len(self._setting.bars) / 4)
        return max(1, round(phrases * (0.5 + 2.0 * self._surprise)))

    def _song_is_plain(self) -> bool:
        chords = [span.chord for span in self._setting.song.chords if not span.chord.is_no_chord]
        rich = sum(any(tone in (10, 11, 14) for tone in chord.intervals) for chord in chords)
        return rich < 0.35 * len(chords)

    def _timed(self, spot: _Spot, chords: Sequence[Chord]) -> list[tuple[int, int, Chord]]:
        """The chords over the spot's time; the second of two takes the later half, on a pulse."""
        if len(chords) == 1:
            return [(spot.start, spot.end, chords[0])]
        pulse = self._setting.song.time_map.metre_at(spot.start).pulse_ticks
        half = (spot.end - spot.start + pulse) // (2 * pulse) * pulse
        return [(spot.start, spot.start + half, chords[0]), (spot.start + half, spot.end, chords[1])]

    def _with_silence(self, parts: Sequence[tuple[int, int, Chord]]) -> list[tuple[int, int, Chord]]:
        """Bars stay full: gaps between the artist's chords hold the chord before (or the first one)."""
        filled: list[tuple[int, int, Chord]] = []
        at = self._setting.start_ticks
        for start, end, chord in parts:
            if start > at:
                filled.append((at, start, filled[-1][2] if filled else chord))
            filled.append((start, end, chord))
            at = end
        if at < self._setting.end_ticks:
            filled.append((at, self._setting.end_ticks, filled[-1][2]))
        return filled

    def _kept_reason(self, spans: Sequence[ChordSpan]) -> tuple[str, ...]:
        keep = self._setting.request.controls.keep
        if Keep.BASS_LINE in keep:
            return ("your bass line stays under new chords",)
        if kept_cadence(self._setting):
            return ("your cadence stays as it is",)
        return ()


def _over_bass(one: Substitute, old: Chord) -> Substitute | None:
    """The substitute over the old bass, if that note is in it."""
    bass = old.bass_pitch_class
    if len(one.chords) != 1 or bass not in one.chords[0].pitch_classes - {one.chords[0].bass}:
        return None
    chord = one.chords[0]
    return Substitute((Chord(chord.root, chord.quality, None if bass == chord.root else bass),), one.boldness)
