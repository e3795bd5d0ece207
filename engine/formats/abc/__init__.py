"""ABC tunes: read as written, played out into songs."""

from engine.formats.abc.reader import read_abc

__all__ = ["read_abc"]
