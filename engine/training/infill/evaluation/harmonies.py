"""How near are these harmonies to the ones people wrote for the same melodies?

Agreement is not everything: chord tones, changes a bar and distinct chords should come near people's values,
and so should the six measures of Yeh et al. (`engine.ranking.harmony_metrics`).
"""

from collections.abc import Sequence
from statistics import fmean, pstdev

from engine.generation.language.grid import Sheet
from engine.ranking.features_melody import Value
from engine.ranking.features_passage import GRID, Passage
from engine.ranking.harmony_metrics import NAMES, harmony_metrics
from engine.training.infill.evaluation.holes import Hole

PLAIN = ("root_agreement", "chord_tones", "changes_a_bar", "distinct")
Row = dict[str, float]


def row_of(hole: Hole, sheet: Sheet) -> Row:
    """All measures of one harmonisation of the hole."""
    own, human = Passage.of_sheet(sheet), Passage.of_sheet(hole.sheet)
    start, stop = own.starts[hole.first], own.starts[hole.end]
    beats = [(own.harmony_at(tick), human.harmony_at(tick)) for tick in range(start, stop, GRID)]
    agreed = [a is not None and a.root == b.root for a, b in beats if b is not None]
    chords = [chord for chord in own.harmonies_in(hole.first, hole.end) if chord.root >= 0]
    plain = {
        "root_agreement": fmean(agreed) if agreed else 0.0,
        "chord_tones": chord_tone_share(own, start, stop) or 0.0,
        "changes_a_bar": len(chords) / (hole.end - hole.first),
        "distinct": float(len({chord.name for chord in chords})),
    }
    return plain | harmony_metrics(own, hole.first, hole.end)


def chord_tone_share(passage: Passage, start: int, stop: int) -> Value:
    """Share of the melody's time that lies in the chord sounding."""
    sung = inside = 0
    for chord in passage.harmonies:
        for tone in passage.melody if chord.root >= 0 else ():
            lasting = min(tone.end, chord.end, stop) - max(tone.start, chord.start, start)
            if lasting > 0:
                sung += lasting
                inside += lasting * (tone.pitch % 12 in chord.tones)
    return inside / sung if sung else None


def harmonies(holes: Sequence[Hole], answers: Sequence[Sheet | None]) -> Row:
    """Means over the holes that were answered; for each of Yeh's measures also how far from people, in their
    standard deviations (`CHE_off` ...), and the mean absolute distance hole by hole (`CHE_apart`)."""
    rows = [
        (row_of(hole, sheet), row_of(hole, hole.sheet))
        for hole, sheet in zip(holes, answers, strict=True)
        if sheet is not None
    ]
    rows = [(own, human) for own, human in rows if all(name in own and name in human for name in NAMES)]
    if not rows:
        return {"holes": 0.0}
    found = {name: fmean(own[name] for own, _ in rows) for name in (*PLAIN, *NAMES)}
    for name in NAMES:
        spread = pstdev([human[name] for _, human in rows]) or 1.0
        found[f"{name}_off"] = abs(found[name] - fmean(human[name] for _, human in rows)) / spread
        found[f"{name}_apart"] = fmean(abs(own[name] - human[name]) for own, human in rows) / spread
    return found | {"holes": float(len(rows))}


def nearer(one: Row, others: Sequence[Row], suffix: str = "off") -> int:
    """On how many of the six measures is `one` nearer to people than every other?"""
    return sum(all(one[f"{name}_{suffix}"] < other[f"{name}_{suffix}"] for other in others) for name in NAMES)


def human_harmonies(holes: Sequence[Hole]) -> Row:
    """People's own values."""
    return harmonies(holes, [hole.sheet for hole in holes])
