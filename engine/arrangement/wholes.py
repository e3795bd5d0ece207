"""What do all takes share that are a whole song? Ids as accepting them expects; no recording plays along."""

from dataclasses import replace

from engine.api.suggestion import Part
from engine.music import Song
from engine.music.edits import adopt_song, is_new

NO_RECORDING = "Your recording does not follow and is left out; it stays in the song file"


def settled(whole: Song, asked: Song, parts: tuple[Part, ...] = ()) -> tuple[Song, tuple[Part, ...]]:
    """The song with every id used once, and the parts with the notes and tracks it has now.

    The artist's notes keep their ids where they are used first; what is new stays marked as new.
    """
    whole = replace(whole, recordings=())
    before = [track.id for track in whole.tracks]
    song = adopt_song(asked, whole, asked)
    now = dict(zip(before, song.tracks, strict=True))
    found = tuple(
        replace(
            part,
            track_id=now[part.track_id].id,
            notes=tuple(note for note in now[part.track_id].notes if is_new(note)),
        )
        for part in parts
    )
    return song, found
