"""What is the song called, and what are its parts called?

A name written to a track is its part's; if the track holds several channels the sound is told as well.
The title is the name of a track without notes at the top, or of the only track; else the file's name.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.formats.midi.conventions import CHANNEL_PREFIX, INSTRUMENT_NAME, TRACK_NAME
from engine.formats.midi.gm import GM_NAMES
from engine.formats.midi.split import Part
from engine.formats.midi.text import clean_text, decode_text
from engine.formats.midi.timeline import TimedMeta


@dataclass(frozen=True, slots=True)
class PartNames:
    """The title, names written for tracks, and names written for single channels of tracks."""

    title: str
    tracks: dict[int, str]
    channels: dict[tuple[int, int], str]
    is_one_track: bool

    def of(self, parts: Sequence[Part]) -> list[str]:
        """A name for each part."""
        sharing = Counter(part.track for part in parts)
        return [self._name(part, sharing[part.track] > 1) for part in parts]

    def _name(self, part: Part, is_shared: bool) -> str:
        own = self.channels.get((part.track, part.channel))
        written = self.tracks.get(part.track)
        if own is not None:
            return own
        if self.is_one_track and is_shared:
            return _sound(part)
        if written is None:
            return _sound(part)
        return f"{written} – {_sound(part)}" if is_shared and written else written


def read_names(metas: Sequence[TimedMeta], parts: Sequence[Part], file_type: int, stem: str) -> PartNames:
    """Names from the meta events; `stem` is the file's name without its ending."""
    tracks: dict[int, str] = {}
    channels: dict[tuple[int, int], str] = {}
    prefix: dict[int, int] = {}
    for meta in metas:
        if meta.kind == CHANNEL_PREFIX and meta.content:
            prefix[meta.track] = meta.content[0] & 0x0F
        elif meta.kind in (TRACK_NAME, INSTRUMENT_NAME) and meta.track in prefix:
            channels.setdefault((meta.track, prefix[meta.track]), _text(meta))
        elif meta.kind == TRACK_NAME:
            tracks[meta.track] = tracks.get(meta.track) or _text(meta)
    playing = {part.track for part in parts}
    is_one_track = file_type == 0
    first = tracks.get(0, "")
    is_title = 0 not in playing or is_one_track
    return PartNames((first if is_title else "") or clean_text(stem) or first, tracks, channels, is_one_track)


def _text(meta: TimedMeta) -> str:
    return clean_text(decode_text(meta.content))


def _sound(part: Part) -> str:
    """What the part sounds like, for parts without a name of their own."""
    if part.is_drums:
        return "Drums"
    if part.program is not None:
        return GM_NAMES[part.program]
    return f"Channel {part.channel + 1}"
