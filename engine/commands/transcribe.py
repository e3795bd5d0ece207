"""A recording as MIDI: its notes on bars, with tempo, metre, key and chords as they were heard.

$ understudy transcribe hummed.wav --out hummed.mid --mode voice
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.api.audio import AudioFacts, HeardNote, ListeningMode
from engine.commands.errors import CommandError
from engine.commands.inspect import key_record
from engine.commands.output import beats, one_line, print_json
from engine.music import Song
from engine.music.analysis import Analysis
from engine.service.listening import Report, listen_to_recording
from engine.service.sketch import read_sketch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("audio", type=Path, help="a WAV, FLAC, OGG, MP3 or AIFF file")
    parser.add_argument("--out", type=Path, required=True, help="the MIDI file to write")
    parser.add_argument(
        "--mode",
        choices=[mode.value for mode in ListeningMode],
        default=ListeningMode.AUTO.value,
        help="how to listen: one voice, several notes at once, drums (default: what fits)",
    )
    parser.add_argument("--as-played", action="store_true", help="not cleaned, not quantised, with bends")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")


def run(args: argparse.Namespace) -> int:
    _refuse_bad_goal(args.out, args.audio)
    sketch = read_sketch(args.audio)
    if sketch.sound is None:
        raise CommandError(f"“{args.audio.name}” is not a recording; `understudy export` writes it as MIDI.")
    mode, title = ListeningMode(args.mode), sketch.song.title
    song, analysis, audio = listen_to_recording(title, sketch.sound, mode, _report(sketch.sound.heard_s))
    from engine.formats.midi import save_midi

    written = replace(song, tracks=audio.as_played) if args.as_played else song
    save_midi(written, args.out)
    warnings = (*sketch.warnings, *analysis.notices)
    if args.json:
        print_json(_record(args.out, song, analysis, audio, warnings))
    else:
        print(_as_text(args.out, song, audio, warnings))
    return 0


def _refuse_bad_goal(out: Path, audio: Path) -> None:
    if out.is_dir():
        raise CommandError(f"“{out}” is a folder; --out names the MIDI file.")
    if not out.parent.is_dir():
        raise CommandError(f"there is no folder “{out.parent}”.")
    if out.exists() and audio.exists() and out.samefile(audio):
        raise CommandError(f"“{out}” is the recording itself; it is not written over.")


def _report(whole_s: float) -> Report:
    """Progress on a terminal, nothing elsewhere."""

    def report(until_s: float, _notes: list[HeardNote]) -> None:
        if sys.stderr.isatty():
            print(f"\r{until_s / whole_s:4.0%} heard", end="" if until_s < whole_s else "\n", file=sys.stderr)

    return report


def _record(
    out: Path, song: Song, analysis: Analysis, audio: AudioFacts, warnings: tuple[str, ...]
) -> dict[str, Any]:
    record = {
        "file": str(out),
        "mode": audio.mode.value,
        "certainty": audio.certainty,
        "seconds": audio.duration_s,
        "heard_seconds": audio.heard_s,
        "offset_seconds": audio.offset_s,
        "tuning_cents": audio.tuning_cents,
        "f0": round(audio.f0_hz, 2) or None,
        "bpm": round(song.time_map.tempos[0].bpm, 3),
        "meters": [change.metre.name for change in song.time_map.metres],
        "bars": song.bars,
        "key": key_record(song, analysis),
        "chords": [
            {
                "start_beats": beats(span.start_ticks),
                "end_beats": beats(span.end_ticks),
                "label": span.chord.harte(song.key_at(span.start_ticks)),
            }
            for span in song.chords
        ],
        "tracks": [{"name": track.name, "role": track.role.value} for track in song.tracks],
        "notes": [
            [round(note.start_s, 4), round(note.end_s, 4), note.pitch, note.velocity, note.certainty]
            for note in audio.notes
        ],
        "listening_models": list(audio.listening_models),
        "warnings": list(warnings),
    }
    return {name: value for name, value in record.items() if value is not None}


def _as_text(out: Path, song: Song, audio: AudioFacts, warnings: tuple[str, ...]) -> str:
    heard_as = {"voice": "one voice", "keys": "several notes at once", "drums": "a groove"}[audio.mode.value]
    tempo, metre = song.time_map.tempos[0].bpm, song.time_map.metres[0].metre.name
    lines = [
        f"{one_line(str(out))}: {len(audio.notes)} notes, heard as {heard_as}",
        f"  {song.key.name}, {tempo:.0f} bpm, {metre}, {song.bars} bars",
    ]
    if abs(audio.tuning_cents) >= 10:
        flat_or_sharp = "flat" if audio.tuning_cents < 0 else "sharp"
        lines.append(f"  {abs(audio.tuning_cents):.0f} cents {flat_or_sharp} of 440 Hz")
    return "\n".join([*lines, *(f"  note: {one_line(warning)}" for warning in warnings)])
