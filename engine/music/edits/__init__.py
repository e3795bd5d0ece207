"""Pure edits: each takes a Song and gives a new one, or raises EditError and nothing has changed."""

from engine.music.edits.adopting import adopt_song, is_new, without_new
from engine.music.edits.chords import (
    change_chord,
    clear_chords,
    delete_chords,
    lock_chords,
    move_chord,
    set_chord,
)
from engine.music.edits.grafting import Graft, graft_section
from engine.music.edits.notes import (
    delete_notes,
    duplicate_notes,
    insert_note,
    insert_notes,
    join_notes,
    lock_notes,
    move_notes,
    paste_notes,
    resize_notes,
    set_velocities,
    split_notes,
    transpose_notes,
)
from engine.music.edits.parts import Player, put_part
from engine.music.edits.quantise import quantise_notes
from engine.music.edits.recordings import (
    add_recording,
    place_recording,
    remove_recording,
    set_recording_mix,
)
from engine.music.edits.regions import replace_chords, replace_notes
from engine.music.edits.sections import change_section, delete_section, mark_corrected, set_section
from engine.music.edits.timing import (
    delete_bars,
    insert_bars,
    set_key,
    set_metre,
    set_pickup,
    set_tempo,
)
from engine.music.edits.tracks import (
    add_track,
    move_track,
    remove_track,
    rename_track,
    set_mix,
    set_program,
    set_role,
)

__all__ = [
    "Graft",
    "Player",
    "add_recording",
    "add_track",
    "adopt_song",
    "change_chord",
    "change_section",
    "clear_chords",
    "delete_bars",
    "delete_chords",
    "delete_notes",
    "delete_section",
    "duplicate_notes",
    "graft_section",
    "insert_bars",
    "insert_note",
    "insert_notes",
    "is_new",
    "join_notes",
    "lock_chords",
    "lock_notes",
    "mark_corrected",
    "move_chord",
    "move_notes",
    "move_track",
    "paste_notes",
    "place_recording",
    "put_part",
    "quantise_notes",
    "remove_recording",
    "remove_track",
    "rename_track",
    "replace_chords",
    "replace_notes",
    "resize_notes",
    "set_chord",
    "set_key",
    "set_metre",
    "set_mix",
    "set_pickup",
    "set_program",
    "set_recording_mix",
    "set_role",
    "set_section",
    "set_tempo",
    "set_velocities",
    "split_notes",
    "transpose_notes",
    "without_new",
]
