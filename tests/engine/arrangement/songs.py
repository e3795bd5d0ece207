"""Small songs for the players: chords a bar, a tune, a bass, sections."""

from collections.abc import Sequence

from engine.api.suggestion import Controls, Kind, SuggestionRequest
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
from engine.music.section import Section, SectionKind

POP = ("C", "G/B", "Am7", "F", "C", "G/B", "F", "Gsus4")
JAZZ = ("Dm9", "G13", "Cmaj9", "A7(b9)", "Dm7", "Db7(#11)", "C6/9", "N")
TUNE = (
    64,
    67,
    72,
    71,
    74,
    0,
    71,
    67,
    69,
    72,
    76,
    0,
    69,
    72,
    74,
    72,
    67,
    72,
    76,
    74,
    0,
    69,
    72,
    74,
    72,
    71,
    0,
    62,
)


def song(
    chords: Sequence[str] = POP,
    tune: Sequence[int] = TUNE,
    metre: tuple[int, int] = (4, 4),
    bpm: float = 100,
    bass: bool = True,
    sections: Sequence[tuple[str, int, int]] = (),
    key: Key | None = None,
) -> Song:
    """One chord a bar; the tune in beats, 0 for a rest, until the chords end."""
    bar = Metre(*metre)
    spans = tuple(
        ChordSpan(900 + i, i * bar.bar_ticks, bar.bar_ticks, Chord.parse(label))
        for i, label in enumerate(chords)
    )
    end = len(spans) * bar.bar_ticks
    beats = range(0, end, bar.pulse_ticks) if tune else ()
    notes = tuple(
        Note(100 + i, tick, bar.pulse_ticks, tune[i % len(tune)], 84)
        for i, tick in enumerate(beats)
        if tune[i % len(tune)]
    )
    roots = tuple(
        Note(3000 + i, s.start_ticks, s.duration_ticks, 36 + s.chord.bass_pitch_class)
        for i, s in enumerate(spans)
        if bass and not s.chord.is_no_chord
    )
    tracks = (Track(1, "Tune", Role.MELODY, notes=notes), Track(2, "Bass", Role.BASS, 33, roots))
    return Song(
        "Test",
        TimeMap((Tempo.of_bpm(0, bpm),), (MetreChange(0, bar),), (KeyChange(0, key or Key()),)),
        tuple(Section(5000 + i, kind, at, n, SectionKind(kind)) for i, (kind, at, n) in enumerate(sections)),
        spans,
        tuple(track for track in tracks if track.notes),
        next_id=9000,
    )


def asked(kind: Kind, of: Song, bars: tuple[int, int] | None = None, **rest) -> SuggestionRequest:
    """A request for bars of the song, with controls as keywords (and seed, takes, track_id)."""
    start, end = bars or (0, of.bars)
    own = {name: rest.pop(name) for name in ("seed", "takes", "track_id") if name in rest}
    return SuggestionRequest(kind, of, Region(start, end), controls=Controls(**rest), **own)
