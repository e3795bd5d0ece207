"""What each command of the key map does in the window."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.document.heardrecording import hearings_of
from app.ideas.alsochecked import AlsoChecked
from app.ideas.sketchbook import Alike
from app.ui import handing
from app.ui.arrangecontrols import Face
from app.ui.capturing import Capturing
from app.ui.choosers import close_choosers
from app.ui.handing import Handed
from app.ui.heardbox import HeardBox
from app.ui.ideaspanel import Tab
from app.ui.keymap import key_text
from app.ui.likelist import LikeBox
from app.ui.mainwindow import OPENED
from app.ui.modelfacts import Sort
from app.ui.musicbox import MusicBox
from app.ui.palette import Choice
from app.ui.tour import Step, Tour
from engine.api.errors import EngineError
from engine.formats.midi import export_name, export_parts, save_midi
from engine.formats.songfile import SUFFIX, Act
from engine.music import MusicError

if TYPE_CHECKING:
    from app.ui.mainwindow import MainWindow
    from app.ui.songpage import SongPage
    from app.ui.workshop import Workshop

# commands that need an open song
SONG_COMMANDS = (
    "song.save_as", "song.close", "song.rename", "export.midi", "export.parts", "edit.undo", "edit.redo",
    "play.toggle", "play.start", "play.loop", "play.tap", "song.tempo", "song.metre", "song.key",
    "song.chord", "song.beat_one", "song.heard", "sketches.like",
    "ideas.suggest", "ideas.hear", "ideas.accept", "ideas.edit", "ideas.reject", "ideas.keep", "ideas.more",
    "ideas.again", "ideas.yours", "ideas.theirs", "ideas.next", "ideas.previous", "ideas.all_bars",
    "ideas.cancel", "tab.chords", "tab.melody", "tab.arrange", "tab.kept", "ideas.section", "ideas.part",
    "ideas.hear_part", "ideas.next_part", "ideas.previous_part", "ideas.next_section",
    "ideas.previous_section", "ideas.hear_style", "ask.part", "ask.form", "ask.restyle", "ask.soundscape",
    *(f"ideas.pick{number}" for number in range(1, 10)),
)  # fmt: skip


def page_commands(window: "MainWindow", is_open: bool) -> None:
    """Commands of the open song work only while there is one."""
    window.actions_map.enable(SONG_COMMANDS, is_open)


def bind_commands(window: "MainWindow", shop: "Workshop") -> None:
    """Give every command its doing."""
    doing = Commands(window, shop)
    table = {
        "song.new": shop.opening.start_empty,
        "song.open": doing.open,
        "song.save_as": doing.save_as,
        "song.close": window.show_start,
        "export.midi": doing.export_song,
        "export.parts": doing.export_parts,
        "app.quit": window.close,
        "play.toggle": shop.player.toggle,
        "play.metronome": doing.toggle_metronome,
        "play.count_in": doing.toggle_count_in,
        "play.capture": doing.capture,
        "record.open": doing.record,
        "help.palette": doing.palette,
        "help.tour": doing.tour,
        "help.music": doing.music,
        "song.heard": doing.what_was_heard,
        "sketches.like": doing.sketches_like,
        "checked.own": doing.add_own_songs,
        "checked.away": doing.add_songs_to_stay_away_from,
    }
    for name, slot in table.items():
        window.actions_map.bind(name, slot)
    _bind_page(window)
    _bind_bar(window, doing)


def _bind_page(window: "MainWindow") -> None:
    """Commands that go to the open song's page; without one they are disabled."""

    def bind(name: str, do: object) -> None:
        window.actions_map.bind(name, lambda: window.page and do(window.page))  # type: ignore[operator]

    bind("song.rename", lambda page: page.corrections.choose_title(window, window.bar.title))
    bind("edit.undo", lambda page: page.undo())
    bind("edit.redo", lambda page: page.redo())
    bind("play.start", lambda page: page.listening.to_start())
    bind("play.loop", lambda page: page.listening.toggle_loop())
    bind("play.tap", lambda page: page.corrections.tap())
    tap = window.actions_map.key("play.tap")
    bind("song.tempo", lambda page: page.corrections.choose_tempo(window, window.bar.tempo, tap))
    bind("song.metre", lambda page: page.corrections.choose_metre(window, window.bar.metre))
    bind("song.key", lambda page: page.corrections.choose_key(window, window.bar.key))
    bind("song.chord", lambda page: page.choose_chord())
    bind("song.beat_one", lambda page: page.corrections.beat_one())
    bind("ideas.suggest", lambda page: page.ideas.suggest())
    bind("ideas.hear", lambda page: page.hear_idea())
    bind("ideas.accept", lambda page: page.ideas.accept())
    bind("ideas.edit", lambda page: page.ideas.edit())
    bind("ideas.reject", lambda page: page.ideas.reject())
    bind("ideas.keep", lambda page: page.ideas.keep())
    bind("ideas.more", lambda page: page.ideas.more())
    bind("ideas.again", lambda page: page.ideas.ask_again())
    bind("ideas.yours", lambda page: page.listening.compare(False))
    bind("ideas.theirs", lambda page: page.listening.compare(True))
    bind("ideas.next", lambda page: page.ideas.step(1))
    bind("ideas.previous", lambda page: page.ideas.step(-1))
    bind("ideas.all_bars", lambda page: page.ideas.choose_all())
    bind("ideas.cancel", lambda page: page.ideas.cancel())
    bind("ideas.section", lambda page: page.ideas.accept_section())
    bind("ideas.part", lambda page: page.ideas.accept_part())
    bind("ideas.hear_part", lambda page: page.hear_idea(is_part_alone=True))
    bind("ideas.next_part", lambda page: page.ideas.step_part(1))
    bind("ideas.previous_part", lambda page: page.ideas.step_part(-1))
    bind("ideas.next_section", lambda page: page.ideas.step_section(1))
    bind("ideas.previous_section", lambda page: page.ideas.step_section(-1))
    bind("ideas.hear_style", lambda page: page.ideas.hear_style())
    for tab in Tab:
        bind(f"tab.{tab.value.lower()}", lambda page, tab=tab: page.panel.show_tab(tab))
    for face in Face:
        bind(f"ask.{face.value.lower()}", lambda page, face=face: page.panel.ask_players(face))
    for number in range(1, 10):
        bind(f"ideas.pick{number}", lambda page, number=number: page.ideas.pick(number))


def _bind_bar(window: "MainWindow", doing: "Commands") -> None:
    """Presses in the bar are commands too."""
    actions = window.actions_map
    window.bar.tempo_wanted.connect(actions["song.tempo"].trigger)
    window.bar.metre_wanted.connect(actions["song.metre"].trigger)
    window.bar.key_wanted.connect(actions["song.key"].trigger)
    window.bar.heard_wanted.connect(actions["song.heard"].trigger)
    window.bar.engine_wanted.connect(doing.music)
    window.bar.export_wanted.connect(doing.export_menu)
    window.bar.drag_started.connect(doing.drag)
    window.start.music_wanted.connect(doing.music)


class Commands:
    """The doings that are more than one call."""

    def __init__(self, window: "MainWindow", shop: "Workshop") -> None:
        self._window, self._shop = window, shop
        self._capturing: Capturing | None = None
        self._export_trouble = ""
        self._checked = AlsoChecked(shop.link, window)
        self._checked.said.connect(window.say)
        shop.player.set_metronome(window.settings.metronome)
        shop.player.set_count_in(window.settings.count_in)

    # what was heard ---------------------------------------------------------------

    def what_was_heard(self) -> None:
        """The paragraph and the facts, under the bar."""
        window, page = self._window, self._window.page
        if page is not None:
            actions = window.actions_map
            song = page.document.song
            heard = hearings_of(song, page.document.recordings_heard)
            names = {recording.sha256: recording.name for recording in song.recordings}
            box = HeardBox(
                window,
                page.corrections,
                heard,
                lambda name: actions[name].trigger(),
                names,
                self._shop.rehearing.again,
                self.listeners,
            )
            box.open(window.bar.heard_anchor, box.copy)

    def sketches_like(self) -> None:
        """Sketches of the sketchbook that are like the open song."""
        window, page = self._window, self._window.page
        if page is not None:
            box = LikeBox(window, self._shop.sketchbook, self._shop.look_in_folder)
            box.list.opened.connect(lambda path: window.open_file(Path(path)))
            box.list.show_like(page.document.title, page.document.song, page.document.path)
            box.open(window.bar.heard_anchor, box.list.aspects.segment(Alike.ALL))

    # files ------------------------------------------------------------------------

    def open(self) -> None:
        window = self._window
        self._shop.picker.open_file(
            "Open a sketch or a song", window.settings.last_folder, OPENED, self._open_picked
        )

    def _open_picked(self, path: Path) -> None:
        self._window.remember(last_folder=str(path.parent))
        self._window.open_file(path)

    def save_as(self) -> None:
        page = self._window.page
        if page is not None:
            proposed = self._folder() / f"{page.document.title}{SUFFIX}"
            self._shop.picker.save_file("Save the song as", proposed, SUFFIX, self._save_to)

    def _save_to(self, path: Path) -> None:
        document = self._window.document
        before = str(document.path) if document else ""
        if document is not None and document.save_as(path):
            if not Path(before).exists():
                self._window.settings = self._window.settings.without_recent(before)
            self._window.remember(last_folder=str(path.parent))
            self._window.say(f"Saved as “{document.path.name}”.")

    def export_menu(self) -> None:
        actions = self._window.actions_map
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, text in (("export.midi", "MIDI file"), ("export.parts", "Each part as a MIDI file")):
            shown = menu.addAction(f"{text}\t{actions.key(name)}")
            shown.triggered.connect(lambda _checked=False, name=name: actions[name].trigger())
        export = self._window.bar.export
        menu.popup(export.mapToGlobal(export.rect().bottomLeft()))

    def export_song(self) -> None:
        page = self._window.page
        if page is not None:
            proposed = self._folder() / export_name(page.document.song, "Song")
            self._shop.picker.save_file("Export a MIDI file", proposed, ".mid", self._export_to)

    def _export_to(self, path: Path) -> None:
        document = self._window.document
        if document is None:
            return
        try:
            written = save_midi(replace(document.song, title=document.title), path)
        except EngineError as problem:
            self._not_exported(str(problem))
            return
        self._exported([written])

    def export_parts(self) -> None:
        if self._window.page is not None:
            folder = str(self._folder())
            self._shop.picker.choose_folder("Folder for the parts", folder, self._export_parts_to)

    def _export_parts_to(self, folder: Path) -> None:
        document = self._window.document
        if document is None:
            return
        try:
            written = export_parts(replace(document.song, title=document.title), folder)
        except EngineError as problem:
            self._not_exported(str(problem))
            return
        self._exported(written)

    def _exported(self, written: list[Path]) -> None:
        self._window.remember(last_folder=str(written[0].parent))
        if self._window.banner.sentence == self._export_trouble:
            self._window.banner.clear()
        self._record(written)
        names = f"“{written[0].name}”" if len(written) == 1 else f"{len(written)} files"
        self._window.say(f"Exported {names}.")

    def _not_exported(self, sentence: str) -> None:
        self._export_trouble = sentence
        self._window.banner.say(sentence)

    def _record(self, written: list[Path]) -> None:
        document = self._window.document
        if document is not None:
            document.record(Act.EXPORT, handing.ledger_detail(written))

    def drag(self) -> None:
        """What hangs on the mouse: the song; with Shift the selected track; with Alt the selected idea."""
        page = self._window.page
        if page is None:
            return
        try:
            song, part = handing.what_is_handed(page, _handed())
            path = handing.finished_file(song, part)
        except (EngineError, MusicError) as problem:
            self._window.banner.say(str(problem))
            return
        if handing.start_drag(self._window.bar.drag, path):
            self._record([path])
            self._window.say(f"“{path.name}” is on its way.")

    def _folder(self) -> Path:
        last = self._window.settings.last_folder
        return Path(last) if last and Path(last).is_dir() else Path.home()

    # playing ----------------------------------------------------------------------

    def toggle_metronome(self) -> None:
        is_on = not self._window.settings.metronome
        self._shop.player.set_metronome(is_on)
        self._window.remember(metronome=is_on)
        self._window.bar.metronome.setChecked(is_on)
        self._window.say("Metronome on" if is_on else "Metronome off")

    def toggle_count_in(self) -> None:
        is_on = not self._window.settings.count_in
        self._shop.player.set_count_in(is_on)
        self._window.remember(count_in=is_on)
        self._window.say("Counts in a bar before playing" if is_on else "Plays at once")

    def capture(self) -> None:
        """Play something in; pressed again, it stops. Without a song it begins one."""
        window = self._window
        if self._capturing is not None and self._capturing.is_running:
            self._capturing.stop()
            return
        if window.page is None:
            window.opening.start_empty()
        if window.page is not None:
            self._capturing = Capturing(window, window.page)
            self._capturing.start()

    def record(self) -> None:
        """Open the recorder; while it is open, record and stop."""
        self._shop.recording.toggle()

    # help -------------------------------------------------------------------------

    def palette(self) -> None:
        self._shop.palette.open(self.choices())

    def choices(self) -> list[Choice]:
        """Every command that is possible now, those of the canvases included."""
        found = [
            Choice(action.text(), command.group, self._window.actions_map.key(command.name), action.trigger)
            for command, action in self._window.actions_map
            if action.isEnabled()
        ]
        page = self._window.page
        if page is not None:
            for view, group in ((page.timeline, "Timeline"), (page.roll, "Notes")):
                found += [
                    Choice(each.text, group, key_text(each.key), each.run) for each in view.canvas_actions
                ]
        return found

    def tour(self) -> None:
        window = self._window
        close_choosers(window)
        if window.tour is not None:
            window.tour.end()
        window.tour = Tour(window, tour_steps(window))
        window.tour.finished.connect(self._tour_ended)

    def _tour_ended(self) -> None:
        self._window.tour = None
        self._window.remember(tour_seen=True)

    def music(self) -> None:
        """What the engine was trained on, and its models."""
        self._show_music(None)

    def _show_music(self, first: Sort | None) -> None:
        for box in self._window.findChildren(MusicBox):
            box.close_box()
        MusicBox(self._window, self._window.link, self._checked, self._window.actions_map).open_box(first)

    def listeners(self) -> None:
        """The cards of the models that hear."""
        self._show_music(Sort.LISTENS)

    def add_own_songs(self) -> None:
        """A folder of the artist's own songs to compare ideas with."""
        self._choose_songs("Folder with your own songs", is_reference=False)

    def add_songs_to_stay_away_from(self) -> None:
        self._choose_songs("Folder with songs to stay away from", is_reference=True)

    def _choose_songs(self, title: str, is_reference: bool) -> None:
        def chosen(folder: Path) -> None:
            self._checked.add(folder, is_reference)
            if not self._window.findChildren(MusicBox):
                self.music()  # shows how far it is

        self._shop.picker.choose_folder(title, str(self._folder()), chosen)


def tour_steps(window: "MainWindow") -> list[Step]:
    """Five things to know, for what is open."""
    page: SongPage | None = window.page
    key = window.actions_map.key
    if page is None:
        right: QWidget = window.start.rows()[0] if window.start.rows() else window.start
        return [
            Step(
                window.start.drop,
                "Bring a sketch",
                "Drop a MIDI file anywhere in the window. It is never altered.",
            ),
            Step(
                window.start.play, "Or play one", "Your computer keys are a piano; a MIDI keyboard works too."
            ),
            Step(
                right,
                "Or try one",
                "Open a demo and ask for ideas. Every song you open waits here next time.",
            ),
            Step(
                window.bar.engine,
                "The engine",
                "It runs on this machine. Press it to see what it was trained on.",
            ),
            Step(
                window.status, "Everything has a key", f"{key('help.palette')} finds every command by name."
            ),
        ]
    return [
        Step(
            page.timeline,
            "Your song",
            "Select bars in the ruler: ideas are for these bars. Double-click a chord to change it.",
        ),
        Step(
            page.roll, "Your notes", "Draw, move and lock notes. A locked note is never touched by an idea."
        ),
        Step(
            page.panel,
            "Ideas",
            f"Choose what to ask and press Suggest ({key('ideas.suggest')}). Nothing changes yet.",
        ),
        Step(
            page.panel.lists[page.panel.tab],
            "Listen, then choose",
            "Hear an idea in the song, compare with A and B, then accept, edit or reject it.",
        ),
        Step(
            window.bar.export,
            "Take it along",
            "Drag the MIDI into your DAW, or export it. The song is always saved.",
        ),
    ]


def _handed() -> Handed:
    held = QApplication.keyboardModifiers()
    if held & Qt.KeyboardModifier.ShiftModifier:
        return Handed.TRACK
    return Handed.IDEA if held & Qt.KeyboardModifier.AltModifier else Handed.SONG
