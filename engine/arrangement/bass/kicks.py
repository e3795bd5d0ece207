"""Where on the even grid were the kicks meant?

Drummers swing and breathe; figures are written evenly. A kick belongs to the sixteenth or triplet nearest to
which it is played.
"""

from engine.arrangement.brief import Brief

Kicks = dict[int, frozenset[int]]
"""Ticks from the (notional) start of the bar, by the bar's number."""


def kicks_by_bar(brief: Brief) -> Kicks:
    """The bass drum of every bar of the region that has any."""
    return _by_bar(brief, brief.kicks)


def snares_by_bar(brief: Brief) -> Kicks:
    return _by_bar(brief, brief.snares)


def _by_bar(brief: Brief, played: tuple[int, ...]) -> Kicks:
    found: dict[int, set[int]] = {}
    for tick in played:
        place = even_place(tick, brief)
        if not brief.start_ticks <= place < brief.end_ticks:
            continue
        bar = brief.bar_at(place)
        found.setdefault(bar.number, set()).add(place - bar.start_ticks + bar.lead_ticks)
    return {number: frozenset(places) for number, places in found.items()}


def even_place(tick: int, brief: Brief) -> int:
    """The tick of the even grid that is played at this one."""
    bar = brief.bar_at(tick)
    origin = bar.start_ticks - bar.lead_ticks
    into = tick - origin
    straight = [origin + (into // 120 + step) * 120 for step in (-1, 0, 1)]
    best = min(straight, key=lambda place: abs(brief.swung(place) - tick))
    triplet = origin + round(into / 160) * 160
    return triplet if abs(triplet - tick) + 15 < abs(brief.swung(best) - tick) else best
