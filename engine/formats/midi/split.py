"""Which instruments play in a file, whatever tracks and channels they were written to?

Each channel of each track is a part. The exception is MPE, where one instrument uses a channel for every
finger: those stay one part. Settings written to a channel in a track without notes go to the part that
plays on it.
"""

from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from engine.formats.midi.conventions import DRUM_CHANNEL
from engine.formats.midi.pairing import ALL_NOTES_OFF, Column, NoteTable, merged, pair_notes
from engine.formats.midi.problems import Problem, Problems
from engine.formats.midi.rows import build_rows
from engine.formats.midi.stream import Stream
from engine.music.track import ControlEvent, ControlKind

_MPE_MIN_CHANNELS = 4
_MPE_MIN_SHARE = 0.75
_PROGRAM = 0xC0
_KINDS = {
    0xA0: ControlKind.KEY_PRESSURE,
    0xB0: ControlKind.CONTROL,
    0xC0: ControlKind.PROGRAM,
    0xD0: ControlKind.PRESSURE,
    0xE0: ControlKind.BEND,
}
_BANK_SELECT = (0, 32)


@dataclass(slots=True)
class Part:
    """One instrument: where it was written, its notes, its settings. `program` None: never said."""

    track: int
    channel: int
    port: int
    notes: NoteTable
    controls: list[ControlEvent] = field(default_factory=list)
    program: int | None = None
    is_mpe: bool = False

    @property
    def is_drums(self) -> bool:
        return self.channel == DRUM_CHANNEL and not self.is_mpe


def split_parts(streams: list[tuple[Stream, Column, int]], problems: Problems) -> list[Part]:
    """Parts with notes, in file order; each stream comes with its song ticks and its MIDI port."""
    playing: list[Part] = []
    silent: list[Part] = []
    for number, (stream, ticks, port) in enumerate(streams):
        for part in _parts_of(number, stream, ticks, port, problems):
            (playing if len(part.notes.start) else silent).append(part)
    has_settings = [part for part in silent if part.controls or part.program is not None]
    left_out = [part for part in has_settings if not _hand_over(part, playing)]
    problems.add(Problem.SILENT_PART, len(left_out))
    return playing


def _parts_of(number: int, stream: Stream, ticks: Column, port: int, problems: Problems) -> list[Part]:
    is_channel_event = stream.status < 0xF0
    channels = np.unique(stream.status[is_channel_event] & 0x0F).tolist()
    if not channels:
        return []
    notes = pair_notes(stream, ticks, problems)
    parts = []
    members = _mpe_members(stream, notes, channels)
    if members:
        problems.add(Problem.MPE)
        parts.append(_mpe_part(number, stream, ticks, port, notes, members))
    for channel in channels:
        if channel in members:
            continue
        part = Part(number, channel, port, notes.where(notes.channel == channel))
        _read_controls(part, stream, ticks, is_channel_event & ((stream.status & 0x0F) == channel), problems)
        parts.append(part)
    return parts


def _mpe_part(
    number: int, stream: Stream, ticks: Column, port: int, notes: NoteTable, members: set[int]
) -> Part:
    """One instrument from its member channels: all notes, and its first program."""
    is_member = np.isin(notes.channel, list(members))
    part = Part(number, min(members), port, merged(notes.where(is_member)), is_mpe=True)
    programs = np.flatnonzero(
        ((stream.status & 0xF0) == _PROGRAM) & np.isin(stream.status & 0x0F, list(members))
    )
    if len(programs):
        part.program = int(stream.data1[programs[0]]) & 127
    return part


def _mpe_members(stream: Stream, notes: NoteTable, channels: list[int]) -> set[int]:
    """Channels that are fingers of one instrument: one note at a time, each with its own bend or pressure,
    and no different sounds. At least four of them (MIDI Polyphonic Expression 1.0)."""
    if len(channels) < _MPE_MIN_CHANNELS:
        return set()
    sounding = [channel for channel in channels if (notes.channel == channel).any()]
    kind, on = stream.status & 0xF0, stream.status & 0x0F
    is_expression = (kind == 0xE0) | (kind == 0xD0) | ((kind == 0xB0) & (stream.data1 == 74))
    expressive = set(np.unique(on[is_expression]).tolist())
    is_program = kind == _PROGRAM
    programs = set(stream.data1[is_program & np.isin(on, sounding)].tolist())
    members = [channel for channel in sounding if _is_one_voice(notes, channel)]
    bent = expressive.intersection(members)
    if len(programs) > 1 or len(members) < _MPE_MIN_CHANNELS or len(members) < len(sounding) - 1:
        return set()
    return set(members) if len(bent) >= _MPE_MIN_SHARE * len(members) else set()


def _is_one_voice(notes: NoteTable, channel: int) -> bool:
    """Whether notes of the channel hardly ever overlap."""
    rows = notes.channel == channel
    order = np.argsort(notes.start[rows], kind="stable")
    start, end = notes.start[rows][order], notes.end[rows][order]
    return bool((start[1:] < end[:-1]).sum() <= 0.1 * len(start))


def _read_controls(
    part: Part, stream: Stream, ticks: Column, is_mine: NDArray[np.bool_], problems: Problems
) -> None:
    """Everything but notes, in order; the first program becomes the part's sound."""
    kind = stream.status & 0xF0
    rows = np.flatnonzero(is_mine & (kind >= 0xA0))
    is_control = kind[rows] == 0xB0
    is_out = (stream.data1[rows] > 127) & (kind[rows] <= 0xC0)
    is_note_end = is_control & np.isin(stream.data1[rows], ALL_NOTES_OFF)
    problems.add(Problem.PITCH_RANGE, int(is_out.sum()))
    programs = rows[(kind[rows] == _PROGRAM) & ~is_out]
    if len(programs):
        part.program = int(stream.data1[programs[0]])
    keep = ~is_out & ~is_note_end & ~_is_default_bank(stream, ticks, rows, programs)
    rows = rows[keep & ((kind[rows] != _PROGRAM) | (rows != (programs[0] if len(programs) else -1)))]
    for value in np.unique(kind[rows]).tolist():
        part.controls += _events_of_kind(value, stream, ticks, rows[kind[rows] == value], problems)
    if len(np.unique(kind[rows])) > 1:
        order = np.argsort(np.concatenate([rows[kind[rows] == v] for v in np.unique(kind[rows])]))
        part.controls = [part.controls[index] for index in order.tolist()]


def _is_default_bank(
    stream: Stream, ticks: Column, rows: NDArray[np.int64], programs: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Bank 0 before the first program, or at tick 0 where no other bank is chosen: what General MIDI has
    anyway, and what every export writes."""
    first = programs[0] if len(programs) else 0
    is_bank = ((stream.status[rows] & 0xF0) == 0xB0) & np.isin(stream.data1[rows], _BANK_SELECT)
    is_zero, is_at_start = stream.data2[rows] == 0, ticks[rows] == 0
    has_other = bool((is_bank & ~is_zero & is_at_start).any())
    is_default: NDArray[np.bool_] = is_bank & is_zero & ((rows < first) | (is_at_start & (not has_other)))
    return is_default


def _events_of_kind(
    kind: int, stream: Stream, ticks: Column, rows: NDArray[np.int64], problems: Problems
) -> list[ControlEvent]:
    data1, data2 = stream.data1[rows].astype(np.int64), stream.data2[rows].astype(np.int64)
    number, value = np.zeros_like(data1), np.minimum(data1, 127)
    if kind in (0xA0, 0xB0):
        problems.add(Problem.VALUE_RANGE, int((data2 > 127).sum()))
        number, value = data1, np.minimum(data2, 127)
    elif kind == 0xE0:
        value = ((data2 & 127) << 7 | data1 & 127) - 8192
    return build_rows(
        ControlEvent,
        len(rows),
        tick=ticks[rows].tolist(),
        kind=[_KINDS[kind]] * len(rows),
        number=number.tolist(),
        value=value.tolist(),
    )


def _hand_over(silent: Part, playing: list[Part]) -> bool:
    """Give a silent channel's settings to the first part that plays on it; False if none does."""
    for part in playing:
        if part.channel == silent.channel and part.port == silent.port and part.track != silent.track:
            if part.program is None:
                part.program = silent.program
            part.controls = sorted(part.controls + silent.controls, key=attrgetter("tick"))
            return True
    return False
