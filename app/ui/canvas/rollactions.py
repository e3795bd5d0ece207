"""What the keys do in the piano roll."""

from functools import partial
from typing import TYPE_CHECKING

from app.ui.canvas.actions import CanvasAction
from app.ui.canvas.snapping import Grid, step_ticks
from app.ui.editorstate import Tool

if TYPE_CHECKING:
    from app.ui.canvas.roll import RollView

_FINER = (Grid.BAR, Grid.HALF, Grid.QUARTER, Grid.EIGHTH, Grid.SIXTEENTH, Grid.THIRTY_SECOND)


def roll_actions(roll: "RollView") -> list[CanvasAction]:
    """Every action of the roll, in the order of its menu."""
    return [*_edits(roll), *_walking(roll), *_viewing(roll)]


def _edits(roll: "RollView") -> list[CanvasAction]:
    do = roll.commands
    return [
        CanvasAction("notes.insert", "Write a note at the playhead", "N", do.insert, in_menu=True),
        CanvasAction("notes.cut", "Cut notes", "Ctrl+X", do.cut, in_menu=True),
        CanvasAction("notes.copy", "Copy notes", "Ctrl+C", do.copy, in_menu=True),
        CanvasAction("notes.paste", "Paste notes", "Ctrl+V", do.paste, in_menu=True),
        CanvasAction("notes.duplicate", "Duplicate notes", "Ctrl+D", do.duplicate, in_menu=True),
        CanvasAction("notes.delete", "Delete notes", "Del", do.delete, in_menu=True),
        CanvasAction("notes.select_all", "Select all notes", "Ctrl+A", do.select_all, in_menu=True),
        CanvasAction("notes.select_bars", "Select notes of these bars", "Ctrl+Shift+A", do.select_region),
        CanvasAction("notes.quantise", "Quantise", "Q", do.quantise, in_menu=True),
        CanvasAction("notes.split", "Split notes", "X", do.split, in_menu=True),
        CanvasAction("notes.join", "Join notes", "J", do.join, in_menu=True),
        CanvasAction("notes.lock", "Lock or unlock notes", "Ctrl+L", do.toggle_lock, in_menu=True),
        CanvasAction("notes.up", "Semitone up", "Up", partial(do.transpose, 1)),
        CanvasAction("notes.down", "Semitone down", "Down", partial(do.transpose, -1)),
        CanvasAction("notes.octave_up", "Octave up", "Shift+Up", partial(do.transpose, 12)),
        CanvasAction("notes.octave_down", "Octave down", "Shift+Down", partial(do.transpose, -12)),
        CanvasAction("notes.earlier", "Earlier", "Left", partial(_step, roll, -1)),
        CanvasAction("notes.later", "Later", "Right", partial(_step, roll, 1)),
        CanvasAction("notes.bar_earlier", "A bar earlier", "Shift+Left", partial(do.nudge_bars, -1)),
        CanvasAction("notes.bar_later", "A bar later", "Shift+Right", partial(do.nudge_bars, 1)),
        CanvasAction("notes.shorter", "Shorter notes", "Ctrl+Left", partial(do.lengthen, -1)),
        CanvasAction("notes.longer", "Longer notes", "Ctrl+Right", partial(do.lengthen, 1)),
        CanvasAction("notes.louder", "Louder", "Alt+Up", partial(do.louder, 5)),
        CanvasAction("notes.softer", "Softer", "Alt+Down", partial(do.louder, -5)),
    ]


def _walking(roll: "RollView") -> list[CanvasAction]:
    walk = roll.commands.select_next
    return [
        CanvasAction("notes.next", "Next note", "Alt+Right", partial(walk, 1)),
        CanvasAction("notes.previous", "Previous note", "Alt+Left", partial(walk, -1)),
        CanvasAction(
            "notes.next_too", "Select next note too", "Alt+Shift+Right", partial(walk, 1, extend=True)
        ),
        CanvasAction(
            "notes.previous_too", "Select previous note too", "Alt+Shift+Left", partial(walk, -1, extend=True)
        ),
    ]


def _viewing(roll: "RollView") -> list[CanvasAction]:
    return [
        CanvasAction("roll.draw", "Draw tool on or off", "D", partial(_toggle_tool, roll)),
        CanvasAction("roll.finer", "Finer grid", ".", partial(_change_grid, roll, 1)),
        CanvasAction("roll.coarser", "Coarser grid", ",", partial(_change_grid, roll, -1)),
        CanvasAction("roll.zoom_in", "Zoom in", "Ctrl+=", partial(roll.zoom_by, 1.25)),
        CanvasAction("roll.zoom_out", "Zoom out", "Ctrl+-", partial(roll.zoom_by, 0.8)),
        CanvasAction("roll.taller", "Taller rows", "Ctrl+Shift+Up", partial(roll.zoom_rows_by, 1.25)),
        CanvasAction("roll.lower", "Lower rows", "Ctrl+Shift+Down", partial(roll.zoom_rows_by, 0.8)),
        CanvasAction("roll.show_bars", "Show the selected bars in the roll", "Z", roll.show_region),
        CanvasAction("roll.show_song", "Show the whole song in the roll", "Shift+Z", roll.show_song),
        CanvasAction("view.follow", "Follow the playhead", "F", roll.toggle_follow),
    ]


def _step(roll: "RollView", steps: int) -> None:
    """Selected notes earlier or later; without a selection the playhead."""
    if roll.state.selected_note_ids:
        roll.commands.nudge(steps)
    else:
        roll.state.set_playhead(roll.state.playhead_ticks + steps * roll.commands.step)


def _toggle_tool(roll: "RollView") -> None:
    tool = Tool.SELECT if roll.state.tool is Tool.DRAW else Tool.DRAW
    roll.state.set_tool(tool)
    roll.state.say("Draw tool" if tool is Tool.DRAW else "Select tool")


def _change_grid(roll: "RollView", finer: int) -> None:
    state, time_map = roll.state, roll.document.song.time_map
    wanted = step_ticks(state.grid, time_map)
    place = min(range(len(_FINER)), key=lambda i: abs(step_ticks(_FINER[i], time_map) - wanted))
    state.set_grid(_FINER[max(0, min(len(_FINER) - 1, place + finer))])
    state.say(f"Grid {state.grid.value}")
