"""How does a player's part come into the song? Into a track that is there, or one made for it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from engine.music.edits.regions import replace_notes
from engine.music.edits.tracks import add_track
from engine.music.note import Note, Origin
from engine.music.song import Song
from engine.music.track import Role


@dataclass(frozen=True, slots=True)
class Player:
    """Who plays: the track to write into (0: a new one), and what a new one is called and sounds like."""

    role: Role
    name: str
    program: int = 0
    track_id: int = 0


def put_part(
    song: Song,
    player: Player,
    start_ticks: int,
    end_ticks: int,
    notes: Iterable[Note],
    *,
    origin: Origin = Origin.TAKEN,
    source: str = "",
    kept_ids: Collection[int] = (),
) -> Song:
    """The notes as the player's in the half-open stretch, as `replace_notes` does it.

    A part without a track goes on in the track that its take made before (for other bars of it).
    """
    track_id = player.track_id if any(track.id == player.track_id for track in song.tracks) else 0
    track_id = track_id or _made_before(song, player, source)
    if not track_id:
        song, track_id = add_track(song, player.name, player.role, player.program), song.next_id
    return replace_notes(
        song, track_id, start_ticks, end_ticks, notes, origin=origin, source=source, kept_ids=kept_ids
    )


def _made_before(song: Song, player: Player, source: str) -> int:
    found = (
        track.id
        for track in song.tracks
        if track.role is player.role
        and track.name == player.name
        and source
        and any(note.source == source for note in track.notes)
    )
    return next(found, 0)
