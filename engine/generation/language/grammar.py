"""Can what is asked be written at all, and which token may come next?

The Grammar of a question knows, before anything is generated, whether every hidden cell can be filled under
its rules and locks (ImpossibleError says where not), and opens a CellGrammar for each cell in turn. Lines are
looked at over all neighbouring hidden bars together: a leap limit or a cadence never runs into a wall.

>>> from engine.generation.language.grid import Sheet, SheetBar
>>> question = Question(Sheet((SheetBar((4, 4), 96),)), (frozenset({Stream.MELODY}),))
>>> grammar = Grammar(question, {(0, Stream.MELODY): Rules(low=60, high=72)})
>>> cell = grammar.begin(0, Stream.MELODY, question.sheet)
>>> bool(token_mask(cell.allowed_bits())[FIRST_PITCH + 60])
True
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from engine.api.errors import ImpossibleError
from engine.generation.language.cells import sounding_pitch
from engine.generation.language.chordgrammar import ChordBar
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.generation.language.linegrammar import ANY_STATE, EXCLUDING, NO_PITCH, LineBar, line_bar
from engine.generation.language.question import Question
from engine.generation.language.rules import CellGrammar, Rules, impossible, token_mask
from engine.generation.language.vocabulary import FIRST_PITCH
from engine.generation.language.voicegrammar import VoiceBar

__all__ = ["FIRST_PITCH", "CellGrammar", "Grammar", "Rules", "token_mask"]

Place = tuple[int, Stream]
"""A bar of the sheet and a stream."""
_FREE = Rules()


class Grammar:
    """Of one question. `rules` by bar and stream; `label` names a bar for people (counted from 1 by itself).

    Raises ImpossibleError where rules and locks exclude each other.
    """

    def __init__(
        self,
        question: Question,
        rules: Mapping[Place, Rules] | None = None,
        label: Callable[[int], str] = lambda bar: str(bar + 1),
    ) -> None:
        self.question = question
        self._label = label
        self._rules = dict(rules or {})
        self._lines: dict[Place, LineBar] = {}
        self._chords: dict[int, ChordBar] = {}
        self._voices: dict[Place, VoiceBar] = {}
        self._narrowed: dict[tuple[int, Stream, Rules], LineBar] = {}
        for bar in reversed(question.fills):
            for stream in sorted(question.holes[bar]):
                self._prepare(bar, stream)
        self._check_beginnings()

    def rules_of(self, bar: int, stream: Stream) -> Rules:
        """The rules of a hidden cell. A visible note before it may not be made longer."""
        rules = self._rules.get((bar, stream), _FREE)
        if bar == 0 or stream not in self.question.holes[bar - 1]:
            return replace(rules, ties=False)
        return rules

    def begin(self, bar: int, stream: Stream, written: Sheet, narrowed: Rules | None = None) -> CellGrammar:
        """The grammar of the next hidden cell; `written` holds everything written before it.

        `narrowed` are stricter rules found on the way (the tones of a chord just written); they are kept to
        where the cell can be written so, and left where not.
        """
        if stream is Stream.CHORDS:
            return self._chord_bar(bar, narrowed).begin()
        if stream.is_line:
            return self._begin_line(bar, stream, written, narrowed)
        before = written.bars[bar - 1] if bar else None
        return self._voice_bar(bar, stream, narrowed).begin(_sounding_voices(before, stream))

    # lines ---------------------------------------------------------------------------

    def _begin_line(self, bar: int, stream: Stream, written: Sheet, narrowed: Rules | None) -> CellGrammar:
        last = self._last_pitch(written.bars, bar, stream)
        sounding = None
        if bar:
            sounding = sounding_pitch(written.bars[bar - 1].cells.get(stream), written.bars[bar - 1].length)
        if narrowed is not None:
            try:
                return self._narrowed_bar(bar, stream, narrowed).begin(last, sounding)
            except ImpossibleError:
                pass  # the rules asked for from the beginning go before those found on the way
        return self._lines[bar, stream].begin(last, sounding)

    def _narrowed_bar(self, bar: int, stream: Stream, rules: Rules) -> LineBar:
        """Takes of one question often write the same chords: their bars are looked at once."""
        found = self._narrowed.get((bar, stream, rules))
        if found is None:
            found = self._narrowed[bar, stream, rules] = self._line_bar(bar, stream, rules)
        return found

    def _line_bar(self, bar: int, stream: Stream, rules: Rules) -> LineBar:
        return line_bar(
            rules,
            tuple(self._locked_notes(bar, stream)),
            self.question.sheet.bars[bar].length,
            self._label(bar),
            self._ends(bar, stream, rules),
        )

    def _ends(self, bar: int, stream: Stream, rules: Rules) -> int:
        """Last pitches from which what follows can be reached."""
        after = self._lines.get((bar + 1, stream))
        if after is not None:
            return after.starts
        following = _first_pitch(self.question, bar + 1, stream)
        if following is None or rules.max_leap >= 127:
            return ANY_STATE
        low, high = max(0, following - rules.max_leap), min(127, following + rules.max_leap)
        return ((1 << (high + 1)) - 1) >> low << low | 1 << NO_PITCH

    def _last_pitch(self, bars: Sequence[SheetBar], end: int, stream: Stream) -> int | None:
        """The last note before the bar, within its run of hidden bars or the visible bars before that run;
        None where there is none."""
        is_hidden = True
        for bar in range(end - 1, -1, -1):
            was_hidden, is_hidden = is_hidden, stream in self.question.holes[bar]
            cell = bars[bar].cells.get(stream)
            if cell is None or (is_hidden and not was_hidden):
                return None
            if cell and isinstance(cell[-1], NoteEvent):
                return cell[-1].pitch
        return None

    def _check_beginnings(self) -> None:
        """Can the first bar of every run of hidden bars be begun after what stands before it?"""
        for (bar, stream), line in self._lines.items():
            if (bar - 1, stream) not in self._lines:
                last = self._last_pitch(self.question.sheet.bars, bar, stream)
                if not line.starts >> (NO_PITCH if last is None else last) & 1:
                    raise impossible(self._label(self._first_wall(bar, stream)), EXCLUDING)

    def _first_wall(self, bar: int, stream: Stream) -> int:
        """The bar of a run that cannot be written even alone, else the first."""
        first = bar
        while (bar, stream) in self._lines:
            rules = self.rules_of(bar, stream)
            alone = LineBar(rules, self._locked_notes(bar, stream), self._lines[bar, stream].length, "")
            if not alone.starts:
                return bar
            bar += 1
        return first

    # preparing -----------------------------------------------------------------------

    def _prepare(self, bar: int, stream: Stream) -> None:
        if stream is Stream.CHORDS:
            self._chords[bar] = self._make_chord_bar(bar, self.rules_of(bar, stream))
        elif stream.is_line:
            self._lines[bar, stream] = self._line_bar(bar, stream, self.rules_of(bar, stream))
        else:
            self._voices[bar, stream] = self._make_voice_bar(bar, stream, self.rules_of(bar, stream))

    def _chord_bar(self, bar: int, narrowed: Rules | None) -> ChordBar:
        if narrowed is not None:
            try:
                return self._make_chord_bar(bar, narrowed)
            except ImpossibleError:
                pass
        return self._chords[bar]

    def _make_chord_bar(self, bar: int, rules: Rules) -> ChordBar:
        locks = self.question.locks.get(bar, {}).get(Stream.CHORDS, ())
        chords = [lock for lock in locks if isinstance(lock, ChordEvent)]
        return ChordBar(rules, chords, self.question.sheet.bars[bar].length, self._label(bar))

    def _voice_bar(self, bar: int, stream: Stream, narrowed: Rules | None) -> VoiceBar:
        if narrowed is not None:
            try:
                return self._make_voice_bar(bar, stream, narrowed)
            except ImpossibleError:
                pass
        return self._voices[bar, stream]

    def _make_voice_bar(self, bar: int, stream: Stream, rules: Rules) -> VoiceBar:
        length = self.question.sheet.bars[bar].length
        locks = self._locked_notes(bar, stream)
        return VoiceBar(rules, locks, length, self._label(bar), stream is Stream.DRUMS)

    def _locked_notes(self, bar: int, stream: Stream) -> list[NoteEvent]:
        locks = self.question.locks.get(bar, {}).get(stream, ())
        return [lock for lock in locks if isinstance(lock, NoteEvent)]


def _first_pitch(question: Question, bar: int, stream: Stream) -> int | None:
    """The first note of the stream from a visible bar on, if it stands there."""
    if bar >= len(question.sheet.bars) or not question.is_visible(bar, stream):
        return None
    cell = question.sheet.bars[bar].cells[stream]
    return cell[0].pitch if cell and isinstance(cell[0], NoteEvent) else None


def _sounding_voices(bar: SheetBar | None, stream: Stream) -> list[int]:
    if bar is None:
        return []
    notes = [event for event in bar.cells.get(stream, ()) if isinstance(event, NoteEvent)]
    return [note.pitch for note in notes if note.offset + note.duration >= bar.length]
