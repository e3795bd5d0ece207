"""How does a song leave as files: one for the song, or one for each part?

Names are made safe (they may come from a stranger's file). Files are written beside their place and then
moved there, so a file is whole or not there.
"""

import os
import secrets
from dataclasses import replace
from pathlib import Path

from engine.api.errors import BadFileError, ImpossibleError
from engine.formats.midi.conventions import CHORDS_NAME
from engine.formats.midi.options import ExportOptions, Extra
from engine.formats.midi.writer import write_midi
from engine.formats.names import safe_name
from engine.music import Key, Mode, Song

_MOST_BYTES = 100  # of the title and of the part: with tempo, key and a number a file name has 255 at most


def save_midi(song: Song, path: Path, options: ExportOptions | None = None) -> Path:
    """Write the song to a file. Raises BadFileError, one sentence that names the file."""
    _write_whole(Path(path), write_midi(song, options))
    return Path(path)


def export_parts(song: Song, folder: Path, options: ExportOptions | None = None) -> list[Path]:
    """One file for each track, and one for the chords if there are any. The folder is made if need be.

    Raises BadFileError, one sentence that names the file or folder; ImpossibleError when there is nothing.
    """
    if not song.tracks and not song.chords:
        raise ImpossibleError("There is nothing to export yet: the song has no tracks and no chords.")
    folder, options = Path(folder), options or ExportOptions()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(folder, error) from error
    used: set[str] = set()
    written = []
    alone = replace(options, extras=options.extras - {Extra.CHORD_TRACK})
    for track in song.tracks:
        part = replace(song, tracks=(track,))
        written.append(save_midi(part, folder / _unused(export_name(song, track.name), used), alone))
    if song.chords:
        path = folder / _unused(export_name(song, CHORDS_NAME), used)
        with_chords = replace(options, extras=options.extras | {Extra.CHORD_TRACK})
        written.append(save_midi(replace(song, tracks=()), path, with_chords))
    return written


def export_name(song: Song, part: str) -> str:
    """A file name that says what is in it: `Song - Part - 120bpm - Am.mid`."""
    title, name = safe_name(song.title, most_bytes=_MOST_BYTES), safe_name(part, "Part", _MOST_BYTES)
    words = [title, name, f"{song.time_map.tempos[0].bpm:.0f}bpm"]
    if song.time_map.keys:
        words.append(_short_key(song.key))
    return " - ".join(words) + ".mid"


def _short_key(key: Key) -> str:
    tonic = key.spell(key.tonic).replace("♯", "#").replace("♭", "b")
    suffix = {Mode.MAJOR: "", Mode.MINOR: "m"}.get(key.mode, f" {key.mode.value}")
    return tonic + suffix


def _unused(name: str, used: set[str]) -> str:
    """The name, or the name with a number if a file of this export has it (letters' case aside)."""
    stem, candidate, count = name.removesuffix(".mid"), name, 1
    while candidate.casefold() in used:
        count += 1
        candidate = f"{stem} ({count}).mid"
    used.add(candidate.casefold())
    return candidate


def _write_whole(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{secrets.token_hex(6)}.part")
    try:
        try:
            with partial.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _refusal(path, error) from error


def _refusal(path: Path, error: OSError) -> BadFileError:
    return BadFileError(f"“{path.name}” could not be written: {error.strerror or error}.")
