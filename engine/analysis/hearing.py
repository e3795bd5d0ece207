"""What is in this song? Everything heard, put into the song where the artist has not said otherwise.

Beats first where it was played freely, then roles (they tell who carries harmony), then pickup, key,
chords, sections, phrases. An aspect in `Song.corrected` is never touched, nor a chord that is not of
origin HEARD: they steer what is heard around them.
"""

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import replace

from engine.analysis.audio.harmony import RecordedHarmony, recorded_harmony
from engine.analysis.audio.kept import kept_bars
from engine.analysis.beatsolving import beats_of_playing
from engine.analysis.cadences import read_cadences
from engine.analysis.chords import fixed_spans, read_chords, with_numerals
from engine.analysis.chordtemplates import sounding_chords
from engine.analysis.description import describe
from engine.analysis.facts import harmony_facts, melody_facts
from engine.analysis.feel import is_free_time, looseness, read_pickup, swing_ratio
from engine.analysis.keycues import Sounding
from engine.analysis.keys import excerpt_chords, in_stretches, read_key
from engine.analysis.motifs import read_motifs
from engine.analysis.phrases import read_phrases, top_line
from engine.analysis.pitchgrid import PitchGrid, pitch_grid
from engine.analysis.regrid import with_beats
from engine.analysis.roles import read_roles, sounding_ticks
from engine.analysis.sections import read_sections
from engine.analysis.similarity import bar_similarity
from engine.music import Aspect, KeyChange, Origin, Role, Song, Track
from engine.music.analysis import Analysis, BarsReading, ChordReading, KeyReading, RoleReading
from engine.music.note import Note
from engine.music.section import Section

_LONGEST_HEARD_BARS = 600
_FEWEST_VOICES = 1.25
_FEWEST_BEATS, _LOOSEST = 8, 0.6  # below what counts as free: hearing twice is hearing once
_NO_BEATS = "This was played without a click: set the tempo before you ask for ideas on its bars."


def hear(song: Song, aspects: Collection[Aspect] = ()) -> tuple[Song, Analysis]:
    """The song with what was heard in it, and the hearing itself.

    `aspects` limits what is written into the song (all when empty); the Analysis always tells everything.
    Hearing a song twice gives the same as once.
    """
    wanted = set(aspects or Aspect) - set(song.corrected)
    if song.time_map.first_beats:  # bars that the artist began stay as they are
        wanted -= {Aspect.TEMPO, Aspect.METRE}
    notices: list[str] = []
    heard = _shortened(song)
    free = is_free_time(heard)
    bars = _remembered_bars(song)
    if free and {Aspect.TEMPO, Aspect.METRE} <= wanted:
        song, bars = _with_heard_beats(song, notices)
    elif free:
        notices.append(_NO_BEATS)
    roles = read_roles(_shortened(song))
    song = _with_roles(song, roles) if Aspect.ROLES in wanted else song
    song = _with_pickup(song) if Aspect.METRE in wanted and song.bars <= _LONGEST_HEARD_BARS else song
    if song.bars > _LONGEST_HEARD_BARS:
        notices.append(f"Only the first {_LONGEST_HEARD_BARS} bars were listened to.")
    heard = _without_heard(_shortened(song), wanted)
    recorded = recorded_harmony(heard)
    grid = pitch_grid(heard) if recorded is None else recorded.grid
    keys = _read_keys(heard, grid, recorded)
    song = _with_keys(song, keys) if Aspect.KEY in wanted else song
    chords = _read_chords(replace(heard, time_map=song.time_map), grid, recorded)
    song = _with_chords(song, chords) if Aspect.CHORDS in wanted else song
    similarity = bar_similarity(heard, grid)
    sections = read_sections(heard, similarity, grid) if any(heard.notes()) else ()
    song = _with_sections(song, sections) if Aspect.SECTIONS in wanted else song
    melody = _melody(heard)
    phrases = read_phrases(heard, melody)
    line = top_line(melody) if melody is not None else []
    spans = [reading.span for reading in chords]
    analysis = Analysis(
        keys=keys,
        chords=with_numerals(song, chords),
        sections=song.sections,
        phrases=phrases,
        roles=roles,
        metre=song.time_map.metres[0].metre,
        bpm=song.time_map.tempos[0].bpm,
        pickup_ticks=song.time_map.pickup_ticks,
        is_free_time=free,
        swing=swing_ratio(heard),
        notices=tuple(notices),
        cadences=read_cadences(song, spans, phrases),
        motifs=read_motifs(song, line),
        melody=melody_facts(song, line),
        harmony=harmony_facts(song, spans),
        bars=bars,
    )
    return song, replace(analysis, description=describe(song, analysis))


def _remembered_bars(song: Song) -> BarsReading | None:
    """How sure the bars of its recording were, as long as the artist has said nothing of them."""
    if song.time_map.first_beats or {Aspect.TEMPO, Aspect.METRE} & set(song.corrected):
        return None
    return next((bars for each in song.recordings if (bars := kept_bars(each.sha256)) is not None), None)


def _with_heard_beats(song: Song, notices: list[str]) -> tuple[Song, BarsReading | None]:
    """The song with bars laid over free playing, if beats can be heard that the playing agrees with, and how
    sure they are."""
    is_plain = len(song.time_map.tempos) == 1 and len(song.time_map.metres) == 1
    beats = (
        beats_of_playing(_with_roles(song, read_roles(song)))
        if is_plain and song.bars <= _LONGEST_HEARD_BARS
        else None
    )
    if beats is None or len(beats.times_s) < _FEWEST_BEATS:
        notices.append(_NO_BEATS)
        return song, None
    gridded = with_beats(song, beats)
    if looseness(gridded) > _LOOSEST:
        notices.append(_NO_BEATS)
        return song, None
    notices.append(
        "This was played without a click; the bars follow what was played. Correct tempo or metre if not."
    )
    return gridded, beats.reading


def _with_roles(song: Song, roles: tuple[RoleReading, ...]) -> Song:
    by_id = {reading.track_id: reading.role for reading in roles if reading.confidence > 0}
    tracks = tuple(replace(track, role=by_id.get(track.id, track.role)) for track in song.tracks)
    return replace(song, tracks=tracks)


def _with_pickup(song: Song) -> Song:
    pickup = read_pickup(song)
    return replace(song, time_map=replace(song.time_map, pickup_ticks=pickup)) if pickup else song


def _shortened(song: Song) -> Song:
    """The song as far as it is listened to."""
    if song.bars <= _LONGEST_HEARD_BARS:
        return song
    end = song.time_map.bar_start(_LONGEST_HEARD_BARS)

    def early(track: Track) -> tuple[Note, ...]:
        count = bisect_left(track.notes, end, key=lambda note: note.start_ticks)
        return tuple(note if note.end_ticks <= end else _ending_at(note, end) for note in track.notes[:count])

    tracks = tuple(replace(track, notes=early(track)) for track in song.tracks)
    chords = tuple(span for span in song.chords if span.end_ticks <= end)
    return replace(song, tracks=tracks, chords=chords, sections=())


def _without_heard(song: Song, wanted: set[Aspect]) -> Song:
    """The song without sections and chords that are to be heard anew: they make nothing longer than it is."""
    if Aspect.SECTIONS in wanted:
        song = replace(song, sections=())
    if Aspect.CHORDS in wanted:
        song = replace(song, chords=tuple(span for span in song.chords if span.origin is not Origin.HEARD))
    return song


def _ending_at(note: Note, end: int) -> Note:
    return replace(note, duration_ticks=end - note.start_ticks)


def _read_keys(song: Song, grid: PitchGrid, recorded: RecordedHarmony | None) -> tuple[KeyReading, ...]:
    """Corrected keys are certain; else the heard ones. Changes that are written stay where the first key is
    heard as it is written."""
    written = song.time_map.keys
    if Aspect.KEY in song.corrected and written:
        return tuple(KeyReading(change.tick, change.key, 1.0) for change in written)
    excerpt: list[Sounding] = []
    if recorded is not None:
        chords = recorded.sounding()
    else:
        fixed = fixed_spans(song)
        chords = sounding_chords(grid, fixed) if fixed or _has_harmony(song) else []
        excerpt = excerpt_chords(song, grid, fixed) if chords else []
    home = read_key(song, grid, chords, excerpt)
    heard = in_stretches(home, grid, chords)
    if len(written) > 1 and written[0].key in (home.key, heard[0].key):
        first = heard[0] if written[0].key == heard[0].key else home
        return (first, *(KeyReading(change.tick, change.key, first.confidence) for change in written[1:]))
    return heard


def _with_keys(song: Song, readings: tuple[KeyReading, ...]) -> Song:
    """The heard keys from the beginning."""
    if readings[0].confidence <= 0:
        return song
    keys = tuple(KeyChange(reading.tick, reading.key) for reading in readings)
    return replace(song, time_map=replace(song.time_map, keys=keys))


def _read_chords(song: Song, grid: PitchGrid, recorded: RecordedHarmony | None) -> list[ChordReading]:
    fixed = [span for span in song.chords if span.origin is not Origin.HEARD]
    if recorded is not None:
        return recorded.chords(song.key, fixed)
    if not _has_harmony(song):
        return [ChordReading(span) for span in fixed]
    return list(read_chords(song, grid, song.key))


def _has_harmony(song: Song) -> bool:
    """Whether several voices sound together; a lone tune only implies chords, and that is for Harmonise."""
    pitched = [track for track in song.tracks if track.role is not Role.DRUMS and track.notes]
    busiest = max((sounding_ticks(track) for track in pitched), default=1)
    sounding = sum(note.duration_ticks for track in pitched for note in track.notes)
    return bool(pitched) and sounding / busiest >= _FEWEST_VOICES


def _with_chords(song: Song, readings: list[ChordReading]) -> Song:
    """Heard spans under ids of their own; one heard before as the same chord there keeps its id."""
    known = {
        (s.start_ticks, s.duration_ticks, s.chord): s.id for s in song.chords if s.origin is Origin.HEARD
    }
    next_id = song.next_id
    spans = []
    for reading in readings:
        span = reading.span
        if span.origin is Origin.HEARD:
            span_id = known.get((span.start_ticks, span.duration_ticks, span.chord), next_id)
            next_id += span_id == next_id
            span = replace(span, id=span_id)
        spans.append(span)
    return replace(song, chords=tuple(spans), next_id=next_id)


def _with_sections(song: Song, sections: tuple[Section, ...]) -> Song:
    known = {(section.start_bar, section.bars, section.name): section.id for section in song.sections}
    next_id = song.next_id
    placed = []
    for section in sections:
        section_id = known.get((section.start_bar, section.bars, section.name), next_id)
        next_id += section_id == next_id
        placed.append(replace(section, id=section_id))
    return replace(song, sections=tuple(placed), next_id=next_id)


def _melody(song: Song) -> Track | None:
    pitched = [track for track in song.tracks if track.role is not Role.DRUMS and track.notes]
    return song.track_in_role(Role.MELODY) or (pitched[0] if pitched else None)
