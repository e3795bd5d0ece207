"""What do all takes share that are a whole song? Ids as accepting them expects; no recording plays along."""

from dataclasses import replace

from engine.api.suggestion import Part, PlannedSection
from engine.music import Song
from engine.music.edits import adopt_song, is_new

EARLY_TICKS = 60
"""How far before a barline a player may strike what belongs after it."""
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


def heard(section: PlannedSection, song: Song) -> PlannedSection:
    """The section with only those players who are heard in it."""
    edges = (section.start_bar, section.end_bar)
    start, end = (song.time_map.bar_start(bar) - EARLY_TICKS for bar in edges)
    playing = {track.role for track in song.tracks if track.notes_in(start, end)}
    return replace(section, players=tuple(role for role in section.players if role in playing))
