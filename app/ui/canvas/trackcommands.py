"""How does a new part come into the song?"""

from engine.music import Role, Song
from engine.music.edits import add_track

NEW_PARTS = (
    ("Melody", Role.MELODY, 4),
    ("Chords", Role.CHORDS, 0),
    ("Bass", Role.BASS, 33),
    ("Drums", Role.DRUMS, 0),
    ("Pad", Role.PAD, 89),
    ("Counter-melody", Role.COUNTER, 73),
)
"""Name, role and General MIDI sound of the parts offered."""


def new_track(song: Song, role: Role | None = None) -> Song:
    """One more track: of the role, else the first kind of part the song does not have yet.

    A second track of one name is numbered: `Bass 2`.
    """
    missing = [part for part in NEW_PARTS if song.track_in_role(part[1]) is None]
    chosen = next((part for part in NEW_PARTS if part[1] is role), (missing or NEW_PARTS)[0])
    name, kind, program = chosen
    names = {track.name for track in song.tracks}
    same = 1 + sum(track.role is kind for track in song.tracks)
    while name in names:
        same = max(2, same)
        name, same = f"{chosen[0]} {same}", same + 1
    return add_track(song, name, kind, program)
