"""How is a long training going, in a line that a person can follow?

>>> minutes(0.4), minutes(12.3), minutes(150)
('less than a minute left', '12 min left', '2 h 30 min left')
"""

import time
from collections.abc import Mapping
from typing import Any


def minutes(left: float) -> str:
    """How long it still takes."""
    if left < 1:
        return "less than a minute left"
    hours, rest = divmod(round(left), 60)
    return f"{hours} h {rest} min left" if hours else f"{rest} min left"


class Pace:
    """How long so many equal steps take, judged by those that are done."""

    def __init__(self, steps: int) -> None:
        self._steps, self._begun = steps, time.monotonic()

    def told(self, done: int) -> str:
        """`step 50 of 1000, 7 min left`."""
        spent = time.monotonic() - self._begun
        left = spent / max(done, 1) * (self._steps - done) / 60
        return f"step {done:,} of {self._steps:,}, {minutes(left)}"


def progress_line(line: Mapping[str, Any], whole: int) -> str:
    """What a line of an infilling run's log says, `whole` being the tokens of the run.

    >>> progress_line({"tokens": 500, "heldout": {"tunes_both_bits_per_note": 1.9, "tunes_left": 2}}, 1000)
    '500 of 1,000 tokens (50 %), held out: tunes_both_bits_per_note 1.900'
    """
    said = [f"{line['tokens']:,} of {whole:,} tokens ({100 * line['tokens'] / whole:.0f} %)"]
    if "loss" in line:
        losses = " ".join(f"{name} {loss:.3f}" for name, loss in line["loss"].items())
        said += [f"loss {losses}", f"{line['tokens_per_s']:,} tokens/s", minutes(line["minutes_left"])]
    if "heldout" in line:
        both = [f"{name} {bits:.3f}" for name, bits in line["heldout"].items() if "_both_" in name]
        said.append("held out: " + " ".join(both))
    return ", ".join(said)
