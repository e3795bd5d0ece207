"""Chords for bars that need some: after what stands before, before what stands after, or from nothing.

Serves the kinds progression, continue and fill. The first take comes from the character closest to the
song, so that it
is there at once; the others are drawn, judged and chosen while it plays.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from engine.api.errors import ImpossibleError
from engine.api.suggestion import SuggestionRequest, Take
from engine.generation.chords.bassline import singing_bass
from engine.generation.chords.cadence import close, closing_edges
from engine.generation.chords.dice import dice
from engine.generation.chords.ideas import Idea, chosen, idea, take_of, wanted_bits
from engine.generation.chords.loops import Loop, carried_on, loop_before, loop_through, rhythm_plan
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import Setting, setting_of
from engine.generation.chords.spans import Slot, assembled, cut_at_locks, locked_at
from engine.generation.chords.walk import Character, Walk
from engine.generation.registry import Checkpoint
from engine.music import Chord

_DRAWN = (
    Character.CLOSE,
    Character.FRESH,
    Character.FIFTHS,
    Character.BORROWED,
    Character.BASS,
    Character.COLOUR,
)
_ATTEMPTS = 6
_SURPRISING, _BOLD = 0.6, (Character.FRESH, Character.BORROWED, Character.COLOUR)
_ROUND, _JAZZ_ROUND = 4, 8  # bars drawn chord by chord; longer regions go round


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Take]:
    """Takes, the closest to the song first. Raises ImpossibleError when every bar is locked."""
    setting = setting_of(request)
    _check_room(setting)
    fit = MelodyFit(setting.melody, setting.song.time_map, setting.model.tables["fit"])
    maker = _Maker(setting, fit, checkpoint)
    wanted = wanted_bits(request)
    if request.takes < 1:
        return
    first_pool = maker.near()
    first = max(first_pool, key=lambda one: one.worth(wanted))
    takes = [take_of(setting, first, fit)]
    yield takes[0]
    pool = [one for one in first_pool if one is not first]
    shown = [first]
    for attempt in range(_ATTEMPTS):
        if len(shown) >= request.takes:
            break
        pool += maker.drawn(attempt)
        for one in chosen(pool, request.takes - len(shown), wanted, shown):
            checkpoint()
            pool.remove(one)
            shown.append(one)
            takes.append(take_of(setting, one, fit, takes))
            yield takes[-1]


def _check_room(setting: Setting) -> None:
    free = setting.end_ticks - setting.start_ticks - sum(span.duration_ticks for span in setting.locked)
    if free <= 0:
        raise ImpossibleError("Every chord of these bars is locked; unlock one to get ideas.")


class _Maker:
    """Draws candidates for one request; each has a number that keys its dice."""

    def __init__(self, setting: Setting, fit: MelodyFit, checkpoint: Checkpoint) -> None:
        self._setting, self._fit, self._checkpoint = setting, fit, checkpoint
        self._walk = Walk(setting, checkpoint)
        self._through = loop_through(setting)
        self._loop = self._through or loop_before(setting)
        self._drawn_so_far = 0

    def near(self) -> list[Idea]:
        """The candidates closest to the song: its loop carried on, or a calm draw; bolder ones where more
        than a little surprise is asked for."""
        surprise = self._setting.request.controls.surprise or 0.0
        if surprise > _SURPRISING:
            self._walk.warmth = 0.5 + surprise
            return [self._candidate(character) for character in _BOLD]
        loop = self._loop
        goes_on = self._setting.chord_after is None or self._through is not None
        if loop is not None and loop.times >= 2 and goes_on:
            return [self._looped(loop)]
        is_long = len(self._setting.bars) > _ROUND and (
            bool(self._setting.before) or self._setting.style == "jazz"
        )
        return [self._candidate(Character.CLOSE) for _ in range(1 if is_long else 3)]

    def drawn(self, attempt: int) -> list[Idea]:
        """A round of candidates of every character."""
        found = []
        self._walk.warmth = 1.0 + 0.4 * attempt
        if not attempt and self._loop is not None and self._setting.chord_after is None:
            found.append(self._turned(self._loop))
        is_long = len(self._setting.bars) > _ROUND
        for character in _DRAWN:
            for _ in range(1 if is_long or attempt else 2):
                found.append(self._candidate(character))
        return found

    def _looped(self, loop: Loop) -> Idea:
        label = self._setting.song.time_map.bar_label
        last = loop.first_bar + len(loop.bars) - 1
        bars = (
            f"bars {label(loop.first_bar)}–{label(last)}" if last > loop.first_bar else f"bar {label(last)}"
        )
        reason = f"your loop of {bars} goes round again"
        return self._as_idea(carried_on(self._setting, loop), "The loop goes on", (reason,), 0.6)

    def _turned(self, loop: Loop) -> Idea:
        """The loop, or the phrase once more, with an ending of its own."""
        slots = carried_on(self._setting, loop)
        keep = max(1, len(self._setting.bars) - max(1, min(2, len(self._setting.bars) // 2)))
        edge = self._setting.bars[min(keep, len(self._setting.bars) - 1)].start_ticks
        kept = [slot for slot in slots if slot.start_ticks < edge]
        edges = closing_edges(self._setting, [slot.start_ticks for slot in slots])
        random = self._dice()
        ending = {
            start: chord for start, chord in close(self._setting, edges, random).items() if start >= edge
        }
        fixed = {slot.start_ticks: slot.chord for slot in kept} | ending
        chords = self._walk.progression(edges, Character.CLOSE, random, fixed)
        label = self._setting.song.time_map.bar_label
        what = "loop" if loop.times > 1 else "phrase"
        start = self._setting.song.time_map.bar_of(edge)
        reason = (
            f"your {what} from bar {label(loop.first_bar)} again, with a new ending from bar {label(start)}"
        )
        turned = [Slot(a, b, c) for a, b, c in zip(edges, edges[1:], chords, strict=False)]
        return self._as_idea(turned, "Same road, new ending", (reason,) if kept else (), 1.0)

    def _candidate(self, character: Character) -> Idea:
        self._checkpoint()
        random = self._dice()
        edges = cut_at_locks(rhythm_plan(self._setting, random), self._setting.locked)
        closes = self._setting.chord_after is None and bool(self._drawn_so_far % 2)
        if closes:
            edges = cut_at_locks(closing_edges(self._setting, edges), self._setting.locked)
        settled = close(self._setting, edges, random) if closes else {}
        stop = self._round_end(random)
        body = sorted({edge for edge in edges if edge < stop} | {stop})
        ends_here = stop == self._setting.end_ticks
        chords = self._walk.progression(body, character, random, settled if ends_here else {})
        if not ends_here:
            body, chords = self._round_again(body, chords, edges, character, settled, random)
        if character is Character.BASS:
            fixed = [locked_at(start, self._setting.locked) is not None for start in body[:-1]]
            chords = singing_bass(chords, self._setting.chord_before, fixed)
        slots = [Slot(a, b, c) for a, b, c in zip(body, body[1:], chords, strict=False)]
        return self._as_idea(slots, "", (), 0.0)

    def _round_end(self, random: np.random.Generator) -> int:
        """Where the drawn round ends: phrases of four bars come again in songs, of eight in long jazz
        regions."""
        bars = self._setting.bars
        style = self._setting.style or self._setting.listener.style
        length = _JAZZ_ROUND if style in ("jazz", "classical") or random.random() < 0.3 else _ROUND
        return bars[length].start_ticks if len(bars) > length + 1 else self._setting.end_ticks

    def _round_again(
        self,
        body: Sequence[int],
        chords: Sequence[Chord],
        edges: Sequence[int],
        character: Character,
        ending: dict[int, Chord],
        random: np.random.Generator,
    ) -> tuple[list[int], list[Chord]]:
        """The round played again to the end of the region, its last bar drawn anew to lead on or close."""
        slots = [Slot(a, b, c) for a, b, c in zip(body, body[1:], chords, strict=False)]
        count = sum(bar.start_ticks < body[-1] for bar in self._setting.bars)
        again = carried_on(self._setting, Loop(tuple(self._bar_of(slots, n) for n in range(count)), 1, 0))
        last = self._setting.bars[-1].start_ticks
        settled = {slot.start_ticks: slot.chord for slot in again if slot.start_ticks < last}
        whole = sorted(
            set(settled) | {edge for edge in edges if edge > last} | {last, self._setting.end_ticks}
        )
        whole = cut_at_locks(whole, self._setting.locked)
        settled |= {start: chord for start, chord in ending.items() if start in whole}
        return whole, self._walk.progression(whole, character, random, settled)

    def _bar_of(self, slots: Sequence[Slot], place: int) -> tuple[tuple[int, Chord], ...]:
        bar = self._setting.bars[place]
        return tuple(
            (max(slot.start_ticks, bar.start_ticks) - bar.start_ticks, slot.chord)
            for slot in slots
            if slot.start_ticks < bar.end_ticks and slot.end_ticks > bar.start_ticks
        )

    def _as_idea(self, slots: Sequence[Slot], name: str, known: tuple[str, ...], bonus: float) -> Idea:
        spans = assembled(slots, self._setting.locked)
        return idea(self._setting, spans, self._fit, name, known, bonus)

    def _dice(self) -> np.random.Generator:
        self._drawn_so_far += 1
        return dice(self._setting.request.seed, self._drawn_so_far)
