"""The recorded walk: from a sketch to an accepted idea, through a crash, and out again as MIDI.

    python -m tests.app.walk.walk [FOLDER]

A real window on a screen of its own, worked by mouse and keyboard, with the real engine process. Each step
says what it did and what was found; FOLDER keeps pictures, the song and the exports.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from engine.formats.songfile import Act, SongFile, SongInUseError
from engine.music import Origin, Song
from tests.app.walk.checks import as_bytes, compare, read
from tests.app.walk.sketch import BAR, write_sketch
from tests.app.walk.stage import ROOT, Program, Screen, WalkError, middle, wait_for


class Walk:
    """The steps in their order; each raises AssertionError when something is not as it must be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.screen = Screen()
        self.sketch = write_sketch(folder / "Green door.mid")
        self.window = Program(self.screen, folder / "home", self.sketch)
        self.log: list[str] = []
        self._began = time.monotonic()

    def run(self) -> list[str]:
        """All of it; what was found, a line a step."""
        steps = (
            self.open_sketch, self.select_bars, self.ask_for_variations, self.audition, self.accept_two_bars,
            self.edit_a_note, self.ask_for_chords, self.undo_and_redo_all, self.kill_and_reopen,
            self.export, self.drag_out, self.quit,
        )  # fmt: skip
        try:
            for step in steps:
                said = step()
                passed = time.monotonic() - self._began
                self.log.append(f"{passed:5.1f} s  {step.__name__}: {said}")
        finally:
            self.window.end()
            self.screen.close()
        return self.log

    def picture(self, name: str) -> None:
        self.screen.picture(self.folder / f"{name}.png")

    # looking ----------------------------------------------------------------------

    def stored(self) -> SongFile:
        """The song file as it is on disk at this moment."""
        return SongFile.open_reading(Path(self.window.scene["path"]))

    def song(self) -> Song:
        return read(self.stored())[0]

    def melody(self, bars: tuple[int, int], origin: Origin | None = None) -> list[tuple[int, int, int]]:
        """Start, length, pitch in 1-based bars, the last included."""
        first, last = bars
        part = next(track for track in self.song().tracks if track.name == "Melody")
        inside = part.notes_in((first - 1) * BAR, last * BAR)
        return [
            (note.start_ticks, note.duration_ticks, note.pitch)
            for note in inside
            if origin is None or note.origin is origin
        ]

    def chords(self, bars: tuple[int, int]) -> list[str]:
        """The symbols in 1-based bars, the last included."""
        song, (first, last) = self.song(), bars
        return [
            span.chord.lead_sheet(song.key)
            for span in song.chords
            if span.start_ticks < last * BAR and span.end_ticks > (first - 1) * BAR
        ]

    # hands ------------------------------------------------------------------------

    def take_focus(self) -> None:
        """There is no window manager here that would give it."""

        def has_focus() -> bool:
            self.screen.focus("Understudy")
            return bool(self.window.scene["is_active"])

        wait_for("the window has the keyboard", has_focus)

    def press(self, name: str) -> None:
        self.screen.click(self.window.place("named_place", name))

    def press_card(self, number: int, name: str = "") -> None:
        self.screen.click(self.window.place("card_place", number, name))

    def drag_over_bars(self, first: int, last: int) -> None:
        start = self.window.place("bar_place", first)
        end = self.window.place("bar_place", last)
        self.screen.drag(middle(start), middle(end))
        self.window.until("the bars are selected", lambda seen: seen["region"] == [first - 1, last])

    def ideas(self) -> list[dict[str, Any]]:
        """Wait for the answer; the cards. Before the question is asked the window is not asking either."""
        seen = self.window.until(
            "the engine has answered with ideas", lambda seen: seen["cards"] and not seen["is_asking"]
        )
        return seen["cards"]

    # the steps ---------------------------------------------------------------------

    def open_sketch(self) -> str:
        """A MIDI file named on the command line."""
        seen = self.window.until("the sketch is open", lambda seen: seen["has_song"])
        assert seen["key"] == "G major", seen["key"]
        assert [track[:2] for track in seen["tracks"]] == [
            ["Melody", "melody"], ["Piano", "chords"], ["Bass", "bass"],
        ]  # fmt: skip
        heard = seen["chords"]
        for place, wanted in enumerate(["G", "Em", "Am", "D", "C", "G", "D", "G"]):
            assert heard[place].startswith(wanted), heard
        self.take_focus()
        return f"{seen['key']}; {' '.join(heard[:8])} ...; {len(seen['tracks'])} tracks"

    def select_bars(self) -> str:
        self.drag_over_bars(5, 8)
        return "bars 5-8"

    def ask_for_variations(self) -> str:
        """From the real engine process, which is another one than the window's."""
        self.press("Melody")
        self.press("Vary")
        before = self.song()
        self.press("Suggest")
        cards = self.ideas()
        seen = self.window.scene
        assert len(cards) >= 2 and all(card["state"] == "offered" for card in cards)
        assert len({card["title"] for card in cards}) >= 2, cards
        command = Path(f"/proc/{seen['engine_pid']}/cmdline").read_bytes().split(b"\0")
        assert b"engine" in command and seen["engine_pid"] != self.window.process.pid
        assert self.song() == before, "asking changed the song"
        return "; ".join(f"{card['title']} ({card['reasons']})" for card in cards)

    def audition(self) -> str:
        """The second card: heard in the song, compared with the artist's own; nothing changes."""
        self.press_card(2)
        self.window.until("the card is selected", lambda seen: seen["cards"][1]["is_selected"])
        before = self.song()
        self.screen.key("h")
        self.window.until("the idea is heard", lambda seen: seen["is_playing"] and seen["is_auditioning"])
        self.screen.key("a")
        self.window.until("yours is heard", lambda seen: not seen["is_auditioning"])
        self.screen.key("b")
        self.window.until("the idea is heard again", lambda seen: seen["is_auditioning"])
        self.screen.key("space")
        self.window.until("it is silent", lambda seen: not seen["is_playing"])
        assert self.song() == before and not self.window.scene["undo"]
        return "heard idea 2, compared it with A and B, stopped"

    def accept_two_bars(self) -> str:
        """Bars 3-4 of the take are bars 7-8 of the song; 5-6 stay the artist's."""
        kept, replaced = self.melody((5, 6)), self.melody((7, 8))
        self.drag_over_bars(7, 8)
        self.picture("1-idea")
        card = next(card for card in self.window.scene["cards"] if card["number"] == 2)
        self.press_card(2, "Accept bars 7–8")
        seen = self.window.until("the idea is in the song", lambda seen: seen["undo"].startswith("Accept"))
        take = next(
            item.take
            for stored in self.stored().suggestions()
            if stored.id == card["entry"]
            for item in stored.takes
            if item.take.index == card["index"]
        )
        wanted = [
            (note.start_ticks, note.duration_ticks, note.pitch)
            for note in take.notes
            if 6 * BAR <= note.start_ticks < 8 * BAR
        ]
        assert self.melody((7, 8)) == wanted and self.melody((5, 6)) == kept
        assert wanted != replaced, "the take left these bars as they were"
        assert self.melody((7, 8), Origin.TAKEN), "no note is known to be the engine's"
        assert not self.melody((5, 6), Origin.TAKEN)
        return f"{seen['undo']}: {len(self.melody((7, 8), Origin.TAKEN))} notes taken into bars 7-8"

    def in_view(self, origin: Origin) -> list[dict[str, Any]]:
        """The notes of the melody that stand in the roll."""
        notes = self.window.ask("notes", "Melody")
        return [note for note in notes if note["origin"] == origin.value and note["place"]]

    def edit_a_note(self) -> str:
        """One of the taken notes is dragged up a row by the mouse: an edited idea from then on."""
        note = wait_for("a taken note in the roll", lambda: self.in_view(Origin.TAKEN))[0]
        x, y = middle(note["place"])
        self.screen.drag((x, y), (x, y - note["place"][3]))
        self.window.until("the note has moved", lambda seen: len(seen["steps"]) == 2)
        changed = next(each for each in self.song().notes() if each.id == note["id"])
        assert changed.origin is Origin.EDITED and changed.pitch == note["pitch"] + 1, changed
        assert changed.source == note["source"] and changed.start_ticks == note["start"]
        return f"pitch {note['pitch']} -> {changed.pitch}, origin {changed.origin.value}, source kept"

    def ask_for_chords(self) -> str:
        """One is rejected, one kept, one accepted."""
        self.press("Chords")
        self.press("Reharmonise")
        self.drag_over_bars(9, 12)
        before = self.chords((9, 12))
        self.screen.key("shift+Return")
        self.window.until("the question is asked", lambda seen: seen["tab"] == "Chords" and seen["cards"])
        cards = self.ideas()
        assert len(cards) >= 3, cards
        self.press_card(3, "")
        self.press_card(3, "Reject")
        self.window.until("idea 3 is gone", lambda seen: all(card["number"] != 3 for card in seen["cards"]))
        self.screen.key("2")
        self.window.until("idea 2 is selected", lambda seen: seen["cards"][1]["is_selected"])
        self.screen.key("k")
        self.window.until("idea 2 is kept", lambda seen: seen["cards"][1]["state"] == "kept")
        self.screen.key("1")
        self.window.until("idea 1 is selected", lambda seen: seen["cards"][0]["is_selected"])
        self.picture("2-chords")
        self.screen.key("Return")
        self.window.until(
            "idea 1 is in the song, and its card says so",
            lambda seen: len(seen["steps"]) == 3 and seen["cards"][0]["state"] == "accepted",
        )
        taken = [span for span in self.song().chords if span.origin is Origin.TAKEN]
        assert taken and all(8 * BAR <= span.start_ticks < 12 * BAR for span in taken)
        return f"{' '.join(before)} became {' '.join(self.chords((9, 12)))}; idea 2 kept, idea 3 rejected"

    def undo_and_redo_all(self) -> str:
        """Back to the sketch, and forth to the same bytes."""
        end = as_bytes(self.song())
        steps = len(self.window.scene["steps"])
        for _ in range(steps):
            self.screen.key("ctrl+z")
        self.window.until("all is undone", lambda seen: not seen["undo"])
        assert all(note.origin is Origin.IMPORTED for note in self.song().notes())
        assert as_bytes(self.song()) != end
        for _ in range(steps):
            self.screen.key("ctrl+shift+z")
        self.window.until("all is done again", lambda seen: not seen["redo"])
        assert as_bytes(self.song()) == end, "redo did not lead back to the same song"
        return f"{steps} steps back and forth, {len(end)} bytes the same"

    def kill_and_reopen(self) -> str:
        """kill -9 while a note hangs on the mouse; then all is as it was before that."""
        note = wait_for("a note in the roll", lambda: self.in_view(Origin.IMPORTED))[0]
        before, engine = read(self.stored()), self.window.scene["engine_pid"]
        x, y = middle(note["place"])
        self.screen.drag((x, y), (x, y - 2 * note["place"][3]), is_held=True)
        self.window.until("the note hangs on the mouse", lambda seen: seen["in_gesture"])
        assert (
            next(each for each in self.window.ask("notes", "Melody") if each["id"] == note["id"])["pitch"]
            != note["pitch"]
        )
        self.window.kill()
        self.screen.do("mouseup", 1)
        wait_for("the engine goes with the window", lambda: not Path(f"/proc/{engine}").exists())
        self.window = Program(self.screen, self.folder / "home")
        seen = self.window.until("the window says what was open", lambda seen: seen["banner"])
        self.take_focus()
        assert "Green door" in seen["banner"], seen["banner"]
        self.press("Open it")
        seen = self.window.until("the song is open again", lambda seen: seen["has_song"])
        after = read(self.stored())
        assert as_bytes(after[0]) == as_bytes(before[0]), "the song is another"
        assert after[1:] == before[1:], "steps, ideas or ledger are others"
        assert self.stored().ledger_fault() is None
        self.screen.key("alt+4")
        seen = self.window.until("the kept idea is in its tray", lambda seen: seen["tab"] == "Kept")
        assert [card["state"] for card in seen["cards"]] == ["kept"]
        self.screen.key("alt+1")
        seen = self.window.until("the chord ideas are there", lambda seen: seen["tab"] == "Chords")
        states = [(card["number"], card["state"]) for card in seen["cards"]]
        assert states[:2] == [(1, "accepted"), (2, "kept")] and 3 not in dict(states), states
        self.in_use()
        return f"{len(after[1])} steps, {len(after[2])} questions, {len(after[3])} ledger rows as they were"

    def in_use(self) -> None:
        """Nobody else may write meanwhile."""
        try:
            SongFile.open(Path(self.window.scene["path"])).close()
        except SongInUseError:
            return
        raise WalkError("Two programs could write into one song.")

    def export(self) -> str:
        """By the dialog; mido reads the same notes, tempo, metre and names."""
        out = self.folder / "out.mid"
        self.screen.key("ctrl+shift+e")
        self.window.until("the dialog is there", lambda seen: seen["has_dialog"])
        self.screen.key("ctrl+a")
        self.screen.type(str(out))
        self.screen.key("Return")
        self.window.until("the dialog is gone", lambda seen: not seen["has_dialog"])
        wait_for("the file is written", out.is_file)
        self.window.until("it is said", lambda seen: "out.mid" in seen["sentence"])
        compare(out, self.song())
        return f"{out.stat().st_size} bytes, read by mido equal: notes, tempo, metre, names"

    def drag_out(self) -> str:
        """The finished MIDI file is dragged onto another program's window."""
        self.screen.do("mousemove", 700, 880)
        target = subprocess.Popen(
            [sys.executable, "-m", "tests.app.walk.droptarget", "100", "700"],
            cwd=ROOT, stdout=subprocess.PIPE, text=True, env=self.screen.environment,
        )  # fmt: skip
        try:
            assert target.stdout is not None and target.stdout.readline().strip() == "ready"
            start = middle(self.window.place("named_place", "Drag MIDI to DAW"))
            self.screen.drag(start, (170, 730), pause_s=0.2)
            took = json.loads(target.stdout.readline())
        finally:
            target.kill()
            target.wait(10)
        path, size = took["files"][0]
        assert path.endswith(".mid") and size > 0 and "text/uri-list" in took["formats"]
        compare(Path(path), self.song())
        self.window.until("it is said", lambda seen: "on its way" in seen["sentence"])
        return f"{Path(path).name}, {size} bytes taken by another process, equal"

    def quit(self) -> str:
        """Ctrl+Q: nothing is left running, nothing was complained about; the ledger tells it all."""
        seen = self.window.scene
        self.screen.click(self.window.place("bar_place", 1))
        self.screen.key("ctrl+q")
        assert self.window.process.wait(20) == 0
        wait_for("the engine is gone", lambda: not Path(f"/proc/{seen['engine_pid']}").exists())
        assert self.window.stderr == "", self.window.stderr
        file = SongFile.open_reading(Path(seen["path"]))
        acts = [row.act for row in file.ledger()]
        assert file.ledger_fault() is None
        for act, least in (
            (Act.IMPORT, 1), (Act.ASK, 2), (Act.OFFER, 5), (Act.ACCEPT, 2), (Act.EDIT_OF_ACCEPTED, 1),
            (Act.REJECT, 1), (Act.KEEP, 1), (Act.UNDO, 3), (Act.REDO, 3), (Act.EXPORT, 2),
        ):  # fmt: skip
            assert acts.count(act) >= least, (act, acts)
        return f"{len(acts)} ledger rows, chain whole, stderr empty"


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="walk-"))
    folder.mkdir(parents=True, exist_ok=True)
    walk = Walk(folder.resolve())
    try:
        walk.run()
    finally:
        sys.stdout.write("\n".join([*walk.log, walk.window.stderr[-3000:]]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
