"""Chords for bars from nothing or after what stands before."""

from engine.api.suggestion import Kind
from engine.generation.chords.free import suggest
from engine.music import Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.PROGRESSION, None),)

__all__ = ["SERVES", "suggest"]
