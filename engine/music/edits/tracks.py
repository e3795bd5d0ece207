"""How does the artist change who plays?"""

from collections.abc import Callable
from dataclasses import replace

from engine.music.edits.common import with_track
from engine.music.edits.sections import mark_corrected
from engine.music.errors import EditError
from engine.music.song import Aspect, Song
from engine.music.track import Role, Track


def add_track(
    song: Song, name: str, role: Role = Role.OTHER, program: int = 0, at: int | None = None
) -> Song:
    """A new, empty track at the end or at the place `at`; its id is the old `next_id`."""
    place = len(song.tracks) if at is None else at
    track = Track(song.next_id, name, role, program)
    tracks = (*song.tracks[:place], track, *song.tracks[place:])
    return replace(song, tracks=tracks, next_id=song.next_id + 1)


def remove_track(song: Song, track_id: int) -> Song:
    song.track(track_id)
    return replace(song, tracks=tuple(track for track in song.tracks if track.id != track_id))


def move_track(song: Song, track_id: int, place: int) -> Song:
    """The track at another place on screen (0 is the top)."""
    track = song.track(track_id)
    rest = [other for other in song.tracks if other.id != track_id]
    rest.insert(max(0, min(place, len(rest))), track)
    return replace(song, tracks=tuple(rest))


def rename_track(song: Song, track_id: int, name: str) -> Song:
    return _change(song, track_id, lambda track: replace(track, name=name))


def set_role(song: Song, track_id: int, role: Role) -> Song:
    """What the track plays; from now on the analysis leaves roles alone."""
    return mark_corrected(_change(song, track_id, lambda track: replace(track, role=role)), Aspect.ROLES)


def set_program(song: Song, track_id: int, program: int) -> Song:
    """The General MIDI sound, 0-127. Raises EditError."""
    if not 0 <= program <= 127:
        raise EditError("A sound must be a General MIDI number from 0 to 127.")
    return _change(song, track_id, lambda track: replace(track, program=program))


def set_mix(
    song: Song,
    track_id: int,
    *,
    muted: bool | None = None,
    soloed: bool | None = None,
    level: float | None = None,
) -> Song:
    """Mute, solo and level (0-1) of a track; what is not named stays."""

    def mixed(track: Track) -> Track:
        return replace(
            track,
            muted=track.muted if muted is None else muted,
            soloed=track.soloed if soloed is None else soloed,
            level=track.level if level is None else max(0.0, min(1.0, level)),
        )

    return _change(song, track_id, mixed)


def _change(song: Song, track_id: int, change: Callable[[Track], Track]) -> Song:
    return with_track(song, change(song.track(track_id)))
