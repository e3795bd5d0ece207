"""Which bars of chords are to be written, over what, and how are the model's chords spelled as the song's?

A ChordHole is the artist's Setting beside the Sheet the model reads: the chords of the region hidden,
melody and bass visible. Bars and ticks are the sheet's, roots above its tonic C; `spans` gives them back as
chords of the song, in the song's own spelling of a quality where the language only knows its kind.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.api.suggestion import SuggestionRequest
from engine.generation.chords.loops import bar_chords
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.metre import pulse_offsets
from engine.generation.chords.setting import Setting, melody_track
from engine.generation.chords.spans import Slot, assembled
from engine.generation.language.grid import SONG_TICKS, Cell, ChordEvent, Sheet, Stream
from engine.generation.language.question import Question
from engine.generation.language.songs import question_of
from engine.generation.language.vocabulary import told_quality
from engine.generation.search.asking import SUNG, Surroundings, language_style, surroundings
from engine.music import Chord, ChordSpan, Metre, Role, Track
from engine.music.chord import NO_CHORD

CHORDS = frozenset({Stream.CHORDS})
_STYLE_TOLD = {"pop": "pop", "rock": "rock", "jazz": "jazz", "song": "song", "folk": "folk", "loop": "pop"}
_SURE, _HEARD = 0.5, 4


@dataclass(frozen=True)
class ChordHole:
    """The question with nothing planned yet; `hole` are the bars to write. `kept` are spans that stay."""

    setting: Setting
    fit: MelodyFit
    around: Surroundings
    question: Question
    kept: tuple[ChordSpan, ...] = ()
    _spelling: dict[tuple[int, str], str] = field(default_factory=dict)

    @property
    def hole(self) -> range:
        return self.around.hole

    @property
    def sheet(self) -> Sheet:
        return self.question.sheet

    @property
    def tonic(self) -> int:
        return self.setting.key.tonic

    def cell(self, sheet: Sheet, bar: int) -> tuple[ChordEvent, ...]:
        """The chords of a bar of the sheet."""
        found = sheet.bars[bar].cells.get(Stream.CHORDS, ())
        return tuple(event for event in found if isinstance(event, ChordEvent))

    def locks(self, bar: int) -> Cell:
        return self.question.locks.get(bar, {}).get(Stream.CHORDS, ())

    def whole_bar(self, number: int) -> int | None:
        """The bar of the sheet that is this bar of the song; None where it is not told, or told in parts."""
        found = [n for n, place in enumerate(self.around.reading.places) if place.number == number]
        return found[0] if len(found) == 1 else None

    def number(self, bar: int) -> int:
        """The bar of the song that a bar of the sheet is (a part of)."""
        return self.around.reading.places[bar].number

    def ticks(self, bar: int, offset: int = 0) -> int:
        """The song tick of a place in a bar of the sheet."""
        return self.around.reading.tick_of(bar, offset)

    def end_ticks(self, bar: int) -> int:
        return self.around.reading.places[bar].end

    def metre(self, bar: int) -> Metre:
        return Metre(*self.sheet.bars[bar].metre)

    def pulses(self, bar: int) -> list[int]:
        """Grid ticks of the bar at which chords are felt to change."""
        place = self.around.reading.places[bar]
        time_map = self.setting.song.time_map
        into = time_map.metrical_offset(place.start)
        length = place.end - place.start
        offsets = pulse_offsets(time_map.metre_at(place.start))
        inside = [offset - into for offset in offsets if 0 < offset - into < length]
        return [0, *(round(offset / SONG_TICKS) for offset in inside)]

    # there and back ----------------------------------------------------------------------

    def chord(self, event: ChordEvent) -> Chord:
        """The chord as the song would write it."""
        if event.root < 0:
            return NO_CHORD
        root = (event.root + self.tonic) % 12
        quality = self._spelling.get((root, event.quality), event.quality)
        bass = None if event.bass < 0 else (event.bass + self.tonic) % 12
        return Chord(root, quality, None if bass == root else bass)

    def event(self, chord: Chord, offset: int, duration: int) -> ChordEvent:
        """The inverse, in the language's words."""
        if chord.is_no_chord:
            return ChordEvent(offset, duration, -1, "N")
        bass = -1 if chord.bass is None else (chord.bass - self.tonic) % 12
        return ChordEvent(offset, duration, (chord.root - self.tonic) % 12, told_quality(chord.quality), bass)

    def slots(self, sheet: Sheet, bars: Iterable[int]) -> list[Slot]:
        """The chords of these bars in the song's ticks."""
        found = []
        for bar in bars:
            cell = self.cell(sheet, bar)
            for place, event in enumerate(cell):
                end = self.ticks(bar, event.offset + event.duration)
                end = self.end_ticks(bar) if place == len(cell) - 1 else end
                found.append(Slot(self.ticks(bar, event.offset), end, self.chord(event)))
        return [slot for slot in found if slot.end_ticks > slot.start_ticks]

    def spans(self, slots: Sequence[Slot]) -> tuple[ChordSpan, ...]:
        """What a take holds: the slots, and what is locked or kept as it was."""
        end = slots[-1].end_ticks if slots else self.setting.start_ticks
        told = [span for span in self.kept if span.start_ticks < end]
        was_locked = {span.start_ticks for span in told if span.locked}
        found = assembled(slots, [replace(span, locked=True) for span in told])
        return tuple(
            replace(span, locked=False) if span.locked and span.start_ticks not in was_locked else span
            for span in found
        )

    @cached_property
    def melody_cells(self) -> tuple[Cell, ...]:
        return tuple(bar.cells.get(Stream.MELODY, ()) for bar in self.sheet.bars)


def chord_hole(setting: Setting, kept: Sequence[ChordSpan] = (), with_bass: bool = True) -> ChordHole:
    """The region's chords hidden. `kept` spans stay beside the locked ones; `with_bass`: the bass part is
    heard too (not where it was made for the chords that are to go)."""
    request = setting.request
    region = range(request.region.start_bar, request.region.end_bar)
    around = surroundings(setting.song, region, _heard(request, with_bass), setting.key, _style(setting))
    stays = {span.start_ticks for span in kept}
    around = around.untold(around.hole, _silent(around))
    question = question_of(
        around.reading,
        dict.fromkeys(around.hole, CHORDS),
        lambda source: source.locked or (isinstance(source, ChordSpan) and source.start_ticks in stays),
    )
    fit = MelodyFit(setting.melody, setting.song.time_map, setting.model.tables["fit"])
    question = replace(question, sheet=_emptied(question.sheet, around.hole))
    everything = sorted({*setting.locked, *kept}, key=lambda span: span.start_ticks)
    return ChordHole(setting, fit, around, question, tuple(everything), _spelling(setting))


def _silent(around: Surroundings) -> frozenset[Stream]:
    """What sounds in no bar of the hole: it is not written yet, and what stands there is no interlude."""
    cells = [around.sheet.bars[bar].cells for bar in around.hole]
    return frozenset(stream for stream in Stream if not any(own.get(stream) for own in cells))


def _heard(request: SuggestionRequest, with_bass: bool) -> dict[Stream, Track]:
    """The melody, and the bass where there is one; what accompanies follows the chords."""
    melody = melody_track(request)
    tracks = {} if melody is None else {Stream.MELODY: melody}
    bass = next((track for track in request.song.tracks if track.role is Role.BASS and track.notes), None)
    return tracks if bass is None or not with_bass or bass is melody else tracks | {Stream.BASS: bass}


def _style(setting: Setting) -> str:
    """As asked for, else as the song's chords sound, else as most songs with a melody."""
    asked = language_style(setting.request.controls.style)
    listener = setting.listener
    if asked or len(listener) < _HEARD:
        return asked or (SUNG if setting.melody else "")
    belief = listener.belief.sum(axis=0)
    usual = SUNG if setting.melody else ""
    return _STYLE_TOLD.get(listener.style, "") if belief.max() / belief.sum() >= _SURE else usual


def _spelling(setting: Setting) -> dict[tuple[int, str], str]:
    """By root and told quality: how the song mostly writes it."""
    counted: Counter[tuple[int, str, str]] = Counter()
    for span in (*setting.inside, *setting.before, *setting.after):
        if not span.chord.is_no_chord:
            counted[span.chord.root, told_quality(span.chord.quality), span.chord.quality] += 1
    found: dict[tuple[int, str], str] = {}
    for (root, told, quality), _ in counted.most_common():
        found.setdefault((root, told), quality)
    return found


def _emptied(sheet: Sheet, hole: range) -> Sheet:
    """Nothing of what is to be replaced."""
    bars = list(sheet.bars)
    for bar in hole:
        cells = {stream: cell for stream, cell in bars[bar].cells.items() if stream not in CHORDS}
        bars[bar] = replace(bars[bar], cells=cells)
    return replace(sheet, bars=tuple(bars))


def own_places(hole: ChordHole) -> list[frozenset[int]]:
    """Where chords begin in the song's bars outside the hole, of the hole's metre; grid ticks."""
    metre = hole.sheet.bars[hole.hole.start].metre
    found, before = [], None
    for bar, told in enumerate(hole.sheet.bars):
        cell = hole.cell(hole.sheet, bar) if bar not in hole.hole else ()
        if cell and told.metre == metre:
            held = before is not None and before[2:] == cell[0][2:]
            found.append(frozenset(event.offset for event in cell[held:]))
        before = cell[-1] if cell else None
    return found


def chords_of_bar(hole: ChordHole, number: int) -> tuple[tuple[int, Chord], ...]:
    """What the song has in a bar, by offset in ticks."""
    setting = hole.setting
    return bar_chords(setting.song, (*setting.before, *setting.after), number)
