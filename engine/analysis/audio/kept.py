"""What was heard of the last few recordings' rhythm, so that a correction is answered at once.

Kept in memory, by the recording's hash; when it is gone, the song's notes are asked instead.
"""

from collections import OrderedDict

from engine.analysis.audio.beatgrid import KeptRhythm

_MOST = 4
_kept: OrderedDict[str, KeptRhythm] = OrderedDict()


def keep_rhythm(sha256: str, rhythm: KeptRhythm) -> None:
    """Remembers the rhythm of a recording; the oldest is forgotten."""
    _kept[sha256] = rhythm
    _kept.move_to_end(sha256)
    while len(_kept) > _MOST:
        _kept.popitem(last=False)


def kept_rhythm(sha256: str) -> KeptRhythm | None:
    """The rhythm of a recording heard a while ago, None when it is not remembered."""
    return _kept.get(sha256)
