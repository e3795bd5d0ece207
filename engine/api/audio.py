"""What was heard in a recording, and how does it lie under the song?

A second of the recording sounds `offset_s` later in the song: `offset_s` is where the recording's second 0
lies when the song's tick 0 is second 0. It is below 0 when the recording begins before the first beat.

>>> AudioFacts("…", duration_s=9.0, offset_s=-0.25).offset_s
-0.25
"""

from dataclasses import dataclass
from enum import StrEnum

from engine.music.timemap import TimeMap
from engine.music.track import Track


class ListeningMode(StrEnum):
    """How a recording is listened to; AUTO lets the engine choose, the facts say what it chose."""

    AUTO = "auto"
    VOICE = "voice"  # one voice: sung, hummed, whistled, a lead instrument
    KEYS = "keys"  # several notes at once: piano, guitar, a band
    DRUMS = "drums"  # beatboxed, tapped or played on a kit


class Pulse(StrEnum):
    """What a player could hear of the beat while recording."""

    COUNT = "count"  # a bar counted before it, then nothing
    BARS = "bars"  # a click or the song, all the time


@dataclass(frozen=True, slots=True)
class PlayedTo:
    """The beat a recording was played to: its second 0 is the second `begins_s` of `time_map`.

    Of a count only the first tempo and metre are meant, and that a bar begins at tick 0.
    """

    time_map: TimeMap
    begins_s: float = 0.0
    pulse: Pulse = Pulse.BARS


@dataclass(frozen=True, slots=True)
class HeardNote:
    """A note as it sounds in the recording, in its seconds.

    `certainty` 0-1. `cents`: how far the note is from its tempered pitch after the recording's tuning is
    taken out. `note_id`: the note of the song it became, 0 while it is none.
    """

    start_s: float
    end_s: float
    pitch: int
    velocity: int = 80
    certainty: float = 1.0
    cents: float = 0.0
    note_id: int = 0


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What is known of the recording a sketch came from.

    `heard_s`: how much of its beginning was listened to. `certainty` of the chosen mode, 0-1.
    `tuning_cents`: where the recording's A lies from 440 Hz. `f0_hz`: the middle pitch of one voice, else
    0. `listening_models`: names of the models that heard it, with a card each. `notes`: one for each note
    of the song. `as_played`: the tracks before they were cleaned and quantised, with bends; same track and
    note ids where a note is in both.
    """

    sha256: str
    duration_s: float
    offset_s: float = 0.0
    mode: ListeningMode = ListeningMode.AUTO
    certainty: float = 1.0
    heard_s: float = 0.0
    sample_rate_hz: int = 0
    channels: int = 0
    tuning_cents: float = 0.0
    f0_hz: float = 0.0
    listening_models: tuple[str, ...] = ()
    notes: tuple[HeardNote, ...] = ()
    as_played: tuple[Track, ...] = ()
