"""Which bars of which parts? The hole to fill or the passage to vary.

`region_digest` names the content of a region, so that a take asked for one state of the bars is known to
be stale in another.
"""

import hashlib
import json
from dataclasses import dataclass

from engine.music.codec import to_json
from engine.music.progression import clip_spans
from engine.music.song import Song


@dataclass(frozen=True, slots=True)
class Region:
    """Bars `start_bar` to before `end_bar` (0-based) of the named tracks, or only the named notes.

    `chords` says that the chord lane belongs to the region. Empty `track_ids` with `chords` false means
    every track.
    """

    start_bar: int
    end_bar: int
    track_ids: tuple[int, ...] = ()
    note_ids: tuple[int, ...] = ()
    chords: bool = False

    @property
    def bars(self) -> int:
        return self.end_bar - self.start_bar

    def span_ticks(self, song: Song) -> tuple[int, int]:
        """First tick and first tick after the region."""
        return song.time_map.bar_start(self.start_bar), song.time_map.bar_start(self.end_bar)


def region_digest(song: Song, region: Region) -> str:
    """SHA-256 of what stands in the region: notes, chords and the times of its bars.

    Levels, names, locks, provenance and everything outside the bars are left out: changing them does not
    make a take stale.
    """
    start, end = region.span_ticks(song)
    tracks = [track for track in song.tracks if not region.track_ids or track.id in region.track_ids]
    notes = [
        [
            track.id,
            [[n.start_ticks, n.duration_ticks, n.pitch, n.velocity] for n in track.notes_in(start, end)],
        ]
        for track in tracks
    ]
    chords = [[s.start_ticks, s.duration_ticks, s.chord.harte()] for s in clip_spans(song.chords, start, end)]
    bars = [song.time_map.bar_start(bar) for bar in range(region.start_bar, region.end_bar + 1)]
    content = json.dumps([bars, notes, chords, to_json(song.key_at(start))], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
