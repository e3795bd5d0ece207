"""Which part of the form is it? Sections are whole bars, sorted, without overlap."""

from dataclasses import dataclass
from enum import StrEnum


class SectionKind(StrEnum):
    INTRO = "intro"
    VERSE = "verse"
    PRE_CHORUS = "pre-chorus"
    CHORUS = "chorus"
    BRIDGE = "bridge"
    SOLO = "solo"
    BREAKDOWN = "breakdown"
    OUTRO = "outro"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Section:
    """A named stretch of bars: `bars` bars from the 0-based `start_bar`."""

    id: int
    name: str
    start_bar: int
    bars: int
    kind: SectionKind = SectionKind.OTHER
    confidence: float = 1.0

    @property
    def end_bar(self) -> int:
        """The first bar after the section."""
        return self.start_bar + self.bars


def guess_kind(name: str) -> SectionKind:
    """The kind a section's name suggests: `Verse 2` is a verse."""
    lowered = name.lower().replace("prechorus", "pre-chorus").replace("refrain", "chorus")
    if "pre" in lowered and "chorus" in lowered:
        return SectionKind.PRE_CHORUS
    return next((kind for kind in SectionKind if kind.value in lowered), SectionKind.OTHER)
