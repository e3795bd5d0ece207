"""What was once worked out about a value that never changes need not be worked out again.

Values are known by identity: comparing 20,000 notes would cost as much as the work that is spared. A few are
kept, the ones asked for last; safe to use from any thread.

>>> counts = Remembered(len)
>>> counts((1, 2, 3))
3
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import RLock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
_KEPT = 64


class Remembered(Generic[K, V]):
    """A function of an immutable value that remembers its latest results by the value's identity."""

    def __init__(self, work_out: Callable[[K], V], kept: int = _KEPT) -> None:
        self._work_out = work_out
        self._kept = kept
        self._held: OrderedDict[int, tuple[K, V]] = OrderedDict()
        self._lock = RLock()

    def __call__(self, value: K) -> V:
        held = self._held.get(id(value))
        if held is not None and held[0] is value:
            return held[1]
        result = self._work_out(value)
        with self._lock:
            self._held[id(value)] = (value, result)
            while len(self._held) > self._kept:
                self._held.popitem(last=False)
        return result
