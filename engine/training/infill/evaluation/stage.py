"""Which holes is everybody asked to fill? The evaluation sets, drawn from the test part alone.

Strata: `folk` (dance tunes, melody alone), `songs` (lead sheets whose chords people wrote, and for melodies
hymns too), `pop` (chords of pop and rock songs), `jazz` (chords of jazz standards).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.generation.language.grid import Sheet, Stream
from engine.training.corpus.piece import CorpusPiece
from engine.training.infill.evaluation.charts import Chart
from engine.training.infill.evaluation.holes import (
    Hole,
    Named,
    Shape,
    draw_holes,
    is_told,
    number_of,
    pool_holes,
)
from engine.training.infill.evaluation.structure import LOOP_SHAPE, is_looped

MELODY, CHORDS = (Stream.MELODY,), (Stream.CHORDS,)
BOTH = (Stream.CHORDS, Stream.MELODY)
STYLES_OF = {
    "folk": ("folk",),
    "songs": ("song", "hymn"),
    "pop": ("pop", "rock"),
    "jazz": ("jazz",),
}
_NEEDED = {"folk": Stream.MELODY, "songs": Stream.MELODY, "pop": Stream.CHORDS, "jazz": Stream.CHORDS}
_HOLE_SHAPES = (Shape(8, 2, 4), Shape(8, 4, 4), Shape(8, 8, 0))


def of_stratum(pieces: Sequence[CorpusPiece], name: str) -> list[CorpusPiece]:
    """The pieces of a stratum; what we wrote ourselves is no test."""
    styles, needed = STYLES_OF[name], _NEEDED[name]
    return [p for p in pieces if p.style in styles and p.sheet.has(needed) and not p.is_own]


def sampled(pieces: Sequence[Named], count: int) -> list[Sheet]:
    """At most `count` sheets, by hash."""
    return [p.sheet for p in sorted(pieces, key=lambda p: number_of("sampled", p.id))[:count]]


def has_written_chords(piece: CorpusPiece) -> bool:
    """Chords that people wrote."""
    return piece.sheet.has(Stream.CHORDS) and not piece.has_derived_chords


@dataclass(frozen=True)
class Stage:
    """The holes of every question, at most `windows` each; `valid` pieces are for the judge to learn on."""

    test: Sequence[CorpusPiece]
    charts: Sequence[Chart] = ()
    windows: int = 60
    valid: Sequence[CorpusPiece] = ()

    @cached_property
    def harmonise(self) -> list[Hole]:
        """Twelve bars of melody whose chords people wrote, all chords hidden."""
        return self._draw("songs", Shape(0, 12, 0), CHORDS, _has_melody, written=True)

    @cached_property
    def continuations(self) -> dict[str, list[Hole]]:
        """Eight bars after eight: melodies of folk tunes, melody and chords of songs."""
        shape = Shape(8, 8, 0)
        return {
            "folk": self._draw("folk", shape, MELODY),
            "songs": self._draw("songs", shape, BOTH, written=True),
        }

    @cached_property
    def loops(self) -> dict[str, list[Hole]]:
        """Four bars after a loop of four heard twice."""
        return {
            name: pool_holes(self._charts(name), LOOP_SHAPE, CHORDS, self.windows, name, is_looped)
            for name in ("pop", "jazz")
        }

    def _charts(self, stratum: str) -> list[Chart]:
        return [chart for chart in self.charts if chart.style in STYLES_OF[stratum]]

    @cached_property
    def bits(self) -> dict[str, list[Hole]]:
        """Eight bars after eight: melodies without and with chords, chords without and with a melody. What is
        not named is not in the window, for anybody."""
        shape = Shape(8, 8, 0)
        songs = self._draw("songs", shape, MELODY)
        paired = self._draw("songs", shape, MELODY, _has_chords, written=True)
        folk = [hole.without(Stream.CHORDS) for hole in self._draw("folk", shape, MELODY)]
        bare = [hole.without(Stream.CHORDS) for hole in songs]
        under = self._draw("songs", shape, CHORDS, _has_melody, written=True)
        return {
            "folk": folk,
            "songs": bare,
            "songs, chords given": paired,
            "pop chords": self._draw("pop", shape, CHORDS),
            "jazz chords": self._draw("jazz", shape, CHORDS),
            "songs chords": [hole.without(Stream.MELODY) for hole in under],
            "songs chords, melody given": under,
        }

    @cached_property
    def both_sides(self) -> dict[str, list[Hole]]:
        """Four bars between four and four; chords of songs alone and under their melody."""
        shape = Shape(4, 4, 4)
        under = self._draw("songs", shape, CHORDS, _has_melody, written=True)
        return {
            "folk melody": self._draw("folk", shape, MELODY),
            "songs melody": self._draw("songs", shape, MELODY, _has_chords, written=True),
            "songs chords": [hole.without(Stream.MELODY) for hole in under],
            "songs chords, melody given": under,
            "pop chords": self._draw("pop", shape, CHORDS),
            "jazz chords": self._draw("jazz", shape, CHORDS),
        }

    @cached_property
    def judged(self) -> dict[str, list[Hole]]:
        """Holes of two, four and eight bars for the judge."""
        return {
            "folk melody": self._mixed("folk", MELODY),
            "songs melody": self._mixed("songs", MELODY, _has_chords, written=True),
            "songs both": self._mixed("songs", BOTH, written=True),
            "pop chords": self._mixed("pop", CHORDS),
        }

    @cached_property
    def learnt(self) -> dict[str, list[Hole]]:
        """Such holes of the valid part, which the judge only learns on."""
        return Stage(self.valid, windows=self.windows).judged

    @cached_property
    def variations(self) -> dict[str, list[Hole]]:
        """Four bars of melody between four and four, to be varied."""
        shape = Shape(4, 4, 4)
        return {name: self._draw(name, shape, MELODY)[: self.windows // 2] for name in ("folk", "songs")}

    @cached_property
    def steered(self) -> dict[Stream, list[Hole]]:
        """Four bars of melody, or of chords, to be asked for with controls."""
        sides, half = self.both_sides, self.windows // 2
        folk, songs = sides["folk melody"], sides["songs melody"]
        return {
            Stream.MELODY: [hole for pair in zip(folk, songs, strict=False) for hole in pair][:half],
            Stream.CHORDS: sides["pop chords"][:half],
        }

    @cached_property
    def originals(self) -> dict[str, list[Hole]]:
        """Eight bars of melody after eight; twelve of chords."""
        return {"folk melody": self.continuations["folk"], "songs melody": self.continuations["songs"]}

    @cached_property
    def chord_sheets(self) -> list[Sheet]:
        """Charts as they are played, and the chords of songs, for the next chord."""
        songs = [piece for piece in of_stratum(self.test, "songs") if has_written_chords(piece)]
        return sampled([*self.charts, *songs], self.windows)

    def _mixed(
        self,
        stratum: str,
        streams: tuple[Stream, ...],
        accepts: Callable[[Sheet, int, int], bool] = lambda sheet, first, end: True,
        written: bool = False,
    ) -> list[Hole]:
        third = -(-self.windows // len(_HOLE_SHAPES))
        found = [self._draw(stratum, shape, streams, accepts, written)[:third] for shape in _HOLE_SHAPES]
        return [hole for holes in found for hole in holes]

    def _draw(
        self,
        stratum: str,
        shape: Shape,
        streams: tuple[Stream, ...],
        accepts: Callable[[Sheet, int, int], bool] = lambda sheet, first, end: True,
        written: bool = False,
    ) -> list[Hole]:
        """`written`: only pieces whose chords were written by people."""
        pieces = of_stratum(self.test, stratum)
        if written:
            pieces = [piece for piece in pieces if has_written_chords(piece)]
        return draw_holes(pieces, shape, streams, self.windows, stratum, accepts)


def _has_melody(sheet: Sheet, first: int, end: int) -> bool:
    return is_told(sheet, Stream.MELODY)


def _has_chords(sheet: Sheet, first: int, end: int) -> bool:
    return is_told(sheet, Stream.CHORDS)
