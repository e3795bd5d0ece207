"""What was heard of the last few recordings, so that a correction is answered at once.

Kept in memory, by the recording's hash; when it is gone, the song's notes are asked instead.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.analysis.audio.beatgrid import KeptRhythm
from engine.analysis.audio.chroma import LogSpectrum
from engine.music.analysis import BarsReading

_MOST = 4
_Heard = TypeVar("_Heard")


@dataclass(frozen=True)
class _Shelf(Generic[_Heard]):
    """The last few of one kind; the oldest is forgotten."""

    held: OrderedDict[str, _Heard]

    def keep(self, sha256: str, heard: _Heard) -> None:
        self.held[sha256] = heard
        self.held.move_to_end(sha256)
        while len(self.held) > _MOST:
            self.held.popitem(last=False)


_rhythms: _Shelf[KeptRhythm] = _Shelf(OrderedDict())
_spectra: _Shelf[LogSpectrum] = _Shelf(OrderedDict())
_bars: _Shelf[BarsReading] = _Shelf(OrderedDict())


def keep_rhythm(sha256: str, rhythm: KeptRhythm) -> None:
    """Remembers the rhythm of a recording."""
    _rhythms.keep(sha256, rhythm)


def kept_rhythm(sha256: str) -> KeptRhythm | None:
    """The rhythm of a recording heard a while ago, None when it is not remembered."""
    return _rhythms.held.get(sha256)


def keep_spectrum(sha256: str, spectrum: LogSpectrum) -> None:
    """Remembers the spectrum of a recording in which several notes sound together."""
    _spectra.keep(sha256, spectrum)


def kept_spectrum(sha256: str) -> LogSpectrum | None:
    """The spectrum of such a recording heard a while ago, None when it is not remembered."""
    return _spectra.held.get(sha256)


def keep_bars(sha256: str, bars: BarsReading) -> None:
    """Remembers how sure the bars of a recording were when they were heard."""
    _bars.keep(sha256, bars)


def kept_bars(sha256: str) -> BarsReading | None:
    """How sure they were, None when it is not remembered."""
    return _bars.held.get(sha256)
