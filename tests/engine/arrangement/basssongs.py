"""Songs for a bassist: chords in words, a tune, drums, in any metre."""

from engine.api.suggestion import Controls, Kind, SuggestionRequest, Take
from engine.arrangement.kinds import bass
from engine.music import (
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Note,
    Region,
    Role,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.section import Section

BASS_TRACK, DRUM_TRACK, TUNE_TRACK = 901, 902, 903


def song_of(
    chords: str = "",
    metre: tuple[int, int] = (4, 4),
    tune: str = "",
    kicks: tuple[int, ...] = (),
    own: tuple[tuple[int, int, int], ...] = (),
    bpm: float = 110,
    bars: int = 0,
    sections: tuple[Section, ...] = (),
    pickup_ticks: int = 0,
) -> Song:
    """`chords`: bars between |, chords share a bar; `tune`: MIDI pitches, one a beat (0 rests), repeated over
    the song; `kicks`: ticks in every bar; `own`: (start, length, pitch) of a bass that is there.
    """
    time = Metre(*metre)
    cells = [cell.split() for cell in chords.split("|")] if chords else []
    count = max(bars, len(cells))
    spans = []
    for bar, cell in enumerate(cells):
        length = time.bar_ticks // max(1, len(cell))
        for place, name in enumerate(cell):
            spans.append(
                ChordSpan(1 + len(spans), bar * time.bar_ticks + place * length, length, Chord.parse(name))
            )
    tracks = [
        Track(TUNE_TRACK, "Tune", Role.MELODY, 0, _tune(tune, time, count)),
        Track(DRUM_TRACK, "Drums", Role.DRUMS, 0, _kicks(kicks, time, count)),
        Track(BASS_TRACK, "Bass", Role.BASS, 33, tuple(Note(700 + i, *note) for i, note in enumerate(own))),
    ]
    time_map = TimeMap(
        (Tempo.of_bpm(0, bpm),), (MetreChange(0, time),), (KeyChange(0, Key(0)),), pickup_ticks
    )
    return Song("", time_map, sections, tuple(spans), tuple(t for t in tracks if t.notes), next_id=9_000)


def _tune(text: str, metre: Metre, bars: int) -> tuple[Note, ...]:
    pitches = [int(word) for word in text.split()]
    beat = metre.pulse_ticks
    total = bars * metre.bar_ticks // beat if pitches else 0
    found = [(place, pitches[place % len(pitches)]) for place in range(total)]
    return tuple(Note(100 + place, place * beat, beat, pitch) for place, pitch in found if pitch)


def _kicks(places: tuple[int, ...], metre: Metre, bars: int) -> tuple[Note, ...]:
    ticks = [bar * metre.bar_ticks + place for bar in range(bars) for place in places]
    return tuple(Note(4_000 + number, tick, 60, 36) for number, tick in enumerate(ticks))


def request_of(song: Song, first: int = 0, end: int = 0, **rest) -> SuggestionRequest:
    controls = {key: rest.pop(key) for key in tuple(rest) if key in Controls.__slots__}
    return SuggestionRequest(
        Kind.BASS, song, Region(first, end or song.bars), Role.BASS, controls=Controls(**controls), **rest
    )


def takes_of(song: Song, first: int = 0, end: int = 0, **rest) -> list[Take]:
    answers = bass.suggest(request_of(song, first, end, **rest), lambda: None)
    return [answer for answer in answers if isinstance(answer, Take)]
