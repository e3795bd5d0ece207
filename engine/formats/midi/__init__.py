"""MIDI files in and out.

>>> from engine.music import Note, Song, Track
>>> song = Song("Air", tracks=(Track(1, "Flute", program=73, notes=(Note(2, 0, 480, 72),)),))
>>> read_midi(write_midi(song)).song.tracks[0].name
'Flute'
"""

from engine.formats.midi.options import ExportOptions, Extra, FileType, Ppq
from engine.formats.midi.parts import export_name, export_parts, save_midi
from engine.formats.midi.reader import MidiImport, read_midi
from engine.formats.midi.text import TextEncoding
from engine.formats.midi.writer import write_midi

__all__ = [
    "ExportOptions",
    "Extra",
    "FileType",
    "MidiImport",
    "Ppq",
    "TextEncoding",
    "export_name",
    "export_parts",
    "read_midi",
    "save_midi",
    "write_midi",
]
