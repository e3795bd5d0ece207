"""Which colours of a chord does a style that is asked for by name prefer?

The models know few pieces of most styles and play triads in all of them; who asks for jazz hears sevenths.
Nothing is added where no style is named.

>>> lean = style_colours("smooth jazz")
>>> bool(lean[Seventh.MAJOR] < lean[Seventh.MAJOR_SEVENTH]), style_colours("").any()
(True, np.False_)
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.vocabulary import Seventh
from engine.music.styles import style_named

_PLAIN = (Seventh.MAJOR, Seventh.MINOR, Seventh.DIMINISHED)
_RICH = (
    Seventh.MAJOR_SIXTH,
    Seventh.MAJOR_SEVENTH,
    Seventh.MINOR_SIXTH,
    Seventh.MINOR_SEVENTH,
    Seventh.HALF_DIMINISHED,
)
_TRIADS_COST = {
    "jazz": 3.5,
    "latin": 3.0,
    "soul": 2.0,
    "gospel": 2.0,
    "funk": 3.0,
    "hip-hop": 2.0,
    "blues": 3.0,
}
_SOFT_GAIN = {"jazz": 0.7, "latin": 0.7, "soul": 0.4, "gospel": 0.3, "hip-hop": 0.8}
_SEVENTHS_COST = {"rock": 1.0, "hymn": 2.5, "folk": 2.0, "country": 1.0}
_DOMINANTS_GAIN = {"blues": 1.5, "funk": 1.0}
_FIFTHS_GAIN = {"rock": 0.5}


@lru_cache(maxsize=64)
def style_colours(words: str) -> NDArray[np.float64]:
    """(16,) natural-log weights by seventh class for the style that the words mean; zeros for none."""
    lean = np.zeros(len(Seventh))
    style = style_named(words)
    if style is not None:
        lean[list(_PLAIN)] -= _TRIADS_COST.get(style.name, 0.0)
        lean[list(_RICH)] -= _SEVENTHS_COST.get(style.name, 0.0)
        lean[[Seventh.MAJOR_SEVENTH, Seventh.MAJOR_SIXTH]] += _SOFT_GAIN.get(style.name, 0.0)
        lean[Seventh.DOMINANT] += _DOMINANTS_GAIN.get(style.name, 0.0)
        lean[Seventh.FIFTH] += _FIFTHS_GAIN.get(style.name, 0.0)
        if style.name in _TRIADS_COST:
            lean[Seventh.FIFTH] -= _TRIADS_COST[style.name]
    lean.flags.writeable = False
    return lean
