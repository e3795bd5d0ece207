"""What second voice does the infilling model hear beside this melody?

The cells of the counter-melody are hidden in the bars of the region and written by several hands under hard
rules: on the voice's side of the melody, in the scale of each chord, on eighths, no leap over an octave. Of
each chunk the line that costs least stands, by the costs of `line`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from engine.api.errors import ImpossibleError
from engine.arrangement.bass.degrees import scale_of_chord
from engine.arrangement.brief import Brief
from engine.arrangement.counter.line import Texture, cost_of
from engine.arrangement.counter.slots import slot_at
from engine.arrangement.counter.voices import Side, Voice
from engine.generation.infill.decoding import Finished, FreeGuide
from engine.generation.language.grammar import Grammar
from engine.generation.language.grid import GRID, SONG_TICKS, NoteEvent, Sheet, Stream
from engine.generation.language.question import Question
from engine.generation.language.rules import Rules, bits_of
from engine.generation.language.songs import question_of, tracks_by_role
from engine.generation.search.asking import (
    Part,
    Surroundings,
    chunks_of,
    language_style,
    part_of,
    surroundings,
)
from engine.generation.search.melody_takes import taste_of
from engine.generation.search.models import Infiller
from engine.music import ChordSpan, Note, Origin, Track

HANDS = 8
_COUNTER = frozenset({Stream.COUNTER})
_HEARD = (Stream.MELODY, Stream.BASS, Stream.COUNTER)
_GAP = 3
_MOST_ONSETS, _MAX_LEAP = 6, 12


def written_line(
    brief: Brief, voice: Voice, infiller: Infiller, seed: int, checkpoint: Callable[[], None]
) -> tuple[Note, ...]:
    """The model's line for the region. Raises ImpossibleError where the rules leave it no way."""
    around = _around(brief)
    holes = dict.fromkeys(around.hole, _COUNTER)
    fixed = {note.id for note in brief.fixed}
    question = question_of(around.reading, holes, lambda source: source.id in fixed)
    question = replace(question, bars_left=max(0, question.bars_left))
    rules = {bar: _rules(brief, voice, around, bar) for bar in around.hole}
    written = question.sheet
    for chunk in chunks_of(around.hole):
        part = part_of(question, written, chunk, infiller.context)
        sheets = list(_lines(part, written, rules, infiller, seed, brief, checkpoint))
        if not sheets:
            raise ImpossibleError("What stands in these bars leaves no room for a new note.")
        written = min(sheets, key=lambda sheet: _worth(sheet, chunk, around, brief, voice))
    return _notes(written, around.hole, around, brief)


def _around(brief: Brief) -> Surroundings:
    """The bars around the region as the model reads them, with the chords the players play on."""
    song = brief.song
    spans = [
        ChordSpan(number, span.start_ticks, span.end_ticks - span.start_ticks, span.chord)
        for number, span in enumerate(brief.harmony, 1)
    ]
    outside = [s for s in song.chords if s.end_ticks <= brief.start_ticks or s.start_ticks >= brief.end_ticks]
    told = replace(song, chords=tuple(sorted([*outside, *spans], key=lambda span: span.start_ticks)))
    tracks: dict[Stream, Track] = {
        stream: track for stream, track in tracks_by_role(song).items() if stream in _HEARD
    }
    region = range(brief.bars[0].number, brief.bars[-1].number + 1)
    style = language_style(brief.request.controls.style)
    return surroundings(told, region, tracks, song.key_at(brief.start_ticks), style)


def _rules(brief: Brief, voice: Voice, around: Surroundings, bar: int) -> Rules:
    """What every note of the bar must obey; pitches are the sheet's."""
    place, shift = around.reading.places[bar], around.sheet.shift
    tunes = [note.pitch for note in brief.melody if note.sounds_in(place.start, place.end)]
    low, high = voice.low, voice.high
    if tunes and voice.side is Side.BELOW:
        high = min(high, min(tunes) - _GAP)
    elif tunes:
        low = max(low, max(tunes) + _GAP)
    if high - low < _GAP:
        low, high = voice.low, voice.high
    length = around.sheet.bars[bar].length
    return Rules(
        low=max(0, low - shift),
        high=min(127, high - shift),
        tones=tuple(_tones(brief, around, bar)),
        max_leap=_MAX_LEAP,
        places=frozenset(range(0, length, GRID // 2)),
        onsets=(0, _MOST_ONSETS),
    )


def _tones(brief: Brief, around: Surroundings, bar: int) -> Iterator[tuple[int, int]]:
    """From which tick on which pitch classes belong."""
    place, shift = around.reading.places[bar], around.sheet.shift
    for span in brief.harmony:
        if span.end_ticks > place.start and span.start_ticks < place.end:
            scale = scale_of_chord(span.chord, brief.key_at(span.start_ticks))
            tick = max(0, round((span.start_ticks - place.start) / SONG_TICKS))
            yield tick, bits_of((pitch_class - shift) % 12 for pitch_class in scale)


def _lines(
    part: Part,
    written: Sheet,
    rules: dict[int, Rules],
    infiller: Infiller,
    seed: int,
    brief: Brief,
    checkpoint: Callable[[], None],
) -> Iterator[Sheet]:
    inside = {(bar, Stream.COUNTER): rules[bar + part.first] for bar in _hidden(part.question)}
    guide = FreeGuide(Grammar(part.question, inside))
    hands = range(min(HANDS, infiller.hands))
    taste = taste_of(brief.request.controls)
    for event in infiller.run(part.question, hands, seed, guide, taste, checkpoint):
        if isinstance(event, Finished):
            yield part.put_back(written, event.sheet)


def _hidden(question: Question) -> list[int]:
    return [bar for bar, hole in enumerate(question.holes) if hole]


def _notes(sheet: Sheet, bars: range, around: Surroundings, brief: Brief) -> tuple[Note, ...]:
    """The notes of these bars of the sheet in the song, ties joined, fixed notes as they are."""
    found: list[Note] = []
    for bar in bars:
        for event in sheet.bars[bar].cells.get(Stream.COUNTER, ()):
            assert isinstance(event, NoteEvent)
            start = around.reading.tick_of(bar, event.offset)
            end = around.reading.tick_of(bar, event.offset + event.duration)
            pitch = event.pitch + around.sheet.shift
            if event.tied and found and found[-1].pitch == pitch and found[-1].end_ticks == start:
                found[-1] = replace(found[-1], duration_ticks=end - found[-1].start_ticks)
            elif not event.tied:
                found.append(Note(len(found) + 1, start, max(40, end - start), pitch, 80, Origin.TAKEN))
    free = [note for note in found if brief.is_free(note.start_ticks, note.end_ticks)]
    return tuple(sorted([*free, *brief.fixed], key=lambda note: note.start_ticks))


def _worth(sheet: Sheet, chunk: range, around: Surroundings, brief: Brief, voice: Voice) -> float:
    """Mean cost of a note; a line of hardly any notes costs more."""
    notes = _notes(sheet, chunk, around, brief)
    if len(notes) < len(chunk):
        return 20.0 - len(notes)
    slots = [slot_at(brief, note.start_ticks, note.end_ticks) for note in notes]
    pitches = [note.pitch for note in notes]
    return cost_of(slots, pitches, brief, voice, Texture.CONTRARY) / len(notes)
