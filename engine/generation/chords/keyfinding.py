"""In which key should chords be thought here?

What is written wins; else the song's chords tell; else its notes, by the profiles of Temperley (Music and
Probability, 2007, ch. 6).
"""

import math

from engine.generation.chords.listener import Listener
from engine.generation.chords.model import ChordModel
from engine.generation.chords.predict import heard_key
from engine.music import Key, Mode, Role, Song

_MAJOR = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
_MINOR = (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330)


def key_of_song(song: Song, tick: int, model: ChordModel) -> Key:
    """The key at the tick; C major for an empty song."""
    written = song.time_map.key_at(tick) or (song.time_map.keys[0].key if song.time_map.keys else None)
    if written is not None:
        return written
    sounding = [span.chord for span in song.chords if not span.chord.is_no_chord]
    if sounding:
        listener = Listener.of(model, extra_qualities=tuple({chord.quality for chord in sounding}))
        for chord in sounding:
            listener.hear(chord)
        return heard_key(listener)
    return _key_of_notes(song) or Key()


def _key_of_notes(song: Song) -> Key | None:
    weight = [0.0] * 12
    for track in song.tracks:
        if track.role is not Role.DRUMS:
            for note in track.notes:
                weight[note.pitch_class] += note.duration_ticks
    total = sum(weight)
    if not total:
        return None

    def likelihood(key: Key) -> float:
        profile = _MINOR if key.mode.is_minor else _MAJOR
        return sum(w / total * math.log(profile[(pc - key.tonic) % 12]) for pc, w in enumerate(weight))

    keys = [Key(tonic, mode) for mode in (Mode.MAJOR, Mode.MINOR) for tonic in range(12)]
    return max(keys, key=likelihood)
