"""How does what was heard in a recording become a song?

Notes come in at their seconds on a clock of 120 (a tick is about a millisecond); where beats are heard the
bars are laid over them and every note keeps its moment. That is the song as it was played. The clean one
has what is too short to be meant joined or dropped and the rest on the grid of its bars, sixteenths, swung
eighths or triplets, whichever fits.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.analysis.audio.beatgrid import BeatGrid, hear_rhythm
from engine.analysis.audio.chroma import log_spectrum
from engine.analysis.audio.cleaning import cleaned
from engine.analysis.audio.groove import in_four
from engine.analysis.audio.kept import keep_bars, keep_rhythm, keep_spectrum
from engine.analysis.audio.listen import Heard
from engine.analysis.audio.playedto import grid_after_count, has_bars, on_its_bars
from engine.analysis.beats import Beats
from engine.analysis.regrid import with_beats
from engine.api.audio import AudioFacts, HeardNote, ListeningMode, PlayedTo
from engine.formats.audio import Sound
from engine.music import Note, Origin, Role, Song, Track
from engine.music.track import ControlEvent, ControlKind

TICKS_PER_S = 960
_NAMES = {
    ListeningMode.VOICE: ("Voice", Role.MELODY),
    ListeningMode.KEYS: ("Heard", Role.OTHER),
    ListeningMode.DRUMS: ("Groove", Role.DRUMS),
}
_TRACK_ID = 1
_BEND_RANGE = 2.0
_BEAT_MODEL = "beats"


def song_of(
    sound: Sound,
    heard: Heard,
    title: str,
    checkpoint: Callable[[], None] = lambda: None,
    played_to: PlayedTo | None = None,
) -> tuple[Song, AudioFacts, BeatGrid | None]:
    """The clean song, the facts (with the song as played in them), and the beats if any were heard.

    Played to a click or a song, the notes lie on its bars, and no others are heard.
    """
    played = _played(sound, heard, title)
    rhythm = hear_rhythm(sound.samples, sound.rate_hz, heard.notes, checkpoint)
    keep_rhythm(sound.sha256, rhythm)
    if heard.mode is ListeningMode.KEYS:
        keep_spectrum(sound.sha256, log_spectrum(sound.samples, heard.tuning, checkpoint))
    grid = None
    if played_to is not None and has_bars(played_to):
        song = on_its_bars(played, played_to)
    else:
        grid = grid_after_count(rhythm, played_to, checkpoint) if heard.notes else None
        if grid is not None and heard.mode is ListeningMode.DRUMS and played_to is None:
            grid = in_four(grid, heard.notes)
        song = with_beats(played, _beats(grid)) if grid is not None else played
    if grid is not None:
        keep_bars(sound.sha256, grid.reading)
    facts = AudioFacts(
        sha256=sound.sha256,
        duration_s=round(sound.duration_s, 6),
        offset_s=_offset_s(song, heard.notes),
        mode=heard.mode,
        certainty=round(heard.certainty, 3),
        heard_s=round(sound.heard_s, 6),
        sample_rate_hz=sound.file_rate_hz,
        channels=sound.channels,
        tuning_cents=round(100 * heard.tuning, 1),
        f0_hz=round(heard.f0_hz, 3),
        listening_models=(*heard.models, _BEAT_MODEL),
        notes=tuple(replace(note, note_id=_note_id(index)) for index, note in enumerate(heard.notes)),
        as_played=song.tracks,
    )
    on_bars = grid is not None or has_bars(played_to)
    return cleaned(_without_bends(song), heard.mode, on_bars), facts, grid


def _note_id(index: int) -> int:
    return _TRACK_ID + 1 + index


def _played(sound: Sound, heard: Heard, title: str) -> Song:
    name, role = _NAMES[heard.mode]
    notes = tuple(_note(note, index, sound.sha256) for index, note in enumerate(heard.notes))
    bends = tuple(
        ControlEvent(round(bend.time_s * TICKS_PER_S), ControlKind.BEND, 0, _bend_value(bend.semitones))
        for bend in heard.bends
    )
    track = Track(_TRACK_ID, name, role, notes=notes, controls=bends)
    return Song(title, tracks=(track,), next_id=_note_id(len(notes)))


def _note(note: HeardNote, index: int, sha256: str) -> Note:
    start = round(note.start_s * TICKS_PER_S)
    length = max(1, round(note.end_s * TICKS_PER_S) - start)
    return Note(_note_id(index), start, length, note.pitch, note.velocity, Origin.IMPORTED, sha256)


def _bend_value(semitones: float) -> int:
    return max(-8192, min(8191, round(semitones / _BEND_RANGE * 8192)))


def _beats(grid: BeatGrid) -> Beats:
    is_compound = grid.metre.is_compound
    beats_per_bar = grid.metre.numerator // 3 if is_compound else grid.metre.numerator
    return Beats(grid.times_s, beats_per_bar, grid.first_downbeat, is_compound, grid.is_steady)


def _offset_s(song: Song, notes: Sequence[HeardNote]) -> float:
    """How much later than in the recording the first note sounds in the song."""
    if not notes:
        return 0.0
    first = min((note for track in song.tracks for note in track.notes), key=lambda note: note.id)
    return round(song.time_map.seconds_at(first.start_ticks) - notes[0].start_s, 6)


def _without_bends(song: Song) -> Song:
    return replace(song, tracks=tuple(replace(track, controls=()) for track in song.tracks))
