"""What is one piece of the corpus, whatever set it comes from?

A piece is a Sheet (bars as written, tonic C) with where it is from and how it is played: `form` names the
stretches of written bars in playing order, () means once from the first bar to the last. Repeats stay form,
so that a bar written once is learnt once; `played` writes them out where the whole course matters.

>>> from engine.generation.language.grid import Sheet, SheetBar
>>> sheet = Sheet((SheetBar((4, 4), 96), SheetBar((3, 4), 72)))
>>> piece = CorpusPiece("a/1", "a", "folk", "Tune", "", "CC0-1.0", sheet, form=((0, 1), (0, 2)))
>>> [bar.metre[0] for bar in piece.played().bars]
[4, 4, 3]
"""

from dataclasses import dataclass, replace

from engine.generation.language.grid import Sheet

Stretch = tuple[int, int]
"""First written bar and the bar after the last."""


@dataclass(frozen=True, slots=True)
class CorpusPiece:
    """One piece. `id` is `<set>/<name in the set>`, unique in the corpus; `style` a name of the vocabulary's
    STYLE tokens; `title` and `maker` serve attribution and de-duplication only.

    `has_derived_chords`: the chords were found by analysis, not written by people. `is_own`: the artist's
    own or our own material rather than a set's. `was_tested`: an earlier model was tested on it, so it stays
    in the test part.
    """

    id: str
    source: str
    style: str
    title: str
    maker: str
    licence: str
    sheet: Sheet
    has_derived_chords: bool = False
    form: tuple[Stretch, ...] = ()
    is_own: bool = False
    was_tested: bool = False

    def played(self) -> Sheet:
        """The sheet with its repeats written out."""
        if not self.form:
            return self.sheet
        bars = tuple(bar for first, end in self.form for bar in self.sheet.bars[first:end])
        return replace(self.sheet, bars=bars)
