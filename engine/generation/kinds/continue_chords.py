"""Chords after what stands before the region."""

from engine.api.suggestion import Kind
from engine.generation.chords.free import suggest
from engine.music import Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.CONTINUE, Role.CHORDS),)

__all__ = ["SERVES", "suggest"]
