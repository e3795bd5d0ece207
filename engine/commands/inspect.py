"""What is in a sketch or a song: key, metre, tempo, chords, sections and who plays what.

$ understudy inspect sketch.mid --json
"""

import argparse
import signal
import textwrap
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from engine.api.audio import AudioFacts
from engine.commands.errors import CommandError
from engine.commands.output import beats, one_line, print_json, table
from engine.commands.understood import understanding_record
from engine.formats.audio import Sound
from engine.music import Chord, ChordSpan, Song
from engine.music.analysis import Analysis
from engine.service.listening import NothingHeardError, listen_to, listen_to_recording
from engine.service.sketch import Sketch, read_sketch

_READING_S = 7.5
_ALL_S = 8.0
_LONGEST_SOUND_S = 30.0
TOO_LONG = "This is too long to be listened to here; open it in the desktop."


class _OutOfTime(BaseException):
    """Listening took longer than this command may."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a MIDI file, a score, a recording or an .understudy song")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")


def run(args: argparse.Namespace) -> int:
    record, song = inspect_file(args.file)
    if args.json:
        print_json(record)
    else:
        print(_as_text(record, song))
    return 0


def inspect_file(path: Path) -> tuple[dict[str, Any], Song]:
    """Everything `--json` says, and the song. Raises EngineError with a sentence that names the file."""
    started = time.monotonic()
    try:
        with _time_limit(_READING_S):
            sketch = read_sketch(path, _LONGEST_SOUND_S)
    except _OutOfTime:
        raise CommandError(f"“{path.name}” is so large that reading it takes too long here.") from None
    song, analysis, warnings = sketch.song, None, sketch.warnings
    audio: AudioFacts | None = None
    try:
        with _time_limit(_ALL_S - (time.monotonic() - started)):
            song, analysis, audio = _heard(sketch)
            warnings += analysis.notices
    except _OutOfTime:
        warnings += (TOO_LONG,)
    except NothingHeardError as nothing:
        warnings += (str(nothing),)
    chords = (
        [reading.span for reading in analysis.chords] if analysis and not sketch.is_own_song else song.chords
    )
    record = _from_file(path, sketch, song) | _from_song(song, analysis, chords)
    record |= _from_sound(sketch.sound, audio) | {"warnings": list(warnings)}
    return {name: value for name, value in record.items() if value is not None}, song


def _heard(sketch: Sketch) -> tuple[Song, Analysis, AudioFacts | None]:
    if sketch.sound is not None:
        return listen_to_recording(sketch.song.title, sketch.sound)
    return *listen_to(sketch), None


def _from_sound(sound: Sound | None, audio: AudioFacts | None) -> dict[str, Any]:
    """What is told of a recording; `seconds` are the file's, `f0` is there for one voice only."""
    if sound is None:
        return {}
    told: dict[str, Any] = {
        "seconds": round(sound.duration_s, 4),
        "sample_rate": sound.file_rate_hz,
        "channels": sound.channels,
        "heard_seconds": round(sound.heard_s, 3),
    }
    if audio is not None:
        told |= {
            "mode": audio.mode.value,
            "f0": round(audio.f0_hz, 2) or None,
            "tuning_cents": audio.tuning_cents,
            "listening_models": list(audio.listening_models),
        }
    return told


def _from_file(path: Path, sketch: Sketch, heard: Song) -> dict[str, Any]:
    song = sketch.song if sketch.sound is None else heard
    first = min(song.notes(), key=lambda note: (note.start_ticks, note.id), default=None)
    seconds = song.time_map.seconds_at
    return {
        "format": sketch.format,
        "title": song.title or None,
        "name": path.name,
        "notes": sum(len(track.notes) for track in song.tracks),
        "tracks": len(song.tracks),
        "ppq": sketch.ppq or None,
        "bpm": round(song.time_map.tempos[0].bpm, 3),
        "meters": [change.metre.name for change in song.time_map.metres],
        "bars": song.bars,
        "seconds": round(seconds(song.end_ticks), 4),
        "note_seconds": first and round(seconds(first.end_ticks) - seconds(first.start_ticks), 6),
        "chord_symbols": list(sketch.chord_symbols) or None,
        "markers": [{"beats": beats(m.tick), "text": m.text} for m in song.markers] or None,
    }


def _from_song(song: Song, analysis: Analysis | None, chords: Sequence[ChordSpan]) -> dict[str, Any]:
    return {
        "key": key_record(song, analysis),
        "chords": [
            {
                "start_beats": beats(span.start_ticks),
                "end_beats": beats(span.end_ticks),
                "label": span.chord.harte(song.key_at(span.start_ticks)),
            }
            for span in chords
        ]
        or None,
        **(understanding_record(analysis) if analysis is not None else {}),
        "sections": [
            {
                "name": section.name,
                "start_bar": section.start_bar,
                "bars": section.bars,
                "confidence": round(section.confidence, 3),
            }
            for section in song.sections
        ]
        or None,
        "roles": [
            {"track": track.name, "role": track.role.value, "notes": len(track.notes)}
            for track in song.tracks
        ],
    }


def key_record(song: Song, analysis: Analysis | None) -> dict[str, Any] | None:
    if analysis and analysis.keys:
        reading = analysis.keys[0]
        key, confidence, others = reading.key, reading.confidence, reading.alternatives
        return _key_name(key) | {
            "confidence": round(confidence, 4),
            "alternatives": [_key_name(other) for other in others],
        }
    return _key_name(song.key) if song.time_map.keys else None


def _key_name(key: Any) -> dict[str, Any]:
    tonic = key.spell(key.tonic).replace("♯", "#").replace("♭", "b")
    return {"tonic": tonic, "mode": key.mode.value}


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raises _OutOfTime inside when the time is over (where the system has such a clock)."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _OutOfTime

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _few(names: list[str]) -> str:
    return ", ".join(names[:6]) + (" …" if len(names) > 6 else "")


def _extent(record: dict[str, Any], minutes: int, seconds: int) -> str:
    """How long it is; of a recording that was not heard to its end, how far."""
    whole, heard_s = f"{minutes}:{seconds:02}", record.get("heard_seconds", record["seconds"])
    if heard_s > record["seconds"] - 0.5:
        return f"{record['bars']} bars, {whole}"
    return f"the first {record['bars']} bars ({heard_s:.0f} seconds of {whole})"


def _as_text(record: dict[str, Any], song: Song) -> str:
    key = record.get("key")
    minutes, seconds = divmod(round(record["seconds"]), 60)
    lines = [
        f"{one_line(record.get('title') or record['name'])}  ({record['format']})",
        f"  {_extent(record, minutes, seconds)}, {record['bpm']:g} bpm, {_few(record['meters'])}",
    ]
    if key:
        sure = f" ({key['confidence']:.0%} sure)" if "confidence" in key else ""
        others = ", or ".join(
            f"{other['tonic']} {other['mode']}" for other in key.get("alternatives", ())[:2]
        )
        lines.append(f"  {key['tonic']} {key['mode']}{sure}" + (f"; else {others}" if others else ""))
    lines.append("")
    rows = [[one_line(role["track"]), role["role"], f"{role['notes']} notes"] for role in record["roles"]]
    lines.append(table(rows) if rows else "  no tracks")
    label = song.time_map.bar_label
    for section in song.sections:
        lines.append(
            f"  {one_line(section.name)}: bars {label(section.start_bar)}–{label(section.end_bar - 1)}"
        )
    chords = [Chord.parse(chord["label"]).lead_sheet(song.key) for chord in record.get("chords", ())]
    if chords:
        lines += ["", "  " + "  ".join(chords[:32]) + (" …" if len(chords) > 32 else "")]
    if "description" in record:
        told = record["description"]
        words = one_line(told["paragraph"])
        lines += ["", *textwrap.wrap(words, 96, initial_indent="  ", subsequent_indent="  ")]
        facts = [[name, one_line(value)] for name, value in told["facts"].items()]
        lines += ["", table(facts)] if facts else []
    lines += [f"  note: {one_line(warning)}" for warning in record["warnings"]]
    return "\n".join(lines)
