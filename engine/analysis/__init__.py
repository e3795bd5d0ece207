"""Hearing: from a sketch to an Analysis.

>>> from engine.music import Song
>>> song, analysis = hear(Song())
>>> analysis.chords
()
"""

from engine.analysis.hearing import hear

__all__ = ["hear"]
