"""How does a song come into the window: a song file, a sketch to be heard first, or nothing yet?

Everything is asked for here and announced by signals; the window shows it. Nothing waits: a sketch is read
by the engine, and the artist may stop it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from app.document.beside import Beside
from app.document.core import OpenSong
from app.document.document import SongDocument
from app.document.heardrecording import heard_recording
from app.document.reading import Reading
from app.enginelink.link import EngineLink
from app.ui.banner import remark_words
from app.ui.canvas.noteindex import index_notes
from app.ui.earasking import notes_so_far
from app.ui.heardwords import HEARD_AS
from engine.api.audio import AudioFacts, ListeningMode, PlayedTo
from engine.api.messages import Cancelled, Failed, HeardSoFar, ImportSketch, Progress, Reply, SketchImported
from engine.formats.songfile import SUFFIX, SketchSource, SongFileError
from engine.music import Recording, Role, Song, edits
from engine.music.analysis import Analysis

MIDI_SUFFIXES = (".mid", ".midi", ".rmi", ".kar")
SCORE_SUFFIXES = (".musicxml", ".xml", ".mxl", ".abc")
READ_SUFFIXES = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".aifc")
# recordings that cannot be read; the engine says what to do with them
FOREIGN_SUFFIXES = (".m4a", ".aac", ".mp4", ".wma", ".webm", ".3gp", ".amr", ".caf")
AUDIO_SUFFIXES = (*READ_SUFFIXES, *FOREIGN_SUFFIXES)
MOST_KEPT_BYTES = 900 * 2**20  # a song file holds no larger piece
TOO_LARGE = "The recording is larger than {} MB, too large to be kept in a song."
SKETCH_SUFFIXES = (*MIDI_SUFFIXES, *SCORE_SUFFIXES, *AUDIO_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Listened:
    """A recording that has been heard: where it is, and how it was listened to."""

    path: Path
    source: str
    audio: AudioFacts
    remarks: tuple[str, ...] = ()
    has_bars: bool = False


def sentence_of(audio: AudioFacts, remarks: tuple[str, ...]) -> str:
    """How the recording was heard, and what else there is to say."""
    how = HEARD_AS.get(audio.mode, "music")
    return f"Heard as {how}; your recording plays under the notes. {remark_words(remarks)}".rstrip()


class Opening(QObject):
    """`opened(document, analysis or None)`, `refused(sentence)`, `working(sentence, fraction)`,
    `heard(notes, until_s)`: notes of a recording that were heard since, up to a second of it,
    `remarked(sentences)`, `listened(Listened, sentence)`: a recording is open, and may be heard otherwise;
    `doubted(sentence)`: the song is open, but its record was changed by other hands.
    """

    opened = Signal(object, object)
    refused = Signal(str)
    working = Signal(str, float)
    heard = Signal(object, float)
    stopped = Signal()
    remarked = Signal(object)
    doubted = Signal(str)
    listened = Signal(object, object)

    def __init__(self, link: EngineLink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self._running = 0
        self._reading: Reading | None = None
        self._creating: Beside | None = None
        self._source, self._mode = "file", ListeningMode.AUTO  # of the sketch that is listened to
        self._played_to: PlayedTo | None = None
        self._heard_notes = 0

    def close(self) -> None:
        """The window is being closed; what is still being read is let go."""
        if self._reading is not None:
            self._reading.abandon()
            self._reading = None
        self._let_creating_go()

    def open_file(
        self,
        path: Path,
        source: str = "file",
        mode: ListeningMode = ListeningMode.AUTO,
        played_to: PlayedTo | None = None,
    ) -> None:
        """A song or a sketch, by what its name says. Raises nothing: refusals are signalled."""
        self._source, self._mode, self._played_to = source, mode, played_to
        suffix = path.suffix.lower()
        if not path.is_file():
            self.refused.emit(f"“{path.name}” is not there any more.")
        elif suffix == SUFFIX:
            self._open_song(path)
        elif suffix in SKETCH_SUFFIXES:
            self._import(path)
        else:
            self.refused.emit(f"“{path.name}” is no MIDI file, recording, score or song of Understudy.")

    def start_empty(self) -> None:
        """A draft with one empty melody track."""
        song = edits.add_track(Song(), "Melody", Role.MELODY)
        try:
            document = SongDocument.create(None, song)
        except SongFileError as problem:
            self.refused.emit(str(problem))
            return
        self.opened.emit(document, None)

    def _open_song(self, path: Path) -> None:
        if self._reading is not None:
            self._reading.abandon()
        self._reading = Reading(
            path, lambda song: self._song_read(path, song), self._song_refused, index_notes, self
        )

    def _song_refused(self, sentence: str) -> None:
        self._reading = None
        self.refused.emit(sentence)

    def _song_read(self, path: Path, song: OpenSong) -> None:
        self._reading = None
        document = SongDocument(song)
        document.ledger_doubted.connect(lambda row: self.doubted.emit(doubt(path.name, row)))
        self.opened.emit(document, None)
        document.check_ledger()

    def _import(self, path: Path) -> None:
        self.cancel()
        self._heard_notes = 0
        self.working.emit(f"Listening to “{path.name}”", -1.0)
        self._running = self._link.send(
            ImportSketch(str(path), self._mode, self._played_to), lambda reply: self._imported(path, reply)
        )

    def cancel(self) -> None:
        """Stop listening to a sketch."""
        if self._running:
            self._link.cancel(self._running)
            self._running = 0
            self.stopped.emit()

    def _imported(self, path: Path, reply: Reply) -> None:
        if not isValid(self):  # the window went while the engine listened
            return
        match reply:
            case Progress(fraction, doing):
                self.working.emit(f"{doing} · “{path.name}”", fraction)
            case HeardSoFar(notes, until_s):
                self._heard_notes += len(notes)
                said = notes_so_far(self._heard_notes, until_s)
                self.working.emit(f"{said} · “{path.name}”", -1.0)
                self.heard.emit(notes, until_s)
            case SketchImported():
                self._running = 0
                self._take_in(path, reply)
            case Failed(sentence=sentence):
                self._running = 0
                self.stopped.emit()
                self.refused.emit(sentence)
            case Cancelled():
                self.stopped.emit()

    def _take_in(self, path: Path, reply: SketchImported) -> None:
        """The sketch goes into a new song as it is, and a recording plays under what was heard in it."""
        source, audio = self._source, reply.audio
        remarks = (*reply.warnings, *reply.analysis.notices)
        is_kept = not is_too_large(path)
        song = with_recording(reply.song, path.name, audio) if audio is not None and is_kept else reply.song
        if not is_kept:
            remarks = (f"{TOO_LARGE.format(MOST_KEPT_BYTES >> 20)} What was heard in it is.", *remarks)

        def create() -> OpenSong:
            sketch = SketchSource(path.name, path.read_bytes(), source=source) if is_kept else None
            return OpenSong.create(None, song, sketch)

        heard = None
        if audio is not None and is_kept:
            heard = Listened(path, source, audio, remarks, self._played_to is not None)
        self._create(create, reply.analysis, remarks, path.name, heard)

    def _create(
        self,
        create: Callable[[], OpenSong],
        analysis: Analysis | None,
        remarks: tuple[str, ...] = (),
        name: str = "",
        heard: "Listened | None" = None,
    ) -> None:
        """Beside the window: a long recording takes longer to write than a frame."""

        def done(made: object) -> None:
            self._creating = None
            self.stopped.emit()
            if isinstance(made, OpenSong):
                document = SongDocument(made)
                if heard is not None:
                    placed = {note.id: note.id for note in document.song.notes()}
                    document.keep_hearing(heard_recording(heard.audio, placed, has_bars=heard.has_bars))
                self.opened.emit(document, analysis)
                if heard is not None:
                    self.listened.emit(heard, sentence_of(heard.audio, heard.remarks))
                elif remarks:
                    self.remarked.emit(remarks)
            elif isinstance(made, OSError):
                self.refused.emit(f"“{name}” could not be read: {made.strerror}.")
            else:
                self.refused.emit(str(made))

        self._let_creating_go()
        self._creating = Beside(create, done, self, (OSError, SongFileError))

    def _let_creating_go(self) -> None:
        made = self._creating.abandon() if self._creating is not None else None
        self._creating = None
        if isinstance(made, OpenSong):
            made.close()


def is_too_large(path: Path) -> bool:
    """Whether a file is more than a song can hold; one that is gone is not."""
    try:
        return path.stat().st_size > MOST_KEPT_BYTES
    except OSError:
        return False


def with_recording(song: Song, name: str, audio: AudioFacts) -> Song:
    """The song with the recording it was heard in under its notes, aligned."""
    recording = Recording(audio.sha256, name, audio.duration_s, 0, -audio.offset_s)
    return edits.add_recording(song, recording)


def doubt(name: str, row: int) -> str:
    """What is said of a song whose ledger is not as it was written from this row on."""
    return (
        f"“{name}” was changed outside of Understudy: from entry {row} on, its record of who made what "
        "is not as it was written."
    )


def song_facts(song: Song, ideas_waiting: int) -> str:
    """`E♭ major · 92 bpm · 16 bars · 3 ideas waiting`, for the list of recent songs."""
    parts = [song.key.name] if song.time_map.keys else []
    parts.append(f"{song.time_map.tempo_at(0).bpm:.0f} bpm")
    if song.end_ticks:
        parts.append("1 bar" if song.bars == 1 else f"{song.bars} bars")
    if ideas_waiting:
        parts.append("1 idea waiting" if ideas_waiting == 1 else f"{ideas_waiting} ideas waiting")
    return " · ".join(parts)
