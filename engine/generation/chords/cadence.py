"""How does a phrase close here?

The last chords of an idea that comes home: the song's own home chord on a downbeat, before it its dominant
(or, in pop and
rock, now and then the subdominant), before that in jazz the ii.
"""

from collections.abc import Sequence

import numpy as np

from engine.generation.chords.lattice import spelled
from engine.generation.chords.setting import Setting
from engine.generation.chords.vocabulary import Seventh, Triad
from engine.music import Chord

_PLAGAL_SHARE = 0.25


def closing_edges(setting: Setting, edges: Sequence[int]) -> list[int]:
    """The slot edges with one chord in the last bar, so that home falls on its downbeat."""
    last = setting.bars[-1].start_ticks
    return sorted({edge for edge in edges if edge <= last} | {last, setting.end_ticks})


def close(setting: Setting, edges: Sequence[int], random: np.random.Generator) -> dict[int, Chord]:
    """The closing chords by their start tick: two, in longer jazz phrases three; none where there is no
    room."""
    count = len(edges) - 1
    if count < 3:
        return {}
    style = setting.style or setting.listener.style
    chords = [home_chord(setting)]
    if style in ("pop", "rock", "loop", "folk") and random.random() < _PLAGAL_SHARE:
        chords.insert(0, _on(setting, 5, Seventh.MINOR if setting.key.mode.is_minor else Seventh.MAJOR))
    else:
        chords.insert(0, _dominant(setting, style))
        if style == "jazz" and count >= 5:
            two = Seventh.HALF_DIMINISHED if setting.key.mode.is_minor else Seventh.MINOR_SEVENTH
            chords.insert(0, _on(setting, 2, two))
    return dict(zip(edges[-1 - len(chords) : -1], chords, strict=True))


def home_chord(setting: Setting) -> Chord:
    """The tonic as the song writes it."""
    is_jazz = (setting.style or setting.listener.style) == "jazz" and _has_sevenths(setting)
    if setting.key.mode.is_minor:
        return _on(setting, 0, Seventh.MINOR_SEVENTH if is_jazz else Seventh.MINOR)
    return _on(setting, 0, Seventh.MAJOR_SEVENTH if is_jazz else Seventh.MAJOR)


def _dominant(setting: Setting, style: str) -> Chord:
    seventh = style in ("jazz", "song", "classical") or _has_sevenths(setting)
    return _on(setting, 7, Seventh.DOMINANT if seventh else Seventh.MAJOR)


def _has_sevenths(setting: Setting) -> bool:
    listener = setting.listener
    kinds = listener.qualities.sevenths[listener.places]
    return bool(np.isin(kinds, (2, 3, 8)).mean() > 0.3) if len(kinds) else bool(setting.style)


def _on(setting: Setting, degree: int, usual: Seventh) -> Chord:
    """The song's commonest chord on the degree with the usual third, else the usual one in its spelling."""
    listener = setting.listener
    root = (setting.key.tonic + degree) % 12
    minor = usual in (Seventh.MINOR, Seventh.MINOR_SEVENTH)
    triads = listener.qualities.triads[listener.places]
    fits = (listener.roots == root) & (triads == (Triad.MINOR if minor else Triad.MAJOR))
    if fits.any() and usual is not Seventh.HALF_DIMINISHED:
        return Chord(root, listener.qualities.names[int(np.bincount(listener.places[fits]).argmax())])
    return Chord(root, spelled(listener, root, int(usual)))
