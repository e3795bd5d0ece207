"""How does the window ask the engine, and what happens when the engine falls?

Everything happens on the GUI thread, asynchronously: `send` returns at once, replies come through `on_reply`
and the signal `replied`, in the order the engine gave them, and every request ends with exactly one Done,
Failed or Cancelled, whatever becomes of the process. Requests sent while the engine starts wait for it.

>>> link = EngineLink(); link.start()                                                       # doctest: +SKIP
>>> link.send(Suggest(question), on_reply=board.take_reply)                                 # doctest: +SKIP
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from app.enginelink.channel import EngineChannel, engine_command
from app.enginelink.lifeline import Patience, Restarts, Verdict, Watch
from engine.api.errors import Reason
from engine.api.messages import (
    PROTOCOL_VERSION,
    Cancel,
    Cancelled,
    Done,
    Failed,
    Hello,
    Ping,
    Pong,
    Reply,
    Request,
    Suggest,
)

OnReply = Callable[[Reply], None]

FELL = "The engine stopped while it was thinking; it has been started again. Your song is untouched."
HUNG = "The engine did not answer any more; it has been started again. Your song is untouched."
GAVE_UP = "The engine keeps stopping, so it was not started again. Your song is untouched."
CLOSED = "The engine was closed."
_LAST = (Done, Failed, Cancelled)
_CANCEL_PATIENCE_MS = 100


class EngineState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    RESTARTING = "restarting"
    FAILED = "failed"


@dataclass(slots=True)
class _Asked:
    request: Request
    on_reply: OnReply | None
    is_posted: bool = False


class EngineLink(QObject):
    """The window's view of the engine.

    state_changed(state): the state or the status text is another. replied(request_id, reply): any reply.
    """

    state_changed = Signal(str)
    replied = Signal(int, object)

    def __init__(
        self,
        parent: QObject | None = None,
        command: Sequence[str] | None = None,
        patience: Patience | None = None,
        restarts: Restarts | None = None,
    ) -> None:
        super().__init__(parent)
        self._command = tuple(command or engine_command())
        self._patience = patience or Patience()
        self._restarts = restarts or Restarts()
        self._channel: EngineChannel | None = None
        self._watch = Watch(self._patience)
        self._asked: dict[int, _Asked] = {}
        self._last_id = 0
        self._device = ""
        self._is_stopped = False
        self._set_s: float | None = None
        self._why_it_fell = FELL
        self._state = EngineState.STARTING
        self._shown: tuple[EngineState, str] | None = None
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)
        self._ticker = QTimer(self)
        self._ticker.setInterval(max(20, min(500, round(self._patience.quiet_s * 250))))
        self._ticker.timeout.connect(self._tick)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._open_channel)

    # what the window asks ---------------------------------------------------------

    @property
    def state(self) -> EngineState:
        return self._state

    @property
    def status_text(self) -> str:
        """One short line for the status bar."""
        match self._state:
            case EngineState.STARTING:
                return "Engine starting"
            case EngineState.BUSY:
                return f"Engine thinking · {self._device}"
            case EngineState.RESTARTING:
                return "Engine stopped; starting it again"
            case EngineState.FAILED:
                return "Engine stopped"
        if self._set_s is None:
            return f"Engine ready · {self._device}"
        return f"Engine · {self._device} · {self._set_s:.1f} s a set"

    @property
    def last_errors(self) -> tuple[str, ...]:
        """The last lines the engine wrote to its error output, for a report."""
        return tuple(self._channel.last_errors) if self._channel else ()

    @property
    def process_id(self) -> int:
        """The engine's process id, 0 when it does not run."""
        return self._channel.process_id if self._channel else 0

    def start(self) -> None:
        """Start the engine in the background; also the way back from `failed`."""
        self._is_stopped = False
        if self._channel is None and not self._again.isActive():
            self._restarts.forgive()
            self._set_state(EngineState.STARTING)
            self._open_channel()

    def stop(self) -> None:
        """End the engine; requests in flight fail, later ones too until it is started again."""
        self._is_stopped = True
        self._again.stop()
        self._ticker.stop()
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.stop()
            channel.deleteLater()
        self._fail_all(CLOSED)

    def send(self, request: Request, on_reply: OnReply | None = None) -> int:
        """Ask; returns the request's id. Every reply comes later, never from within this call."""
        self._last_id += 1
        self._asked[self._last_id] = _Asked(request, on_reply)
        if self._is_stopped:
            self._end_soon(self._last_id, Failed(Reason.INTERNAL, CLOSED))
        elif self._state in (EngineState.READY, EngineState.BUSY):
            self._post(self._last_id)
        elif self._state is EngineState.FAILED:
            self._end_soon(self._last_id, Failed(Reason.INTERNAL, GAVE_UP))
        self._settle()
        return self._last_id

    def cancel(self, request_id: int) -> None:
        """Stop a request; its `cancelled` follows within 100 ms, whatever the engine is doing."""
        asked = self._asked.get(request_id)
        if asked is None:
            return
        if self._channel is None or not asked.is_posted:
            self._end_soon(request_id, Cancelled())
            return
        was_unsent = self._channel.withdraw(request_id)
        self._last_id += 1
        self._channel.post_urgent(self._last_id, Cancel(request_id))
        self._watch.cancelled()
        if was_unsent:
            self._end_soon(request_id, Cancelled())
        else:
            QTimer.singleShot(_CANCEL_PATIENCE_MS, self, lambda: self._deliver(request_id, Cancelled()))

    # what the engine says -----------------------------------------------------------

    def _on_received(self, request_id: int, reply: Reply) -> None:
        if isinstance(reply, Pong):
            self._watch.ponged(reply, self._is_busy)
            return
        self._watch.heard()
        if isinstance(reply, Hello):
            self._on_hello(reply)
        else:
            self._deliver(request_id, reply)

    def _on_hello(self, hello: Hello) -> None:
        if hello.protocol != PROTOCOL_VERSION:
            self._give_up("The engine belongs to another version of this program; please install it again.")
            return
        self._device = hello.device
        self._set_state(EngineState.READY)
        for request_id, asked in self._asked.items():
            if not asked.is_posted:
                self._post(request_id)
        self._settle()

    def _deliver(self, request_id: int, reply: Reply) -> None:
        """Pass a reply on; replies of requests that are over are dropped."""
        asked = self._asked.get(request_id)
        if asked is None:
            return
        if isinstance(reply, _LAST):
            del self._asked[request_id]
            if isinstance(reply, Done) and isinstance(asked.request, Suggest):
                self._set_s = reply.elapsed_s
            self._settle()
        if asked.on_reply is not None:
            try:
                asked.on_reply(reply)
            except Exception:  # as for any Qt slot: reported, and the other requests go on
                sys.excepthook(*sys.exc_info())
        self.replied.emit(request_id, reply)

    def _end_soon(self, request_id: int, reply: Reply) -> None:
        QTimer.singleShot(0, self, lambda: self._deliver(request_id, reply))

    # life and death -------------------------------------------------------------------

    @property
    def _is_busy(self) -> bool:
        return any(asked.is_posted for asked in self._asked.values())

    def _post(self, request_id: int) -> None:
        if self._channel is not None:
            self._asked[request_id].is_posted = True
            self._channel.post(request_id, self._asked[request_id].request)

    def _open_channel(self) -> None:
        self._watch = Watch(self._patience)
        self._why_it_fell = FELL
        self._channel = EngineChannel(self._command, self)
        self._channel.received.connect(self._on_received)
        self._channel.closed.connect(self._on_closed)
        self._channel.start()
        self._ticker.start()

    def _on_closed(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.deleteLater()
        delay_s = self._restarts.delay_s(time.monotonic())
        if delay_s is None:
            self._give_up(GAVE_UP)
            return
        self._set_state(EngineState.RESTARTING)
        self._again.start(round(delay_s * 1000))
        for request_id in [id_ for id_, asked in self._asked.items() if asked.is_posted]:
            self._deliver(request_id, Failed(Reason.INTERNAL, self._why_it_fell))

    def _give_up(self, sentence: str) -> None:
        self._ticker.stop()
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.stop()
            channel.deleteLater()
        self._set_state(EngineState.FAILED)
        self._fail_all(sentence)

    def _fail_all(self, sentence: str) -> None:
        for request_id in list(self._asked):
            self._deliver(request_id, Failed(Reason.INTERNAL, sentence))

    def _tick(self) -> None:
        channel = self._channel
        if channel is None or not self._watch.needs_ticks(self._is_busy):
            self._ticker.stop()
            return
        verdict = self._watch.tick(self._ticker.interval() / 1000, self._is_busy)
        if verdict is Verdict.PING:
            self._last_id += 1
            channel.post_urgent(self._last_id, Ping())
        elif verdict is Verdict.DEAD:
            self._why_it_fell = HUNG
            channel.kill()

    def _settle(self) -> None:
        """Bring state and watch in line with what is being asked."""
        if self._state in (EngineState.READY, EngineState.BUSY):
            self._set_state(EngineState.BUSY if self._is_busy else EngineState.READY)
        if self._channel is not None and not self._ticker.isActive():
            self._ticker.start()

    def _set_state(self, state: EngineState) -> None:
        self._state = state
        if self._shown != (state, self.status_text):
            self._shown = (state, self.status_text)
            self.state_changed.emit(state.value)
