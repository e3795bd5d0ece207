"""When is the engine hung, and when has it been started again often enough? Qt-free.

Time is counted in ticks of the window's own timer, not by the clock: a laptop that slept or a window that was
held up must not take a healthy engine for a dead one.

>>> Restarts().delay_s(at_s=0.0)
0.1
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from engine.api.messages import Pong


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the window waits, in seconds.

    start_s: for the hello. quiet_s: busy without a word before it is pinged. pong_s: for the answer.
    stuck_s: for a job that gives no sign of life although the engine answers.
    stray_s: for a cancelled job to end.
    """

    start_s: float = 30.0
    quiet_s: float = 5.0
    pong_s: float = 5.0
    stuck_s: float = 90.0
    stray_s: float = 10.0


class Verdict(Enum):
    FINE = auto()
    PING = auto()  # ask whether it is there
    DEAD = auto()  # it will not answer any more


class Watch:
    """Listens for signs of life of one engine process."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._has_said_hello = False
        self._quiet_s = 0.0
        self._waiting_for_pong_s: float | None = None
        self._stray_s: float | None = None
        self._is_hopeless = False

    def heard(self) -> None:
        """Anything came from the engine."""
        self._has_said_hello = True
        self._quiet_s = 0.0
        self._waiting_for_pong_s = None

    def cancelled(self) -> None:
        """A running job was cancelled; it should end soon."""
        if self._stray_s is None:
            self._stray_s = 0.0

    def ponged(self, pong: Pong, is_busy: bool) -> None:
        """What the engine said about its jobs."""
        self.heard()
        overdue = self._stray_s is not None and self._stray_s >= self._patience.stray_s
        if pong.strays == 0:
            self._stray_s = None
        self._is_hopeless = pong.silent_s > self._patience.stuck_s or (
            overdue and pong.strays > 0 and not is_busy
        )

    def needs_ticks(self, is_busy: bool) -> bool:
        return is_busy or not self._has_said_hello or self._stray_s is not None

    def tick(self, passed_s: float, is_busy: bool) -> Verdict:
        """What to do now that so much time has passed."""
        self._quiet_s += passed_s
        if self._stray_s is not None:
            self._stray_s += passed_s
        if self._is_hopeless:
            return Verdict.DEAD
        if not self._has_said_hello:
            return Verdict.DEAD if self._quiet_s > self._patience.start_s else Verdict.FINE
        if self._waiting_for_pong_s is not None:
            self._waiting_for_pong_s += passed_s
            return Verdict.DEAD if self._waiting_for_pong_s > self._patience.pong_s else Verdict.FINE
        is_overdue = self._stray_s is not None and self._stray_s >= self._patience.stray_s
        if self._quiet_s >= self._patience.quiet_s and (is_busy or is_overdue):
            self._waiting_for_pong_s = 0.0
            return Verdict.PING
        return Verdict.FINE


@dataclass(slots=True)
class Restarts:
    """Starts a fallen engine again a few times, each a little later, then gives up."""

    delays_s: tuple[float, ...] = (0.1, 1.0, 4.0)
    within_s: float = 60.0
    _falls: list[float] = field(default_factory=list)

    def delay_s(self, at_s: float) -> float | None:
        """How long to wait after a fall at that moment; None when there is no use in trying."""
        self._falls = [fall for fall in self._falls if at_s - fall < self.within_s]
        self._falls.append(at_s)
        count = len(self._falls)
        return self.delays_s[count - 1] if count <= len(self.delays_s) else None

    def forgive(self) -> None:
        """The artist asked for another try."""
        self._falls.clear()
