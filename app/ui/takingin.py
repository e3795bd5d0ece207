"""Where does what was heard in a recording go in an open song?

Notes go where they were played: a recorded second is a second of the song, whatever tempo was heard in it.
What is as fast as the song, a loop, lies on the song's beats.
"""

from collections.abc import Callable
from dataclasses import replace

from engine.api.audio import AudioFacts, PlayedTo
from engine.music import TICKS_PER_QUARTER, Note, Recording, Role, Song, Track, edits

TOGETHER_S = 0.06  # closer than what anybody hears as two
BEAT_PART_TICKS = TICKS_PER_QUARTER // 2


def played_along(song: Song, tick: int) -> PlayedTo:
    """The beat of a recording that began at the tick while the song was playing."""
    return PlayedTo(song.time_map, song.time_map.seconds_at(tick))


def with_take(song: Song, heard: Song, audio: AudioFacts, name: str, tick: int) -> Song:
    """The song with what was heard in a recording that began at the tick, and the recording under it.

    A recording that is in the song already goes on sounding where it was.
    """
    place = _placer(song, heard, audio, tick)
    for track in heard.tracks:
        if track.notes:
            song, track_id = _with_track(song, track), song.next_id
            song = edits.insert_notes(song, track_id, tuple(place(note) for note in track.notes))
    if any(each.sha256 == audio.sha256 for each in song.recordings):
        return song
    return edits.add_recording(song, Recording(audio.sha256, name, audio.duration_s, tick))


def ids_in(song: Song, heard: Song) -> dict[int, int]:
    """By the id of a heard note that of the note it became in the song, when its tracks came last."""
    played = [track for track in heard.tracks if track.notes]
    placed = song.tracks[len(song.tracks) - len(played) :]
    pairs = [
        (note.id, note_id)
        for track, there in zip(played, placed, strict=True)
        for note, note_id in zip(track.notes, sorted(each.id for each in there.notes), strict=True)
    ]
    return dict(pairs)


def _with_track(song: Song, track: Track) -> Song:
    return edits.add_track(song, track.name or "Recording", free_role(song, track.role), track.program)


def free_role(song: Song, role: Role) -> Role:
    """The role, or what is near it where another track has it."""
    if song.track_in_role(role) is None or role is Role.DRUMS:
        return role
    return Role.COUNTER if role is Role.MELODY else Role.OTHER


def _placer(song: Song, heard: Song, audio: AudioFacts, tick: int) -> Callable[[Note], Note]:
    """Where in the song a heard note was played, by its second of the recording, or by its beat."""
    begins_s = song.time_map.seconds_at(tick)

    def by_second(heard_tick: int) -> float:
        second = heard.time_map.seconds_at(heard_tick) - audio.offset_s
        return song.time_map.tick_at(max(0.0, begins_s + second))

    by_beat = _beats_shared(song, heard, audio, by_second(0))

    def at(heard_tick: int) -> int:
        return max(0, round(by_second(heard_tick) if by_beat is None else by_beat(heard_tick)))

    def placed(note: Note) -> Note:
        start = at(note.start_ticks)
        return replace(note, start_ticks=start, duration_ticks=max(30, at(note.end_ticks) - start))

    return placed


def _beats_shared(song: Song, heard: Song, audio: AudioFacts, first: float) -> Callable[[int], float] | None:
    """The song's tick of a heard tick where both have one tempo, or twice it, and drift nowhere apart."""
    at = round(first)
    later = [tempo for tempo in song.time_map.tempos if tempo.tick > at]
    if len(heard.time_map.tempos) > 1 or later or heard.time_map == song.time_map:
        return None
    ratio = song.time_map.tempo_at(at).bpm / heard.time_map.tempos[0].bpm
    factor = next((f for f in (1.0, 2.0, 0.5) if abs(ratio / f - 1) * audio.duration_s < TOGETHER_S), None)
    beat = round(first / BEAT_PART_TICKS) * BEAT_PART_TICKS
    if factor is None or abs(song.time_map.seconds_at(beat) - song.time_map.seconds_at(first)) > TOGETHER_S:
        return None
    return lambda heard_tick: beat + factor * heard_tick
