"""Chords between what stands on both sides; the join into the next bar counts."""

from engine.api.suggestion import Kind
from engine.generation.chords.free import suggest
from engine.music import Role

SERVES: tuple[tuple[Kind, Role | None], ...] = ((Kind.FILL, Role.CHORDS),)

__all__ = ["SERVES", "suggest"]
