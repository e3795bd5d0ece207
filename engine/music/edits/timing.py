"""How does the artist change tempo, metre, key and the number of bars?

Notes stay at their ticks when tempo, metre or key change. A change made here marks its aspect as corrected.
"""

from collections.abc import Callable
from dataclasses import replace

from engine.music.edits.common import with_notes
from engine.music.edits.sections import in_other_bars, mark_corrected
from engine.music.errors import EditError
from engine.music.key import Key
from engine.music.note import Note
from engine.music.progression import ChordSpan
from engine.music.section import Section
from engine.music.song import Aspect, Song
from engine.music.timemap import KeyChange, Metre, MetreChange, Tempo
from engine.music.track import Track

SLOWEST_BPM, FASTEST_BPM = 10.0, 500.0


def set_tempo(song: Song, bpm: float, tick: int = 0) -> Song:
    """The tempo from the tick to the next change. Raises EditError outside 10-500 bpm."""
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise EditError("A tempo must lie between 10 and 500 beats a minute.")
    rest = [tempo for tempo in song.time_map.tempos if tempo.tick != tick]
    tempos = tuple(sorted([*rest, Tempo.of_bpm(tick, bpm)], key=lambda tempo: tempo.tick))
    time_map = replace(song.time_map, tempos=tempos)
    return mark_corrected(replace(song, time_map=time_map), Aspect.TEMPO)


def set_metre(song: Song, metre: Metre, bar: int = 0) -> Song:
    """The metre from the 0-based bar to the next change; a pickup that no longer fits is dropped, sections
    stay where they sound."""
    tick = song.time_map.bar_start(bar)
    rest = [change for change in song.time_map.metres if change.tick != tick]
    metres = tuple(sorted([*rest, MetreChange(tick, metre)], key=lambda change: change.tick))
    pickup = song.time_map.pickup_ticks if song.time_map.pickup_ticks < metres[0].metre.bar_ticks else 0
    time_map = replace(song.time_map, metres=metres, pickup_ticks=pickup)
    sections = in_other_bars(song.sections, song.time_map, time_map)
    return mark_corrected(replace(song, time_map=time_map, sections=sections), Aspect.METRE)


def set_pickup(song: Song, pickup_ticks: int) -> Song:
    """The length of the short bar before the first full one; 0 for none. Raises MusicError."""
    time_map = replace(song.time_map, pickup_ticks=pickup_ticks)
    return mark_corrected(replace(song, time_map=time_map), Aspect.METRE)


def set_key(song: Song, key: Key, tick: int = 0) -> Song:
    """The key from the tick to the next change."""
    rest = [change for change in song.time_map.keys if change.tick != tick]
    keys = tuple(sorted([*rest, KeyChange(tick, key)], key=lambda change: change.tick))
    return mark_corrected(replace(song, time_map=replace(song.time_map, keys=keys)), Aspect.KEY)


def insert_bars(song: Song, bar: int, bars: int) -> Song:
    """Empty bars before the 0-based bar; everything from there on moves. Raises EditError."""
    if bars < 1:
        raise EditError("At least one bar must be inserted.")
    start = song.time_map.bar_start(bar)
    length = bars * song.time_map.metre_at(start).bar_ticks

    def shifted(tick: int) -> int:
        return tick + length if tick >= start else tick

    def shifted_end(tick: int) -> int:
        return tick + length if tick > start else tick

    sections = tuple(_opened_section(section, bar, bars) for section in song.sections)
    return replace(_shifted(song, shifted, shifted_end), sections=sections)


def delete_bars(song: Song, start_bar: int, end_bar: int) -> Song:
    """The bars cut out; notes that begin in them go, what follows closes up. Raises EditError."""
    if not 0 <= start_bar < end_bar:
        raise EditError("At least one bar must be deleted.")
    start, end = song.time_map.bar_start(start_bar), song.time_map.bar_start(end_bar)

    def shifted(tick: int) -> int:
        return tick if tick < start else max(start, tick - (end - start))

    tracks = tuple(
        replace(
            track,
            notes=tuple(note for note in track.notes if not start <= note.start_ticks < end),
            controls=tuple(event for event in track.controls if not start <= event.tick < end),
        )
        for track in song.tracks
    )
    sections = tuple(
        closed
        for section in song.sections
        if (closed := _closed_section(section, start_bar, end_bar)).bars > 0
    )
    return replace(_shifted(replace(song, tracks=tracks), shifted, shifted), sections=sections)


def _shifted(song: Song, shifted: Callable[[int], int], shifted_end: Callable[[int], int]) -> Song:
    """Every time of the song through `shifted`, ends of chords through `shifted_end`."""
    time_map = song.time_map
    tempos = {shifted(tempo.tick): replace(tempo, tick=shifted(tempo.tick)) for tempo in time_map.tempos}
    metres = {shifted(change.tick): replace(change, tick=shifted(change.tick)) for change in time_map.metres}
    keys = {shifted(change.tick): replace(change, tick=shifted(change.tick)) for change in time_map.keys}
    tempos.setdefault(0, replace(time_map.tempos[0], tick=0))
    metres.setdefault(0, replace(time_map.metres[0], tick=0))
    if time_map.keys and time_map.keys[0].tick == 0:
        keys.setdefault(0, time_map.keys[0])
    pickup = time_map.pickup_ticks if shifted(0) == 0 else 0
    return replace(
        song,
        time_map=replace(
            time_map,
            tempos=tuple(tempos[tick] for tick in sorted(tempos)),
            metres=tuple(metres[tick] for tick in sorted(metres)),
            keys=tuple(keys[tick] for tick in sorted(keys)),
            pickup_ticks=pickup if pickup < metres[0].metre.bar_ticks else 0,
            first_beats=tuple(sorted({shifted(tick) for tick in time_map.first_beats})),
        ),
        chords=tuple(
            span
            for old in song.chords
            if (span := _shifted_span(old, shifted, shifted_end)).duration_ticks > 0
        ),
        tracks=tuple(_shifted_track(track, shifted) for track in song.tracks),
        markers=tuple(replace(marker, tick=shifted(marker.tick)) for marker in song.markers),
        recordings=tuple(replace(each, tick=shifted(each.tick)) for each in song.recordings),
    )


def _shifted_span(
    span: ChordSpan, shifted: Callable[[int], int], shifted_end: Callable[[int], int]
) -> ChordSpan:
    start = shifted(span.start_ticks)
    return replace(span, start_ticks=start, duration_ticks=shifted_end(span.end_ticks) - start)


def _shifted_note(note: Note, shifted: Callable[[int], int]) -> Note:
    return replace(note, start_ticks=shifted(note.start_ticks))


def _shifted_track(track: Track, shifted: Callable[[int], int]) -> Track:
    controls = tuple(replace(event, tick=shifted(event.tick)) for event in track.controls)
    return with_notes(
        replace(track, controls=controls), (_shifted_note(note, shifted) for note in track.notes)
    )


def _opened_section(section: Section, bar: int, bars: int) -> Section:
    if section.start_bar >= bar:
        return replace(section, start_bar=section.start_bar + bars)
    return replace(section, bars=section.bars + bars) if section.end_bar > bar else section


def _closed_section(section: Section, start_bar: int, end_bar: int) -> Section:
    def closed(bar: int) -> int:
        return bar if bar < start_bar else max(start_bar, bar - (end_bar - start_bar))

    start, end = closed(section.start_bar), closed(section.end_bar)
    return replace(section, start_bar=start, bars=end - start)
