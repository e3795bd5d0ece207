"""How fast is learnt when? A short rise, a long stable stretch, a straight fall to nothing.

Everything is counted in tokens, so that a run says the same on any machine. Because the middle is flat, any
checkpoint of it can be released after a fall of its own.

>>> schedule = Schedule(peak=0.002, warmup=100, fall_from=700, fall_to=1000)
>>> [schedule.rate(tokens) for tokens in (0, 100, 700, 850, 1000)]
[0.0, 0.002, 0.002, 0.001, 0.0]
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Schedule:
    """`peak` is the rate from `warmup` tokens to `fall_from`; at `fall_to` it is 0 and all is done."""

    peak: float
    warmup: int
    fall_from: int
    fall_to: int

    def rate(self, tokens: int) -> float:
        """The rate after so many tokens."""
        rise = min(1.0, tokens / self.warmup) if self.warmup else 1.0
        left = (self.fall_to - tokens) / max(1, self.fall_to - self.fall_from)
        return self.peak * max(0.0, min(1.0, rise, left))

    def is_falling(self, tokens: int) -> bool:
        return tokens >= self.fall_from

    def is_done(self, tokens: int) -> bool:
        return tokens >= self.fall_to

    def falling_now(self, tokens: int, length: int) -> "Schedule":
        """The same, falling from here over so many tokens."""
        return replace(self, fall_from=tokens, fall_to=tokens + length)


def schedule_of(peak: float, warmup: int, total: int, fall_share: float) -> Schedule:
    """For a run of so many tokens whose last share is the fall."""
    return Schedule(peak, warmup, total - round(total * fall_share), total)
