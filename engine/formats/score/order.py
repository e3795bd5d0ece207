"""In which order are the bars of a score played?

Repeats, voltas, D.C. and D.S. with Fine and Coda are followed as players do: after a jump back repeats are
not taken and the last ending is played.

>>> frames = [Frame(), Frame(plays=2, endings=frozenset({1})), Frame(endings=frozenset({2}))]
>>> played_bars(frames)
[0, 1, 0, 2]
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.formats.score.written import Frame, Jump

MOST_BARS = 4_000


def played_bars(frames: Sequence[Frame], most: int = MOST_BARS) -> list[int]:
    """Indices of bars in playing order, at most `most` of them."""
    walk = _Walk(frames)
    while walk.at < len(frames) and len(walk.order) < most:
        walk.step()
    return walk.order


@dataclass(slots=True)
class _Walk:
    """A player's finger on the page: `back` is where the running repeat began, `round` which time this is."""

    frames: Sequence[Frame]
    at: int = 0
    back: int = 0
    round: int = 1
    has_jumped: bool = False
    order: list[int] = field(default_factory=list)

    def step(self) -> None:
        frame = self.frames[self.at]
        if frame.begins_repeat and self.at != self.back:
            self.back, self.round = self.at, 1
        if frame.endings and not self._is_this_ending(frame):
            self.at += 1
            return
        self.order.append(self.at)
        self._leave(frame)

    def _is_this_ending(self, frame: Frame) -> bool:
        if self.has_jumped:
            return max(frame.endings) == self._last_ending()
        return self.round in frame.endings

    def _last_ending(self) -> int:
        """The highest number among the endings that stand around here."""
        first = last = self.at
        while first > 0 and self.frames[first - 1].endings and 1 not in self.frames[first].endings:
            first -= 1
        while last + 1 < len(self.frames) and self._goes_on(last):
            last += 1
        return max(max(frame.endings) for frame in self.frames[first : last + 1] if frame.endings)

    def _goes_on(self, bar: int) -> bool:
        """Whether the next bar belongs to the same group of endings."""
        here, after = self.frames[bar].endings, self.frames[bar + 1].endings
        return bool(after) and (after == here or 1 not in after)

    def _leave(self, frame: Frame) -> None:
        if self.has_jumped and frame.is_fine:
            self.at = len(self.frames)
        elif self.has_jumped and frame.to_coda:
            self.at = next(
                (i for i in range(self.at + 1, len(self.frames)) if self.frames[i].is_coda), self.at + 1
            )
        elif frame.plays and not self.has_jumped and self.round < self._rounds(frame):
            self.at, self.round = self.back, self.round + 1
        elif frame.jump is not None and not self.has_jumped:
            self._jump(frame.jump)
        else:
            self._go_on(frame)

    def _rounds(self, frame: Frame) -> int:
        return max(frame.plays, self._last_ending()) if frame.endings else frame.plays

    def _jump(self, jump: Jump) -> None:
        segno = next((i for i, frame in enumerate(self.frames) if frame.is_segno), 0)
        self.at = segno if jump is Jump.DAL_SEGNO else 0
        self.has_jumped, self.back, self.round = True, self.at, 1

    def _go_on(self, frame: Frame) -> None:
        is_last_ending = bool(frame.endings) and not (
            self.at + 1 < len(self.frames) and self._goes_on(self.at)
        )
        if frame.plays or is_last_ending:
            self.back, self.round = self.at + 1, 1
        self.at += 1
