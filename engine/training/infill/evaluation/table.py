"""One table of everything: people, the model, the instant generators and the plain ways, side by side.

Every question prints one line for each contender that can answer it and adds to one flat dict,
`question | stratum | contender | figure`. Contenders whose line is known from before are not asked again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.generation.language.grid import Sheet, Stream
from engine.ranking.harmony_metrics import NAMES as SIX
from engine.training.infill.evaluation.adherence import MEASURED, adherence, stream_of
from engine.training.infill.evaluation.contenders import Contender
from engine.training.infill.evaluation.harmonies import PLAIN, Row, harmonies, nearer
from engine.training.infill.evaluation.holes import Hole
from engine.training.infill.evaluation.judge import Exhibit, judge
from engine.training.infill.evaluation.nextchords import next_chords
from engine.training.infill.evaluation.originality import TrainIndex
from engine.training.infill.evaluation.stage import Stage
from engine.training.infill.evaluation.structure import bars_come_again, loops_kept
from engine.training.infill.evaluation.surprisal import bits_an_event
from engine.training.infill.evaluation.variations import variations
from engine.training.infill.evaluation.wishes import granted, surprised, wishes_of

Say = Callable[[str], None]
FILLS = 4
"""Generated fills of each hole for the judge."""
PEOPLE, NGRAM = "people", "n-gram"
PLAIN_WAYS = ("HMM", "template", "instant")
"""Whom a harmoniser must come nearer to people than."""
_BETWEEN = " | "


@dataclass
class Table:
    """What has been measured so far."""

    stage: Stage
    contenders: Sequence[Contender]
    say: Say
    seed: int = 1
    found: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {place.rpartition(_BETWEEN)[0] for place in self.found}

    def note(
        self, question: str, stratum: str, who: str, figures: dict[str, float], shown: Sequence[str] = ()
    ) -> None:
        """Remembers the figures and says them (or those of `shown`) in one line."""
        for name, value in figures.items():
            self.found[_BETWEEN.join((question, stratum, who, name))] = round(value, 4)
        told = "  ".join(
            f"{name} {value:.3g}" for name, value in figures.items() if name in (shown or figures)
        )
        self.say(f"{question:<14}{stratum:<27}{who:<25}{told}")

    def to_ask(self, question: str, stratum: str, skill: str) -> Iterator[Contender]:
        """Those who can (`skill`: the field of a Contender) and whose line is not known."""
        for one in self.contenders:
            place = _BETWEEN.join((question, stratum, one.name))
            if getattr(one, skill) is not None and place not in self._known:
                yield one

    def answered(self, one: Contender, holes: Sequence[Hole]) -> tuple[list[Hole], list[Sheet]]:
        """The holes that one fills, and how."""
        answers = one.first_answers(holes, self.seed)
        pairs = [(h, s) for h, s in zip(holes, answers, strict=True) if s is not None]
        return [h for h, _ in pairs], [s for _, s in pairs]


def bits(table: Table, grams: Callable[[str, Stream], Contender]) -> None:
    """Bits a note or chord against the best n-gram of the same music: the same holes, what stands before them
    known to both, the same symbols counted; `of_ngram` is the share. `grams` are asked for where unknown."""
    for stratum, holes in table.stage.bits.items():
        if not holes:
            continue
        stream, place = holes[0].streams[0], _BETWEEN.join(("bits", stratum, NGRAM, "bits"))
        if place not in table.found:
            gram = grams(stratum, stream)
            assert gram.bits is not None
            cost = bits_an_event(holes, gram.bits)[stream]
            order = float(gram.name.partition("-")[0])
            table.note("bits", stratum, NGRAM, {"bits": cost, "order": order, "holes": float(len(holes))})
        for one in table.to_ask("bits", stratum, "bits"):
            assert one.bits is not None
            own = bits_an_event(holes, one.bits)[stream]
            table.note("bits", stratum, one.name, {"bits": own, "of_ngram": own / table.found[place]})


def both_sides(table: Table) -> None:
    """What knowing the bars after the hole is worth, bits a note or chord."""
    for stratum, holes in table.stage.both_sides.items():
        for one in table.to_ask("both sides", stratum, "bits") if holes else ():
            assert one.bits is not None
            stream = holes[0].streams[0]
            left = bits_an_event([hole.left_only() for hole in holes], one.bits)[stream]
            both = bits_an_event(holes, one.bits)[stream]
            table.note("both sides", stratum, one.name, {"left": left, "both": both, "gain": left - both})


def harmonise(table: Table) -> None:
    """Chords for a melody: plain figures and Yeh's six, and how far each is from people."""
    holes = table.stage.harmonise
    for one in table.to_ask("harmonise", "songs", "write"):
        row = harmonies(holes, one.first_answers(holes, table.seed))
        if row["holes"]:
            table.note("harmonise", "songs", one.name, row, (*PLAIN, *SIX, "holes"))
    rows = _harmonisers(table)
    for name, row in rows.items():
        plain = [other for rival, other in rows.items() if rival in PLAIN_WAYS and rival != name]
        counted = {"nearest_mean": nearer(row, plain), "nearest_each": nearer(row, plain, "apart")}
        table.note("harmonise", "of six", name, {key: float(value) for key, value in counted.items()})


def _harmonisers(table: Table) -> dict[str, Row]:
    """Everybody's figures but people's."""
    rows: dict[str, Row] = {}
    for place, value in table.found.items():
        question, stratum, who, figure = place.split(_BETWEEN)
        if (question, stratum) == ("harmonise", "songs") and who != PEOPLE:
            rows.setdefault(who, {})[figure] = value
    return rows


def loops(table: Table) -> None:
    """How often a four-bar loop heard twice goes round again, in all answers and in the first alone."""
    for stratum, holes in table.stage.loops.items():
        for one in table.to_ask("loop kept", stratum, "write"):
            answers = [(hole, one.answers(hole, table.seed, FILLS)) for hole in holes]
            every = [(hole, sheet) for hole, sheets in answers for sheet in sheets]
            first = [(hole, sheets[0]) for hole, sheets in answers if sheets]
            if first:
                kept, at_first = (loops_kept([h for h, _ in p], [s for _, s in p]) for p in (every, first))
                figures = {"kept": kept, "kept_first": at_first, "loops": float(len(first))}
                table.note("loop kept", stratum, one.name, figures)


def continuations(table: Table) -> None:
    """Bars of an eight-bar continuation that equal an earlier bar, or share its rhythm."""
    for stratum, holes in table.stage.continuations.items():
        for one in table.to_ask("bars again", stratum, "write"):
            shares = bars_come_again(*table.answered(one, holes))
            if shares:
                table.note("bars again", stratum, one.name, shares)


def guesses(table: Table, counted: Sequence[Contender]) -> None:
    """The next chord among the first guesses, all contexts and new ones."""
    table.contenders = [*table.contenders, *counted]
    for one in table.to_ask("next chord", "charts and songs", "guess"):
        assert one.guess is not None
        found = next_chords(table.stage.chord_sheets, one.guess)
        table.note("next chord", "charts and songs", one.name, found)


def verdicts(table: Table) -> None:
    """Real or generated: the independent judge's area under the curve, 0.5 is best."""
    for stratum, holes in table.stage.judged.items():
        for one in table.to_ask("real or not", stratum, "write"):
            if one.name == PEOPLE:
                continue
            shown, learnt = (
                [Exhibit(hole, tuple(one.answers(hole, table.seed, FILLS))) for hole in some]
                for some in (holes, table.stage.learnt[stratum])
            )
            found = judge([exhibit for exhibit in shown if exhibit.generated], learnt, table.seed)
            if found.holes:
                figures = {"auc": found.area, "low": found.low, "high": found.high, "ngrams": found.ngrams}
                figures |= {"statistics": found.statistics, "holes": float(found.holes)}
                table.note("real or not", stratum, one.name, figures)


def varied(table: Table, listener: Contender) -> None:
    """Asked distance met, and bits a note to this listener no worse than the original's and a tenth."""
    assert listener.bits is not None
    for name, holes in table.stage.variations.items():
        stratum = f"{name}, heard by {listener.name}"
        for one in table.to_ask("variation", stratum, "vary"):
            assert one.vary is not None
            if holes:
                figures = variations(holes, one.vary, listener.bits, table.seed)
                table.note("variation", stratum, one.name, figures)


def controls(table: Table) -> None:
    """Controls told to the writer as tokens and measured in what it wrote."""
    for control in MEASURED:
        holes = table.stage.steered[stream_of(control)]
        for one in table.to_ask("control", control.name.lower(), "steer"):
            assert one.steer is not None
            free = one.first_answers(holes, table.seed)
            figures = adherence(holes, control, one.steer, free, table.seed)
            table.note("control", control.name.lower(), one.name, figures)


def wishes(table: Table, listener: Contender | None) -> None:
    """Sliders moved in the product and measured in what it wrote; how surprising it is only to a listener."""
    for stream, holes in table.stage.steered.items():
        for name in wishes_of(holes[0]) if holes else ():
            stratum = f"{stream.name.lower()} {name}"
            for one in table.to_ask("slider", stratum, "asked"):
                assert one.asked is not None
                free = one.first_answers(holes, table.seed)
                table.note("slider", stratum, one.name, granted(holes, name, one.asked, free, table.seed))
        if listener is None or listener.bits is None:
            continue
        stratum = f"{stream.name.lower()} surprise"
        for one in table.to_ask("slider", stratum, "asked"):
            assert one.asked is not None
            table.note("slider", stratum, one.name, surprised(holes, one.asked, listener.bits, table.seed))


def originality(table: Table, index: Callable[[], TrainIndex]) -> None:
    """The longest run shared with a work of the train part."""
    for stratum, holes in table.stage.originals.items():
        for one in table.to_ask("shared run", stratum, "write"):
            figures = index().runs(holes, one.first_answers(holes, table.seed))
            if figures:
                table.note("shared run", stratum, one.name, figures)


def validity(table: Table) -> None:
    """Of all that was written for the other questions."""
    for one in table.to_ask("validity", "all", "write"):
        tally = one.tally
        if tally.asked:
            share = tally.valid / max(1, tally.given)
            figures = {"valid": share, "given": float(tally.given), "refused": float(tally.refused)}
            table.note("validity", "all", one.name, figures)
