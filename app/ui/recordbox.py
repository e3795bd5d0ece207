"""The box for recording: a level to look at, one big button, the takes so far, and what to do with one.

It lies over the window and leaves everything else usable; Escape puts it away. R records and stops, Enter
uses the newest take.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QSpinBox, QWidget

from app.ui.levelmeter import LevelMeter, level_words
from app.ui.recording import RecordedTake, RecordSession
from app.ui.takelist import TakeList, clock
from app.ui.widgets import Segmented, button, column, keep_keys, label, row
from engine.api.audio import ListeningMode
from engine.music import Song

WIDTH = 460
MODES = (
    (ListeningMode.AUTO, "Find out"),
    (ListeningMode.VOICE, "Voice"),
    (ListeningMode.KEYS, "Chords"),
    (ListeningMode.DRUMS, "Beat"),
)
WARNED_S = 30.0  # before it is full
WHERE_TO = "Nothing leaves this machine. Your recording stays in the song, as it is."


class RecordBox(QFrame):
    """`take_used(take, mode)`: make music of it. `where` gives the open song and tick, or none."""

    take_used = Signal(object, object)
    closed = Signal()

    def __init__(
        self,
        window: QWidget,
        session: RecordSession,
        where: Callable[[], tuple[Song | None, int]],
        record_key: str,
        bpm: float = 100.0,
    ) -> None:
        super().__init__(window)
        self.session, self._where, self._key = session, where, record_key
        self.setObjectName("chooser")
        self.setAccessibleName("Record")
        self.setFixedWidth(WIDTH)
        self.meter = LevelMeter()
        self._level = label("", "lines")
        self._level.setMinimumWidth(96)
        self.record = button("", self.toggle, primary=True)
        self.record.setMinimumHeight(36)
        self.record.setAutoDefault(False)  # Enter uses the newest take, as its button says
        self._time = label("0:00.0", "position")
        self.count_in = QCheckBox("Count in")
        self.count_in.setChecked(True)
        self.click = QCheckBox("Click while recording")
        self.tempo = QSpinBox()
        self.tempo.setRange(40, 240)
        self.tempo.setValue(round(bpm))
        self.tempo.setSuffix(" bpm")
        self.tempo.lineEdit().setTextMargins(6, 0, 0, 0)
        self.tempo.setAccessibleName("Tempo of the count-in")
        self.modes = Segmented(MODES, "What is it")
        self._said = label("", "lines", wraps=True)
        self._said.setVisible(False)
        self._remark = ""  # said of what has happened, until the next recording
        self.takes = TakeList()
        self._lay_out()
        self.takes.hear_wanted.connect(session.hear)
        self.takes.use_wanted.connect(self.use)
        self.takes.drop_wanted.connect(session.throw_away)
        session.changed.connect(self._show)
        session.looked.connect(self._show_level)
        session.said.connect(self._say)
        self._show()

    def _lay_out(self) -> None:
        title = row(label("Record a voice or an instrument", "strong"), None)
        close = button("✕", self.done, small=True)
        close.setAccessibleName("Close the recorder")
        title.addWidget(close)
        layout = column(spacing=11, margins=(16, 13, 16, 15))
        layout.addLayout(title)
        layout.addLayout(row(self.meter, self._level))
        layout.addLayout(row(self.record, self._time, None))
        layout.addLayout(row(self.count_in, self.tempo, self.click, None, spacing=10))
        heard_as = row(label("It is", "faint"), self.modes)
        heard_as.setStretch(1, 1)
        layout.addLayout(heard_as)
        layout.addWidget(self._said)
        layout.addWidget(self.takes)
        layout.addWidget(label(WHERE_TO, "faint", wraps=True))
        self.setLayout(layout)

    def open(self) -> None:
        """In the upper middle of the window, listening."""
        self.session.open()
        self._place()
        self.show()
        self.raise_()
        self.record.setFocus(Qt.FocusReason.PopupFocusReason)

    def _place(self) -> None:
        """As tall as what is in it, in the upper middle."""
        self.adjustSize()
        parent = self.parentWidget()
        if parent is not None:
            self.move(
                (parent.width() - self.width()) // 2, max(8, min(110, parent.height() - self.height() - 8))
            )

    def toggle(self) -> None:
        """Record, or stop."""
        if self.session.is_recording or self.session.is_counting:
            self.session.stop()
            if self.takes.use_newest is not None:
                self.takes.use_newest.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if self.session.problem:  # a microphone may have been plugged in since
            self.session.open_again()
            return
        song, tick = self._where()
        self._say("")
        self.session.start(song, tick, self.count_in.isChecked(), self.tempo.value(), self.click.isChecked())

    def use(self, take: RecordedTake) -> None:
        """Make music of a take."""
        if take.sound.is_silent:
            self._say(f"{take.name} is silent. Look at the level, and record again.")
            return
        self.session.stop_hearing()
        self.take_used.emit(take, self.modes.value())

    def done(self) -> None:
        """Put the box away; takes that were not used wait in it."""
        if not self.isVisible():
            return
        self.hide()
        self.session.close()
        self.closed.emit()
        self.deleteLater()

    # showing --------------------------------------------------------------------------

    def _show(self) -> None:
        session = self.session
        is_busy = session.is_recording or session.is_counting
        self.record.setText(f"■  Stop  {self._key}" if is_busy else f"●  Record  {self._key}")
        self.record.setAccessibleName("Stop recording" if is_busy else "Record")
        has_song = self._where()[0] is not None
        self.tempo.setVisible(not has_song)
        self.click.setVisible(True)
        for control in (self.count_in, self.click, self.tempo, self.modes):
            control.setEnabled(not is_busy)
        self.takes.show_takes(session.takes, session.heard, can_act=not is_busy)
        self._show_sentence()
        self._place()

    def _say(self, remark: str) -> None:
        self._remark = remark
        self._show_sentence()

    def _show_sentence(self) -> None:
        """What is wrong, else what is going on, else what was said last."""
        sentence = self.session.problem or self._doing() or self._remark
        if sentence != self._said.text():
            self._said.setText(sentence)
            self._said.setVisible(bool(sentence))
            self._place()

    def _doing(self) -> str:
        session, left_s = self.session, self.session.recorder.left_s
        if session.is_counting:
            return "After the count: sing or play."
        if session.is_recording and left_s <= WARNED_S:
            return f"Recording. It ends by itself in {left_s:.0f} s; all of it is kept."
        return "Recording." if session.is_recording else ""

    def _show_level(self) -> None:
        recorder = self.session.recorder
        level_db = recorder.level_db if recorder.is_listening else -60.0
        self.meter.show_level(level_db)
        self._level.setText(level_words(level_db).capitalize() if recorder.is_listening else "Not listening")
        self._time.setText(clock(recorder.seconds if self.session.is_recording else 0.0))
        self._show_sentence()

    # keys ---------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        return keep_keys(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        takes = self.session.takes
        if event.key() == Qt.Key.Key_Escape:
            self.done()
        elif event.key() == Qt.Key.Key_R:
            self.toggle()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and takes and not self.session.is_recording:
            self.use(takes[-1])
        else:
            event.accept()
