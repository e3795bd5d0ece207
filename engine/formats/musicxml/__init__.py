"""MusicXML scores: opened with guards, read as written, played out into songs."""

from engine.formats.musicxml.reader import read_musicxml

__all__ = ["read_musicxml"]
