"""Which recording plays under the notes, and where does it lie?

The bytes are a sketch of the song file, named by their hash. A recording keeps its own time: its second
`at_s` sounds at the tick `tick` of the song; from there it runs on by itself.

>>> take = Recording("…", "Voice memo 14.wav", duration_s=9.0, at_s=0.25)
>>> take.second_at(2.0, TimeMap())
2.25
"""

from dataclasses import dataclass

from engine.music.timemap import TimeMap


@dataclass(frozen=True, slots=True)
class Recording:
    """`at_s` is below 0 when the recording begins after the tick. `level` is 0-1, as of a track."""

    sha256: str
    name: str
    duration_s: float
    tick: int = 0
    at_s: float = 0.0
    level: float = 0.8
    muted: bool = False

    def second_at(self, song_s: float, time_map: TimeMap) -> float:
        """The second of the recording that sounds in the song's second `song_s`."""
        return self.at_s + song_s - time_map.seconds_at(self.tick)
