"""One table of everything: people, the model, the instant generators and the plain ways, side by side.

Every question prints one line for each contender that can answer it and adds to one flat dict,
`question | stratum | contender | figure`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from engine.generation.language.grid import Stream
from engine.ranking.harmony_metrics import NAMES as SIX
from engine.training.infill.evaluation.adherence import MEASURED, adherence, stream_of
from engine.training.infill.evaluation.contenders import Contender
from engine.training.infill.evaluation.harmonies import PLAIN, Row, harmonies, nearer
from engine.training.infill.evaluation.judge import Exhibit, judge
from engine.training.infill.evaluation.nextchords import next_chords
from engine.training.infill.evaluation.originality import TrainIndex
from engine.training.infill.evaluation.stage import Stage
from engine.training.infill.evaluation.structure import bars_come_again, loops_kept
from engine.training.infill.evaluation.surprisal import bits_an_event
from engine.training.infill.evaluation.variations import variations

Say = Callable[[str], None]
FILLS = 4
"""Generated fills of each hole for the judge."""


@dataclass
class Table:
    """What has been measured so far."""

    stage: Stage
    contenders: Sequence[Contender]
    say: Say
    seed: int = 1
    found: dict[str, float] = field(default_factory=dict)

    def note(
        self, question: str, stratum: str, who: str, figures: dict[str, float], shown: Sequence[str] = ()
    ) -> None:
        """Remembers the figures and says them (or those of `shown`) in one line."""
        for name, value in figures.items():
            self.found[" | ".join(filter(None, (question, stratum, who, name)))] = round(value, 4)
        told = "  ".join(
            f"{name} {value:.3g}" for name, value in figures.items() if name in (shown or figures)
        )
        self.say(f"{question:<14}{stratum:<22}{who:<22}{told}")

    def writers(self) -> Iterable[Contender]:
        return (one for one in self.contenders if one.write is not None)


def melody_bits(table: Table, grams: dict[str, Contender]) -> None:
    """(a) Bits a note against the best n-gram of each stratum, on the same holes; share of the n-gram's."""
    for stratum, holes in table.stage.bits.items():
        gram = grams["folk" if stratum == "folk" else "songs"]
        assert gram.bits is not None
        best = bits_an_event(holes, gram.bits)[Stream.MELODY]
        table.note("bits a note", stratum, gram.name, {"bits": best, "holes": float(len(holes))})
        for one in table.contenders:
            if one.bits is not None:
                own = bits_an_event(holes, one.bits)[Stream.MELODY]
                table.note("bits a note", stratum, one.name, {"bits": own, "of_ngram": own / best})


def both_sides(table: Table) -> None:
    """(b) What knowing the bars after the hole is worth, bits a note or chord."""
    for stratum, holes in table.stage.both_sides.items():
        for one in table.contenders:
            if one.bits is None:
                continue
            stream = holes[0].streams[0]
            left = bits_an_event([hole.left_only() for hole in holes], one.bits)[stream]
            both = bits_an_event(holes, one.bits)[stream]
            table.note("both sides", stratum, one.name, {"left": left, "both": both, "gain": left - both})


def harmonise(table: Table) -> None:
    """(c) Chords for a melody: plain figures and Yeh's six, and how far each is from people."""
    holes = table.stage.harmonise
    rows: dict[str, Row] = {}
    for one in table.writers():
        rows[one.name] = harmonies(holes, one.first_answers(holes, table.seed))
        if rows[one.name]["holes"]:
            told = (
                *PLAIN,
                *SIX,
                *(f"{name}_off" for name in SIX),
                *(f"{name}_apart" for name in SIX),
                "holes",
            )
            figures = {name: rows[one.name][name] for name in told}
            table.note("harmonise", "songs", one.name, figures, (*PLAIN, *SIX))
    rivals = {name: row for name, row in rows.items() if name != "people" and row["holes"]}
    for name, row in rivals.items():
        others = [other for rival, other in rivals.items() if rival != name]
        counted = {"nearest_mean": nearer(row, others), "nearest_each": nearer(row, others, "apart")}
        table.note("harmonise", "of six", name, {key: float(value) for key, value in counted.items()})


def loops(table: Table) -> None:
    """(d) How often a four-bar loop heard twice goes round again."""
    for stratum, holes in table.stage.loops.items():
        for one in table.writers():
            answered = [(h, s) for h, s in zip(holes, one.first_answers(holes, table.seed), strict=True) if s]
            kept = loops_kept([h for h, _ in answered], [s for _, s in answered])
            table.note("loop kept", stratum, one.name, {"kept": kept, "loops": float(len(answered))})


def continuations(table: Table) -> None:
    """(e) Bars of an eight-bar continuation that equal an earlier bar, or share its rhythm."""
    for stratum, holes in table.stage.continuations.items():
        for one in table.writers():
            answered = [(h, s) for h, s in zip(holes, one.first_answers(holes, table.seed), strict=True) if s]
            shares = bars_come_again([h for h, _ in answered], [s for _, s in answered])
            table.note("bars again", stratum, one.name, shares)


def guesses(table: Table, counted: Sequence[Contender]) -> None:
    """(f) The next chord among the first guesses, all contexts and new ones."""
    for one in (*counted, *table.contenders):
        if one.guess is not None:
            table.note("next chord", "", one.name, next_chords(table.stage.chord_sheets, one.guess))


def verdicts(table: Table) -> None:
    """(g) Real or generated: the independent judge's area under the curve, 0.5 is best."""
    for stratum, holes in table.stage.judged.items():
        for one in table.writers():
            if one.name == "people":
                continue
            shown, learnt = (
                [Exhibit(hole, tuple(one.answers(hole, table.seed, FILLS))) for hole in some]
                for some in (holes, table.stage.learnt[stratum])
            )
            found = judge([exhibit for exhibit in shown if exhibit.generated], learnt, table.seed)
            if not found.holes:
                continue
            table.note(
                "real or not",
                stratum,
                one.name,
                {
                    "auc": found.area,
                    "low": found.low,
                    "high": found.high,
                    "ngrams": found.ngrams,
                    "statistics": found.statistics,
                    "holes": float(found.holes),
                },
            )


def varied(table: Table, listener: dict[str, Contender]) -> None:
    """(i) Asked distance met, and bits a note no worse than the original's and a tenth."""
    for stratum, holes in table.stage.variations.items():
        bits = listener[stratum].bits
        for one in table.contenders:
            if one.vary is not None and bits is not None and holes:
                table.note("variation", stratum, one.name, variations(holes, one.vary, bits, table.seed))


def controls(table: Table) -> None:
    """(h) Controls told to the writer and measured in what it wrote."""
    for one in table.contenders:
        if one.steer is None:
            continue
        for control in MEASURED:
            holes = table.stage.steered[stream_of(control)]
            free = one.first_answers(holes, table.seed)
            figures = adherence(holes, control, one.steer, free, table.seed)
            table.note("control", control.name.lower(), one.name, figures)


def originality(table: Table, index: TrainIndex) -> None:
    """(j) The longest run shared with a work of the train part."""
    for stratum, holes in table.stage.originals.items():
        for one in table.writers():
            figures = index.runs(holes, one.first_answers(holes, table.seed))
            table.note("shared run", stratum, one.name, figures)


def validity(table: Table) -> None:
    """(k) Of all that was written for the other questions."""
    for one in table.writers():
        tally = one.tally
        share = tally.valid / max(1, tally.given)
        table.note(
            "validity",
            "",
            one.name,
            {"valid": share, "given": float(tally.given), "refused": float(tally.refused)},
        )
