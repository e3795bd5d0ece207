"""What was to be reached, what was, and what falls short? The figures of an evaluation against their goals.

`MODEL` is what the released model does by itself, `PRODUCT` its takes as the window gets them.

>>> goal = Goal("bits", "folk", MODEL, "of_ngram", "<= 64 %", lambda value, _: value <= 0.64)
>>> reached({"bits | folk | infill | of_ngram": 0.7}, [goal])[1].split()
['bits', 'folk', 'infill', 'of_ngram', '0.7', '<=', '64', '%', 'SHORT']
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Figures = Mapping[str, float]
MODEL, PRODUCT = "infill", "infill, in the product"
_PEOPLE, _INSTANT = "people", "instant"


@dataclass(frozen=True)
class Goal:
    """One figure, the words of its goal, and whether it is met: by the value, beside anybody's value of the
    same figure (nan when there is none)."""

    question: str
    stratum: str
    who: str
    figure: str
    words: str
    is_met: Callable[[float, Callable[[str], float]], bool]


def _at_most(question: str, strata: str, who: str, figure: str, most: float, words: str = "") -> list[Goal]:
    told = words or f"<= {most:g}"
    return [
        Goal(question, one, who, figure, told, lambda value, _: value <= most) for one in strata.split("/")
    ]


def _at_least(question: str, strata: str, who: str, figure: str, least: float) -> list[Goal]:
    told = f">= {least:g}"
    return [
        Goal(question, one, who, figure, told, lambda value, _: value >= least) for one in strata.split("/")
    ]


def _like(question: str, strata: str, figure: str, apart: float, is_share: bool) -> list[Goal]:
    """As people, but for so much: of their value (a share), or absolutely."""

    def is_met(value: float, others: Callable[[str], float]) -> bool:
        human = others(_PEOPLE)
        return abs(value - human) <= (apart * human if is_share else apart)

    told = f"people's +- {apart:.0%}" if is_share else f"people's +- {apart:g}"
    return [Goal(question, one, PRODUCT, figure, told, is_met) for one in strata.split("/")]


def _above_cache(figure: str, who: str) -> Goal:
    return Goal(
        "next chord",
        "charts and songs",
        who,
        figure,
        "> 5-gram + cache",
        lambda v, other: v > other("5-gram + "),
    )


GOALS: tuple[Goal, ...] = (
    *_at_most("bits", "folk", MODEL, "of_ngram", 0.64),
    *_at_most("bits", "songs/songs, chords given", MODEL, "of_ngram", 0.60),
    *_at_most("bits", "pop chords/jazz chords/songs chords", MODEL, "of_ngram", 1.0, "below the n-gram"),
    *_at_least(
        "both sides",
        "folk melody/songs melody/songs chords/songs chords, melody given/pop chords/jazz chords",
        MODEL,
        "gain",
        0.15,
    ),
    *_at_least("harmonise", "songs", PRODUCT, "root_agreement", 0.58),
    *_like("harmonise", "songs", "chord_tones", 0.1, True),
    *_like("harmonise", "songs", "changes_a_bar", 0.1, True),
    *_like("harmonise", "songs", "distinct", 0.1, True),
    *_at_least("harmonise", "of six", PRODUCT, "nearest_mean", 5),
    *_at_least("harmonise", "of six", PRODUCT, "nearest_each", 5),
    Goal("loop kept", "pop", PRODUCT, "kept", "0.5 to 0.75", lambda value, _: 0.5 <= value <= 0.75),
    *_like("bars again", "folk/songs", "equal_bars", 0.1, False),
    *_like("bars again", "folk/songs", "rhythm_bars", 0.1, False),
    _above_cache("all_top1", "instant and progressions"),
    _above_cache("new_top1", "instant and progressions"),
    _above_cache("all_top1", "infill + cache"),
    _above_cache("new_top1", "infill + cache"),
    *_at_most("real or not", "folk melody/songs melody/songs both/pop chords", PRODUCT, "auc", 0.65),
    *_at_least("control", "density/register/contour/syncopation/chordrate", MODEL, "obeyed", 0.85),
    *_at_least(
        "slider",
        "melody density/melody register/melody contour/melody range/chords density/chords style",
        PRODUCT,
        "obeyed",
        0.85,
    ),
    *_at_least(
        "slider",
        "melody keep rhythm/melody keep strong beats/melody keep contour/chords keep cadence/"
        "chords keep bass line",
        PRODUCT,
        "obeyed",
        0.85,
    ),
    *_at_least("slider", "melody surprise/chords surprise", PRODUCT, "ordered", 0.85),
    *_at_least("variation", "folk, heard by infill/songs, heard by infill", PRODUCT, "both", 0.8),
    *(
        Goal("shared run", name, PRODUCT, "p90", "<= people's", lambda value, other: value <= other(_PEOPLE))
        for name in ("folk melody", "songs melody")
    ),
    *_at_most("shared run", "folk melody/songs melody", PRODUCT, "over_limit", 0.0),
    *_at_least("validity", "all", PRODUCT, "valid", 1.0),
    *_at_least("validity", "random contexts", "grammar", "valid", 1.0),
    *_at_least("validity", "other ways to compute", MODEL, "same", 1.0),
)


def reached(found: Figures, goals: Sequence[Goal] = GOALS) -> list[str]:
    """One line a goal that was measured: the value, people's and the instant generators', the goal, SHORT."""
    lines = [f"{'':56}{'value':>7}{'people':>8}{'instant':>8}  goal"]
    for goal in goals:

        def value_of(who: str, goal: Goal = goal) -> float:
            start, end = f"{goal.question} | {goal.stratum} | {who}", f" | {goal.figure}"
            if "+" not in who:
                return found.get(start + end, float("nan"))
            weighed = (v for place, v in found.items() if place.startswith(start) and place.endswith(end))
            return next(weighed, float("nan"))

        value = value_of(goal.who)
        if value != value:
            continue
        name = f"{goal.question:<12}{goal.stratum:<20.20}{_short(goal.who):<10.10}{goal.figure:<14.14}"
        human, instant = (_told(value_of(who)) for who in (_PEOPLE, _INSTANT))
        verdict = "" if goal.is_met(value, value_of) else "  SHORT"
        lines.append(f"{name}{_told(value):>7}{human:>8}{instant:>8}  {goal.words}{verdict}")
    return lines


def _short(who: str) -> str:
    return who.removeprefix(f"{MODEL}, in the ")


def _told(value: float) -> str:
    return f"{value:.3g}" if value == value else ""
