"""What does a request for chords really ask: which slots, in which key, after and before what, under which
melody?

A Setting is the request seen by the generators: bars of the region, locked chords, the song's chords
outside, the melody
inside, a Listener that has heard the song. Times are ticks of the song.
"""

from dataclasses import dataclass
from functools import cached_property

from engine.api.errors import BadRequestError
from engine.api.suggestion import Keep, SuggestionRequest
from engine.generation.chords.foresight import Foresight
from engine.generation.chords.keyfinding import key_of_song
from engine.generation.chords.listener import Listener
from engine.generation.chords.metre import change_pattern
from engine.generation.chords.model import STYLES
from engine.generation.chords.store import StoredModel, load_model
from engine.music import Chord, ChordSpan, Key, Metre, Note, Song, Track
from engine.music.progression import clip_spans
from engine.music.tunes import top_line, tune_track

_MOST_BARS = 256
_STYLE_WORDS = {
    "jazz": ("jazz", "swing", "bossa", "samba", "latin", "soul", "r&b", "gospel", "lo-fi", "neo"),
    "rock": ("rock", "punk", "metal", "blues", "grunge"),
    "folk": ("folk", "country", "hymn", "session", "march", "waltz"),
    "classical": ("classical", "art song", "cinematic"),
    "song": ("musical", "standard", "ballad", "ragtime", "theatre"),
    "loop": ("house", "trap", "techno", "hip-hop", "loop", "synthwave", "ambient"),
    "pop": ("pop", "disco", "dance", "funk", "reggae"),
}


@dataclass(frozen=True)
class BarSlot:
    """One bar of the region."""

    number: int
    start_ticks: int
    end_ticks: int
    metre: Metre

    @property
    def is_full(self) -> bool:
        return self.end_ticks - self.start_ticks == self.metre.bar_ticks


@dataclass(frozen=True)
class Setting:
    request: SuggestionRequest
    model: StoredModel
    key: Key
    style: str
    bars: tuple[BarSlot, ...]
    before: tuple[ChordSpan, ...]
    inside: tuple[ChordSpan, ...]
    after: tuple[ChordSpan, ...]
    melody: tuple[Note, ...]

    @property
    def song(self) -> Song:
        return self.request.song

    @property
    def start_ticks(self) -> int:
        return self.bars[0].start_ticks

    @property
    def end_ticks(self) -> int:
        return self.bars[-1].end_ticks

    @cached_property
    def locked(self) -> tuple[ChordSpan, ...]:
        return tuple(span for span in self.inside if span.locked)

    @cached_property
    def chord_before(self) -> Chord | None:
        sounding = [span.chord for span in self.before if not span.chord.is_no_chord]
        return sounding[-1] if sounding else None

    @cached_property
    def chord_after(self) -> Chord | None:
        """The chord the region leads into, if it stands at or soon after the region's end."""
        first = next((span for span in self.after if not span.chord.is_no_chord), None)
        soon = self.end_ticks + 2 * self.bars[-1].metre.bar_ticks
        return first.chord if first is not None and first.start_ticks < soon else None

    @cached_property
    def ends_section(self) -> bool:
        """Whether a section or the song ends with the region: a place for a cadence."""
        end_bar = self.bars[-1].number + 1
        if any(section.end_bar == end_bar for section in self.song.sections):
            return True
        return not self.after

    def phrase_place(self, tick: int) -> int:
        """Which half bar of its four-bar phrase a tick falls in (0-7), counted from the section, else from
        the song's start."""
        time_map = self.song.time_map
        bar = time_map.bar_of(tick)
        section = self.song.section_at_bar(bar)
        first = section.start_bar if section is not None else (1 if time_map.pickup_ticks else 0)
        metre = time_map.metre_at(tick)
        second_half = time_map.metrical_offset(tick) * 2 >= metre.bar_ticks
        return (bar - first) % 4 * 2 + int(second_half)

    @cached_property
    def listener(self) -> Listener:
        """Has heard the song's other chords, those before the region last."""
        everything = (*self.after, *self.before)
        rare = tuple({s.chord.quality for s in (*everything, *self.inside) if not s.chord.is_no_chord})
        given = self.key if self.song.time_map.keys or not everything else None
        listener = Listener.of(self.model.chords, given, self.style, rare)
        for span in everything:
            listener.hear(span.chord)
        return listener

    @cached_property
    def foresight(self) -> Foresight:
        return Foresight(self.listener)

    @cached_property
    def own_patterns(self) -> tuple[int, ...]:
        """Where in their bars the song's chords begin, bar by bar, outside the region and of the region's
        metre."""
        metre = self.bars[0].metre
        spans = [*self.before, *self.after]
        by_bar: dict[int, list[int]] = {}
        bars: set[int] = set()
        previous: ChordSpan | None = None
        for span in spans:
            first = self.song.time_map.bar_of(span.start_ticks)
            last = self.song.time_map.bar_of(max(span.start_ticks, span.end_ticks - 1))
            bars.update(range(first, last + 1))
            if previous is None or previous.chord != span.chord:
                by_bar.setdefault(first, []).append(self.song.time_map.metrical_offset(span.start_ticks))
            previous = span
        same = [
            b for b in sorted(bars) if self.song.time_map.metre_at(self.song.time_map.bar_start(b)) == metre
        ]
        return tuple(change_pattern(by_bar.get(bar, []), metre) for bar in same)


def setting_of(request: SuggestionRequest) -> Setting:
    """The request as the generators see it. Raises BadRequestError for bars that make no sense."""
    song, region = request.song, request.region
    if region.start_bar < 0 or region.bars < 1 or region.bars > _MOST_BARS:
        raise BadRequestError(f"Chords can be suggested for 1 to {_MOST_BARS} bars at a time.")
    bars = tuple(_bar(song, number) for number in range(region.start_bar, region.end_bar))
    start, end = bars[0].start_ticks, bars[-1].end_ticks
    before = clip_spans(song.chords, 0, start)
    after = clip_spans(song.chords, end, max(end, song.end_ticks) + 1)
    model = load_model()
    return Setting(
        request,
        model,
        key_of_song(song, start, model.chords),
        _style(request.controls.style),
        bars,
        before,
        clip_spans(song.chords, start, end),
        after,
        _melody(request, start, end),
    )


def _bar(song: Song, number: int) -> BarSlot:
    start = song.time_map.bar_start(number)
    return BarSlot(number, start, song.time_map.bar_start(number + 1), song.time_map.metre_at(start))


def _style(words: str) -> str:
    """The model's style for the words of the request; empty: found from the song."""
    text = words.lower()
    if text in STYLES:
        return text
    return next((style for style, marks in _STYLE_WORDS.items() if any(mark in text for mark in marks)), "")


def kept_cadence(setting: Setting) -> list[ChordSpan]:
    """The chords of the region that stay where its cadence is to stay: the last two, of two the last."""
    spans = [span for span in setting.inside if not span.chord.is_no_chord]
    if Keep.CADENCE not in setting.request.controls.keep or len(spans) < 2:
        return []
    return spans[-min(2, len(spans) - 1) :]


def melody_track(request: SuggestionRequest) -> Track | None:
    """The named track, else the one that carries the tune."""
    tracks = [track for track in request.song.tracks if track.notes]
    named = next((track for track in tracks if track.id == request.track_id), None)
    return named or tune_track(request.song)


def _melody(request: SuggestionRequest, start: int, end: int) -> tuple[Note, ...]:
    track = melody_track(request)
    if track is None:
        return ()
    return tuple(note for note in top_line(track.notes) if note.sounds_in(start, end))
