"""How do people build melodies? Shares of steps, leaps, repeated bars ... that ranking and evaluation compare
with.
"""

from collections.abc import Iterable
from statistics import fmean

from engine.generation.melody.structure import structure_of
from engine.training.melody.rows import STYLES
from engine.training.melody.tunes import Tune


def form_statistics(tunes: Iterable[Tune]) -> dict[str, dict[str, float]]:
    """Mean structural figures of the tunes of each style (see `engine.generation.melody.structure`)."""
    by_style: dict[str, list[dict[str, float]]] = {style: [] for style in STYLES}
    for tune in tunes:
        by_style["folk" if tune.style == "folk" else "song"].append(structure_of(tune.line))
    found: dict[str, dict[str, float]] = {}
    for style, rows in by_style.items():
        names = {name for row in rows for name in row}
        found[style] = {
            name: round(fmean(row[name] for row in rows if name in row), 3) for name in sorted(names)
        }
    return found
