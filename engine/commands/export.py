"""A song as MIDI: the whole in one file, or one file a part in a folder.

$ understudy export song.understudy --format parts --out stems
"""

import argparse
from pathlib import Path

from engine.commands.errors import CommandError
from engine.service.sketch import read_sketch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("song", type=Path, help="an .understudy song or a MIDI file")
    parser.add_argument("--format", required=True, choices=["midi", "parts"])
    parser.add_argument("--out", type=Path, required=True, help="the file, or the folder for parts")


def run(args: argparse.Namespace) -> int:
    song = read_sketch(args.song).song
    from engine.formats.midi import export_parts, save_midi

    if args.format == "midi":
        if args.out.is_dir():
            raise CommandError(f"“{args.out}” is a folder; --out names the MIDI file.")
        if args.out.exists() and args.out.samefile(args.song):
            raise CommandError(f"“{args.out}” is the song itself; it is not written over.")
        written = [save_midi(song, args.out)]
    else:
        written = export_parts(song, args.out)
    for path in written:
        print(path)
    return 0
